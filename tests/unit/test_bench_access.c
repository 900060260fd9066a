// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-bench's list of accesses: what each item becomes, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "access.h"
#include "layout.h"

static const struct access_host gicv2 = { .gic = 2, .nr_vcpus = 8 };
static const struct access_host gicv2_dir = { .gic = 2, .nr_vcpus = 8, .has_gicc_dir = true };
static const struct access_host gicv3 = { .gic = 3, .nr_vcpus = 4 };

static struct access one(const struct access_host *host, const char *text)
{
	struct access_list list;
	struct access access;
	char why[ACCESS_WHY_SZ];

	assert_int_equal(access_list__parse(&list, text, host, why), 0);
	assert_int_equal(list.nr, 1);
	access = list.items[0];
	access_list__free(&list);
	return access;
}

static void assert_refused(const struct access_host *host, const char *text, int err)
{
	struct access_list list;
	char why[ACCESS_WHY_SZ] = "";

	assert_int_equal(access_list__parse(&list, text, host, why), err);
	assert_int_not_equal(strlen(why), 0);
	assert_null(list.items);
	assert_int_equal(list.nr, 0);
}

static void register_becomes_its_address(void **state)
{
	struct access a = one(&gicv3, "GICD_ISENABLER1:w");

	(void)state;
	assert_int_equal(a.addr, GUEST_GICD + 0x104);
	assert_int_equal(a.offset, 0x104);
	assert_int_equal(a.range, VGIC_RANGE_DIST_V3_ISENABLER);
	assert_int_equal(a.index, 1);
	assert_int_equal(a.kind, VGIC_DIST_V3);
	assert_int_equal(a.op, VGIC_WRITE);
	assert_int_equal(a.size, 4);
	assert_int_equal(a.target, ACCESS_OWN);
	assert_true(access__in_kernel(&a));
}

static void the_gic_decides_the_device(void **state)
{
	struct access a = one(&gicv2, "GICD_CTLR:r");

	(void)state;
	assert_int_equal(a.kind, VGIC_DIST_V2);
	assert_int_equal(a.range, VGIC_RANGE_DIST_V2_CTLR);
	assert_refused(&gicv2, "GICR_TYPER:r", -EINVAL);
	assert_refused(&gicv2, "GITS_CTLR:r", -EINVAL);
	assert_refused(&gicv3, "GICC_DIR:w", -EINVAL);
}

static void wide_registers_get_wide_accesses(void **state)
{
	(void)state;
	assert_int_equal(one(&gicv3, "GICR_TYPER:r").size, 8);
	assert_int_equal(one(&gicv3, "GICD_IROUTER40:w").size, 8);
	assert_int_equal(one(&gicv3, "GICR_TYPER:r4").size, 4);
	assert_int_equal(one(&gicv3, "GICD_IPRIORITYR0:w1").size, 1);
}

static void own_redistributor_is_an_offset(void **state)
{
	struct access a = one(&gicv3, "GICR_ISENABLER:w");

	(void)state;
	assert_int_equal(a.target, ACCESS_OWN);
	assert_int_equal(a.addr, 0x10100);
	assert_int_equal(a.offset, 0x10100);
}

static void other_redistributor_is_an_address(void **state)
{
	struct access a = one(&gicv3, "GICR_TYPER@3:r");

	(void)state;
	assert_int_equal(a.target, 3);
	assert_int_equal(a.addr, GUEST_GICR + 3 * 0x20000 + 8);
	assert_int_equal(a.offset, 8);
	assert_refused(&gicv3, "GICR_TYPER@4:r", -EINVAL);
	assert_refused(&gicv3, "GICR_TYPER@:r", -EINVAL);
	assert_refused(&gicv3, "GICR_TYPER@-1:r", -EINVAL);
	assert_refused(&gicv3, "GICD_TYPER@0:r", -EINVAL);
}

static void offsets_are_classified(void **state)
{
	struct access named = one(&gicv3, "GICD+0x104:r"), reserved = one(&gicv3, "GICD+0x2000:w8");

	(void)state;
	assert_int_equal(named.range, VGIC_RANGE_DIST_V3_ISENABLER);
	assert_int_equal(named.index, 1);
	assert_int_equal(reserved.range, VGIC_RANGE_DIST_V3_RESERVED);
	assert_int_equal(reserved.offset, 0x2000);
	assert_int_equal(reserved.size, 8);
	assert_true(access__in_kernel(&reserved));
	assert_int_equal(one(&gicv3, "GICR+0x10200@2:r").target, 2);
	assert_refused(&gicv3, "GICD+0x10000:r", -EINVAL);
	assert_refused(&gicv2, "GICD+0x1000:r", -EINVAL);
	assert_refused(&gicv3, "GICD+:r", -EINVAL);
}

static void accesses_are_aligned(void **state)
{
	(void)state;
	assert_refused(&gicv3, "GICD_TYPER:r8", -EINVAL);
	assert_refused(&gicv3, "GICD+0x41:r", -EINVAL);
	assert_int_equal(one(&gicv3, "GICD+0x41:r1").offset, 0x41);
}

static void only_gicc_dir_is_on_the_bus(void **state)
{
	(void)state;
	assert_refused(&gicv2, "GICC_DIR:w", -ENODEV);
	assert_refused(&gicv2, "GICC_CTLR:r", -EINVAL);
	assert_refused(&gicv2_dir, "GICC_CTLR:r", -EINVAL);
	assert_int_equal(one(&gicv2_dir, "GICC_DIR:w").addr, GUEST_GICC + 0x1000);
}

