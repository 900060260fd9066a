/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Puts accesses in the order in which they began. They are told when they end, and by several CPUs;
 * so each is held back for a while, until none that began before it can be expected any more. One
 * that took longer than that comes late, and is counted.
 */
#ifndef TRACE_ORDER_H
#define TRACE_ORDER_H

#include <stdint.h>
#include "vgic_trace.h"

struct trace_order;

/* At most @max are held at a time. NULL: no memory. */
struct trace_order *trace_order__new(uint64_t window_ns, uint32_t max);
void trace_order__free(struct trace_order *o); /* NULL: no-op */
/* A copy of it is kept. 0, -ENOMEM, or -ENOBUFS where no more can be held. */
int trace_order__add(struct trace_order *o, const struct vgic_access *access);
/*
 * Hands on, in order, those that began before @now less the window. 0, or what @fn returned other
 * than 0; what that access was is gone then.
 */
typedef int (*trace_order__fn)(const struct vgic_access *access, void *arg);
int trace_order__release(struct trace_order *o, uint64_t now, trace_order__fn fn, void *arg);
/* The same with all. */
int trace_order__release_all(struct trace_order *o, trace_order__fn fn, void *arg);
uint32_t trace_order__nr_held(const struct trace_order *o);
/* How many were handed on behind one that began later. */
uint64_t trace_order__nr_late(const struct trace_order *o);

#endif
