// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "inventory_read.h"
#include "procfs.h"
#include "vgic_inventory.h"
#include "vgic_wire.h"
#include "vm_names.h"
#include "inventory.skel.h"

/* Room to begin with; where it does not do, the next try has more. */
#define FIRST_VMS 64
#define FIRST_DEVICES 1024
/* For VMs that multiply, or whose devices change, while they are looked at. */
#define MAX_TRIES 5

/* One try: the loaded iterator and its maps. */
struct reader {
	struct inventory_bpf *skel;
	uint32_t max_vms, max_devices;
	struct vgic_vm *vms;
	struct vgic_bus_device *devices;
};

static char error_text[256];

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
	return err;
}

const char *inventory__read_error(void)
{
	return error_text;
}

static void reader__close(struct reader *r)
{
	if (r->vms)
		munmap(r->vms, r->max_vms * sizeof(*r->vms));
	if (r->devices)
		munmap(r->devices, r->max_devices * sizeof(*r->devices));
	r->vms = NULL;
	r->devices = NULL;
	inventory_bpf__destroy(r->skel);
	r->skel = NULL;
}

/* NULL: errno. */
static void *map_array(const struct bpf_map *map, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

	return p == MAP_FAILED ? NULL : p;
}

static int reader__load(struct reader *r, uint32_t pid)
{
	int err;

	r->skel = inventory_bpf__open();
	if (!r->skel)
		return -errno;
	r->skel->rodata->targ_pid = pid;
	err = bpf_map__set_max_entries(r->skel->maps.vms, r->max_vms) ?:
	      bpf_map__set_max_entries(r->skel->maps.seen, r->max_vms) ?:
	      bpf_map__set_max_entries(r->skel->maps.devices, r->max_devices) ?:
	      inventory_bpf__load(r->skel);
	if (err)
		return err;
	r->vms = map_array(r->skel->maps.vms, r->max_vms * sizeof(*r->vms));
	r->devices = map_array(r->skel->maps.devices, r->max_devices * sizeof(*r->devices));
	return r->vms && r->devices ? 0 : -errno;
}

/* The program writes maps; what is read is empty, and reading it is what makes it run. */
static int reader__run(struct reader *r)
{
	struct bpf_link *link = bpf_program__attach_iter(r->skel->progs.list_vms, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	int err = fd < 0 ? -errno : 0;
	ssize_t n = 1;
	char c;

	while (!err && n) {
		n = read(fd, &c, 1);
		/* -EAGAIN: a million files without a line. */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			err = -errno;
	}
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return err;
}

static bool reader__has_room(const struct reader *r)
{
	const struct vgic_inventory *found = &r->skel->bss->found;

	return found->nr_vms <= r->max_vms && found->nr_devices <= r->max_devices;
}

static bool reader__is_torn(const struct reader *r)
{
	for (uint32_t i = 0; i < r->skel->bss->found.nr_vms; i++)
		if (r->vms[i].flags & VGIC_VM_TORN)
			return true;
	return false;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * Reads until there is room for all and nothing changed meanwhile, or it was tried often enough:
 * of a VM that changes all the time that is said. 0, or -errno; -EAGAIN: there is never room.
 */
static int reader__read(struct reader *r, uint32_t pid)
{
	uint32_t nr_vms, nr_devices;
	int err;

	r->max_vms = FIRST_VMS;
	r->max_devices = FIRST_DEVICES;
	for (int i = 0; i < MAX_TRIES; i++) {
		err = reader__load(r, pid);
		if (!err)
			err = reader__run(r);
		if (err || (reader__has_room(r) && (!reader__is_torn(r) || i == MAX_TRIES - 1)))
			return err;
		nr_vms = r->skel->bss->found.nr_vms;
		nr_devices = r->skel->bss->found.nr_devices;
		reader__close(r);
		r->max_vms = larger(r->max_vms, 2 * nr_vms);
		r->max_devices = larger(r->max_devices, 2 * nr_devices);
	}
	return -EAGAIN;
}

static uint64_t boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void copy_device(struct inventory_device *to, const struct vgic_bus_device *d,
			uint32_t place)
{
	*to = (struct inventory_device){
		.base = d->base,
		.len = d->len,
		.vcpu = d->vcpu == VGIC_NO_VCPU ? INVENTORY_NO_VCPU : d->vcpu,
		.kind = d->kind,
		.place = place,
	};
	procfs__printable(d->symbol, strnlen(d->symbol, sizeof(d->symbol)), to->symbol,
			  sizeof(to->symbol));
}

static int copy_vm(struct inventory *inv, const struct reader *r, const struct vgic_vm *v,
		   struct vm_names *names)
{
	struct inventory_vm *vm = inventory__add(inv, v->nr_devices);
	struct vgic_vcpu key = { .kvm = v->kvm, .pid = v->pid };
	uint64_t now_ns = boottime_ns();
	const struct vm_name *name;

	if (!vm)
		return -ENOMEM;
	memcpy(key.name, v->name, sizeof(key.name));
	memcpy(key.comm, v->comm, sizeof(key.comm));
	name = vm_names__get(names, &key);
	if (!name)
		return -ENOMEM;
	snprintf(vm->id, sizeof(vm->id), "%s", name->id);
	snprintf(vm->name, sizeof(vm->name), "%s", name->name);
	vm->pid = v->pid;
	vm->uptime_ns = now_ns > v->started_ns ? now_ns - v->started_ns : 0;
	vm->gic = v->gic;
	vm->nr_vcpus = v->nr_vcpus;
	vm->nr_its = v->nr_its;
	vm->is_started = v->flags & VGIC_VM_STARTED;
	vm->is_torn = v->flags & VGIC_VM_TORN;
	for (uint32_t i = 0; i < v->nr_devices; i++)
		copy_device(&vm->devices[i], &r->devices[v->first_device + i], i);
	return 0;
}

static int reader__copy(const struct reader *r, struct inventory **out)
{
	const struct vgic_inventory *found = &r->skel->bss->found;
	struct vm_names *names = vm_names__new();
	struct inventory *inv = inventory__new();
	int err = names && inv ? 0 : -ENOMEM;

	if (!err) {
		inv->has_split_redists = found->has_split_redists;
		inv->has_cpuif = found->has_cpuif;
	}
	for (uint32_t i = 0; !err && i < found->nr_vms; i++)
		err = copy_vm(inv, r, &r->vms[i], names);
	vm_names__free(names);
	if (err) {
		inventory__free(inv);
		return err;
	}
	inventory__finish(inv);
	*out = inv;
	return 0;
}

/* libbpf's own words are not for the user. */
static int log_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

int inventory__read(uint32_t pid, struct inventory **inv)
{
	libbpf_print_fn_t log = libbpf_set_print(log_nothing);
	struct reader r = { 0 };
	int err = reader__read(&r, pid);

	if (!err)
		err = reader__copy(&r, inv);
	reader__close(&r);
	libbpf_set_print(log);
	if (!err)
		return 0;
	return fail(err,
		    "cannot read the VMs' buses: %s; it takes BPF iterators and bpf_loop() "
		    "(Linux 5.17), root, or CAP_BPF and CAP_PERFMON, and no kernel lockdown",
		    strerror(-err));
}
