/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* VMs that are the same on every machine. */
#ifndef FAKE_INVENTORY_H
#define FAKE_INVENTORY_H

#include "inventory.h"

/*
 * As on Linux 6.19: a GICv3 VM with two vCPUs, an ITS and every other kind of device; a GICv2 VM
 * that lacks a device; one without a GIC; one that has not started. Finished.
 */
struct inventory *fake__inventory(void);
/* Appends a VM whose devices are of these kinds, 64K apart. Not finished. */
struct inventory_vm *fake__vm(struct inventory *inv, const uint32_t *kinds, size_t nr);

#endif
