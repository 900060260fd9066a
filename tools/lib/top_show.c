// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <err.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include "stop.h"
#include "top_screen.h"
#include "top_show.h"
#include "tracing.h"

int top_show__check(const struct top_args *args, char *line, size_t size)
{
	return args->batch ? 0 : top_screen__check(line, size);
}

static void say(void *arg, const char *line)
{
	top_show__say(arg, line);
}

int top_show__init(struct top_show *s, uint64_t interval_ns)
{
	const struct top_args *o = s->args;
	struct top_model *m = &s->model;
	int err;

	s->batch = !o->batch ? NULL : o->json ? &top_batch_json : &top_batch_text;
	top_model__init(m, s->view);
	top_ui__init(&s->ui, m, interval_ns);
	s->tape.tape.say = say;
	s->tape.tape.arg = s;
	err = top_model__show(m, o->view);
	err = err ? err : top_model__sort(m, o->sort ? o->sort : m->sort[o->view], o->reverse);
	return err || !o->filter ? err : top_model__filter(m, o->filter);
}

void top_show__draw(struct top_show *s)
{
	struct top_look look = top_screen__look();
	struct top_frame frame;

	s->err = top_frame__make(&frame, &s->ui, &look);
	if (s->err)
		return;
	top_screen__draw(&frame, &look);
	top_frame__free(&frame);
	s->drawn = look;
}

static bool is_resized(const struct top_show *s)
{
	const struct top_look look = top_screen__look();

	return look.width != s->drawn.width || look.height != s->drawn.height;
}

/* To be called while errno is still that of the write. */
static int flush(struct top_show *s)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	s->write_errno = errno ? errno : EIO;
	return -EIO;
}

int top_show__header(struct top_show *s)
{
	int err;

	if (!s->batch)
		return 0;
	errno = 0;
	err = s->batch->header(stdout, s->view);
	return flush(s) ? -EIO : err;
}

int top_show__open(struct top_show *s)
{
	int err = s->batch ? 0 : top_screen__open();

	if (err)
		warnx("cannot open the screen: %s; vgic-top -b needs no terminal", strerror(-err));
	else if (!s->batch)
		top_show__draw(s);
	return err;
}

void top_show__say(struct top_show *s, const char *line)
{
	if (s->batch)
		warnx("%s", line);
	else
		snprintf(s->ui.message, sizeof(s->ui.message), "%s", line);
}

static void begin_recording(struct top_show *s)
{
	const struct tracing asked = { .measure = s->args->measure };

	if (s->args->measure.max_overhead > 0 && tracing__can_lower(&asked))
		top_show__say(s, "cannot record: --max-overhead may change the profile; add "
				 "--profile counts");
	else if (!top_tape__begin(&s->tape, s->ui.input, s->view))
		snprintf(s->ui.recording, sizeof(s->ui.recording), "%s", s->ui.input);
}

static void end_recording(struct top_show *s)
{
	if (!top_tape__is_on(&s->tape))
		return;
	if (top_tape__end(&s->tape))
		snprintf(s->ui.message, sizeof(s->ui.message), "recorded into %s", s->ui.recording);
	s->ui.recording[0] = '\0';
}

static void obey(struct top_show *s, enum top_request request)
{
	switch (request) {
	case TOP_QUIT:
		s->is_quit = true;
		return;
	case TOP_RECORD:
		begin_recording(s);
		return;
	case TOP_STOP_RECORD:
		end_recording(s);
		return;
	case TOP_INTERVAL:
		s->interval(s->arg, s->ui.interval_ns);
		return;
	case TOP_REDRAW:
		top_screen__redraw();
		return;
	case TOP_NO_MEMORY:
		s->err = -ENOMEM;
		return;
	case TOP_NOTHING:
		return;
	}
}

bool top_show__input(struct top_show *s)
{
	const enum top_view before = s->model.shown;
	bool is_stale = is_resized(s);
	int key = 0;

	while (!s->err && (key = top_screen__key()) > 0) {
		obey(s, top_ui__press(&s->ui, key, s->drawn.height));
		is_stale = true;
	}
	if (s->model.shown != before && s->viewed)
		s->viewed(s->arg, s->model.shown);
	s->is_quit |= key < 0;
	if (is_stale && !s->err)
		top_show__draw(s);
	return s->is_quit || s->err;
}

static void measure_self(struct top_show *s)
{
	uint64_t cpu_ns, now = stop__now_ns();
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	cpu_ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	/* A replay's own speed says nothing about tracing. */
	if (s->time_ns && now > s->time_ns && !s->view->replay)
		s->ui.own_cpu = (double)(cpu_ns - s->cpu_ns) / (now - s->time_ns);
	s->cpu_ns = cpu_ns;
	s->time_ns = now;
}

void top_show__slice(struct top_show *s, const struct sample *cumulative)
{
	top_tape__slice(&s->tape, cumulative);
}

int top_show__report(struct top_show *s, const struct report *report)
{
	int err = top_model__take(&s->model, report->sample);

	top_tape__mark(&s->tape, report->sample->end_ns);
	/* Lost: that was said. */
	if (!top_tape__is_on(&s->tape))
		s->ui.recording[0] = '\0';
	if (err)
		return err;
	measure_self(s);
	if (!s->batch) {
		top_show__draw(s);
		return s->err;
	}
	errno = 0;
	err = s->batch->interval(stdout, &s->model, report);
	return flush(s) ? -EIO : err;
}

void top_show__restart(struct top_show *s)
{
	end_recording(s);
	top_tape__forget(&s->tape);
}

void top_show__close(struct top_show *s)
{
	end_recording(s);
	top_screen__close();
	if (!s->batch && s->tape.tape.is_lost && s->ui.message[0])
		warnx("%s", s->ui.message);
}

void top_show__free(struct top_show *s)
{
	top_tape__forget(&s->tape);
	top_model__free(&s->model);
}
