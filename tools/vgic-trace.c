// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-trace: accesses to the virtual GIC one by one, with their values and what they cost.
 *
 * It sees the accesses that trap and pass through KVM's MMIO bus. It does not see what never gets
 * there: GICv3 system registers (ICC_*), the GICv2 CPU interface where the hardware has one,
 * interrupts that are injected without an access.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cmd.h"
#include "host.h"
#include "privileges.h"
#include "start.h"
#include "stop.h"
#include "symbols.h"
#include "trace_args.h"
#include "trace_chrome.h"
#include "trace_run.h"
#include "version.h"

struct tool {
	const struct trace_args *opts;
	const struct trace_ops *ops; /* NULL: no lines */
	struct host host;
	struct view view;
	struct trace_show show;
	struct symbols *symbols;
	struct trace_programs *programs;
	struct trace_run run;
	FILE *chrome_file; /* NULL: none */
	struct trace_chrome *chrome;
	int write_errno; /* why one of the two could not be written */
	const char *write_name;
};

const char *argp_program_version = "vgic-trace " VERSION;

/* To be called while errno is still that of the write. */
static int flush_file(struct tool *t, FILE *file, const char *name)
{
	if (!file || (!fflush(file) && !ferror(file)))
		return 0;
	t->write_errno = errno ? errno : EIO;
	t->write_name = name;
	return -EIO;
}

static int flush_files(struct tool *t)
{
	return flush_file(t, stdout, "stdout") ?: flush_file(t, t->chrome_file, t->opts->chrome);
}

static int flush(void *arg)
{
	errno = 0;
	return flush_files(arg);
}

static int event(void *arg, const struct trace_event *e)
{
	struct tool *t = arg;
	int err;

	errno = 0;
	err = t->ops ? t->ops->event(stdout, &t->show, e) : 0;
	if (!err && t->chrome)
		err = trace_chrome__event(t->chrome, e);
	if (err || (!ferror(stdout) && !(t->chrome_file && ferror(t->chrome_file))))
		return err;
	return flush_files(t);
}

static int can_go_on(void *programs)
{
	struct trace_totals totals;

	return trace_programs__totals(programs, &totals);
}

