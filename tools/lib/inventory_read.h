/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Takes the inventory of this host. The only module that knows the skeleton of bpf/inventory.bpf.c.
 */
#ifndef INVENTORY_READ_H
#define INVENTORY_READ_H

#include "inventory.h"

/*
 * The VMs of process @pid (0 = of all processes), as they are now. Loads a BPF iterator, runs it
 * and drops it; nothing is attached to the kernel. Takes what preflight__check() asks for. 0, or
 * -errno, and inventory__read_error() has a line for the user ("cannot ...: reason; hint").
 */
int inventory__read(uint32_t pid, struct inventory **inv);
const char *inventory__read_error(void);

#endif
