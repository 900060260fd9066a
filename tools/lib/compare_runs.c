// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "compare_runs.h"
#include "regs.h"
#include "view.h"

double compare_run__fact(const struct compare_run *run, const char *name)
{
	for (size_t i = 0; i < run->nr_facts; i++)
		if (!strcmp(run->facts[i].name, name))
			return run->facts[i].value;
	return NAN;
}

bool compare_side__tells_work(const struct compare_side *side)
{
	for (size_t i = 0; i < side->nr_runs; i++)
		if (!(compare_run__fact(&side->runs[i], "work") > 0))
			return false;
	return side->nr_runs > 0;
}

bool compare_opts__wants(const struct compare_opts *opts, const struct sample_key *key)
{
	char label[VIEW_LABEL_SZ];

	if (!opts->range)
		return true;
	view__label(key, label);
	return !fnmatch(opts->range, range__name(key->range), FNM_CASEFOLD) ||
	       !fnmatch(opts->range, label, FNM_CASEFOLD);
}

/* Adds @from to @sum over all its VMs, vCPUs, and devices but for what is known by address. */
static int sum__add(struct sample *sum, const struct sample *from)
{
	int err = sample__vm(sum, "all") ? 0 : -ENOMEM;

	for (size_t i = 0; i < from->nr_series && !err; i++) {
		const struct sample_series *of = &from->series[i];
		struct sample_key key = { .vcpu = SAMPLE_ALL,
					  .target = SAMPLE_ALL,
					  .kind = of->key.kind,
					  .range = of->key.range,
					  .op = of->key.op };
		struct sample_series *series;

		if (kind__by_address(of->key.kind))
			key.base = of->key.base;
		series = sample__series(sum, &key);
		if (!series)
			return -ENOMEM;
		series->count += of->count;
		series->nr_untimed += of->nr_untimed;
		for (int stage = 0; stage < VGIC_NR_STAGES && !err; stage++)
			err = lat__add(&series->lat[stage], &of->lat[stage]);
	}
	sum->attached_ns += from->attached_ns;
	return err;
}

static int run_sum__init(struct run_sum *r, const struct compare_run *run, bool per_work)
{
	r->run = run;
	r->sum = sample__new();
	if (!r->sum)
		return -ENOMEM;
	r->unit = per_work ? compare_run__fact(run, "work") : run->sample->attached_ns / 1e9;
	if (!(r->unit > 0) || !isfinite(r->unit))
		return -EINVAL;
	return sum__add(r->sum, run->sample);
}

int run_sums__init(struct run_sums *sums, const struct compare_side *side, bool per_work)
{
	int err = 0;

	*sums = (struct run_sums){ .all = sample__new(), .stages = ~0u };
	sums->runs = calloc(side->nr_runs + 1, sizeof(*sums->runs));
	if (!sums->all || !sums->runs)
		return -ENOMEM;
	for (size_t i = 0; i < side->nr_runs && !err; i++) {
		struct run_sum *r = &sums->runs[sums->nr_runs++];

		err = run_sum__init(r, &side->runs[i], per_work);
		if (!err)
			err = sum__add(sums->all, side->runs[i].sample);
		sums->stages &= side->runs[i].sample->stages;
		sums->unit += r->unit;
	}
	return err ? err : sample__sort(sums->all);
}

void run_sums__clear(struct run_sums *sums)
{
	for (size_t i = 0; i < sums->nr_runs; i++)
		sample__free(sums->runs[i].sum);
	free(sums->runs);
	sample__free(sums->all);
	memset(sums, 0, sizeof(*sums));
}

double compare_metric__quantile(enum compare_metric metric)
{
	switch (metric) {
	case COMPARE_P50:
		return 0.5;
	case COMPARE_P90:
		return 0.9;
	case COMPARE_P99:
		return 0.99;
	default:
		return NAN;
	}
}

static double lat__figure(const struct lat *lat, const struct compare_run *run,
			  const struct figure *f)
{
	const struct calibration_share *share = calibration__share(run->calibration, f->stage);
	double ns =
		f->metric == COMPARE_MEAN
			? lat__mean_ns(lat)
			: lat__quantile_ns(lat, compare_metric__quantile(f->metric), run->tick_ns);

	ns = lat->count ? calibration_share__without(share, ns) : 0;
	return ns > 0 ? ns : NAN;
}

static int run_sums__latency(const struct run_sums *sums, size_t from, size_t to,
			     const struct figure *f, double *value)
{
	struct lat lat = { 0 };
	int err = 0;

	for (size_t i = from; i < to && !err; i++) {
		const struct sample_series *series = sample__find(sums->runs[i].sum, &f->key);

		if (series && to == from + 1)
			*value = lat__figure(&series->lat[f->stage], sums->runs[i].run, f);
		else if (series)
			err = lat__add(&lat, &series->lat[f->stage]);
	}
	if (!err && to > from + 1)
		*value = lat__figure(&lat, sums->runs[from].run, f);
	lat__free(&lat);
	return err;
}

