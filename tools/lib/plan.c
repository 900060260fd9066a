// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plan.h"
#include "vgic_ids.h"

#ifndef ENOTSUPP
#define ENOTSUPP 524 /* the kernel's own; what attaching fentry gives where ftrace cannot */
#endif

#define S(name) (1u << VGIC_##name)
#define ANY_STAGE (S(NR_STAGES) - 1)
#define LITE S(BUS)
#define DEFAULT (S(LOOKUP) | S(DEVICE) | S(BUS))
#define SPLIT (S(LOOKUP) | S(DEVICE) | S(DECODE) | S(HANDLER))
#define COUNTS (1u << 30)  /* no stage at all */
#define PAIR (1u << 29)    /* lite, and the VGIC on the bus: its entry and return say it all */
#define DEVICES (1u << 28) /* any stage, but not as a pair */
#define ALWAYS (COUNTS | ANY_STAGE)

#define ENTRY 0
#define EXIT (1 << 0)
#define BY_PROFILE (1 << 1) /* fentry: has programs of its own for lite (_l), default (_d) */
#define ON_BUS (1 << 2)     /* not where KVM asks vgic_handle_mmio() ahead of the bus */
#define AHEAD (1 << 3)      /* only there */

enum { ACCESS, IOEVENTFD, COALESCED, VCPU_PUT, VCPU_FREE, TRACEPOINTS };

/*
 * The tables, one per BPF object. A hook is needed when one of the stages in its mask is asked for:
 * by_fentry where functions are hooked by fentry, by_kprobe where by kprobes, whose exit programs
 * see no arguments and rely on the entry's.
 */
struct plan_row {
	const char *boundary, *function, *without;
	const char *fentry, *kprobe, *tracepoint; /* programs in the BPF object */
	uint32_t by_fentry, by_kprobe;
	uint8_t group;
	uint8_t flags;
};

