// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Text for a terminal, Markdown for a patch mail: the same lines and tables. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "table.h"
#include "version.h"
#include "view.h"
#include "view_compare.h"

#define MAX_EFFECTS 10 /* the rest is one row */

struct page {
	FILE *out;
	const struct compare_view *v;
	bool is_markdown;
	const struct compare_row **rows; /* those that are shown */
	size_t nr_rows;
	struct compare_effect *effects; /* likewise; then the others, if any, and the total */
	size_t nr_effects, nr_others;
};

static int page__init(struct page *page)
{
	const struct comparison *of = page->v->of;

	page->rows = calloc(of->nr_rows + 1, sizeof(struct compare_row *));
	page->effects = calloc(MAX_EFFECTS + 2, sizeof(struct compare_effect));
	if (!page->rows || !page->effects)
		return -ENOMEM;
	for (size_t i = 0; i < of->nr_rows; i++)
		if (page->v->all || !of->rows[i].is_rare)
			page->rows[page->nr_rows++] = &of->rows[i];
	for (size_t i = 0; i < of->nr_effects; i++) {
		struct compare_effect *to = &page->effects[page->nr_effects];

		if (page->nr_effects < MAX_EFFECTS) {
			*to = of->effects[i];
			page->nr_effects++;
			continue;
		}
		page->nr_others++;
		to->base_ns += of->effects[i].base_ns;
		to->new_ns += of->effects[i].new_ns;
		to->count_ns += of->effects[i].count_ns;
		to->latency_ns += of->effects[i].latency_ns;
		to->both_ns += of->effects[i].both_ns;
	}
	page->effects[page->nr_effects + !!page->nr_others] = of->total;
	return 0;
}

static void row_cell(const void *ctx, size_t row, int id, char *buf)
{
	const struct page *page = ctx;

	compare_row__cell(page->v, page->rows[row], id, buf);
}

static void effect_cell(const void *ctx, size_t row, int id, char *buf)
{
	const struct page *page = ctx;
	double x = compare_effect__number(&page->effects[row], id);

	if (!isnan(x))
		snprintf(buf, TABLE_CELL_SZ, fabs(x) < 1e4 ? "%.1f" : "%.0f", x);
	else if (row < page->nr_effects)
		compare_effect__cell(&page->effects[row], id, buf);
	else if (id != effect_columns[0].id)
		snprintf(buf, TABLE_CELL_SZ, "%s", "");
	else if (page->nr_others && row == page->nr_effects)
		snprintf(buf, TABLE_CELL_SZ, "%zu others", page->nr_others);
	else
		snprintf(buf, TABLE_CELL_SZ, "total");
}

static void print_table(const struct page *page, const struct compare_column *columns, size_t nr,
			size_t nr_rows, void (*cell)(const void *, size_t, int, char *))
{
	struct table_column table[TABLE_MAX_COLUMNS];
	size_t nr_shown = 0;

	for (size_t i = 0; i < nr; i++)
		if (columns[i].title)
			table[nr_shown++] = (struct table_column){ .title = columns[i].title,
								   .left = columns[i].left,
								   .drop = columns[i].drop,
								   .id = columns[i].id,
								   .cell = cell };
	if (page->is_markdown)
		table__markdown(page->out, table, nr_shown, nr_rows, page);
	else
		table__print(page->out, table, nr_shown, nr_rows, page, page->v->width);
}

static void print_side(const struct page *page, const char *name, const struct recording_info *info,
		       size_t nr)
{
	fprintf(page->out, "%s%s: Linux %s", page->is_markdown ? "- " : "", name,
		info->host.release[0] ? info->host.release : "(release not known)");
	if (info->build_id[0])
		fprintf(page->out, ", build %.12s", info->build_id);
	fprintf(page->out, ", %zu recording%s\n", nr, nr == 1 ? "" : "s");
}

