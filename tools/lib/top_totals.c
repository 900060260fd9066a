// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What holds of a model's last interval in all; what its views are called. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "top_model.h"

static const char *const view_names[TOP_NR_VIEWS] = { "vms", "vcpus", "devices", "ranges",
						      "exits" };

const char *top_view__name(enum top_view view)
{
	return view_names[view];
}

int top_view__parse(const char *name)
{
	for (int i = 0; i < TOP_NR_VIEWS; i++)
		if (!strcmp(view_names[i], name))
			return i;
	return -ENOENT;
}

double top_model__seconds(const struct top_model *m, enum top_view view)
{
	return view == TOP_EXITS ? m->exit_seconds : m->seconds;
}

struct top_totals top_model__totals(const struct top_model *m)
{
	const struct top_table *t = &m->tables[TOP_VMS];
	const bool is_timed = m->view->stages & 1u << VGIC_BUS && m->seconds > 0;
	struct top_totals totals = { .cpu = is_timed ? 0 : NAN };

	for (size_t i = 0; i < m->nr_vms; i++) {
		if (!m->vms[i].is_used)
			continue;
		totals.nr_vms += !m->vms[i].ended_for;
		totals.nr_ended += !!m->vms[i].ended_for;
		totals.nr_vcpus += m->vms[i].ended_for ? 0 : m->vms[i].vm.nr_vcpus;
	}
	for (size_t i = 0; i < t->nr && m->seconds > 0; i++) {
		totals.kernel += (t->rows[i].count - t->rows[i].user) / m->seconds;
		totals.user += t->rows[i].user / m->seconds;
		totals.cpu += t->rows[i].busy_ns / m->seconds / 1e9;
	}
	return totals;
}