/* Before anything is attached; an earlier trace stays until there will be another. */
static int tool__open_chrome(struct tool *t)
{
	static char buffer[65536]; /* of several accesses: trace_chrome.c writes whole ones */
	int fd;

	if (!t->opts->chrome)
		return 0;
	fd = open(t->opts->chrome, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	t->chrome_file = fd < 0 ? NULL : fdopen(fd, "w");
	if (t->chrome_file && !setvbuf(t->chrome_file, buffer, _IOFBF, sizeof(buffer)))
		return 0;
	warn("cannot write to '%s'", t->opts->chrome);
	return -EIO;
}

static int tool__empty_chrome(struct tool *t)
{
	/* -EINVAL: a pipe or a device, which has nothing to lose. */
	if (!t->chrome_file || !ftruncate(fileno(t->chrome_file), 0) || errno == EINVAL)
		return 0;
	warn("cannot write to '%s'", t->opts->chrome);
	return -EIO;
}

static void tool__load_symbols(struct tool *t)
{
	if (!t->opts->with_stack)
		return;
	t->symbols = symbols__new(NULL);
	if (!t->symbols)
		warnx("stacks will be addresses only: cannot read /proc/kallsyms: %s; root and "
		      "kernel.kptr_restrict=1 or 0 are needed",
		      errno == EACCES ? "its addresses are hidden" : strerror(errno));
}

static int tool__attach(struct tool *t)
{
	const struct trace_args *o = t->opts;
	bool ranges[TRACE_NR_RANGES];
	struct trace_opts opts = {
		.stages = o->stages,
		.pid = o->pick.pid,
		.vcpus = o->pick.vcpus,
		.ranges = o->pick.range ? ranges : NULL,
		.ops = o->ops,
		.user_only = o->user_only,
		.min_ns = o->min_ns,
		.raw = o->raw,
		.with_stack = o->with_stack,
		.only_kprobes = o->only_kprobes,
		.verbose = o->verbose,
		.buffer_sz = o->buffer_sz,
	};
	int err;

	if (o->pick.range)
		trace__pick_ranges(o->pick.range, ranges);
	err = trace_programs__open(&opts, &t->programs);
	if (err)
		warnx("%s", trace_programs__error());
	return err;
}

static void tool__set_view(struct tool *t)
{
	const struct trace_args *o = t->opts;
	struct timespec now;

	host__probe(&t->host);
	t->view = (struct view){
		.tool = "vgic-trace",
		.host = &t->host,
		.plan = trace_programs__plan(t->programs),
		.calibration = trace_programs__calibration(t->programs),
		.profile = "trace",
		.stages = o->stages,
		.range = o->pick.range,
		.raw = o->raw,
	};
	clock_gettime(CLOCK_REALTIME, &now);
	t->view.base_s = now.tv_sec + now.tv_nsec / 1e9 - stop__now_ns() / 1e9;
	t->show = (struct trace_show){
		.view = &t->view,
		.symbols = t->symbols,
		.wall_clock = o->wall_clock,
		.relative = o->relative,
	};
	t->run = (struct trace_run){
		.programs = t->programs,
		.view = &t->view,
		.range = o->pick.range,
		.cmd = t->run.cmd,
		.pid = o->pick.pid,
		.has_filter = o->pick.vcpus,
		.duration_ns = o->duration_ns,
		.count = o->count,
		.event = event,
		.flush = flush,
		.arg = t,
	};
}

static int tool__begin(struct tool *t)
{
	int err = trace_run__begin(&t->run);

	if (err) {
		warnx("cannot start: %s", strerror(-err));
		return err;
	}
	t->show.begin_ns = t->run.begin_ns;
	if (t->chrome_file) {
		t->chrome = trace_chrome__new(t->chrome_file, &t->show);
		if (!t->chrome)
			return -ENOMEM;
	}
	if (t->ops)
		err = t->ops->header(stdout, &t->show);
	return err ?: flush(t);
}

/* Attaches, gives up privileges, lets the command go. Messages are printed. 0 or -errno. */
static int tool__start(struct tool *t)
{
	const struct trace_args *o = t->opts;
	int err = o->cmd ? cmd__hold(o->cmd, &t->run.cmd) : 0;

	if (err) {
		warnx("cannot fork: %s", strerror(-err));
		return err;
	}
	err = tool__attach(t);
	err = err ?: tool__empty_chrome(t);
	if (err)
		return err;
	tool__load_symbols(t); /* with those of the programs; without privileges they are hidden */
	tool__set_view(t);
	err = privileges__drop(can_go_on, t->programs);
	if (err) {
		warnx("cannot go on without privileges: %s", strerror(-err));
		return err;
	}
	err = tool__begin(t);
	if (!err && o->cmd) {
		err = cmd__release(t->run.cmd);
		if (err)
			warnx("cannot run '%s': %s", o->cmd[0], strerror(-err));
	}
	if (!err && !o->cmd && !o->duration_ns)
		fprintf(stderr, "Tracing VGIC accesses... Hit Ctrl-C to end.\n");
	return err;
}

/* 0, or -errno where it failed; messages are printed. */
static int tool__follow(struct tool *t)
{
	int err = trace_run__follow(&t->run);

	if (!err && t->ops)
		err = t->ops->summary(stdout, &t->show, &t->run.summary);
	if (!err)
		err = flush(t);
	if (err && t->run.cmd)
		cmd__end(t->run.cmd);
	if (err && !t->write_errno)
		warnx("cannot go on: %s", strerror(-err));
	if (!err)
		trace_summary__print(stderr, &t->run.summary);
	if (err || !t->run.cmd || t->run.cmd_was_stopped || !cmd__status(t->run.cmd))
		return err;
	warnx("'%s' failed with status %d", t->opts->cmd[0], cmd__status(t->run.cmd));
	return -ECHILD;
}

/* The exit status. */
static int tool__finish(struct tool *t, int err)
{
	trace_chrome__end(t->chrome);
	errno = 0;
	if (t->chrome_file && fclose(t->chrome_file) && !t->write_errno) {
		t->write_errno = errno;
		t->write_name = t->opts->chrome;
	}
	if (t->write_errno)
		warnx("cannot write to %s: %s", t->write_name, strerror(t->write_errno));
	trace_run__free(&t->run);
	trace_programs__close(t->programs);
	cmd__free(t->run.cmd);
	symbols__free(t->symbols);
	return err || t->write_errno ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct trace_args opts = { 0 };
	struct tool tool = { .opts = &opts };
	char line[1024];
	int err;

	start__stdio();
	trace_args__parse(&opts, argc, argv);
	tool.ops = opts.json ? &trace_json : opts.quiet ? NULL : &trace_text;
	if (start__check(&opts.pick, line, sizeof(line))) {
		warnx("%s", line);
		return 1;
	}
	err = tool__open_chrome(&tool);
	if (!err)
		err = tool__start(&tool);
	if (!err)
		err = tool__follow(&tool);
	return tool__finish(&tool, err);
}
