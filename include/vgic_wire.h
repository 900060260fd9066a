/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * What crosses from bpf/ to tools/lib/session.c: identifiers and the contents of the maps.
 *
 * vcpu record  one per traced vCPU, dense; tells whose cells these are, kept after the vCPU died
 * slot         one per living vCPU, found by a hash of its address; the access in flight
 * cell         one per (vCPU, device, range, direction) that was touched: its exact count
 * lat          one per cell and measured stage: sum, extremes, directory of its histogram
 * block        one octave of a histogram
 *
 * A vCPU makes one access at a time and KVM_RUN holds its mutex, so all that hangs on a vCPU has a
 * single writer and needs no atomics. User space reads all of it by difference and resets nothing.
 */
#ifndef VGIC_WIRE_H
#define VGIC_WIRE_H

#include <linux/types.h>
#include "vgic_regs.h"

enum vgic_kind {
#define X(kind, prefix, name, size) VGIC_##kind,
	VGIC_KINDS(X)
#undef X
	VGIC_NR_GIC_KINDS,
	VGIC_IOEVENTFD = VGIC_NR_GIC_KINDS,	/* range = exact address */
	VGIC_COALESCED,				/* range = exact address */
	VGIC_UNKNOWN,		/* the kernel took it, no hooked device did; range = 4K page */
	VGIC_USER,		/* no device took it: completed by the VMM; range = 4K page */
	VGIC_NR_KINDS,
	VGIC_NO_KIND = 0xff,
};

/* Range ids: one per table row, one "reserved" per GIC device, one per kind named by address. */
enum vgic_range {
#define X(kind, prefix, reg, off, len, stride) VGIC_RANGE_##kind##_##reg,
	VGIC_REGS(X)
#undef X
#define X(kind, prefix, name, size) VGIC_RANGE_##kind##_RESERVED,
	VGIC_KINDS(X)
#undef X
	VGIC_RANGE_IOEVENTFD,
	VGIC_RANGE_COALESCED,
	VGIC_RANGE_UNKNOWN,
	VGIC_RANGE_USER,
	VGIC_NR_RANGES,
};

/* The classifier's map: range id of each 4-byte word of each GIC device, 128K a device. */
#define VGIC_WORDS_SHIFT 15
#define VGIC_NR_WORDS (1u << VGIC_WORDS_SHIFT)
struct vgic_range_map {
	__u8 range[VGIC_NR_GIC_KINDS * VGIC_NR_WORDS];
};

enum vgic_op { VGIC_READ, VGIC_WRITE, VGIC_NR_OPS };

/* DESIGN.md 3. T2 = bus entry, T4 = device entry, T5 = handler, T6 = device exit, T7 = bus exit. */
enum vgic_stage {
	VGIC_LOOKUP,	/* T2..T4 */
	VGIC_DEVICE,	/* T4..T6 */
	VGIC_BUS,	/* T2..T6, or T2..T7 where the bus exit is hooked (stage "return") */
	VGIC_DECODE,	/* T4..T5 */
	VGIC_HANDLER,	/* T5..T6 */
	VGIC_RETURN,	/* T6..T7 */
	VGIC_TRAP,	/* kvm_exit..T2 */
	VGIC_RESUME,	/* T6 or T7..kvm_entry */
	VGIC_NR_STAGES,
};

/*
 * Log-linear histogram: 16 buckets an octave. Bucket b holds [b, b+1) ns below 16, above that
 * [(16 + b % 16) << (b / 16 - 1), one sub-bucket further); the last also holds all beyond 2^35 ns.
 */
#define VGIC_SUB_BITS 4
#define VGIC_NR_SUBS (1u << VGIC_SUB_BITS)
#define VGIC_NR_OCTAVES 32
#define VGIC_NR_BUCKETS (VGIC_NR_OCTAVES * VGIC_NR_SUBS)

struct vgic_block {
	__u32 count[VGIC_NR_SUBS];	/* wraps; the reader extends it to 64 bits */
};

