// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include "json.h"
#include "table.h"
#include "view_inventory.h"

enum { ID, NAME, PID, UPTIME, VCPUS, GIC, REGISTERED, BUS, REMARK };
enum { ADDRESS, SIZE, KIND };

/* The two largest units: "3d 4h", "4h 12m", "12m 5s", "7s". */
static void print_time(uint64_t ns, char *buf, size_t size)
{
	uint64_t s = ns / 1000000000;

	if (s >= 86400)
		snprintf(buf, size, "%" PRIu64 "d %" PRIu64 "h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(buf, size, "%" PRIu64 "h %" PRIu64 "m", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(buf, size, "%" PRIu64 "m %" PRIu64 "s", s / 60, s % 60);
	else
		snprintf(buf, size, "%" PRIu64 "s", s);
}

static void print_gic(const struct inventory_vm *vm, char *buf, size_t size)
{
	if (vm->gic)
		snprintf(buf, size, "GICv%" PRIu32, vm->gic);
	else
		snprintf(buf, size, "none");
}

/* "5 of 5", or "5" where it is not known how many there should be. */
static void print_registered(const struct inventory *inv, const struct inventory_vm *vm, char *buf,
			     size_t size)
{
	uint32_t registered = inventory__registered(vm), expected = inventory__expected(inv, vm);

	if (expected == INVENTORY_NOT_KNOWN)
		snprintf(buf, size, "%" PRIu32, registered);
	else
		snprintf(buf, size, "%" PRIu32 " of %" PRIu32, registered, expected);
}

static void vm_cell(const void *ctx, size_t row, int id, char *buf)
{
	const struct inventory *inv = ctx;
	const struct inventory_vm *vm = &inv->vms[row];

	if (id == ID)
		snprintf(buf, TABLE_CELL_SZ, "%s", vm->id);
	else if (id == NAME)
		snprintf(buf, TABLE_CELL_SZ, "%s", vm->name);
	else if (id == PID)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu32, vm->pid);
	else if (id == UPTIME)
		print_time(vm->uptime_ns, buf, TABLE_CELL_SZ);
	else if (id == VCPUS)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu32, vm->nr_vcpus);
	else if (id == GIC)
		print_gic(vm, buf, TABLE_CELL_SZ);
	else if (id == REGISTERED)
		print_registered(inv, vm, buf, TABLE_CELL_SZ);
	else if (id == BUS)
		snprintf(buf, TABLE_CELL_SZ, "%zu", vm->nr_devices);
	else
		inventory__remark(inv, vm, buf);
	if (!buf[0])
		snprintf(buf, TABLE_CELL_SZ, "-");
}
_Static_assert(INVENTORY_REMARK_SZ <= TABLE_CELL_SZ, "a remark is a cell");

static bool has_remark(const void *ctx, int id)
{
	const struct inventory *inv = ctx;
	char buf[INVENTORY_REMARK_SZ] = "";

	(void)id;
	for (size_t i = 0; i < inv->nr_vms && !buf[0]; i++)
		inventory__remark(inv, &inv->vms[i], buf);
	return buf[0];
}

void view_inventory__vms(FILE *out, const struct inventory *inv, unsigned int width)
{
	static const struct table_column columns[] = {
		{ "VM", true, 0, ID, vm_cell, NULL },
		{ "NAME", true, 0, NAME, vm_cell, NULL },
		{ "PID", false, 0, PID, vm_cell, NULL },
		{ "UPTIME", false, 1, UPTIME, vm_cell, NULL },
		{ "VCPUS", false, 0, VCPUS, vm_cell, NULL },
		{ "GIC", true, 0, GIC, vm_cell, NULL },
		{ "VGIC DEVICES", false, 0, REGISTERED, vm_cell, NULL },
		{ "ON THE BUS", false, 2, BUS, vm_cell, NULL },
		{ "REMARK", true, 0, REMARK, vm_cell, has_remark },
	};

	if (inv->nr_vms)
		table__print(out, columns, sizeof(columns) / sizeof(columns[0]), inv->nr_vms, inv,
			     width);
	else
		fprintf(out, "no VM\n");
}

