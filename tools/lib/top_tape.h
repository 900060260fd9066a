/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A recording that begins in the middle: what came since a key was pressed. */
#ifndef TOP_TAPE_H
#define TOP_TAPE_H

#include "tape.h"

struct top_tape {
	struct tape tape;    /* .say and .arg are the caller's */
	struct sample *last; /* what was seen last: where a recording begins */
	struct sample *base; /* where this one did; NULL: at the session's start */
	unsigned int nr_marks;
};

/* All that was seen so far, recorded or not. */
void top_tape__slice(struct top_tape *t, const struct sample *cumulative);
/* From what was seen last on. 0 or -errno (said). */
int top_tape__begin(struct top_tape *t, const char *path, const struct view *view);
bool top_tape__is_on(const struct top_tape *t);
/* The interval that ends at @end_ns is over. */
void top_tape__mark(struct top_tape *t, uint64_t end_ns);
/* Completes it, if there is one. Whether it is; what else is said. */
bool top_tape__end(struct top_tape *t);
/* Another session begins: what was seen so far is not part of it. */
void top_tape__forget(struct top_tape *t);

#endif