struct vgic_lat {
	__u64 sum_ns;
	__u64 max_ns;
	__u64 min_inv_ns;		/* ~minimum, so that 0 means "none yet" */
	__u32 block[VGIC_NR_OCTAVES];	/* index + 1 into blocks, 0 = none */
};

struct vgic_cell {
	__u64 id;		/* GIC device: its address; else the guest address, or its 4K page */
	__u64 base;		/* guest address of the device, or of the range */
	__u64 count;		/* accesses */
	__u64 nr_untimed;	/* of these, the ones with no latency: a boundary was missed */
	__u32 vcpu;		/* index + 1 into vcpus, 0 = cell is free */
	__u32 target;		/* redistributor: its vCPU's id, else VGIC_NO_TARGET */
	__u8 kind;
	__u8 range;
	__u8 op;
	__u8 pad[5];
};
#define VGIC_NO_TARGET (~0u)

#define VGIC_NAME_SZ 24
struct vgic_vcpu {
	__u64 kvm;		/* its VM's address: tells VMs of one VMM apart while they live */
	__u64 created_ns;	/* CLOCK_MONOTONIC when first seen */
	__u32 pid;		/* the VMM's */
	__u32 vcpu_id;
	__u32 alive;		/* 1 until the vCPU is destroyed */
	__u32 model;		/* 2 or 3: VGICv2, VGICv3; 0 = other */
	char name[VGIC_NAME_SZ];/* the VM's debugfs name, "PID-FD"; empty where it has none */
};

struct vgic_slot {
	__u64 vcpu;		/* address; VGIC_SLOT_FREE, VGIC_SLOT_DEAD */
	__u64 t_bus;		/* T2, 0 = no access in flight; all times CLOCK_MONOTONIC ns */
	__u64 t_dev;		/* T4 */
	__u64 t_reg;		/* T5 */
	__u64 t_trap;		/* kvm_exit before T2 */
	__u64 t_end;		/* T6, for the bus exit */
	__u64 addr;
	__u64 dev;		/* kvm_io_device at T4, 0 = none yet */
	__u32 no;		/* index + 1 into vcpus, 0 = not traced (filtered out) */
	__u32 kinds;		/* byte n = enum vgic_kind of iodev_type n */
	__u32 cell;		/* index + 1 of the cell of the last access, for the bus exit */
	__u8 op;
	__u8 kind;		/* at T4: VGIC_NO_KIND = read it from the iodev */
	__u8 pad[2];
	__u16 cells[VGIC_NR_RANGES * VGIC_NR_OPS];	/* index + 1: last cell used by range, op */
};
#define VGIC_SLOT_FREE 0
#define VGIC_SLOT_DEAD 1

enum vgic_loss {
	VGIC_LOST_NO_SLOT,	/* access not counted: more vCPUs at once than slots */
	VGIC_LOST_NO_CELL,	/* access not counted: cell pool used up */
	VGIC_LOST_NO_BLOCK,	/* counted, one latency left out: histogram pool used up */
	VGIC_LOST_NO_START,	/* counted, without latencies: entry boundary missed */
	VGIC_LOST_NO_END,	/* counted, without latencies: exit boundary missed */
	VGIC_LOST_NO_TASK,	/* counted, without latencies: no task storage */
	VGIC_NR_LOSSES,
};

struct vgic_globals {
	__u64 lost[VGIC_NR_LOSSES];
	__u64 dead_exits_kernel;	/* mmio_exit_kernel of the vCPUs destroyed meanwhile */
	__u64 dead_exits_user;
	__u32 nr_vcpus, nr_cells, nr_blocks;	/* handed out from the pools' start so far */
	__u32 pad;
};

_Static_assert(sizeof(struct vgic_cell) == 48, "wire format");
_Static_assert(sizeof(struct vgic_lat) == 152, "wire format");
_Static_assert(sizeof(struct vgic_vcpu) == 56, "wire format");

#endif
