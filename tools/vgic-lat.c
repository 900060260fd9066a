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
#include <stdlib.h>
#include <string.h>
#include "cmd.h"
#include "host.h"
#include "import_ftrace.h"
#include "lat_args.h"
#include "privileges.h"
#include "recording.h"
#include "replay.h"
#include "start.h"
#include "stop.h"
#include "tape.h"
#include "tracing.h"
#include "version.h"
#include "view.h"

struct run {
	const struct lat_args *opts;
	const struct view_ops *ops;
	struct host host;
	struct view view;
	struct tracing tracing;
	struct tape tape;
	struct cmd *cmd;
	uint64_t last_end_ns; /* of what was reported last; 0 = nothing */
	int write_errno;      /* why stdout could not be written */
};

const char *argp_program_version = "vgic-lat " VERSION;

static int can_snapshot(void *session)
{
	struct sample *sample = NULL;
	int err = session__snapshot(session, &sample);

	sample__free(sample);
	return err;
}

static void run__set_view(struct run *r)
{
	host__probe(&r->host);
	r->view = (struct view){
		.tool = "vgic-lat",
		.host = &r->host,
		.plan = session__plan(r->tracing.session),
		.calibration = session__calibration(r->tracing.session),
		.profile = r->tracing.measure.profile,
		.stages = r->tracing.measure.stages,
		.range = r->opts->pick.range,
	};
	r->view.base_s = time(NULL) - stop__now_ns() / 1e9;
	look__set(&r->opts->look, &r->view);
}

static void run__tell(const struct run *r)
{
	const struct lat_args *o = r->opts;
	char attach[128];

	plan__summary(r->view.plan, attach, sizeof(attach));
	if (o->verbose)
		warnx("attached by %s, %zu KiB of maps; vgic-info shows each hook", attach,
		      session__map_bytes(r->tracing.session) / 1024);
	else if (!o->cmd && !o->duration_ns && !o->interval_ns)
		fprintf(stderr, "Tracing VGIC accesses (%s)... Hit Ctrl-C to end.\n", attach);
}

/* To be called while errno is still that of the write. */
static int run__flush(struct run *r)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	r->write_errno = errno ? errno : EIO;
	return -EIO;
}

/* A session begins. */
static int begun(void *arg)
{
	struct run *r = arg;
	int err;

	run__set_view(r);
	errno = 0;
	err = r->ops->header(stdout, &r->view);
	return run__flush(r) ? -EIO : err;
}

static void say(void *arg, const char *line)
{
	(void)arg;
	warnx("%s", line);
}

static void slice(void *arg, const struct sample *cumulative)
{
	struct run *r = arg;

	tape__slice(&r->tape, cumulative);
}

static int report(void *arg, const struct sample *sample, unsigned int interval)
{
	struct run *r = arg;
	struct sample with_gap = *sample;
	struct recording_mark mark = {
		.end_ns = sample->end_ns,
		.interval = interval,
		.time_s = time(NULL),
		.cmd_status = r->cmd && cmd__has_ended(r->cmd) ? cmd__status(r->cmd) : -1,
	};
	struct report report = {
		.sample = &with_gap,
		.interval = interval,
		.time = r->opts->look.timestamps ? mark.time_s : 0,
		.cmd_status = mark.cmd_status,
	};
	int err;

	/* The time between two sessions belongs to the second one, which was not attached in it. */
	if (r->last_end_ns)
		with_gap.begin_ns = r->last_end_ns;
	r->last_end_ns = sample->end_ns;
	tape__mark(&r->tape, &mark);
	errno = 0;
	err = r->ops->report(stdout, &r->view, &report);
	return run__flush(r) ? -EIO : err;
}

/* The command, which waits. Messages are printed. 0 or -errno. */
static int run__hold(struct run *r)
{
	int err = r->opts->record ? tape__ask_for_facts(&r->tape) : 0;

	if (err)
		return err;
	err = cmd__hold(r->opts->cmd, &r->cmd);
	if (err)
		warnx("cannot fork: %s", strerror(-err));
	return err;
}

