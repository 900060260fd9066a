// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "table.h"
#include "top_columns.h"
#include "top_list.h"
#include "utf8.h"

/* Narrower than that a line has its figures only. */
#define MIN_WIDTH_WITH_SPARK 60
#define MIN_SPARK 10
#define BLOCK_SZ 3 /* bytes of a block character in UTF-8 */

struct list {
	const struct top_model *m;
	const struct top_look *look; /* NULL: not for a screen */
	size_t first;
	const struct top_column *columns[TABLE_MAX_COLUMNS];
	char titles[TABLE_MAX_COLUMNS][24];
};

static void cell(const void *ctx, size_t n, int id, char *buf)
{
	const struct list *list = ctx;
	const struct top_column *c = list->columns[id];
	char text[TOP_CELL_SZ];
	unsigned int width;

	top_column__cell(c, list->m, top_model__row(list->m, list->first + n), text);
	width = utf8__width(text);
	width = list->look && c->width > width ? c->width - width : 0;
	if (c->unit == TOP_TEXT)
		snprintf(buf, TABLE_CELL_SZ, "%.100s%*s", text, width, "");
	else
		snprintf(buf, TABLE_CELL_SZ, "%*s%.100s", width, "", text);
}

static void list__title(struct list *list, size_t i)
{
	const struct top_model *m = list->m;
	const struct top_column *c = list->columns[i];
	const bool is_down = (c->unit == TOP_TEXT) == m->reverse[m->shown];

	snprintf(list->titles[i], sizeof(list->titles[i]), "%s%s", c->title,
		 !list->look || c != m->sort[m->shown] ? ""
		 : is_down                             ? "v"
						       : "^");
}

static size_t list__columns(struct list *list, struct table_column *columns)
{
	size_t nr = 0;

	for (size_t i = 0; top_column__get(i) && nr < TABLE_MAX_COLUMNS; i++) {
		const struct top_column *c = top_column__get(i);

		if (!top_column__is_in(c, list->m->shown) ||
		    !top_column__is_measured(c, list->m->view))
			continue;
		list->columns[nr] = c;
		list__title(list, nr);
		columns[nr] = (struct table_column){ .title = list->titles[nr],
						     .left = c->unit == TOP_TEXT,
						     .drop = c->drop,
						     .id = nr,
						     .cell = cell };
		nr++;
	}
	return nr;
}

/* Appends the last @width intervals, each as high as it was beside the highest of them. */
static void print_spark(FILE *out, const struct list *list, size_t n, unsigned int width)
{
	static const char blocks[] = "▁▂▃▄▅▆▇█", ascii[] = ".:-=+*#@";
	const struct top_table *t = &list->m->tables[list->m->shown];
	const struct top_row *row = top_model__row(list->m, list->first + n);
	double most = 0;

	for (unsigned int ago = 0; ago < width; ago++)
		if (top_table__history(t, row, ago) > most)
			most = top_table__history(t, row, ago);
	for (unsigned int ago = width; ago-- > 0;) {
		double rate = top_table__history(t, row, ago);
		unsigned int level = most > 0 ? rate / most * 7 + 0.5 : 0;

		if (rate <= 0)
			fputc(' ', out);
		else if (list->look->has_blocks)
			fprintf(out, "%.*s", BLOCK_SZ, blocks + (size_t)BLOCK_SZ * level);
		else
			fputc(ascii[level], out);
	}
}

/* Copies the lines of @table, and adds what there is room for behind each. */
static void print_lines(FILE *out, const struct list *list, char *table)
{
	unsigned int width = 0, used;
	char *saved, *line = strtok_r(table, "\n", &saved);

	for (size_t n = 0; line; n++, line = strtok_r(NULL, "\n", &saved)) {
		used = utf8__width(line);
		if (!n && list->look->width >= used + 1 + MIN_SPARK)
			width = list->look->width - used - 1;
		width = width < TOP_HISTORY ? width : TOP_HISTORY;
		fprintf(out, "%s", line);
		if (width && !n)
			fprintf(out, " %-*s", (int)width, width >= 11 ? "LAST MINUTE" : "HISTORY");
		if (width && n) {
			fputc(' ', out);
			print_spark(out, list, n - 1, width);
		}
		fputc('\n', out);
	}
}

int top_list__print(FILE *out, const struct top_model *m, size_t first, size_t nr,
		    const struct top_look *look)
{
	struct list list = { .m = m, .look = look, .first = first };
	struct table_column columns[TABLE_MAX_COLUMNS];
	size_t nr_columns = list__columns(&list, columns), size;
	unsigned int width = look ? look->width : m->view->width;
	char *text = NULL;
	FILE *table;

	if (!look) {
		table__print(out, columns, nr_columns, nr, &list, width);
		return 0;
	}
	table = open_memstream(&text, &size);
	if (!table)
		return -ENOMEM;
	if (width >= MIN_WIDTH_WITH_SPARK)
		width -= 1 + MIN_SPARK;
	table__print(table, columns, nr_columns, nr, &list, width);
	if (fclose(table)) {
		free(text);
		return -ENOMEM;
	}
	print_lines(out, &list, text);
	free(text);
	return 0;
}
