// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "governor.h"

void governor__begin_session(struct governor *g)
{
	g->last_spent_ns = 0;
	g->rate = 0;
	g->is_paused = g->has_switched = false;
	g->switch_ns = 0;
}

static double max(double a, double b)
{
	return a > b ? a : b;
}

/* What it takes to attach for a step and detach again. */
static double governor__turn_ns(const struct governor *g)
{
	return g->rate * GOVERNOR_STEP_NS + 2 * g->switch_ns;
}

static void governor__account(struct governor *g, uint64_t now_ns, double spent_ns)
{
	double step_ns = now_ns - (g->last_ns ? g->last_ns : g->begin_ns);
	double cost_ns = spent_ns - g->last_spent_ns, most_ns;

	/* The first step of a pause is charged for detaching, the first one after it for attaching.
	 */
	if (g->has_switched && g->is_paused)
		g->switch_ns = cost_ns;
	else if (!g->has_switched && !g->is_paused && step_ns > 0)
		g->rate = cost_ns / step_ns;
	g->has_switched = false;
	g->credit_ns += g->share * step_ns - cost_ns;
	/* Enough for a turn there has to be, whatever that costs. */
	most_ns = max(g->share * GOVERNOR_CREDIT_NS, governor__turn_ns(g));
	if (g->credit_ns > most_ns)
		g->credit_ns = most_ns;
	g->last_ns = now_ns;
	g->last_spent_ns = spent_ns;
}

static enum governor_action governor__switch(struct governor *g, uint64_t now_ns)
{
	g->is_paused = !g->is_paused;
	g->has_switched = true;
	g->paused_ns = now_ns;
	return g->is_paused ? GOVERNOR_PAUSE : GOVERNOR_RESUME;
}

enum governor_action governor__decide(struct governor *g, uint64_t now_ns, double spent_ns)
{
	double income_ns = g->share * GOVERNOR_STEP_NS, turn_ns;

	governor__account(g, now_ns, spent_ns);
	turn_ns = governor__turn_ns(g);
	if (g->is_paused)
		return g->credit_ns + income_ns < turn_ns ||
				       now_ns - g->paused_ns < GOVERNOR_PAUSE_NS
			       ? GOVERNOR_KEEP
			       : governor__switch(g, now_ns);
	/* For the next step, at what the last one cost, with what comes in meanwhile; then to
	 * detach. */
	if (g->credit_ns + income_ns >= turn_ns - g->switch_ns)
		return GOVERNOR_KEEP;
	return g->can_lower ? GOVERNOR_LOWER : governor__switch(g, now_ns);
}
