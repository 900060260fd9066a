// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-lat: what an access to the virtual GIC costs, per register range and stage.
 *
 * It sees the accesses that trap and pass through KVM's MMIO bus. It does not see what never gets
 * there: GICv3 system registers (ICC_*), the GICv2 CPU interface where the hardware has one,
 * interrupts that are injected without an access.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "args.h"
#include "cmd.h"
#include "governor.h"
#include "host.h"
#include "measure.h"
#include "pick.h"
#include "preflight.h"
#include "privileges.h"
#include "session.h"
#include "stop.h"
#include "table.h"
#include "version.h"
#include "view.h"
#include "watch.h"

struct opts {
	struct pick pick;
	struct measure measure;
	uint64_t duration_ns, interval_ns, nr_intervals; /* 0: none given */
	bool per_vcpu, per_device, raw, json, summary, fine, timestamps, verbose;
	char **cmd; /* NULL: none */
};

struct run {
	const struct opts *opts;
	const struct view_ops *ops;
	struct host host;
	struct view view;
	struct session *session;
	struct measure measure; /* as asked for; cheaper once that costs too much */
	struct cmd *cmd;
	uint64_t last_end_ns; /* of what was reported last; 0 = nothing */
	int write_errno;      /* why stdout could not be written */
};

#define TRACEPOINT_STAGES (1u << VGIC_TRAP | 1u << VGIC_RESUME)

enum { PER_VCPU = 0x200, PER_DEVICE, RAW, SUMMARY, FINE, JSON };

const char *argp_program_version = "vgic-lat " VERSION;

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
	"  vgic-lat --json -- CMD              run CMD, write JSON lines (docs/json.md)\n";

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "How long:", 3 },
	{ "duration", 'd', "TIME", 0, "Stop after TIME (ns, us, ms, s, m, h; plain: s)", 3 },
	{ NULL, 0, NULL, 0, "What is printed:", 4 },
	{ "per-vcpu", PER_VCPU, NULL, 0, "vCPU by vCPU", 4 },
	{ "per-device", PER_DEVICE, NULL, 0, "Device by device, such as each redistributor", 4 },
	{ "raw", RAW, NULL, 0, "Latencies as measured, with the probes' own share in them", 4 },
	{ "summary", SUMMARY, NULL, 0, "The table only, no histograms", 4 },
	{ "fine", FINE, NULL, 0, "Histograms with four rows an octave", 4 },
	{ "json", JSON, NULL, 0, "JSON, one object a line", 4 },
	{ "timestamp", 'T', NULL, 0, "The time of each report", 4 },
	{ "verbose", 'v', NULL, 0, "Say on stderr what is done", 4 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &pick_argp, 0, "What is traced:", 1 },
	{ &measure_argp, 0, "What is measured:", 2 },
	{ 0 },
};

static void parse_time(uint64_t *ns, const char *what, const char *arg, struct argp_state *state)
{
	if (args__time_ns(arg, ns) || !*ns)
		argp_error(state, "bad %s '%s'; it looks like 10, 1.5s, 200ms", what, arg);
}

static void parse_positional(struct opts *o, char *arg, struct argp_state *state)
{
	if (state->arg_num == 0)
		parse_time(&o->interval_ns, "interval", arg, state);
	else if (state->arg_num > 1)
		argp_error(state, "unexpected '%s'; a command comes after --", arg);
	else if (args__count(arg, &o->nr_intervals))
		argp_error(state, "bad number of intervals '%s'", arg);
}

static bool *flag(struct opts *o, int key)
{
	switch (key) {
	case PER_VCPU:
		return &o->per_vcpu;
	case PER_DEVICE:
		return &o->per_device;
	case RAW:
		return &o->raw;
	case SUMMARY:
		return &o->summary;
	case FINE:
		return &o->fine;
	case JSON:
		return &o->json;
	case 'T':
		return &o->timestamps;
	case 'v':
		return &o->verbose;
	default:
		return NULL;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->pick;
		state->child_inputs[1] = &o->measure;
		return 0;
	case 'd':
		parse_time(&o->duration_ns, "duration", arg, state);
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		parse_positional(o, arg, state);
		return 0;
	default:
		if (!flag(o, key))
			return ARGP_ERR_UNKNOWN;
		*flag(o, key) = true;
		return 0;
	}
}

