// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of vCPUs by reason: every time one leaves the guest, that is every time KVM adds one to its
 * own vcpu->stat.exits. On its own, not part of access.bpf.c: every exit pays for it.
 *
 * Cannot see: what the hypervisor at EL2 handles itself and goes back into the guest from
 * (fixup_guest_exit): KVM does not count that either.
 */
#include <linux/ptrace.h>
#include "exits.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* kvm_exit(int ret, unsigned int esr_ec, unsigned long vcpu_pc) */
SEC("tp_btf/kvm_exit") int tb_exit(__u64 *ctx)
{
	const struct task_struct *task = (const void *)bpf_get_current_task_btf();

	exit_seen((__u64)task->preempt_notifiers.first, ctx[0], ctx[1]);
	return 0;
}

SEC("fentry/kvm_arch_vcpu_destroy") int fe_exits_end(__u64 *ctx)
{
	exits_end(ctx[0]);
	return 0;
}

SEC("kprobe/kvm_arch_vcpu_destroy") int kp_exits_end(struct pt_regs *ctx)
{
	exits_end(PT_REGS_PARM1(ctx));
	return 0;
}

/* Run by user space, attached to nothing. Its argument: the first slot. */
SEC("raw_tp") int ask_exits(__u64 *ctx)
{
	ask_kvm(ctx[0]);
	return 0;
}
