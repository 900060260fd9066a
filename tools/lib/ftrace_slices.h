/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Where the slices of an import end: after so many accesses each, as even as can be, and never
 * without time between two ends.
 */
#ifndef FTRACE_SLICES_H
#define FTRACE_SLICES_H

#include <stdbool.h>
#include <stdint.h>

#define FTRACE_MAX_SLICES 256

struct ftrace_slices {
	uint64_t nr, nr_slices;   /* accesses in all; slices that are aimed at */
	uint64_t done, boundary;  /* accesses so far; how many end the slice */
	uint64_t now_ns, last_ns; /* the latest end of an access; the last slice's end */
	uint64_t end_ns;          /* of all */
};

/* Of @nr accesses from @begin_ns to @end_ns. */
void ftrace_slices__init(struct ftrace_slices *s, uint64_t nr, uint64_t begin_ns, uint64_t end_ns);
/* The next access, which ended at @at_ns. True: a slice ends with it, at s->last_ns. */
bool ftrace_slices__add(struct ftrace_slices *s, uint64_t at_ns);

#endif
