// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Null distributions, counted out by dynamic programming over the ranks as they are: so ties need
 * no other path, midranks are only doubled to be whole.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "rank.h"

int null__signed(struct null *null, const unsigned int *ranks, size_t n)
{
	size_t sum = 0;

	null->nr = 1;
	null->base = 0;
	for (size_t i = 0; i < n; i++)
		null->nr += ranks[i];
	null->p = calloc(null->nr, sizeof(*null->p));
	if (!null->p)
		return -ENOMEM;
	null->p[0] = 1;
	for (size_t i = 0; i < n; i++) {
		sum += ranks[i];
		for (size_t s = sum + 1; s-- > 0;)
			null->p[s] = (null->p[s] + (s >= ranks[i] ? null->p[s - ranks[i]] : 0)) / 2;
	}
	return 0;
}

int null__subset(struct null *null, const unsigned int *ranks, size_t n, size_t k)
{
	size_t top = 0, nr;
	double *ways, all = 0;

	null->base = 0;
	for (size_t i = 0; i < k; i++) {
		null->base += ranks[i];
		top += ranks[n - 1 - i];
	}
	null->nr = top - null->base + 1;
	nr = top + 1;
	ways = calloc((k + 1) * nr, sizeof(*ways)); /* [subset's size][its sum] */
	null->p = calloc(null->nr, sizeof(*null->p));
	if (!ways || !null->p) {
		free(ways);
		return -ENOMEM;
	}
	ways[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t size = i < k ? i + 1 : k; size > 0; size--)
			for (size_t s = ranks[i]; s < nr; s++)
				ways[size * nr + s] += ways[(size - 1) * nr + s - ranks[i]];
	for (size_t s = 0; s < null->nr; s++)
		all += ways[k * nr + null->base + s];
	for (size_t s = 0; s < null->nr; s++)
		null->p[s] = ways[k * nr + null->base + s] / all;
	free(ways);
	return 0;
}

void null__free(struct null *null)
{
	free(null->p);
	null->p = NULL;
}

void shift__set_exact_p(struct stats_shift *out, const struct null *null, size_t at)
{
	out->p_less = out->p_greater = 0;
	for (size_t i = 0; i < null->nr; i++) {
		if (null->base + i <= at)
			out->p_less += null->p[i];
		if (null->base + i >= at)
			out->p_greater += null->p[i];
	}
	out->p_less = fmin(1, out->p_less);
	out->p_greater = fmin(1, out->p_greater);
	out->p = fmin(1, 2 * fmin(out->p_less, out->p_greater));
}

void shift__set_normal_p(struct stats_shift *out, double above_mean, double variance)
{
	double deviation = sqrt(variance);

	if (deviation <= 0) {
		out->p = out->p_less = out->p_greater = 1;
		return;
	}
	out->p_less = stats__normal_cdf((above_mean + 0.5) / deviation);
	out->p_greater = stats__normal_cdf((0.5 - above_mean) / deviation);
	out->p = fmin(1, 2 * fmin(out->p_less, out->p_greater));
}

size_t null__cut(const struct null *null, double level, double *reached)
{
	double below = 0;
	size_t k = 0;

	while (k < null->nr && below + null->p[k] <= (1 - level) / 2 * (1 + 1e-9))
		below += null->p[k++];
	*reached = 1 - 2 * below;
	return k;
}

size_t normal__cut(double mean, double variance, double level, double *reached)
{
	double deviation = sqrt(variance);
	double last = floor(mean - 0.5 + stats__normal_quantile((1 - level) / 2) * deviation);

	*reached = 1;
	if (last < 0)
		return 0;
	*reached = 1 - 2 * stats__normal_cdf((last + 0.5 - mean) / deviation);
	return (size_t)last + 1;
}
