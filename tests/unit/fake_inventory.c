// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_inventory.h"

struct inventory_vm *fake__vm(struct inventory *inv, const uint32_t *kinds, size_t nr)
{
	struct inventory_vm *vm = inventory__add(inv, nr);
	uint32_t vcpu = 0;

	if (!vm)
		abort();
	vm->is_started = true;
	for (size_t i = 0; i < nr; i++)
		vm->devices[i] = (struct inventory_device){
			.base = 0x8000000 + i * 0x10000,
			.len = 0x10000,
			.kind = kinds[i],
			.vcpu = kinds[i] == VGIC_REDIST ? vcpu++ : INVENTORY_NO_VCPU,
			.place = i,
		};
	return vm;
}

static void set_vm(struct inventory_vm *vm, uint32_t pid, const char *id, const char *name,
		   uint64_t uptime_s, uint32_t gic, uint32_t nr_vcpus)
{
	vm->pid = pid;
	snprintf(vm->id, sizeof(vm->id), "%s", id);
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	vm->uptime_ns = uptime_s * 1000000000;
	vm->gic = gic;
	vm->nr_vcpus = nr_vcpus;
}

static void set_device(struct inventory_device *d, uint64_t base, uint32_t len, const char *symbol)
{
	d->base = base;
	d->len = len;
	snprintf(d->symbol, sizeof(d->symbol), "%s", symbol);
}

static void add_gicv3(struct inventory *inv)
{
	static const uint32_t kinds[] = {
		VGIC_REDIST,  VGIC_REDIST,  VGIC_ITS,     VGIC_DIST_V3, VGIC_UNKNOWN,
		VGIC_UNKNOWN, VGIC_UNKNOWN, VGIC_UNKNOWN, VGIC_UNKNOWN,
	};
	struct inventory_vm *vm = fake__vm(inv, kinds, 9);

	set_vm(vm, 4242, "4242-17", "web1", 3 * 86400 + 4 * 3600, 3, 2);
	vm->nr_its = 1;
	for (int i = 0; i < 2; i++)
		set_device(&vm->devices[i], 0x80a0000 + i * 0x20000, 0x20000, "");
	set_device(&vm->devices[2], 0x8080000, 0x20000, "");
	set_device(&vm->devices[3], 0x8000000, 0x10000, "");
	set_device(&vm->devices[4], 0xa000050, 4, "ioeventfd_write");
	set_device(&vm->devices[5], 0xa000050, 2, "ioeventfd_write.cfi_jt");
	set_device(&vm->devices[6], 0x9000000, 0x1000, "coalesced_mmio_write");
	set_device(&vm->devices[7], 0x4000000000, 0x180, "my_write [mine]");
	set_device(&vm->devices[8], 0xa000000, 0, "ioeventfd_write");
}

struct inventory *fake__inventory(void)
{
	static const uint32_t v2[] = { VGIC_DIST_V2 }, redists[] = { VGIC_REDIST, VGIC_REDIST };
	struct inventory *inv = inventory__new();
	struct inventory_vm *vm;

	if (!inv)
		abort();
	inv->has_cpuif = true;
	add_gicv3(inv);
	vm = fake__vm(inv, v2, 1);
	set_vm(vm, 99, "99-13", "old", 4 * 3600 + 12 * 60 + 59, 2, 8);
	vm = fake__vm(inv, NULL, 0);
	set_vm(vm, 99, "99-4", "old", 12 * 60 + 5, 0, 1);
	vm->is_started = false;
	vm = fake__vm(inv, redists, 2);
	set_vm(vm, 5000, "5000-vm1", "?", 7, 3, 2);
	vm->is_started = false;
	inventory__finish(inv);
	return inv;
}
