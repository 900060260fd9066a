// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "hist.h"

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void buckets_tile_the_line(void **state)
{
	(void)state;
	assert_int_equal(hist__low(0), 0);
	for (unsigned int b = 0; b < VGIC_NR_BUCKETS - 1; b++) {
		assert_int_equal(hist__high(b), hist__low(b + 1));
		assert_int_equal(hist__bucket(hist__low(b)), b);
		assert_int_equal(hist__bucket(hist__high(b) - 1), b);
	}
}

static void buckets_are_a_sixteenth_of_their_value_wide(void **state)
{
	(void)state;
	for (unsigned int b = VGIC_NR_SUBS; b < VGIC_NR_BUCKETS - 1; b++)
		assert_true((hist__high(b) - hist__low(b)) * VGIC_NR_SUBS <= hist__low(b));
}

static void last_bucket_holds_all_beyond(void **state)
{
	(void)state;
	assert_int_equal(hist__bucket(1ULL << 35), VGIC_NR_BUCKETS - 1);
	assert_int_equal(hist__bucket(UINT64_MAX), VGIC_NR_BUCKETS - 1);
	assert_true(hist__high(VGIC_NR_BUCKETS - 1) == UINT64_MAX);
}

static void nothing_recorded_is_all_zero(void **state)
{
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__quantile_ns(&lat, 0.5, 1), 0);
	assert_true(lat__mean_ns(&lat) == 0);
	assert_int_equal(lat__next(&lat, 0), VGIC_NR_BUCKETS);
	assert_int_equal(lat__bucket(&lat, 3), 0);
}

static void window_grows_both_ways(void **state)
{
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 1000, 3), 0);
	assert_int_equal(lat__record(&lat, 1000000, 5), 0);
	assert_int_equal(lat__record(&lat, 7, 2), 0);
	assert_int_equal(lat.count, 10);
	assert_int_equal(lat__bucket(&lat, hist__bucket(1000)), 3);
	assert_int_equal(lat__bucket(&lat, hist__bucket(1000000)), 5);
	assert_int_equal(lat__bucket(&lat, 7), 2);
	assert_int_equal(lat__bucket(&lat, VGIC_NR_BUCKETS - 1), 0);
	assert_int_equal(lat.min_ns, 7);
	assert_int_equal(lat.max_ns, 1000000);
	assert_int_equal(lat.sum_ns, 3000 + 5000000 + 14);
	lat__free(&lat);
}

static void next_finds_each_used_bucket_once(void **state)
{
	struct lat lat = { 0 };
	unsigned int b = 0, nr = 0;

	(void)state;
	for (unsigned int i = 0; i < VGIC_NR_BUCKETS; i += 37, nr++)
		assert_int_equal(lat__add_bucket(&lat, i, 1), 0);
	for (b = lat__next(&lat, 0); b < VGIC_NR_BUCKETS; b = lat__next(&lat, b + 1), nr--)
		assert_int_equal(b % 37, 0);
	assert_int_equal(nr, 0);
	lat__free(&lat);
}

static void assert_same(const struct lat *a, const struct lat *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->sum_ns, b->sum_ns);
	for (unsigned int i = 0; i < VGIC_NR_BUCKETS; i++)
		assert_int_equal(lat__bucket(a, i), lat__bucket(b, i));
}

/* @nr values of up to 2^@bits ns. */
static void fill(struct lat *lat, unsigned int nr, unsigned int bits, uint64_t seed)
{
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(lat__record(lat, next_random(&seed) % (1ULL << bits), 1), 0);
}

static void sum_minus_one_part_is_the_other(void **state)
{
	struct lat a = { 0 }, b = { 0 }, sum = { 0 };

	(void)state;
	fill(&a, 5000, 8, 1);
	fill(&b, 3000, 20, 2);
	assert_int_equal(lat__add(&sum, &a), 0);
	assert_int_equal(lat__add(&sum, &b), 0);
	assert_int_equal(sum.count, 8000);
	lat__sub(&sum, &a);
	assert_same(&sum, &b);
	lat__sub(&sum, &b);
	assert_int_equal(sum.count, 0);
	assert_int_equal(sum.max_ns, 0);
	assert_null(sum.window);
	lat__free(&a);
	lat__free(&b);
}

static void extremes_of_a_difference_lie_in_its_buckets(void **state)
{
	struct lat early = { 0 }, late = { 0 };

	(void)state;
	assert_int_equal(lat__record(&early, 5, 1), 0);
	assert_int_equal(lat__record(&early, 100000, 1), 0);
	assert_int_equal(lat__add(&late, &early), 0);
	assert_int_equal(lat__record(&late, 1000, 1), 0);
	assert_int_equal(lat__record(&late, 2001, 1), 0);
	lat__sub(&late, &early);
	assert_int_equal(late.min_ns, hist__low(hist__bucket(1000)));
	assert_int_equal(late.max_ns, hist__high(hist__bucket(2001)) - 1);
	lat__free(&early);
	lat__free(&late);
}

