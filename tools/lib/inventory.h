/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The VMs of a host and the devices on their MMIO buses, as plain data, and what the VGIC should
 * have registered there. Knows nothing of where it was read (inventory_read.h) or how it is shown
 * (view_inventory.h).
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vgic_ids.h"

#define INVENTORY_SYMBOL_SZ 48
#define INVENTORY_REMARK_SZ 64
#define INVENTORY_NO_VCPU UINT32_MAX
#define INVENTORY_NOT_KNOWN UINT32_MAX

struct inventory_device {
	uint64_t base;  /* guest address */
	uint32_t len;   /* bytes; 0: accesses of any size at this address (ioeventfds) */
	uint32_t vcpu;  /* of a redistributor, else INVENTORY_NO_VCPU */
	uint32_t kind;  /* enum vgic_kind; VGIC_UNKNOWN: see symbol */
	uint32_t place; /* on the bus, from 0: what is found first among those at one address */
	char symbol[INVENTORY_SYMBOL_SZ]; /* the kernel function that takes its accesses; "" = none
					   */
};

struct inventory_vm {
	char id[32];        /* "PID-FD", or "PID-vmN" (vm_names.h) */
	char name[64];      /* printable */
	uint32_t pid;       /* of the process that made it, else of one that has it open */
	uint64_t uptime_ns; /* since that process began */
	uint32_t gic;       /* the guest's: 2, 3, 5; 0 = none in the kernel */
	uint32_t nr_vcpus, nr_its;
	bool is_started; /* a vCPU has run; before, the VGIC has not registered all its devices */
	bool is_torn;    /* its devices changed while they were read: they may be wrong */
	struct inventory_device *devices; /* sorted by address */
	size_t nr_devices;
};

struct inventory {
	struct inventory_vm *vms; /* sorted by pid and id */
	size_t nr_vms;
	bool has_split_redists; /* the kernel registers two devices a redistributor (before 5.4) */
	bool has_cpuif;         /* and a GICv2's CPU interface as a device (6.19) */
};

/* An inventory without VMs; NULL: no memory. */
struct inventory *inventory__new(void);
void inventory__free(struct inventory *inv); /* NULL: no-op */
/* Appends a VM with room for @nr_devices devices, all zero, for the caller to fill. NULL: no
 * memory. */
struct inventory_vm *inventory__add(struct inventory *inv, size_t nr_devices);
/* Names what is not the VGIC's by its symbols, puts all in order. To be called once, when full. */
void inventory__finish(struct inventory *inv);

/*
 * How many devices the VGIC registers for such a VM on this kernel: GICv2 1, with the CPU interface
 * 2; GICv3 the distributor, a redistributor per vCPU (two where they are split), the ITSs; others
 * none. INVENTORY_NOT_KNOWN while it has not started: redistributors come with their address, the
 * distributor when a vCPU first runs.
 */
uint32_t inventory__expected(const struct inventory *inv, const struct inventory_vm *vm);
/* How many devices of the VGIC are on its bus. */
uint32_t inventory__registered(const struct inventory_vm *vm);
/* What is to be said of the VM's devices; "" = all is as expected. */
void inventory__remark(const struct inventory *inv, const struct inventory_vm *vm,
		       char buf[INVENTORY_REMARK_SZ]);

/* "dist", "redist", "its", "cpuif", "ioeventfd", "coalesced", "other". */
const char *inventory_device__kind(const struct inventory_device *device);

#endif