/* clang-format off */
static const struct plan_row access_rows[] = {
	/*
	 * First: a vCPU that reuses the memory of one whose end was missed would inherit its identity.
	 */
	{ "vCPU destroyed", "kvm_arch_vcpu_destroy", NULL, "fe_vcpu_free", "kp_vcpu_free", NULL,
	  ALWAYS, ALWAYS, VCPU_FREE, ENTRY },
	{ "leaves KVM_RUN", "vcpu_put", "accesses that go to user space are not told from unknown ones",
	  "fe_vcpu_put", "kp_vcpu_put", NULL, ALWAYS, ALWAYS, VCPU_PUT, ENTRY },
	/* Exits before entries: an access that runs meanwhile is then counted, not left in flight. */
	{ "T7 bus exit", "kvm_io_bus_read", NULL, "fx_bus_read", "kr_bus_read", NULL,
	  S(RETURN), S(RETURN), ACCESS, EXIT },
	{ "T7 bus exit", "kvm_io_bus_write", NULL, "fx_bus_write", "kr_bus_write", NULL,
	  S(RETURN), S(RETURN), ACCESS, EXIT },
	{ "T7 bus exit", "vgic_handle_mmio", NULL, "fx_ahead", "kr_ahead", NULL,
	  S(RETURN), S(RETURN), ACCESS, EXIT | AHEAD },
	{ "T6 device exit", "call_range_handler", NULL, "fx_range", "kr_range", NULL,
	  ANY_STAGE, ANY_STAGE, ACCESS, EXIT | BY_PROFILE | AHEAD },
	{ "T7 bus exit", "kvm_io_bus_read", NULL, "fx_end_read", "kr_end_read", NULL,
	  PAIR, PAIR, ACCESS, EXIT },
	{ "T7 bus exit", "kvm_io_bus_write", NULL, "fx_end_write", "kr_end_write", NULL,
	  PAIR, PAIR, ACCESS, EXIT },
	{ "T6 device exit", "dispatch_mmio_read", NULL, "fx_dev_read", "kr_dev_read", NULL,
	  DEVICES, DEVICES, ACCESS, EXIT | BY_PROFILE },
	{ "T6 device exit", "dispatch_mmio_write", NULL, "fx_dev_write", "kr_dev_write", NULL,
	  DEVICES, DEVICES, ACCESS, EXIT | BY_PROFILE },
	{ "T6 device exit", "ioeventfd_write", "ioeventfd accesses count as unknown",
	  "fx_ioeventfd", "kr_ioeventfd", NULL, ALWAYS, ALWAYS, IOEVENTFD, EXIT },
	{ "T6 device exit", "coalesced_mmio_write", "coalesced accesses count as unknown",
	  "fx_coalesced", "kr_coalesced", NULL, ALWAYS, ALWAYS, COALESCED, EXIT },
	{ "T5 register handler", "vgic_get_mmio_region", NULL, "fx_region", "kr_region", NULL,
	  S(DECODE) | S(HANDLER), S(DECODE) | S(HANDLER), ACCESS, EXIT },
	{ "T4 range found", "call_range_handler", NULL, "fe_range", "kp_range", NULL,
	  SPLIT, ANY_STAGE, ACCESS, ENTRY | BY_PROFILE | AHEAD },
	{ "T4 range found", "call_range_handler", NULL, "fc_range", "kc_range", NULL,
	  COUNTS, COUNTS, ACCESS, ENTRY | AHEAD },
	{ "T4 device entry", "dispatch_mmio_read", NULL, "fe_dev_read", "kp_dev_read", NULL,
	  SPLIT, DEVICES, ACCESS, ENTRY | BY_PROFILE },
	{ "T4 device entry", "dispatch_mmio_write", NULL, "fe_dev_write", "kp_dev_write", NULL,
	  SPLIT, DEVICES, ACCESS, ENTRY | BY_PROFILE },
	{ "T4 device entry", "dispatch_mmio_read", NULL, "fc_dev_read", "kc_dev_read", NULL,
	  COUNTS, COUNTS, ACCESS, ENTRY },
	{ "T4 device entry", "dispatch_mmio_write", NULL, "fc_dev_write", "kc_dev_write", NULL,
	  COUNTS, COUNTS, ACCESS, ENTRY },
	{ "T4 device entry", "ioeventfd_write", "ioeventfd accesses count as unknown",
	  "fe_ioeventfd", "kp_ioeventfd", NULL, SPLIT, ALWAYS, IOEVENTFD, ENTRY },
	{ "T4 device entry", "coalesced_mmio_write", "coalesced accesses count as unknown",
	  "fe_coalesced", "kp_coalesced", NULL, SPLIT, ALWAYS, COALESCED, ENTRY },
	{ "T2 VGIC asked", "vgic_handle_mmio", NULL, "fe_ahead", "kp_ahead", NULL,
	  ANY_STAGE, ANY_STAGE, ACCESS, ENTRY | BY_PROFILE | AHEAD },
	{ "T2 bus entry", "kvm_io_bus_read", NULL, "fe_bus_read", "kp_bus_read", NULL,
	  ANY_STAGE, ANY_STAGE, ACCESS, ENTRY | BY_PROFILE | ON_BUS },
	{ "T2 bus entry", "kvm_io_bus_write", NULL, "fe_bus_write", "kp_bus_write", NULL,
	  ANY_STAGE, ANY_STAGE, ACCESS, ENTRY | BY_PROFILE | ON_BUS },
	{ "T0 trap", "kvm_exit", "stage trap is not measured", NULL, NULL, "tb_kvm_exit",
	  S(TRAP), S(TRAP), TRACEPOINTS, ENTRY },
	{ "T9 re-entry", "kvm_entry", "stage resume is not measured", NULL, NULL, "tb_kvm_entry",
	  S(RESUME), S(RESUME), TRACEPOINTS, ENTRY },
	{ NULL },
};

