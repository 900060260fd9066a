// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "hist.h"

unsigned int hist__bucket(uint64_t ns)
{
	unsigned int shift, bucket;

	if (ns < VGIC_NR_SUBS)
		return ns;
	shift = 63 - __builtin_clzll(ns) - VGIC_SUB_BITS;
	bucket = (shift + 1) * VGIC_NR_SUBS + ((ns >> shift) & (VGIC_NR_SUBS - 1));
	return bucket < VGIC_NR_BUCKETS ? bucket : VGIC_NR_BUCKETS - 1;
}

uint64_t hist__low(unsigned int bucket)
{
	if (bucket < VGIC_NR_SUBS)
		return bucket;
	return (uint64_t)(VGIC_NR_SUBS + bucket % VGIC_NR_SUBS) << (bucket / VGIC_NR_SUBS - 1);
}

uint64_t hist__high(unsigned int bucket)
{
	return bucket < VGIC_NR_BUCKETS - 1 ? hist__low(bucket + 1) : UINT64_MAX;
}

uint64_t lat__bucket(const struct lat *lat, unsigned int bucket)
{
	return bucket - lat->first < lat->nr ? lat->window[bucket - lat->first] : 0;
}

unsigned int lat__next(const struct lat *lat, unsigned int bucket)
{
	if (bucket < lat->first)
		bucket = lat->first;
	for (; bucket < (unsigned int)lat->first + lat->nr; bucket++)
		if (lat->window[bucket - lat->first])
			return bucket;
	return VGIC_NR_BUCKETS;
}

/* Makes the window hold @bucket, in whole octaves. */
static int lat__widen(struct lat *lat, unsigned int bucket)
{
	unsigned int first = bucket / VGIC_NR_SUBS * VGIC_NR_SUBS, end = first + VGIC_NR_SUBS;
	uint64_t *window;

	if (bucket - lat->first < lat->nr)
		return 0;
	if (lat->nr) {
		first = first < lat->first ? first : lat->first;
		if (end < (unsigned int)lat->first + lat->nr)
			end = lat->first + lat->nr;
	}
	window = calloc(end - first, sizeof(*window));
	if (!window)
		return -ENOMEM;
	if (lat->nr)
		memcpy(window + (lat->first - first), lat->window, lat->nr * sizeof(*window));
	free(lat->window);
	lat->window = window;
	lat->first = first;
	lat->nr = end - first;
	return 0;
}

int lat__add_bucket(struct lat *lat, unsigned int bucket, uint64_t count)
{
	int err;

	if (!count)
		return 0;
	err = lat__widen(lat, bucket);
	if (err)
		return err;
	lat->window[bucket - lat->first] += count;
	lat->count += count;
	return 0;
}

static void lat__extend(struct lat *lat, bool was_empty, uint64_t min_ns, uint64_t max_ns)
{
	if (was_empty || min_ns < lat->min_ns)
		lat->min_ns = min_ns;
	if (was_empty || max_ns > lat->max_ns)
		lat->max_ns = max_ns;
}

int lat__record(struct lat *lat, uint64_t ns, uint64_t count)
{
	bool was_empty = !lat->count;
	int err;

	if (!count)
		return 0;
	err = lat__add_bucket(lat, hist__bucket(ns), count);
	if (err)
		return err;
	lat->sum_ns += ns * count;
	lat__extend(lat, was_empty, ns, ns);
	return 0;
}

