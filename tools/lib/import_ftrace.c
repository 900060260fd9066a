// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "ftrace_fold.h"
#include "import_ftrace.h"
#include "version.h"

/* The kernel's longest function name is 512; arguments and events come on top. */
#define LINE_SZ 4096
/* A file that is no such text at all is told before all of it is read. */
#define MAX_IDLE_LINES 100000
#define MAX_TICK_NS 1000000 /* as in recordings */

static char error[512];

const char *import_ftrace__error(void)
{
	return error;
}

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, sizeof(error), format, args);
	va_end(args);
	return err;
}

struct reader {
	const char *path;
	gzFile file;
	struct ftrace_cost *cost;
	struct ftrace_fold *fold;
	struct ftrace_path *ftrace;
	uint64_t nr_lines;
	bool is_cut; /* the last line is not whole */
};

static void reader__close(struct reader *r)
{
	if (r->file)
		gzclose(r->file);
	ftrace_path__free(r->ftrace);
	ftrace_fold__free(r->fold);
	ftrace_cost__free(r->cost);
}

static int reader__open(struct reader *r)
{
	int fd = strcmp(r->path, "-") ? open(r->path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	int err = -errno;

	if (fd < 0)
		return fail(err, "cannot open '%s': %s", r->path, strerror(-err));
	r->file = gzdopen(fd, "rb");
	if (!r->file) {
		close(fd);
		return fail(-ENOMEM, "cannot read '%s': %s", r->path, strerror(ENOMEM));
	}
	r->cost = ftrace_cost__new();
	r->fold = ftrace_fold__new();
	if (!r->fold)
		return fail(-errno, "cannot make a temporary file in /tmp: %s", strerror(errno));
	r->ftrace = r->cost ? ftrace_path__new(r->cost, ftrace_fold__add, r->fold) : NULL;
	return r->ftrace ? 0 : fail(-ENOMEM, "cannot import '%s': %s", r->path, strerror(ENOMEM));
}

/* The beginning of a line for a message: what is not printable as '?'. */
static void quote(const char *s, char *buf, size_t size)
{
	size_t i;

	for (i = 0; s[i] && i < size - 1; i++)
		buf[i] = isprint((unsigned char)s[i]) ? s[i] : '?';
	buf[i] = '\0';
}

static int bad_line(struct reader *r, const char *quoted, bool is_whole)
{
	if (!is_whole && gzeof(r->file)) {
		r->is_cut = true;
		return 0;
	}
	return fail(-EINVAL,
		    "cannot import '%s': line %" PRIu64 " is no function_graph text: '%s'; what is "
		    "taken is the tracefs file trace, or trace-cmd report",
		    r->path, r->nr_lines, quoted);
}

/* 0 or -errno; what failed is said. */
static int take_line(struct reader *r, char *s, size_t n, bool is_whole)
{
	char quoted[61];
	struct ftrace_line line;
	int err = 0;

	quote(s, quoted, sizeof(quoted));
	line.kind = FTRACE_BAD;
	if (!memchr(s, '\0', n))
		ftrace_text__parse(s, &line);
	if (line.kind == FTRACE_BAD)
		return bad_line(r, quoted, is_whole);
	err = ftrace_path__line(r->ftrace, &line);
	if (err == -E2BIG)
		return fail(-EINVAL,
			    "cannot import '%s': line %" PRIu64
			    ": more tasks or CPUs than there is room for (%d, %d)",
			    r->path, r->nr_lines, FTRACE_MAX_TASKS, FTRACE_MAX_CPUS);
	if (err == -EOVERFLOW)
		return fail(-EINVAL,
			    "cannot import '%s': up to line %" PRIu64
			    " its calls took longer than can be",
			    r->path, r->nr_lines);
	if (err == -EBADMSG)
		return bad_line(r, quoted, is_whole);
	return err ? fail(err, "cannot import '%s': %s", r->path, strerror(-err)) : 0;
}

/* The length of the next line, without its newline; 0 and *n of 0: the end. */
static bool next_line(struct reader *r, char *s, size_t *n, bool *is_whole)
{
	int c = 0;

	for (*n = 0; *n < LINE_SZ - 1 && (c = gzgetc(r->file)) != -1 && c != '\n'; ++*n)
		s[*n] = c;
	s[*n] = '\0';
	*is_whole = c == '\n';
	return c == '\n' || *n;
}

static int read_lines(struct reader *r)
{
	char s[LINE_SZ];
	size_t n;
	bool is_whole;
	int err = 0, zerr;

	while (!err && next_line(r, s, &n, &is_whole)) {
		r->nr_lines++;
		err = take_line(r, s, n, is_whole);
		if (!err && r->nr_lines == MAX_IDLE_LINES &&
		    !ftrace_path__totals(r->ftrace)->calls &&
		    !ftrace_path__totals(r->ftrace)->events)
			break;
	}
	if (err)
		return err;
	gzerror(r->file, &zerr);
	if (zerr == Z_ERRNO)
		return fail(-errno, "cannot read '%s': %s", r->path, strerror(errno));
	if (zerr != Z_OK && zerr != Z_STREAM_END)
		return fail(-EINVAL, "cannot read '%s': its compressed data is damaged, or cut off",
			    r->path);
	return 0;
}

/* Whether what was read can be believed. */
static int check(const struct reader *r)
{
	const struct ftrace_totals *t = ftrace_path__totals(r->ftrace);

	if (t->nr_damaged)
		return fail(
			-EINVAL,
			"cannot import '%s': lines are missing or repeated in %" PRIu64
			" places, the first at line %" PRIu64
			"; copy the trace file with large reads (dd bs=256k), and then from there",
			r->path, t->nr_damaged, t->damage_line);
	return 0;
}

static int no_access(const struct reader *r)
{
	const struct ftrace_totals *t = ftrace_path__totals(r->ftrace);

	if (t->nr_other_aborts)
		return fail(
			-EINVAL,
			"cannot import '%s': io_mem_abort is in it, but nothing it calls; trace "
			"kvm_io_bus_*, vgic_* and kvm_handle_mmio_return, too",
			r->path);
	return fail(-EINVAL,
		    "cannot import '%s': no whole access to emulated MMIO in it (%" PRIu64
		    " lines); docs/importing.md says how to record one",
		    r->path, r->nr_lines);
}

static void tell_losses(const struct reader *r, struct import *import)
{
	const struct ftrace_totals *t = ftrace_path__totals(r->ftrace);

	if (t->begins_inside)
		import__remark(import, "it begins in the middle of calls: what was before is lost "
				       "(the ring buffer overran?)");
	if (t->has_losses)
		import__remark(import, "events were lost%s: counts are of what is left",
			       t->lost_events ? "" : ", nobody knows how many");
	if (t->nr_cut)
		import__remark(import, "%" PRIu64 " accesses are not whole: not counted",
			       t->nr_cut);
	if (r->is_cut)
		import__remark(import, "the last line is cut off");
	if (t->nr_other_aborts)
		import__remark(import,
			       "%" PRIu64 " calls of io_mem_abort that reached no emulation: not "
			       "counted",
			       t->nr_other_aborts);
	import->sample->lost[VGIC_LOST_CUT] = t->nr_cut;
	import->sample->in_flight = t->nr_open;
	if (!t->has_times)
		import__remark(import,
			       t->traced_ns
				       ? "it has no times (funcgraph-abstime): time is what its "
					 "calls took in all; rates mean nothing"
				       : "it has neither times nor durations: only counts, "
					 "over an unknown time");
	import__fact(import, t->lost_events, "ftrace.lost_events");
	import__fact(import, t->begins_inside || t->has_losses, "ftrace.is_partial");
}

static void tell_cost(const struct ftrace_share *share, struct import *import)
{
	if (!share->is_known) {
		import__remark(import, "the tracer's own cost cannot be told from it: latencies "
				       "are as recorded, not comparable");
		return;
	}
	import__remark(import,
		       "taken out of latencies: %.0f +- %.0f ns for each traced call, %.0f +- %.0f "
		       "ns more for each one inside another",
		       share->leaf_ns, share->leaf_error_ns, share->call_ns, share->call_error_ns);
	import__fact(import, share->leaf_ns, "ftrace.leaf_ns");
	import__fact(import, share->call_ns, "ftrace.call_ns");
	if (!share->knows_events)
		return;
	import__remark(import, "and %.0f +- %.0f ns for each event", share->event_ns,
		       share->event_error_ns);
	import__fact(import, share->event_ns, "ftrace.event_ns");
}

static void set_info(const struct reader *r, const struct import_opts *opts, struct import *import)
{
	const struct ftrace_totals *t = ftrace_path__totals(r->ftrace);
	struct recording_info *info = &import->info;
	struct sample *sample = import->sample;

	snprintf(info->tool, sizeof(info->tool), "vgic-lat");
	snprintf(info->version, sizeof(info->version), "%s", VERSION);
	snprintf(info->source, sizeof(info->source), "ftrace");
	snprintf(info->attach, sizeof(info->attach), "%s", t->calls ? "function_graph" : "events");
	snprintf(info->profile, sizeof(info->profile), "ftrace");
	/* A few long calls share any divisor: that is no clock's. */
	info->host.tick_ns = t->tick_ns <= MAX_TICK_NS ? t->tick_ns : 0;
	info->per_vcpu = opts->per_vcpu;
	info->per_device = opts->per_device;
	sample->begin_ns = t->has_times ? t->first_ns : 0;
	sample->end_ns = t->has_times ? t->last_ns : t->traced_ns;
	sample->attached_ns = sample->end_ns - sample->begin_ns;
}

static int finish(struct reader *r, const struct import_opts *opts, struct import *import)
{
	struct ftrace_share share;
	int err = check(r);

	if (err)
		return err;
	ftrace_path__finish(r->ftrace);
	ftrace_cost__estimate(r->cost, &share);
	import->sample = sample__new();
	err = import->sample ? 0 : -ENOMEM;
	if (!err) {
		set_info(r, opts, import);
		tell_losses(r, import);
	}
	err = err ? err : ftrace_fold__finish(r->fold, r->ftrace, &share, opts, import);
	if (!err && !import->sample->nr_series)
		return no_access(r);
	err = err ? err : sample__sort(import->sample);
	if (err)
		return fail(err, "cannot import '%s': %s", r->path, strerror(-err));
	tell_cost(&share, import);
	return 0;
}

int import_ftrace__read(const char *path, const struct import_opts *opts, struct import **result)
{
	struct reader r = { .path = path };
	struct import *import = calloc(1, sizeof(*import));
	int err = import ? reader__open(&r) : fail(-ENOMEM, "%s", strerror(ENOMEM));

	err = err ? err : read_lines(&r);
	err = err ? err : finish(&r, opts, import);
	reader__close(&r);
	if (err) {
		import_ftrace__free(import);
		return err;
	}
	*result = import;
	return 0;
}

struct writer {
	const char *path;
	struct recorder *recorder;
	int err; /* recording__error() says why */
};

static int write_slice(void *arg, const struct import *so_far)
{
	struct writer *w = arg;

	if (!w->recorder)
		w->err = recorder__create(w->path, &so_far->info, &w->recorder);
	w->err = w->err ? w->err : recorder__slice(w->recorder, so_far->sample);
	return w->err;
}

static void write_end(struct writer *w, const struct import *import)
{
	for (size_t i = 0; i < import->nr_facts && !w->err; i++)
		w->err = recorder__fact(w->recorder, import->facts[i].name, import->facts[i].value);
	w->err = w->err ? w->err : recorder__finish(w->recorder);
}

int import_ftrace__make(const char *text, const char *recording,
			void (*say)(void *arg, const char *line), void *arg)
{
	struct writer w = { .path = recording };
	const struct import_opts opts = {
		.per_vcpu = true, .per_device = true, .slice = write_slice, .arg = &w
	};
	struct import *import = NULL;
	char line[512];
	int err;

	/* Before all of the text is read. */
	if (recorder__check(recording)) {
		say(arg, recording__error());
		return 1;
	}
	err = import_ftrace__read(text, &opts, &import);
	for (size_t i = 0; !err && i < import->nr_remarks; i++) {
		snprintf(line, sizeof(line), "%s: %s", text, import->remarks[i]);
		say(arg, line);
	}
	if (!err)
		write_end(&w, import);
	if (err || w.err)
		say(arg, w.err ? recording__error() : error);
	recorder__close(w.recorder);
	import_ftrace__free(import);
	return w.err || err == -ENOMEM ? 1 : err ? 2 : 0;
}

void import_ftrace__free(struct import *import)
{
	if (!import)
		return;
	sample__free(import->sample);
	free(import);
}
