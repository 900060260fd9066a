// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The statistics against R's: tests/stats/expected.csv, made by tests/stats/expected.R. Then what R
 * has no word on.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bootstrap.h"
#include "stats.h"

#define MAX_VALUES 256

struct values {
	double v[MAX_VALUES];
	size_t n;
};

/* A line of the file: kind,a,b,parameters,expected. */
struct line {
	char *kind, *text_a, *text_b;
	struct values a, b, parameters, expected;
};

static void parse_values(const char *text, struct values *values)
{
	char *end;

	for (values->n = 0; *text; text = end) {
		assert_true(values->n < MAX_VALUES);
		text += strspn(text, " ");
		if (*text == '-' && (text[1] == ' ' || !text[1])) {
			values->v[values->n++] = NAN;
			end = (char *)text + 1;
			continue;
		}
		values->v[values->n++] = strtod(text, &end);
		assert_ptr_not_equal(end, text);
	}
}

static void parse_line(char *text, struct line *line)
{
	text[strcspn(text, "\n")] = 0;
	line->kind = strsep(&text, ",");
	line->text_a = strsep(&text, ",");
	line->text_b = strsep(&text, ",");
	assert_non_null(text);
	parse_values(strsep(&text, ","), &line->parameters);
	assert_non_null(text);
	parse_values(text, &line->expected);
	line->a.n = line->b.n = 0;
	if (!strchr(line->text_a, ':')) {
		parse_values(line->text_a, &line->a);
		parse_values(line->text_b, &line->b);
	}
}

/* Calls @check with each line of @kind. */
static void each_line(const char *kind, void (*check)(const struct line *line))
{
	FILE *file = fopen("tests/stats/expected.csv", "r");
	size_t sz = 0, nr = 0;
	char *text = NULL;
	struct line line;

	assert_non_null(file);
	while (getline(&text, &sz, file) > 0) {
		parse_line(text, &line);
		if (strcmp(line.kind, kind))
			continue;
		check(&line);
		nr++;
	}
	assert_true(nr > 0);
	free(text);
	fclose(file);
}

/* Nothing is said against @value where R says nothing. */
static void assert_near(double value, double expected, double relative)
{
	if (isnan(expected) || value == expected)
		return;
	if (fabs(value - expected) <= relative * fabs(expected) + 1e-13)
		return;
	fail_msg("%.15g is not R's %.15g", value, expected);
}

/* estimate, low, high, level, p, p_less, p_greater */
static void assert_shift(const struct stats_shift *shift, const struct line *line)
{
	const double *expected = line->expected.v;

	assert_int_equal(line->expected.n, 7);
	assert_near(shift->estimate, expected[0], 1e-9);
	assert_near(shift->low, expected[1], 1e-9);
	assert_near(shift->high, expected[2], 1e-9);
	assert_near(shift->level, expected[3], 1e-9);
	assert_near(shift->p, expected[4], 1e-9);
	assert_near(shift->p_less, expected[5], 1e-9);
	assert_near(shift->p_greater, expected[6], 1e-9);
	assert_true(shift->level >= line->parameters.v[0] - 1e-9);
}

static void check_signed_rank(const struct line *line)
{
	struct stats_shift shift;

	assert_int_equal(stats__signed_rank(line->a.v, line->a.n, line->parameters.v[0], &shift),
			 0);
	assert_shift(&shift, line);
}

static void signed_rank_is_as_in_r(void **state)
{
	(void)state;
	each_line("signed_rank", check_signed_rank);
}

static void check_rank_sum(const struct line *line)
{
	struct stats_shift shift;

	assert_int_equal(stats__rank_sum(line->a.v, line->a.n, line->b.v, line->b.n,
					 line->parameters.v[0], &shift),
			 0);
	assert_shift(&shift, line);
}

static void rank_sum_is_as_in_r(void **state)
{
	(void)state;
	each_line("rank_sum", check_rank_sum);
}

static void check_signed_rank_min_p(const struct line *line)
{
	assert_near(stats__signed_rank_min_p(line->parameters.v[0]), line->expected.v[0], 1e-12);
}

static void check_rank_sum_min_p(const struct line *line)
{
	assert_near(stats__rank_sum_min_p(line->parameters.v[0], line->parameters.v[1]),
		    line->expected.v[0], 1e-12);
}

static void smallest_p_is_as_in_r(void **state)
{
	(void)state;
	each_line("signed_rank_min_p", check_signed_rank_min_p);
	each_line("rank_sum_min_p", check_rank_sum_min_p);
}

