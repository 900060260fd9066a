// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "rank.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int by_size(const void *a, const void *b)
{
	double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

	return (x > y) - (x < y);
}

/*
 * Midranks, doubled where there are ties, of what is sorted. Returns the unit of a rank (1 or 2);
 * @ties gets the sum of t^3 - t over the groups of t equal ones.
 */
static unsigned int rank_sorted(const double *sorted, size_t n,
				int (*compare)(const void *, const void *), unsigned int *ranks,
				double *ties)
{
	unsigned int unit;

	*ties = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !compare(&sorted[i], &sorted[end]);)
			end++;
		for (size_t j = i; j < end; j++)
			ranks[j] = i + end + 1;
		*ties += pow(end - i, 3) - (end - i);
	}
	unit = *ties > 0 ? 2 : 1;
	for (size_t i = 0; unit == 1 && i < n; i++)
		ranks[i] /= 2;
	return unit;
}

static bool are_valid(const double *values, size_t n, double level)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(values[i]))
			return false;
	return n && level > 0 && level < 1;
}

/* The p from what of @sorted, ascending by size, is not zero. */
static int signed_rank__test(const double *sorted, size_t n, struct stats_shift *out)
{
	unsigned int *ranks = calloc(n + 1, sizeof(*ranks)), unit;
	struct null null = { 0 };
	double ties, positive = 0;
	int err = ranks ? 0 : -ENOMEM;

	if (err)
		return err;
	for (; n && *sorted == 0; n--)
		sorted++;
	unit = rank_sorted(sorted, n, by_size, ranks, &ties);
	for (size_t i = 0; i < n; i++)
		positive += sorted[i] > 0 ? ranks[i] : 0;
	if (out->is_exact) {
		err = null__signed(&null, ranks, n);
		if (!err)
			shift__set_exact_p(out, &null, positive);
	} else {
		shift__set_normal_p(out, positive / unit - n * (n + 1.0) / 4,
				    n * (n + 1.0) * (2.0 * n + 1) / 24 - ties / 48);
	}
	null__free(&null);
	free(ranks);
	return err;
}

/* The ranks 1..n, as they are without ties. NULL: no memory. */
static unsigned int *plain_ranks(size_t n)
{
	unsigned int *ranks = calloc(n, sizeof(*ranks));

	for (size_t i = 0; ranks && i < n; i++)
		ranks[i] = i + 1;
	return ranks;
}

static int signed_rank__cut(size_t n, double level, struct stats_shift *out, size_t *cut)
{
	struct null null = { 0 };
	unsigned int *ranks;
	int err = -ENOMEM;

	if (!out->is_exact) {
		*cut = normal__cut(n * (n + 1.0) / 4, n * (n + 1.0) * (2.0 * n + 1) / 24, level,
				   &out->level);
		return 0;
	}
	ranks = plain_ranks(n);
	if (ranks)
		err = null__signed(&null, ranks, n);
	if (!err)
		*cut = null__cut(&null, level, &out->level);
	null__free(&null);
	free(ranks);
	return err;
}

int stats__signed_rank(const double *diff, size_t n, double level, struct stats_shift *out)
{
	struct pairs pairs = { .nx = n, .nr = n * (n + 1) / 2 };
	double *sorted;
	size_t cut = 0;
	int err;

	if (!are_valid(diff, n, level))
		return -EINVAL;
	sorted = calloc(n, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, diff, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_size);
	out->is_exact = n <= STATS_EXACT_PAIRS;
	err = signed_rank__test(sorted, n, out);
	if (!err)
		err = signed_rank__cut(n, level, out, &cut);
	if (!err) {
		qsort(sorted, n, sizeof(*sorted), by_value);
		pairs.x = sorted;
		shift__set_interval(out, &pairs, cut);
	}
	free(sorted);
	return err;
}

double stats__signed_rank_min_p(size_t n)
{
	return fmin(1, ldexp(2, -(int)n));
}

/* The sum of the ranks of @b, which is among @sorted; both ascend. */
static size_t rank_sum_of(const double *b, size_t nb, const double *sorted,
			  const unsigned int *ranks)
{
	size_t sum = 0, at = 0;

	for (size_t i = 0; i < nb; i++) {
		while (sorted[at] < b[i])
			at++;
		sum += ranks[at];
	}
	return sum;
}

static int rank_sum__test(const struct pairs *pairs, const double *sorted, struct stats_shift *out)
{
	size_t n = pairs->nx + pairs->ny, sum;
	unsigned int *ranks = calloc(n, sizeof(*ranks)), unit;
	struct null null = { 0 };
	double ties, mean = pairs->ny * (n + 1.0) / 2;
	int err = ranks ? 0 : -ENOMEM;

	if (err)
		return err;
	unit = rank_sorted(sorted, n, by_value, ranks, &ties);
	sum = rank_sum_of(pairs->y, pairs->ny, sorted, ranks);
	if (out->is_exact) {
		err = null__subset(&null, ranks, n, pairs->ny);
		if (!err)
			shift__set_exact_p(out, &null, sum);
	} else {
		shift__set_normal_p(out, (double)sum / unit - mean,
				    pairs->nr / 12.0 * (n + 1 - ties / (n * (n - 1.0))));
	}
	null__free(&null);
	free(ranks);
	return err;
}

static int rank_sum__cut(const struct pairs *pairs, double level, struct stats_shift *out,
			 size_t *cut)
{
	size_t n = pairs->nx + pairs->ny;
	struct null null = { 0 };
	unsigned int *ranks;
	int err = -ENOMEM;

	if (!out->is_exact) {
		*cut = normal__cut(pairs->nr / 2.0, pairs->nr * (n + 1.0) / 12, level, &out->level);
		return 0;
	}
	ranks = plain_ranks(n);
	if (ranks)
		err = null__subset(&null, ranks, n, pairs->ny);
	if (!err)
		*cut = null__cut(&null, level, &out->level);
	null__free(&null);
	free(ranks);
	return err;
}

int stats__rank_sum(const double *a, size_t na, const double *b, size_t nb, double level,
		    struct stats_shift *out)
{
	double *sorted; /* a, b, and both together */
	struct pairs pairs;
	size_t cut = 0;
	int err;

	if (!are_valid(a, na, level) || !are_valid(b, nb, level))
		return -EINVAL;
	sorted = calloc(2 * (na + nb), sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, a, na * sizeof(*sorted));
	memcpy(sorted + na, b, nb * sizeof(*sorted));
	memcpy(sorted + na + nb, sorted, (na + nb) * sizeof(*sorted));
	qsort(sorted, na, sizeof(*sorted), by_value);
	qsort(sorted + na, nb, sizeof(*sorted), by_value);
	qsort(sorted + na + nb, na + nb, sizeof(*sorted), by_value);
	pairs = (struct pairs){ sorted, sorted + na, na, nb, na * nb };
	out->is_exact = na + nb <= STATS_EXACT_RUNS;
	err = rank_sum__test(&pairs, sorted + na + nb, out);
	if (!err)
		err = rank_sum__cut(&pairs, level, out, &cut);
	if (!err)
		shift__set_interval(out, &pairs, cut);
	free(sorted);
	return err;
}

double stats__rank_sum_min_p(size_t na, size_t nb)
{
	double p = 2;

	/* 2 / choose(na + nb, na) */
	for (size_t i = 1; i <= na; i++)
		p *= (double)i / (nb + i);
	return fmin(1, p);
}