static void parse_command_line(struct opts *o, int argc, char **argv)
{
	static const struct argp argp = { options, parse,    "[INTERVAL [COUNT]]\n-- CMD [ARG...]",
					  doc,     children, NULL,
					  NULL };

	argp_err_exit_status = 2;
	o->cmd = cmd__split(&argc, argv);
	if (o->cmd && !o->cmd[0])
		errx(2, "no command after --; see vgic-lat --help");
	argp_parse(&argp, argc, argv, 0, NULL, o);
}

/* What can go wrong before anything is attached. Messages are printed. 0 or -errno. */
static int prepare(struct opts *o)
{
	char line[1024];
	int err = preflight__check(line, sizeof(line));

	if (!err)
		err = pick__resolve(&o->pick, line, sizeof(line));
	if (err) {
		warnx("%s", line);
		return err;
	}
	err = stop__init();
	if (err)
		warnx("cannot take signals: %s", strerror(-err));
	return err;
}

static int can_snapshot(void *session)
{
	struct sample *sample = NULL;
	int err = session__snapshot(session, &sample);

	sample__free(sample);
	return err;
}

static void run__set_view(struct run *r)
{
	const struct opts *o = r->opts;

	host__probe(&r->host);
	r->ops = o->json ? &view_json : &view_text;
	r->view = (struct view){
		.tool = "vgic-lat",
		.host = &r->host,
		.plan = session__plan(r->session),
		.calibration = session__calibration(r->session),
		.profile = r->measure.profile,
		.stages = r->measure.stages,
		.range = o->pick.range,
		.per_vcpu = o->per_vcpu,
		.per_device = o->per_device,
		.raw = o->raw,
		.summary = o->summary,
		.fine = o->fine,
		.width = table__width(stdout),
	};
}

static void run__tell(const struct run *r)
{
	const struct opts *o = r->opts;
	const struct plan *plan = session__plan(r->session);
	char attach[128];

	plan__summary(plan, attach, sizeof(attach));
	if (o->verbose)
		warnx("attached by %s, %zu KiB of maps; vgic-info shows each hook", attach,
		      session__map_bytes(r->session) / 1024);
	else if (!o->cmd && !o->duration_ns && !o->interval_ns)
		fprintf(stderr, "Tracing VGIC accesses (%s)... Hit Ctrl-C to end.\n", attach);
}

/* Messages are printed. 0 or -errno. */
static int run__attach(struct run *r)
{
	const struct opts *o = r->opts;
	struct session_opts opts = {
		.stages = r->measure.stages,
		.pid = o->pick.pid,
		.vcpus = o->pick.vcpus,
		.per_vcpu = o->per_vcpu,
		.per_device = o->per_device,
		.only_kprobes = o->measure.only_kprobes,
		.max_vcpus = o->measure.max_vcpus,
		.max_cells = o->measure.max_cells,
		.max_blocks = o->measure.max_blocks,
		.verbose = o->verbose,
	};

	int err = session__open(&opts, &r->session);

	if (err) {
		warnx("%s", session__error());
		return err;
	}
	if (o->measure.max_overhead > 0 && !session__calibration(r->session)->access.is_known) {
		warnx("cannot hold --max-overhead: what an access costs is not known; see "
		      "vgic-info%s",
		      r->measure.stages & TRACEPOINT_STAGES
			      ? " (trap and resume cost other exits, too)"
			      : "");
		session__close(r->session);
		r->session = NULL;
		return -ENOTSUP;
	}
	return 0;
}

/* Attaches, gives up privileges, lets the command go. Messages are printed. 0 or -errno. */
static int run__start(struct run *r)
{
	int err = r->opts->cmd ? cmd__hold(r->opts->cmd, &r->cmd) : 0;

	if (err) {
		warnx("cannot fork: %s", strerror(-err));
		return err;
	}
	err = run__attach(r);
	if (err)
		return err;
	/* To attach again later takes what it took now. */
	err = r->opts->measure.max_overhead > 0 ? 0 : privileges__drop(can_snapshot, r->session);
	if (err) {
		warnx("cannot go on without privileges: %s", strerror(-err));
		return err;
	}
	run__set_view(r);
	err = r->cmd ? cmd__release(r->cmd) : 0;
	if (err) {
		warnx("cannot run '%s': %s", r->opts->cmd[0], strerror(-err));
		return err;
	}
	run__tell(r);
	return 0;
}

