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
#include "view_inventory.h"

enum view { VMS, DEVICES, JSON, JSON_DEVICES };

static void assert_shows(const struct inventory *inv, enum view view, const char *text)
{
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(out);
	if (view == VMS)
		view_inventory__vms(out, inv, 100);
	else if (view == DEVICES)
		view_inventory__devices(out, inv, 100);
	else
		assert_int_equal(view_inventory__json(out, inv, view == JSON_DEVICES), 0);
	fclose(out);
	assert_string_equal(got, text);
	free(got);
}

static const char vms_text[] =
	"VM        NAME   PID  UPTIME  VCPUS  GIC    VGIC DEVICES  ON THE BUS  REMARK\n"
	"99-4      old     99  12m 5s      1  none         0 of 0           0  -\n"
	"99-13     old     99  4h 12m      8  GICv2        1 of 2           1  "
	"1 VGIC device missing\n"
	"4242-17   web1  4242   3d 4h      2  GICv3        4 of 4           9  -\n"
	"5000-vm1  ?     5000      7s      2  GICv3             2           2  not started\n";

static void each_vm_is_a_row(void **state)
{
	struct inventory *inv = fake__inventory();

	(void)state;
	assert_shows(inv, VMS, vms_text);
	inventory__free(inv);
}

static void there_is_no_column_for_remarks_without_any(void **state)
{
	static const uint32_t kinds[] = { VGIC_DIST_V2 };
	struct inventory *inv = inventory__new();
	struct inventory_vm *vm = fake__vm(inv, kinds, 1);

	(void)state;
	vm->gic = 2;
	vm->nr_vcpus = 1;
	strcpy(vm->id, "7-3");
	strcpy(vm->name, "x");
	assert_shows(inv, VMS,
		     "VM   NAME  PID  UPTIME  VCPUS  GIC    VGIC DEVICES  ON THE BUS\n"
		     "7-3  x       0      0s      1  GICv2        1 of 1           1\n");
	inventory__free(inv);
}

static const char devices_text[] = "VM 99-4 old, pid 99, up 12m 5s, 1 vCPU, GIC: none\n"
				   "VGIC devices: 0 of 0; on the bus: 0\n"
				   "\n"
				   "VM 99-13 old, pid 99, up 4h 12m, 8 vCPUs, GIC: GICv2\n"
				   "VGIC devices: 1 of 2; on the bus: 1; 1 VGIC device missing\n"
				   "  ADDRESS  SIZE  KIND\n"
				   "0x8000000   64K  dist\n"
				   "\n"
				   "VM 4242-17 web1, pid 4242, up 3d 4h, 2 vCPUs, GIC: GICv3\n"
				   "VGIC devices: 4 of 4; on the bus: 9\n"
				   "     ADDRESS  SIZE  KIND\n"
				   "   0x8000000   64K  dist\n"
				   "   0x8080000  128K  its\n"
				   "   0x80a0000  128K  redist of vCPU 0\n"
				   "   0x80c0000  128K  redist of vCPU 1\n"
				   "   0x9000000    4K  coalesced\n"
				   "   0xa000000   any  ioeventfd\n"
				   "   0xa000050     4  ioeventfd\n"
				   "   0xa000050     2  ioeventfd\n"
				   "0x4000000000   384  other: my_write [mine]\n"
				   "\n"
				   "VM 5000-vm1 ?, pid 5000, up 7s, 2 vCPUs, GIC: GICv3\n"
				   "VGIC devices: 2; on the bus: 2; not started\n"
				   "  ADDRESS  SIZE  KIND\n"
				   "0x8000000   64K  redist of vCPU 0\n"
				   "0x8010000   64K  redist of vCPU 1\n";

static void each_device_is_a_row_of_its_vms_table(void **state)
{
	struct inventory *inv = fake__inventory();

	(void)state;
	assert_shows(inv, DEVICES, devices_text);
	inventory__free(inv);
}

static void where_there_is_no_vm_that_is_said(void **state)
{
	struct inventory *inv = inventory__new();

	(void)state;
	assert_shows(inv, VMS, "no VM\n");
	assert_shows(inv, DEVICES, "no VM\n");
	assert_shows(inv, JSON, "");
	assert_shows(inv, JSON_DEVICES, "");
	inventory__free(inv);
}

