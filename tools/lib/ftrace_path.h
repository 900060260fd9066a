/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * From lines of function_graph text to accesses: keeps each task's open calls, and knows which
 * calls make an access (ftrace_names.h). What does not fit together is noticed here.
 *
 * An access is one call of io_mem_abort that reaches the emulation, or, where that is not in the
 * text, one call of vgic_handle_mmio or kvm_io_bus_*. Text with no calls at all, only kvm events:
 * one kvm_mmio, with the kvm_entry or kvm_userspace_exit that follows.
 */
#ifndef FTRACE_PATH_H
#define FTRACE_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include "ftrace_access.h"

/* What was seen, whole recording. */
struct ftrace_totals {
	uint64_t lines, calls, events;
	uint64_t nr_other_aborts; /* io_mem_abort that reached nothing that is in the text */
	uint64_t nr_cut;          /* accesses of which a part is missing: not given */
	uint64_t nr_open;         /* begun, not finished at the end */
	uint64_t lost_events;     /* as far as the text gives a number */
	bool has_losses, has_gaps, begins_inside; /* has_gaps: losses in its middle */
	bool has_times;
	uint64_t first_ns, last_ns;
	uint64_t traced_ns;   /* what the outermost calls took in all */
	uint64_t tick_ns;     /* greatest common divisor of the durations; 0: there are none */
	uint64_t nr_damaged;  /* places where lines are missing, repeated or out of order */
	uint64_t damage_line; /* the first of them */
};

struct ftrace_path;

/* NULL: no memory. @cost takes what the calls tell of the tracer's own cost. */
struct ftrace_path *ftrace_path__new(struct ftrace_cost *cost, ftrace_access__fn fn, void *arg);
/*
 * 0; -E2BIG: more tasks or CPUs than there is room for; -EOVERFLOW: more time in all than can be;
 * -EBADMSG: a kvm event that the kernel does not write so; -errno of the callback.
 */
int ftrace_path__line(struct ftrace_path *path, const struct ftrace_line *line);
/* What is still open is so for good. */
void ftrace_path__finish(struct ftrace_path *path);
const struct ftrace_totals *ftrace_path__totals(const struct ftrace_path *path);
const struct ftrace_tasks *ftrace_path__tasks(const struct ftrace_path *path);
void ftrace_path__free(struct ftrace_path *path);

#endif
