/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * vgic-top's columns: the one table behind what is shown, by what it is sorted, and the keys of the
 * JSON.
 */
#ifndef TOP_COLUMNS_H
#define TOP_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "top_model.h"

enum top_unit { TOP_TEXT, TOP_NUMBER, TOP_COUNT, TOP_RATE, TOP_PERCENT, TOP_NS };

struct top_column {
	const char *title;
	const char *name;   /* for --sort; the JSON key */
	unsigned int views; /* mask: in which it is shown */
	enum top_unit unit;
	unsigned char width; /* at least, so that columns stay where they are */
	unsigned char drop;  /* where a line is too narrow: left out, 1 first; 0 = never */
	int arg;             /* for the functions: a stage, a quantile */
	void (*text)(const struct top_model *m, const struct top_row *row, char *buf);
	/* NAN: not known, or does not apply. */
	double (*value)(const struct top_model *m, const struct top_row *row, int arg);
};

#define TOP_CELL_SZ 160

/* Column number @i of all; NULL behind the last. */
const struct top_column *top_column__get(size_t i);
bool top_column__is_in(const struct top_column *c, enum top_view view);
/* NULL: no column of this name. A name without its unit will do ("cpu" for "cpu_pct"). */
const struct top_column *top_column__find(const char *name);
/* The one after @c (NULL: the first) that the view has; round and round. */
const struct top_column *top_column__next(const struct top_column *c, enum top_view view);
/* Whether what it needs is measured at all. */
bool top_column__is_measured(const struct top_column *c, const struct view *view);
/* As text ("-" where it is not known), @buf of TOP_CELL_SZ bytes; not padded. */
void top_column__cell(const struct top_column *c, const struct top_model *m,
		      const struct top_row *row, char *buf);
/* A percentile that too few events stand behind is shown as unknown, but has its value. */
double top_column__value(const struct top_column *c, const struct top_model *m,
			 const struct top_row *row);

#endif
