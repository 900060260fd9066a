// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "hdr.h"

#define DIGITS 3
#define HALF_SHIFT 10 /* 2048 sub-buckets: the least power of two above 2 * 10^DIGITS */
#define NR_SUBS (2u << HALF_SHIFT)
#define COOKIE 0x1c849313u /* V2, and what it has of a word size */
#define COOKIE_COMPRESSED 0x1c849314u
#define MAX_LEB 9

struct hdr {
	uint64_t *counts;
	uint32_t nr;
	uint64_t max;
};

struct hdr *hdr__new(void)
{
	return calloc(1, sizeof(struct hdr));
}

void hdr__free(struct hdr *h)
{
	if (!h)
		return;
	free(h->counts);
	free(h);
}

static uint32_t place(uint64_t value)
{
	uint32_t bucket = 63 - __builtin_clzll(value | (NR_SUBS - 1)) - HALF_SHIFT;
	uint32_t sub = value >> bucket;

	return ((bucket + 1) << HALF_SHIFT) + sub - (NR_SUBS / 2);
}

int hdr__record(struct hdr *h, uint64_t value, uint64_t count)
{
	uint32_t at = place(value);

	if (at >= h->nr) {
		uint64_t *grown = reallocarray(h->counts, at + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(grown + h->nr, 0, (at + 1 - h->nr) * sizeof(*grown));
		h->counts = grown;
		h->nr = at + 1;
	}
	h->counts[at] += count;
	if (value > h->max)
		h->max = value;
	return 0;
}

/* Zigzag LEB128, but the ninth byte, if there is one, holds eight bits. */
static uint8_t *put_leb(uint8_t *to, int64_t value)
{
	uint64_t bits = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

	for (int i = 0; i < MAX_LEB - 1 && bits >= 0x80; i++, bits >>= 7)
		*to++ = bits | 0x80;
	*to++ = bits;
	return to;
}

/* Counts; a run of zeroes is its length, negative. */
static uint8_t *put_counts(const struct hdr *h, uint8_t *to)
{
	for (uint32_t i = 0; i < h->nr;) {
		uint32_t begin = i;

		while (i < h->nr && !h->counts[i])
			i++;
		if (i > begin)
			to = put_leb(to, -(int64_t)(i - begin));
		else
			to = put_leb(to, h->counts[i++]);
	}
	return to;
}

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
	value = htobe32(value);
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static uint8_t *put_u64(uint8_t *to, uint64_t value)
{
	return put_u32(put_u32(to, value >> 32), value);
}

#define HEADER_SZ 40

static size_t put_histogram(const struct hdr *h, uint8_t *to)
{
	uint8_t *end = put_counts(h, to + HEADER_SZ);
	uint64_t highest = NR_SUBS;
	const double ratio = 1;
	uint64_t bits;

	memcpy(&bits, &ratio, sizeof(bits));
	while (highest <= h->max)
		highest *= 2;
	to = put_u32(to, COOKIE);
	to = put_u32(to, end - to - HEADER_SZ + 4);
	to = put_u32(to, 0); /* normalizing index offset */
	to = put_u32(to, DIGITS);
	to = put_u64(to, 1); /* lowest discernible value */
	to = put_u64(to, highest - 1);
	to = put_u64(to, bits); /* integer to double conversion ratio */
	return end - (to - HEADER_SZ);
}

static char *base64(const uint8_t *bytes, size_t nr)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc((nr + 2) / 3 * 4 + 1), *to = text;

	for (size_t i = 0; text && i < nr; i += 3) {
		uint32_t three = bytes[i] << 16;

		if (i + 1 < nr)
			three |= bytes[i + 1] << 8;
		if (i + 2 < nr)
			three |= bytes[i + 2];
		*to++ = digits[three >> 18];
		*to++ = digits[three >> 12 & 63];
		*to++ = i + 1 < nr ? digits[three >> 6 & 63] : '=';
		*to++ = i + 2 < nr ? digits[three & 63] : '=';
	}
	if (text)
		*to = '\0';
	return text;
}

char *hdr__encode(const struct hdr *h)
{
	uint8_t *plain = malloc(HEADER_SZ + (size_t)(h->nr + 1) * MAX_LEB), *packed = NULL;
	size_t nr = plain ? put_histogram(h, plain) : 0;
	uLongf nr_packed = compressBound(nr);
	char *text = NULL;

	packed = plain ? malloc(8 + nr_packed) : NULL;
	if (packed && compress(packed + 8, &nr_packed, plain, nr) == Z_OK) {
		put_u32(put_u32(packed, COOKIE_COMPRESSED), nr_packed);
		text = base64(packed, 8 + nr_packed);
	}
	free(packed);
	free(plain);
	return text;
}
