/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The parts of the rank tests (stats_rank.c): null distributions and order statistics of pairs.
 */
#ifndef RANK_H
#define RANK_H

#include "stats.h"

/* A null distribution: p[i] is that of the statistic being base + i. */
struct null {
	double *p;
	size_t nr, base;
};

/* Of the sum of a subset of @ranks, each in it or not with even chances. 0 or -ENOMEM. */
int null__signed(struct null *null, const unsigned int *ranks, size_t n);
/* Of the sum of @k of the ascending @ranks, all subsets of that size equally likely. */
int null__subset(struct null *null, const unsigned int *ranks, size_t n, size_t k);
void null__free(struct null *null);

/* The p of the statistic's value @at; both tails hold it. */
void shift__set_exact_p(struct stats_shift *out, const struct null *null, size_t at);
/* The same of a statistic @above_mean, with continuity correction. */
void shift__set_normal_p(struct stats_shift *out, double above_mean, double variance);

/* How many of the statistic's lowest values have together at most half of 1 - @level. */
size_t null__cut(const struct null *null, double level, double *reached);
size_t normal__cut(double mean, double variance, double level, double *reached);

/* All x[i] / 2 + x[j] / 2, i <= j (y NULL), or all y[j] - x[i]; x and y ascending. */
struct pairs {
	const double *x, *y;
	size_t nx, ny, nr;
};

/* Estimate (median) and interval, which leaves out the @cut - 1 outermost on either side. */
void shift__set_interval(struct stats_shift *out, const struct pairs *pairs, size_t cut);

#endif
