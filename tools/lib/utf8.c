// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdint.h>
#include "utf8.h"

struct block {
	uint32_t first, last;
};

/* wcwidth() would need the locale's help; reports are the same in all of them. */
static const struct block wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xa960, 0xa97f },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};
static const struct block combining[] = {
	{ 0x0300, 0x036f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
	{ 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

static bool is_in(uint32_t c, const struct block *blocks, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return true;
	return false;
}

size_t utf8__next(const char *s, unsigned int *width)
{
	const unsigned char *u = (const unsigned char *)s;
	const size_t n = u[0] < 0xc2 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : u[0] < 0xf5 ? 4 : 1;
	uint32_t c = n == 1 ? u[0] : u[0] & (0xff >> (n + 1));

	*width = 1;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (is_in(c, wide, sizeof(wide) / sizeof(wide[0])))
		*width = 2;
	else if (is_in(c, combining, sizeof(combining) / sizeof(combining[0])))
		*width = 0;
	return *s ? n : 0;
}

unsigned int utf8__width(const char *s)
{
	unsigned int width, sum = 0;
	size_t n;

	for (; (n = utf8__next(s, &width)); s += n)
		sum += width;
	return sum;
}
