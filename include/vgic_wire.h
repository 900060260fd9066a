/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * What crosses between bpf/ and tools/lib/ (harvest, programs, calibrate, exits): the contents of
 * the maps.
 *
 * vcpu record  one per traced vCPU, dense; tells whose cells these are, kept after the vCPU died
 * slot         one per living vCPU, found by a hash of its address; the access in flight
 * cell         one per (vCPU, device, range, direction) that was touched: its exact count, and per
 *              measured stage a lat: sum, extremes, directory of its histogram
 * block        one octave of a histogram
 *
 * A vCPU makes one access at a time and KVM_RUN holds its mutex, so all that hangs on a vCPU has a
 * single writer and needs no atomics. User space reads all of it by difference and resets nothing.
 */
#ifndef VGIC_WIRE_H
#define VGIC_WIRE_H

#include <linux/types.h>
#include "vgic_ids.h"

/* clang-format off */

/* The classifier's map: range id of each 4-byte word of each GIC device, 128K a device. */
#define VGIC_WORDS_SHIFT 15
#define VGIC_NR_WORDS (1u << VGIC_WORDS_SHIFT)
#define VGIC_MAP_KINDS 8	/* a power of two >= VGIC_NR_GIC_KINDS */
struct vgic_range_map {
	__u8 range[VGIC_MAP_KINDS * VGIC_NR_WORDS];
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
	__u64 count[VGIC_NR_SUBS];
};

#define VGIC_NO_BLOCK (~0u) /* as an index out of bounds: the lookup itself finds it out */
struct vgic_lat {
	__u64 sum_ns;
	__u64 max_ns;
	__u64 min_ns;			/* ~0 = none yet */
	__u32 block[VGIC_NR_OCTAVES];	/* index into blocks, or VGIC_NO_BLOCK: not touched yet */
};

/* In all pools entry 0 stays unused, so that index 0 means "none". */
struct vgic_cell_key {
	__u64 id;	/* GIC device: its vgic_io_device; else VGIC_ID_ADDRESS | address or page */
	__u32 vcpu;	/* index into vcpus */
	__u8 kind;
	__u8 range;
	__u8 op;
	__u8 pad;
};
#define VGIC_ID_ADDRESS (1ULL << 63)

struct vgic_cell {
	struct vgic_cell_key key;	/* key.vcpu 0 = cell is free */
	__u64 base;		/* guest address of the device, or of the range */
	__u64 count;		/* accesses */
	__u64 nr_untimed;	/* of these, the ones without latencies: a boundary was missed */
	__u32 target;		/* redistributor: its vCPU's id, else VGIC_NO_TARGET */
	__u32 no;		/* its own number */
	struct vgic_lat lats[];	/* of the stages measured, in the order of enum vgic_stage */
};
#define VGIC_CELL_SZ(nr_lats) (sizeof(struct vgic_cell) + (nr_lats) * sizeof(struct vgic_lat))
#define VGIC_NO_TARGET (~0u)

enum vgic_vcpu_state {
	VGIC_VCPU_NEW,		/* free, or being filled */
	VGIC_VCPU_LIVING,
	VGIC_VCPU_DEAD,		/* destroyed; nobody writes to what hangs on it any more */
};

#define VGIC_NAME_SZ 24
struct vgic_vcpu {
	__u64 kvm;		/* its VM's address: tells VMs of one VMM apart while they live */
	__u64 created_ns;	/* CLOCK_MONOTONIC when first seen */
	__u32 pid;		/* the VMM's (thread group) */
	__u32 vcpu_id;
	__u32 state;		/* enum vgic_vcpu_state; written last */
	__u32 model;		/* 2 or 3: VGICv2, VGICv3; 0 = other */
	char name[VGIC_NAME_SZ];/* the VM's debugfs name, "PID-FD"; empty where it has none */
	char comm[16];		/* the VMM's, for when it is gone before its name was asked for */
};

/* The cell of an access by its guest address: a VGIC device never moves once its VM runs. */
struct vgic_recent {
	__u32 cell;		/* first: the lookup of the cell takes the address of this */
	__u32 pad;
	__u64 addr;		/* ~0 = none */
};
#define VGIC_NR_RECENT 16
/* An address's place among them, in bytes. Neighbours do not meet, nor do ISENABLER and ICENABLER. */
#define VGIC_RECENT_AT(addr) \
	((((__u32)(addr) ^ (__u32)(addr) >> 5) << 2) & ((VGIC_NR_RECENT - 1) << 4))

