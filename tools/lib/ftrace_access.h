/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Accesses to emulated MMIO, as the calls and events of a task make them up. Called by
 * ftrace_path.c, which keeps the stacks.
 */
#ifndef FTRACE_ACCESS_H
#define FTRACE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "ftrace_cost.h"
#include "ftrace_names.h"
#include "ftrace_tasks.h"
#include "ftrace_text.h"

struct ftrace_access {
	uint32_t task;                     /* number */
	const struct ftrace_name *handler; /* NULL: none was called, or is in the text */
	uint64_t gpa;                      /* of its kvm_mmio event */
	bool has_gpa;
	bool in_kernel;
	bool from_events;  /* no call tells of it */
	bool device_calls; /* its device is there with what it calls: a handler should be in it */
	uint8_t op;        /* enum vgic_op; VGIC_NR_OPS: the text does not tell */
	uint8_t kind; /* VGIC_IOEVENTFD, VGIC_COALESCED; VGIC_GIC; VGIC_UNKNOWN: no device seen */
	struct ftrace_part abort, bus, device, handling;
	uint64_t at_ns, traced_ns; /* when it ended, by the clock (0: not known), by traced time */
};

/* Takes each access as it ends. 0 or -errno, which ends the import. */
typedef int (*ftrace_access__fn)(void *arg, const struct ftrace_access *access);

/* What all accesses of a recording share. */
struct ftrace_accesses {
	struct ftrace_cost *cost;
	ftrace_access__fn fn;
	void *arg;
	uint64_t now_ns;          /* the latest time in the text so far; 0: there was none */
	uint64_t traced_ns;       /* all that calls took, each counted once */
	uint64_t nr_other_aborts; /* out: io_mem_abort that reached nothing that is in the text */
	bool has_returns; /* kvm_handle_mmio_return is in the text: its absence means something */
};

/* Before the first of the others. 0 or -ENOMEM. */
int ftrace_access__new_task(struct ftrace_task *task);
/* A function is called: before it is on the stack. */
void ftrace_access__called(struct ftrace_accesses *all, struct ftrace_task *task,
			   const struct ftrace_name *name);
/* A call has ended: it is off the stack. 0 or -errno. */
int ftrace_access__left(struct ftrace_accesses *all, struct ftrace_task *task,
			const struct ftrace_frame *frame, const struct ftrace_line *line);
/* An event of the kvm system. 0 or -errno. */
int ftrace_access__event(struct ftrace_accesses *all, struct ftrace_task *task,
			 const struct ftrace_line *line);
/* The part of it that is @stage (enum vgic_stage). false: it has none, or not its duration. */
bool ftrace_access__part(const struct ftrace_access *access, int stage, struct ftrace_part *part);
bool ftrace_access__is_open(const struct ftrace_task *task);
void ftrace_access__abandon(struct ftrace_task *task);

#endif