/* Attaches, gives up privileges, lets the command go. Messages are printed. 0 or -errno. */
static int run__start(struct run *r)
{
	int err = r->opts->cmd ? run__hold(r) : 0;

	if (err)
		return err;
	err = tracing__attach(&r->tracing);
	if (err) {
		warnx("%s", tracing__error());
		return err;
	}
	run__set_view(r);
	/* Before privileges go: who may make the file there may not be who we are then. */
	if (r->opts->record)
		err = tape__begin(&r->tape, r->opts->record, &r->view, r->opts->cmd);
	if (err)
		return err;
	/* To attach again later takes what it took now. */
	err = r->opts->measure.max_overhead > 0
		      ? 0
		      : privileges__drop(can_snapshot, r->tracing.session);
	if (err) {
		warnx("cannot go on without privileges: %s", strerror(-err));
		return err;
	}
	err = r->cmd ? cmd__release(r->cmd) : 0;
	if (err) {
		warnx("cannot run '%s': %s", r->opts->cmd[0], strerror(-err));
		return err;
	}
	run__tell(r);
	return 0;
}

/* 0, or -errno where it failed; messages are printed. */
static int run__trace(struct run *r)
{
	const struct lat_args *o = r->opts;
	struct watch watch = {
		.cmd = r->cmd,
		.pid = o->pick.pid,
		.duration_ns = o->duration_ns,
		.interval_ns = o->interval_ns,
		.nr_intervals = o->nr_intervals,
		.report = report,
		.slice = o->record ? slice : NULL,
		.slice_ns = o->slice_ns,
		.arg = r,
	};
	int err = tracing__watch(&r->tracing, &watch);

	if (err && r->cmd)
		cmd__end(r->cmd);
	if (err && r->write_errno)
		warnx("cannot write to stdout: %s", strerror(r->write_errno));
	else if (err && tracing__error()[0])
		warnx("%s", tracing__error());
	else if (err)
		warnx("cannot go on: %s", strerror(-err));
	else
		tape__finish(&r->tape);
	if (err || !r->cmd || watch.cmd_was_stopped || !cmd__status(r->cmd))
		return err;
	warnx("'%s' failed with status %d", o->cmd[0], cmd__status(r->cmd));
	return -ECHILD;
}

static int trace(struct run *r)
{
	int err = run__start(r);

	if (!err)
		err = run__trace(r);
	tracing__close(&r->tracing);
	tape__close(&r->tape);
	cmd__free(r->cmd);
	return err || r->tape.is_lost ? 1 : 0;
}

static int replayed(void *arg, const struct report *report)
{
	struct run *r = arg;
	struct report mine = *report;
	int err;

	if (!r->opts->look.timestamps)
		mine.time = 0;
	errno = 0;
	err = r->ops->report(stdout, &r->view, &mine);
	return run__flush(r) ? -EIO : err;
}

/* Messages are printed. The exit status. */
static int run__replay(struct run *r)
{
	const struct lat_args *o = r->opts;
	struct replay replay = {
		.interval_ns = o->interval_ns,
		.nr_intervals = o->nr_intervals,
		.report = replayed,
		.arg = r,
	};
	int err = replay__open(&replay, o->replay, &o->look, &r->view);

	if (err) {
		warnx("%s", replay__error(err));
		return 2;
	}
	r->view.tool = "vgic-lat";
	r->view.range = o->pick.range;
	errno = 0;
	err = r->ops->header(stdout, &r->view);
	err = run__flush(r) ? -EIO : err;
	err = err ? err : replay__run(&replay);
	if (r->write_errno)
		warnx("cannot write to stdout: %s", strerror(r->write_errno));
	else if (err)
		warnx("%s", replay__error(err));
	if (!err && !recording__is_complete(replay.recording))
		warnx("'%s' has no end: its recorder was killed, or could not go on; this is all "
		      "up to its last slice",
		      o->replay);
	replay__close(&replay);
	return !err ? 0 : r->write_errno || err == -ENOMEM ? 1 : 2;
}

int main(int argc, char **argv)
{
	struct lat_args opts = { 0 };
	struct run run = { .opts = &opts };
	char line[1024];

	start__stdio();
	lat_args__parse(&opts, argc, argv);
	if (opts.import)
		return import_ftrace__make(opts.import, opts.record, say, NULL);
	run.ops = opts.look.ops ? opts.look.ops : &view_text;
	if (opts.replay)
		return run__replay(&run);
	run.tape = (struct tape){ .say = say };
	run.tracing = (struct tracing){
		.pick = &opts.pick,
		.measure = opts.measure,
		.per_vcpu = opts.look.per_vcpu,
		.per_device = opts.look.per_device,
		.verbose = opts.verbose,
		.begun = begun,
		.lowered = say,
		.arg = &run,
	};
	if (start__check(&opts.pick, line, sizeof(line))) {
		warnx("%s", line);
		return 1;
	}
	return trace(&run);
}