static void new_extremes_are_exact_in_a_difference(void **state)
{
	struct lat early = { 0 }, late = { 0 };

	(void)state;
	assert_int_equal(lat__record(&early, 1000, 1), 0);
	assert_int_equal(lat__add(&late, &early), 0);
	assert_int_equal(lat__record(&late, 777, 1), 0);
	assert_int_equal(lat__record(&late, 99999, 1), 0);
	lat__sub(&late, &early);
	assert_int_equal(late.min_ns, 777);
	assert_int_equal(late.max_ns, 99999);
	lat__free(&early);
	lat__free(&late);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void quantiles_below_32_ns_are_exact(void **state)
{
	static const unsigned int per_mille[] = { 1, 100, 500, 900, 990, 999, 1000 };
	uint64_t values[1000], seed = 3;
	struct lat lat = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		values[i] = next_random(&seed) % 32;
		assert_int_equal(lat__record(&lat, values[i], 1), 0);
	}
	qsort(values, 1000, sizeof(values[0]), compare);
	for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++)
		assert_int_equal(lat__quantile_ns(&lat, per_mille[i] / 1000.0, 1),
				 values[per_mille[i] - 1]);
	lat__free(&lat);
}

static void quantiles_err_by_less_than_a_bucket(void **state)
{
	static uint64_t values[20000];
	struct lat lat = { 0 };
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		values[i] = next_random(&seed) % (1u << next_random(&seed) % 24);
		assert_int_equal(lat__record(&lat, values[i], 1), 0);
	}
	qsort(values, 20000, sizeof(values[0]), compare);
	for (int i = 1; i <= 1000; i++) {
		uint64_t truth = values[i * 20 - 1], got = lat__quantile_ns(&lat, i / 1000.0, 1);

		assert_int_equal(hist__bucket(got), hist__bucket(truth));
	}
	lat__free(&lat);
}

static void quantiles_fall_on_ticks(void **state)
{
	struct lat lat = { 0 };

	(void)state;
	/* The bucket [544, 576) can hold 544 and 560 only, where the clock ticks every 16 ns. */
	assert_int_equal(lat__record(&lat, 16, 1), 0);
	assert_int_equal(lat__record(&lat, 544, 100), 0);
	assert_int_equal(lat__record(&lat, 8000, 1), 0);
	for (int i = 1; i < 10; i++) {
		assert_true(lat__quantile_ns(&lat, i / 10.0, 16) >= 544);
		assert_true(lat__quantile_ns(&lat, i / 10.0, 16) <= 560);
	}
	/* No tick falls into [544, 576) where it ticks every 600 ns: as if there were none. */
	assert_int_equal(lat__quantile_ns(&lat, 0.5, 600), lat__quantile_ns(&lat, 0.5, 1));
	assert_int_equal(lat__quantile_ns(&lat, 0.5, 0), lat__quantile_ns(&lat, 0.5, 1));
	lat__free(&lat);
}

static void the_mean_is_as_uncertain_as_its_values(void **state)
{
	struct lat lat = { 0 };
	double error;

	(void)state;
	assert_true(lat__mean_error_ns(&lat) == 0);
	assert_int_equal(lat__record(&lat, 10, 5000), 0);
	assert_true(lat__mean_error_ns(&lat) == 0);
	assert_int_equal(lat__record(&lat, 30, 5000), 0);
	error = lat__mean_error_ns(&lat); /* deviation 10, 10,000 values */
	assert_true(error > 0.199 && error < 0.201);
	lat__free(&lat);
}

static void quantiles_stay_within_the_extremes(void **state)
{
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 1000, 1), 0);
	for (int i = 0; i <= 10; i++)
		assert_int_equal(lat__quantile_ns(&lat, i / 10.0, 1), 1000);
	assert_int_equal(lat__record(&lat, 1ULL << 40, 1), 0);
	assert_true(lat__quantile_ns(&lat, 1, 1) <= 1ULL << 40);
	assert_true(lat__quantile_ns(&lat, 1, 1) >= 1ULL << 35);
	lat__free(&lat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_tile_the_line),
		cmocka_unit_test(buckets_are_a_sixteenth_of_their_value_wide),
		cmocka_unit_test(last_bucket_holds_all_beyond),
		cmocka_unit_test(nothing_recorded_is_all_zero),
		cmocka_unit_test(window_grows_both_ways),
		cmocka_unit_test(next_finds_each_used_bucket_once),
		cmocka_unit_test(sum_minus_one_part_is_the_other),
		cmocka_unit_test(extremes_of_a_difference_lie_in_its_buckets),
		cmocka_unit_test(new_extremes_are_exact_in_a_difference),
		cmocka_unit_test(quantiles_below_32_ns_are_exact),
		cmocka_unit_test(quantiles_err_by_less_than_a_bucket),
		cmocka_unit_test(quantiles_stay_within_the_extremes),
		cmocka_unit_test(quantiles_fall_on_ticks),
		cmocka_unit_test(the_mean_is_as_uncertain_as_its_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
