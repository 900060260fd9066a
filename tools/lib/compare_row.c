// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compare_row.h"
#include "stats.h"

#define MAX_RUNS 1000   /* that anyone is advised to make */
#define POWER 0.8       /* with which a change is said to be shown */
#define RANK_COST 1.024 /* sqrt(pi / 3): rank tests against t tests on normal figures */

void trial__clear(struct trial *t)
{
	free(t->base);
	free(t->new);
	memset(t, 0, sizeof(*t));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *sorted(const double *x, size_t n)
{
	double *copy = malloc((n + 1) * sizeof(*copy));

	if (copy) {
		memcpy(copy, x, n * sizeof(*copy));
		qsort(copy, n, sizeof(*copy), by_value);
	}
	return copy;
}

static int median(const double *x, size_t n, double *value)
{
	double *copy = sorted(x, n);

	if (!copy)
		return -ENOMEM;
	*value = stats__quantile(copy, n, 0.5);
	free(copy);
	return 0;
}

/* Shift of log(@new) against log(@base) less @off, at @level. */
static int shift_of_logs(const struct trial *t, double off, double level, struct stats_shift *shift)
{
	double *a = malloc((t->nr_base + 1) * sizeof(*a));
	double *b = malloc((t->nr_new + 1) * sizeof(*b));
	int err = a && b ? 0 : -ENOMEM;

	for (size_t i = 0; i < t->nr_base && !err; i++)
		a[i] = log(t->base[i]);
	for (size_t i = 0; i < t->nr_new && !err; i++)
		b[i] = t->is_paired ? log(t->new[i] / t->base[i]) - off : log(t->new[i]) - off;
	if (!err && t->is_paired)
		err = stats__signed_rank(b, t->nr_new, level, shift);
	else if (!err)
		err = stats__rank_sum(a, t->nr_base, b, t->nr_new, level, shift);
	free(a);
	free(b);
	return err;
}

static double squares(const double *x, size_t n, const double *less)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += log(less ? x[i] / less[i] : x[i]) / n;
	for (size_t i = 0; i < n; i++)
		sum += pow(log(less ? x[i] / less[i] : x[i]) - mean, 2);
	return sum;
}

/* Standard deviation of a pair's log ratio, or of a run of one side times the square root of 2. */
static double scatter(const struct trial *t)
{
	if (t->is_paired)
		return t->nr_new < 2 ? NAN
				     : sqrt(squares(t->new, t->nr_new, t->base) / (t->nr_new - 1));
	if (t->nr_base + t->nr_new < 3)
		return NAN;
	return sqrt(2 * (squares(t->base, t->nr_base, NULL) + squares(t->new, t->nr_new, NULL)) /
		    (t->nr_base + t->nr_new - 2));
}

/* Whether all is the same to the last digit, as on a clock that counts instructions. */
static bool is_identical(const struct trial *t)
{
	for (size_t i = 0; i < t->nr_new; i++)
		if (t->new[i] != t->base[t->is_paired ? i : 0])
			return false;
	for (size_t i = 0; i < t->nr_base && !t->is_paired; i++)
		if (t->base[i] != t->base[0])
			return false;
	return t->nr_base > 1 && t->nr_new > 1;
}

/*
 * Base against itself, in the order ABBA, so that a drift over the runs hits both halves alike: how
 * far the interval of no change at all reaches. NAN: too few runs for one.
 */
static int noise_floor(const struct trial *t, double *floor)
{
	size_t n = t->nr_base / 4 * 4;
	struct trial half = { .is_paired = t->is_paired, .alpha = t->alpha };
	struct stats_shift shift;
	int err = 0;

	*floor = NAN;
	half.base = calloc(n + 1, sizeof(double));
	half.new = calloc(n + 1, sizeof(double));
	if (!half.base || !half.new)
		err = -ENOMEM;
	for (size_t i = 0; i < n && !err; i++)
		if (i % 4 == 0 || i % 4 == 3)
			half.base[half.nr_base++] = t->base[i];
		else
			half.new[half.nr_new++] = t->base[i];
	if (!err && n)
		err = shift_of_logs(&half, 0, 1 - t->alpha, &shift);
	if (!err && n && isfinite(shift.low) && isfinite(shift.high))
		*floor = expm1(fmax(fabs(shift.low), fabs(shift.high)));
	trial__clear(&half);
	return err;
}

/* What remains of the shift when as much as the share's error is taken for no change. */
static int beyond_share_error(const struct trial *t, struct stats_shift *shift, double level)
{
	struct stats_shift less;
	double off = copysign(t->share_error, shift->estimate);
	int err;

	if (!(t->share_error > 0))
		return 0;
	err = shift_of_logs(t, off, level, &less);
	shift->p = fabs(shift->estimate) > t->share_error ? less.p : 1;
	shift->low -= t->share_error;
	shift->high += t->share_error;
	return err;
}

