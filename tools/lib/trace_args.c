// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <argp.h>
#include <err.h>
#include <string.h>
#include <unistd.h>
#include "args.h"
#include "cmd.h"
#include "names.h"
#include "trace_args.h"

#define S(name) (1u << VGIC_##name)
#define DEFAULT_BUFFER (8u << 20)
#define MAX_BUFFER (1ULL << 30)

enum { OP = 0x200, USER, SLOWER, STACK, STAGES, RAW, KPROBES, BUFFER, JSON, CHROME, QUIET };

static const char doc[] =
	"Show accesses to the virtual GIC of arm64 KVM guests one by one: when, which vCPU, which "
	"register, what value and what that means, what it cost."
	"\v"
	"A line an access, in the order in which they began. All VMs are traced unless -p, -g or "
	"--vcpu narrow it, until Ctrl-C, -d, -c, or the end of CMD, which is started when all is "
	"attached; its stdout goes to stderr. Filters are at work in the kernel.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-trace                          all accesses of all VMs, until Ctrl-C\n"
	"  vgic-trace -g web --vcpu 0 -c 100   a hundred of vCPU 0 of guest web\n"
	"  vgic-trace --range 'GICD_I*' --op write     who sets up which interrupts\n"
	"  vgic-trace --slower-than 50us --stack       the slow ones, and from where\n"
	"  vgic-trace --user-only              what the VMM has to complete\n"
	"  vgic-trace --chrome out.json -q -- CMD      for ui.perfetto.dev\n"
	"  vgic-trace --json -d 10 > out.ndjson        JSON lines (docs/json.md)\n";

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Which accesses:", 2 },
	{ "op", OP, "read|write", 0, "Only reads, or only writes", 2 },
	{ "user-only", USER, NULL, 0, "Only those that no device takes: the VMM completes them",
	  2 },
	{ "slower-than", SLOWER, "TIME", 0,
	  "Only those that take longer on the bus (without the probes' share, where it is known)",
	  2 },
	{ NULL, 0, NULL, 0, "What is measured:", 3 },
	{ "stages", STAGES, "LIST", 0, "Also decode, handler", 3 },
	{ "stack", STACK, NULL, 0, "The kernel's stack; goes with --slower-than", 3 },
	{ "kprobes", KPROBES, NULL, 0, "Use kprobes where fentry would be better", 3 },
	{ "buffer", BUFFER, "SIZE", 0,
	  "Between kernel and tool, such as 64K, 8M (default 8M): a power of two, and of pages",
	  3 },
	{ NULL, 0, NULL, 0, "How long:", 4 },
	{ "duration", 'd', "TIME", 0, "Stop after TIME (ns, us, ms, s, m, h; plain: s)", 4 },
	{ "count", 'c', "N", 0, "Stop after N lines", 4 },
	{ NULL, 0, NULL, 0, "What is printed:", 5 },
	{ "json", JSON, NULL, 0, "JSON, one object a line", 5 },
	{ "chrome", CHROME, "FILE", 0, "Chrome trace events into FILE, for Perfetto, as well", 5 },
	{ "quiet", 'q', NULL, 0, "No lines; goes with --chrome", 5 },
	{ "raw", RAW, NULL, 0, "Times as measured, with the probes' own share in them", 5 },
	{ "timestamp", 'T', NULL, 0, "The time of day", 5 },
	{ "relative", 'r', NULL, 0, "The time since the line before", 5 },
	{ "verbose", 'v', NULL, 0, "Say on stderr what is done", 6 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &pick_argp, 0, "What is traced:", 1 },
	{ 0 },
};

static void parse_time(uint64_t *ns, const char *what, const char *arg, struct argp_state *state)
{
	if (args__time_ns(arg, ns) || !*ns)
		argp_error(state, "bad %s '%s'; it looks like 10, 1.5s, 200us", what, arg);
}

static void parse_op(struct trace_args *o, const char *arg, struct argp_state *state)
{
	if (!strcmp(arg, "read"))
		o->ops = 1u << VGIC_READ;
	else if (!strcmp(arg, "write"))
		o->ops = 1u << VGIC_WRITE;
	else
		argp_error(state, "bad direction '%s'; it is read or write", arg);
}

