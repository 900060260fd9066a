// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "replay.h"
#include "stop.h"
#include "table.h"
#include "top_play.h"

#define SECOND_NS 1000000000ULL
#define ROUND_NS 100000000ULL /* what a recording's own interval is rounded to */

struct play {
	struct top_show *show;
	struct replay replay;
	struct view view;
	uint64_t due_ns; /* when what was reported last had happened */
};

/* A signal, a key or an error wants it. */
static bool is_over(const struct top_show *s)
{
	return stop__signal() || s->is_quit || s->err;
}

/* For a key, a second at most: signals and resizing end it too. */
static void wait_until(struct top_show *s, uint64_t until_ns)
{
	stop__wait_fd(until_ns, s->batch ? -1 : STDIN_FILENO);
	if (!s->batch)
		top_show__input(s);
}

/* Until what took so long has happened; at once for reports. */
static void pace(struct play *p, uint64_t took_ns)
{
	struct top_show *s = p->show;
	const uint64_t speed = s->args->speed ? s->args->speed : 1;
	const bool is_paced = !s->batch || s->args->speed;

	p->due_ns = (p->due_ns ? p->due_ns : stop__now_ns()) + took_ns / speed;
	while (is_paced && !is_over(s) && (s->model.is_paused || stop__now_ns() < p->due_ns))
		wait_until(s, s->model.is_paused ? stop__now_ns() + SECOND_NS : p->due_ns);
	/* What a pause took does not have to be caught up with. */
	if (p->due_ns < stop__now_ns())
		p->due_ns = stop__now_ns();
}

static int report(void *arg, const struct report *recorded)
{
	struct play *p = arg;
	struct report mine = *recorded;

	pace(p, recorded->sample->end_ns - recorded->sample->begin_ns);
	if (is_over(p->show))
		return p->show->err ? p->show->err : -ECANCELED;
	if (!p->show->args->timestamps)
		mine.time = 0;
	return top_show__report(p->show, &mine);
}

static void slice(void *arg, const struct sample *cumulative)
{
	struct play *p = arg;

	top_show__slice(p->show, cumulative);
}

static void set_interval(void *arg, uint64_t interval_ns)
{
	struct play *p = arg;

	p->replay.interval_ns = interval_ns;
}

/* What was recorded last stays on the screen. */
static void linger(struct play *p)
{
	struct top_show *s = p->show;

	s->ui.is_over = true;
	if (!recording__is_complete(p->replay.recording))
		top_show__say(s, "the recording has no end: its recorder was killed, or could not "
				 "go on");
	top_show__draw(s);
	while (!is_over(s))
		wait_until(s, stop__now_ns() + SECOND_NS);
}

/* The interval between a recording's own reports; 0: it has none. */
static uint64_t recorded_interval(const struct play *p)
{
	size_t nr;
	const struct recording_mark *marks = recording__marks(p->replay.recording, &nr);
	uint64_t ns = nr > 1 ? marks[1].end_ns - marks[0].end_ns : 0;

	return (ns + ROUND_NS / 2) / ROUND_NS * ROUND_NS;
}

static int open_recording(struct play *p)
{
	const struct look look = { .per_vcpu = false };
	const struct recording_info *info;
	int err = replay__open(&p->replay, p->show->args->replay, &look, &p->view);

	if (err)
		return err;
	info = recording__info(p->replay.recording);
	p->replay.per_vcpu = p->view.per_vcpu = info->per_vcpu;
	p->replay.per_device = p->view.per_device = info->per_device;
	p->replay.nr_intervals = p->show->args->nr_intervals;
	p->view.tool = "vgic-top";
	p->view.range = p->show->args->pick.range;
	p->view.width = table__width(stdout);
	return 0;
}

static int play(struct play *p)
{
	struct top_show *s = p->show;
	uint64_t own_ns = recorded_interval(p), interval_ns = s->args->interval_ns;
	int err;

	if (!interval_ns && !own_ns)
		interval_ns = SECOND_NS;
	p->replay.interval_ns = interval_ns;
	err = top_show__init(s, interval_ns ? interval_ns : own_ns);
	err = err ? err : top_show__open(s);
	err = err ? err : top_show__header(s);
	err = err ? err : replay__run(&p->replay);
	if (!err && !s->batch)
		linger(p);
	top_show__close(s);
	return err == -ECANCELED ? s->err : err;
}

static void tell(const struct play *p, int err)
{
	const struct top_show *s = p->show;

	if (s->write_errno)
		warnx("cannot write to stdout: %s", strerror(s->write_errno));
	else if (err)
		warnx("%s", replay__error(err));
	else if (s->batch && !recording__is_complete(p->replay.recording))
		warnx("'%s' has no end: its recorder was killed, or could not go on; this is all "
		      "up to its last slice",
		      s->args->replay);
}

int top_play__run(struct top_show *show)
{
	struct play p = { .show = show, .replay = { .report = report, .slice = slice, .arg = &p } };
	int err = open_recording(&p);

	if (err) {
		warnx("%s", replay__error(err));
		return 2;
	}
	show->view = &p.view;
	show->interval = set_interval;
	show->arg = &p;
	err = play(&p);
	tell(&p, err);
	replay__close(&p.replay);
	return err || show->tape.tape.is_lost ? 1 : 0;
}