static void unmapped_goes_to_user_space(void **state)
{
	struct access a = one(&gicv3, "unmapped:r8");

	(void)state;
	assert_int_equal(a.range, VGIC_RANGE_USER);
	assert_int_equal(a.addr, GUEST_UNMAPPED);
	assert_int_equal(a.size, 8);
	assert_false(access__in_kernel(&a));
}

static void ioeventfds_take_their_length_only(void **state)
{
	static const struct access_host len2 = { .gic = 3, .nr_vcpus = 1, .ioeventfd_len = 2 };
	struct access any = one(&gicv3, "ioeventfd:w8"), fits = one(&len2, "ioeventfd:w"),
		      misses = one(&len2, "ioeventfd:w4");

	(void)state;
	assert_int_equal(any.kind, VGIC_IOEVENTFD);
	assert_int_equal(fits.kind, VGIC_IOEVENTFD);
	assert_int_equal(fits.size, 2);
	assert_int_equal(misses.kind, VGIC_USER);
	assert_int_equal(misses.addr, GUEST_IOEVENTFD);
	assert_false(access__in_kernel(&misses));
	assert_refused(&gicv3, "ioeventfd:r", -EINVAL);
	assert_refused(&gicv3, "coalesced:r", -EINVAL);
}

static void list_says_what_it_uses(void **state)
{
	static const struct access_host len2 = { .gic = 3, .nr_vcpus = 1, .ioeventfd_len = 2 };
	struct access_list list;
	char why[ACCESS_WHY_SZ];

	(void)state;
	assert_int_equal(access_list__parse(&list, "hvc,GITS_CTLR:r,ioeventfd:w1", &len2, why), 0);
	assert_int_equal(list.nr, 3);
	assert_true(list.uses[ACCESS_HVC]);
	assert_true(list.uses[VGIC_ITS]);
	assert_true(list.uses[VGIC_IOEVENTFD]);
	assert_false(list.uses[VGIC_COALESCED]);
	assert_false(access__in_kernel(&list.items[0]));
	access_list__free(&list);
}

static unsigned int nr_accesses(const struct access_host *host)
{
	struct access_list list;
	char why[ACCESS_WHY_SZ];
	unsigned int nr;

	assert_int_equal(access_list__parse(&list, "all", host, why), 0);
	for (size_t i = 0; i < list.nr; i++)
		assert_true(access__in_kernel(&list.items[i]));
	nr = list.nr;
	access_list__free(&list);
	return nr;
}

/* All indices of all rows of @kind, read and written. */
static unsigned int nr_in_table(enum vgic_kind kind)
{
	const struct vgic_reg *reg;
	unsigned int nr = 0;

	for (unsigned int i = 0; (reg = regs__get(i)); i++)
		nr += reg->kind == kind ? 2 * reg__nr(reg) : 0;
	return nr;
}

static void all_is_the_whole_table(void **state)
{
	(void)state;
	assert_int_equal(nr_accesses(&gicv2), nr_in_table(VGIC_DIST_V2));
	assert_int_equal(nr_accesses(&gicv2_dir), nr_in_table(VGIC_DIST_V2) + 2);
	assert_int_equal(nr_accesses(&gicv3), nr_in_table(VGIC_DIST_V3) + nr_in_table(VGIC_REDIST) +
						      nr_in_table(VGIC_ITS));
}

static void bad_items_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"GICD_CTLR:r,",
		"GICD_CTLR",
		"GICD_CTLR:",
		"GICD_CTLR:x",
		"GICD_CTLR:rw",
		"GICD_CTLR:r3",
		"GICD_CTLR:r16",
		"GICD_CTLR:4",
		"GICD_FOO:r",
		"GICD_CTLR1:r",
		"GICD_ISENABLER32:r",
		"GICD_ISENABLER-1:r",
		"gicd_ctlr:r",
		"GICD:r",
		"GIC:r",
		":r",
		"hvc:r",
		"all:r",
		"unmapped",
		" GICD_CTLR:r",
		"GICD_CTLR :r",
		"GICD_CTLR:r,foo:w",
		"GICD_ISENABLER00000000000000000000000000000000000000000000000000000000000000000:r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(&gicv3, bad[i], -EINVAL);
}

static void different_accesses_compare_so(void **state)
{
	struct access a = one(&gicv3, "GICR_TYPER:r"), b = one(&gicv3, "GICR_TYPER:r8"),
		      size = one(&gicv3, "GICR_TYPER:r4"), op = one(&gicv3, "GICR_TYPER:w"),
		      target = one(&gicv3, "GICR_TYPER@0:r");

	(void)state;
	assert_int_equal(access__compare(&a, &b), 0);
	assert_true(access__compare(&size, &a) < 0);
	assert_true(access__compare(&a, &op) < 0);
	assert_true(access__compare(&a, &target) < 0);
	assert_true(access__compare(&target, &a) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(register_becomes_its_address),
		cmocka_unit_test(the_gic_decides_the_device),
		cmocka_unit_test(wide_registers_get_wide_accesses),
		cmocka_unit_test(own_redistributor_is_an_offset),
		cmocka_unit_test(other_redistributor_is_an_address),
		cmocka_unit_test(offsets_are_classified),
		cmocka_unit_test(accesses_are_aligned),
		cmocka_unit_test(only_gicc_dir_is_on_the_bus),
		cmocka_unit_test(unmapped_goes_to_user_space),
		cmocka_unit_test(ioeventfds_take_their_length_only),
		cmocka_unit_test(list_says_what_it_uses),
		cmocka_unit_test(all_is_the_whole_table),
		cmocka_unit_test(bad_items_are_refused),
		cmocka_unit_test(different_accesses_compare_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
