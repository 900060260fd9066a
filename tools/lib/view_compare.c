// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a comparison's tables hold, column by column. */
#include <math.h>
#include <string.h>
#include "names.h"
#include "regs.h"
#include "view.h"
#include "view_compare.h"

enum {
	RANGE,
	ADDRESS,
	OP,
	HANDLED,
	STAGE,
	METRIC,
	BASE,
	NEW,
	RATIO,
	INTERVAL,
	LOW,
	HIGH,
	P,
	P_HOLM,
	P_BH,
	MARGIN,
	FLOOR,
	RUNS_BASE,
	RUNS_NEW,
	VERDICT,
	WHY,
	CHANGE,
	COUNT_EFFECT,
	LATENCY_EFFECT,
	BOTH_EFFECT,
};

const struct compare_column compare_columns[] = {
	{ "RANGE", "range", true, 0, RANGE },
	{ NULL, "address", true, 0, ADDRESS },
	{ "OP", "op", true, 0, OP },
	{ NULL, "handled", true, 0, HANDLED },
	{ "STAGE", "stage", true, 0, STAGE },
	{ "METRIC", "metric", true, 0, METRIC },
	{ "BASE", "base", false, 0, BASE },
	{ "NEW", "new", false, 0, NEW },
	{ "RATIO", "ratio", false, 0, RATIO },
	{ "INTERVAL", NULL, true, 0, INTERVAL },
	{ NULL, "ratio_low", false, 0, LOW },
	{ NULL, "ratio_high", false, 0, HIGH },
	{ NULL, "p", false, 0, P },
	{ "P", "p_holm", false, 3, P_HOLM },
	{ "P(BH)", "p_bh", false, 1, P_BH },
	{ "MARGIN", "margin", false, 2, MARGIN },
	{ NULL, "floor", false, 0, FLOOR },
	{ NULL, "runs_base", false, 0, RUNS_BASE },
	{ NULL, "runs_new", false, 0, RUNS_NEW },
	{ "VERDICT", "verdict", true, 0, VERDICT },
	{ NULL, "why", true, 0, WHY },
};
const size_t nr_compare_columns = sizeof(compare_columns) / sizeof(compare_columns[0]);

const struct compare_column effect_columns[] = {
	{ "RANGE", "range", true, 0, RANGE },
	{ NULL, "address", true, 0, ADDRESS },
	{ "OP", "op", true, 0, OP },
	{ NULL, "handled", true, 0, HANDLED },
	{ "BASE", "base_ns", false, 0, BASE },
	{ "NEW", "new_ns", false, 0, NEW },
	{ "CHANGE", "change_ns", false, 0, CHANGE },
	{ "BY COUNT", "count_ns", false, 0, COUNT_EFFECT },
	{ "BY LATENCY", "latency_ns", false, 0, LATENCY_EFFECT },
	{ "BY BOTH", "both_ns", false, 0, BOTH_EFFECT },
};
const size_t nr_effect_columns = sizeof(effect_columns) / sizeof(effect_columns[0]);

bool compare_row__is_word(int id)
{
	return id <= METRIC || id == INTERVAL || id == VERDICT || id == WHY;
}

/* Of "access_ns.RANGE.OP", "access_ns.RANGE.user.OP". Nothing of "baseline_ns". */
static const char *fact_word(const char *fact, int id, char *buf)
{
	const char *range = strchr(fact, '.'), *op = strrchr(fact, '.');

	if (!range || op == range)
		return NULL;
	switch (id) {
	case RANGE:
		snprintf(buf, COMPARE_WORD_SZ, "%.*s", (int)strcspn(range + 1, "."), range + 1);
		return buf;
	case OP:
		return op + 1;
	case HANDLED:
		return op - range > 5 && !strncmp(op - 5, ".user", 5) ? "user" : "kernel";
	default:
		return NULL;
	}
}

static const char *key_word(const struct sample_key *key, int id, char *buf)
{
	switch (id) {
	case RANGE:
		return range__name(key->range);
	case ADDRESS:
		snprintf(buf, COMPARE_WORD_SZ, "0x%llx", (unsigned long long)key->base);
		return kind__by_address(key->kind) ? buf : NULL;
	case OP:
		return key->op == VGIC_READ ? "read" : "write";
	default:
		return kind__in_kernel(key->kind) ? "kernel" : "user";
	}
}

