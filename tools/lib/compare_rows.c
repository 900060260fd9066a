// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compare_rows.h"
#include "compare_tail.h"
#include "compare_within.h"
#include "regs.h"
#include "view.h"

#define DEFAULT_MARGIN 0.02

static bool has_metric(const struct making *m, enum compare_metric metric)
{
	return !m->opts->metrics || m->opts->metrics >> metric & 1 || m->of->metric == (int)metric;
}

/* Room for one more row, with its trial. NULL: no memory. */
static struct compare_row *making__add(struct making *m, struct trial **trial)
{
	struct comparison *of = m->of;

	if (of->nr_rows == m->max_rows) {
		size_t max = m->max_rows ? m->max_rows * 2 : 64;
		struct compare_row *rows = reallocarray(of->rows, max, sizeof(*rows));
		struct trial *trials;

		if (!rows)
			return NULL;
		of->rows = rows;
		trials = reallocarray(m->trials, max, sizeof(*trials));
		if (!trials)
			return NULL;
		m->trials = trials;
		m->max_rows = max;
	}
	*trial = &m->trials[of->nr_rows];
	memset(*trial, 0, sizeof(**trial));
	memset(&of->rows[of->nr_rows], 0, sizeof(*of->rows));
	return &of->rows[of->nr_rows++];
}

/* The figures of all runs; none where one has none. 0 or -ENOMEM. */
static int trial__fill(struct trial *t, const struct making *m, const struct figure *f)
{
	size_t nr = m->base.nr_runs > m->new.nr_runs ? m->base.nr_runs : m->new.nr_runs;
	bool is_whole = true;
	int err;

	t->is_paired = m->opts->paired;
	t->within_run = m->opts->within_run;
	t->alpha = m->of->alpha;
	t->use_floor = m->opts->use_floor;
	t->margin = m->opts->margin > 0 ? m->opts->margin : DEFAULT_MARGIN;
	if (!(m->opts->margin > 0) && f->metric != COMPARE_COUNT)
		t->margin_ns = m->tick_ns;
	if (t->within_run)
		return within__fill(t, &m->base, &m->new, f);
	t->base = calloc(nr + 1, sizeof(double));
	t->new = calloc(nr + 1, sizeof(double));
	err = t->base && t->new ? 0 : -ENOMEM;
	for (size_t i = 0; i < nr && !err; i++) {
		double base = NAN, new = NAN;

		if (i < m->base.nr_runs)
			err = run_sums__figure(&m->base, i, i + 1, f, &base);
		if (i < m->new.nr_runs && !err)
			err = run_sums__figure(&m->new, i, i + 1, f, &new);
		if (i < m->base.nr_runs)
			t->base[t->nr_base++] = base;
		if (i < m->new.nr_runs)
			t->new[t->nr_new++] = new;
		is_whole &= (i >= m->base.nr_runs || !isnan(base)) &&
			    (i >= m->new.nr_runs || !isnan(new));
	}
	/* To leave out the runs in which it was least would make it look like more. */
	if (!is_whole)
		t->nr_base = t->nr_new = 0;
	/* Calibrations average out over the runs; a model does not. */
	if (run_sums__is_modelled(&m->base) && run_sums__is_modelled(&m->new))
		t->share_error = run_sums__share_doubt(&m->base, &m->new, f);
	return err;
}

/* Whether each run (within one run: the run as a whole) has as many events as the metric takes. */
static bool is_rare(const struct making *m, const struct figure *f)
{
	uint64_t least = compare_metric__least(f->metric);

	if (f->fact)
		return false;
	if (m->opts->within_run)
		return run_sums__events(&m->base, f) < least ||
		       run_sums__events(&m->new, f) < least;
	return run_sums__fewest(&m->base, f) < least || run_sums__fewest(&m->new, f) < least;
}

/* What there is to be shown of figures that cannot be tested. */
static int making__describe(const struct making *m, const struct figure *f, struct compare_row *row)
{
	int err = run_sums__figure(&m->base, 0, m->base.nr_runs, f, &row->base);

	if (!err)
		err = run_sums__figure(&m->new, 0, m->new.nr_runs, f, &row->new);
	row->ratio = row->new / row->base;
	return err;
}

