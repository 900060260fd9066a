/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the VMs of a trace are called, by their number; asked for once each. */
#ifndef TRACE_NAMES_H
#define TRACE_NAMES_H

#include "trace_programs.h"
#include "vm_names.h"

struct trace_names;

struct trace_names *trace_names__new(struct trace_programs *programs); /* NULL: no memory */
void trace_names__free(struct trace_names *n);                         /* NULL: no-op */
/* Lasts as long as @n. NULL: no memory. */
const struct vm_name *trace_names__get(struct trace_names *n, uint32_t no);

#endif
