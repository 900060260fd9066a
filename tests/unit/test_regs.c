// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "regs.h"

static void rows_of_a_device_do_not_overlap(void **state)
{
	const struct vgic_reg *a, *b;

	(void)state;
	for (unsigned int i = 0; (a = regs__get(i)); i++)
		for (unsigned int j = 0; j < i && (b = regs__get(j)); j++)
			if (a->kind == b->kind)
				assert_true(a->off + a->len <= b->off || b->off + b->len <= a->off);
}

static void rows_lie_in_their_device_and_are_aligned(void **state)
{
	const struct vgic_reg *reg;

	(void)state;
	for (unsigned int i = 0; (reg = regs__get(i)); i++) {
		assert_true(reg->off + reg->len <= kind__size(reg->kind));
		assert_true(reg->stride == 4 || reg->stride == 8);
		assert_int_equal(reg->off % reg->stride, 0);
		assert_int_equal(reg->len % reg->stride, 0);
		assert_int_equal(range__kind(i), reg->kind);
		assert_true(kind__in_kernel(reg->kind));
		assert_false(kind__by_address(reg->kind));
	}
}

static void names_are_unique_in_a_device(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VGIC_NR_RANGES; i++)
		for (unsigned int j = 0; j < i; j++)
			if (range__kind(i) == range__kind(j))
				assert_string_not_equal(range__name(i), range__name(j));
}

static void each_byte_is_classified_as_the_row_it_is_in(void **state)
{
	const struct vgic_reg *reg;

	(void)state;
	for (unsigned int i = 0; (reg = regs__get(i)); i++) {
		assert_int_equal(regs__classify(reg->kind, reg->off), i);
		assert_int_equal(regs__classify(reg->kind, reg->off + reg->len - 1), i);
		assert_int_not_equal(regs__classify(reg->kind, reg->off + reg->len), i);
	}
	assert_int_equal(regs__classify(VGIC_DIST_V3, 0x5000), VGIC_RANGE_DIST_V3_RESERVED);
	assert_string_equal(range__name(VGIC_RANGE_DIST_V3_RESERVED), "GICD_RESERVED");
}

static void the_kernels_map_says_the_same(void **state)
{
	struct vgic_range_map *map = malloc(sizeof(*map));

	(void)state;
	assert_non_null(map);
	regs__fill_map(map);
	for (unsigned int kind = 0; kind < VGIC_NR_GIC_KINDS; kind++)
		for (__u32 off = 0; off < kind__size(kind); off += 4)
			assert_int_equal(map->range[kind * VGIC_NR_WORDS + off / 4],
					 regs__classify(kind, off));
	free(map);
}

static void registers_are_found_by_name_and_index(void **state)
{
	const struct vgic_reg *reg;
	unsigned int index = 99;
	char name[64];

	(void)state;
	for (unsigned int i = 0; (reg = regs__get(i)); i++) {
		snprintf(name, sizeof(name), "%s%u", reg->name, reg__nr(reg) - 1);
		assert_ptr_equal(regs__find(reg->kind, name, &index), reg);
		assert_int_equal(index, reg__nr(reg) - 1);
		assert_ptr_equal(regs__find(reg->kind, reg->name, &index), reg);
		assert_int_equal(index, 0);
		snprintf(name, sizeof(name), "%s%u", reg->name, reg__nr(reg));
		assert_null(regs__find(reg->kind, name, &index));
	}
}

static void what_is_no_register_is_not_found(void **state)
{
	static const char *const bad[] = { "",
					   "GICD",
					   "GICD_",
					   "GICD_CTL",
					   "GICD_CTLR ",
					   "GICD_CTLR-1",
					   "GICD_CTLR0x0",
					   "GICD_ISENABLER+1",
					   "GICR_TYPER",
					   "gicd_ctlr",
					   "GICD_ISENABLER99999999999999999999" };
	unsigned int index;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(regs__find(VGIC_DIST_V3, bad[i], &index));
}

static void only_what_has_no_device_goes_to_user_space(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < VGIC_NR_KINDS; kind++) {
		assert_int_equal(kind__in_kernel(kind), kind != VGIC_USER);
		assert_int_equal(kind__by_address(kind), kind__size(kind) == 0 && kind != VGIC_GIC);
		assert_string_not_equal(kind__name(kind), "?");
	}
	assert_string_equal(kind__name(VGIC_NO_KIND), "?");
	assert_string_equal(range__name(VGIC_NR_RANGES), "?");
	assert_int_equal(range__kind(VGIC_NR_RANGES), VGIC_NO_KIND);
	for (unsigned int range = VGIC_RANGE_IOEVENTFD; range <= VGIC_RANGE_USER; range++)
		assert_string_equal(range__name(range), kind__name(range__kind(range)));
	for (unsigned int range = VGIC_RANGE_USER + 1; range < VGIC_NR_RANGES; range++) {
		assert_true(kind__in_kernel(range__kind(range)));
		assert_false(kind__by_address(range__kind(range)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_device_do_not_overlap),
		cmocka_unit_test(rows_lie_in_their_device_and_are_aligned),
		cmocka_unit_test(names_are_unique_in_a_device),
		cmocka_unit_test(each_byte_is_classified_as_the_row_it_is_in),
		cmocka_unit_test(the_kernels_map_says_the_same),
		cmocka_unit_test(registers_are_found_by_name_and_index),
		cmocka_unit_test(what_is_no_register_is_not_found),
		cmocka_unit_test(only_what_has_no_device_goes_to_user_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
