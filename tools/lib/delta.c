// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include "delta.h"

/* In an entry's first byte, over the stage. */
#define TAKEN 0x40    /* what follows is taken out, not added */
#define EXTREMES 0x80 /* the cumulative minimum and maximum follow */

/* No count and no time is that large; sums of what is below do not overflow. */
#define MAX_VALUE (1ULL << 62)

static int put_byte(struct delta *d, uint8_t byte)
{
	size_t max = d->max ? d->max * 2 : 256;
	uint8_t *grown;

	if (d->nr == d->max) {
		grown = realloc(d->bytes, max);
		if (!grown)
			return -ENOMEM;
		d->bytes = grown;
		d->max = max;
	}
	d->bytes[d->nr++] = byte;
	return 0;
}

/* Seven bits a byte, the low ones first; bit 7: there are more (LEB128). */
int delta__put_number(struct delta *d, uint64_t value)
{
	int err = 0;

	for (; value >= 0x80 && !err; value >>= 7)
		err = put_byte(d, value | 0x80);
	return err ?: put_byte(d, value);
}

static uint64_t excess(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Of all buckets, how many @a holds more in than @b. */
static unsigned int nr_buckets(const struct lat *a, const struct lat *b)
{
	unsigned int nr = 0;

	for (unsigned int i = lat__next(a, 0); i < VGIC_NR_BUCKETS; i = lat__next(a, i + 1))
		nr += lat__bucket(a, i) > lat__bucket(b, i);
	return nr;
}

static int put_buckets(struct delta *d, const struct lat *a, const struct lat *b)
{
	unsigned int next = 0;
	int err = delta__put_number(d, nr_buckets(a, b));

	for (unsigned int i = lat__next(a, 0); i < VGIC_NR_BUCKETS && !err;
	     i = lat__next(a, i + 1)) {
		uint64_t count = excess(lat__bucket(a, i), lat__bucket(b, i));

		if (!count)
			continue;
		err = delta__put_number(d, count << 1 | (i > next));
		if (!err && i > next)
			err = delta__put_number(d, i - next);
		next = i + 1;
	}
	return err;
}

/* What @a has more than @b. */
static int put_entry(struct delta *d, unsigned int head, const struct lat *a, const struct lat *b,
		     const struct lat *extremes)
{
	int err = put_byte(d, head | (extremes ? EXTREMES : 0));

	err = err ?: delta__put_number(d, excess(a->sum_ns, b->sum_ns));
	if (extremes) {
		err = err ?: delta__put_number(d, extremes->min_ns);
		err = err ?: delta__put_number(d, extremes->max_ns);
	}
	return err ?: put_buckets(d, a, b);
}

int delta__put(struct delta *d, unsigned int stage, const struct lat *before, const struct lat *now)
{
	bool has_shrunk = before->sum_ns > now->sum_ns || nr_buckets(before, now);
	bool has_grown = now->sum_ns > before->sum_ns || nr_buckets(now, before);
	const struct lat *extremes = NULL;
	int err = 0;

	if (now->min_ns != before->min_ns || now->max_ns != before->max_ns)
		extremes = now;
	/* Growth first: so no state in between is less than nothing. Extremes with the last. */
	if (has_grown || (extremes && !has_shrunk))
		err = put_entry(d, stage, now, before, has_shrunk ? NULL : extremes);
	if (has_shrunk && !err)
		err = put_entry(d, stage | TAKEN, before, now, extremes);
	return err;
}

int delta__append(struct delta *d, const struct delta *more)
{
	int err = 0;

	for (size_t i = 0; i < more->nr && !err; i++)
		err = put_byte(d, more->bytes[i]);
	return err;
}

/* The fastest level: what it gains is in how often each byte comes, not in repetitions. */
void *delta__pack(const struct delta *d, size_t *nr)
{
	uLongf size = compressBound(d->nr);
	void *packed = malloc(size);

	if (packed && compress2(packed, &size, d->bytes ?: (void *)"", d->nr, Z_BEST_SPEED)) {
		free(packed);
		packed = NULL;
	}
	*nr = size;
	return packed;
}

int delta__unpack(const void *packed, size_t size, size_t nr, struct delta *d)
{
	uLongf is = nr;
	uLong taken = size;

	*d = (struct delta){ .bytes = malloc(nr + 1), .nr = nr, .max = nr + 1 };
	if (!d->bytes)
		return -ENOMEM;
	if (uncompress2(d->bytes, &is, packed, &taken) == Z_OK && is == nr && taken == size)
		return 0;
	delta__free(d);
	return -EINVAL;
}

void delta__free(struct delta *d)
{
	free(d->bytes);
	*d = (struct delta){ 0 };
}

struct reader {
	const uint8_t *at, *end;
	bool is_bad;
};

int delta__get_number(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
	*value = 0;
	for (unsigned int shift = 0; shift < 63 && *at < end; shift += 7) {
		uint8_t byte = *(*at)++;

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return 0;
	}
	*value = 0;
	return -EINVAL;
}

static uint64_t get(struct reader *r)
{
	uint64_t value;

	r->is_bad |= delta__get_number(&r->at, r->end, &value) != 0;
	return value;
}

static int take_bucket(struct lat *lat, unsigned int bucket, uint64_t count)
{
	if (lat__bucket(lat, bucket) < count)
		return -EINVAL;
	lat->window[bucket - lat->first] -= count;
	lat->count -= count;
	return 0;
}

static int add_bucket(struct lat *lat, unsigned int bucket, uint64_t count)
{
	if (lat->count + count >= MAX_VALUE)
		return -EINVAL;
	return lat__add_bucket(lat, bucket, count);
}

static int get_buckets(struct reader *r, struct lat *lat, bool is_taken)
{
	uint64_t nr = get(r), bucket = 0;
	int err = 0;

	for (; nr && !err && !r->is_bad; nr--, bucket++) {
		uint64_t count = get(r);

		if (count & 1)
			bucket += get(r) % VGIC_NR_BUCKETS;
		if (r->is_bad || bucket >= VGIC_NR_BUCKETS || !(count >> 1))
			return -EINVAL;
		err = is_taken ? take_bucket(lat, bucket, count >> 1)
			       : add_bucket(lat, bucket, count >> 1);
	}
	return r->is_bad ? -EINVAL : err;
}

static int get_entry(struct reader *r, struct lat *lat, uint8_t head)
{
	uint64_t sum_ns = get(r);
	int err;

	if (head & TAKEN ? sum_ns > lat->sum_ns : sum_ns >= MAX_VALUE - lat->sum_ns)
		return -EINVAL;
	lat->sum_ns += head & TAKEN ? -sum_ns : sum_ns;
	if (head & EXTREMES) {
		lat->min_ns = get(r);
		lat->max_ns = get(r);
	}
	if (r->is_bad || lat->min_ns > lat->max_ns || lat->max_ns >= MAX_VALUE)
		return -EINVAL;
	err = get_buckets(r, lat, head & TAKEN);
	if (!err && !lat->count)
		lat__free(lat);
	return err;
}

int delta__apply(const void *bytes, size_t nr, const uint8_t *stages, struct lat *lats)
{
	struct reader r = { .at = bytes, .end = (const uint8_t *)bytes + nr };
	int err = 0;

	while (r.at < r.end && !err) {
		uint8_t head = *r.at++, stage = stages[head % DELTA_NR_STAGES];

		err = stage < VGIC_NR_STAGES ? get_entry(&r, &lats[stage], head) : -EINVAL;
	}
	return err;
}
