/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Latency distributions: log-linear histograms, 16 buckets an octave (vgic_wire.h has the layout),
 * with exact count, sum and extremes. Nanoseconds throughout.
 */
#ifndef HIST_H
#define HIST_H

#include <stdint.h>
#include "vgic_wire.h"

struct lat {
	uint64_t count;                  /* sum of the buckets */
	uint64_t sum_ns, min_ns, max_ns; /* min and max are 0 where count is 0 */
	/* Whole octaves from the first to the last in use: a sample may have 10,000 of these. */
	uint64_t *window; /* the buckets first..first + nr - 1; the others hold 0 */
	uint16_t first, nr;
};

/* The bucket of @ns, and what it holds: [low, high). The last one's high is UINT64_MAX. */
unsigned int hist__bucket(uint64_t ns);
uint64_t hist__low(unsigned int bucket);
uint64_t hist__high(unsigned int bucket);

/* How many values of @bucket there are. */
uint64_t lat__bucket(const struct lat *lat, unsigned int bucket);
/* The first bucket >= @bucket that is not empty; VGIC_NR_BUCKETS: there is none. */
unsigned int lat__next(const struct lat *lat, unsigned int bucket);
/* Adds @count values of @bucket; sum and extremes are the caller's. 0 or -ENOMEM. */
int lat__add_bucket(struct lat *lat, unsigned int bucket, uint64_t count);
/* Adds the values themselves (tests, replays of single events). 0 or -ENOMEM. */
int lat__record(struct lat *lat, uint64_t ns, uint64_t count);
/* Merges @from into @lat, which may be empty (all zeroes). 0 or -ENOMEM. */
int lat__add(struct lat *lat, const struct lat *from);
/*
 * Takes @earlier, an older state of the same cumulative distribution, out of @lat. The extremes of
 * what remains are known to a bucket only: its bounds, narrowed by the cumulative extremes.
 */
void lat__sub(struct lat *lat, const struct lat *earlier);
void lat__free(struct lat *lat);

/* 0 where count is 0. */
double lat__mean_ns(const struct lat *lat);
/* Twice the mean's standard error, from the buckets' middles. 0 where count is less than 2. */
double lat__mean_error_ns(const struct lat *lat);
/*
 * The @q quantile (0..1): nearest rank (Hyndman and Fan 1996, definition 1), placed within its
 * bucket as if that held its values evenly spread over the multiples of @tick_ns, the clock's tick
 * (0: not known); never outside [min, max]. 0 where count is 0.
 */
uint64_t lat__quantile_ns(const struct lat *lat, double q, double tick_ns);

#endif
