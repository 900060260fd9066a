// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "regs.h"
#include "sample_exits.h"

static int fold_vms(struct sample *to, const struct sample *from)
{
	for (size_t i = 0; i < from->nr_vms; i++) {
		struct sample_vm *vm = sample__vm(to, from->vms[i].id);

		if (!vm)
			return -ENOMEM;
		*vm = from->vms[i];
	}
	return 0;
}

static int fold_series(struct sample *to, const struct sample_series *from, bool per_vcpu,
		       bool per_device)
{
	struct sample_key key = from->key;
	struct sample_series *series;
	int err = 0;

	key.vcpu = per_vcpu ? key.vcpu : SAMPLE_ALL;
	key.target = per_device ? key.target : SAMPLE_ALL;
	key.base = per_device || kind__by_address(key.kind) ? key.base : 0;
	series = sample__series(to, &key);
	if (!series)
		return -ENOMEM;
	series->count += from->count;
	series->nr_untimed += from->nr_untimed;
	for (int i = 0; i < VGIC_NR_STAGES && !err; i++)
		err = lat__add(&series->lat[i], &from->lat[i]);
	return err;
}

static void fold_totals(struct sample *to, const struct sample *from)
{
	to->begin_ns = from->begin_ns;
	to->end_ns = from->end_ns;
	to->attached_ns = from->attached_ns;
	to->overhead_ns = from->overhead_ns;
	to->stages = from->stages;
	to->recursion_misses = from->recursion_misses;
	to->in_flight = from->in_flight;
	to->has_kvm_exits = from->has_kvm_exits;
	to->kvm_exits_low = from->kvm_exits_low;
	to->kvm_exits_high = from->kvm_exits_high;
	to->kvm_user = from->kvm_user;
	memcpy(to->lost, from->lost, sizeof(to->lost));
}

struct sample *sample__folded(const struct sample *s, bool per_vcpu, bool per_device)
{
	struct sample *folded = sample__new();
	int err = folded ? fold_vms(folded, s) : -ENOMEM;

	for (size_t i = 0; i < s->nr_series && !err; i++)
		err = fold_series(folded, &s->series[i], per_vcpu, per_device);
	err = err ?: sample_exits__fold(folded, s, per_vcpu);
	if (err) {
		sample__free(folded);
		return NULL;
	}
	fold_totals(folded, s);
	return folded;
}

/* Adds those of @s to @to, whose VMs have the same numbers, or to its VM @ended. 0 or -ENOMEM. */
static int fold_gone_series(struct sample *to, const struct sample *s, const struct sample *later,
			    const uint32_t *map, uint32_t ended)
{
	int err = 0;

	for (size_t i = 0; i < s->nr_series && !err; i++) {
		struct sample_series from = s->series[i];
		struct sample_key there = from.key;

		there.vm = map[from.key.vm];
		from.key.vm = sample__find(later, &there) ? from.key.vm : ended;
		err = fold_series(to, &from, true, true);
	}
	return err;
}

static bool has_gone(const struct sample *s, const struct sample *later, const uint32_t *map)
{
	for (size_t i = 0; i < s->nr_series; i++) {
		struct sample_key there = s->series[i].key;

		there.vm = map[there.vm];
		if (!sample__find(later, &there))
			return true;
	}
	for (size_t i = 0; i < s->nr_exits; i++)
		if (!sample_exits__has(later, map[s->exits[i].vm], s->exits[i].vcpu))
			return true;
	return false;
}

static struct sample *folded_gone(const struct sample *s, const struct sample *later,
				  const uint32_t *map)
{
	struct sample *folded = sample__new();
	int err = folded ? fold_vms(folded, s) : -ENOMEM;
	const struct sample_vm *ended = err ? NULL : sample__vm(folded, SAMPLE_ENDED);
	uint32_t no = ended ? ended - folded->vms : 0;

	err = err ?: ended ? 0 : -ENOMEM;
	err = err ?: fold_gone_series(folded, s, later, map, no);
	err = err ?: sample_exits__fold_gone(folded, s, later, map, no);
	if (!err)
		return folded;
	sample__free(folded);
	return NULL;
}

int sample__fold_gone(const struct sample *s, const struct sample *later, struct sample **folded)
{
	uint32_t *map;
	int err = 0;

	*folded = NULL;
	if (sample__find_vm(later, SAMPLE_ENDED) == later->nr_vms)
		return 0;
	map = malloc((s->nr_vms + 1) * sizeof(*map));
	if (!map)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_vms; i++)
		map[i] = sample__find_vm(later, s->vms[i].id);
	if (has_gone(s, later, map)) {
		*folded = folded_gone(s, later, map);
		err = *folded ? 0 : -ENOMEM;
	}
	free(map);
	return err;
}
