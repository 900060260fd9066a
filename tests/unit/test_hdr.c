// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * HdrHistogram's encoding. The golden bytes were decoded by hdr-histogram-js 3.0.1, which gave the
 * very counts that stand beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include "hdr.h"

static size_t from_base64(const char *text, uint8_t *to)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0, nr_bits = 0;
	size_t nr = 0;

	for (; *text && *text != '='; text++) {
		bits = bits << 6 | (uint32_t)(strchr(digits, *text) - digits);
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		to[nr++] = bits >> nr_bits;
	}
	return nr;
}

/* What is in the envelope of base64 and zlib (whose own bytes may be others tomorrow). */
static size_t unpack(const char *text, uint8_t *to, size_t size)
{
	uint8_t packed[1024];
	size_t nr = from_base64(text, packed);
	uLongf nr_plain = size;

	assert_memory_equal(packed, "\x1c\x84\x93\x14", 4);
	assert_int_equal(packed[4] << 24 | packed[5] << 16 | packed[6] << 8 | packed[7], nr - 8);
	assert_int_equal(uncompress(to, &nr_plain, packed + 8, nr - 8), Z_OK);
	return nr_plain;
}

static void the_encoding_is_what_hdrhistogram_decodes(void **state)
{
	static const struct {
		uint64_t value, count;
	} values[] = { { 0, 2 },     { 1, 3 },       { 100, 5 },      { 2047, 7 },
		       { 2048, 11 }, { 5000, 1000 }, { 1000001, 13 }, { 34359738368, 70000 },
		       { 5000, 1 } };
	static const uint8_t golden[] = { 0x1c, 0x84, 0x93, 0x13, 0x00, 0x00, 0x00, 0x16, 0x00,
					  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00,
					  0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
					  0x0f, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xf0, 0x00, 0x00,
					  0x00, 0x00, 0x00, 0x00, 0x04, 0x06, 0xc3, 0x01, 0x0a,
					  0xb3, 0x1e, 0x0e, 0x16, 0xc1, 0x13, 0xd2, 0x0f, 0xfb,
					  0x7a, 0x1a, 0xbb, 0xf1, 0x01, 0xe0, 0xc5, 0x08 };
	struct hdr *h = hdr__new();
	uint8_t plain[1024];
	size_t nr;
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(hdr__record(h, values[i].value, values[i].count), 0);
	text = hdr__encode(h);
	assert_non_null(text);
	nr = unpack(text, plain, sizeof(plain));
	assert_int_equal(nr, sizeof(golden));
	assert_memory_equal(plain, golden, nr);
	free(text);
	hdr__free(h);
}

static void an_empty_one_is_encoded_too(void **state)
{
	struct hdr *h = hdr__new();
	uint8_t plain[1024];
	char *text = hdr__encode(h);

	(void)state;
	assert_int_equal(unpack(text, plain, sizeof(plain)), 40);
	free(text);
	hdr__free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_encoding_is_what_hdrhistogram_decodes),
		cmocka_unit_test(an_empty_one_is_encoded_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
