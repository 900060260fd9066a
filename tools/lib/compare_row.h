/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* One row of a comparison: its test and its verdict. For compare.c only. */
#ifndef COMPARE_ROW_H
#define COMPARE_ROW_H

#include "compare_runs.h"

/* The figures of both sides, in the order of the runs; pairs stand at the same index. */
struct trial {
	double *base, *new;
	size_t nr_base, nr_new;
	bool is_paired, within_run;
	double share_error; /* both sides' hooks' share, as a log ratio: what may be due to it */
	double grain;       /* both sides' buckets, likewise: what a quantile may not show */
	double alpha;
	double margin, margin_ns; /* a ratio; the least of it as a time, 0 = none */
	bool use_floor;
	double scatter;             /* of log ratios from run to run; NAN = not known */
	double tost_low, tost_high; /* the log ratio's interval of level 1 - 2 alpha */
};

/* Fills in what @row says of the figures, all but p_holm, p_bh and the verdict. 0 or -ENOMEM. */
int trial__test(struct trial *t, struct compare_row *row);
/* To be called when p_holm is known, which @nr_family rows share. */
void trial__judge(const struct trial *t, struct compare_row *row, size_t nr_family);
void trial__clear(struct trial *t);

#endif
