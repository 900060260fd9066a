// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "table.h"
#include "utf8.h"

static const char *const names[] = { "a", "b\303\274ro" };

static void name_cell(const void *ctx, size_t row, int id, char *buf)
{
	(void)ctx;
	(void)id;
	snprintf(buf, TABLE_CELL_SZ, "%s", names[row]);
}

static void number_cell(const void *ctx, size_t row, int id, char *buf)
{
	(void)ctx;
	snprintf(buf, TABLE_CELL_SZ, "%d", (int)(row + 1) * id);
}

static bool if_even(const void *ctx, int id)
{
	(void)ctx;
	return id % 2 == 0;
}

static void assert_prints(unsigned int width, const char *text)
{
	static const struct table_column columns[] = {
		{ "NAME", true, 0, 0, name_cell, NULL },
		{ "TEN", false, 2, 10, number_cell, NULL },
		{ "ODD", false, 0, 7, number_cell, if_even },
		{ "MANY", false, 1, 100000, number_cell, if_even },
		{ "N", false, 0, 1, number_cell, NULL },
	};
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(out);
	table__print(out, columns, 5, 2, NULL, width);
	fclose(out);
	assert_string_equal(got, text);
	free(got);
}

static void widths_follow_what_is_in_the_columns(void **state)
{
	(void)state;
	assert_prints(100, "NAME  TEN    MANY  N\n"
			   "a      10  100000  1\n"
			   "b\303\274ro   20  200000  2\n");
}

static void gaps_give_way_first(void **state)
{
	(void)state;
	assert_prints(19, "NAME TEN   MANY N\n"
			  "a     10 100000 1\n"
			  "b\303\274ro  20 200000 2\n");
}

static void width_is_counted_in_columns_of_a_terminal(void **state)
{
	static const struct {
		const char *text;
		unsigned int width;
	} cases[] = {
		{ "", 0 },
		{ "web1", 4 },
		{ "b\303\274ro", 4 },              /* u with diaeresis */
		{ "u\314\210", 1 },                /* u and a diaeresis that combines with it */
		{ "\346\227\245\346\234\254", 4 }, /* two ideographs */
		{ "\360\237\220\247", 2 },         /* an emoji */
		{ "\342\226\201\342\226\210", 2 }, /* two block characters */
		{ "x\377\346\227y", 5 },           /* no UTF-8: a column a byte */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8__width(cases[i].text), cases[i].width);
}

static void then_columns_in_their_order(void **state)
{
	(void)state;
	assert_prints(16, "NAME TEN N\n"
			  "a     10 1\n"
			  "b\303\274ro  20 2\n");
	assert_prints(9, "NAME N\n"
			 "a    1\n"
			 "b\303\274ro 2\n");
}

static void what_may_not_be_dropped_is_printed_however_narrow(void **state)
{
	(void)state;
	assert_prints(1, "NAME N\n"
			 "a    1\n"
			 "b\303\274ro 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_follow_what_is_in_the_columns),
		cmocka_unit_test(gaps_give_way_first),
		cmocka_unit_test(width_is_counted_in_columns_of_a_terminal),
		cmocka_unit_test(then_columns_in_their_order),
		cmocka_unit_test(what_may_not_be_dropped_is_printed_however_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
