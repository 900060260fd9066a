// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include "stop.h"
#include "watch.h"

#define SECOND_NS 1000000000ULL

struct state {
	struct watch *w;
	bool has_failed;     /* to detach or attach again */
	struct sample *last; /* where the last interval ended; NULL: there was none */
	uint64_t end_ns;     /* UINT64_MAX = never */
	uint64_t slice_ns;   /* when the next slice is over; UINT64_MAX = never */
	uint64_t cpu_ns;     /* CPU time of ours before the watch */
	uint64_t switch_ns;  /* CPU time of ours for pausing and resuming */
	bool is_forwarded;   /* the signal went to the command */
	bool is_ended;       /* by its input */
	uint64_t step_ns;    /* when the session is to be read next */
};

/* CPU time that this process has used. */
static uint64_t own_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static bool is_gone(uint32_t pid)
{
	return pid && kill(pid, 0) && errno == ESRCH;
}

static bool state__is_over(struct state *s, uint64_t now)
{
	const struct watch *w = s->w;

	if (s->is_ended)
		return true;
	if (w->cmd && cmd__has_ended(w->cmd))
		return true;
	/* Who asks to stop gets the command's last accesses too. */
	if (stop__signal() && !w->cmd)
		return true;
	if (w->nr_intervals && w->nr_reports + 1 >= w->nr_intervals && now >= w->next_ns)
		return true;
	return now >= s->end_ns || is_gone(w->pid);
}

/* The terminal sends its signals to the command as well; one from kill(1) came to us alone. */
static void state__forward_signal(struct state *s)
{
	if (!s->w->cmd || !stop__signal() || s->w->cmd_was_stopped)
		return;
	s->w->cmd_was_stopped = true;
	if (!stop__from_terminal())
		cmd__kill(s->w->cmd, stop__signal());
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Takes @now, a sample of all since the session's start. */
static int state__report(struct state *s, struct sample *now)
{
	struct sample *since = s->last ? sample__between(s->last, now) : now;
	unsigned int nr = s->w->interval_ns ? s->w->nr_reports + 1 : 0;
	int err = since ? sample__sort(since) : -ENOMEM;

	if (!err)
		err = s->w->report(s->w->arg, since, nr);
	if (since != now)
		sample__free(since);
	sample__free(s->last);
	s->last = now;
	return err;
}

/*
 * Does what the governor wants. What reading and attaching take is charged as the hooks are;
 * attaching and detaching twice, for as much is left to the kernel's own threads and to whoever
 * runs when it is done (counted on 6.12, on the instruction clock).
 */
static int state__govern(struct state *s, const struct sample *sample)
{
	struct governor *g = stop__signal() ? NULL : s->w->governor;
	const uint64_t cpu_ns = own_cpu_ns();
	double spent_ns = sample->overhead_ns + (cpu_ns - s->cpu_ns) + s->switch_ns;
	int err = 0;

	switch (g ? governor__decide(g, sample->end_ns, spent_ns) : GOVERNOR_KEEP) {
	case GOVERNOR_LOWER:
		s->w->is_too_expensive = true;
		return 0;
	case GOVERNOR_PAUSE:
		err = session__pause(s->w->session);
		break;
	case GOVERNOR_RESUME:
		err = session__resume(s->w->session);
		break;
	case GOVERNOR_KEEP:
		return 0;
	}
	s->switch_ns += own_cpu_ns() - cpu_ns;
	s->has_failed = err;
	return err;
}

/* Hands a slice on, where one is over. */
static void state__slice(struct state *s, const struct sample *sample, uint64_t now, bool is_due)
{
	if (!is_due && now < s->slice_ns)
		return;
	s->w->slice(s->w->arg, sample);
	if (now < s->slice_ns)
		return;
	s->slice_ns += s->w->slice_ns;
	if (s->slice_ns <= now)
		s->slice_ns = now + s->w->slice_ns;
}

static int state__step(struct state *s, uint64_t now)
{
	bool is_due = s->w->interval_ns && now >= s->w->next_ns;
	struct sample *sample;
	int err = session__snapshot(s->w->session, &sample);

	if (!err) {
		err = state__govern(s, sample);
		if (err)
			sample__free(sample);
	}
	if (err)
		return err;
	if (s->w->slice)
		state__slice(s, sample, now, is_due);
	if (!is_due) {
		sample__free(sample);
		return 0;
	}
	s->w->next_ns += s->w->interval_ns;
	if (s->w->next_ns <= now)
		s->w->next_ns = now + s->w->interval_ns;
	err = state__report(s, sample);
	s->w->nr_reports++;
	return err;
}

/*
 * Read first, then detach: detaching takes time, in which accesses go on and lose one boundary
 * after the other. What is under way at the end is counted as such.
 */
static int state__finish(struct state *s)
{
	struct sample *sample;
	int err = session__snapshot(s->w->session, &sample);

	session__detach(s->w->session);
	if (s->w->cmd && !s->w->is_too_expensive && cmd__end(s->w->cmd))
		s->w->cmd_was_stopped = true;
	if (!err && s->w->slice)
		s->w->slice(s->w->arg, sample);
	return err ? err : state__report(s, sample);
}

static uint64_t step_ns(const struct watch *w)
{
	if (!w->governor)
		return SECOND_NS;
	return w->governor->is_paused ? GOVERNOR_PAUSE_NS : GOVERNOR_STEP_NS;
}

static uint64_t state__due(const struct state *s)
{
	return earlier(earlier(s->step_ns, s->slice_ns), earlier(s->w->next_ns, s->end_ns));
}

/* Waits for the next step, or less. What is to be done meanwhile has been. The time. */
static uint64_t state__wait(struct state *s)
{
	stop__wait_fd(state__due(s), s->w->input ? s->w->input_fd : -1);
	state__forward_signal(s);
	if (s->w->input && s->w->input(s->w->arg))
		s->is_ended = true;
	return stop__now_ns();
}

int watch__run(struct watch *w)
{
	uint64_t now = stop__now_ns();
	struct state s = {
		.w = w,
		.end_ns = w->duration_ns ? now + w->duration_ns : UINT64_MAX,
		.slice_ns = w->slice ? now + w->slice_ns : UINT64_MAX,
		.cpu_ns = own_cpu_ns(),
		.step_ns = now + step_ns(w),
	};
	int err = 0;

	w->is_too_expensive = false;
	if (!w->next_ns)
		w->next_ns = w->interval_ns ? now + w->interval_ns : UINT64_MAX;
	while (!err && !w->is_too_expensive && !state__is_over(&s, now)) {
		now = state__wait(&s);
		/* A key is no reason to read the session. */
		if (state__is_over(&s, now) || (w->input && now < state__due(&s)))
			continue;
		err = state__step(&s, now);
		s.step_ns = now + step_ns(w);
	}
	/* What there is is reported also where it cannot go on. */
	w->is_too_expensive &= !err;
	if (!err || s.has_failed) {
		int finish_err = state__finish(&s);

		err = err ?: finish_err;
	} else {
		session__detach(w->session);
	}
	sample__free(s.last);
	return err;
}
