// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "sample_exits.h"

/*
 * Nearly always asked for in the order in which they stand: behind the one that was found last is
 * where to begin.
 */
static struct sample_exits *find(const struct sample *s, uint32_t vm, uint32_t vcpu)
{
	for (size_t i = 0; i < s->nr_exits; i++) {
		struct sample_exits *e = &s->exits[(s->exits_hint + i) % s->nr_exits];

		if (e->vm == vm && e->vcpu == vcpu)
			return e;
	}
	return NULL;
}

bool sample_exits__has(const struct sample *s, uint32_t vm, uint32_t vcpu)
{
	return find(s, vm, vcpu);
}

struct sample_exits *sample__exits(struct sample *s, uint32_t vm, uint32_t vcpu)
{
	struct sample_exits *e = find(s, vm, vcpu), *grown;
	size_t want = s->max_exits ? s->max_exits * 2 : 16;

	if (!e && s->nr_exits == s->max_exits) {
		grown = reallocarray(s->exits, want, sizeof(*grown));
		if (!grown)
			return NULL;
		s->exits = grown;
		s->max_exits = want;
	}
	if (!e) {
		e = &s->exits[s->nr_exits++];
		*e = (struct sample_exits){ .vm = vm, .vcpu = vcpu };
	}
	s->exits_hint = e - s->exits + 1;
	return e;
}

static int add_as(struct sample *s, const struct sample_exits *from, uint32_t vm, uint32_t vcpu)
{
	struct sample_exits *e = sample__exits(s, vm, vcpu);

	if (!e)
		return -ENOMEM;
	for (int i = 0; i < VGIC_NR_EXITS; i++)
		e->count[i] += from->count[i];
	e->kvm_low += from->kvm_low;
	e->kvm_high += from->kvm_high;
	return 0;
}

static void add_totals(struct sample *s, const struct sample *from)
{
	s->has_exits |= from->has_exits;
	s->exits_ns += from->exits_ns;
	s->lost_exits += from->lost_exits;
}

int sample_exits__add(struct sample *s, const struct sample *from, const uint32_t *vms)
{
	int err = 0;

	for (size_t i = 0; i < from->nr_exits && !err; i++)
		err = add_as(s, &from->exits[i], vms[from->exits[i].vm], from->exits[i].vcpu);
	add_totals(s, from);
	return err;
}

int sample_exits__fold(struct sample *to, const struct sample *from, bool per_vcpu)
{
	int err = 0;

	for (size_t i = 0; i < from->nr_exits && !err; i++)
		err = add_as(to, &from->exits[i], from->exits[i].vm,
			     per_vcpu ? from->exits[i].vcpu : SAMPLE_ALL);
	add_totals(to, from);
	return err;
}

int sample_exits__fold_gone(struct sample *to, const struct sample *s, const struct sample *later,
			    const uint32_t *vms, uint32_t ended)
{
	int err = 0;

	for (size_t i = 0; i < s->nr_exits && !err; i++) {
		const struct sample_exits *e = &s->exits[i];
		const bool is_there = find(later, vms[e->vm], e->vcpu);

		err = add_as(to, e, is_there ? e->vm : ended, e->vcpu);
	}
	add_totals(to, s);
	return err;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void subtract(struct sample_exits *e, const struct sample_exits *before)
{
	uint64_t low = before->kvm_low;

	for (int i = 0; i < VGIC_NR_EXITS; i++)
		e->count[i] = minus(e->count[i], before->count[i]);
	e->kvm_low = minus(e->kvm_low, before->kvm_high);
	e->kvm_high = minus(e->kvm_high, low);
}

int sample_exits__add_growth(struct sample *s, const struct sample *earlier,
			     const struct sample *later, const uint32_t *vms)
{
	for (size_t i = 0; i < later->nr_exits; i++) {
		const struct sample_exits *before, *now = &later->exits[i];
		struct sample_exits growth = *now;

		before = find(earlier, vms[now->vm], now->vcpu);
		if (before)
			subtract(&growth, before);
		if (!exits__total(&growth) && !growth.kvm_low)
			continue;
		if (add_as(s, &growth, now->vm, now->vcpu))
			return -ENOMEM;
	}
	s->has_exits = later->has_exits;
	s->exits_ns = minus(later->exits_ns, earlier->exits_ns);
	s->lost_exits = minus(later->lost_exits, earlier->lost_exits);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct sample_exits *x = a, *y = b;

	if (x->vm != y->vm)
		return x->vm < y->vm ? -1 : 1;
	return x->vcpu < y->vcpu ? -1 : x->vcpu > y->vcpu;
}

void sample_exits__sort(struct sample *s, const uint32_t *vms)
{
	for (size_t i = 0; i < s->nr_exits; i++)
		s->exits[i].vm = vms[s->exits[i].vm];
	if (s->nr_exits)
		qsort(s->exits, s->nr_exits, sizeof(*s->exits), compare);
}