static double run_sums__count(const struct run_sums *sums, size_t from, size_t to,
			      const struct figure *f)
{
	double count = 0, unit = 0;

	for (size_t i = from; i < to; i++) {
		const struct sample_series *series = sample__find(sums->runs[i].sum, &f->key);

		count += series ? series->count : 0;
		unit += sums->runs[i].unit;
	}
	return count > 0 ? count / unit : NAN;
}

static double run__fact_figure(const struct compare_run *run, const struct figure *f)
{
	double value = compare_run__fact(run, f->fact);

	if (f->less_baseline)
		value -= compare_run__fact(run, "baseline_ns");
	return value > 0 && isfinite(value) ? value : NAN;
}

int run_sums__figure(const struct run_sums *sums, size_t from, size_t to, const struct figure *f,
		     double *value)
{
	*value = NAN;
	if (f->fact)
		*value = run__fact_figure(sums->runs[from].run, f);
	else if (f->metric == COMPARE_COUNT)
		*value = run_sums__count(sums, from, to, f);
	else
		return run_sums__latency(sums, from, to, f, value);
	return 0;
}

static uint64_t sum__events(const struct sample *sum, const struct figure *f)
{
	const struct sample_series *series = sample__find(sum, &f->key);

	if (!series)
		return 0;
	return f->metric == COMPARE_COUNT ? series->count : series->lat[f->stage].count;
}

uint64_t run_sums__events(const struct run_sums *sums, const struct figure *f)
{
	return sum__events(sums->all, f);
}

uint64_t run_sums__fewest(const struct run_sums *sums, const struct figure *f)
{
	uint64_t fewest = UINT64_MAX;

	for (size_t i = 0; i < sums->nr_runs; i++) {
		uint64_t nr = sum__events(sums->runs[i].sum, f);

		if (nr < fewest)
			fewest = nr;
	}
	return fewest;
}

/* The largest error of the hooks' share that was taken out, relative to the figure. */
static double run_sums__share_error(const struct run_sums *sums, const struct figure *f)
{
	double worst = 0;

	for (size_t i = 0; i < sums->nr_runs && f->stage >= 0; i++) {
		const struct calibration_share *share =
			calibration__share(sums->runs[i].run->calibration, f->stage);
		double value;

		if (run_sums__figure(sums, i, i + 1, f, &value) || isnan(value))
			continue;
		if (share->is_known && share->error_ns / value > worst)
			worst = share->error_ns / value;
	}
	return worst;
}

bool run_sums__has(const struct run_sums *sums, size_t i, const struct figure *f)
{
	return f->fact || sum__events(sums->runs[i].sum, f);
}

bool run_sums__is_modelled(const struct run_sums *sums)
{
	for (size_t i = 0; i < sums->nr_runs; i++)
		if (!sums->runs[i].run->is_modelled)
			return false;
	return sums->nr_runs > 0;
}

/* The same of the figure of all runs as one. 0: it has none. */
static double run_sums__model_error(const struct run_sums *sums, const struct figure *f)
{
	const struct calibration_share *share =
		f->stage < 0 ? NULL : calibration__share(sums->runs[0].run->calibration, f->stage);
	double value = NAN;

	if (!share || !share->is_known || run_sums__figure(sums, 0, sums->nr_runs, f, &value))
		return 0;
	return isnan(value) ? 0 : share->error_ns / value;
}

double run_sums__share_doubt(const struct run_sums *base, const struct run_sums *new,
			     const struct figure *f)
{
	if (run_sums__is_modelled(base) && run_sums__is_modelled(new))
		return log1p(fabs(run_sums__model_error(base, f) - run_sums__model_error(new, f)));
	return log1p(hypot(run_sums__share_error(base, f), run_sums__share_error(new, f)));
}

/* How far apart the least and the greatest value of the bucket of @ns are. */
static double bucket_ns(double ns, double tick_ns)
{
	unsigned int bucket = hist__bucket(ns);
	double low = hist__low(bucket), last = hist__high(bucket) - 1.0;

	if (tick_ns > 1 && ceil(low / tick_ns) <= floor(last / tick_ns))
		return (floor(last / tick_ns) - ceil(low / tick_ns)) * tick_ns;
	return last - low;
}

double run_sums__grain(const struct run_sums *sums, const struct figure *f)
{
	double worst = 0;

	if (isnan(compare_metric__quantile(f->metric)))
		return 0;
	for (size_t i = 0; i < sums->nr_runs; i++) {
		const struct compare_run *run = sums->runs[i].run;
		const struct calibration_share *share =
			calibration__share(run->calibration, f->stage);
		double value;

		if (run_sums__figure(sums, i, i + 1, f, &value) || isnan(value))
			continue;
		worst = fmax(worst,
			     bucket_ns(value + (share->is_known ? share->ns : 0), run->tick_ns) /
				     value);
	}
	return log1p(worst);
}
