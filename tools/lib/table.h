/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Text tables: columns are data, widths follow what is in them. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define TABLE_MAX_COLUMNS 24
#define TABLE_CELL_SZ 160

struct table_column {
	const char *title;
	bool left;          /* text; numbers are aligned to the right */
	unsigned char drop; /* where the line is too narrow: left out, 1 first; 0 = never */
	int id;             /* for the functions below: what it shows */
	/* Writes the cell of @row into @buf (TABLE_CELL_SZ bytes). */
	void (*cell)(const void *ctx, size_t row, int id, char *buf);
	bool (*wanted)(const void *ctx, int id); /* NULL = always */
};

/*
 * Prints the table @width columns wide at most, if that can be had by narrower gaps and by leaving
 * out what may be dropped; no row is ever cut.
 */
void table__print(FILE *out, const struct table_column *columns, size_t nr_columns, size_t nr_rows,
		  const void *ctx, unsigned int width);

/* The same as a Markdown table, with all columns. */
void table__markdown(FILE *out, const struct table_column *columns, size_t nr_columns,
		     size_t nr_rows, const void *ctx);

/* How wide reports on @out are: a terminal's COLUMNS, or its own width; 100 where it is none. */
unsigned int table__width(FILE *out);

#endif