static void device_cell(const void *ctx, size_t row, int id, char *buf)
{
	const struct inventory_device *d = &((const struct inventory_vm *)ctx)->devices[row];
	const char *kind = inventory_device__kind(d);

	if (id == ADDRESS)
		snprintf(buf, TABLE_CELL_SZ, "0x%" PRIx64, d->base);
	else if (id == SIZE && !d->len)
		snprintf(buf, TABLE_CELL_SZ, "any");
	else if (id == SIZE && d->len % 1024)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu32, d->len);
	else if (id == SIZE)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu32 "K", d->len / 1024);
	else if (d->kind == VGIC_REDIST)
		snprintf(buf, TABLE_CELL_SZ, "redist of vCPU %" PRIu32, d->vcpu);
	else if (d->kind == VGIC_UNKNOWN)
		snprintf(buf, TABLE_CELL_SZ, "other: %s", d->symbol[0] ? d->symbol : "?");
	else
		snprintf(buf, TABLE_CELL_SZ, "%s", kind);
}

static void print_vm(FILE *out, const struct inventory *inv, const struct inventory_vm *vm)
{
	char uptime[48], gic[16], registered[32], remark[INVENTORY_REMARK_SZ];

	print_time(vm->uptime_ns, uptime, sizeof(uptime));
	print_gic(vm, gic, sizeof(gic));
	print_registered(inv, vm, registered, sizeof(registered));
	inventory__remark(inv, vm, remark);
	fprintf(out, "VM %s %s, pid %" PRIu32 ", up %s, %" PRIu32 " vCPU%s, GIC: %s\n", vm->id,
		vm->name, vm->pid, uptime, vm->nr_vcpus, vm->nr_vcpus == 1 ? "" : "s", gic);
	fprintf(out, "VGIC devices: %s; on the bus: %zu%s%s\n", registered, vm->nr_devices,
		remark[0] ? "; " : "", remark);
}

void view_inventory__devices(FILE *out, const struct inventory *inv, unsigned int width)
{
	static const struct table_column columns[] = {
		{ "ADDRESS", false, 0, ADDRESS, device_cell, NULL },
		{ "SIZE", false, 0, SIZE, device_cell, NULL },
		{ "KIND", true, 0, KIND, device_cell, NULL },
	};

	if (!inv->nr_vms)
		fprintf(out, "no VM\n");
	for (size_t i = 0; i < inv->nr_vms; i++) {
		if (i)
			fputc('\n', out);
		print_vm(out, inv, &inv->vms[i]);
		if (inv->vms[i].nr_devices)
			table__print(out, columns, 3, inv->vms[i].nr_devices, &inv->vms[i], width);
	}
}

static json_t *number_or_null(uint32_t number)
{
	return number == INVENTORY_NOT_KNOWN ? json_null() : json_integer(number);
}

static int print_vm_json(FILE *out, const struct inventory *inv, const struct inventory_vm *vm)
{
	struct json json = json__new("vm");
	char remark[INVENTORY_REMARK_SZ];

	inventory__remark(inv, vm, remark);
	json__str(&json, "vm", vm->id);
	json__u64(&json, "pid", vm->pid);
	json__str(&json, "name", vm->name);
	json__u64(&json, "uptime_ns", vm->uptime_ns);
	json__set(&json, "gic", vm->gic ? json_sprintf("GICv%" PRIu32, vm->gic) : json_null());
	json__u64(&json, "vcpus", vm->nr_vcpus);
	json__u64(&json, "its", vm->nr_its);
	json__bool(&json, "started", vm->is_started);
	json__set(&json, "devices_expected", number_or_null(inventory__expected(inv, vm)));
	json__u64(&json, "devices_registered", inventory__registered(vm));
	json__u64(&json, "bus_devices", vm->nr_devices);
	if (remark[0])
		json__str(&json, "remark", remark);
	return json__emit(&json, out);
}

static int print_device_json(FILE *out, const struct inventory_vm *vm,
			     const struct inventory_device *d)
{
	struct json json = json__new("device");

	json__str(&json, "vm", vm->id);
	json__u64(&json, "pid", vm->pid);
	json__hex(&json, "base", d->base);
	json__u64(&json, "len", d->len);
	json__str(&json, "kind", inventory_device__kind(d));
	if (d->kind == VGIC_REDIST)
		json__u64(&json, "vcpu", d->vcpu);
	if (d->kind == VGIC_UNKNOWN)
		json__set(&json, "symbol", d->symbol[0] ? json_string(d->symbol) : json_null());
	return json__emit(&json, out);
}

int view_inventory__json(FILE *out, const struct inventory *inv, bool devices)
{
	int err = 0;

	for (size_t i = 0; i < inv->nr_vms && !err; i++) {
		const struct inventory_vm *vm = &inv->vms[i];

		err = print_vm_json(out, inv, vm);
		for (size_t d = 0; devices && d < vm->nr_devices && !err; d++)
			err = print_device_json(out, vm, &vm->devices[d]);
	}
	return err;
}
