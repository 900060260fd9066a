// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boundaries of one guest access on KVM's MMIO bus, from the trap to the re-entry, as programs
 * for each way to hook them (the attach plan, tools/lib/plan.c, picks). Counts every access that a
 * device on the bus takes and every one that goes to user space; measures the stages asked for.
 *
 * Cannot see: what never reaches the bus - GICv3 system registers, the GICv2 CPU interface that the
 * hardware serves, aborts without syndrome.
 */
#include <linux/ptrace.h>
#include "access.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

static __always_inline __s32 retval(void *ctx)
{
	__u64 v = 0;

	bpf_get_func_ret(ctx, &v);
	return v;
}

/*
 * Arguments of kvm_io_bus_{read,write}: vcpu, bus, addr, len, val; of devices: vcpu, dev, addr, ...
 * Typed programs read them from ctx. Each comes once for the lite and once for the default profile
 * (_l, _d), and once for all other sets of stages.
 */
#define FENTRY_BUS(name, function, op, stages) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		bus_enter(stages, now, ctx[0], ctx[2], op, false); \
		return 0; \
	}
#define FENTRY_DEV(name, function, op, kind, stages) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		dev_enter(stages, now, ctx[0], ctx[1], ctx[2], op, kind, false); \
		return 0; \
	}
#define FEXIT_DEV(name, function, op, kind, stages, ret) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = stamp(stages); \
		struct vgic_slot *s = slot_get(ctx[0], SLOT_COUNT); \
		if (s) \
			dev_exit(stages, now, s, ctx[1], ctx[2], op, kind, ret); \
		return 0; \
	}
#define FEXIT_BUS(name, function, op) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		bus_exit(stages, now, slot_get(ctx[0], SLOT_FIND), retval(ctx), op); \
		return 0; \
	}

FENTRY_BUS(fe_bus_read, "kvm_io_bus_read", VGIC_READ, STAGES_ASKED)
FENTRY_BUS(fe_bus_write, "kvm_io_bus_write", VGIC_WRITE, STAGES_ASKED)
FENTRY_BUS(fe_bus_read_l, "kvm_io_bus_read", VGIC_READ, STAGES_LITE)
FENTRY_BUS(fe_bus_write_l, "kvm_io_bus_write", VGIC_WRITE, STAGES_LITE)
FENTRY_BUS(fe_bus_read_d, "kvm_io_bus_read", VGIC_READ, STAGES_DEFAULT)
FENTRY_BUS(fe_bus_write_d, "kvm_io_bus_write", VGIC_WRITE, STAGES_DEFAULT)

FENTRY_DEV(fe_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED)
FENTRY_DEV(fe_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_ASKED)
FENTRY_DEV(fe_dev_read_d, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT)
FENTRY_DEV(fe_dev_write_d, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_DEFAULT)
FENTRY_DEV(fe_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, STAGES_ASKED)
FENTRY_DEV(fe_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, STAGES_ASKED)

/* dispatch_mmio_* return 0 always. */
FEXIT_DEV(fx_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED, 0)
FEXIT_DEV(fx_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_ASKED, 0)
FEXIT_DEV(fx_dev_read_l, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_LITE, 0)
FEXIT_DEV(fx_dev_write_l, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_LITE, 0)
FEXIT_DEV(fx_dev_read_d, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT, 0)
FEXIT_DEV(fx_dev_write_d, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_DEFAULT, 0)
FEXIT_DEV(fx_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, STAGES_ASKED, retval(ctx))
FEXIT_DEV(fx_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, STAGES_ASKED,
	  retval(ctx))

FEXIT_BUS(fx_bus_read, "kvm_io_bus_read", VGIC_READ)
FEXIT_BUS(fx_bus_write, "kvm_io_bus_write", VGIC_WRITE)

/* Counts only: one hook, no clock, nothing in flight. */
#define FENTRY_COUNT(name, function, op) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		struct vgic_slot *s = slot_get(ctx[0], SLOT_COUNT); \
		if (s) \
			dev_count(s, ctx[1], ctx[2], op); \
		return 0; \
	}
FENTRY_COUNT(fc_dev_read, "dispatch_mmio_read", VGIC_READ)
FENTRY_COUNT(fc_dev_write, "dispatch_mmio_write", VGIC_WRITE)

SEC("fexit/vgic_get_mmio_region") int fx_region(__u64 *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	region_found(now, slot_get(ctx[0], SLOT_FIND), ctx[1]);
	return 0;
}

SEC("fentry/vcpu_put") int fe_vcpu_put(__u64 *ctx)
{
	vcpu_put_seen(ctx[0]);
	return 0;
}

SEC("fentry/kvm_arch_vcpu_destroy") int fe_vcpu_free(__u64 *ctx)
{
	vcpu_gone(ctx[0]);
	return 0;
}

/* The same by kprobe and kretprobe; at a return the task tells the slot. */
#define KPROBE_BUS(name, function, op) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		bus_enter(stages, now, PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx), op, true); \
		return 0; \
	}
#define KPROBE_DEV(name, function, op, kind) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		dev_enter(stages, now, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), \
			  op, kind, true); \
		return 0; \
	}
#define KRETPROBE_DEV(name, function, op, kind) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		const __u32 stages = STAGES_ASKED; \
		__u64 now = stamp(stages); \
		struct vgic_slot *s = slot_of_task(); \
		if (s && s->dev) \
			dev_exit(stages, now, s, s->dev, addr_of(s->addr), op, kind, \
				 PT_REGS_RC(ctx)); \
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

KPROBE_BUS(kp_bus_read, "kvm_io_bus_read", VGIC_READ)
KPROBE_BUS(kp_bus_write, "kvm_io_bus_write", VGIC_WRITE)
KPROBE_DEV(kp_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND)
KPROBE_DEV(kp_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND)
KPROBE_DEV(kp_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD)
KPROBE_DEV(kp_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED)
KRETPROBE_DEV(kr_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND)
KRETPROBE_DEV(kr_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND)
KRETPROBE_DEV(kr_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD)
KRETPROBE_DEV(kr_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED)
KRETPROBE_BUS(kr_bus_read, "kvm_io_bus_read", VGIC_READ)
KRETPROBE_BUS(kr_bus_write, "kvm_io_bus_write", VGIC_WRITE)

#define KPROBE_COUNT(name, function, op) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		struct vgic_slot *s = slot_get(PT_REGS_PARM1(ctx), SLOT_COUNT); \
		if (s) \
			dev_count(s, PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), op); \
		return 0; \
	}
KPROBE_COUNT(kc_dev_read, "dispatch_mmio_read", VGIC_READ)
KPROBE_COUNT(kc_dev_write, "dispatch_mmio_write", VGIC_WRITE)

SEC("kretprobe/vgic_get_mmio_region") int kr_region(struct pt_regs *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct vgic_slot *s = slot_of_task();

	if (s && s->dev)
		s->t_reg = now;
	return 0;
}

SEC("kprobe/vcpu_put") int kp_vcpu_put(struct pt_regs *ctx)
{
	vcpu_put_seen(PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kprobe/kvm_arch_vcpu_destroy") int kp_vcpu_free(struct pt_regs *ctx)
{
	vcpu_gone(PT_REGS_PARM1(ctx));
	return 0;
}

SEC("tp_btf/kvm_exit") int tb_kvm_exit(__u64 *ctx)
{
	trapped(bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/kvm_entry") int tb_kvm_entry(__u64 *ctx)
{
	resumed(STAGES_ASKED, bpf_ktime_get_ns());
	return 0;
}
