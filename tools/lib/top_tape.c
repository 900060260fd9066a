// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <time.h>
#include "top_tape.h"

bool top_tape__is_on(const struct top_tape *t)
{
	return t->tape.recorder;
}

static void record(struct top_tape *t, const struct sample *cumulative)
{
	struct sample *since;

	if (!t->base) {
		tape__slice(&t->tape, cumulative);
		return;
	}
	/* Without memory this slice is part of the next one. */
	since = sample__between(t->base, cumulative);
	if (since)
		tape__slice(&t->tape, since);
	sample__free(since);
}

void top_tape__slice(struct top_tape *t, const struct sample *cumulative)
{
	if (top_tape__is_on(t))
		record(t, cumulative);
	sample__free(t->last);
	t->last = sample__hold(cumulative);
}

int top_tape__begin(struct top_tape *t, const char *path, const struct view *view)
{
	int err = tape__begin(&t->tape, path, view, NULL);

	if (err)
		return err;
	t->nr_marks = 0;
	t->base = t->last ? sample__hold(t->last) : NULL;
	return 0;
}

void top_tape__mark(struct top_tape *t, uint64_t end_ns)
{
	struct recording_mark mark = { .end_ns = end_ns,
				       .interval = t->nr_marks + 1,
				       .time_s = time(NULL),
				       .cmd_status = -1 };

	if (!top_tape__is_on(t))
		return;
	t->nr_marks++;
	tape__mark(&t->tape, &mark);
}

bool top_tape__end(struct top_tape *t)
{
	const bool was_lost = t->tape.is_lost;
	bool is_complete;

	t->tape.is_lost = false;
	tape__finish(&t->tape);
	is_complete = !t->tape.is_lost;
	t->tape.is_lost |= was_lost;
	tape__close(&t->tape);
	sample__free(t->base);
	t->base = NULL;
	return is_complete;
}

void top_tape__forget(struct top_tape *t)
{
	top_tape__end(t);
	sample__free(t->last);
	t->last = NULL;
}
