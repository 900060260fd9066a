/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * vgic-top's rows: what a view shows of one VM, vCPU, device, range, summed over the rest, with its
 * last minute. Who calls it: top_model.c.
 */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sample.h"

#define TOP_HISTORY 60 /* intervals: the last minute at one a second */

struct top_row {
	struct sample_key key; /* vm: the model's number; what is summed over is SAMPLE_ALL or 0 */
	/* Of the last interval. */
	uint64_t count, user, untimed;  /* user: left to user space */
	double busy_ns;                 /* in emulation; exits: out of the guest */
	struct lat lat[VGIC_NR_STAGES]; /* exits: [0] only */
	uint64_t total;                 /* counted since the model began */
	float history[TOP_HISTORY];     /* events a second; a ring, see top_table__history() */
};

struct top_table {
	struct top_row *rows;
	size_t nr, max;
	unsigned int head; /* the newest interval in the rings */

	uint32_t *index; /* row number + 1 by key, 0 = free; index_sz is a power of two */
	size_t index_sz;
};

/* Find or add. NULL: no memory. The next add moves them. */
struct top_row *top_table__row(struct top_table *t, const struct sample_key *key);
/* NULL: there is none. */
struct top_row *top_table__find(const struct top_table *t, const struct sample_key *key);
/* An interval begins: nothing was counted in it so far. */
void top_table__begin(struct top_table *t);
/* It is over, after so many seconds (0: nothing was attached). */
void top_table__end(struct top_table *t, double seconds);
/* Forgets the rows of which @is_gone is true. 0 or -ENOMEM. */
int top_table__sweep(struct top_table *t, bool (*is_gone)(const void *ctx, const struct top_row *),
		     const void *ctx);
/* Events a second, @ago intervals before the newest (0..TOP_HISTORY - 1). */
double top_table__history(const struct top_table *t, const struct top_row *row, unsigned int ago);
void top_row__clear_latencies(struct top_row *row);
void top_table__free(struct top_table *t);

#endif
