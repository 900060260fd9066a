// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "inventory.h"

struct inventory *inventory__new(void)
{
	return calloc(1, sizeof(struct inventory));
}

void inventory__free(struct inventory *inv)
{
	if (!inv)
		return;
	for (size_t i = 0; i < inv->nr_vms; i++)
		free(inv->vms[i].devices);
	free(inv->vms);
	free(inv);
}

struct inventory_vm *inventory__add(struct inventory *inv, size_t nr_devices)
{
	struct inventory_vm *vms = realloc(inv->vms, (inv->nr_vms + 1) * sizeof(*vms));
	struct inventory_vm *vm;

	if (!vms)
		return NULL;
	inv->vms = vms;
	vm = &vms[inv->nr_vms];
	memset(vm, 0, sizeof(*vm));
	vm->devices = calloc(nr_devices ? nr_devices : 1, sizeof(*vm->devices));
	if (!vm->devices)
		return NULL;
	vm->nr_devices = nr_devices;
	inv->nr_vms++;
	return vm;
}

/* Compilers may append to a static function's name (".isra.0"), modules theirs (" [kvm]"). */
static bool is_function(const char *symbol, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(symbol, name, len) && (!symbol[len] || strchr(". ", symbol[len]));
}

static void device__name(struct inventory_device *d)
{
	if (d->kind != VGIC_UNKNOWN)
		return;
	if (is_function(d->symbol, "ioeventfd_write"))
		d->kind = VGIC_IOEVENTFD;
	else if (is_function(d->symbol, "coalesced_mmio_write"))
		d->kind = VGIC_COALESCED;
}

static int compare_devices(const void *a, const void *b)
{
	const struct inventory_device *x = a, *y = b;

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int compare_vms(const void *a, const void *b)
{
	const struct inventory_vm *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return strverscmp(x->id, y->id);
}

void inventory__finish(struct inventory *inv)
{
	for (size_t i = 0; i < inv->nr_vms; i++) {
		struct inventory_vm *vm = &inv->vms[i];

		for (size_t d = 0; d < vm->nr_devices; d++)
			device__name(&vm->devices[d]);
		qsort(vm->devices, vm->nr_devices, sizeof(*vm->devices), compare_devices);
	}
	if (inv->nr_vms)
		qsort(inv->vms, inv->nr_vms, sizeof(*inv->vms), compare_vms);
}

uint32_t inventory__expected(const struct inventory *inv, const struct inventory_vm *vm)
{
	if (vm->gic != 2 && vm->gic != 3)
		return 0;
	if (!vm->is_started)
		return INVENTORY_NOT_KNOWN;
	if (vm->gic == 2)
		return inv->has_cpuif ? 2 : 1;
	return 1 + vm->nr_vcpus * (inv->has_split_redists ? 2 : 1) + vm->nr_its;
}

uint32_t inventory__registered(const struct inventory_vm *vm)
{
	uint32_t nr = 0;

	for (size_t i = 0; i < vm->nr_devices; i++)
		nr += vm->devices[i].kind < VGIC_NR_GIC_KINDS;
	return nr;
}

void inventory__remark(const struct inventory *inv, const struct inventory_vm *vm,
		       char buf[INVENTORY_REMARK_SZ])
{
	uint32_t expected = inventory__expected(inv, vm), registered = inventory__registered(vm);
	uint32_t off = registered < expected ? expected - registered : registered - expected;

	buf[0] = '\0';
	if (vm->is_torn)
		snprintf(buf, INVENTORY_REMARK_SZ, "changed while it was read");
	else if (expected == INVENTORY_NOT_KNOWN)
		snprintf(buf, INVENTORY_REMARK_SZ, "not started");
	else if (off)
		snprintf(buf, INVENTORY_REMARK_SZ, "%" PRIu32 " VGIC device%s %s", off,
			 off == 1 ? "" : "s", registered < expected ? "missing" : "too many");
}

const char *inventory_device__kind(const struct inventory_device *device)
{
	switch (device->kind) {
	case VGIC_DIST_V2:
	case VGIC_DIST_V3:
		return "dist";
	case VGIC_REDIST:
		return "redist";
	case VGIC_ITS:
		return "its";
	case VGIC_CPUIF:
		return "cpuif";
	case VGIC_IOEVENTFD:
		return "ioeventfd";
	case VGIC_COALESCED:
		return "coalesced";
	default:
		return "other";
	}
}
