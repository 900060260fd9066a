/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/* Accesses of two VMs, as the programs tell them; the same on every machine. */
#ifndef FAKE_ACCESS_H
#define FAKE_ACCESS_H

#include <stddef.h>
#include "vgic_trace.h"

#define FAKE_BEGIN_NS 1000000000ULL

/* Access @i, in the order in which they end. NULL: there are no more. */
const struct vgic_access *fake__access(size_t i);
/* What VM @no is called: two of one process. */
void fake_access__vm(unsigned int no, struct vgic_trace_vm *vm);

#endif
