/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/* What crosses between bpf/trace.bpf.c and tools/lib/ (trace_programs): one record an access. */
#ifndef VGIC_TRACE_H
#define VGIC_TRACE_H

#include <linux/types.h>
#include "vgic_ids.h"

/* clang-format off */

enum vgic_access_flag {
	VGIC_ACCESS_USER = 1 << 0,	/* no device took it: the VMM completes it */
	VGIC_ACCESS_NO_VALUE = 1 << 1,	/* it could not be read, or the VMM will make it */
	VGIC_ACCESS_SLEPT = 1 << 2,	/* it ended on another CPU than it began on */
};

#define VGIC_STACK_DEPTH 32
/* In the ring buffer; with --stack followed by up to VGIC_STACK_DEPTH addresses. */
struct vgic_access {
	__u64 t_bus;	/* T2; all times CLOCK_MONOTONIC ns; 0 = that boundary was not seen */
	__u64 t_dev;	/* T4 */
	__u64 t_reg;	/* T5 */
	__u64 t_out;	/* T6 */
	__u64 t_end;	/* T7, always there */
	__u64 addr;	/* guest address */
	__u64 value;	/* what was written, or what the read returned; little endian, @len bytes */
	__u64 base;	/* of the device that took it, redistributor: of its RD frame; else @addr */
	__u32 vm;	/* index into the map of VMs; 0 = there was no room for its record */
	__u32 vcpu_id;
	__u32 pid;	/* the VMM's (thread group) */
	__u32 target;	/* redistributor: its vCPU's id; else VGIC_NO_TARGET (~0) */
	__u32 cpu;	/* where it ended */
	__u32 stack_sz;	/* bytes of addresses that follow */
	__u8 len;	/* bytes */
	__u8 op;	/* enum vgic_op */
	__u8 kind;	/* enum vgic_kind */
	__u8 flags;	/* enum vgic_access_flag */
	__u32 pad;
	__u64 stack[];
};

#define VGIC_TRACE_VMS 4096	/* records of VMs, entry 0 unused */
struct vgic_trace_vm {
	__u64 kvm;		/* its address */
	__u64 nr_dropped;	/* accesses that the buffer had no room for */
	__u32 pid;		/* the VMM's */
	__u32 model;		/* 2 or 3: VGICv2, VGICv3; 0 = other */
	char name[24];		/* debugfs name, "PID-FD"; empty where it has none */
	char comm[16];		/* the VMM's */
};

/* Per CPU. kernel + user == accesses seen; == written + filtered + dropped. */
struct vgic_tally {
	__u64 kernel, user;	/* seen at T7: completed by a device, left to the VMM */
	__u64 written, filtered, dropped;
	__u64 no_start;		/* T7 without T2: told with fewer stages, or (kretprobe) not at all */
	__u64 untold;		/* of these, accesses that nothing is known of */
	__u64 no_end;		/* T2 without T7: in none of the above */
	__u64 no_task;		/* no storage for a task's access in flight: in none of the above */
};

struct vgic_trace_globals {
	__u64 dead_exits_kernel;	/* mmio_exit_kernel of the vCPUs destroyed meanwhile */
	__u64 min_ns;		/* accesses are wanted from this bus latency on, as measured */
	__u64 min_taken_ns;	/* and those that a device took, by all boundaries, from this one */
	__u32 nr_vms;		/* records taken, entry 0 included */
	__u32 generation;	/* grows with each vCPU destroyed */
	__u32 is_awake;		/* user space was woken, and has not said that it read all since */
	__u32 is_on;		/* accesses that begin are followed */
	__u32 pad;
	__u64 cal_bus, cal_dev, cal_reg, cal_out, cal_end;	/* calibration: the stand-in's times */
};

/* What a vCPU's thread carries while an access is in flight, and knows of the vCPU. */
struct vgic_flight_device {
	__u64 dev;	/* kvm_io_device; 0 = none */
	__u64 base;
	__u32 target;
	__u32 kind;
};
#define VGIC_FLIGHT_DEVICES 4
struct vgic_flight {
	__u64 vcpu;		/* whose; 0 = not known yet */
	__u64 t_bus, t_dev, t_reg, t_out;	/* t_bus 0 = none in flight */
	__u64 addr, val;	/* val: where its bytes are, in the kernel */
	__u64 dev;		/* at T4 */
	__u32 len;
	__u32 generation;	/* of what is known of the vCPU */
	__u32 vm, vcpu_id;
	__u32 cpu;		/* at T2 */
	__u8 op;
	__u8 kind;		/* of dev; VGIC_NO_KIND = told by the iodev */
	__u8 is_traced;
	__u8 model;
	struct vgic_flight_device devices[VGIC_FLIGHT_DEVICES];
};

_Static_assert(sizeof(struct vgic_access) == 96, "wire format");
_Static_assert(sizeof(struct vgic_trace_vm) == 64, "wire format");
_Static_assert(sizeof(struct vgic_flight_device) == 24, "wire format");
_Static_assert(sizeof(struct vgic_flight) == 88 + 24 * VGIC_FLIGHT_DEVICES, "wire format");

/* clang-format on */

#endif
