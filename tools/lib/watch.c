// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include "stop.h"
#include "watch.h"

#define SECOND_NS 1000000000ULL
#define END_NS (5 * SECOND_NS) /* for a command that is told to end */

struct state {
	struct watch *w;
	struct sample *last; /* where the last interval ended; NULL: there was none */
	uint64_t end_ns;     /* UINT64_MAX = never */
	uint64_t next_ns;    /* end of this interval */
	bool is_forwarded;   /* the signal went to the command */
};

static bool is_gone(uint32_t pid)
{
	return pid && kill(pid, 0) && errno == ESRCH;
}

static bool state__is_over(struct state *s, uint64_t now)
{
	const struct watch *w = s->w;

	if (w->cmd && cmd__has_ended(w->cmd))
		return true;
	/* Who asks to stop gets the command's last accesses too. */
	if (stop__signal() && !w->cmd)
		return true;
	if (w->nr_intervals && w->nr_reports + 1 == w->nr_intervals && now >= s->next_ns)
		return true;
	return now >= s->end_ns || is_gone(w->pid);
}

/* The terminal sends its signals to the command as well; one from kill(1) came to us alone. */
static void state__forward_signal(struct state *s)
{
	if (!s->w->cmd || !stop__signal() || s->is_forwarded)
		return;
	s->is_forwarded = true;
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
	unsigned int nr = s->w->interval_ns ? ++s->w->nr_reports : 0;
	int err = since ? sample__sort(since) : -ENOMEM;

	if (!err)
		err = s->w->report(s->w->arg, since, nr);
	if (since != now)
		sample__free(since);
	sample__free(s->last);
	s->last = now;
	return err;
}

/* Does what the governor wants. */
static int state__govern(struct state *s, const struct sample *sample)
{
	struct governor *g = s->w->governor;

	switch (g ? governor__decide(g, sample->end_ns, sample->overhead_ns) : GOVERNOR_KEEP) {
	case GOVERNOR_LOWER:
		s->w->is_too_expensive = true;
		return 0;
	case GOVERNOR_PAUSE:
		return session__pause(s->w->session);
	case GOVERNOR_RESUME:
		return session__resume(s->w->session);
	case GOVERNOR_KEEP:
		break;
	}
	return 0;
}

static int state__step(struct state *s, uint64_t now)
{
	bool is_due = s->w->interval_ns && now >= s->next_ns;
	struct sample *sample;
	int err = session__snapshot(s->w->session, &sample);

	if (!err) {
		err = state__govern(s, sample);
		if (err)
			sample__free(sample);
	}
	if (err)
		return err;
	if (!is_due) {
		sample__free(sample);
		return 0;
	}
	s->next_ns += s->w->interval_ns;
	if (s->next_ns <= now)
		s->next_ns = now + s->w->interval_ns;
	return state__report(s, sample);
}

/* Not forever: it may ignore the signal, or be none of ours any more. */
static void end_cmd(struct watch *w)
{
	uint64_t deadline = stop__now_ns() + END_NS;

	if (cmd__has_ended(w->cmd))
		return;
	w->cmd_was_stopped = true;
	cmd__kill(w->cmd, SIGTERM);
	while (!cmd__has_ended(w->cmd) && stop__now_ns() < deadline)
		stop__wait(stop__now_ns() + SECOND_NS / 10);
	cmd__kill(w->cmd, SIGKILL);
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
	if (s->w->cmd && !s->w->is_too_expensive)
		end_cmd(s->w);
	return err ? err : state__report(s, sample);
}

int watch__run(struct watch *w)
{
	uint64_t now = stop__now_ns();
	struct state s = {
		.w = w,
		.end_ns = w->duration_ns ? now + w->duration_ns : UINT64_MAX,
		.next_ns = w->interval_ns ? now + w->interval_ns : UINT64_MAX,
	};
	const uint64_t step_ns = w->governor ? GOVERNOR_STEP_NS : SECOND_NS;
	int err = 0;

	w->is_too_expensive = false;
	while (!err && !w->is_too_expensive && !state__is_over(&s, now)) {
		stop__wait(earlier(now + step_ns, earlier(s.next_ns, s.end_ns)));
		state__forward_signal(&s);
		now = stop__now_ns();
		if (!state__is_over(&s, now))
			err = state__step(&s, now);
	}
	if (!err)
		err = state__finish(&s);
	else
		session__detach(w->session);
	if (err && w->cmd)
		end_cmd(w);
	sample__free(s.last);
	return err;
}
