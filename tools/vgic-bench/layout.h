/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The guest's physical addresses. The GIC stands where QEMU's "virt" board has it; the
 * redistributors grow upwards from there, 512 of them up to 0x0c0a0000.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define GUEST_GICD 0x08000000u
#define GUEST_GICC 0x08010000u
#define GUEST_GITS 0x08080000u
#define GUEST_GICR 0x080a0000u
#define GUEST_GICR_SZ 0x20000u

/* No device is ever here: an access goes to user space. */
#define GUEST_UNMAPPED 0x10000000u
/* Nor here: with --stop mmio a store to it hands a vCPU back to its thread. */
#define GUEST_DOORBELL 0x10010000u
#define GUEST_IOEVENTFD 0x11000000u
#define GUEST_COALESCED 0x12000000u

/* Further ioeventfds, one a page. */
#define GUEST_IOEVENTFDS 0x20000000u
#define GUEST_IOEVENTFDS_STEP 0x1000u

#define GUEST_RAM 0x40000000u

#endif
