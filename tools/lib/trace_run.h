/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Follows accesses until something ends it: reads them from the programs, puts them in order, names
 * them and hands them on; at the end, holds what was seen against KVM's own count.
 */
#ifndef TRACE_RUN_H
#define TRACE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include "cmd.h"
#include "trace_event.h"
#include "trace_programs.h"

struct trace_run {
	struct trace_programs *programs; /* attached */
	const struct view *view;
	const char *range; /* glob; NULL = all */
	struct cmd *cmd; /* held back; NULL = none. It has ended when trace_run__follow() returns */
	uint32_t pid;    /* stop when this process is gone; 0 = none */
	bool has_filter; /* vCPUs are picked: KVM's count is of others too */
	uint64_t duration_ns; /* 0 = no limit */
	uint64_t count;       /* events handed on; 0 = no limit */
	/* An access, in order. Other than 0 ends it, and is what trace_run__follow() returns. */
	int (*event)(void *arg, const struct trace_event *e);
	/* What was handed on so far is to be written out. The same. */
	int (*flush)(void *arg);
	void *arg;

	uint64_t begin_ns;               /* out: when it began, CLOCK_MONOTONIC */
	struct trace_summary summary;    /* out */
	bool cmd_was_stopped;            /* out: it did not end by itself */
	struct trace_names *names;       /* its own */
	struct trace_vm_drops *drops;    /* the summary's */
	uint64_t kvm_before, kvm_behind; /* its own: KVM's count around the start */
};

/* Begins: what comes from now on is followed. Before the command is released. 0 or -errno. */
int trace_run__begin(struct trace_run *r);
/* Until it is over; detaches. 0 or -errno. */
int trace_run__follow(struct trace_run *r);
void trace_run__free(struct trace_run *r);

#endif
