// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Holds vgic-cmp's whole gate to its word on synthetic runs whose truth is known: how often it
 * raises a false alarm, finds a true change, or calls a changed range equivalent.
 *
 * A rate is held against its bar with the simulation's own error: "at most 5 %" passes where the
 * upper 95 % bound of the rate (Clopper and Pearson 1934, one-sided) is not above 5 %, "at least"
 * where its lower bound is not below. Seeds are fixed: every run of this gives the same.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "runs.h"

#define ALPHA 0.05
#define CONFIDENCE 0.95

struct scenario {
	const char *name;
	unsigned int nr; /* comparisons */
	size_t nr_runs;  /* a side; within one run: slices */
	bool paired, within_run;
	enum compare_metric metric;
	struct model model;
	double shift;    /* true ratio - 1 */
	bool shifts_all; /* ranges; else one, each in its turn */
	/* Of the rates, in (0, 1); 0: nothing is claimed. */
	double alarms_at_most;     /* comparisons that see a change in a range without one */
	double found_at_least;     /* changed ranges said to be a regression */
	double equivalent_at_most; /* changed ranges said to be equivalent */
	double settled_at_least;   /* ranges without a change said to be equivalent */
};

static const struct model steady = {
	.events = 20000, .sigma = 0.3, .noise = 0.01, .pair_noise = 0.02
};
static const struct model heavy = {
	.events = 900, .sigma = 0.3, .noise = 0.01, .pair_noise = 0.02, .is_heavy = true
};
static const struct model heavy_and_noisy = {
	.events = 900, .sigma = 0.3, .noise = 0.1, .pair_noise = 0.1, .is_heavy = true
};
static const struct model slices = { .events = 10, .sigma = 0.1, .slice_noise = 0.3, .phi = 0.4 };
static const struct model few_slices = { .events = 5, .sigma = 0.1, .slice_noise = 0.3 };
static const struct model quiet_slices = {
	.events = 10, .sigma = 0.1, .slice_noise = 0.01, .phi = 0.4
};
static const struct model drifting_slices = {
	.events = 10, .sigma = 0.1, .slice_noise = 0.3, .phi = 0.6, .drift = 0.1
};
static const struct model tough_slices = {
	.events = 10, .sigma = 0.1, .slice_noise = 0.3, .phi = 0.8, .drift = 0.1
};

struct tally {
	unsigned int nr, alarms;                 /* comparisons */
	unsigned int changed, found, overlooked; /* ranges; overlooked: said to be equivalent */
	unsigned int same, settled;
};

static void tally__add(struct tally *t, const struct comparison *c, const struct scenario *s,
		       size_t shifted)
{
	bool alarm = false;

	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *row = &c->rows[i];
		bool is_changed = s->shift && (s->shifts_all || row->key.range == shifted);

		if (!row->in_gate)
			continue;
		t->changed += is_changed;
		t->same += !is_changed;
		switch (row->verdict) {
		case COMPARE_REGRESSION:
			t->found += is_changed;
			alarm |= !is_changed;
			break;
		case COMPARE_IMPROVEMENT:
			alarm = true;
			break;
		case COMPARE_EQUIVALENT:
			t->overlooked += is_changed;
			t->settled += !is_changed;
			break;
		default:
			break;
		}
	}
	t->nr++;
	t->alarms += alarm;
}

static bool draw_costs(const struct scenario *s, size_t shifted, struct costs *base,
		       struct costs *new, struct stats_rng *rng)
{
	void (*draw)(struct costs *, const struct model *, struct stats_rng *) =
		s->within_run ? costs__of_slices : costs__of_runs;

	if (!costs__init(base, s->nr_runs) || !costs__init(new, s->nr_runs))
		return false;
	draw(base, &s->model, rng);
	draw(new, &s->model, rng);
	if (s->paired)
		costs__add_pairs(base, new, &s->model, rng);
	for (size_t range = 0; range < NR_RANGES; range++)
		if (s->shifts_all || range == shifted)
			costs__shift(new, range, log1p(s->shift));
	return true;
}

/* Draws one comparison and judges it. False: it failed. */
static bool compare_once(const struct scenario *s, size_t shifted, struct stats_rng *rng,
			 struct tally *tally)
{
	struct compare_opts opts = { .paired = s->paired,
				     .within_run = s->within_run,
				     .alpha = ALPHA,
				     .metric = s->metric,
				     .metrics = 1u << s->metric,
				     .stage = VGIC_BUS };
	struct costs base_costs = { 0 }, new_costs = { 0 };
	struct set base = { 0 }, new = { 0 };
	struct comparison *comparison = NULL;
	bool ok = draw_costs(s, shifted, &base_costs, &new_costs, rng) &&
		  set__init(&base, &base_costs, &s->model, rng) &&
		  set__init(&new, &new_costs, &s->model, rng) &&
		  !compare__runs(&base.side, &new.side, &opts, &comparison);

	ok = ok && comparison->nr_gate == NR_RANGES;
	if (ok)
		tally__add(tally, comparison, s, shifted);
	comparison__free(comparison);
	set__clear(&base);
	set__clear(&new);
	costs__clear(&base_costs);
	costs__clear(&new_costs);
	return ok;
}

/* P(X <= @k), X binomial. */
static double binomial_cdf(unsigned int k, unsigned int n, double p)
{
	double sum = 0;

	for (unsigned int i = 0; i <= k; i++)
		sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) +
			   (n - i) * log1p(-p));
	return sum;
}

