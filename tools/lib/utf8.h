/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* How much room UTF-8 text takes on a terminal. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/*
 * The bytes of the character at @s, 0 at the end of the text, and in @width its columns: 2 for
 * those of East Asian scripts and emoji (Unicode's East_Asian_Width W and F, by blocks), 0 for
 * those that combine with the one before. What is no UTF-8 is a character of one byte, one column
 * wide.
 */
size_t utf8__next(const char *s, unsigned int *width);

/* The columns of all of @s. */
unsigned int utf8__width(const char *s);

#endif