static int making__row(struct making *m, const struct figure *f)
{
	bool rare = is_rare(m, f);
	struct compare_row *row;
	struct trial *t;
	int err;

	if (!has_metric(m, f->metric) || (rare && f->metric > COMPARE_MEAN))
		return 0;
	row = making__add(m, &t);
	if (!row)
		return -ENOMEM;
	row->key = f->key;
	row->stage = f->stage;
	row->metric = f->metric;
	snprintf(row->fact, sizeof(row->fact), "%s", f->fact ? f->fact : "");
	row->is_rare = rare;
	row->in_gate = !rare && row->metric == (enum compare_metric)m->of->metric &&
		       row->stage == m->of->stage;
	err = trial__fill(t, m, f);
	t->grain = run_sums__grain(&m->base, f) + run_sums__grain(&m->new, f);
	if (!err)
		err = trial__test(t, row);
	if (!err && isnan(row->ratio))
		err = making__describe(m, f, row);
	if (!err && f->metric == COMPARE_P99 && !m->opts->within_run)
		err = making__tail(m, f, t, row);
	return err;
}

static int making__range(struct making *m, const struct sample_key *key)
{
	struct figure f = { .metric = COMPARE_COUNT, .key = *key, .stage = -1 };
	uint32_t stages = m->base.stages & m->new.stages;
	int err = making__row(m, &f);

	if (m->opts->stages)
		stages &= m->opts->stages;
	for (f.stage = 0; f.stage < VGIC_NR_STAGES && !err; f.stage++)
		for (f.metric = COMPARE_MEAN; f.metric <= COMPARE_P99 && !err; f.metric++)
			if (stages >> f.stage & 1 && run_sums__events(&m->base, &f) &&
			    run_sums__events(&m->new, &f))
				err = making__row(m, &f);
	return err;
}

int making__ranges(struct making *m)
{
	const struct sample *base = m->base.all, *new = m->new.all;
	int err = 0;

	for (size_t i = 0; i < base->nr_series && !err; i++) {
		const struct sample_key *key = &base->series[i].key;

		if (!compare_opts__wants(m->opts, key) || !base->series[i].count)
			continue;
		if (sample__find(new, key))
			err = making__range(m, key);
		else
			m->of->nr_base_only++;
	}
	for (size_t i = 0; i < new->nr_series && !err; i++)
		if (compare_opts__wants(m->opts, &new->series[i].key) && new->series[i].count)
			m->of->nr_new_only += !sample__find(base, &new->series[i].key);
	return err;
}

static bool all_tell(const struct making *m, const char *name)
{
	for (int side = 0; side < 2; side++) {
		const struct run_sums *sums = side ? &m->new : &m->base;

		for (size_t i = 0; i < sums->nr_runs; i++)
			if (isnan(compare_run__fact(sums->runs[i].run, name)))
				return false;
	}
	return true;
}

static bool is_wanted_fact(const struct making *m, const char *name)
{
	char range[64];
	const char *begin = strchr(name, '.') + 1;

	snprintf(range, sizeof(range), "%.*s", (int)strcspn(begin, "."), begin);
	return !m->opts->range || !fnmatch(m->opts->range, range, FNM_CASEFOLD);
}

/* What the guest's side says: the baseline, and what its accesses cost it. */
int making__facts(struct making *m)
{
	const struct compare_run *run = m->base.runs[0].run;
	struct figure f = { .metric = COMPARE_BASELINE, .stage = -1, .fact = "baseline_ns" };
	int err = all_tell(m, f.fact) ? making__row(m, &f) : 0;

	f.metric = COMPARE_ACCESS;
	f.less_baseline = all_tell(m, "baseline_ns");
	m->of->less_baseline = f.less_baseline;
	for (size_t i = 0; i < run->nr_facts && !err; i++) {
		f.fact = run->facts[i].name;
		if (!strncmp(f.fact, "access_ns.", 10) && is_wanted_fact(m, f.fact) &&
		    all_tell(m, f.fact))
			err = making__row(m, &f);
	}
	return err;
}
