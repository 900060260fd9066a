// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "ftrace_slices.h"

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
	return a / b + (a % b > 0);
}

/* How many accesses there are when the slice ends that the next access is in. */
static uint64_t next_boundary(const struct ftrace_slices *s)
{
	uint64_t slice = s->done * s->nr_slices / s->nr + 1;

	return ceil_div(slice * s->nr, s->nr_slices);
}

void ftrace_slices__init(struct ftrace_slices *s, uint64_t nr, uint64_t begin_ns, uint64_t end_ns)
{
	*s = (struct ftrace_slices){
		.nr = nr,
		.last_ns = begin_ns,
		.end_ns = end_ns,
	};
	if (!nr)
		return;
	s->nr_slices = ceil_div(nr, ceil_div(nr, FTRACE_MAX_SLICES));
	s->boundary = next_boundary(s);
}

bool ftrace_slices__add(struct ftrace_slices *s, uint64_t at_ns)
{
	s->done++;
	if (at_ns > s->now_ns)
		s->now_ns = at_ns;
	if (s->done == s->nr) {
		s->last_ns = s->end_ns;
		return true;
	}
	/* Accesses on several CPUs may end in the same microsecond: such a slice goes on. */
	if (s->done < s->boundary || s->now_ns <= s->last_ns || s->now_ns >= s->end_ns)
		return false;
	s->last_ns = s->now_ns;
	s->boundary = next_boundary(s);
	return true;
}
