// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * count x mean = time of a range, c0 m0 before and c1 m1 after:
 *
 *   c1 m1 - c0 m0 = (c1 - c0) m0  +  c0 (m1 - m0)  +  (c1 - c0) (m1 - m0)
 *                   count            latency          both
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "compare_effects.h"

struct dose {
	double count, mean_ns; /* of a unit; of an access */
};

/* A run's mean without its own share of hooks, weighted by the run's accesses. */
static struct dose dose_of(const struct run_sums *sums, const struct sample_key *key, int stage)
{
	struct figure f = { .metric = COMPARE_MEAN, .key = *key, .stage = stage };
	double count = 0, sum_ns = 0;

	for (size_t i = 0; i < sums->nr_runs; i++) {
		const struct sample_series *series = sample__find(sums->runs[i].sum, key);
		double mean_ns = NAN;

		run_sums__figure(sums, i, i + 1, &f, &mean_ns);
		if (!series || isnan(mean_ns))
			continue;
		count += series->count;
		sum_ns += series->count * mean_ns;
	}
	return (struct dose){ count / sums->unit, count > 0 ? sum_ns / count : 0 };
}

static struct compare_effect effect_of(struct dose base, struct dose new)
{
	/* What one side alone has is more (fewer) accesses, not dearer ones. */
	double base_mean = base.count > 0 ? base.mean_ns : new.mean_ns;
	double new_mean = new.count > 0 ? new.mean_ns : base.mean_ns;
	double more = new.count - base.count, dearer = new_mean - base_mean;

	return (struct compare_effect){
		.base_ns = base.count * base_mean,
		.new_ns = new.count *new_mean,
		.count_ns = more *base_mean,
		.latency_ns = base.count *dearer,
		.both_ns = more *dearer,
	};
}

static void effect__add(struct compare_effect *sum, const struct compare_effect *e)
{
	sum->base_ns += e->base_ns;
	sum->new_ns += e->new_ns;
	sum->count_ns += e->count_ns;
	sum->latency_ns += e->latency_ns;
	sum->both_ns += e->both_ns;
}

static int by_change(const void *a, const void *b)
{
	const struct compare_effect *x = a, *y = b;
	double dx = fabs(x->new_ns - x->base_ns), dy = fabs(y->new_ns - y->base_ns);

	if (dx != dy)
		return dx < dy ? 1 : -1;
	return (x->base_ns < y->base_ns) - (x->base_ns > y->base_ns);
}

int comparison__add_effects(struct comparison *of, const struct run_sums *base,
			    const struct run_sums *new, const struct compare_opts *opts)
{
	const struct sample *all[] = { base->all, new->all };

	if (of->total_stage < 0)
		return 0;
	of->effects = calloc(all[0]->nr_series + all[1]->nr_series + 1, sizeof(*of->effects));
	if (!of->effects)
		return -ENOMEM;
	for (size_t i = 0; i < all[0]->nr_series + all[1]->nr_series; i++) {
		int side = i >= all[0]->nr_series;
		const struct sample_key *key =
			&all[side]->series[side ? i - all[0]->nr_series : i].key;
		struct compare_effect *effect = &of->effects[of->nr_effects];

		if (!compare_opts__wants(opts, key) || (side && sample__find(all[0], key)))
			continue;
		*effect = effect_of(dose_of(base, key, of->total_stage),
				    dose_of(new, key, of->total_stage));
		effect->key = *key;
		effect__add(&of->total, effect);
		of->nr_effects += effect->base_ns > 0 || effect->new_ns > 0;
	}
	qsort(of->effects, of->nr_effects, sizeof(*of->effects), by_change);
	return 0;
}
