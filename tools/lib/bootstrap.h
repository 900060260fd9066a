/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Intervals for the ratio of two tail quantiles, by resampling whole runs (cluster bootstrap): a
 * draw takes as many runs as there are, with replacement, merges their histograms and reads the
 * quantile. Accesses are never resampled one by one: those of one run go together.
 *
 * From 10 runs on BCa (Efron and Tibshirani 1993, ch. 14), below that the percentile interval
 * expanded for its narrowness (Hesterberg 2015, The American Statistician 69:371). Either is then
 * widened by what the histogram does not know: the bounds of the buckets that the quantiles fall
 * into. So an interval is never narrower than about 6 %. Pure arithmetic; same seed, same interval.
 */
#ifndef BOOTSTRAP_H
#define BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hist.h"

#define BOOTSTRAP_MIN_RUNS 4    /* a side; with fewer the interval is not bounded */
#define BOOTSTRAP_BCA_RUNS 10   /* the smaller side, or pairs */
#define BOOTSTRAP_MIN_BEYOND 10 /* events beyond the quantile that each run must have */
#define BOOTSTRAP_DRAWS 4000

struct bootstrap_run {
	const struct lat *lat; /* of this run alone */
	double share_ns;       /* the hooks' share, to be taken out; 0: none, or not known */
};
struct bootstrap_side {
	const struct bootstrap_run *runs;
	size_t nr_runs;
};
struct bootstrap_opts {
	double q;              /* the quantile, in (0, 1): 0.99 */
	double level;          /* of the interval, two-sided, in (0, 1) */
	bool paired;           /* run i of base goes with run i of new; as many on both sides */
	unsigned int nr_draws; /* 0 = BOOTSTRAP_DRAWS */
	uint64_t seed;
};

struct bootstrap_ratio {
	double base, new; /* quantile of all the side's runs merged, ns, without the hooks' share */
	double ratio;     /* new / base */
	double low, high; /* ends included; 0, INFINITY: too few runs */
	bool is_bca;
};

/*
 * 0; -ENODATA: a run has fewer than BOOTSTRAP_MIN_BEYOND events beyond the quantile, or nothing of
 * it is left without the hooks' share; -EINVAL: no runs, pairs that are none, q or level not in
 * (0, 1); -ENOMEM.
 */
int bootstrap__tail(const struct bootstrap_side *base, const struct bootstrap_side *new,
		    const struct bootstrap_opts *opts, struct bootstrap_ratio *out);

#endif