/* Of trace.bpf.c, which knows the bus only: KVM asking vgic_handle_mmio() ahead is not for it. */
static const struct plan_row trace_rows[] = {
	{ "vCPU destroyed", "kvm_arch_vcpu_destroy", NULL, "te_vcpu_free", "tk_vcpu_free", NULL,
	  ALWAYS, ALWAYS, VCPU_FREE, ENTRY },
	{ "T7 bus exit", "kvm_io_bus_read", NULL, "tx_bus_read", "tr_bus_read", NULL,
	  ALWAYS, ALWAYS, ACCESS, EXIT },
	{ "T7 bus exit", "kvm_io_bus_write", NULL, "tx_bus_write", "tr_bus_write", NULL,
	  ALWAYS, ALWAYS, ACCESS, EXIT },
	{ "T6 device exit", "dispatch_mmio_read", NULL, "tx_dev_read", "tr_dev_read", NULL,
	  SPLIT, SPLIT, ACCESS, EXIT },
	{ "T6 device exit", "dispatch_mmio_write", NULL, "tx_dev_write", "tr_dev_write", NULL,
	  SPLIT, SPLIT, ACCESS, EXIT },
	{ "T6 device exit", "ioeventfd_write", "ioeventfd accesses are told as unknown",
	  "tx_ioeventfd", "tr_ioeventfd", NULL, ALWAYS, ALWAYS, IOEVENTFD, EXIT },
	{ "T6 device exit", "coalesced_mmio_write", "coalesced accesses are told as unknown",
	  "tx_coalesced", "tr_coalesced", NULL, ALWAYS, ALWAYS, COALESCED, EXIT },
	{ "T5 register handler", "vgic_get_mmio_region", NULL, "tx_region", "tr_region", NULL,
	  S(DECODE) | S(HANDLER), S(DECODE) | S(HANDLER), ACCESS, EXIT },
	{ "T4 device entry", "dispatch_mmio_read", NULL, "te_dev_read", "tk_dev_read", NULL,
	  SPLIT, SPLIT, ACCESS, ENTRY },
	{ "T4 device entry", "dispatch_mmio_write", NULL, "te_dev_write", "tk_dev_write", NULL,
	  SPLIT, SPLIT, ACCESS, ENTRY },
	{ "T4 device entry", "ioeventfd_write", "ioeventfd accesses are told as unknown",
	  "te_ioeventfd", "tk_ioeventfd", NULL, ALWAYS, ALWAYS, IOEVENTFD, ENTRY },
	{ "T4 device entry", "coalesced_mmio_write", "coalesced accesses are told as unknown",
	  "te_coalesced", "tk_coalesced", NULL, ALWAYS, ALWAYS, COALESCED, ENTRY },
	{ "T2 bus entry", "kvm_io_bus_read", NULL, "te_bus_read", "tk_bus_read", NULL,
	  ALWAYS, ALWAYS, ACCESS, ENTRY },
	{ "T2 bus entry", "kvm_io_bus_write", NULL, "te_bus_write", "tk_bus_write", NULL,
	  ALWAYS, ALWAYS, ACCESS, ENTRY },
	{ NULL },
};
/* clang-format on */

static uint32_t asked(const struct plan *plan)
{
	if (!plan->stages)
		return COUNTS;
	return plan->stages | (plan->stages == LITE && !plan->is_vgic_ahead ? PAIR : DEVICES);
}

static void hook__set(struct plan *plan, struct plan_hook *hook, enum plan_method method)
{
	const struct plan_row *row = &plan->rows[hook - plan->hooks];
	uint32_t mask = method == PLAN_KPROBE ? row->by_kprobe : row->by_fentry;

	const char *const programs[] = {
		[PLAN_FENTRY] = row->fentry,
		[PLAN_KPROBE] = row->kprobe,
		[PLAN_TRACEPOINT] = row->tracepoint,
		[PLAN_NONE] = NULL,
	};
	const char *suffix = "";

	if (method == PLAN_FENTRY && row->flags & BY_PROFILE)
		suffix = plan->stages == LITE ? "_l" : plan->stages == DEFAULT ? "_d" : "";
	hook->method = method;
	snprintf(hook->program, sizeof(hook->program), "%s%s",
		 programs[method] ? programs[method] : "", suffix);
	hook->needed = !(row->flags & (plan->is_vgic_ahead ? ON_BUS : AHEAD)) && mask & asked(plan);
}

static void hook__init(struct plan *plan, size_t i)
{
	struct plan_hook *hook = &plan->hooks[i];
	const struct plan_row *row = &plan->rows[i];

	hook->boundary = row->boundary;
	hook->function = row->function;
	hook->without = row->without;
	hook->at_exit = row->flags & EXIT;
	hook->group = row->group;
	hook->is_costly = hook->group != VCPU_PUT && hook->group != VCPU_FREE;
	hook__set(plan, hook, row->tracepoint ? PLAN_TRACEPOINT : PLAN_FENTRY);
}

static struct plan *plan__of(const struct plan_row *rows, uint32_t stages, bool only_kprobes)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return NULL;
	while (rows[plan->nr_hooks].boundary)
		plan->nr_hooks++;
	plan->hooks = calloc(plan->nr_hooks, sizeof(*plan->hooks));
	if (!plan->hooks) {
		free(plan);
		return NULL;
	}
	plan->rows = rows;
	plan->stages = stages;
	for (size_t i = 0; i < plan->nr_hooks; i++)
		hook__init(plan, i);
	if (only_kprobes)
		plan__fail_method(plan, PLAN_FENTRY, "asked to use kprobes");
	return plan;
}

