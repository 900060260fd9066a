// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "compare_effects.h"
#include "compare_rows.h"
#include "names.h"
#include "stats.h"

#define DEFAULT_ALPHA 0.05

static const struct {
	const char *name;
	uint64_t least; /* events a run must have, that the figure says something of the run */
} metrics[COMPARE_NR_METRICS] = {
	[COMPARE_COUNT] = { "count", 1 },       [COMPARE_MEAN] = { "mean", 30 },
	[COMPARE_P50] = { "p50", 100 },         [COMPARE_P90] = { "p90", 100 },
	[COMPARE_P99] = { "p99", 1000 },        [COMPARE_ACCESS] = { "access", 1 },
	[COMPARE_BASELINE] = { "baseline", 1 },
};

const char *compare_metric__name(enum compare_metric metric)
{
	return metrics[metric].name;
}

uint64_t compare_metric__least(enum compare_metric metric)
{
	return metrics[metric].least;
}

int compare_metric__parse(const char *name)
{
	for (int i = 0; i < COMPARE_NR_METRICS; i++)
		if (!strcmp(metrics[i].name, name))
			return i;
	return -ENOENT;
}

const char *compare_verdict__name(enum compare_verdict verdict)
{
	static const char *const names[] = {
		[COMPARE_REGRESSION] = "regression",
		[COMPARE_IMPROVEMENT] = "improvement",
		[COMPARE_EQUIVALENT] = "equivalent",
		[COMPARE_INCONCLUSIVE] = "inconclusive",
	};

	return names[verdict];
}

/* Holm's p of the rows of one family: of a metric and stage, those that are not rare. */
static int making__holm(struct making *m, enum compare_metric metric, int stage)
{
	struct comparison *of = m->of;
	double *p = calloc(of->nr_rows + 1, sizeof(*p));
	size_t *which = calloc(of->nr_rows + 1, sizeof(*which)), nr = 0;
	int err = p && which ? 0 : -ENOMEM;

	for (size_t i = 0; i < of->nr_rows && !err; i++) {
		const struct compare_row *row = &of->rows[i];

		if (row->metric != metric || row->stage != stage || row->is_rare)
			continue;
		which[nr] = i;
		p[nr++] = row->p;
	}
	err = err ? err : stats__holm(p, nr);
	for (size_t i = 0; i < nr && !err; i++) {
		of->rows[which[i]].p_holm = p[i];
		trial__judge(&m->trials[which[i]], &of->rows[which[i]], nr);
	}
	free(p);
	free(which);
	return err;
}

static int making__bh(struct making *m)
{
	struct comparison *of = m->of;
	double *p = calloc(of->nr_rows + 1, sizeof(*p));
	int err = p ? 0 : -ENOMEM;

	for (size_t i = 0; i < of->nr_rows && !err; i++)
		p[i] = of->rows[i].p;
	err = err ? err : stats__benjamini_hochberg(p, of->nr_rows);
	for (size_t i = 0; i < of->nr_rows && !err; i++)
		of->rows[i].p_bh = p[i];
	free(p);
	return err;
}

/* The row of the gate that is about the same range. NULL: its range is not in the gate. */
static const struct compare_row *gate_row(const struct comparison *of, const struct sample_key *key)
{
	for (size_t i = 0; i < of->nr_rows; i++) {
		const struct sample_key *k = &of->rows[i].key;

		if (of->rows[i].in_gate && k->range == key->range && k->op == key->op &&
		    k->base == key->base)
			return &of->rows[i];
	}
	return NULL;
}

/*
 * In which stage, and in which part of the distribution, is asked of ranges that the gate found
 * changed. Else each further family would raise false alarms of its own.
 */
static void making__keep_gate(struct making *m)
{
	struct comparison *of = m->of;

	for (size_t i = 0; i < of->nr_rows && of->metric < COMPARE_ACCESS; i++) {
		struct compare_row *row = &of->rows[i];
		const struct compare_row *gate;

		if (row->in_gate || row->stage < 0 || row->verdict > COMPARE_IMPROVEMENT)
			continue;
		gate = gate_row(of, &row->key);
		if (gate && gate->p_holm <= of->alpha)
			continue;
		row->verdict = COMPARE_INCONCLUSIVE;
		snprintf(row->why, sizeof(row->why), "the range's %s%s%s did not change for sure",
			 compare_metric__name(of->metric), of->stage >= 0 ? " of " : "",
			 of->stage >= 0 ? stage__name(of->stage) : "");
	}
}

/* A second in which more was done is no worse: only the work tells, or who asks for counts. */
static void hold_back_rates(struct making *m)
{
	struct comparison *of = m->of;

	for (size_t i = 0; i < of->nr_rows; i++) {
		struct compare_row *row = &of->rows[i];

		if (row->is_rare) {
			row->p_holm = 1;
			row->verdict = COMPARE_INCONCLUSIVE;
			snprintf(row->why, sizeof(row->why), "rare: fewer than %d in a run",
				 (int)metrics[row->metric].least);
		}
		if (row->metric == COMPARE_COUNT && !of->per_work &&
		    m->opts->metric != COMPARE_COUNT && row->verdict <= COMPARE_IMPROVEMENT) {
			row->verdict = COMPARE_INCONCLUSIVE;
			snprintf(row->why, sizeof(row->why),
				 "changed per second; nothing says how much work that was");
		}
	}
}

