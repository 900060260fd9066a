/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Rank statistics on small sets of runs. Pure arithmetic: no I/O, no knowledge of ranges or
 * recordings. Checked against R (tests/stats/).
 *
 * Sources: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd ed., ch. 3 and 4
 * (signed rank, rank sum, Hodges-Lehmann, exact intervals); Holm 1979; Benjamini and Hochberg 1995;
 * Schuirmann 1987 (TOST); Efron and Tibshirani 1993, ch. 14 (BCa).
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stats_shift {
	double estimate; /* Hodges-Lehmann */
	double low,
		high; /* of the interval; -INFINITY, INFINITY where n is too small for the level */
	double level; /* the interval's own confidence (exact ones cannot meet any level), >= asked
		       */
	double p;     /* two-sided, of no shift */
	double p_less, p_greater; /* one-sided: shift < 0, shift > 0 */
	bool is_exact; /* else by normal approximation with ties and continuity correction */
};

/* Shift of the differences (signed rank); zeros are dropped from the test as in R's wilcox.test().
 */
int stats__signed_rank(const double *diff, size_t n, double level, struct stats_shift *out);
/* Shift of @b against @a (rank sum). 0 or -ENOMEM, -EINVAL (n of 0, not finite). */
int stats__rank_sum(const double *a, size_t na, const double *b, size_t nb, double level,
		    struct stats_shift *out);
/* The smallest two-sided p that so many pairs (runs a side) can give. */
double stats__signed_rank_min_p(size_t n);
double stats__rank_sum_min_p(size_t na, size_t nb);

/* Adjusted in place: Holm's for the family, Benjamini and Hochberg's for exploring. */
int stats__holm(double *p, size_t n);
int stats__benjamini_hochberg(double *p, size_t n);

/* A seeded generator (xoshiro256**), so that results are the same on every machine. */
struct stats_rng {
	uint64_t s[4];
};
void stats__seed(struct stats_rng *rng, uint64_t seed);
uint64_t stats__random(struct stats_rng *rng);
double stats__uniform(struct stats_rng *rng); /* [0, 1) */
double stats__normal(struct stats_rng *rng);

double stats__quantile(const double *sorted, size_t n, double q); /* R's type 7 */

#endif