int lat__add(struct lat *lat, const struct lat *from)
{
	bool was_empty = !lat->count;
	int err;

	if (!from->count)
		return 0;
	/* Both ends first: then nothing can fail halfway, and the window grows at most twice. */
	err = lat__widen(lat, from->first);
	if (!err)
		err = lat__widen(lat, from->first + from->nr - 1);
	if (err)
		return err;
	for (unsigned int i = 0; i < from->nr; i++)
		lat->window[from->first + i - lat->first] += from->window[i];
	lat->count += from->count;
	lat->sum_ns += from->sum_ns;
	lat__extend(lat, was_empty, from->min_ns, from->max_ns);
	return 0;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void lat__sub(struct lat *lat, const struct lat *earlier)
{
	unsigned int lowest = VGIC_NR_BUCKETS, highest = 0;
	uint64_t sum_ns = minus(lat->sum_ns, earlier->sum_ns);

	lat->count = 0;
	for (unsigned int b = lat->first; b < (unsigned int)lat->first + lat->nr; b++) {
		uint64_t *count = &lat->window[b - lat->first];

		*count = minus(*count, lat__bucket(earlier, b));
		lat->count += *count;
		if (*count && lowest == VGIC_NR_BUCKETS)
			lowest = b;
		if (*count)
			highest = b;
	}
	if (!lat->count) {
		lat__free(lat);
		return;
	}
	lat->sum_ns = sum_ns;
	if (lat->min_ns < hist__low(lowest))
		lat->min_ns = hist__low(lowest);
	if (lat->max_ns >= hist__high(highest))
		lat->max_ns = hist__high(highest) - 1;
}

void lat__free(struct lat *lat)
{
	free(lat->window);
	memset(lat, 0, sizeof(*lat));
}

double lat__mean_ns(const struct lat *lat)
{
	return lat->count ? (double)lat->sum_ns / lat->count : 0;
}

double lat__mean_error_ns(const struct lat *lat)
{
	double mean = 0, squares = 0;

	if (lat->count < 2)
		return 0;
	for (int pass = 0; pass < 2; pass++)
		for (unsigned int b = lat__next(lat, 0); b < VGIC_NR_BUCKETS;
		     b = lat__next(lat, b + 1)) {
			double high = b < VGIC_NR_BUCKETS - 1 ? hist__high(b) : lat->max_ns + 1.0;
			double at = (hist__low(b) + high - 1) / 2, n = lat__bucket(lat, b);

			if (pass)
				squares += n * (at - mean) * (at - mean);
			else
				mean += at * n / lat->count;
		}
	return 2 * sqrt(squares / (lat->count - 1) / lat->count);
}

/* The multiples of the tick in [*low, *last] are all there can be, where there is one. */
static void to_ticks(uint64_t *low, uint64_t *last, double tick_ns)
{
	double first_tick = ceil(*low / tick_ns), last_tick = floor(*last / tick_ns);

	if (first_tick > last_tick)
		return;
	*low = first_tick * tick_ns;
	*last = last_tick * tick_ns;
}

/* The @rank-th (from 1) of @count values evenly spread over @bucket, cut to the known extremes. */
static uint64_t lat__place(const struct lat *lat, unsigned int bucket, uint64_t rank,
			   uint64_t count, double tick_ns)
{
	uint64_t low = hist__low(bucket), last = hist__high(bucket) - 1;

	if (tick_ns > 1)
		to_ticks(&low, &last, tick_ns);
	if (low < lat->min_ns)
		low = lat->min_ns;
	if (last > lat->max_ns)
		last = lat->max_ns;
	if (last <= low)
		return low < lat->max_ns ? low : lat->max_ns;
	return low + (uint64_t)((last - low + 1.0) * (rank - 0.5) / count);
}

uint64_t lat__quantile_ns(const struct lat *lat, double q, double tick_ns)
{
	/* 0.007 * 1000 is more than 7 by one bit of a double: that bit is taken off. */
	double at = q * lat->count * (1 - 1e-15);
	uint64_t rank = at, below = 0;
	unsigned int b;

	rank += rank < at;
	if (rank < 1)
		rank = 1;
	for (b = lat__next(lat, 0); b < VGIC_NR_BUCKETS; b = lat__next(lat, b + 1)) {
		uint64_t count = lat__bucket(lat, b);

		if (below + count >= rank)
			return lat__place(lat, b, rank - below, count, tick_ns);
		below += count;
	}
	return lat->max_ns;
}
