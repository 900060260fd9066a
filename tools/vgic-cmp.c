// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-cmp: whether two sets of recordings differ in what accesses to the virtual GIC cost. It
 * measures nothing itself and needs no privileges; `vgic-cmp run` has vgic-lat make the recordings.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "args.h"
#include "cmd.h"
#include "cmp_run.h"
#include "compare_args.h"
#include "compare_inputs.h"
#include "table.h"
#include "version.h"
#include "view.h"
#include "view_compare.h"

#define TROUBLE 2 /* exit status: no verdict */
#define MAX_PAIRS 999

struct opts {
	struct compare_args args;
	bool paired, aa, force;
	char **files; /* before -- */
	size_t nr_files;
	bool has_new; /* there is a -- */
	char **base, **new;
	size_t nr_base, nr_new;
	struct cmp_run_opts run;
	uint64_t nr_pairs;
	struct cmp_run_files made; /* base and new, where they were made */
};

enum { PAIRS = 0x200, AA, FORCE, BASE, NEW, RECORDER };

const char *argp_program_version = "vgic-cmp " VERSION;

static const char compare_doc[] =
	"Say whether accesses to the virtual GIC cost more than before: two sets of recordings "
	"(vgic-lat -o), a verdict per register range and stage. 'vgic-cmp run --help': to have "
	"them made."
	"\v"
	"The unit is the run: give a recording of each, six a side or more. One recording a side "
	"is compared by its slices, and the verdict holds within these runs only.\n"
	"\n"
	"Exit status: 0 no regression, 1 regression, 2 no verdict (bad usage; recordings that "
	"cannot be read or are unlike), 3 inconclusive. docs/comparing.md has the method.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-cmp old-*.vgic -- new-*.vgic     runs of two kernels\n"
	"  vgic-cmp --pairs 1a 1b 2a 2b 3a 3b    made in turns: base new base new ...\n"
	"  vgic-cmp --aa old-*.vgic              how much it differs from itself\n"
	"  vgic-cmp --markdown old.vgic -- new.vgic\n"
	"                                        to paste into a mail\n";

static const char run_doc[] =
	"Make pairs of recordings and compare them: run the shell command of --base or --new, then "
	"WORKLOAD under vgic-lat; base new, new base, and so on."
	"\v"
	"Without WORKLOAD the commands themselves are what is recorded. One that fails ends it, "
	"exit status 2. The recordings stay.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-cmp run --base './kvm old' --new './kvm new' --pairs 10 -- ./guest\n"
	"  vgic-cmp run --base './guest a' --new './guest b' --vgic-lat 'vgic-lat --raw'\n";

