// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sample_exits.h"

struct sample *sample__new(void)
{
	return calloc(1, sizeof(struct sample));
}

static void series__free(struct sample_series *series)
{
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		lat__free(&series->lat[i]);
}

void sample__free(struct sample *s)
{
	if (!s)
		return;
	if (s->nr_holds) {
		s->nr_holds--;
		return;
	}
	for (size_t i = 0; i < s->nr_series; i++)
		series__free(&s->series[i]);
	free(s->series);
	free(s->exits);
	free(s->vms);
	free(s->index);
	free(s);
}

struct sample *sample__hold(const struct sample *s)
{
	struct sample *held = (struct sample *)s;

	held->nr_holds++;
	return held;
}

/* Makes room for one more element of @size in the array at @p. 0 or -ENOMEM. */
static int reserve(void *p, size_t nr, size_t *max, size_t size)
{
	void **array = p, *grown;
	size_t want = *max ? *max * 2 : 16;

	if (nr < *max)
		return 0;
	grown = reallocarray(*array, want, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*max = want;
	return 0;
}

uint32_t sample__find_vm(const struct sample *s, const char *id)
{
	uint32_t i;

	for (i = 0; i < s->nr_vms && strcmp(s->vms[i].id, id); i++)
		;
	return i;
}

struct sample_vm *sample__vm(struct sample *s, const char *id)
{
	uint32_t i = sample__find_vm(s, id);
	struct sample_vm *vm;

	if (i < s->nr_vms)
		return &s->vms[i];
	if (reserve(&s->vms, s->nr_vms, &s->max_vms, sizeof(*s->vms)))
		return NULL;
	vm = &s->vms[s->nr_vms++];
	memset(vm, 0, sizeof(*vm));
	snprintf(vm->id, sizeof(vm->id), "%s", id);
	snprintf(vm->name, sizeof(vm->name), "?");
	return vm;
}

/* 64-bit finaliser of MurmurHash3, over the fields one after the other. */
static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

uint64_t sample_key__hash(const struct sample_key *k)
{
	uint64_t h = mix(((uint64_t)k->vm << 32 | k->vcpu) + 1);

	h = mix(h ^ ((uint64_t)k->target << 24 | k->kind << 16 | k->range << 8 | k->op));
	return mix(h ^ k->base);
}

bool sample_key__equal(const struct sample_key *a, const struct sample_key *b)
{
	return a->vm == b->vm && a->vcpu == b->vcpu && a->target == b->target &&
	       a->kind == b->kind && a->range == b->range && a->op == b->op && a->base == b->base;
}

/* The place of @key in the index: its own, or the free one where it belongs. Needs an index. */
static uint32_t *sample__slot(const struct sample *s, const struct sample_key *key)
{
	size_t mask = s->index_sz - 1, i = sample_key__hash(key) & mask;

	while (s->index[i] && !sample_key__equal(&s->series[s->index[i] - 1].key, key))
		i = (i + 1) & mask;
	return &s->index[i];
}

const struct sample_series *sample__find(const struct sample *s, const struct sample_key *key)
{
	uint32_t n = s->index_sz ? *sample__slot(s, key) : 0;

	return n ? &s->series[n - 1] : NULL;
}

static int sample__reindex(struct sample *s, size_t size)
{
	uint32_t *index = calloc(size, sizeof(*index));

	if (!index)
		return -ENOMEM;
	free(s->index);
	s->index = index;
	s->index_sz = size;
	for (size_t i = 0; i < s->nr_series; i++)
		*sample__slot(s, &s->series[i].key) = i + 1;
	return 0;
}

struct sample_series *sample__series(struct sample *s, const struct sample_key *key)
{
	struct sample_series *series;
	uint32_t *slot;

	if (s->nr_series * 2 >= s->index_sz &&
	    sample__reindex(s, s->index_sz ? s->index_sz * 2 : 64))
		return NULL;
	slot = sample__slot(s, key);
	if (*slot)
		return &s->series[*slot - 1];
	if (reserve(&s->series, s->nr_series, &s->max_series, sizeof(*s->series)))
		return NULL;
	series = &s->series[s->nr_series++];
	memset(series, 0, sizeof(*series));
	series->key = *key;
	*slot = s->nr_series;
	return series;
}

static int series__add(struct sample_series *series, const struct sample_series *from)
{
	int err = 0;

	series->count += from->count;
	series->nr_untimed += from->nr_untimed;
	for (int i = 0; i < VGIC_NR_STAGES && !err; i++)
		err = lat__add(&series->lat[i], &from->lat[i]);
	return err;
}

/* Adds @from's VM number @n, or brings it up to date. Returns its number in @s, or -ENOMEM. */
static int sample__add_vm(struct sample *s, const struct sample *from, uint32_t n)
{
	size_t nr_before = s->nr_vms;
	struct sample_vm *vm = sample__vm(s, from->vms[n].id);

	if (!vm)
		return -ENOMEM;
	if (s->nr_vms > nr_before || from->end_ns >= s->end_ns)
		*vm = from->vms[n];
	return vm - s->vms;
}

/* The numbers in @s of @from's VMs; s->nr_vms for one that @s does not have. NULL: no memory. */
static uint32_t *sample__map_vms(const struct sample *s, const struct sample_vm *vms, size_t nr_vms)
{
	uint32_t *map = malloc((nr_vms + 1) * sizeof(*map));

	for (size_t i = 0; map && i < nr_vms; i++)
		map[i] = sample__find_vm(s, vms[i].id);
	return map;
}

static int sample__add_all_series(struct sample *s, const struct sample *from)
{
	uint32_t *map = sample__map_vms(s, from->vms, from->nr_vms);
	int err = map ? 0 : -ENOMEM;

	for (size_t i = 0; i < from->nr_series && !err; i++) {
		struct sample_key key = from->series[i].key;
		struct sample_series *series;

		key.vm = map[key.vm];
		series = sample__series(s, &key);
		err = series ? series__add(series, &from->series[i]) : -ENOMEM;
	}
	err = err ?: sample_exits__add(s, from, map);
	free(map);
	return err;
}

static void sample__add_totals(struct sample *s, const struct sample *from)
{
	bool was_empty = !s->end_ns;

	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] += from->lost[i];
	s->recursion_misses += from->recursion_misses;
	s->attached_ns += from->attached_ns;
	s->overhead_ns += from->overhead_ns;
	s->stages |= from->stages;
	s->has_kvm_exits = from->has_kvm_exits && (was_empty || s->has_kvm_exits);
	s->kvm_exits_low += from->kvm_exits_low;
	s->kvm_exits_high += from->kvm_exits_high;
	s->kvm_user.is_known = from->kvm_user.is_known && (was_empty || s->kvm_user.is_known);
	s->kvm_user.low += from->kvm_user.low;
	s->kvm_user.high += from->kvm_user.high;
	if (was_empty || from->begin_ns < s->begin_ns)
		s->begin_ns = from->begin_ns;
	if (from->end_ns >= s->end_ns) {
		s->in_flight = from->in_flight;
		s->end_ns = from->end_ns;
	}
}