static int making__judge(struct making *m)
{
	int err = making__bh(m);

	for (int metric = 0; metric < COMPARE_NR_METRICS; metric++)
		for (int stage = -1; stage < VGIC_NR_STAGES && !err; stage++)
			err = making__holm(m, metric, stage);
	making__keep_gate(m);
	hold_back_rates(m);
	return err;
}

static void comparison__sum_up(struct comparison *of)
{
	for (size_t i = 0; i < of->nr_rows; i++)
		if (of->rows[i].in_gate) {
			of->nr_gate++;
			of->nr_of[of->rows[i].verdict]++;
		}
	if (of->nr_of[COMPARE_REGRESSION])
		of->verdict = COMPARE_REGRESSION;
	else if (of->nr_of[COMPARE_INCONCLUSIVE] || !of->nr_gate)
		of->verdict = COMPARE_INCONCLUSIVE;
	else if (of->nr_of[COMPARE_IMPROVEMENT])
		of->verdict = COMPARE_IMPROVEMENT;
	else
		of->verdict = COMPARE_EQUIVALENT;
}

static double total_ns(const struct sample *sample, int stage)
{
	double sum = 0;

	for (size_t i = 0; i < sample->nr_series; i++)
		sum += sample->series[i].lat[stage].sum_ns;
	return sum;
}

/* The bus where it was measured, else what took most. -1: no latencies. */
static int making__dearest_stage(const struct making *m)
{
	uint32_t stages = m->base.stages & m->new.stages;
	int dearest = -1;
	double most = 0;

	if (m->opts->stages)
		stages &= m->opts->stages;
	for (int i = 0; i < VGIC_NR_STAGES; i++) {
		double sum = stages >> i & 1 ? total_ns(m->base.all, i) : 0;

		if (sum > 0 && i == VGIC_BUS)
			return i;
		if (sum > most) {
			most = sum;
			dearest = i;
		}
	}
	return dearest;
}

static void making__choose_gate(struct making *m)
{
	struct comparison *of = m->of;

	of->stage = m->opts->stage >= 0 ? m->opts->stage : making__dearest_stage(m);
	of->total_stage = of->stage;
	of->metric = m->opts->metric;
	if (of->metric < 0)
		of->metric = of->stage >= 0 ? COMPARE_MEAN : COMPARE_COUNT;
	if (of->metric < COMPARE_MEAN || of->metric > COMPARE_P99)
		of->stage = -1;
}

static double coarsest_tick(const struct compare_side *base, const struct compare_side *new)
{
	double tick = 0;

	for (size_t i = 0; i < base->nr_runs; i++)
		tick = fmax(tick, base->runs[i].tick_ns);
	for (size_t i = 0; i < new->nr_runs; i++)
		tick = fmax(tick, new->runs[i].tick_ns);
	return tick;
}

/* To compare what is corrected with what is not would find the hooks. */
static void making__leave_out_unlike(struct making *m)
{
	uint32_t any = 0, all = ~0u, both = m->base.stages & m->new.stages;

	for (int side = 0; side < 2; side++) {
		struct run_sums *sums = side ? &m->new : &m->base;

		for (size_t i = 0; i < sums->nr_runs; i++) {
			uint32_t known = 0;

			for (int s = 0; s < VGIC_NR_STAGES; s++)
				known |= (uint32_t)calibration__share(
						 sums->runs[i].run->calibration, s)
						 ->is_known
					 << s;
			any |= known;
			all &= known;
		}
	}
	m->of->stages_left_out = any & ~all & both;
	m->base.stages &= ~m->of->stages_left_out;
	m->new.stages &= ~m->of->stages_left_out;
}

static int making__run(struct making *m)
{
	int err;

	making__leave_out_unlike(m);
	making__choose_gate(m);
	err = making__facts(m);
	if (!err)
		err = making__ranges(m);
	if (!err && !m->of->nr_rows)
		err = -ENODATA;
	if (!err)
		err = making__judge(m);
	if (!err)
		err = comparison__add_effects(m->of, &m->base, &m->new, m->opts);
	comparison__sum_up(m->of);
	return err;
}

static bool fit_together(const struct compare_side *base, const struct compare_side *new,
			 const struct compare_opts *opts)
{
	if (!base->nr_runs || !new->nr_runs || (opts->paired && opts->within_run))
		return false;
	return !opts->paired || base->nr_runs == new->nr_runs;
}

int compare__runs(const struct compare_side *base, const struct compare_side *new,
		  const struct compare_opts *opts, struct comparison **comparison)
{
	struct comparison *of = calloc(1, sizeof(*of));
	struct making m = { .opts = opts, .of = of, .tick_ns = coarsest_tick(base, new) };
	int err = of ? 0 : -ENOMEM;

	if (!err && !fit_together(base, new, opts))
		err = -EINVAL;
	if (err)
		goto out;
	of->alpha = opts->alpha > 0 ? opts->alpha : DEFAULT_ALPHA;
	of->within_run = opts->within_run;
	of->per_work = compare_side__tells_work(base) && compare_side__tells_work(new);
	err = run_sums__init(&m.base, base, of->per_work);
	if (!err)
		err = run_sums__init(&m.new, new, of->per_work);
	if (!err)
		err = making__run(&m);
out:
	for (size_t i = 0; of && i < of->nr_rows; i++)
		trial__clear(&m.trials[i]);
	free(m.trials);
	run_sums__clear(&m.base);
	run_sums__clear(&m.new);
	if (err)
		comparison__free(of);
	else
		*comparison = of;
	return err;
}

void comparison__free(struct comparison *comparison)
{
	if (!comparison)
		return;
	free(comparison->rows);
	free(comparison->effects);
	free(comparison);
}
