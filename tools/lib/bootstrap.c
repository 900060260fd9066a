// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "bootstrap.h"
#include "stats.h"

/* A side, ready to be drawn from: over the buckets first..first + nr_buckets - 1 in use. */
struct pool {
	uint64_t *upto; /* [run][bucket]: how many values are in it or below */
	double *share;  /* [run]: the hooks', ns times the run's values */
	size_t nr_runs, nr_buckets;
	unsigned int first;
};

/* Of merged runs: the quantile, and the bounds of its bucket, without the hooks' share. */
struct quantile {
	double ns, low, high;
};

static void pool__clear(struct pool *pool)
{
	free(pool->upto);
	free(pool->share);
}

static void pool__set_buckets(struct pool *pool, const struct bootstrap_side *side)
{
	unsigned int first = VGIC_NR_BUCKETS, end = 0;

	for (size_t i = 0; i < side->nr_runs; i++) {
		const struct lat *lat = side->runs[i].lat;

		first = lat->first < first ? lat->first : first;
		end = (unsigned int)lat->first + lat->nr > end ? lat->first + lat->nr : end;
	}
	pool->first = first;
	pool->nr_buckets = end - first;
}

/* All runs have values. */
static int pool__init(struct pool *pool, const struct bootstrap_side *side)
{
	pool__set_buckets(pool, side);
	pool->nr_runs = side->nr_runs;
	pool->upto = calloc(pool->nr_runs * pool->nr_buckets, sizeof(*pool->upto));
	pool->share = calloc(pool->nr_runs, sizeof(*pool->share));
	if (!pool->upto || !pool->share)
		return -ENOMEM;
	for (size_t i = 0; i < pool->nr_runs; i++) {
		uint64_t *upto = &pool->upto[i * pool->nr_buckets], sum = 0;

		for (size_t b = 0; b < pool->nr_buckets; b++)
			upto[b] = sum += lat__bucket(side->runs[i].lat, pool->first + b);
		pool->share[i] = side->runs[i].share_ns * sum;
	}
	return 0;
}

static uint64_t pool__upto(const struct pool *pool, const size_t *runs, size_t n, size_t bucket)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pool->upto[runs[i] * pool->nr_buckets + bucket];
	return sum;
}

/* The @q quantile of the @n @runs merged: nearest rank, values evenly spread in their bucket. */
static struct quantile pool__quantile(const struct pool *pool, const size_t *runs, size_t n,
				      double q)
{
	size_t low = 0, high = pool->nr_buckets - 1;
	uint64_t all = pool__upto(pool, runs, n, high), below, within;
	double rank = fmax(1, ceil(q * all * (1 - 1e-15))), share = 0;
	struct quantile out;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pool__upto(pool, runs, n, middle) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	for (size_t i = 0; i < n; i++)
		share += pool->share[runs[i]] / all;
	below = low ? pool__upto(pool, runs, n, low - 1) : 0;
	within = pool__upto(pool, runs, n, low) - below;
	out.low = hist__low(pool->first + low) - share;
	out.high = hist__high(pool->first + low) - share;
	out.ns = out.low + (out.high - out.low) * (rank - below - 0.5) / within;
	return out;
}

/* What is drawn from; @runs are of base, then of new. */
struct draws {
	struct pool base, new;
	size_t *runs;
	double *log_ratios;
	size_t nr;
	bool paired;
	double q;
};

static double draws__log_ratio(const struct draws *d, size_t nr_base, size_t nr_new)
{
	double base = pool__quantile(&d->base, d->runs, nr_base, d->q).ns;
	double new = pool__quantile(&d->new, d->runs + d->base.nr_runs, nr_new, d->q).ns;

	return base > 0 && new > 0 ? log(new / base) : NAN;
}

