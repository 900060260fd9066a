// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake_inventory.h"

/* docs/inventory.md's table. */
static void what_the_vgic_registers_follows_kernel_and_gic(void **state)
{
	static const struct {
		bool has_split_redists, has_cpuif;
		uint32_t gic, nr_vcpus, nr_its, expected;
	} cases[] = {
		{ false, false, 2, 1, 0, 1 },   { false, false, 2, 8, 0, 1 },
		{ false, true, 2, 1, 0, 2 },    { false, true, 2, 8, 0, 2 },
		{ false, false, 3, 1, 0, 2 },   { false, true, 3, 4, 0, 5 },
		{ false, false, 3, 64, 0, 65 }, { false, false, 3, 64, 2, 67 },
		{ true, false, 3, 1, 0, 3 },    { true, false, 3, 64, 1, 130 },
		{ true, false, 2, 4, 0, 1 },    { false, true, 5, 4, 0, 0 },
		{ false, false, 0, 4, 0, 0 },   { false, false, 3, 512, 0, 513 },
	};
	struct inventory inv = { 0 };
	struct inventory_vm vm = { .is_started = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		inv.has_split_redists = cases[i].has_split_redists;
		inv.has_cpuif = cases[i].has_cpuif;
		vm.gic = cases[i].gic;
		vm.nr_vcpus = cases[i].nr_vcpus;
		vm.nr_its = cases[i].nr_its;
		assert_int_equal(inventory__expected(&inv, &vm), cases[i].expected);
	}
}

static void nothing_is_expected_of_a_vm_that_has_not_started(void **state)
{
	struct inventory inv = { 0 };
	struct inventory_vm vm = { .gic = 3, .nr_vcpus = 4 };
	char remark[INVENTORY_REMARK_SZ];

	(void)state;
	assert_int_equal(inventory__expected(&inv, &vm), INVENTORY_NOT_KNOWN);
	inventory__remark(&inv, &vm, remark);
	assert_string_equal(remark, "not started");
	vm.gic = 0;
	assert_int_equal(inventory__expected(&inv, &vm), 0);
	inventory__remark(&inv, &vm, remark);
	assert_string_equal(remark, "");
}

static void only_the_vgics_own_devices_count_as_registered(void **state)
{
	static const uint32_t kinds[] = {
		VGIC_DIST_V3, VGIC_REDIST,    VGIC_ITS,       VGIC_CPUIF,
		VGIC_DIST_V2, VGIC_IOEVENTFD, VGIC_COALESCED, VGIC_UNKNOWN
	};
	struct inventory *inv = inventory__new();

	(void)state;
	assert_int_equal(inventory__registered(fake__vm(inv, kinds, 8)), 5);
	inventory__free(inv);
}

static void what_is_missing_or_too_much_is_remarked(void **state)
{
	static const uint32_t kinds[] = { VGIC_DIST_V3, VGIC_REDIST, VGIC_REDIST };
	struct inventory *inv = inventory__new();
	struct inventory_vm *vm = fake__vm(inv, kinds, 3);
	char remark[INVENTORY_REMARK_SZ];

	(void)state;
	vm->gic = 3;
	vm->nr_vcpus = 2;
	inventory__remark(inv, vm, remark);
	assert_string_equal(remark, "");
	vm->nr_vcpus = 3;
	inventory__remark(inv, vm, remark);
	assert_string_equal(remark, "1 VGIC device missing");
	vm->gic = 2;
	inventory__remark(inv, vm, remark);
	assert_string_equal(remark, "2 VGIC devices too many");
	vm->is_torn = true;
	inventory__remark(inv, vm, remark);
	assert_string_equal(remark, "changed while it was read");
	inventory__free(inv);
}

static void kinds_are_told_by_symbol_where_it_is_not_the_vgic(void **state)
{
	static const struct {
		const char *symbol, *kind;
	} cases[] = {
		{ "ioeventfd_write", "ioeventfd" },
		{ "ioeventfd_write.cfi_jt", "ioeventfd" },
		{ "ioeventfd_write [kvm]", "ioeventfd" },
		{ "ioeventfd_writer", "other" },
		{ "my_ioeventfd_write", "other" },
		{ "coalesced_mmio_write", "coalesced" },
		{ "coalesced_mmio_write.isra.0", "coalesced" },
		{ "dispatch_mmio_write", "other" },
		{ "", "other" },
	};
	static const uint32_t unknown[] = { VGIC_UNKNOWN };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct inventory *inv = inventory__new();
		struct inventory_vm *vm = fake__vm(inv, unknown, 1);

		snprintf(vm->devices[0].symbol, INVENTORY_SYMBOL_SZ, "%s", cases[i].symbol);
		inventory__finish(inv);
		assert_string_equal(inventory_device__kind(&inv->vms[0].devices[0]), cases[i].kind);
		inventory__free(inv);
	}
}

static void a_vgic_device_is_what_it_is_whatever_its_symbol(void **state)
{
	static const uint32_t kinds[] = { VGIC_DIST_V2, VGIC_DIST_V3, VGIC_REDIST, VGIC_ITS,
					  VGIC_CPUIF };
	static const char *const names[] = { "dist", "dist", "redist", "its", "cpuif" };
	struct inventory *inv = inventory__new();
	struct inventory_vm *vm = fake__vm(inv, kinds, 5);

	(void)state;
	for (int i = 0; i < 5; i++)
		strcpy(vm->devices[i].symbol, "ioeventfd_write");
	inventory__finish(inv);
	for (int i = 0; i < 5; i++)
		assert_string_equal(inventory_device__kind(&inv->vms[0].devices[i]), names[i]);
	inventory__free(inv);
}

static void devices_are_in_order_of_address_then_of_the_bus(void **state)
{
	struct inventory *inv = fake__inventory();
	const struct inventory_vm *vm = &inv->vms[2];

	(void)state;
	assert_string_equal(vm->id, "4242-17");
	for (size_t i = 1; i < vm->nr_devices; i++) {
		const struct inventory_device *d = &vm->devices[i], *before = d - 1;

		assert_true(before->base < d->base ||
			    (before->base == d->base && before->place < d->place));
	}
	inventory__free(inv);
}

static void vms_are_in_order_of_process_and_number(void **state)
{
	static const char *const ids[] = { "99-4", "99-13", "4242-17", "5000-vm1" };
	struct inventory *inv = fake__inventory();

	(void)state;
	assert_int_equal(inv->nr_vms, 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(inv->vms[i].id, ids[i]);
	inventory__free(inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_vgic_registers_follows_kernel_and_gic),
		cmocka_unit_test(nothing_is_expected_of_a_vm_that_has_not_started),
		cmocka_unit_test(only_the_vgics_own_devices_count_as_registered),
		cmocka_unit_test(what_is_missing_or_too_much_is_remarked),
		cmocka_unit_test(kinds_are_told_by_symbol_where_it_is_not_the_vgic),
		cmocka_unit_test(a_vgic_device_is_what_it_is_whatever_its_symbol),
		cmocka_unit_test(devices_are_in_order_of_address_then_of_the_bus),
		cmocka_unit_test(vms_are_in_order_of_process_and_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