const char *compare_row__word(const struct compare_row *row, int id, char *buf)
{
	switch (id) {
	case STAGE:
		return row->stage >= 0 ? stage__name(row->stage) : NULL;
	case METRIC:
		return compare_metric__name(row->metric);
	case VERDICT:
		return compare_verdict__name(row->verdict);
	case WHY:
		return row->why[0] ? row->why : NULL;
	default:
		return row->fact[0] ? fact_word(row->fact, id, buf) : key_word(&row->key, id, buf);
	}
}

/* Nothing was left to test of it on a side: that is no "no change". */
static bool is_untested(const struct compare_row *row)
{
	return !row->nr_base || !row->nr_new;
}

double compare_row__number(const struct compare_row *row, int id)
{
	if (is_untested(row) && id >= P && id <= MARGIN)
		return NAN;
	switch (id) {
	case BASE:
		return row->base;
	case NEW:
		return row->new;
	case RATIO:
		return row->ratio;
	case LOW:
		return isfinite(row->high) ? row->low : NAN;
	case HIGH:
		return row->high;
	case P:
		return row->p;
	case P_HOLM:
		return row->p_holm;
	case P_BH:
		return row->p_bh;
	case MARGIN:
		return row->margin;
	case FLOOR:
		return row->floor > 0 ? row->floor : NAN;
	case RUNS_BASE:
		return row->nr_base;
	case RUNS_NEW:
		return row->nr_new;
	default:
		return NAN;
	}
}

static void interval_cell(const struct compare_row *row, char *buf)
{
	if (isfinite(row->high))
		snprintf(buf, COMPARE_WORD_SZ, "%.3f..%.3f", row->low, row->high);
	else
		snprintf(buf, COMPARE_WORD_SZ, "-");
}

static void verdict_cell(const struct compare_view *v, const struct compare_row *row, char *buf)
{
	snprintf(buf, COMPARE_WORD_SZ, "%s%s%s%s%s", compare_verdict__name(row->verdict),
		 v->of->within_run ? " within one run" : "", row->why[0] ? " (" : "", row->why,
		 row->why[0] ? ")" : "");
}

static void number_cell(const struct compare_row *row, int id, char *buf)
{
	double x = compare_row__number(row, id);

	if (!isfinite(x))
		snprintf(buf, COMPARE_WORD_SZ, "-");
	else if (id == RATIO)
		snprintf(buf, COMPARE_WORD_SZ, "%.3f", x);
	else if (id == MARGIN)
		snprintf(buf, COMPARE_WORD_SZ, "%.3g %%", x * 100);
	else if (id == BASE || id == NEW)
		snprintf(buf, COMPARE_WORD_SZ, x < 1000 ? "%.4g" : "%.0f", x);
	else
		snprintf(buf, COMPARE_WORD_SZ, "%.2g", x);
}

void compare_row__cell(const struct compare_view *v, const struct compare_row *row, int id,
		       char *buf)
{
	char word[COMPARE_WORD_SZ];
	const char *text;

	if (id == INTERVAL)
		interval_cell(row, buf);
	else if (id == VERDICT)
		verdict_cell(v, row, buf);
	else if (id == RANGE && !row->fact[0])
		view__label(&row->key, buf);
	else if (compare_row__is_word(id)) {
		text = compare_row__word(row, id, word);
		snprintf(buf, COMPARE_WORD_SZ, "%s", text ? text : "-");
	} else {
		number_cell(row, id, buf);
	}
}

double compare_effect__number(const struct compare_effect *e, int id)
{
	switch (id) {
	case BASE:
		return e->base_ns;
	case NEW:
		return e->new_ns;
	case CHANGE:
		return e->new_ns - e->base_ns;
	case COUNT_EFFECT:
		return e->count_ns;
	case LATENCY_EFFECT:
		return e->latency_ns;
	case BOTH_EFFECT:
		return e->both_ns;
	default:
		return NAN;
	}
}

const char *compare_effect__word(const struct compare_effect *e, int id, char *buf)
{
	return key_word(&e->key, id, buf);
}

void compare_effect__cell(const struct compare_effect *e, int id, char *buf)
{
	char word[COMPARE_WORD_SZ];

	if (id == RANGE)
		view__label(&e->key, buf);
	else
		snprintf(buf, COMPARE_WORD_SZ, "%s", key_word(&e->key, id, word));
}

int compare_view__exit_status(const struct compare_view *v)
{
	switch (v->of->verdict) {
	case COMPARE_REGRESSION:
		return 1;
	case COMPARE_INCONCLUSIVE:
		return 3;
	default:
		return 0;
	}
}
