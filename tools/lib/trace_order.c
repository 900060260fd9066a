// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "trace_order.h"

struct trace_order {
	uint64_t window_ns, last_ns, nr_late;
	struct vgic_access **held;
	uint32_t nr, room, max;
	bool is_sorted;
};

struct trace_order *trace_order__new(uint64_t window_ns, uint32_t max)
{
	struct trace_order *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->window_ns = window_ns;
	o->max = max;
	return o;
}

void trace_order__free(struct trace_order *o)
{
	if (!o)
		return;
	for (uint32_t i = 0; i < o->nr; i++)
		free(o->held[i]);
	free(o->held);
	free(o);
}

static uint64_t begin_of(const struct vgic_access *a)
{
	return a->t_bus ? a->t_bus : a->t_end;
}

int trace_order__add(struct trace_order *o, const struct vgic_access *a)
{
	size_t size = sizeof(*a) + a->stack_sz;
	struct vgic_access *copy;

	if (o->nr == o->max)
		return -ENOBUFS;
	if (o->nr == o->room) {
		uint32_t room = o->room ? 2 * o->room : 256;
		struct vgic_access **held = reallocarray(o->held, room, sizeof(*held));

		if (!held)
			return -ENOMEM;
		o->held = held;
		o->room = room;
	}
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, a, size);
	o->is_sorted = o->is_sorted && o->nr && begin_of(o->held[o->nr - 1]) <= begin_of(a);
	o->held[o->nr++] = copy;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct vgic_access *x = *(struct vgic_access *const *)a;
	const struct vgic_access *y = *(struct vgic_access *const *)b;
	uint64_t p = begin_of(x), q = begin_of(y);

	return p != q ? (p > q) - (p < q) : (x->t_end > y->t_end) - (x->t_end < y->t_end);
}

int trace_order__release(struct trace_order *o, uint64_t now, trace_order__fn fn, void *arg)
{
	uint64_t until = now > o->window_ns ? now - o->window_ns : 0;
	uint32_t nr = 0;
	int err = 0;

	if (!o->nr)
		return 0;
	if (!o->is_sorted)
		qsort(o->held, o->nr, sizeof(*o->held), compare);
	o->is_sorted = true;
	for (; nr < o->nr && !err && begin_of(o->held[nr]) <= until; nr++) {
		o->nr_late += begin_of(o->held[nr]) < o->last_ns;
		o->last_ns =
			begin_of(o->held[nr]) > o->last_ns ? begin_of(o->held[nr]) : o->last_ns;
		err = fn(o->held[nr], arg);
		free(o->held[nr]);
	}
	o->nr -= nr;
	memmove(o->held, o->held + nr, o->nr * sizeof(*o->held));
	return err;
}

int trace_order__release_all(struct trace_order *o, trace_order__fn fn, void *arg)
{
	o->window_ns = 0;
	return trace_order__release(o, UINT64_MAX, fn, arg);
}

uint64_t trace_order__nr_late(const struct trace_order *o)
{
	return o->nr_late;
}

uint32_t trace_order__nr_held(const struct trace_order *o)
{
	return o->nr;
}
