// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boundaries of one guest access on KVM's MMIO bus, from the trap to the re-entry, as programs
 * for each way to hook them (the attach plan, tools/lib/plan.c, picks). Counts every access that a
 * device on the bus takes and every one that goes to user space; measures the stages asked for.
 *
 * Cannot see: what never reaches the bus - GICv3 system registers, the GICv2 CPU interface that the
 * hardware serves, aborts without syndrome.
 */
#include "stubs.bpf.h"
#include "vcpu.bpf.h"
#include "calibrate.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * Each comes once for the lite and once for the default profile (_l, _d), and once for all other
 * sets of stages.
 */
FENTRY_BUS(fe_bus_read, "kvm_io_bus_read", VGIC_READ, STAGES_ASKED, 0)
FENTRY_BUS(fe_bus_write, "kvm_io_bus_write", VGIC_WRITE, STAGES_ASKED, 0)
FENTRY_BUS(fe_bus_read_l, "kvm_io_bus_read", VGIC_READ, STAGES_LITE, 0)
FENTRY_BUS(fe_bus_write_l, "kvm_io_bus_write", VGIC_WRITE, STAGES_LITE, 0)
FENTRY_BUS(fe_bus_read_d, "kvm_io_bus_read", VGIC_READ, STAGES_DEFAULT, 0)
FENTRY_BUS(fe_bus_write_d, "kvm_io_bus_write", VGIC_WRITE, STAGES_DEFAULT, 0)

FENTRY_DEV(fe_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED, 0)
FENTRY_DEV(fe_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_ASKED, 0)
FENTRY_DEV(fe_dev_read_d, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT, 0)
FENTRY_DEV(fe_dev_write_d, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_DEFAULT, 0)
FENTRY_DEV(fe_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, STAGES_ASKED, 0)
FENTRY_DEV(fe_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, STAGES_ASKED, 0)

/* dispatch_mmio_* return 0 always. */
FEXIT_DEV(fx_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED, 0, 0)
FEXIT_DEV(fx_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_ASKED, 0, 0)
FEXIT_DEV(fx_dev_read_l, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_LITE, 0, 0)
FEXIT_DEV(fx_dev_write_l, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_LITE, 0, 0)
FEXIT_DEV(fx_dev_read_d, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT, 0, 0)
FEXIT_DEV(fx_dev_write_d, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, STAGES_DEFAULT, 0, 0)
FEXIT_DEV(fx_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, STAGES_ASKED, retval(ctx), 0)
FEXIT_DEV(fx_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, STAGES_ASKED,
	  retval(ctx), 0)

FEXIT_REGION(fx_region, "vgic_get_mmio_region", 0, 0)
FEXIT_BUS(fx_bus_read, "kvm_io_bus_read", VGIC_READ, 0)
FEXIT_BUS(fx_bus_write, "kvm_io_bus_write", VGIC_WRITE, 0)
/* The return value comes behind the five arguments. */
FEXIT_END(fx_end_read, "kvm_io_bus_read", VGIC_READ, ctx[5], 0)
FEXIT_END(fx_end_write, "kvm_io_bus_write", VGIC_WRITE, ctx[5], 0)

FENTRY_COUNT(fc_dev_read, "dispatch_mmio_read", VGIC_READ, 0)
FENTRY_COUNT(fc_dev_write, "dispatch_mmio_write", VGIC_WRITE, 0)

KPROBE_BUS(kp_bus_read, "kvm_io_bus_read", VGIC_READ, 0)
KPROBE_BUS(kp_bus_write, "kvm_io_bus_write", VGIC_WRITE, 0)
KPROBE_DEV(kp_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, 0)
KPROBE_DEV(kp_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, 0)
KPROBE_DEV(kp_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, 0)
KPROBE_DEV(kp_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, 0)
KRETPROBE_DEV(kr_dev_read, "dispatch_mmio_read", VGIC_READ, VGIC_NO_KIND, 0)
KRETPROBE_DEV(kr_dev_write, "dispatch_mmio_write", VGIC_WRITE, VGIC_NO_KIND, 0)
KRETPROBE_DEV(kr_ioeventfd, "ioeventfd_write", VGIC_WRITE, VGIC_IOEVENTFD, PT_REGS_RC(ctx))
KRETPROBE_DEV(kr_coalesced, "coalesced_mmio_write", VGIC_WRITE, VGIC_COALESCED, PT_REGS_RC(ctx))
KRETPROBE_REGION(kr_region, "vgic_get_mmio_region")
KRETPROBE_BUS(kr_bus_read, "kvm_io_bus_read", VGIC_READ)
KRETPROBE_BUS(kr_bus_write, "kvm_io_bus_write", VGIC_WRITE)
KRETPROBE_END(kr_end_read, "kvm_io_bus_read", VGIC_READ, PT_REGS_RC(ctx))
KRETPROBE_END(kr_end_write, "kvm_io_bus_write", VGIC_WRITE, PT_REGS_RC(ctx))

KPROBE_COUNT(kc_dev_read, "dispatch_mmio_read", VGIC_READ, 0)
KPROBE_COUNT(kc_dev_write, "dispatch_mmio_write", VGIC_WRITE, 0)

/*
 * Where KVM asks vgic_handle_mmio(vcpu, is_write, addr, ...) ahead of the bus, as Linux did before
 * 4.1: T2 is its entry, whoever takes the access then. The VGIC's T4 and T6 are those of
 * call_range_handler(vcpu, dev, addr, is_write, ...), what is on the bus has those above.
 */
#define AHEAD_WRITE (ctx[1] & 1)
#define RANGE_WRITE (ctx[3] & 1)

FENTRY_BUS(fe_ahead, "vgic_handle_mmio", AHEAD_WRITE, STAGES_ASKED, 0)
FENTRY_BUS(fe_ahead_l, "vgic_handle_mmio", AHEAD_WRITE, STAGES_LITE, 0)
FENTRY_BUS(fe_ahead_d, "vgic_handle_mmio", AHEAD_WRITE, STAGES_DEFAULT, 0)
FENTRY_DEV(fe_range, "call_range_handler", RANGE_WRITE, VGIC_NO_KIND, STAGES_ASKED, 0)
FENTRY_DEV(fe_range_d, "call_range_handler", RANGE_WRITE, VGIC_NO_KIND, STAGES_DEFAULT, 0)
FEXIT_DEV(fx_range, "call_range_handler", RANGE_WRITE, VGIC_NO_KIND, STAGES_ASKED, 0, 0)
FEXIT_DEV(fx_range_l, "call_range_handler", RANGE_WRITE, VGIC_NO_KIND, STAGES_LITE, 0, 0)
FEXIT_DEV(fx_range_d, "call_range_handler", RANGE_WRITE, VGIC_NO_KIND, STAGES_DEFAULT, 0, 0)
FENTRY_COUNT(fc_range, "call_range_handler", RANGE_WRITE, 0)
FEXIT_AHEAD(fx_ahead, "vgic_handle_mmio", AHEAD_WRITE, 0)

KPROBE_BUS(kp_ahead, "vgic_handle_mmio", PT_REGS_PARM2(ctx) & 1, 0)
KPROBE_DEV(kp_range, "call_range_handler", PT_REGS_PARM4(ctx) & 1, VGIC_NO_KIND, 0)
KRETPROBE_DEV(kr_range, "call_range_handler", op_of(s->addr), VGIC_NO_KIND, 0)
KPROBE_COUNT(kc_range, "call_range_handler", PT_REGS_PARM4(ctx) & 1, 0)
KRETPROBE_AHEAD(kr_ahead, "vgic_handle_mmio")

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