static int trial__intervals(struct trial *t, struct compare_row *row)
{
	struct stats_shift shift, tost;
	int err = shift_of_logs(t, 0, 1 - t->alpha, &shift);

	if (!err)
		err = shift_of_logs(t, 0, 1 - 2 * t->alpha, &tost);
	if (err)
		return err;
	/* Quantiles are the same where they fall on the same tick: that says less. */
	if (is_identical(t) && !(row->metric >= COMPARE_P50 && row->metric <= COMPARE_P99)) {
		shift = (struct stats_shift){ .p = 1 };
		tost = shift;
	}
	err = beyond_share_error(t, &shift, 1 - t->alpha);
	row->ratio = exp(shift.estimate);
	row->low = exp(shift.low);
	row->high = exp(shift.high);
	row->p = shift.p;
	/* A change within a bucket moves a quantile by less than it is, or not at all. */
	t->tost_low = tost.low - t->share_error - t->grain;
	t->tost_high = tost.high + t->share_error + t->grain;
	return err;
}

int trial__test(struct trial *t, struct compare_row *row)
{
	int err;

	row->nr_base = t->nr_base;
	row->nr_new = t->nr_new;
	row->base = row->new = row->ratio = NAN;
	row->low = 0;
	row->high = INFINITY;
	row->p = 1;
	t->tost_low = -INFINITY;
	t->tost_high = INFINITY;
	t->scatter = NAN;
	if (!t->nr_base || !t->nr_new)
		return 0;
	t->scatter = scatter(t);
	err = median(t->base, t->nr_base, &row->base);
	if (!err)
		err = median(t->new, t->nr_new, &row->new);
	if (!err)
		err = trial__intervals(t, row);
	if (!err && t->use_floor)
		err = noise_floor(t, &row->floor);
	row->margin = fmax(fmax(t->margin, t->margin_ns / row->base), row->floor);
	return err;
}

static double min_p(const struct trial *t, size_t n)
{
	return t->is_paired ? stats__signed_rank_min_p(n) : stats__rank_sum_min_p(n, n);
}

/* The change, as a log ratio, that @n runs a side (pairs) show with a probability of POWER. */
static double can_show(const struct trial *t, const struct compare_row *row, size_t n, size_t m)
{
	double se = t->scatter * RANK_COST / sqrt(n);
	double by_chance = stats__normal_quantile(1 - t->alpha / (2 * m)) * se;

	return fmax(by_chance, log1p(row->margin)) + stats__normal_quantile(POWER) * se;
}

/* How many runs a side (pairs) tell no change from one as large as the margin. */
static double runs_for_margin(const struct trial *t, const struct compare_row *row, size_t least)
{
	double z = stats__normal_quantile(1 - t->alpha) + stats__normal_quantile((1 + POWER) / 2);

	return fmax(ceil(pow(z * t->scatter * RANK_COST / log1p(row->margin), 2)), least);
}

static void say_needed(const struct trial *t, struct compare_row *row, double n, size_t has)
{
	const char *unit = t->is_paired ? "pairs" : "runs a side";

	if (t->within_run)
		snprintf(row->why, sizeof(row->why), "%.3g %% takes %.2g times as long a run",
			 row->margin * 100, fmax(n / has, 1.1));
	else if (n > MAX_RUNS)
		snprintf(row->why, sizeof(row->why), "%.3g %% takes more than %d %s; there are %zu",
			 row->margin * 100, MAX_RUNS, unit, has);
	else
		snprintf(row->why, sizeof(row->why), "%.3g %% takes %.0f %s; there are %zu",
			 row->margin * 100, fmax(n, has + 1), unit, has);
}

static void trial__say_why(const struct trial *t, struct compare_row *row, size_t m)
{
	size_t least = 1, has = t->nr_base < t->nr_new ? t->nr_base : t->nr_new;
	const char *unit = t->within_run  ? "parts of a run"
			   : t->is_paired ? "pairs"
					  : "runs a side";

	while (least < MAX_RUNS && min_p(t, least) * m > t->alpha)
		least++;
	if (!has && t->within_run && row->ratio > 0)
		snprintf(row->why, sizeof(row->why), "the run is too short for its drift");
	else if (!has)
		snprintf(row->why, sizeof(row->why), "nothing is left of it in some runs");
	else if (t->grain > log1p(row->margin))
		snprintf(row->why, sizeof(row->why),
			 "%.3g %% is less than its buckets show: %.2g %%", row->margin * 100,
			 expm1(t->grain) * 100);
	else if (has >= least && row->p_holm <= t->alpha)
		snprintf(row->why, sizeof(row->why), "changed, but by less than %.3g %%",
			 row->margin * 100);
	else if (has >= least && isfinite(t->scatter))
		say_needed(t, row, runs_for_margin(t, row, least), has);
	else if (isfinite(t->scatter))
		snprintf(row->why, sizeof(row->why), "%zu %s can show %.2g %%; there are %zu",
			 least, unit, expm1(can_show(t, row, least, m)) * 100, has);
	else
		snprintf(row->why, sizeof(row->why), "takes %zu %s; there are %zu", least, unit,
			 has);
}

void trial__judge(const struct trial *t, struct compare_row *row, size_t nr_family)
{
	double margin = log1p(row->margin), change = log(row->ratio);
	bool is_sure = row->p_holm <= t->alpha && (row->low > 1 || row->high < 1);

	row->verdict = COMPARE_INCONCLUSIVE;
	if (is_sure && change > margin)
		row->verdict = COMPARE_REGRESSION;
	else if (is_sure && change < -margin)
		row->verdict = COMPARE_IMPROVEMENT;
	else if (t->tost_low > -margin && t->tost_high < margin)
		row->verdict = COMPARE_EQUIVALENT;
	else
		trial__say_why(t, row, nr_family);
}
