// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "governor.h"

void governor__begin_session(struct governor *g)
{
	g->last_spent_ns = 0;
	g->rate = 0;
	g->is_paused = false;
}

static void governor__account(struct governor *g, uint64_t now_ns, double spent_ns)
{
	double step_ns = now_ns - (g->last_ns ? g->last_ns : g->begin_ns);
	double cost_ns = spent_ns - g->last_spent_ns, most_ns;

	if (!g->is_paused && step_ns > 0)
		g->rate = cost_ns / step_ns;
	g->credit_ns += g->share * step_ns - cost_ns;
	/* Enough for a step there has to be, whatever that costs. */
	most_ns = g->share * GOVERNOR_CREDIT_NS;
	if (most_ns < g->rate * GOVERNOR_STEP_NS)
		most_ns = g->rate * GOVERNOR_STEP_NS;
	if (g->credit_ns > most_ns)
		g->credit_ns = most_ns;
	g->last_ns = now_ns;
	g->last_spent_ns = spent_ns;
}

enum governor_action governor__decide(struct governor *g, uint64_t now_ns, double spent_ns)
{
	bool is_enough;

	governor__account(g, now_ns, spent_ns);
	/* For the next step, at what one costs now or did last, with what comes in meanwhile. */
	is_enough = g->credit_ns + g->share * GOVERNOR_STEP_NS >= g->rate * GOVERNOR_STEP_NS;
	if (g->is_paused) {
		if (!is_enough || now_ns - g->paused_ns < GOVERNOR_PAUSE_NS)
			return GOVERNOR_KEEP;
		g->is_paused = false;
		return GOVERNOR_RESUME;
	}
	if (is_enough)
		return GOVERNOR_KEEP;
	if (g->can_lower)
		return GOVERNOR_LOWER;
	g->is_paused = true;
	g->paused_ns = now_ns;
	return GOVERNOR_PAUSE;
}