/* The largest rate with which so few as @k of @n are not rarer than 1 - CONFIDENCE. */
static double upper_bound(unsigned int k, unsigned int n)
{
	double low = (double)k / n, high = 1;

	if (k >= n)
		return 1;
	for (int i = 0; i < 50; i++) {
		double middle = (low + high) / 2;

		if (binomial_cdf(k, n, middle) > 1 - CONFIDENCE)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static double lower_bound(unsigned int k, unsigned int n)
{
	return 1 - upper_bound(n - k, n);
}

static unsigned int nr_failed;

static void claim_at_most(const struct scenario *s, const char *what, unsigned int k,
			  unsigned int n, double bar)
{
	double bound = n ? upper_bound(k, n) : 1;

	if (!bar)
		return;
	nr_failed += bound > bar;
	printf("%s - %s: %s in %u of %u, %.2f %%, surely below %.2f %%; at most %.0f %%\n",
	       bound > bar ? "not ok" : "ok", s->name, what, k, n, 100.0 * k / n, 100 * bound,
	       100 * bar);
}

static void claim_at_least(const struct scenario *s, const char *what, unsigned int k,
			   unsigned int n, double bar)
{
	double bound = n ? lower_bound(k, n) : 0;

	if (!bar)
		return;
	nr_failed += bound < bar;
	printf("%s - %s: %s in %u of %u, %.2f %%, surely above %.2f %%; at least %.0f %%\n",
	       bound < bar ? "not ok" : "ok", s->name, what, k, n, 100.0 * k / n, 100 * bound,
	       100 * bar);
}

static void simulate(const struct scenario *s, uint64_t seed)
{
	struct tally t = { 0 };
	struct stats_rng rng;

	stats__seed(&rng, seed);
	for (unsigned int i = 0; i < s->nr; i++)
		if (!compare_once(s, i % NR_RANGES, &rng, &t)) {
			printf("not ok - %s: comparison %u failed\n", s->name, i);
			nr_failed++;
			return;
		}
	claim_at_most(s, "false alarm", t.alarms, t.nr, s->alarms_at_most);
	claim_at_least(s, "change found", t.found, t.changed, s->found_at_least);
	claim_at_most(s, "change called equivalent", t.overlooked, t.changed,
		      s->equivalent_at_most);
	claim_at_least(s, "no change called equivalent", t.settled, t.same, s->settled_at_least);
	fflush(stdout);
}

static const struct scenario scenarios[] = {
	{ "no change, 10 pairs, run noise 1 %, heavy tails", 1000, 10, true, false, COMPARE_MEAN,
	  heavy, .alarms_at_most = ALPHA },
	{ "no change, 10 pairs, run noise 10 %, heavy tails", 2000, 10, true, false, COMPARE_MEAN,
	  heavy_and_noisy, .alarms_at_most = ALPHA },
	{ "no change, p90, 8 runs a side, run noise 10 %, heavy tails", 2000, 8, false, false,
	  COMPARE_P90, heavy_and_noisy, .alarms_at_most = ALPHA },
	{ "no change, within one run, slices correlated by 0.4", 2000, 200, false, true,
	  COMPARE_MEAN, slices, .alarms_at_most = ALPHA },
	{ "no change, within one run, slices correlated by 0.6, drift", 600, 200, false, true,
	  COMPARE_MEAN, drifting_slices, .alarms_at_most = ALPHA },
	{ "no change, within one run, slices correlated by 0.8, drift", 200, 200, false, true,
	  COMPARE_MEAN, tough_slices, .alarms_at_most = ALPHA },
	{ "2 %, the margin, in all ranges, within one run, slices correlated by 0.4", 500, 200,
	  false, true, COMPARE_MEAN, quiet_slices, .shift = 0.02, .shifts_all = true,
	  .equivalent_at_most = ALPHA },
	{ "5 % in one of 20 ranges, 10 pairs, run noise 1 %", 1000, 10, true, false, COMPARE_MEAN,
	  steady, .shift = 0.05, .alarms_at_most = ALPHA, .found_at_least = 0.8,
	  .settled_at_least = 0.8 },
	{ "5 % in all ranges, 10 pairs, run noise 1 %", 200, 10, true, false, COMPARE_MEAN, steady,
	  .shift = 0.05, .shifts_all = true, .equivalent_at_most = ALPHA },
	{ "2 %, the margin, in all ranges, 10 pairs, run noise 1 %", 500, 10, true, false,
	  COMPARE_MEAN, steady, .shift = 0.02, .shifts_all = true, .equivalent_at_most = ALPHA },
	{ "2 %, the margin, in all ranges, 8 runs a side, run noise 1 %", 500, 8, false, false,
	  COMPARE_MEAN, steady, .shift = 0.02, .shifts_all = true, .equivalent_at_most = ALPHA },
	/* Short runs have six batches; where all else is exact, 4.2 % is what ranks allow them. */
	{ "no change, within one run, 50 slices", 4000, 50, false, true, COMPARE_MEAN, few_slices,
	  .alarms_at_most = ALPHA },
	{ "no change, within one run, 60 slices correlated by 0.4", 1000, 60, false, true,
	  COMPARE_MEAN, slices, .alarms_at_most = ALPHA },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		simulate(&scenarios[i], i + 1);
	return nr_failed > 0;
}
