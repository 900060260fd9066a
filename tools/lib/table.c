// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "args.h"
#include "table.h"
#include "utf8.h"

#define WIDTH_WITHOUT_TERMINAL 100

struct layout {
	unsigned int width[TABLE_MAX_COLUMNS]; /* 0 = not shown */
	unsigned int gap;
};

static void layout__measure(struct layout *layout, const struct table_column *columns, size_t nr,
			    size_t nr_rows, const void *ctx)
{
	char cell[TABLE_CELL_SZ];

	for (size_t c = 0; c < nr; c++) {
		unsigned int *width = &layout->width[c];

		*width = 0;
		if (columns[c].wanted && !columns[c].wanted(ctx, columns[c].id))
			continue;
		*width = utf8__width(columns[c].title);
		for (size_t row = 0; row < nr_rows; row++) {
			columns[c].cell(ctx, row, columns[c].id, cell);
			if (utf8__width(cell) > *width)
				*width = utf8__width(cell);
		}
	}
}

static unsigned int layout__width(const struct layout *layout, size_t nr)
{
	unsigned int total = 0;

	for (size_t c = 0; c < nr; c++)
		if (layout->width[c])
			total += (total ? layout->gap : 0) + layout->width[c];
	return total;
}

/* Hides the column that may be dropped first. False: there is none left. */
static bool layout__drop(struct layout *layout, const struct table_column *columns, size_t nr)
{
	size_t first = nr;

	for (size_t c = 0; c < nr; c++)
		if (layout->width[c] && columns[c].drop &&
		    (first == nr || columns[c].drop < columns[first].drop))
			first = c;
	if (first == nr)
		return false;
	layout->width[first] = 0;
	return true;
}

static void layout__fit(struct layout *layout, const struct table_column *columns, size_t nr,
			unsigned int width)
{
	layout->gap = 2;
	if (layout__width(layout, nr) > width)
		layout->gap = 1;
	while (layout__width(layout, nr) > width && layout__drop(layout, columns, nr))
		;
}

/* One line; @row SIZE_MAX: the titles. The last column is not padded. */
static void print_row(FILE *out, const struct layout *layout, const struct table_column *columns,
		      size_t nr, size_t row, const void *ctx)
{
	unsigned int blanks = 0;

	for (size_t c = 0; c < nr; c++) {
		char cell[TABLE_CELL_SZ];
		const char *text = columns[c].title;
		unsigned int pad;

		if (!layout->width[c])
			continue;
		if (row != SIZE_MAX) {
			columns[c].cell(ctx, row, columns[c].id, cell);
			text = cell;
		}
		pad = layout->width[c] - utf8__width(text);
		fprintf(out, "%*s%s", (int)(blanks + (columns[c].left ? 0 : pad)), "", text);
		blanks = layout->gap + (columns[c].left ? pad : 0);
	}
	fputc('\n', out);
}

void table__print(FILE *out, const struct table_column *columns, size_t nr_columns, size_t nr_rows,
		  const void *ctx, unsigned int width)
{
	struct layout layout;

	layout__measure(&layout, columns, nr_columns, nr_rows, ctx);
	layout__fit(&layout, columns, nr_columns, width);
	print_row(out, &layout, columns, nr_columns, SIZE_MAX, ctx);
	for (size_t row = 0; row < nr_rows; row++)
		print_row(out, &layout, columns, nr_columns, row, ctx);
}

/* A | in it would begin a new cell. */
static void print_markdown_cell(FILE *out, const char *text)
{
	fputs("| ", out);
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
	fputc(' ', out);
}

void table__markdown(FILE *out, const struct table_column *columns, size_t nr_columns,
		     size_t nr_rows, const void *ctx)
{
	char cell[TABLE_CELL_SZ];

	for (size_t row = 0; row < nr_rows + 2; row++) {
		for (size_t c = 0; c < nr_columns; c++) {
			if (columns[c].wanted && !columns[c].wanted(ctx, columns[c].id))
				continue;
			if (row == 0)
				snprintf(cell, sizeof(cell), "%s", columns[c].title);
			else if (row == 1)
				snprintf(cell, sizeof(cell), "%s", columns[c].left ? "---" : "--:");
			else
				columns[c].cell(ctx, row - 2, columns[c].id, cell);
			print_markdown_cell(out, cell);
		}
		fputs("|\n", out);
	}
}

unsigned int table__width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!isatty(fileno(out)))
		return WIDTH_WITHOUT_TERMINAL;
	if (columns && !args__u64(columns, 1, 1000, &width))
		return width;
	if (!ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}