static void draws__all_runs(struct draws *d)
{
	for (size_t i = 0; i < d->base.nr_runs; i++)
		d->runs[i] = i;
	for (size_t i = 0; i < d->new.nr_runs; i++)
		d->runs[d->base.nr_runs + i] = i;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* -ENODATA: some quantile was not above the hooks' share. */
static int draws__make(struct draws *d, uint64_t seed)
{
	size_t nb = d->base.nr_runs, nn = d->new.nr_runs;
	struct stats_rng rng;

	stats__seed(&rng, seed);
	for (size_t i = 0; i < d->nr; i++) {
		for (size_t j = 0; j < nb; j++)
			d->runs[j] = stats__below(&rng, nb);
		for (size_t j = 0; j < nn; j++)
			d->runs[nb + j] = d->paired ? d->runs[j] : stats__below(&rng, nn);
		d->log_ratios[i] = draws__log_ratio(d, nb, nn);
		if (isnan(d->log_ratios[i]))
			return -ENODATA;
	}
	qsort(d->log_ratios, d->nr, sizeof(*d->log_ratios), by_value);
	return 0;
}

/* What a side's runs (@of: base, new, or the pairs) add to the acceleration. */
struct jackknife {
	double squares, cubes;
};

/* Leaves out one run after the other, of base, new, or both at once. */
static void draws__jackknife(struct draws *d, bool of_base, bool of_new, struct jackknife *sum)
{
	size_t nb = d->base.nr_runs, nn = d->new.nr_runs, n = of_base ? nb : nn;
	double *left = d->log_ratios + d->nr, mean = 0;

	for (size_t i = 0; i < n; i++) {
		draws__all_runs(d);
		if (of_base)
			d->runs[i] = d->runs[nb - 1];
		if (of_new)
			d->runs[nb + i] = d->runs[nb + nn - 1];
		left[i] = draws__log_ratio(d, nb - of_base, nn - of_new);
		mean += left[i] / n;
	}
	for (size_t i = 0; i < n; i++) {
		double influence = (n - 1.0) / n * (mean - left[i]);

		sum->squares += influence * influence;
		sum->cubes += influence * influence * influence;
	}
}

static double draws__acceleration(struct draws *d)
{
	struct jackknife sum = { 0 };

	if (d->paired) {
		draws__jackknife(d, true, true, &sum);
	} else {
		draws__jackknife(d, true, false, &sum);
		draws__jackknife(d, false, true, &sum);
	}
	return sum.squares > 0 && isfinite(sum.cubes) ? sum.cubes / (6 * pow(sum.squares, 1.5)) : 0;
}

/* How much of the draws lies below @log_ratio, those equal to it by half. */
static double draws__below(const struct draws *d, double log_ratio)
{
	double below = 0;

	for (size_t i = 0; i < d->nr; i++)
		below += d->log_ratios[i] < log_ratio ? 1 : d->log_ratios[i] == log_ratio ? 0.5 : 0;
	return below / d->nr;
}

/* The quantile of the draws that BCa takes for the end of an interval at normal quantile @z. */
static double bca_level(double z, double bias, double acceleration)
{
	double moved = bias + z;

	return stats__normal_cdf(bias + moved / (1 - acceleration * moved));
}

/* Hesterberg 2015: that a percentile interval of @n runs has the width of a t interval. */
static double expanded_level(double tail, size_t n)
{
	return stats__normal_cdf(sqrt(n / (n - 1.0)) * stats__t_quantile(tail, n - 1));
}

/* The quantiles of the draws between which the interval lies. */
static void draws__ends(struct draws *d, double level, double log_ratio, bool is_bca, double *low,
			double *high)
{
	size_t nb = d->base.nr_runs, nn = d->new.nr_runs;
	double tail = (1 - level) / 2;

	if (is_bca) {
		double nearly = 0.5 / d->nr; /* none or all below: as far off as can be told */
		double below = fmin(fmax(draws__below(d, log_ratio), nearly), 1 - nearly);
		double bias = stats__normal_quantile(below), z = stats__normal_quantile(tail);
		double acceleration = draws__acceleration(d);

		*low = bca_level(z, bias, acceleration);
		*high = bca_level(-z, bias, acceleration);
	} else {
		*low = expanded_level(tail, nb < nn ? nb : nn);
		*high = 1 - *low;
	}
	*low = stats__quantile(d->log_ratios, d->nr, *low);
	*high = stats__quantile(d->log_ratios, d->nr, *high);
}

/* The point, and the interval around it, widened by the buckets. */
static int draws__report(struct draws *d, const struct bootstrap_opts *opts,
			 struct bootstrap_ratio *out)
{
	size_t nb = d->base.nr_runs, nn = d->new.nr_runs, fewest = nb < nn ? nb : nn;
	struct quantile base, new;
	double low, high;
	int err;

	draws__all_runs(d);
	base = pool__quantile(&d->base, d->runs, nb, d->q);
	new = pool__quantile(&d->new, d->runs + nb, nn, d->q);
	if (base.low <= 0 || new.low <= 0)
		return -ENODATA;
	*out = (struct bootstrap_ratio){ base.ns, new.ns, new.ns / base.ns, 0, INFINITY, false };
	if (fewest < BOOTSTRAP_MIN_RUNS)
		return 0;
	err = draws__make(d, opts->seed);
	if (err)
		return err;
	out->is_bca = fewest >= BOOTSTRAP_BCA_RUNS;
	draws__ends(d, opts->level, log(out->ratio), out->is_bca, &low, &high);
	out->low = exp(low) * (new.low / base.high) / out->ratio;
	out->high = exp(high) * (new.high / base.low) / out->ratio;
	return 0;
}

static int side__check(const struct bootstrap_side *side, double q)
{
	if (!side->nr_runs)
		return -EINVAL;
	for (size_t i = 0; i < side->nr_runs; i++)
		if (side->runs[i].lat->count * (1 - q) < BOOTSTRAP_MIN_BEYOND * (1 - 1e-9))
			return -ENODATA;
	return 0;
}

static int check(const struct bootstrap_side *base, const struct bootstrap_side *new,
		 const struct bootstrap_opts *opts)
{
	int err = 0;

	if (!(opts->q > 0 && opts->q < 1 && opts->level > 0 && opts->level < 1))
		err = -EINVAL;
	if (opts->paired && base->nr_runs != new->nr_runs)
		err = -EINVAL;
	if (!err)
		err = side__check(base, opts->q);
	return err ? err : side__check(new, opts->q);
}

int bootstrap__tail(const struct bootstrap_side *base, const struct bootstrap_side *new,
		    const struct bootstrap_opts *opts, struct bootstrap_ratio *out)
{
	size_t nr_runs = base->nr_runs + new->nr_runs;
	struct draws d = { .paired = opts->paired, .q = opts->q };
	int err = check(base, new, opts);

	if (err)
		return err;
	d.nr = opts->nr_draws ? opts->nr_draws : BOOTSTRAP_DRAWS;
	d.runs = calloc(nr_runs, sizeof(*d.runs));
	d.log_ratios = calloc(d.nr + nr_runs, sizeof(*d.log_ratios));
	if (!d.runs || !d.log_ratios)
		err = -ENOMEM;
	if (!err)
		err = pool__init(&d.base, base);
	if (!err)
		err = pool__init(&d.new, new);
	if (!err)
		err = draws__report(&d, opts, out);
	pool__clear(&d.base);
	pool__clear(&d.new);
	free(d.runs);
	free(d.log_ratios);
	return err;
}
