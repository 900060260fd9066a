/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What an inventory looks like as text, and as JSON (docs/json.md: vm, device). */
#ifndef VIEW_INVENTORY_H
#define VIEW_INVENTORY_H

#include <stdbool.h>
#include <stdio.h>
#include "inventory.h"

/* A table of the VMs. */
void view_inventory__vms(FILE *out, const struct inventory *inv, unsigned int width);
/* Each VM with a table of its devices. */
void view_inventory__devices(FILE *out, const struct inventory *inv, unsigned int width);
/* An object per VM, each followed by its devices if @devices. 0 or -ENOMEM. */
int view_inventory__json(FILE *out, const struct inventory *inv, bool devices);

#endif
