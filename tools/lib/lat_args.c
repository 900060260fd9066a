// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <argp.h>
#include <err.h>
#include "args.h"
#include "cmd.h"
#include "lat_args.h"
#include "tracing.h"

#define SLICE_NS 1000000000ULL
#define MIN_SLICE_NS 10000000ULL

enum { SLICE = 0x200, IMPORT };

static const char doc[] =
	"Show what accesses to the virtual GIC of arm64 KVM guests cost, per register range and "
	"stage."
	"\v"
	"Stages: trap (exit from the guest to the bus), lookup (bus entry to the device), decode "
	"(the "
	"register's row), handler (its own work), device (decode and handler), bus (bus entry to "
	"its "
	"return), return (the rest of the bus), resume (to the guest's entry).\n"
	"\n"
	"All VMs are traced unless -p, -g or --vcpu narrow it, until Ctrl-C, -d, the last "
	"interval, or "
	"the end of CMD, which is started when all is attached; its stdout goes to stderr.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-lat                            all VMs, until Ctrl-C\n"
	"  vgic-lat 1 10                       ten reports, one a second\n"
	"  vgic-lat -g web --vcpu 0-3 -d 10    four vCPUs of guest web, for 10 s\n"
	"  vgic-lat --range 'GICD_*' -d 1m     the distributor's registers\n"
	"  vgic-lat --profile lite 5           one latency only, every 5 s\n"
	"  vgic-lat --exits -d 10              all exits by reason, too\n"
	"  vgic-lat --json -- CMD              run CMD, write JSON lines (docs/json.md)\n"
	"  vgic-lat -o run.vgic -- CMD         record it, too (docs/recording.md)\n"
	"  vgic-lat -r run.vgic --hlog         the recording, for HdrHistogram's tools\n"
	"  vgic-lat --import-ftrace trace -o old.vgic     of a kernel too old for BPF\n";

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "How long:", 3 },
	{ "duration", 'd', "TIME", 0, "Stop after TIME (ns, us, ms, s, m, h; plain: s)", 3 },
	{ NULL, 0, NULL, 0, "Recordings:", 5 },
	{ "output", 'o', "FILE", 0, "Record into FILE as well", 5 },
	{ "slice", SLICE, "TIME", 0, "Record a slice every TIME (default 1s)", 5 },
	{ "replay", 'r', "FILE", 0, "Report what FILE has, in place of what happens now", 5 },
	{ "import-ftrace", IMPORT, "FILE", 0,
	  "Make -o's recording of function_graph text, plain or .gz (-: stdin)", 5 },
	{ "verbose", 'v', NULL, 0, "Say on stderr what is done", 6 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &pick_argp, 0, "What is traced:", 1 },
	{ &measure_argp, 0, "What is measured:", 2 },
	{ &look_argp, 0, "What is printed:", 4 },
	{ 0 },
};

static void parse_time(uint64_t *ns, const char *what, const char *arg, struct argp_state *state)
{
	if (args__time_ns(arg, ns) || !*ns)
		argp_error(state, "bad %s '%s'; it looks like 10, 1.5s, 200ms", what, arg);
}

static void parse_positional(struct lat_args *o, char *arg, struct argp_state *state)
{
	if (state->arg_num == 0)
		parse_time(&o->interval_ns, "interval", arg, state);
	else if (state->arg_num > 1)
		argp_error(state, "unexpected '%s'; a command comes after --", arg);
	else if (args__count(arg, &o->nr_intervals))
		argp_error(state, "bad number of intervals '%s'", arg);
}

static void parse_slice(struct lat_args *o, const char *arg, struct argp_state *state)
{
	parse_time(&o->slice_ns, "slice", arg, state);
	if (o->slice_ns < MIN_SLICE_NS)
		argp_error(state, "bad slice '%s'; 10ms is the least", arg);
}

static bool is_any_traced(const struct lat_args *o)
{
	return o->duration_ns || o->slice_ns || o->cmd || o->verbose || o->pick.pid ||
	       o->pick.guest || o->pick.vcpus || o->measure.is_given;
}

static bool is_any_printed(const struct look *l)
{
	return l->ops || l->per_vcpu || l->per_device || l->raw || l->summary || l->fine ||
	       l->timestamps;
}

/* What the options say together. */
static void check(struct lat_args *o, struct argp_state *state)
{
	const struct tracing t = { .measure = o->measure };

	if (o->import && (!o->record || o->replay || o->interval_ns || o->pick.range ||
			  is_any_traced(o) || is_any_printed(&o->look)))
		argp_error(state, "--import-ftrace makes a recording: it goes with -o FILE, and "
				  "nothing else");
	if (o->replay && (o->record || is_any_traced(o)))
		argp_error(state, "-r takes what was recorded: of the other options only those of "
				  "what is printed, --range, INTERVAL and COUNT go with it");
	if (o->slice_ns && !o->record)
		argp_error(state, "--slice is how to record: it goes with -o");
	if (o->record && o->measure.max_overhead > 0 && tracing__can_lower(&t))
		argp_error(state, "-o records one profile, which --max-overhead would change; add "
				  "--profile counts");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct lat_args *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->pick;
		state->child_inputs[1] = &o->measure;
		state->child_inputs[2] = &o->look;
		return 0;
	case 'd':
		parse_time(&o->duration_ns, "duration", arg, state);
		return 0;
	case 'o':
		o->record = arg;
		return 0;
	case 'r':
		o->replay = arg;
		return 0;
	case IMPORT:
		o->import = arg;
		return 0;
	case SLICE:
		parse_slice(o, arg, state);
		return 0;
	case 'v':
		o->verbose = true;
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

void lat_args__parse(struct lat_args *o, int argc, char **argv)
{
	static const struct argp argp = { options, parse,    "[INTERVAL [COUNT]]\n-- CMD [ARG...]",
					  doc,     children, NULL,
					  NULL };

	argp_err_exit_status = 2;
	o->cmd = cmd__split(&argc, argv);
	if (o->cmd && !o->cmd[0])
		errx(2, "no command after --; see vgic-lat --help");
	argp_parse(&argp, argc, argv, 0, NULL, o);
	if (!o->slice_ns)
		o->slice_ns = SLICE_NS;
}
