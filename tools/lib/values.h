/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The first 4096 of a series of durations, in ns: for a mean that interruptions do not move. */
#ifndef VALUES_H
#define VALUES_H

#include <stdint.h>

#define VALUES_MIN 2 /* fewer may be anything */

struct values {
	uint32_t *v;
	uint32_t nr;
};

int values__add(struct values *values, uint64_t ns); /* 0 or -ENOMEM */
/*
 * Mean of those that are not above @times the median (which alone would be a whole tick of the
 * clock). NAN: there are fewer than VALUES_MIN. Sorts them.
 */
double values__mean(const struct values *values, double times);
void values__free(struct values *values);

#endif
