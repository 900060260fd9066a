/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Names, places and classification of VGIC registers: the register table as data. */
#ifndef REGS_H
#define REGS_H

#include <stdbool.h>
#include <stddef.h>
#include "vgic_wire.h"

struct vgic_reg {
	const char *name; /* range name, such as "GICD_ISENABLER" */
	__u32 off, len;   /* bytes from the device's base */
	__u8 stride;      /* bytes per index = natural access size: 4, or 8 for 64-bit registers */
	__u8 kind;        /* enum vgic_kind */
};

/* One row per range id below the first VGIC_RANGE_*_RESERVED; NULL for other ids. */
const struct vgic_reg *regs__get(unsigned int range);

/* The number of indices a register range has (1 for a single register). */
unsigned int reg__nr(const struct vgic_reg *reg);

/*
 * Parses a register's name in a device of @kind: "GICD_CTLR", "GICD_ISENABLER1", "GICR_ISENABLER0".
 * A name without index means index 0. Returns the row and stores the index, or NULL: no such
 * register there, or no such index.
 */
const struct vgic_reg *regs__find(enum vgic_kind kind, const char *name, unsigned int *index);

/* The range id of byte @off in a device of @kind (VGIC_RANGE_*_RESERVED where none is named). */
unsigned int regs__classify(enum vgic_kind kind, __u32 off);

/*
 * "GICD_ISENABLER", "GICD_RESERVED", "ioeventfd", "coalesced", "unknown", "user", and of imports
 * "GICx_ISPENDR/ICPENDR"; never NULL.
 */
const char *range__name(unsigned int range);
enum vgic_kind range__kind(unsigned int range);

/* "dist-v2", "dist-v3", "redist", "its", "cpuif", "ioeventfd", "coalesced", "unknown", "user",
 * "gic".
 */
const char *kind__name(enum vgic_kind kind);
/* Bytes the device occupies on the bus; 0 for kinds named by address. */
__u32 kind__size(enum vgic_kind kind);
bool kind__by_address(enum vgic_kind kind);
/* Whether accesses of this kind are completed in the kernel (all but VGIC_USER). */
bool kind__in_kernel(enum vgic_kind kind);

/* Fills the in-kernel classifier's map. */
void regs__fill_map(struct vgic_range_map *map);

#endif