int sample__add(struct sample *s, const struct sample *from)
{
	int err;

	for (size_t i = 0; i < from->nr_vms; i++) {
		err = sample__add_vm(s, from, i);
		if (err < 0)
			return err;
	}
	err = sample__add_all_series(s, from);
	if (!err)
		sample__add_totals(s, from);
	return err;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void series__sub(struct sample_series *series, const struct sample_series *earlier)
{
	series->count = minus(series->count, earlier->count);
	series->nr_untimed = minus(series->nr_untimed, earlier->nr_untimed);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		lat__sub(&series->lat[i], &earlier->lat[i]);
}

static bool series__has_grown(const struct sample_series *now, const struct sample_series *before)
{
	static const struct sample_series nothing;

	if (!before)
		before = &nothing;
	/* Not only by its count: the latency of the way back into the guest is known later. */
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (now->lat[i].count > before->lat[i].count)
			return true;
	return now->count > before->count;
}

/* Adds what @now, a series of the later sample, has more than @before. 0 or -ENOMEM. */
static int sample__add_growth(struct sample *s, const struct sample_series *now,
			      const struct sample_series *before)
{
	struct sample_series *series;
	int err;

	if (!series__has_grown(now, before))
		return 0;
	series = sample__series(s, &now->key);
	if (!series)
		return -ENOMEM;
	err = series__add(series, now);
	if (!err && before)
		series__sub(series, before);
	return err;
}

static int sample__add_all_growth(struct sample *s, const struct sample *earlier,
				  const struct sample *later)
{
	uint32_t *map = sample__map_vms(earlier, later->vms, later->nr_vms);
	int err = map ? 0 : -ENOMEM;

	for (size_t i = 0; i < later->nr_vms && !err; i++)
		err = sample__vm(s, later->vms[i].id) ? 0 : -ENOMEM;
	if (!err && later->nr_vms)
		memcpy(s->vms, later->vms, later->nr_vms * sizeof(*s->vms));
	for (size_t i = 0; i < later->nr_series && !err; i++) {
		struct sample_key key = later->series[i].key;

		key.vm = map[key.vm];
		err = sample__add_growth(s, &later->series[i], sample__find(earlier, &key));
	}
	err = err ?: sample_exits__add_growth(s, earlier, later, map);
	free(map);
	return err;
}

static void sample__set_totals(struct sample *s, const struct sample *earlier,
			       const struct sample *later)
{
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = minus(later->lost[i], earlier->lost[i]);
	s->recursion_misses = minus(later->recursion_misses, earlier->recursion_misses);
	s->attached_ns = minus(later->attached_ns, earlier->attached_ns);
	s->overhead_ns = later->overhead_ns - earlier->overhead_ns;
	s->stages = later->stages;
	s->in_flight = later->in_flight;
	s->begin_ns = earlier->end_ns;
	s->end_ns = later->end_ns;
	s->has_kvm_exits = earlier->has_kvm_exits && later->has_kvm_exits;
	s->kvm_exits_low = minus(later->kvm_exits_low, earlier->kvm_exits_high);
	s->kvm_exits_high = minus(later->kvm_exits_high, earlier->kvm_exits_low);
	s->kvm_user.is_known = earlier->kvm_user.is_known && later->kvm_user.is_known;
	s->kvm_user.low = minus(later->kvm_user.low, earlier->kvm_user.high);
	s->kvm_user.high = minus(later->kvm_user.high, earlier->kvm_user.low);
}

struct sample *sample__between(const struct sample *earlier, const struct sample *later)
{
	struct sample *s = sample__new(), *folded = NULL;
	int err = s ? sample__fold_gone(earlier, later, &folded) : -ENOMEM;

	err = err ?: sample__add_all_growth(s, folded ? folded : earlier, later);
	sample__free(folded);
	if (!err) {
		sample__set_totals(s, earlier, later);
		return s;
	}
	sample__free(s);
	return NULL;
}

static int compare_vms(const void *a, const void *b)
{
	const struct sample_vm *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int compare_series(const void *a, const void *b)
{
	const struct sample_key *x = &((const struct sample_series *)a)->key;
	const struct sample_key *y = &((const struct sample_series *)b)->key;

#define BY(field) \
	if (x->field != y->field) \
	return x->field < y->field ? -1 : 1
	BY(vm);
	BY(vcpu);
	BY(kind);
	BY(range);
	BY(op);
	BY(base);
	BY(target);
#undef BY
	return 0;
}

int sample__sort(struct sample *s)
{
	struct sample_vm *old = malloc((s->nr_vms + 1) * sizeof(*old));
	uint32_t *map = NULL;

	if (old && s->nr_vms) {
		memcpy(old, s->vms, s->nr_vms * sizeof(*old));
		qsort(s->vms, s->nr_vms, sizeof(*old), compare_vms);
		map = sample__map_vms(s, old, s->nr_vms);
	}
	for (size_t i = 0; map && i < s->nr_series; i++)
		s->series[i].key.vm = map[s->series[i].key.vm];
	if (map && s->nr_series)
		qsort(s->series, s->nr_series, sizeof(*s->series), compare_series);
	free(old);
	if (!map)
		return s->nr_vms ? -ENOMEM : 0;
	sample_exits__sort(s, map);
	free(map);
	return s->nr_series ? sample__reindex(s, s->index_sz) : 0;
}