static const struct argp_option compare_options[] = {
	{ NULL, 0, NULL, 0, "What is compared with what:", 1 },
	{ "pairs", PAIRS, NULL, 0, "Files alternate: base new base new ...", 1 },
	{ "aa", AA, NULL, 0, "Base against itself; with NEW: a margin not below that noise", 1 },
	{ "force", FORCE, NULL, 0, "Unlike recordings, too", 1 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_option run_options[] = {
	{ NULL, 0, NULL, 0, "What is run:", 1 },
	{ "base", BASE, "CMD", 0, "Shell command that switches the host to base", 1 },
	{ "new", NEW, "CMD", 0, "Likewise to new", 1 },
	{ "pairs", PAIRS, "N", 0, "So many pairs of runs (default: 10)", 1 },
	{ "output", 'o', "DIR", 0, "Folder of the recordings (default: ./vgic-cmp-DATE)", 1 },
	{ "vgic-lat", RECORDER, "CMD", 0, "Record with CMD (default: vgic-lat)", 1 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = { { &compare_args_argp, 0, NULL, 0 }, { 0 } };

static error_t parse_compare(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->args;
		return 0;
	case PAIRS:
		o->paired = true;
		return 0;
	case AA:
		o->aa = true;
		return 0;
	case FORCE:
		o->force = true;
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		o->files[o->nr_files++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_run(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->args;
		return 0;
	case BASE:
		o->run.base = arg;
		return 0;
	case NEW:
		o->run.new = arg;
		return 0;
	case PAIRS:
		if (args__u64(arg, 1, MAX_PAIRS, &o->nr_pairs))
			argp_error(state, "bad number of pairs '%s'; it is 1 to %d", arg,
				   MAX_PAIRS);
		return 0;
	case 'o':
		o->run.dir = arg;
		return 0;
	case RECORDER:
		o->run.recorder = arg;
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected '%s'; a workload comes after --", arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->run.base || !o->run.new)
			argp_error(state, "--base and --new are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Every second file, or in the order ABBA, so that a drift hits both alike. */
static void deal(struct opts *o, bool in_turns)
{
	for (size_t i = 0; i < o->nr_files; i++)
		if (in_turns ? i % 2 == 0 : i % 4 == 0 || i % 4 == 3)
			o->base[o->nr_base++] = o->files[i];
		else
			o->new[o->nr_new++] = o->files[i];
}

/* Which files are base, and which are new. Bad usage ends it. */
static void choose_sides(struct opts *o, char **after)
{
	o->has_new = after;
	while (after && after[o->nr_new]) {
		o->new[o->nr_new] = after[o->nr_new];
		o->nr_new++;
	}
	if (o->paired && (after || o->aa))
		errx(TROUBLE, "--pairs takes all files before any --, and no --aa; see --help");
	if (o->paired && o->nr_files % 2)
		errx(TROUBLE, "--pairs wants as many files of base as of new; there are %zu",
		     o->nr_files);
	if (!after && !o->paired && !o->aa)
		errx(TROUBLE, "nothing to compare with: give BASE... -- NEW..., or --pairs, --aa");
	if (o->aa && !after && o->nr_files < 2)
		errx(TROUBLE, "--aa wants two recordings of base at least; see --help");
	if (!o->nr_files || (after && !o->nr_new))
		errx(TROUBLE, "too few recordings: each side wants one at least; see --help");
	if (!after) {
		deal(o, o->paired);
		return;
	}
	memcpy(o->base, o->files, o->nr_files * sizeof(*o->base));
	o->nr_base = o->nr_files;
}

static void parse_files(struct opts *o, int argc, char **argv)
{
	static const struct argp argp = {
		compare_options,
		parse_compare,
		"BASE... -- NEW...\n--pairs FILE...\n--aa BASE...\nrun ...",
		compare_doc,
		children,
		NULL,
		NULL
	};
	size_t nr = argc;
	char **after = cmd__split(&argc, argv);

	o->files = calloc(nr, sizeof(*o->files));
	o->base = calloc(nr, sizeof(*o->base));
	o->new = calloc(nr, sizeof(*o->new));
	if (!o->files || !o->base || !o->new)
		errx(TROUBLE, "out of memory");
	argp_parse(&argp, argc, argv, 0, NULL, o);
	choose_sides(o, after);
}

/* `vgic-cmp run`: parses its command line, makes the recordings. A failure ends it. */
static void run(struct opts *o, int argc, char **argv)
{
	static const struct argp argp = { run_options, parse_run, "[-- WORKLOAD [ARG...]]",
					  run_doc,     children,  NULL,
					  NULL };
	char line[1024], name[64];
	time_t now = time(NULL);

	strftime(name, sizeof(name), "vgic-cmp-%Y%m%d-%H%M%S", localtime(&now));
	argv[0] = (char *)"vgic-cmp run";
	o->run.recorder = "vgic-lat";
	o->run.dir = name;
	o->nr_pairs = 10;
	o->run.workload = cmd__split(&argc, argv);
	if (o->run.workload && !o->run.workload[0])
		errx(TROUBLE, "no workload after --; see vgic-cmp run --help");
	argp_parse(&argp, argc, argv, 0, NULL, o);
	o->run.nr_pairs = o->nr_pairs;
	if (cmp_run__record(&o->run, &o->made, line, sizeof(line)))
		errx(TROUBLE, "%s", line);
	o->paired = true;
	o->base = o->made.base;
	o->new = o->made.new;
	o->nr_base = o->nr_new = o->made.nr_pairs;
}

/* Messages are printed. 0 or -errno. */
static int compare(const struct opts *o, const struct compare_inputs *inputs,
		   struct comparison **comparison)
{
	struct compare_opts opts = o->args.compare;
	char line[256];
	int err;

	opts.within_run = inputs->within_run;
	opts.paired = o->paired && !opts.within_run;
	opts.use_floor = o->aa && o->has_new;
	opts.metrics = compare_args__metrics(&o->args);
	err = compare__runs(&inputs->base, &inputs->new, &opts, comparison);
	if (!err) {
		err = compare_args__answered(&o->args, *comparison, compare_inputs__stages(inputs),
					     line, sizeof(line));
		if (line[0])
			warnx("%s", line);
	} else if (err == -ENODATA)
		warnx("cannot compare: the recordings have no range in common%s",
		      opts.range ? " that --range leaves" : "");
	else
		warnx("cannot compare: %s",
		      err == -EINVAL ? "a recording covers no time" : strerror(-err));
	return err;
}

static void say_what_is_left_out(const struct comparison *comparison)
{
	char stages[VIEW_STAGES_SZ];

	view__stages(comparison->stages_left_out, ", ", stages);
	if (stages[0])
		warnx("left out: %s; what the probes add is known in some of the recordings only",
		      stages);
}

/* The exit status. */
static int report(const struct opts *o, const struct compare_inputs *inputs,
		  const struct comparison *comparison)
{
	struct compare_view view = {
		.tool = "vgic-cmp",
		.of = comparison,
		.base = inputs->base_info,
		.new = inputs->new_info,
		.nr_base = o->nr_base,
		.nr_new = o->nr_new,
		.is_paired = o->paired && !inputs->within_run,
		.is_raw = o->args.raw,
		.is_forced = inputs->is_forced,
		.all = o->args.all,
		.width = table__width(stdout),
	};
	int err;

	errno = 0;
	err = o->args.json       ? view_compare__json(stdout, &view)
	      : o->args.markdown ? view_compare__markdown(stdout, &view)
				 : view_compare__text(stdout, &view);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = errno ? -errno : -EIO;
	if (err)
		warnx("cannot write to stdout: %s", strerror(-err));
	return err ? TROUBLE : compare_view__exit_status(&view);
}

int main(int argc, char **argv)
{
	struct opts opts = { 0 };
	struct comparison *comparison = NULL;
	struct compare_inputs *inputs = NULL;
	struct compare_inputs_opts from;
	int status = TROUBLE;
	char line[1024];

	signal(SIGPIPE, SIG_DFL);
	argp_err_exit_status = TROUBLE;
	if (argc > 1 && !strcmp(argv[1], "run"))
		run(&opts, argc - 1, argv + 1);
	else
		parse_files(&opts, argc, argv);
	from = (struct compare_inputs_opts){ opts.base,   opts.new,      opts.nr_base,
					     opts.nr_new, opts.args.raw, opts.force };
	if (compare_inputs__read(&from, &inputs, line, sizeof(line))) {
		warnx("%s", line);
	} else {
		fputs(inputs->warnings, stderr);
		if (!compare(&opts, inputs, &comparison)) {
			say_what_is_left_out(comparison);
			status = report(&opts, inputs, comparison);
		}
	}
	comparison__free(comparison);
	compare_inputs__free(inputs);
	if (opts.files) {
		free(opts.files);
		free(opts.base);
		free(opts.new);
	}
	cmp_run_files__clear(&opts.made);
	return status;
}
