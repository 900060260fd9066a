/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A comparison in the making: its rows, tested and not yet judged. For compare.c only. */
#ifndef COMPARE_ROWS_H
#define COMPARE_ROWS_H

#include "compare_row.h"
#include "compare_runs.h"

struct making {
	const struct compare_opts *opts;
	struct run_sums base, new;
	struct comparison *of;
	struct trial *trials; /* one a row */
	size_t max_rows;
	double tick_ns; /* the coarsest clock's */
};

/* Events that a run must have, that the metric says something of it. */
uint64_t compare_metric__least(enum compare_metric metric);

/* Adds the rows of all ranges that both sides have; of all facts that all runs have. 0, -ENOMEM. */
int making__ranges(struct making *m);
int making__facts(struct making *m);

#endif
