/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The tasks of a recording and their open calls. A line belongs to the task that its column names,
 * or, without one, to the task that the CPU last switched to.
 */
#ifndef FTRACE_TASKS_H
#define FTRACE_TASKS_H

#include <stdbool.h>
#include <stdint.h>
#include "ftrace_names.h"
#include "ftrace_text.h"

#define FTRACE_MAX_TASKS 4096
#define FTRACE_MAX_CPUS 4096
#define FTRACE_MAX_DEPTH 64 /* the kernel keeps 50 return addresses a task */

/* An open call. */
struct ftrace_frame {
	const struct ftrace_name *name; /* NULL: of no interest */
	uint32_t hash;                  /* of its name */
	unsigned int indent;
	uint64_t child_ns;    /* of the calls made by it */
	uint32_t calls;       /* itself and all below */
	uint32_t events;      /* written below it, and by itself */
	uint32_t own_events;  /* by itself */
	uint32_t nr_children; /* called by itself; of these: */
	uint16_t nr_lookups, nr_devices;
	bool is_vague; /* a call below has no duration */
};

struct ftrace_task {
	int pid;                     /* FTRACE_UNKNOWN: the text has not said */
	uint32_t no;                 /* its number */
	uint32_t models;             /* bit 2, 3: what only a GICv2, GICv3 has was called */
	struct ftrace_task *same_as; /* what it turned out to be; NULL: itself */
	unsigned int depth;
	bool is_loose;     /* begins, or goes on after a loss, in the middle of a call */
	bool was_cut;      /* the access that a loss ended is counted as cut: not its end again */
	unsigned int irqs; /* between interrupt arrows */
	uint64_t nr_calls;
	void *of_path; /* the path's own */
	struct ftrace_frame frames[FTRACE_MAX_DEPTH];
};

struct ftrace_tasks;

struct ftrace_tasks *ftrace_tasks__new(void); /* NULL: no memory */
/* The task of a line. 0; -E2BIG: too many tasks, or no such CPU; -ENOMEM. */
int ftrace_tasks__of(struct ftrace_tasks *tasks, const struct ftrace_line *line,
		     struct ftrace_task **task);
/* Takes an FTRACE_SWITCH. As above. */
int ftrace_tasks__switch(struct ftrace_tasks *tasks, const struct ftrace_line *line);
/* The task that ran last on @cpu; NULL: none has. */
struct ftrace_task *ftrace_tasks__on(const struct ftrace_tasks *tasks, int cpu);
/* In order of first appearance; NULL behind the last. */
struct ftrace_task *ftrace_tasks__get(const struct ftrace_tasks *tasks, uint32_t no);
void ftrace_tasks__free(struct ftrace_tasks *tasks);

#endif
