/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Rank statistics on small sets of runs. Pure arithmetic: no I/O, no knowledge of ranges or
 * recordings. Checked against R (tests/stats/).
 *
 * Sources: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd ed., ch. 3 and 4
 * (signed rank, rank sum, Hodges-Lehmann, exact intervals); Noether 1967, JASA 62:184 (the closed
 * interval keeps its level where there are ties); Holm 1979; Benjamini and Hochberg 1995;
 * Schuirmann 1987 (TOST); Efron and Tibshirani 1993, ch. 14 (BCa).
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The tests are exact up to so many pairs, or runs of both sides together; normal beyond. */
#define STATS_EXACT_PAIRS 100
#define STATS_EXACT_RUNS 60

struct stats_shift {
	double estimate; /* Hodges-Lehmann */
	/* The interval, ends included; -INFINITY, INFINITY where n is too small for the level. */
	double low, high;
	double level; /* the interval's own confidence, >= asked: exact ones come in steps */
	double p;     /* two-sided, of no shift: twice the smaller one-sided one, at most 1 */
	double p_less, p_greater; /* one-sided: against shift < 0, against shift > 0 */
	bool is_exact; /* else by normal approximation with ties and continuity correction */
};

/*
 * Shift of the differences @diff from 0 (signed rank). Zeros are dropped for the p (all zero: 1),
 * as in R's wilcox.test(), and kept for the estimate and the interval. Ties get midranks and the
 * exact distribution given these, where R falls back to the normal one; the interval is R's where
 * there are no ties, and covers at least as often where there are.
 * 0 or -ENOMEM, -EINVAL (n of 0, not finite, level not in (0, 1)).
 */
int stats__signed_rank(const double *diff, size_t n, double level, struct stats_shift *out);
/* Shift of @b against @a (rank sum, Mann-Whitney); ties and errors as above. */
int stats__rank_sum(const double *a, size_t na, const double *b, size_t nb, double level,
		    struct stats_shift *out);
/* The smallest two-sided p that so many pairs (runs a side) can give. */
double stats__signed_rank_min_p(size_t n);
double stats__rank_sum_min_p(size_t na, size_t nb);

/* Adjusted in place: Holm's for the family, Benjamini and Hochberg's for exploring. 0, -ENOMEM. */
int stats__holm(double *p, size_t n);
int stats__benjamini_hochberg(double *p, size_t n);

/* A seeded generator (xoshiro256**), so that results are the same on every machine. */
struct stats_rng {
	uint64_t s[4];
};
void stats__seed(struct stats_rng *rng, uint64_t seed);
uint64_t stats__random(struct stats_rng *rng);
uint64_t stats__below(struct stats_rng *rng, uint64_t n); /* 0 .. n - 1, all equally likely */
double stats__uniform(struct stats_rng *rng);             /* [0, 1) */
double stats__normal(struct stats_rng *rng);              /* mean 0, deviation 1 */

double stats__normal_cdf(double z);
double stats__normal_quantile(double p); /* Wichura 1988, AS 241; +-INFINITY at 0 and 1 */
double stats__t_quantile(double p, unsigned int df); /* Student's; right to 1e-9, p in (0, 1) */

/*
 * Slices within one run follow each other and resemble each other: they count for fewer than they
 * are. So they are merged into STATS_BATCHES batches (STATS_FEW_BATCHES of fewer than 64), which
 * are as good as independent where each has 8 (5) autocorrelation times (batch means). Of a series
 * in time order, how many values make a batch; 0: it is too short for that, or drifts so much that
 * it looks so. Of two sides the larger length is to be taken for both, and of each batch the first
 * 1 / STATS_BATCH_GAP left out: that is what resembles the batch before.
 */
#define STATS_BATCHES 8
#define STATS_FEW_BATCHES 6
#define STATS_BATCH_GAP 8
size_t stats__batch_length(const double *series, size_t n);

double stats__quantile(const double *sorted, size_t n, double q); /* R's type 7 */

#endif