static void check_adjusted(int (*adjust)(double *p, size_t n), const struct line *line)
{
	struct values p = line->a;

	assert_int_equal(adjust(p.v, p.n), 0);
	assert_int_equal(line->expected.n, p.n);
	for (size_t i = 0; i < p.n; i++)
		assert_near(p.v[i], line->expected.v[i], 1e-12);
}

static void check_holm(const struct line *line)
{
	check_adjusted(stats__holm, line);
}

static void check_benjamini_hochberg(const struct line *line)
{
	check_adjusted(stats__benjamini_hochberg, line);
}

static void adjusted_p_are_as_in_r(void **state)
{
	(void)state;
	each_line("holm", check_holm);
	each_line("benjamini_hochberg", check_benjamini_hochberg);
}

static void check_quantile(const struct line *line)
{
	assert_near(stats__quantile(line->a.v, line->a.n, line->parameters.v[0]),
		    line->expected.v[0], 1e-12);
}

static void check_normal_cdf(const struct line *line)
{
	double value = stats__normal_cdf(line->parameters.v[0]);

	assert_true(fabs(value / line->expected.v[0] - 1) < 1e-12);
}

static void check_normal_quantile(const struct line *line)
{
	assert_near(stats__normal_quantile(line->parameters.v[0]), line->expected.v[0], 1e-13);
}

static void check_t_quantile(const struct line *line)
{
	assert_near(stats__t_quantile(line->parameters.v[0], line->parameters.v[1]),
		    line->expected.v[0], 1e-9);
}

static void quantiles_are_as_in_r(void **state)
{
	(void)state;
	each_line("quantile", check_quantile);
	each_line("normal_cdf", check_normal_cdf);
	each_line("normal_quantile", check_normal_quantile);
	each_line("t_quantile", check_t_quantile);
}

static void ranks_of_nothing_are_refused(void **state)
{
	const double good[] = { 1, 2 }, bad[] = { 1, NAN }, worse[] = { INFINITY, 1 };
	struct stats_shift shift;

	(void)state;
	assert_int_equal(stats__signed_rank(good, 0, 0.95, &shift), -EINVAL);
	assert_int_equal(stats__signed_rank(bad, 2, 0.95, &shift), -EINVAL);
	assert_int_equal(stats__signed_rank(good, 2, 1, &shift), -EINVAL);
	assert_int_equal(stats__rank_sum(good, 2, good, 0, 0.95, &shift), -EINVAL);
	assert_int_equal(stats__rank_sum(good, 0, good, 2, 0.95, &shift), -EINVAL);
	assert_int_equal(stats__rank_sum(good, 2, worse, 2, 0.95, &shift), -EINVAL);
}

/* Turning the sides around turns everything around, ties and all. */
static void rank_sum_is_the_same_from_either_side(void **state)
{
	struct stats_shift one, other;
	struct stats_rng rng;
	double a[23], b[11];

	(void)state;
	stats__seed(&rng, 1);
	for (size_t i = 0; i < 23; i++)
		a[i] = stats__below(&rng, 12);
	for (size_t i = 0; i < 11; i++)
		b[i] = stats__below(&rng, 15);
	assert_int_equal(stats__rank_sum(a, 23, b, 11, 0.95, &one), 0);
	assert_int_equal(stats__rank_sum(b, 11, a, 23, 0.95, &other), 0);
	assert_true(one.is_exact);
	assert_true(one.estimate == -other.estimate);
	assert_true(one.low == -other.high);
	assert_true(one.high == -other.low);
	assert_near(one.p, other.p, 1e-12);
	assert_near(one.p_less, other.p_greater, 1e-12);
}

/* So many values that the Walsh averages would take 4 GB, were they stored. */
static void estimates_need_no_room_for_all_pairs(void **state)
{
	const size_t n = 32001;
	double *x = calloc(n, sizeof(*x));
	struct stats_shift shift;

	(void)state;
	assert_non_null(x);
	for (size_t i = 0; i < n; i++)
		x[i] = (double)(i * 7919 % n) - 16000;
	assert_int_equal(stats__signed_rank(x, n, 0.95, &shift), 0);
	assert_true(shift.estimate == 0);
	assert_true(shift.low == -shift.high);
	assert_true(shift.low < -50 && shift.low > -150); /* 1.96 x 9238 / sqrt(n) is 101 */
	free(x);
}

