/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs around the boundaries: a stub for each way to hook one. Each reads the clock first
 * thing and then finds its arguments. Those of kvm_io_bus_{read,write} are vcpu, bus, addr, len,
 * val; of devices: vcpu, dev, addr, ... Typed programs read them from ctx.
 *
 * @off is added to every argument: 0 but for the stand-ins of calibrate.bpf.h, which make one
 * access of what different functions are called with.
 */
#ifndef STUBS_BPF_H
#define STUBS_BPF_H

#include <linux/ptrace.h>
#include "access.bpf.h"
#include <bpf/bpf_tracing.h>

static __always_inline __s32 retval(void *ctx)
{
	__u64 v = 0;

	bpf_get_func_ret(ctx, &v);
	return v;
}

#define FENTRY_BUS(name, function, op, stages, off) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		bus_enter(stages, now, ctx[0] + (off), ctx[2] + (off), op, false); \
		return 0; \
	}
#define FENTRY_DEV(name, function, op, kind, stages, off) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		dev_enter(stages, now, ctx[0] + (off), ctx[1] + (off), ctx[2] + (off), op, kind, \
			  false); \
		return 0; \
	}
#define FEXIT_DEV(name, function, op, kind, stages, ret, off) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		struct vgic_slot *s = slot_get(ctx[0] + (off), SLOT_COUNT); \
		if (s) \
			dev_exit(stages, now, s, ctx[1] + (off), ctx[2] + (off), op, kind, ret); \
		return 0; \
	}
#define FEXIT_BUS(name, function, op, off) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		bus_exit(stages, now, slot_get(ctx[0] + (off), SLOT_FIND), retval(ctx), op); \
		return 0; \
	}
/* Of a function that says whether it took the access; if not, the bus will be asked. */
#define FEXIT_AHEAD(name, function, op, off) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		if ((__u8)retval(ctx)) \
			bus_exit(stages, now, slot_get(ctx[0] + (off), SLOT_FIND), 0, op); \
		return 0; \
	}
#define FEXIT_END(name, function, op, ret, off) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(STAGES_LITE); \
		struct vgic_slot *s = (__s32)(ret) ? NULL : slot_get(ctx[0] + (off), SLOT_COUNT); \
		if (s) \
			bus_end(now, s, ctx[2] + (off), op); \
		return 0; \
	}
#define FEXIT_REGION(name, function, off, iodev_off) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		region_found(now, slot_get(ctx[0] + (off), SLOT_FIND), ctx[1] + (iodev_off)); \
		return 0; \
	}
/* Counts only: one hook, no clock, nothing in flight. */
#define FENTRY_COUNT(name, function, op, off) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		struct vgic_slot *s = slot_get(ctx[0] + (off), SLOT_COUNT); \
		if (s) \
			dev_count(s, ctx[1] + (off), ctx[2] + (off), op); \
		return 0; \
	}

/* The same by kprobe and kretprobe; at a return the task tells the slot. */
#define KPROBE_BUS(name, function, op, off) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		bus_enter(stages, now, PT_REGS_PARM1(ctx) + (off), PT_REGS_PARM3(ctx) + (off), op, \
			  true); \
		return 0; \
	}
#define KPROBE_DEV(name, function, op, kind, off) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		dev_enter(stages, now, PT_REGS_PARM1(ctx) + (off), PT_REGS_PARM2(ctx) + (off), \
			  PT_REGS_PARM3(ctx) + (off), op, kind, true); \
		return 0; \
	}
#define KRETPROBE_DEV(name, function, op, kind, ret) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		struct vgic_slot *s = slot_of_task(); \
		if (s && s->dev) \
			dev_exit(stages, now, s, s->dev, addr_of(s->addr), op, kind, ret); \
		return 0; \
	}
#define KRETPROBE_BUS(name, function, op) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		bus_exit(stages, now, slot_of_task(), PT_REGS_RC(ctx), op); \
		return 0; \
	}
#define KRETPROBE_AHEAD(name, function) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		struct vgic_slot *s = (__u8)PT_REGS_RC(ctx) ? slot_of_task() : NULL; \
		if (s) \
			bus_exit(stages, now, s, 0, op_of(s->addr)); \
		return 0; \
	}
#define KRETPROBE_END(name, function, op, ret) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = stamp(STAGES_LITE); \
		struct vgic_slot *s = slot_of_task(); \
		if (s && s->t_bus && !(__s32)(ret)) \
			bus_end(now, s, addr_of(s->addr), op); \
		return 0; \
	}
#define KRETPROBE_REGION(name, function) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		struct vgic_slot *s = slot_of_task(); \
		if (s && s->dev) \
			s->t_reg = now; \
		return 0; \
	}
#define KPROBE_COUNT(name, function, op, off) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		struct vgic_slot *s = slot_get(PT_REGS_PARM1(ctx) + (off), SLOT_COUNT); \
		if (s) \
			dev_count(s, PT_REGS_PARM2(ctx) + (off), PT_REGS_PARM3(ctx) + (off), op); \
		return 0; \
	}

#endif