/* Names apart by commas; those that there are always may be given as well. */
static void parse_stages(struct trace_args *o, const char *list, struct argp_state *state)
{
	const uint32_t known = S(LOOKUP) | S(DEVICE) | S(BUS) | S(DECODE) | S(HANDLER);

	for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		const int len = strcspn(s, ",");
		char name[16];
		int stage;

		snprintf(name, sizeof(name), "%.*s", len, s);
		stage = stage__parse(name);
		if (stage < 0 || !(known >> stage & 1))
			argp_error(state,
				   "unknown stage '%.*s'; stages are lookup, device, bus, decode, "
				   "handler",
				   len, s);
		else
			o->stages |= 1u << stage;
	}
}

static void parse_buffer(struct trace_args *o, const char *arg, struct argp_state *state)
{
	const char *unit = arg + strspn(arg, "0123456789");
	const unsigned int shift = !strcasecmp(unit, "K") ? 10 : !strcasecmp(unit, "M") ? 20 : 0;
	char digits[16];
	uint64_t size;

	snprintf(digits, sizeof(digits), "%.*s", (int)(unit - arg), arg);
	if ((*unit && !shift) || args__u64(digits, 1, MAX_BUFFER >> shift, &size) ||
	    (size << shift) & ((size << shift) - 1) ||
	    size << shift < (uint64_t)sysconf(_SC_PAGESIZE))
		argp_error(state,
			   "bad size '%s'; it is a power of two, from a page to 1024M, such as "
			   "64K or 8M",
			   arg);
	else
		o->buffer_sz = size << shift;
}

static bool *flag(struct trace_args *o, int key)
{
	switch (key) {
	case USER:
		return &o->user_only;
	case STACK:
		return &o->with_stack;
	case RAW:
		return &o->raw;
	case KPROBES:
		return &o->only_kprobes;
	case JSON:
		return &o->json;
	case 'q':
		return &o->quiet;
	case 'T':
		return &o->wall_clock;
	case 'r':
		return &o->relative;
	case 'v':
		return &o->verbose;
	default:
		return NULL;
	}
}

static void check(const struct trace_args *o, struct argp_state *state)
{
	if (o->with_stack && !o->min_ns)
		argp_error(state, "--stack shows from where the slow ones come: it goes with "
				  "--slower-than");
	if (o->quiet && !o->chrome)
		argp_error(state, "-q leaves nothing to be written; it goes with --chrome");
	if (o->quiet && o->json)
		argp_error(state, "-q and --json exclude each other");
	if (o->wall_clock && o->relative)
		argp_error(state, "-T and -r exclude each other");
	if (o->json && (o->wall_clock || o->relative))
		argp_error(state, "--json has all times: -T and -r are for text");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_args *o = state->input;

	if (flag(o, key)) {
		*flag(o, key) = true;
		return 0;
	}
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->pick;
		return 0;
	case OP:
		parse_op(o, arg, state);
		return 0;
	case SLOWER:
		parse_time(&o->min_ns, "time", arg, state);
		return 0;
	case STAGES:
		parse_stages(o, arg, state);
		return 0;
	case BUFFER:
		parse_buffer(o, arg, state);
		return 0;
	case CHROME:
		o->chrome = arg;
		return 0;
	case 'd':
		parse_time(&o->duration_ns, "duration", arg, state);
		return 0;
	case 'c':
		if (args__count(arg, &o->count))
			argp_error(state, "bad number of lines '%s'", arg);
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected '%s'; a command comes after --", arg);
		return 0;
	case ARGP_KEY_SUCCESS:
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void trace_args__parse(struct trace_args *o, int argc, char **argv)
{
	static const struct argp argp = { options, parse, "\n-- CMD [ARG...]", doc, children,
					  NULL,    NULL };

	argp_err_exit_status = 2;
	o->stages = S(LOOKUP) | S(DEVICE) | S(BUS);
	o->buffer_sz = DEFAULT_BUFFER;
	o->cmd = cmd__split(&argc, argv);
	if (o->cmd && !o->cmd[0])
		errx(2, "no command after --; see vgic-trace --help");
	argp_parse(&argp, argc, argv, 0, NULL, o);
}
