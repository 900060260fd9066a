// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runs.h"

/* The logs of the buckets' ends. */
static double log_high[VGIC_NR_BUCKETS];

static void fill_log_high(void)
{
	for (unsigned int b = 0; b < VGIC_NR_BUCKETS && !log_high[VGIC_NR_BUCKETS - 1]; b++)
		log_high[b] = log(hist__high(b));
}

#define MEDIAN_NS 700.0
#define TAIL_PART 0.03
#define TAIL_EXPONENT 1.5
#define TAIL_FROM_NS 1500.0

bool costs__init(struct costs *costs, size_t n)
{
	costs->n = n;
	costs->log_cost = calloc(NR_RANGES * n, sizeof(*costs->log_cost));
	return costs->log_cost;
}

void costs__clear(struct costs *costs)
{
	free(costs->log_cost);
}

void costs__of_runs(struct costs *costs, const struct model *model, struct stats_rng *rng)
{
	for (size_t i = 0; i < NR_RANGES * costs->n; i++)
		costs->log_cost[i] = model->noise * stats__normal(rng);
}

void costs__of_slices(struct costs *costs, const struct model *model, struct stats_rng *rng)
{
	double step = sqrt(1 - model->phi * model->phi), middle = (costs->n - 1) / 2.0;

	for (size_t range = 0; range < NR_RANGES; range++) {
		double *cost = &costs->log_cost[range * costs->n], now = stats__normal(rng);
		double tilt = model->drift * (2 * stats__uniform(rng) - 1);

		for (size_t i = 0; i < costs->n; i++) {
			cost[i] = model->slice_noise * now + tilt * (i - middle) / middle;
			now = model->phi * now + step * stats__normal(rng);
		}
	}
}

void costs__add_pairs(struct costs *a, struct costs *b, const struct model *model,
		      struct stats_rng *rng)
{
	for (size_t i = 0; i < NR_RANGES * a->n; i++) {
		double shared = model->pair_noise * stats__normal(rng);

		a->log_cost[i] += shared;
		b->log_cost[i] += shared;
	}
}

void costs__shift(struct costs *costs, size_t range, double log_ratio)
{
	for (size_t i = 0; i < costs->n; i++)
		costs->log_cost[range * costs->n + i] += log_ratio;
}

/* Poisson: by inversion where it is small, else as normal. */
static uint64_t draw_count(double mean, struct stats_rng *rng)
{
	double p, upto, at;
	uint64_t count = 0;

	if (mean > 30)
		return fmax(0, floor(mean + sqrt(mean) * stats__normal(rng) + 0.5));
	p = upto = exp(-mean);
	for (at = stats__uniform(rng); at > upto && p > 1e-18; upto += p)
		p *= mean / ++count;
	return count;
}

/* A bucket's values are spread evenly over it: their sum has a deviation of its own. */
static bool lat__draw_bucket(struct lat *lat, unsigned int bucket, double mean,
			     struct stats_rng *rng)
{
	uint64_t count = draw_count(mean, rng), low = hist__low(bucket), high = hist__high(bucket);

	if (!count)
		return true;
	if (!lat->count)
		lat->min_ns = low;
	lat->max_ns = high - 1;
	lat->sum_ns += count * (low + high - 1) / 2.0 +
		       (high - low) * sqrt(count) * (stats__uniform(rng) - 0.5);
	return !lat__add_bucket(lat, bucket, count);
}

static bool lat__draw_body(struct lat *lat, double events, double log_median, double sigma,
			   struct stats_rng *rng)
{
	unsigned int bucket = hist__bucket(exp(log_median - 4.5 * sigma));
	unsigned int end = hist__bucket(exp(log_median + 4.5 * sigma)) + 1;
	double below = 0;

	for (; bucket < end; bucket++) {
		double upto = stats__normal_cdf((log_high[bucket] - log_median) / sigma);

		if (!lat__draw_bucket(lat, bucket, events * (upto - below), rng))
			return false;
		below = upto;
	}
	return true;
}

/* Few accesses, one by one: spread evenly, with the same deviation. */
static bool lat__draw_few(struct lat *lat, double events, double log_median, double sigma,
			  struct stats_rng *rng)
{
	double median = exp(log_median);

	for (uint64_t nr = draw_count(events, rng); nr; nr--) {
		double ns = median * (1 + sigma * sqrt(3) * (2 * stats__uniform(rng) - 1));

		if (lat__record(lat, ns, 1))
			return false;
	}
	return true;
}

static bool lat__draw_tail(struct lat *lat, double events, double scale, struct stats_rng *rng)
{
	for (uint64_t nr = draw_count(events, rng); nr; nr--) {
		double far = pow(1 - stats__uniform(rng), -1 / TAIL_EXPONENT);

		if (lat__record(lat, fmin(TAIL_FROM_NS * scale * far, 1e10), 1))
			return false;
	}
	return true;
}

static bool lat__draw(struct lat *lat, size_t range, double log_cost, const struct model *model,
		      struct stats_rng *rng)
{
	bool is_wide = model->is_heavy && range % 3 == 1;
	bool has_tail = model->is_heavy && range % 3 == 2;
	double tail = has_tail ? TAIL_PART : 0;

	if (model->events < 50)
		return lat__draw_few(lat, model->events, log(MEDIAN_NS) + log_cost, model->sigma,
				     rng);
	return lat__draw_body(lat, model->events * (1 - tail), log(MEDIAN_NS) + log_cost,
			      is_wide ? 0.8 : model->sigma, rng) &&
	       lat__draw_tail(lat, model->events * tail, exp(log_cost), rng);
}

static struct sample *draw_sample(const struct costs *costs, size_t i, const struct model *model,
				  struct stats_rng *rng)
{
	struct sample *sample = sample__new();
	bool ok = sample && sample__vm(sample, "1-2");

	for (size_t range = 0; range < NR_RANGES && ok; range++) {
		struct sample_key key = { .range = range, .target = SAMPLE_ALL };
		struct sample_series *series = sample__series(sample, &key);

		ok = series && lat__draw(&series->lat[VGIC_BUS], range,
					 costs->log_cost[range * costs->n + i], model, rng);
		if (ok)
			series->count = series->lat[VGIC_BUS].count;
	}
	if (!ok) {
		sample__free(sample);
		return NULL;
	}
	sample->attached_ns = 1000000000;
	sample->end_ns = sample->begin_ns + sample->attached_ns;
	sample->stages = 1u << VGIC_BUS;
	return sample;
}

bool set__init(struct set *set, const struct costs *costs, const struct model *model,
	       struct stats_rng *rng)
{
	fill_log_high();
	set->side = (struct compare_side){ .nr_runs = costs->n };
	set->runs = calloc(costs->n, sizeof(*set->runs));
	set->samples = calloc(costs->n, sizeof(*set->samples));
	if (!set->runs || !set->samples)
		return false;
	set->side.runs = set->runs;
	for (size_t i = 0; i < costs->n; i++) {
		set->samples[i] = draw_sample(costs, i, model, rng);
		if (!set->samples[i])
			return false;
		set->runs[i].sample = set->samples[i];
	}
	return true;
}

void set__clear(struct set *set)
{
	for (size_t i = 0; i < set->side.nr_runs && set->samples; i++)
		sample__free(set->samples[i]);
	free(set->samples);
	free(set->runs);
}