struct plan *plan__new(uint32_t stages, bool only_kprobes)
{
	return plan__of(access_rows, stages, only_kprobes);
}

struct plan *plan__new_trace(uint32_t stages, bool only_kprobes)
{
	return plan__of(trace_rows, stages, only_kprobes);
}

void plan__set_vgic_ahead(struct plan *plan)
{
	plan->is_vgic_ahead = true;
	for (size_t i = 0; i < plan->nr_hooks; i++)
		hook__set(plan, &plan->hooks[i], plan->hooks[i].method);
}

void plan__free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->hooks);
	free(plan);
}

static enum plan_method next_method(enum plan_method method)
{
	return method == PLAN_FENTRY ? PLAN_KPROBE : PLAN_NONE;
}

static void hook__add_why(struct plan_hook *hook, const char *why)
{
	size_t n = strlen(hook->why);

	snprintf(hook->why + n, sizeof(hook->why) - n, "%s%s: %s", n ? "; " : "",
		 method__name(hook->method, hook->at_exit), why);
}

/* All of @group that use @method go on to the next one. -1 where a needed hook has none left. */
static int group__fall_back(struct plan *plan, uint8_t group, enum plan_method method,
			    const char *why)
{
	int err = 0;

	for (size_t i = 0; i < plan->nr_hooks; i++) {
		struct plan_hook *hook = &plan->hooks[i];

		if (hook->group != group || hook->method != method)
			continue;
		hook__add_why(hook, why);
		hook__set(plan, hook, next_method(method));
		if (hook->method == PLAN_NONE && hook->needed && !hook->without)
			err = -ENOENT;
	}
	return err;
}

int plan__fail_method(struct plan *plan, enum plan_method method, const char *why)
{
	int err = 0;

	for (uint8_t group = 0; group <= TRACEPOINTS; group++)
		if (group__fall_back(plan, group, method, why))
			err = -ENOENT;
	return err;
}

static const char *reason(int err)
{
	switch (-err) {
	case ENOTSUPP:
	case EOPNOTSUPP:
		return "this kernel cannot attach it (no ftrace direct calls)";
	case ESRCH:
		return "the function is not in the kernel's BTF";
	case ENOENT:
	case EADDRNOTAVAIL:
		return "the kernel has no such function";
	case EACCES:
		return "not permitted (kernel.perf_event_paranoid above 2 wants CAP_SYS_ADMIN)";
	case EINVAL:
		return "the kernel refuses it there";
	default:
		return strerror(-err);
	}
}

int plan__fail(struct plan *plan, struct plan_hook *hook, int err)
{
	enum plan_method method = hook->method;

	if (err == -ENOTSUPP || err == -EOPNOTSUPP)
		return plan__fail_method(plan, method, reason(err)) ? err : 0;
	return group__fall_back(plan, hook->group, method, reason(err)) ? err : 0;
}

bool plan__uses(const struct plan *plan, enum plan_method method)
{
	for (size_t i = 0; i < plan->nr_hooks; i++)
		if (plan->hooks[i].needed && plan->hooks[i].method == method)
			return true;
	return false;
}

const char *method__name(enum plan_method method, bool at_exit)
{
	static const char *const names[][2] = {
		[PLAN_FENTRY] = { "fentry", "fexit" },
		[PLAN_KPROBE] = { "kprobe", "kretprobe" },
		[PLAN_TRACEPOINT] = { "tp_btf", "tp_btf" },
		[PLAN_NONE] = { "none", "none" },
	};

	return names[method][at_exit];
}

void plan__summary(const struct plan *plan, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = 0;
	for (int m = PLAN_FENTRY; m < PLAN_NONE; m++) {
		bool used[2] = { false, false };

		for (size_t i = 0; i < plan->nr_hooks; i++)
			if (plan->hooks[i].needed && (int)plan->hooks[i].method == m)
				used[plan->hooks[i].at_exit] = true;
		for (int e = 0; e < 2; e++)
			if (used[e] && n < size)
				n += snprintf(buf + n, size - n, "%s%s",
					      !n             ? ""
					      : e && used[0] ? "/"
							     : " + ",
					      method__name(m, e));
	}
}