/* The first outputs of the authors' own xoshiro256** from the state 1, 2, 3, 4. */
static void generator_is_xoshiro(void **state)
{
	const uint64_t expected[] = { 11520, 0, 1509978240, 1215971899390074240 };
	struct stats_rng rng = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_true(stats__random(&rng) == expected[i]);
}

static void draws_below_n_are_fair(void **state)
{
	unsigned int nr[7] = { 0 };
	struct stats_rng rng;

	(void)state;
	stats__seed(&rng, 2);
	for (int i = 0; i < 70000; i++)
		nr[stats__below(&rng, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(nr[i], 9600, 10400); /* +- 4 deviations */
}

/* Autoregressive: each value @phi of the one before. */
static void fill_series(double *series, size_t n, double phi, uint64_t seed)
{
	struct stats_rng rng;
	double last = 0;

	stats__seed(&rng, seed);
	for (size_t i = 0; i < n; i++) {
		last = phi * last + stats__normal(&rng);
		series[i] = last;
	}
}

/* Autocorrelation times, (1 + phi) / (1 - phi): 1, 3, 19. */
static void batches_hold_what_is_autocorrelated(void **state)
{
	double series[600];

	(void)state;
	fill_series(series, 600, 0, 1);
	assert_int_equal(stats__batch_length(series, 600), 75);
	fill_series(series, 600, 0.5, 1);
	assert_int_equal(stats__batch_length(series, 600), 75);
	assert_int_equal(stats__batch_length(series, 100), 0);
	fill_series(series, 600, 0.9, 1);
	assert_int_equal(stats__batch_length(series, 600), 0);
}

static void steady_series_make_batches(void **state)
{
	double series[64];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		series[i] = 0.1;
	assert_int_equal(stats__batch_length(series, 64), 8);
	/* Fewer than 64: six batches. */
	assert_int_equal(stats__batch_length(series, 63), 10);
	assert_int_equal(stats__batch_length(series, 48), 8);
	assert_int_equal(stats__batch_length(series, 47), 0);
	series[7] = NAN;
	assert_int_equal(stats__batch_length(series, 64), 0);
}

static void series_that_drift_make_none(void **state)
{
	double series[1000];

	(void)state;
	fill_series(series, 1000, 0, 3);
	for (size_t i = 0; i < 1000; i++)
		series[i] += i * 0.01;
	assert_int_equal(stats__batch_length(series, 1000), 0);
}

#define MAX_RUNS 16

/* Runs of "bucket:count bucket:count / ...". */
struct runs {
	struct lat lats[MAX_RUNS];
	struct bootstrap_run runs[MAX_RUNS];
	struct bootstrap_side side;
};

static void runs__parse(struct runs *runs, const char *text)
{
	unsigned int bucket, count;
	size_t nr = 0;
	int used;

	memset(runs, 0, sizeof(*runs));
	for (; *text; text += used + strspn(text + used, " ")) {
		used = 1;
		if (*text == '/') {
			nr++;
			continue;
		}
		assert_int_equal(sscanf(text, "%u:%u%n", &bucket, &count, &used), 2);
		assert_true(nr < MAX_RUNS);
		assert_int_equal(lat__add_bucket(&runs->lats[nr], bucket, count), 0);
	}
	for (size_t i = 0; i <= nr; i++)
		runs->runs[i].lat = &runs->lats[i];
	runs->side = (struct bootstrap_side){ runs->runs, nr + 1 };
}

static void runs__free(struct runs *runs)
{
	for (size_t i = 0; i < MAX_RUNS; i++)
		lat__free(&runs->lats[i]);
}

/* R's interval is not widened by the buckets of the two quantiles. */
static void check_bootstrap(const struct line *line)
{
	struct bootstrap_opts opts = { .q = line->parameters.v[0],
				       .level = line->parameters.v[1],
				       .paired = line->parameters.v[2],
				       .nr_draws = 20000,
				       .seed = 1 };
	struct bootstrap_ratio out;
	struct runs base, new;
	unsigned int of_base, of_new;

	runs__parse(&base, line->text_a);
	runs__parse(&new, line->text_b);
	assert_int_equal(bootstrap__tail(&base.side, &new.side, &opts, &out), 0);
	of_base = hist__bucket(out.base);
	of_new = hist__bucket(out.new);
	assert_true(out.is_bca);
	assert_near(out.ratio, line->expected.v[0], 1e-9);
	assert_near(out.low * out.ratio * hist__high(of_base) / hist__low(of_new),
		    line->expected.v[1], 0.004);
	assert_near(out.high * out.ratio * hist__low(of_base) / hist__high(of_new),
		    line->expected.v[2], 0.004);
	runs__free(&base);
	runs__free(&new);
}

static void bootstrap_is_as_in_r(void **state)
{
	(void)state;
	each_line("bootstrap", check_bootstrap);
}

static const struct bootstrap_opts p90 = { .q = 0.9, .level = 0.95, .seed = 1 };

static void bootstrap_refuses_thin_tails(void **state)
{
	struct bootstrap_ratio out;
	struct runs enough, thin;

	(void)state;
	runs__parse(&enough, "100:100 / 101:100 / 102:100 / 103:100");
	runs__parse(&thin, "100:100 / 101:100 / 102:99 / 103:100");
	assert_int_equal(bootstrap__tail(&enough.side, &enough.side, &p90, &out), 0);
	assert_int_equal(bootstrap__tail(&enough.side, &thin.side, &p90, &out), -ENODATA);
	assert_int_equal(bootstrap__tail(&thin.side, &enough.side, &p90, &out), -ENODATA);
	runs__free(&enough);
	runs__free(&thin);
}

static void bootstrap_of_few_runs_is_not_bounded(void **state)
{
	struct bootstrap_ratio out;
	struct runs few;

	(void)state;
	runs__parse(&few, "100:100 / 101:100 / 102:100");
	assert_int_equal(bootstrap__tail(&few.side, &few.side, &p90, &out), 0);
	assert_true(out.ratio == 1 && out.low == 0 && isinf(out.high));
	few.side.nr_runs = 0;
	assert_int_equal(bootstrap__tail(&few.side, &few.side, &p90, &out), -EINVAL);
	runs__free(&few);
}

static void bootstrap_of_equal_runs_is_a_bucket_wide(void **state)
{
	double width = (double)hist__high(100) / hist__low(100);
	struct bootstrap_ratio out;
	struct runs runs;

	(void)state;
	runs__parse(&runs, "100:100 / 100:100 / 100:100 / 100:100 / 100:100");
	assert_int_equal(bootstrap__tail(&runs.side, &runs.side, &p90, &out), 0);
	assert_near(out.low, 1 / width, 1e-12);
	assert_near(out.high, width, 1e-12);
	runs__free(&runs);
}

/* What the hooks add to both sides hides a difference: without it, the ratio is larger. */
static void bootstrap_takes_the_hooks_share_out(void **state)
{
	struct bootstrap_ratio as_measured, out;
	struct runs base, new;

	(void)state;
	runs__parse(&base, "100:100 / 100:100 / 100:100 / 100:100");
	runs__parse(&new, "110:100 / 110:100 / 110:100 / 110:100");
	assert_int_equal(bootstrap__tail(&base.side, &new.side, &p90, &as_measured), 0);
	for (size_t i = 0; i < 4; i++)
		base.runs[i].share_ns = new.runs[i].share_ns = 100;
	assert_int_equal(bootstrap__tail(&base.side, &new.side, &p90, &out), 0);
	assert_near(out.base, as_measured.base - 100, 1e-12);
	assert_near(out.ratio, (as_measured.new - 100) / (as_measured.base - 100), 1e-12);
	for (size_t i = 0; i < 4; i++)
		base.runs[i].share_ns = 1000000;
	assert_int_equal(bootstrap__tail(&base.side, &new.side, &p90, &out), -ENODATA);
	runs__free(&base);
	runs__free(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_rank_is_as_in_r),
		cmocka_unit_test(rank_sum_is_as_in_r),
		cmocka_unit_test(smallest_p_is_as_in_r),
		cmocka_unit_test(adjusted_p_are_as_in_r),
		cmocka_unit_test(quantiles_are_as_in_r),
		cmocka_unit_test(ranks_of_nothing_are_refused),
		cmocka_unit_test(rank_sum_is_the_same_from_either_side),
		cmocka_unit_test(estimates_need_no_room_for_all_pairs),
		cmocka_unit_test(generator_is_xoshiro),
		cmocka_unit_test(draws_below_n_are_fair),
		cmocka_unit_test(batches_hold_what_is_autocorrelated),
		cmocka_unit_test(steady_series_make_batches),
		cmocka_unit_test(series_that_drift_make_none),
		cmocka_unit_test(bootstrap_is_as_in_r),
		cmocka_unit_test(bootstrap_refuses_thin_tails),
		cmocka_unit_test(bootstrap_of_few_runs_is_not_bounded),
		cmocka_unit_test(bootstrap_of_equal_runs_is_a_bucket_wide),
		cmocka_unit_test(bootstrap_takes_the_hooks_share_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
