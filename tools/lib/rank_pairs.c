// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Order statistics of the n (n + 1) / 2 Walsh averages, or of the na nb differences, by bisection
 * over the doubles, counting in O(n) a step: none of them is ever stored, and n is not bounded.
 */
#include <math.h>
#include <string.h>
#include "rank.h"

static size_t walsh__count(const struct pairs *pairs, double limit)
{
	const double *x = pairs->x;
	size_t count = 0, j = pairs->nx;

	for (size_t i = 0; i < pairs->nx; i++) {
		while (j > i && x[i] / 2 + x[j - 1] / 2 > limit)
			j--;
		if (j <= i)
			break;
		count += j - i;
	}
	return count;
}

static size_t differences__count(const struct pairs *pairs, double limit)
{
	size_t count = 0, i = 0;

	for (size_t j = 0; j < pairs->ny; j++) {
		while (i < pairs->nx && pairs->y[j] - pairs->x[i] > limit)
			i++;
		count += pairs->nx - i;
	}
	return count;
}

/* Doubles as integers in the same order, and back. */
static uint64_t to_key(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | 1ULL << 63;
}

static double from_key(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(1ULL << 63) : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* The @k-th smallest, from 1. */
static double pairs__kth(const struct pairs *pairs, size_t k)
{
	uint64_t low = to_key(-INFINITY), high = to_key(INFINITY);

	if (!pairs->y) {
		low = to_key(pairs->x[0]);
		high = to_key(pairs->x[pairs->nx - 1]);
	}
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		double limit = from_key(middle);
		size_t count =
			pairs->y ? differences__count(pairs, limit) : walsh__count(pairs, limit);

		if (count >= k)
			high = middle;
		else
			low = middle + 1;
	}
	return from_key(low) + 0.0;
}

void shift__set_interval(struct stats_shift *out, const struct pairs *pairs, size_t cut)
{
	size_t upper = pairs->nr / 2 + 1, lower = (pairs->nr + 1) / 2;

	out->estimate = pairs__kth(pairs, upper);
	if (lower != upper)
		out->estimate = (out->estimate + pairs__kth(pairs, lower)) / 2;
	out->low = cut ? pairs__kth(pairs, cut) : -INFINITY;
	out->high = cut ? pairs__kth(pairs, pairs->nr + 1 - cut) : INFINITY;
}
