/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The BPF programs that tell accesses one by one: loaded, attached, read. The only module that
 * knows the skeleton of bpf/trace.bpf.c; knows nothing of how an access is shown.
 */
#ifndef TRACE_PROGRAMS_H
#define TRACE_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"
#include "plan.h"
#include "vgic_trace.h"

struct trace_opts {
	uint32_t stages;       /* mask of enum vgic_stage; lookup, device, bus at least */
	uint32_t pid;          /* trace only this VMM's VMs; 0 = all */
	const uint64_t *vcpus; /* bitmap of vcpu_ids, 1024 bits; NULL = all */
	const bool *ranges;    /* 256, by enum vgic_range; NULL = all */
	uint32_t ops;          /* mask of enum vgic_op; 0 = both */
	bool user_only;        /* what the VMM completes */
	uint64_t min_ns;       /* bus latency from which on; 0 = any */
	bool raw;              /* min_ns is as measured; else without the probes' share */
	bool with_stack;
	bool only_kprobes;  /* do not use fentry */
	bool verbose;       /* libbpf's own log goes to stderr */
	uint32_t buffer_sz; /* bytes: a power of two, and of pages */
};

struct trace_programs;

/*
 * On failure returns -errno, nothing stays attached, and trace_programs__error() has a line for the
 * user. Nothing is followed before trace_programs__go().
 */
int trace_programs__open(const struct trace_opts *opts, struct trace_programs **programs);
const char *trace_programs__error(void);
void trace_programs__go(struct trace_programs *p);
/* No access that begins from now on is followed; waits until none is. */
void trace_programs__detach(struct trace_programs *p);
void trace_programs__close(struct trace_programs *p); /* NULL: no-op */

const struct plan *trace_programs__plan(const struct trace_programs *p);
const struct calibration *trace_programs__calibration(const struct trace_programs *p);

/* Readable when there is enough to be read; what is below that is to be asked for by the clock. */
int trace_programs__fd(const struct trace_programs *p);
/*
 * Hands all accesses that wait to @fn, with their size; the memory is good until it returns. Stops
 * where that returns other than 0, and returns it; else 0 or -errno.
 */
typedef int (*trace_programs__fn)(const struct vgic_access *access, void *arg);
int trace_programs__read(struct trace_programs *p, trace_programs__fn fn, void *arg);

struct trace_totals {
	struct vgic_tally tally; /* since the start */
	uint64_t dead_exits_kernel;
	uint32_t nr_vms; /* records of VMs, entry 0 included */
	uint64_t recursion_misses;
};
int trace_programs__totals(struct trace_programs *p, struct trace_totals *totals);
/* VM number @no. 0 or -errno. */
int trace_programs__vm(struct trace_programs *p, uint32_t no, struct vgic_trace_vm *vm);

#endif
