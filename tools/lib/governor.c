// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "governor.h"

enum governor_action governor__decide(struct governor *g, uint64_t now_ns, double spent_ns)
{
	double spent = g->spent_before_ns + spent_ns, step_ns = now_ns - g->last_ns;
	/* At the end of the next step, and at what that costs now or did last. */
	double allowed = g->share * (now_ns + GOVERNOR_STEP_NS - g->begin_ns);

	if (!g->is_paused && g->last_ns && step_ns > 0)
		g->rate = (spent_ns - g->last_spent_ns) / step_ns;
	g->last_ns = now_ns;
	g->last_spent_ns = spent_ns;
	if (spent + g->rate * GOVERNOR_STEP_NS <= allowed) {
		bool was_paused = g->is_paused;

		g->is_paused = false;
		return was_paused ? GOVERNOR_RESUME : GOVERNOR_KEEP;
	}
	if (g->is_paused)
		return GOVERNOR_KEEP;
	if (g->can_lower)
		return GOVERNOR_LOWER;
	g->is_paused = true;
	return GOVERNOR_PAUSE;
}