/* To be called while errno is still that of the write. */
static int run__flush(struct run *r)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	r->write_errno = errno ? errno : EIO;
	return -EIO;
}

static int report(void *arg, const struct sample *sample, unsigned int interval)
{
	struct run *r = arg;
	struct sample with_gap = *sample;
	struct report report = {
		.sample = &with_gap,
		.interval = interval,
		.time = r->opts->timestamps ? time(NULL) : 0,
		.cmd_status = r->cmd && cmd__has_ended(r->cmd) ? cmd__status(r->cmd) : -1,
	};
	int err;

	/* The time between two sessions belongs to the second one, which was not attached in it. */
	if (r->last_end_ns)
		with_gap.begin_ns = r->last_end_ns;
	r->last_end_ns = sample->end_ns;
	errno = 0;
	err = r->ops->report(stdout, &r->view, &report);
	return run__flush(r) ? -EIO : err;
}

/* A cheaper session in place of the one that cost too much. Messages are printed. 0 or -errno. */
static int run__lower(struct run *r, struct governor *g)
{
	const char *before = r->measure.profile;
	int err;

	measure__lower(&r->measure);
	/* Each step takes as long as starting anew: where two thirds are too much, all the way. */
	while (g->rate * 2 / 3 > g->share && measure__lower(&r->measure))
		;
	governor__begin_session(g);
	session__close(r->session);
	r->session = NULL;
	warnx("profile %s costs more than %g %% of one CPU: going on with %s", before,
	      g->share * 100, r->measure.profile);
	err = run__attach(r);
	if (err)
		return err;
	run__set_view(r);
	return 0;
}

static bool can_lower(struct measure m)
{
	return measure__lower(&m);
}

/* Watches with one session after the other, until it is over. 0 or -errno. */
static int run__watch(struct run *r, struct watch *watch)
{
	struct governor governor = { .share = r->opts->measure.max_overhead,
				     .begin_ns = stop__now_ns() };
	const uint64_t duration_ns = watch->duration_ns;
	int err;

	watch->governor = governor.share > 0 ? &governor : NULL;
	do {
		uint64_t spent_ns = stop__now_ns() - governor.begin_ns;

		if (duration_ns)
			watch->duration_ns = spent_ns < duration_ns ? duration_ns - spent_ns : 1;
		watch->session = r->session;
		governor.can_lower = can_lower(r->measure);
		err = r->ops->header(stdout, &r->view);
		err = err ? err : run__flush(r);
		err = err ? err : watch__run(watch);
		if (!err && watch->is_too_expensive)
			err = run__lower(r, &governor);
	} while (!err && watch->is_too_expensive);
	return err;
}

/* 0, or -errno where it failed; messages are printed. */
static int run__trace(struct run *r)
{
	const struct opts *o = r->opts;
	struct watch watch = {
		.cmd = r->cmd,
		.pid = o->pick.pid,
		.duration_ns = o->duration_ns,
		.interval_ns = o->interval_ns,
		.nr_intervals = o->nr_intervals,
		.report = report,
		.arg = r,
	};
	int err = run__watch(r, &watch);

	if (err && r->cmd)
		cmd__end(r->cmd);
	if (err && r->write_errno)
		warnx("cannot write to stdout: %s", strerror(r->write_errno));
	else if (err && r->session)
		warnx("cannot go on: %s", strerror(-err));
	if (err || !r->cmd || watch.cmd_was_stopped || !cmd__status(r->cmd))
		return err;
	warnx("'%s' failed with status %d", o->cmd[0], cmd__status(r->cmd));
	return -ECHILD;
}

int main(int argc, char **argv)
{
	struct opts opts = { 0 };
	struct run run = { .opts = &opts };
	int err;

	/* A reader that goes away ends us quietly, whatever we inherited. */
	signal(SIGPIPE, SIG_DFL);
	/* Where stdin, stdout or stderr is closed, no file of ours shall take its place. */
	while ((err = open("/dev/null", O_RDWR)) >= 0 && err <= STDERR_FILENO)
		;
	close(err);
	parse_command_line(&opts, argc, argv);
	err = prepare(&opts);
	run.measure = opts.measure;
	if (!err)
		err = run__start(&run);
	if (!err)
		err = run__trace(&run);
	session__close(run.session);
	cmd__free(run.cmd);
	return err ? 1 : 0;
}
