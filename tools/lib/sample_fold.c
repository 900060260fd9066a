// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
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
