// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Numbers, times and lists of the command line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "args.h"

static void u64_takes_decimal_and_hex(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(args__u64("0", 0, 9, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(args__u64("010", 0, 99, &v), 0);
	assert_int_equal(v, 10);
	assert_int_equal(args__u64("0xfF", 0, 999, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(args__u64("18446744073709551615", 0, UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
}

static void u64_rejects_what_is_no_number(void **state)
{
	static const char *const bad[] = { "",   "-1",  "+1",   " 1",  "1 ",  "12abc",
					   "0x", "0xg", "0x-1", "1e3", "1.5", "0x 1" };
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(args__u64(bad[i], 0, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(v, 42);
}

static void u64_keeps_to_the_bounds(void **state)
{
	uint64_t v = 42;

	(void)state;
	assert_int_equal(args__u64("1", 2, 3, &v), -ERANGE);
	assert_int_equal(args__u64("4", 2, 3, &v), -ERANGE);
	assert_int_equal(args__u64("18446744073709551616", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(args__u64("99999999999999999999x", 0, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(v, 42);
	assert_int_equal(args__u64("2", 2, 3, &v), 0);
	assert_int_equal(args__u64("3", 2, 3, &v), 0);
	assert_int_equal(v, 3);
}

static void count_is_one_or_more(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(args__count("0", &v), -ERANGE);
	assert_int_equal(args__count("x", &v), -EINVAL);
	assert_int_equal(args__count("1", &v), 0);
	assert_int_equal(v, 1);
}

static void time_knows_its_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "10", 10000000000 },
		{ "10s", 10000000000 },
		{ "5ms", 5000000 },
		{ "7us", 7000 },
		{ "9ns", 9 },
		{ "2m", 120000000000 },
		{ "1h", 3600000000000 },
		{ "0.5", 500000000 },
		{ "1.25ms", 1250000 },
		{ "1.5h", 5400000000000 },
		{ "0.000000001s", 1 },
		{ "0.9ns", 0 },
		{ "0.1234567890123456789999s", 123456789 },
		{ "9223372036854775807ns", INT64_MAX },
		{ "9223372036.854775807", INT64_MAX },
	};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(args__time_ns(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
}

static void time_rejects_what_is_no_time(void **state)
{
	static const char *const bad[] = { "",   "s",   "-1",   "+1",    "nan",  "inf",
					   ".5", "1.",  "1.s",  "1 s",   "1sec", "1d",
					   "1S", "1e3", "0x10", "1.5.5", "1.-5", "ms" };
	uint64_t ns = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(args__time_ns(bad[i], &ns), -EINVAL);
	assert_int_equal(ns, 42);
}

static void time_rejects_overflow(void **state)
{
	static const char *const bad[] = { "9223372036854775808ns", "9223372036.854775808",
					   "2562048h", "18446744073709551616",
					   "99999999999999999999999ns" };
	uint64_t ns = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(args__time_ns(bad[i], &ns), -ERANGE);
	assert_int_equal(ns, 42);
}

static void list_has_what_it_names(void **state)
{
	struct args_list *list;

	(void)state;
	assert_int_equal(args__list("0,2-5", UINT32_MAX, &list), 0);
	assert_true(args_list__has(list, 0));
	assert_false(args_list__has(list, 1));
	assert_true(args_list__has(list, 2));
	assert_true(args_list__has(list, 5));
	assert_false(args_list__has(list, 6));
	assert_int_equal(args_list__count(list), 5);
	args_list__free(list);
}

static void list_joins_ranges(void **state)
{
	struct args_list *list;
	uint32_t first, last;

	(void)state;
	assert_int_equal(args__list("9,4-6,1,2,5-7,3-3", 9, &list), 0);
	assert_int_equal(args_list__range(list, 0, &first, &last), 0);
	assert_int_equal(first, 1);
	assert_int_equal(last, 7);
	assert_int_equal(args_list__range(list, 1, &first, &last), 0);
	assert_int_equal(first, 9);
	assert_int_equal(last, 9);
	assert_int_equal(args_list__range(list, 2, &first, &last), -ENOENT);
	assert_int_equal(args_list__count(list), 8);
	args_list__free(list);
}

static void list_takes_all_of_u32(void **state)
{
	struct args_list *list;

	(void)state;
	assert_int_equal(args__list("0-4294967295,4294967295,7", UINT32_MAX, &list), 0);
	assert_true(args_list__has(list, UINT32_MAX));
	assert_true(args_list__count(list) == 1ULL << 32);
	args_list__free(list);
}

static void list_rejects_what_is_no_list(void **state)
{
	static const char *const bad[] = { "",    "a",     "1,",  ",1", "1,,2", "1-", "-1",
					   "5-2", "1-2-3", "1;2", "1 ", " 1",   "0x1" };
	struct args_list *list = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(args__list(bad[i], 100, &list), -EINVAL);
	assert_null(list);
}

static void list_keeps_to_the_bound(void **state)
{
	struct args_list *list = NULL;

	(void)state;
	assert_int_equal(args__list("1,101", 100, &list), -ERANGE);
	assert_int_equal(args__list("1-101", 100, &list), -ERANGE);
	assert_int_equal(args__list("18446744073709551617", 100, &list), -ERANGE);
	assert_null(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64_takes_decimal_and_hex),
		cmocka_unit_test(u64_rejects_what_is_no_number),
		cmocka_unit_test(u64_keeps_to_the_bounds),
		cmocka_unit_test(count_is_one_or_more),
		cmocka_unit_test(time_knows_its_units),
		cmocka_unit_test(time_rejects_what_is_no_time),
		cmocka_unit_test(time_rejects_overflow),
		cmocka_unit_test(list_has_what_it_names),
		cmocka_unit_test(list_joins_ranges),
		cmocka_unit_test(list_takes_all_of_u32),
		cmocka_unit_test(list_rejects_what_is_no_list),
		cmocka_unit_test(list_keeps_to_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
