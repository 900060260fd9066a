/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The kernel functions on the path of an access, from v4.0 to v7.2, and which registers a handler
 * serves. Sources: virt/kvm/arm/vgic*.c (to v4.7), virt/kvm/arm/vgic/ (from v4.7),
 * arch/arm64/kvm/vgic/ (from v5.8), virt/kvm/kvm_main.c.
 */
#ifndef FTRACE_NAMES_H
#define FTRACE_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include "vgic_ids.h"

enum ftrace_role {
	FTRACE_OTHER,
	FTRACE_ABORT,     /* io_mem_abort */
	FTRACE_DISPATCH,  /* vgic_handle_mmio: what was there before the bus */
	FTRACE_BUS,       /* kvm_io_bus_read, _write */
	FTRACE_BUS_INNER, /* __kvm_io_bus_write */
	FTRACE_LOOKUP,    /* kvm_io_bus_get_first_dev */
	FTRACE_MODEL,     /* vgic_v2_handle_mmio, vgic_v3_handle_mmio */
	FTRACE_DEVICE,
	FTRACE_DEVICE_MAYBE, /* a device's entry point; whether it takes the access is said later */
	FTRACE_HANDLER,
	FTRACE_RETURN,  /* kvm_handle_mmio_return: the access is done */
	FTRACE_CHANGED, /* called where a write changed the interrupt state */
	FTRACE_INJECT,  /* kvm_inject_dabt: the access was answered by an abort */
};

/* Where in a GICv3 a handler's registers may lie. */
#define FTRACE_IN_DIST 1
#define FTRACE_IN_RD 2
#define FTRACE_IN_SGI 4
#define FTRACE_IN_ITS 8

struct ftrace_name {
	const char *name;
	uint8_t role;
	uint8_t model;  /* 2, 3: only a VGIC of this model has it; 0: both */
	uint8_t op;     /* enum vgic_op; VGIC_NR_OPS: it does not tell */
	uint8_t kind;   /* of FTRACE_DEVICE_MAYBE */
	uint8_t v2, v3; /* of FTRACE_HANDLER: range ids; VGIC_NR_RANGES: not in this model */
	uint8_t in;     /* of FTRACE_HANDLER: mask of FTRACE_IN_*, in a GICv3 */
};

/* NULL: a function of no interest. */
const struct ftrace_name *ftrace_names__find(const char *name);
/* By number, for tests: NULL behind the last. They are in the order of strcmp(). */
const struct ftrace_name *ftrace_names__get(unsigned int i);
unsigned int ftrace_name__no(const struct ftrace_name *name);

#endif
