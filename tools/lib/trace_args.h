/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-trace's command line. */
#ifndef TRACE_ARGS_H
#define TRACE_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include "pick.h"

struct trace_args {
	struct pick pick;
	uint32_t stages;      /* mask of enum vgic_stage */
	uint32_t ops;         /* mask of enum vgic_op; 0 = both */
	uint64_t min_ns;      /* 0 = any */
	uint64_t duration_ns; /* 0 = no limit */
	uint64_t count;       /* lines; 0 = no limit */
	uint64_t buffer_sz;   /* bytes */
	const char *chrome;   /* file; NULL = none */
	bool user_only, with_stack, only_kprobes;
	bool json, quiet, raw, wall_clock, relative, verbose;
	char **cmd; /* NULL = none */
};

/* Exits by itself where that is asked for, or the usage is bad (2). */
void trace_args__parse(struct trace_args *o, int argc, char **argv);

#endif
