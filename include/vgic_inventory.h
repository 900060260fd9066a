/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/* What crosses between bpf/inventory.bpf.c and tools/lib/inventory_read.c: VMs, and what is on
 * their MMIO buses. */
#ifndef VGIC_INVENTORY_H
#define VGIC_INVENTORY_H

#include <linux/types.h>
#include "vgic_ids.h"

/* clang-format off */

enum vgic_vm_flag {
	VGIC_VM_OWNED = 1 << 0,		/* pid is the process that made it, not one that was given it */
	VGIC_VM_STARTED = 1 << 1,	/* a vCPU has run: the VGIC has registered its devices */
	VGIC_VM_TORN = 1 << 2,		/* the bus was exchanged while it was read */
};

struct vgic_vm {
	__u64 kvm;		/* its address, which tells VMs of one process apart */
	__u64 started_ns;	/* CLOCK_BOOTTIME when its process began */
	__u32 pid;		/* the process (thread group) that holds it */
	__u32 gic;		/* the guest's GIC: 2, 3, 5; 0 = none in the kernel */
	__u32 nr_vcpus;
	__u32 nr_its;		/* ITSs that have been given an address */
	__u32 first_device;	/* its devices in the array, in the order of the bus */
	__u32 nr_devices;
	__u32 flags;		/* enum vgic_vm_flag */
	char name[24];		/* its debugfs name, "PID-FD"; empty where it has none */
	char comm[16];		/* the process's */
	__u32 pad;
};

#define VGIC_SYMBOL_SZ 44
#define VGIC_NO_VCPU (~0u)
struct vgic_bus_device {
	__u64 base;		/* guest address */
	__u32 len;		/* bytes; 0 = accesses of any size at this address */
	__u32 vcpu;		/* redistributor: its vCPU's id, else VGIC_NO_VCPU */
	__u32 kind;		/* enum vgic_kind; VGIC_UNKNOWN: no part of the VGIC, see symbol */
	char symbol[VGIC_SYMBOL_SZ];	/* the function that takes its accesses */
};

struct vgic_inventory {
	__u32 nr_vms, nr_devices;	/* found, those that there was no room for included */
	__u32 has_split_redists;	/* this kernel registers two devices a redistributor */
	__u32 has_cpuif;		/* and a GICv2's CPU interface */
};

_Static_assert(sizeof(struct vgic_vm) == 88, "wire format");
_Static_assert(sizeof(struct vgic_bus_device) == 64, "wire format");

/* clang-format on */

#endif