#define VGIC_NR_SLOTS 4096	/* hash table: room for some 3,000 living vCPUs */
struct vgic_slot {
	__u64 vcpu;		/* address, VGIC_SLOT_FREE, _DEAD; with bit 0 set: not traced */
	__u64 t_bus;		/* T2, 0 = no access in flight; all times CLOCK_MONOTONIC ns */
	__u64 t_dev;		/* T4 */
	__u64 t_reg;		/* T5 */
	__u64 t_trap;		/* kvm_exit before T2 */
	__u64 t_end;		/* T6, for the bus exit */
	__u64 addr;		/* of the access in flight; inverted if it is a write */
	__u64 dev;		/* kvm_io_device at T4, 0 = none yet */
	__u64 user_exits;	/* KVM's mmio_exit_user of the vCPU, as far as it was counted here */
	__u32 no;		/* index into vcpus; 0 = not traced: filtered out, or no record left */
	__u32 cell;		/* of the access that left its device, for the bus exit */
	__u8 kind;		/* of dev: enum vgic_kind; VGIC_NO_KIND = told by the iodev */
	__u8 no_room;		/* not traced for want of a record: each access is a loss */
	__u8 pad[6];
	struct vgic_recent recent[VGIC_NR_OPS][VGIC_NR_RECENT];
};
#define VGIC_SLOT_FREE 0
#define VGIC_SLOT_DEAD 2
#define VGIC_SLOT_UNTRACED 1	/* bit 0 */

/* What a vCPU thread carries where a hook has no vCPU among its arguments. */
struct vgic_task {
	__u64 t_trap;		/* last kvm_exit */
	__u64 t_end;		/* end of the access, until kvm_entry */
	__u32 slot;		/* index + 1 */
	__u32 cell;
};

/* The one access of the calibration (bpf/calibrate.bpf.h): vCPU, device, address. */
#define VGIC_CAL_VCPU 11
#define VGIC_CAL_DEV 12
#define VGIC_CAL_ADDR 13

/*
 * The exits of a vCPU (bpf/exits.bpf.h), in a table of their own: open addressing by the address of
 * the vCPU's preempt notifier, which the running thread leads to.
 */
#define VGIC_NR_EXIT_SLOTS 4096
#define VGIC_EXITS_BATCH 256 /* slots whose vCPUs KVM's counts are asked of at a time */
struct vgic_exits {
	__u64 key;		/* address, or VGIC_EXITS_*; with bit 0 set: not traced */
	__u64 kvm_before;	/* KVM's own count when it was first seen, without that exit */
	__u64 kvm_now;		/* when it was last asked for, and at the vCPU's end */
	struct vgic_vcpu who;
	__u64 count[VGIC_NR_EXITS];
};
#define VGIC_EXITS_FREE 0
#define VGIC_EXITS_USED 2	/* free again */
#define VGIC_EXITS_ENDED 4	/* its vCPU is gone; user space, once it has read it, makes it USED */

struct vgic_globals {
	__u64 lost[VGIC_NR_LOSSES];
	__u64 dead_exits_kernel;	/* mmio_exit_kernel of the vCPUs destroyed meanwhile */
	__u64 dead_exits_user;
	__u32 nr_vcpus, nr_cells, nr_blocks;	/* taken from the pools so far, entry 0 included */
	__u32 pad;
};

_Static_assert(sizeof(struct vgic_recent) == 16, "VGIC_RECENT_AT() counts in these");
_Static_assert(sizeof(struct vgic_cell_key) == 16, "wire format");
_Static_assert(sizeof(struct vgic_cell) == 48, "wire format");
_Static_assert(sizeof(struct vgic_lat) == 152, "wire format");
_Static_assert(sizeof(struct vgic_vcpu) == 72, "wire format");
_Static_assert(sizeof(struct vgic_slot) == 88 + 16 * VGIC_NR_RECENT * VGIC_NR_OPS, "wire format");
_Static_assert(sizeof(struct vgic_exits) == 96 + 8 * VGIC_NR_EXITS, "wire format");
_Static_assert((int)VGIC_NR_GIC_KINDS <= VGIC_MAP_KINDS, "the range map has room for every kind");

/* clang-format on */

#endif
