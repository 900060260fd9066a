// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One object a line: header, verdict..., effect..., total, gate; docs/json.md describes them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "names.h"
#include "view_compare.h"

/* Nine digits: the same on all machines. */
static void add_number(struct json *json, const char *key, double x)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.9g", x);
	if (!isfinite(x))
		json__set(json, key, json_null());
	else if (strpbrk(digits, ".e"))
		json__set(json, key, json_real(strtod(digits, NULL)));
	else
		json__set(json, key, json_integer(strtoll(digits, NULL, 10)));
}

static void add_side(struct json *json, const char *key, const struct recording_info *info,
		     size_t nr)
{
	struct json side = json__new(NULL);

	json__str(&side, "kernel", info->host.release);
	json__set(&side, "build_id", info->build_id[0] ? json_string(info->build_id) : json_null());
	json__u64(&side, "recordings", nr);
	json__nest(json, key, &side);
}

static int print_header(FILE *out, const struct compare_view *v)
{
	const struct recording_info *info = v->base;
	struct view view = {
		.tool = v->tool,
		.host = &info->host,
		.plan = info->plan,
		.calibration = info->has_calibration ? &info->calibration : NULL,
		.profile = info->profile,
		.stages = info->stages,
		.raw = v->is_raw,
	};
	struct json json = json__header(&view);

	add_side(&json, "base", v->base, v->nr_base);
	add_side(&json, "new", v->new, v->nr_new);
	json__bool(&json, "paired", v->is_paired);
	json__bool(&json, "within_one_run", v->of->within_run);
	json__bool(&json, "forced", v->is_forced);
	return json__emit(&json, out);
}

static int print_verdict(FILE *out, const struct compare_view *v, const struct compare_row *row)
{
	struct json json = json__new("verdict");
	char buf[COMPARE_WORD_SZ];

	for (size_t i = 0; i < nr_compare_columns; i++) {
		const struct compare_column *column = &compare_columns[i];
		const char *word;

		if (!column->key)
			continue;
		if (!compare_row__is_word(column->id)) {
			add_number(&json, column->key, compare_row__number(row, column->id));
			continue;
		}
		word = compare_row__word(row, column->id, buf);
		if (word)
			json__str(&json, column->key, word);
	}
	json__bool(&json, "in_gate", row->in_gate);
	json__bool(&json, "rare", row->is_rare);
	json__bool(&json, "within_one_run", v->of->within_run);
	return json__emit(&json, out);
}

static int print_effect(FILE *out, const struct compare_effect *e, bool is_total)
{
	struct json json = json__new(is_total ? "total" : "effect");
	char word[COMPARE_WORD_SZ];

	for (size_t i = 0; i < nr_effect_columns; i++) {
		const struct compare_column *column = &effect_columns[i];
		double x = compare_effect__number(e, column->id);
		const char *text = is_total ? NULL : compare_effect__word(e, column->id, word);

		if (!isnan(x))
			add_number(&json, column->key, x);
		else if (text)
			json__str(&json, column->key, text);
	}
	return json__emit(&json, out);
}

static int print_gate(FILE *out, const struct compare_view *v)
{
	const struct comparison *of = v->of;
	struct json json = json__new("gate");

	json__str(&json, "metric", compare_metric__name(of->metric));
	if (of->stage >= 0)
		json__str(&json, "stage", stage__name(of->stage));
	json__str(&json, "unit", of->per_work ? "work" : "second");
	add_number(&json, "alpha", of->alpha);
	json__u64(&json, "ranges", of->nr_gate);
	for (int i = 0; i <= COMPARE_INCONCLUSIVE; i++)
		json__u64(&json, compare_verdict__name(i), of->nr_of[i]);
	json__u64(&json, "base_only", of->nr_base_only);
	json__u64(&json, "new_only", of->nr_new_only);
	json__bool(&json, "within_one_run", of->within_run);
	json__str(&json, "verdict", compare_verdict__name(of->verdict));
	json__u64(&json, "exit_status", compare_view__exit_status(v));
	return json__emit(&json, out);
}

int view_compare__json(FILE *out, const struct compare_view *v)
{
	const struct comparison *of = v->of;
	int err = print_header(out, v);

	for (size_t i = 0; i < of->nr_rows && !err; i++)
		err = print_verdict(out, v, &of->rows[i]);
	for (size_t i = 0; i < of->nr_effects && !err; i++)
		err = print_effect(out, &of->effects[i], false);
	if (!err && of->total_stage >= 0)
		err = print_effect(out, &of->total, true);
	return err ? err : print_gate(out, v);
}
