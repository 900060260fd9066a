// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include "args.h"
#include "compare_args.h"
#include "names.h"
#include "stats.h"
#include "view.h"

enum { METRIC = 0x300, RANGE, STAGE, MARGIN, ALPHA, RAW, ALL, JSON, MARKDOWN };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What decides:", 2 },
	{ "metric", METRIC, "NAME", 0,
	  "mean (default), count, p50, p90, p99, or access (the guest's own clock)", 2 },
	{ "range", RANGE, "GLOB", 0, "These register ranges only, such as 'GICR_*'", 2 },
	{ "stage", STAGE, "NAME", 0, "This stage only (default: bus decides, all are shown)", 2 },
	{ "margin", MARGIN, "PCT", 0,
	  "Changes up to PCT % do not matter (default: 2 %, or one clock tick)", 2 },
	{ "alpha", ALPHA, "PCT", 0, "False alarms, of all ranges together (default: 5 %)", 2 },
	{ NULL, 0, NULL, 0, "What is printed:", 3 },
	{ "raw", RAW, NULL, 0, "Latencies as measured, with the probes' own share in them", 3 },
	{ "all", ALL, NULL, 0, "All metrics, and ranges that were too rare to judge", 3 },
	{ "json", JSON, NULL, 0, "JSON, one object a line", 3 },
	{ "markdown", MARKDOWN, NULL, 0, "Markdown", 3 },
	{ 0 },
};

static void parse_metric(struct compare_args *o, const char *arg, struct argp_state *state)
{
	o->compare.metric = compare_metric__parse(arg);
	if (o->compare.metric < 0)
		argp_error(state, "bad metric '%s'; metrics are mean, count, p50, p90, p99, access",
			   arg);
}

static void parse_stage(struct compare_args *o, const char *arg, struct argp_state *state)
{
	o->compare.stage = stage__parse(arg);
	if (o->compare.stage < 0)
		argp_error(state, "bad stage '%s'; stages are such as lookup, device, bus", arg);
	o->compare.stages = 1u << o->compare.stage;
}

static void parse_percent(double *ratio, double max, const char *what, const char *arg,
			  struct argp_state *state)
{
	if (args__percent(arg, ratio) || *ratio > max)
		argp_error(state, "bad %s '%s'; it is a percentage above 0, up to %g", what, arg,
			   max * 100);
}

static bool *flag(struct compare_args *o, int key)
{
	switch (key) {
	case RAW:
		return &o->raw;
	case ALL:
		return &o->all;
	case JSON:
		return &o->json;
	case MARKDOWN:
		return &o->markdown;
	default:
		return NULL;
	}
}

/* Of both usages. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*o = (struct compare_args){ .compare = { .metric = -1, .stage = -1 } };
		return 0;
	case METRIC:
		parse_metric(o, arg, state);
		return 0;
	case STAGE:
		parse_stage(o, arg, state);
		return 0;
	case RANGE:
		o->compare.range = arg;
		if (!view__range_exists(arg))
			argp_error(state,
				   "no register range matches '%s'; names are such as GICD_CTLR",
				   arg);
		return 0;
	case MARGIN:
		parse_percent(&o->compare.margin, 100, "margin", arg, state);
		return 0;
	case ALPHA:
		parse_percent(&o->compare.alpha, 0.49, "alpha", arg, state);
		return 0;
	case ARGP_KEY_END:
		if (o->json && o->markdown)
			argp_error(state, "--json and --markdown do not go together");
		return 0;
	default:
		if (!flag(o, key))
			return ARGP_ERR_UNKNOWN;
		*flag(o, key) = true;
		return 0;
	}
}

const struct argp compare_args_argp = { options, parse, NULL, NULL, NULL, NULL, NULL };

uint32_t compare_args__metrics(const struct compare_args *args)
{
	uint32_t mean = args->compare.metric < 0 ? 1u << COMPARE_MEAN : 0;

	if (args->all || args->json)
		return 0;
	return mean | 1u << COMPARE_COUNT | 1u << COMPARE_ACCESS | 1u << COMPARE_BASELINE;
}

static bool decides(const struct comparison *of, const struct compare_row *row)
{
	return row->metric == (enum compare_metric)of->metric && row->stage == of->stage;
}

/* @stages: those that there are. */
static void say_absent(const struct comparison *of, uint32_t stages, char *line, size_t size)
{
	const char *name = compare_metric__name(of->metric);
	char there[VIEW_STAGES_SZ];

	view__stages(stages, ", ", there);
	if (of->stage >= 0)
		snprintf(
			line, size,
			"cannot compare: no range has a %s of stage %s on both sides; there are %s",
			name, stage__name(of->stage), there[0] ? there : "counts only");
	else
		snprintf(line, size,
			 "cannot compare: there is no %s in all the recordings; metrics there are: "
			 "count%s",
			 name, there[0] ? ", mean, p50, p90, p99" : "");
}

static int least_for_floor(double alpha)
{
	int n = 4;

	while (n < 1000 && stats__rank_sum_min_p(n / 2, n / 2) > alpha)
		n += 4;
	return n;
}

int compare_args__answered(const struct compare_args *args, const struct comparison *of,
			   uint32_t stages, char *line, size_t size)
{
	size_t nr = 0, nr_without_floor = 0;

	line[0] = '\0';
	for (size_t i = 0; i < of->nr_rows; i++) {
		nr += decides(of, &of->rows[i]);
		nr_without_floor += of->rows[i].in_gate && isnan(of->rows[i].floor);
	}
	if (!nr && (args->compare.stage >= 0 || args->compare.metric >= 0)) {
		say_absent(of, stages & ~of->stages_left_out, line, size);
		return -ENODATA;
	}
	if (nr_without_floor)
		snprintf(line, size,
			 "--aa raised no margin of %zu of the %zu ranges: the noise of base takes "
			 "%d runs of it%s",
			 nr_without_floor, of->nr_gate, least_for_floor(of->alpha),
			 of->within_run ? ", or longer ones" : "");
	return 0;
}
