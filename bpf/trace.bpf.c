// SPDX-License-Identifier: GPL-2.0-only
/*
 * One record per guest access on KVM's MMIO bus, as programs for each way to hook its boundaries
 * (the attach plan, tools/lib/plan.c, picks). trace.bpf.h has what they do.
 *
 * Arguments of kvm_io_bus_{read,write}: vcpu, bus, addr, len, val; of devices: vcpu, dev, addr, ...
 *
 * Cannot see: what never reaches the bus - GICv3 system registers, the GICv2 CPU interface that the
 * hardware serves, aborts without syndrome.
 */
#include <linux/ptrace.h>
#include "trace.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* For what typed programs may not read from ctx: a pointer to const void. */
static __always_inline __u64 func_arg(void *ctx, __u32 n)
{
	__u64 v = 0;

	bpf_get_func_arg(ctx, n, &v);
	return v;
}

/* @off, and the number of the argument @val, are others in the stand-ins (trace_cal.bpf.h) only. */
#define FENTRY_BUS(name, function, op, off, val) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		bus_enter(now, ctx[0] + (off), ctx[2], ctx[3], func_arg(ctx, val), op); \
		return 0; \
	}
#define FENTRY_DEV(name, function, kind) \
	SEC("fentry/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		dev_enter(now, ctx[1], kind); \
		return 0; \
	}
#define FEXIT_DEV(name, function, kind, ret) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		dev_exit(now, ret, kind); \
		return 0; \
	}
#define FEXIT_REGION(name, function) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		region_found(bpf_ktime_get_ns()); \
		return 0; \
	}
/* The return value comes behind the five arguments. */
#define FEXIT_BUS(name, function, op) \
	SEC("fexit/" function) int name(__u64 *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		struct vgic_flight *f = \
			flight_at_exit(ctx[0], ctx[2], ctx[3], func_arg(ctx, 4), op); \
		if (f) \
			bus_exit(now, f, ctx[5]); \
		return 0; \
	}

#define KPROBE_BUS(name, function, op, off) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		bus_enter(now, PT_REGS_PARM1(ctx) + (off), PT_REGS_PARM3(ctx), PT_REGS_PARM4(ctx), \
			  PT_REGS_PARM5(ctx), op); \
		return 0; \
	}
#define KPROBE_DEV(name, function, kind) \
	SEC("kprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		dev_enter(now, PT_REGS_PARM2(ctx), kind); \
		return 0; \
	}
#define KRETPROBE_DEV(name, function, kind, ret) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		dev_exit(now, ret, kind); \
		return 0; \
	}
#define KRETPROBE_REGION(name, function) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		region_found(bpf_ktime_get_ns()); \
		return 0; \
	}
#define KRETPROBE_BUS(name, function) \
	SEC("kretprobe/" function) int name(struct pt_regs *ctx) \
	{ \
		__u64 now = bpf_ktime_get_ns(); \
		struct vgic_flight *f = flight_get(false); \
		if (f && f->t_bus) \
			bus_exit(now, f, PT_REGS_RC(ctx)); \
		else \
			bus_exit_lost(f); \
		return 0; \
	}

FENTRY_BUS(te_bus_read, "kvm_io_bus_read", VGIC_READ, 0, 4)
FENTRY_BUS(te_bus_write, "kvm_io_bus_write", VGIC_WRITE, 0, 4)
FENTRY_DEV(te_dev_read, "dispatch_mmio_read", VGIC_NO_KIND)
FENTRY_DEV(te_dev_write, "dispatch_mmio_write", VGIC_NO_KIND)
FENTRY_DEV(te_ioeventfd, "ioeventfd_write", VGIC_IOEVENTFD)
FENTRY_DEV(te_coalesced, "coalesced_mmio_write", VGIC_COALESCED)
/* dispatch_mmio_* return 0 always; the return value of the others comes behind five arguments. */
FEXIT_DEV(tx_dev_read, "dispatch_mmio_read", VGIC_NO_KIND, 0)
FEXIT_DEV(tx_dev_write, "dispatch_mmio_write", VGIC_NO_KIND, 0)
FEXIT_DEV(tx_ioeventfd, "ioeventfd_write", VGIC_IOEVENTFD, ctx[5])
FEXIT_DEV(tx_coalesced, "coalesced_mmio_write", VGIC_COALESCED, ctx[5])
FEXIT_REGION(tx_region, "vgic_get_mmio_region")
FEXIT_BUS(tx_bus_read, "kvm_io_bus_read", VGIC_READ)
FEXIT_BUS(tx_bus_write, "kvm_io_bus_write", VGIC_WRITE)

KPROBE_BUS(tk_bus_read, "kvm_io_bus_read", VGIC_READ, 0)
KPROBE_BUS(tk_bus_write, "kvm_io_bus_write", VGIC_WRITE, 0)
KPROBE_DEV(tk_dev_read, "dispatch_mmio_read", VGIC_NO_KIND)
KPROBE_DEV(tk_dev_write, "dispatch_mmio_write", VGIC_NO_KIND)
KPROBE_DEV(tk_ioeventfd, "ioeventfd_write", VGIC_IOEVENTFD)
KPROBE_DEV(tk_coalesced, "coalesced_mmio_write", VGIC_COALESCED)
KRETPROBE_DEV(tr_dev_read, "dispatch_mmio_read", VGIC_NO_KIND, 0)
KRETPROBE_DEV(tr_dev_write, "dispatch_mmio_write", VGIC_NO_KIND, 0)
KRETPROBE_DEV(tr_ioeventfd, "ioeventfd_write", VGIC_IOEVENTFD, PT_REGS_RC(ctx))
KRETPROBE_DEV(tr_coalesced, "coalesced_mmio_write", VGIC_COALESCED, PT_REGS_RC(ctx))
KRETPROBE_REGION(tr_region, "vgic_get_mmio_region")
KRETPROBE_BUS(tr_bus_read, "kvm_io_bus_read")
KRETPROBE_BUS(tr_bus_write, "kvm_io_bus_write")

SEC("fentry/kvm_arch_vcpu_destroy") int te_vcpu_free(__u64 *ctx)
{
	vcpu_gone(ctx[0]);
	return 0;
}

SEC("kprobe/kvm_arch_vcpu_destroy") int tk_vcpu_free(struct pt_regs *ctx)
{
	vcpu_gone(PT_REGS_PARM1(ctx));
	return 0;
}

#include "trace_cal.bpf.h"