static void print_head(const struct page *page)
{
	const struct compare_view *v = page->v;
	const struct recording_info *info = v->base;
	char stages[VIEW_STAGES_SZ], host[VIEW_HOST_SZ];

	view__stages(info->stages, ", ", stages);
	view__host(&info->host, host);
	fprintf(page->out, "%s %s: %s\n%s", v->tool, VERSION,
		v->of->within_run ? "slices of one run a side"
		: v->is_paired    ? "pairs of runs"
				  : "runs",
		page->is_markdown ? "\n" : "");
	print_side(page, "base", v->base, v->nr_base);
	print_side(page, "new", v->new, v->nr_new);
	fprintf(page->out, "%s%s%sprofile %s%s%s%s, attached by %s\n",
		page->is_markdown ? "- " : "", host, host[0] ? "; " : "", info->profile,
		stages[0] ? " (" : "", stages, stages[0] ? ")" : "", info->attach);
	if (v->is_forced)
		fprintf(page->out, "%sthe recordings are unlike (--force)\n",
			page->is_markdown ? "- " : "");
	fprintf(page->out, "%slatencies in ns, %s; counts per %s; %.4g %% intervals\n\n",
		page->is_markdown ? "- " : "",
		info->has_calibration && !v->is_raw ? "without the probes' share"
						    : "as measured, with the probes' share",
		v->of->per_work ? "unit of the guest's work" : "second attached",
		(1 - v->of->alpha) * 100);
}

static void print_left_out(const struct page *page)
{
	const struct comparison *of = page->v->of;
	size_t nr_rare = 0;

	for (size_t i = 0; i < of->nr_rows; i++)
		nr_rare += of->rows[i].is_rare;
	if (of->less_baseline || (nr_rare && !page->v->all) || of->nr_base_only || of->nr_new_only)
		fputc('\n', page->out);
	if (of->less_baseline)
		fprintf(page->out, "access: by the guest's clock, less the baseline\n");
	if (nr_rare && !page->v->all)
		fprintf(page->out, "%zu rows left out: too few accesses in a run (--all)\n",
			nr_rare);
	if (of->nr_base_only || of->nr_new_only)
		fprintf(page->out, "ranges seen in base only: %zu, in new only: %zu\n",
			of->nr_base_only, of->nr_new_only);
}

static void print_effects(const struct page *page)
{
	const struct comparison *of = page->v->of;

	if (of->total_stage < 0)
		return;
	fprintf(page->out, "\nTime in stage %s, ns per %s; where the change comes from:\n%s",
		stage__name(of->total_stage), of->per_work ? "unit of work" : "second",
		page->is_markdown ? "\n" : "");
	print_table(page, effect_columns, nr_effect_columns,
		    page->nr_effects + !!page->nr_others + 1, effect_cell);
}

static void print_gate(const struct page *page)
{
	const struct comparison *of = page->v->of;
	const char *bold = page->is_markdown ? "**" : "";

	fprintf(page->out, "\ngate: %s%s%s, %zu range%s, at most %.3g %% false alarms:",
		compare_metric__name(of->metric), of->stage >= 0 ? " of " : "",
		of->stage >= 0 ? stage__name(of->stage) : "", of->nr_gate,
		of->nr_gate == 1 ? "" : "s", of->alpha * 100);
	for (int i = 0; i <= COMPARE_INCONCLUSIVE; i++)
		fprintf(page->out, "%s %zu %s", i ? "," : "", of->nr_of[i],
			compare_verdict__name(i));
	fprintf(page->out, "\n%sverdict: %s%s%s%s\n", page->is_markdown ? "\n" : "", bold,
		compare_verdict__name(of->verdict), of->within_run ? " within one run" : "", bold);
}

static int print(FILE *out, const struct compare_view *v, bool is_markdown)
{
	struct page page = { .out = out, .v = v, .is_markdown = is_markdown };
	int err = page__init(&page);

	if (!err) {
		print_head(&page);
		print_table(&page, compare_columns, nr_compare_columns, page.nr_rows, row_cell);
		print_left_out(&page);
		print_effects(&page);
		print_gate(&page);
	}
	free(page.rows);
	free(page.effects);
	return err;
}

int view_compare__text(FILE *out, const struct compare_view *v)
{
	return print(out, v, false);
}

int view_compare__markdown(FILE *out, const struct compare_view *v)
{
	return print(out, v, true);
}
