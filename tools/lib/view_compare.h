/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Reports of a comparison: text, Markdown for a mail, JSON (docs/json.md). */
#ifndef VIEW_COMPARE_H
#define VIEW_COMPARE_H

#include <stdio.h>
#include "compare.h"
#include "recording.h"

struct compare_view {
	const char *tool;
	const struct comparison *of;
	const struct recording_info *base, *new; /* one of each side */
	size_t nr_base, nr_new;                  /* recordings */
	bool is_paired, is_raw, is_forced;
	bool all;           /* rare ranges, too */
	unsigned int width; /* text */
};

/* What vgic-cmp exits with: 0 no regression, 1 regression, 3 inconclusive. */
int compare_view__exit_status(const struct compare_view *v);

/* All return 0 or -ENOMEM; whether @out took it all is for the caller to ask. */
int view_compare__text(FILE *out, const struct compare_view *v);
int view_compare__markdown(FILE *out, const struct compare_view *v);
int view_compare__json(FILE *out, const struct compare_view *v);

/*
 * The columns of both tables, for the three of them: JSON takes the keys, the others the titles.
 */
struct compare_column {
	const char *title; /* NULL: JSON only */
	const char *key;   /* NULL: not in JSON */
	bool left;
	unsigned char drop; /* as of struct table_column */
	int id;
};
#define COMPARE_WORD_SZ 160
/* What the column says of a row. A word is text (NULL: nothing); all else is a number or NAN. */
extern const struct compare_column compare_columns[];
extern const size_t nr_compare_columns;
bool compare_row__is_word(int id);
const char *compare_row__word(const struct compare_row *row, int id, char *buf);
double compare_row__number(const struct compare_row *row, int id);
void compare_row__cell(const struct compare_view *v, const struct compare_row *row, int id,
		       char *buf);

/* Likewise of what the change of the total is made of. */
extern const struct compare_column effect_columns[];
extern const size_t nr_effect_columns;
double compare_effect__number(const struct compare_effect *e, int id); /* NAN: it is a word */
/* The word, or NULL; @buf has COMPARE_WORD_SZ bytes, here and below. */
const char *compare_effect__word(const struct compare_effect *e, int id, char *buf);
/* As text: "GICD_CTLR", "ioeventfd@0xa000e00", "read". */
void compare_effect__cell(const struct compare_effect *e, int id, char *buf);

#endif
