/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What came to a series' latencies between two cumulative states, as few bytes. docs/recording.md
 * has the encoding. What is decoded is untrusted.
 */
#ifndef DELTA_H
#define DELTA_H

#include <stddef.h>
#include <stdint.h>
#include "hist.h"

struct delta {
	uint8_t *bytes;
	size_t nr, max;
};

/* Appends what @now has other than @before. Nothing, where they are the same. 0 or -ENOMEM. */
int delta__put(struct delta *d, unsigned int stage, const struct lat *before,
	       const struct lat *now);
/* Appends a number as the encoding has them. 0 or -ENOMEM. */
int delta__put_number(struct delta *d, uint64_t value);
int delta__append(struct delta *d, const struct delta *more);
/* All there is, compressed (zlib); the caller frees it. NULL: no memory. */
void *delta__pack(const struct delta *d, size_t *nr);
/* The @nr bytes that were packed into @size; -EINVAL: they were not. */
int delta__unpack(const void *packed, size_t size, size_t nr, struct delta *d);
void delta__free(struct delta *d);

/*
 * Brings @lats from the earlier state to the later. @stages: which of @lats a recorded stage is,
 * DELTA_NR_STAGES entries; VGIC_NR_STAGES = none. 0, -ENOMEM, or -EINVAL: these are no increments
 * of this state.
 */
#define DELTA_NR_STAGES 64
/* Takes a number from the bytes at *@at, before @end. 0 or -EINVAL. */
int delta__get_number(const uint8_t **at, const uint8_t *end, uint64_t *value);
int delta__apply(const void *bytes, size_t nr, const uint8_t *stages, struct lat *lats);

#endif
