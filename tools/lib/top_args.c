// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <argp.h>
#include <string.h>
#include "args.h"
#include "top_args.h"

#define SECOND_NS 1000000000ULL
#define MIN_INTERVAL_NS 100000000ULL
#define MAX_SPEED 1000000

enum { JSON = 0x200, SPEED, VIEW, FILTER };

static const char doc[] =
	"Show live what accesses guests make to their virtual GIC, who makes them, and what they "
	"cost."
	"\v"
	"On a terminal: a screen, refreshed every INTERVAL (default 1s); h shows its keys. With -b "
	"reports for pipes. docs/top.md has the columns.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-top                           all VMs; 1-5 switch views, q quits\n"
	"  vgic-top --view ranges -s cpu 2    the dearest registers, every 2 s\n"
	"  vgic-top -g web --view vcpus       the vCPUs of guest web\n"
	"  vgic-top -b 1 10                   ten reports, one a second\n"
	"  vgic-top --json --view ranges 5    JSON lines, every 5 s (docs/json.md)\n"
	"  vgic-top -r run.vgic --speed 10    a recording, ten times as fast\n";

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What is shown:", 3 },
	{ "view", VIEW, "NAME", 0, "Begin with vms (default), vcpus, devices, ranges or exits", 3 },
	{ "sort", 's', "COLUMN", 0, "Sort by this column (default rate): its key in --json", 3 },
	{ "reverse", 'R', NULL, 0, "Sort the other way round", 3 },
	{ "filter", FILTER, "GLOB", 0, "Only rows with such a name, or a part of it", 3 },
	{ NULL, 0, NULL, 0, "In which way:", 4 },
	{ "batch", 'b', NULL, 0, "Reports on stdout in place of the screen", 4 },
	{ "json", JSON, NULL, 0, "These as JSON, one object a line", 4 },
	{ "timestamp", 'T', NULL, 0, "The time of each report", 4 },
	{ NULL, 0, NULL, 0, "Recordings (P on the screen makes one):", 5 },
	{ "replay", 'r', "FILE", 0, "Show what FILE has, in place of what happens now", 5 },
	{ "speed", SPEED, "N", 0, "N times as fast as it happened (-b: at once)", 5 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &pick_argp, 0, "What is traced:", 1 },
	{ &measure_argp, 0, "What is measured:", 2 },
	{ 0 },
};

static void parse_positional(struct top_args *o, const char *arg, struct argp_state *state)
{
	if (state->arg_num == 0) {
		if (args__time_ns(arg, &o->interval_ns) || o->interval_ns < MIN_INTERVAL_NS)
			argp_error(state,
				   "bad interval '%s'; it looks like 1, 1.5s, 200ms; "
				   "100ms is the least",
				   arg);
	} else if (state->arg_num > 1) {
		argp_error(state, "unexpected '%s'", arg);
	} else if (args__count(arg, &o->nr_intervals)) {
		argp_error(state, "bad number of intervals '%s'", arg);
	}
}

static void parse_view(struct top_args *o, const char *arg, struct argp_state *state)
{
	int view = top_view__parse(arg);

	if (view < 0)
		argp_error(state, "unknown view '%s'; views are vms, vcpus, devices, ranges, exits",
			   arg);
	else
		o->view = view;
}

static void parse_sort(struct top_args *o, const char *arg, struct argp_state *state)
{
	char all[512] = "";
	size_t n = 0;

	o->sort = top_column__find(arg);
	for (size_t i = 0; top_column__get(i); i++)
		n += snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "",
			      top_column__get(i)->name);
	if (!o->sort)
		argp_error(state, "unknown column '%s'; columns are %s", arg, all);
}

static void parse_speed(struct top_args *o, const char *arg, struct argp_state *state)
{
	if (args__u64(arg, 1, MAX_SPEED, &o->speed))
		argp_error(state, "bad speed '%s'; from 1 to %d", arg, MAX_SPEED);
}

/* What the options say together. */
static void check(struct top_args *o, struct argp_state *state)
{
	if (o->replay && (o->pick.pid || o->pick.guest || o->pick.vcpus || o->measure.is_given))
		argp_error(state, "-r takes what was recorded: options of what is traced and "
				  "measured do not go with it");
	if (o->speed && !o->replay)
		argp_error(state, "--speed is that of a replay: it goes with -r");
	if (o->sort && !top_column__is_in(o->sort, o->view))
		argp_error(state, "view %s has no column '%s'", top_view__name(o->view),
			   o->sort->name);
	o->batch |= o->json;
	if (o->timestamps && !o->batch)
		argp_error(state, "-T is for reports: it goes with -b or --json");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct top_args *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->pick;
		state->child_inputs[1] = &o->measure;
		return 0;
	case 'b':
		o->batch = true;
		return 0;
	case JSON:
		o->json = true;
		return 0;
	case 'T':
		o->timestamps = true;
		return 0;
	case 'R':
		o->reverse = true;
		return 0;
	case 'r':
		o->replay = arg;
		return 0;
	case 's':
		parse_sort(o, arg, state);
		return 0;
	case SPEED:
		parse_speed(o, arg, state);
		return 0;
	case VIEW:
		parse_view(o, arg, state);
		return 0;
	case FILTER:
		o->filter = arg;
		if (strlen(arg) >= TOP_FILTER_SZ)
			argp_error(state, "bad filter: it has more than %d characters",
				   TOP_FILTER_SZ - 1);
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		parse_positional(o, arg, state);
		return 0;
	case ARGP_KEY_SUCCESS: /* after the children's */
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void top_args__parse(struct top_args *o, int argc, char **argv)
{
	static const struct argp argp = { options, parse, "[INTERVAL [COUNT]]", doc, children,
					  NULL,    NULL };

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, o);
	if (!o->interval_ns && !o->replay)
		o->interval_ns = SECOND_NS;
}
