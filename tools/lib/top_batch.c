// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <math.h>
#include <time.h>
#include "json.h"
#include "top_batch.h"
#include "top_columns.h"
#include "top_list.h"

static void print_time(FILE *out, const struct report *report)
{
	const struct sample *s = report->sample;
	char text[32] = "";
	struct tm tm;

	if (report->time && localtime_r(&report->time, &tm))
		strftime(text, sizeof(text), "%F %T, ", &tm);
	fprintf(out, "\n%s", text);
	if (report->interval)
		fprintf(out, "interval %u, ", report->interval);
	fprintf(out, "%.3f s: ", (s->end_ns - s->begin_ns) / 1e9);
}

static int text_interval(FILE *out, const struct top_model *m, const struct report *report)
{
	struct top_totals t = top_model__totals(m);

	print_time(out, report);
	fprintf(out, "%.0f accesses/s in the kernel, %.0f/s in user space", t.kernel, t.user);
	if (!isnan(t.cpu))
		fprintf(out, ", emulation %.2f %% of one CPU", t.cpu * 100);
	fputs("\n\n", out);
	if (m->nr_order)
		return top_list__print(out, m, 0, m->nr_order, NULL);
	fputs(t.nr_vms + t.nr_ended ? "nothing to show\n" : "no VM\n", out);
	return 0;
}

static void add_cell(struct json *json, const struct top_column *c, const struct top_model *m,
		     const struct top_row *row)
{
	char text[TOP_CELL_SZ];
	double value;

	if (c->unit == TOP_TEXT) {
		c->text(m, row, text);
		json__str(json, c->name, text);
		return;
	}
	value = top_column__value(c, m, row);
	if (isnan(value))
		json__set(json, c->name, json_null());
	else if (c->unit == TOP_RATE || c->unit == TOP_PERCENT)
		json__milli(json, c->name, value);
	else
		json__u64(json, c->name, value);
}

static int print_row(FILE *out, const struct top_model *m, const struct report *report,
		     const struct top_row *row)
{
	const struct top_vm *vm = top_model__vm(m, row);
	struct json json = json__new("top");

	if (report->interval)
		json__u64(&json, "interval", report->interval);
	json__str(&json, "view", top_view__name(m->shown));
	for (size_t i = 0; top_column__get(i); i++)
		if (top_column__is_in(top_column__get(i), m->shown))
			add_cell(&json, top_column__get(i), m, row);
	json__u64(&json, "vm_pid", vm->vm.pid);
	json__bool(&json, "ended", vm->ended_for);
	return json__emit(&json, out);
}

static int json_interval(FILE *out, const struct top_model *m, const struct report *report)
{
	int err = 0;

	for (size_t i = 0; i < m->nr_order && !err; i++)
		err = print_row(out, m, report, top_model__row(m, i));
	return err ? err : view_json__summary(out, m->view, report);
}

static int text_header(FILE *out, const struct view *view)
{
	return view_text.header(out, view);
}

static int json_header(FILE *out, const struct view *view)
{
	return view_json.header(out, view);
}

const struct top_batch_ops top_batch_text = { .header = text_header, .interval = text_interval };
const struct top_batch_ops top_batch_json = { .header = json_header, .interval = json_interval };
