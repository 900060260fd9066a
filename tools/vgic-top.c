// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-top: who accesses the virtual GIC now, and what it costs: a live table of VMs, vCPUs,
 * devices, register ranges and exits. What it cannot see is what vgic-lat cannot.
 */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "host.h"
#include "privileges.h"
#include "start.h"
#include "stop.h"
#include "table.h"
#include "top_args.h"
#include "top_play.h"
#include "top_show.h"
#include "tracing.h"
#include "version.h"

struct run {
	struct top_args opts;
	struct host host;
	struct view view;
	struct tracing tracing;
	struct watch watch;
	struct top_show show;
	const struct session *counting; /* exits, for the view of them; NULL: none does */
};

const char *argp_program_version = "vgic-top " VERSION;

static int can_snapshot(void *session)
{
	struct sample *sample = NULL;
	int err = session__snapshot(session, &sample);

	sample__free(sample);
	return err;
}

static void set_interval(void *arg, uint64_t interval_ns)
{
	struct run *r = arg;

	r->watch.interval_ns = interval_ns;
	r->watch.next_ns = stop__now_ns() + interval_ns;
}

/* Every exit pays for being counted: so they are while they are shown. 0 or -errno (said). */
static int follow(struct run *r, enum top_view view)
{
	struct session *session = r->tracing.session;
	const bool is_on = r->counting == session, is_wanted = view == TOP_EXITS;
	int err = 0;

	if (r->opts.measure.exits || is_on == is_wanted)
		return 0;
	if (is_wanted && r->opts.measure.max_overhead > 0) {
		top_show__say(&r->show, "exits are not counted: --max-overhead cannot hold what "
					"that costs");
		return 0;
	}
	err = is_wanted ? session__start_exits(session) : session__stop_exits(session);
	if (err)
		top_show__say(&r->show, session__error());
	else
		r->counting = is_wanted ? session : NULL;
	return err;
}

static void viewed(void *arg, enum top_view view)
{
	follow(arg, view);
}

static int report(void *arg, const struct sample *sample, unsigned int interval)
{
	struct run *r = arg;
	const struct report report = { .sample = sample,
				       .interval = interval,
				       .time = r->opts.timestamps ? time(NULL) : 0,
				       .cmd_status = -1 };

	return top_show__report(&r->show, &report);
}

static void slice(void *arg, const struct sample *cumulative)
{
	struct run *r = arg;

	top_show__slice(&r->show, cumulative);
}

static bool input(void *arg)
{
	struct run *r = arg;

	return top_show__input(&r->show);
}

static void say(void *arg, const char *line)
{
	struct run *r = arg;

	top_show__say(&r->show, line);
}

/* The circumstances that a session has. */
static void set_view(struct run *r)
{
	r->view = (struct view){
		.tool = "vgic-top",
		.host = &r->host,
		.plan = session__plan(r->tracing.session),
		.calibration = session__calibration(r->tracing.session),
		.profile = r->tracing.measure.profile,
		.stages = r->tracing.measure.stages,
		.range = r->opts.pick.range,
		.per_vcpu = true,
		.per_device = true,
		.width = table__width(stdout),
	};
	r->view.base_s = time(NULL) - stop__now_ns() / 1e9;
}

/* A session begins. */
static int begun(void *arg)
{
	struct run *r = arg;

	set_view(r);
	viewed(r, r->show.model.shown);
	top_show__restart(&r->show);
	return top_show__header(&r->show);
}

/*
 * Unless something is to be attached later: by --max-overhead, or for the screen's view of exits.
 * Messages are printed. 0 or -errno.
 */
static int drop_privileges(struct run *r)
{
	int err;

	if (!r->opts.batch || r->opts.measure.max_overhead > 0)
		return 0;
	err = follow(r, r->show.model.shown);
	if (err)
		return err;
	err = privileges__drop(can_snapshot, r->tracing.session);
	if (err)
		warnx("cannot go on without privileges: %s", strerror(-err));
	return err;
}

/* Attaches, gives up privileges, opens the screen. Messages are printed. 0 or -errno. */
static int start(struct run *r)
{
	int err = tracing__attach(&r->tracing);

	if (err) {
		warnx("%s", tracing__error());
		return err;
	}
	host__probe(&r->host);
	set_view(r);
	err = drop_privileges(r);
	return err ? err : top_show__open(&r->show);
}

/* Messages are printed. 0 or -errno. */
static int watch(struct run *r)
{
	const struct top_args *o = &r->opts;
	int err;

	r->watch = (struct watch){
		/* The screen stays when its VM has gone. */
		.pid = o->batch ? o->pick.pid : 0,
		.interval_ns = o->interval_ns,
		.nr_intervals = o->nr_intervals,
		.report = report,
		.slice = slice,
		.slice_ns = 1000000000,
		.input = o->batch ? NULL : input,
		.input_fd = STDIN_FILENO,
		.arg = r,
	};
	err = tracing__watch(&r->tracing, &r->watch);
	top_show__close(&r->show);
	err = err ? err : r->show.err;
	if (r->show.write_errno)
		warnx("cannot write to stdout: %s", strerror(r->show.write_errno));
	else if (err && tracing__error()[0])
		warnx("%s", tracing__error());
	else if (err)
		warnx("cannot go on: %s", strerror(-err));
	return err ? err : r->show.tape.tape.is_lost ? -EIO : 0;
}

static int live(struct run *r)
{
	int err;

	r->tracing = (struct tracing){
		.pick = &r->opts.pick,
		.measure = r->opts.measure,
		.per_vcpu = true,
		.per_device = true,
		.begun = begun,
		.lowered = say,
		.arg = r,
	};
	r->show.view = &r->view;
	r->show.interval = set_interval;
	r->show.viewed = viewed;
	r->show.arg = r;
	err = top_show__init(&r->show, r->opts.interval_ns);
	if (err)
		warnx("cannot begin: %s", strerror(-err));
	err = err ? err : start(r);
	err = err ? err : watch(r);
	tracing__close(&r->tracing);
	return err ? 1 : 0;
}

/* Before the screen and the hooks. The exit status; 0: go on. */
static int check(struct run *r)
{
	char line[1024];
	int err;

	if (top_show__check(&r->opts, line, sizeof(line))) {
		warnx("%s", line);
		return 2;
	}
	if (!r->opts.replay && start__check(&r->opts.pick, line, sizeof(line))) {
		warnx("%s", line);
		return 1;
	}
	err = r->opts.replay ? stop__init() : 0;
	if (err)
		warnx("cannot take signals: %s", strerror(-err));
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct run r = { .show = { .args = &r.opts } };
	int status;

	start__stdio();
	top_args__parse(&r.opts, argc, argv);
	status = check(&r);
	if (!status)
		status = r.opts.replay ? top_play__run(&r.show) : live(&r);
	top_show__free(&r.show);
	return status;
}
