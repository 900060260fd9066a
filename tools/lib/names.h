/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What stages, losses and reasons of exits are called. (Registers, ranges and devices: regs.h.) */
#ifndef NAMES_H
#define NAMES_H

#include "vgic_ids.h"

/* "lookup", "device", ...; -ENOENT for another name. */
const char *stage__name(enum vgic_stage stage);
int stage__parse(const char *name);
/* "no_slot", ...: the JSON key; and the sentence for the text report. */
const char *loss__name(enum vgic_loss loss);
const char *loss__text(enum vgic_loss loss);
/* "DABT_LOW", "IRQ", ...: the kernel's own names; -ENOENT for another one. */
const char *exit__name(unsigned int exit);
int exit__parse(const char *name);

#endif
