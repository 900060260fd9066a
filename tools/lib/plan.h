/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The attach plan: which kernel functions mark which boundary of an access, and by which method
 * each can be hooked on this kernel. Resolved by trying, never by version numbers: the session
 * attaches what the plan says and reports failures back, until all holds. The table is in plan.c.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Best first. */
enum plan_method {
	PLAN_FENTRY,     /* fentry, fexit (arm64: Linux 6.4, DYNAMIC_FTRACE_WITH_DIRECT_CALLS) */
	PLAN_KPROBE,     /* kprobe, kretprobe */
	PLAN_TRACEPOINT, /* BTF-typed raw tracepoint; the only method of what is a tracepoint */
	PLAN_NONE,
};

#define PLAN_WHY_SZ 96

struct plan_hook {
	const char *boundary; /* "T2 bus entry" */
	const char *function; /* kernel function or tracepoint */
	const char *without;  /* what is lost where it cannot be attached; NULL = nothing works */
	bool at_exit;
	bool is_costly;   /* accesses pay for it; the others keep track of vCPUs */
	bool needed;      /* for the stages asked for, with the method taken */
	char program[16]; /* BPF program of the method taken; empty = none */
	uint8_t group;    /* hooks that hand state to each other share a group and a method */
	enum plan_method method; /* the one taken */
	char why[PLAN_WHY_SZ];   /* why none of the better ones; empty where the best was taken */
};

struct plan_row;

struct plan {
	const struct plan_row *rows; /* where the hooks are from; one each */
	struct plan_hook *hooks;
	size_t nr_hooks;
	uint32_t stages;
	bool is_vgic_ahead;
};

/* The best plan for @stages (mask of enum vgic_stage, 0 = counts only). NULL: no memory. */
struct plan *plan__new(uint32_t stages, bool only_kprobes);
/* The same for the programs that tell accesses one by one (trace.bpf.c). */
struct plan *plan__new_trace(uint32_t stages, bool only_kprobes);
/*
 * For a kernel that asks vgic_handle_mmio() ahead of the bus (Linux before 4.1 did; for today's, a
 * patch is in scripts/lab.d/kernels/): the lookup ends where the register's range is found, so that
 * the device stage is its handler. To be said before anything failed; else the VGIC is on the bus.
 */
void plan__set_vgic_ahead(struct plan *plan);
void plan__free(struct plan *plan);

/*
 * The hook's method failed with @err (negative errno): its group falls back to the next one. What
 * fails because the method itself is not there (-ENOTSUPP) is not tried on other functions.
 * 0: try again; -err: nothing is left for it and nothing works without it.
 */
int plan__fail(struct plan *plan, struct plan_hook *hook, int err);
/* The same for all hooks with @method, for @why. */
int plan__fail_method(struct plan *plan, enum plan_method method, const char *why);

bool plan__uses(const struct plan *plan, enum plan_method method);

const char *method__name(enum plan_method method, bool at_exit); /* "fentry", "kretprobe", ... */
/* The methods in use, best first, as one string: "fentry/fexit", "kprobe/kretprobe + tracepoint".
 */
void plan__summary(const struct plan *plan, char *buf, size_t size);

#endif
