/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-top's rows as text: titles, then a line for each. */
#ifndef TOP_LIST_H
#define TOP_LIST_H

#include <stdbool.h>
#include <stdio.h>
#include "top_model.h"

struct top_look {
	unsigned int width, height;
	bool has_blocks; /* the terminal has block characters: UTF-8 */
};

/*
 * @nr rows from position @first on, columns as wide as they are at least; with the last minute
 * where there is room for it (@look), as a table for pipes without (NULL). 0 or -ENOMEM.
 */
int top_list__print(FILE *out, const struct top_model *m, size_t first, size_t nr,
		    const struct top_look *look);

#endif