#define VM_99_4 \
	"{\"type\":\"vm\",\"vm\":\"99-4\",\"pid\":99,\"name\":\"old\",\"uptime_ns\":725000000000," \
	"\"gic\":null,\"vcpus\":1,\"its\":0,\"started\":false,\"devices_expected\":0," \
	"\"devices_registered\":0,\"bus_devices\":0}\n"
#define VM_99_13 \
	"{\"type\":\"vm\",\"vm\":\"99-13\",\"pid\":99,\"name\":\"old\"," \
	"\"uptime_ns\":15179000000000,\"gic\":\"GICv2\",\"vcpus\":8,\"its\":0,\"started\":true," \
	"\"devices_expected\":2,\"devices_registered\":1,\"bus_devices\":1," \
	"\"remark\":\"1 VGIC device missing\"}\n"
#define VM_4242 \
	"{\"type\":\"vm\",\"vm\":\"4242-17\",\"pid\":4242,\"name\":\"web1\"," \
	"\"uptime_ns\":273600000000000,\"gic\":\"GICv3\",\"vcpus\":2,\"its\":1,\"started\":true," \
	"\"devices_expected\":4,\"devices_registered\":4,\"bus_devices\":9}\n"
#define VM_5000 \
	"{\"type\":\"vm\",\"vm\":\"5000-vm1\",\"pid\":5000,\"name\":\"?\",\"uptime_ns\":" \
	"7000000000," \
	"\"gic\":\"GICv3\",\"vcpus\":2,\"its\":0,\"started\":false,\"devices_expected\":null," \
	"\"devices_registered\":2,\"bus_devices\":2,\"remark\":\"not started\"}\n"
#define DEVICE(vm, pid, rest) \
	"{\"type\":\"device\",\"vm\":\"" vm "\",\"pid\":" pid ",\"base\":\"0x" rest "}\n"

static void json_has_an_object_per_vm(void **state)
{
	struct inventory *inv = fake__inventory();

	(void)state;
	assert_shows(inv, JSON, VM_99_4 VM_99_13 VM_4242 VM_5000);
	inventory__free(inv);
}

static void json_devices_follow_their_vm(void **state)
{
	struct inventory *inv = fake__inventory();

	(void)state;
	/* clang-format off */
	assert_shows(inv, JSON_DEVICES,
		VM_99_4 VM_99_13
		DEVICE("99-13", "99", "8000000\",\"len\":65536,\"kind\":\"dist\"")
		VM_4242
		DEVICE("4242-17", "4242", "8000000\",\"len\":65536,\"kind\":\"dist\"")
		DEVICE("4242-17", "4242", "8080000\",\"len\":131072,\"kind\":\"its\"")
		DEVICE("4242-17", "4242", "80a0000\",\"len\":131072,\"kind\":\"redist\",\"vcpu\":0")
		DEVICE("4242-17", "4242", "80c0000\",\"len\":131072,\"kind\":\"redist\",\"vcpu\":1")
		DEVICE("4242-17", "4242", "9000000\",\"len\":4096,\"kind\":\"coalesced\"")
		DEVICE("4242-17", "4242", "a000000\",\"len\":0,\"kind\":\"ioeventfd\"")
		DEVICE("4242-17", "4242", "a000050\",\"len\":4,\"kind\":\"ioeventfd\"")
		DEVICE("4242-17", "4242", "a000050\",\"len\":2,\"kind\":\"ioeventfd\"")
		DEVICE("4242-17", "4242",
		       "4000000000\",\"len\":384,\"kind\":\"other\",\"symbol\":\"my_write [mine]\"")
		VM_5000
		DEVICE("5000-vm1", "5000", "8000000\",\"len\":65536,\"kind\":\"redist\",\"vcpu\":0")
		DEVICE("5000-vm1", "5000", "8010000\",\"len\":65536,\"kind\":\"redist\",\"vcpu\":1"));
	/* clang-format on */
	inventory__free(inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_vm_is_a_row),
		cmocka_unit_test(there_is_no_column_for_remarks_without_any),
		cmocka_unit_test(each_device_is_a_row_of_its_vms_table),
		cmocka_unit_test(where_there_is_no_vm_that_is_said),
		cmocka_unit_test(json_has_an_object_per_vm),
		cmocka_unit_test(json_devices_follow_their_vm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
