// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "ftrace_names.h"
#include "regs.h"

static void the_table_is_sorted_and_finds_all_it_has(void **state)
{
	const struct ftrace_name *name;

	(void)state;
	for (unsigned int i = 0; (name = ftrace_names__get(i)); i++) {
		if (i)
			assert_true(strcmp(ftrace_names__get(i - 1)->name, name->name) < 0);
		assert_ptr_equal(ftrace_names__find(name->name), name);
		assert_int_equal(ftrace_name__no(name), i);
	}
	assert_null(ftrace_names__find("vgic_mmio_read"));
	assert_null(ftrace_names__find(""));
}

static void handlers_have_ranges_of_their_models(void **state)
{
	const struct ftrace_name *name;

	(void)state;
	for (unsigned int i = 0; (name = ftrace_names__get(i)); i++) {
		if (name->role != FTRACE_HANDLER)
			continue;
		assert_int_equal(name->v2 == VGIC_NR_RANGES, name->model == 3);
		assert_int_equal(name->v3 == VGIC_NR_RANGES, name->model == 2);
		assert_int_equal(name->in == 0, name->model == 2);
		if (name->v3 != VGIC_NR_RANGES)
			assert_int_not_equal(range__kind(name->v3), VGIC_DIST_V2);
		if (name->v2 != VGIC_NR_RANGES)
			assert_true(range__kind(name->v2) == VGIC_DIST_V2 ||
				    range__kind(name->v2) == VGIC_CPUIF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_finds_all_it_has),
		cmocka_unit_test(handlers_have_ranges_of_their_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
