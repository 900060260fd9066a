// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "replay.h"

static char error_text[512];

struct state {
	const struct replay *replay;
	const struct recording_mark *marks;
	size_t nr_marks, next_mark;
	uint64_t next_ns;    /* when the interval is over, where there are intervals of our own */
	struct sample *last; /* where the last report ended; NULL: there was none */
	struct sample *now;
	unsigned int nr_reports;
};

/* @mark: when it was made; NULL: not known. */
static int state__report(struct state *s, unsigned int interval, const struct recording_mark *mark)
{
	struct sample *since = s->last ? sample__between(s->last, s->now) : s->now;
	int err = since ? sample__sort(since) : -ENOMEM;
	struct report report = {
		.sample = since,
		.interval = interval,
		.time = mark ? mark->time_s : 0,
		.cmd_status = mark ? mark->cmd_status : -1,
	};

	s->nr_reports++;
	if (!err && s->replay->slice)
		s->replay->slice(s->replay->arg, s->now);
	if (!err)
		err = s->replay->report(s->replay->arg, &report);
	if (since != s->now)
		sample__free(since);
	sample__free(s->last);
	s->last = s->now;
	s->now = NULL;
	return err;
}

/* A report of an interval of our own: the time is that of the recording's begin, and since then. */
static int state__report_interval(struct state *s)
{
	const struct recording_info *info = recording__info(s->replay->recording);
	const uint64_t since_ns = s->now->end_ns - s->now->begin_ns;
	const struct recording_mark mark = {
		.time_s = info->time_s ? info->time_s + since_ns / 1000000000 : 0,
		.cmd_status = -1,
	};

	while (s->next_ns <= s->now->end_ns)
		s->next_ns += s->replay->interval_ns;
	return state__report(s, s->nr_reports + 1, &mark);
}

/* Reports where the slice is the end of one. */
static int state__step(struct state *s)
{
	const struct recording_mark *mark;

	if (s->replay->interval_ns) {
		if (!s->next_ns)
			s->next_ns = s->now->begin_ns + s->replay->interval_ns;
		return s->now->end_ns < s->next_ns ? 0 : state__report_interval(s);
	}
	if (s->next_mark == s->nr_marks || s->now->end_ns < s->marks[s->next_mark].end_ns)
		return 0;
	mark = &s->marks[s->next_mark++];
	return state__report(s, mark->interval, mark);
}

/* What came after the last report: the recorder ended before it could make one. */
static int state__finish(struct state *s)
{
	bool has_intervals;

	if (!s->now)
		return 0;
	if (s->replay->interval_ns)
		return state__report_interval(s);
	has_intervals = s->nr_marks && s->marks[s->nr_marks - 1].interval;
	return state__report(s, has_intervals ? s->marks[s->nr_marks - 1].interval + 1 : 0, NULL);
}

static bool state__is_over(const struct state *s)
{
	const struct replay *r = s->replay;

	return r->interval_ns && r->nr_intervals && s->nr_reports >= r->nr_intervals;
}

/* 1: there was a slice; 0: the end, or -errno. */
static int state__next(struct state *s)
{
	struct sample *next;
	int ret = recording__next(s->replay->recording, &next);

	if (ret <= 0)
		return ret;
	sample__free(s->now);
	s->now = next;
	if (s->replay->per_vcpu && s->replay->per_device)
		return 1;
	s->now = sample__folded(next, s->replay->per_vcpu, s->replay->per_device);
	sample__free(next);
	return s->now ? 1 : -ENOMEM;
}

int replay__run(const struct replay *replay)
{
	struct state s = { .replay = replay };
	int err = 0;

	s.marks = recording__marks(replay->recording, &s.nr_marks);
	recording__rewind(replay->recording);
	while (!err && !state__is_over(&s)) {
		int ret = state__next(&s);

		if (ret <= 0) {
			err = ret ?: state__finish(&s);
			break;
		}
		err = state__step(&s);
	}
	sample__free(s.now);
	sample__free(s.last);
	return err;
}

static int fail(const char *path, const char *why)
{
	snprintf(error_text, sizeof(error_text), "cannot show '%s': %s", path, why);
	return -EINVAL;
}

/* Where the samples' clock had its zero, by that of the first slice; 0: not known. */
static double base_s(struct recording *r)
{
	const uint64_t time_s = recording__info(r)->time_s;
	double base = 0;
	struct sample *s;

	if (time_s && recording__next(r, &s) > 0) {
		base = time_s - s->begin_ns / 1e9;
		sample__free(s);
	}
	recording__rewind(r);
	return base;
}

static int check(const struct recording *r, const char *path, const struct look *look)
{
	const struct recording_info *info = recording__info(r);

	if (look->per_vcpu && !info->per_vcpu)
		return fail(path, "it was recorded without --per-vcpu");
	if (look->per_device && !info->per_device)
		return fail(path, "it was recorded without --per-device");
	if (!recording__nr_slices(r))
		return fail(path, "nothing was recorded: it has no slice");
	return 0;
}

int replay__open(struct replay *r, const char *path, const struct look *look, struct view *view)
{
	int err = recording__open(path, &r->recording);
	const struct recording_info *info;

	error_text[0] = '\0';
	if (err)
		return err;
	err = check(r->recording, path, look);
	if (err) {
		replay__close(r);
		return err;
	}
	info = recording__info(r->recording);
	r->per_vcpu = look->per_vcpu;
	r->per_device = look->per_device;
	*view = (struct view){
		.host = &info->host,
		.plan = info->plan,
		.attach = !info->plan && info->attach[0] ? info->attach : NULL,
		.calibration = info->has_calibration ? &info->calibration : NULL,
		.profile = info->profile,
		.stages = info->stages,
		.replay = path,
		.base_s = base_s(r->recording),
	};
	look__set(look, view);
	return 0;
}

const char *replay__error(int err)
{
	if (error_text[0])
		return error_text;
	if (err == -ENOMEM)
		return "cannot replay: not enough memory";
	return recording__error();
}

void replay__close(struct replay *r)
{
	recording__close(r->recording);
	r->recording = NULL;
}
