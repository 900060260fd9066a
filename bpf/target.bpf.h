/* SPDX-License-Identifier: GPL-2.0-only */
/* Which vCPUs are traced, what tells them apart, and how tables by their addresses are searched. */
#ifndef TARGET_BPF_H
#define TARGET_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "vgic_wire.h"
#include "kvm.bpf.h"

#ifndef barrier_var
#define barrier_var(var) asm volatile("" : "+r"(var))
#endif

/* Bits of a bitmap of vcpu_ids; vCPUs beyond it are traced only without such a filter. */
#define TARG_VCPU_BITS 1024

const volatile __u32 targ_pid; /* 0 = all VMs */
const volatile bool use_targ_vcpus;
const volatile __u64 targ_vcpus[TARG_VCPU_BITS / 64];

/* How far from the place that its hash names a vCPU may be. */
#define SLOT_PROBES 32

/*
 * Fibonacci hashing; vCPUs are slab objects, so that the lowest bits tell nothing. In typed
 * programs the verifier knows @vcpu as a pointer and allows no arithmetic on it; but the lower half
 * of it, taken by a 32-bit move, is a number (for those who may see pointers: CAP_PERFMON). The
 * move is written out because the compiler takes it as free and leaves it out.
 */
static __always_inline __u32 vcpu_hash(__u64 vcpu, const __u32 bits)
{
	__u32 low;

	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)vcpu));
	return (low >> 6) * 40503u >> (32 - bits); /* 2^16 / golden ratio: fits one instruction */
}

/* What user space waits for before it looks at the rest: fully ordered behind all earlier stores.
 */
static __always_inline void publish(__u32 *field, __u32 value)
{
	__sync_lock_test_and_set(field, value);
}

/*
 * The VMM is the process the calling thread belongs to. kvm->userspace_pid is not asked: it is the
 * id of the thread that made the VM, which need not be the process's first.
 */
static __always_inline __u32 vmm_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline bool vcpu_targeted(const struct kvm_vcpu *vcpu)
{
	__u32 id;

	if (targ_pid && targ_pid != vmm_pid())
		return false;
	if (!use_targ_vcpus)
		return true;
	id = BPF_CORE_READ(vcpu, vcpu_id);
	return id < TARG_VCPU_BITS &&
	       targ_vcpus[(id / 64) & (TARG_VCPU_BITS / 64 - 1)] >> (id % 64) & 1;
}

/* The guest's GIC: 2, 3; 0 = other. */
static __always_inline __u32 vgic_model(const struct kvm *kvm)
{
	__u32 model = 0;

	if (bpf_core_field_exists(kvm->arch.vgic.vgic_model))
		model = BPF_CORE_READ(kvm, arch.vgic.vgic_model);
	return model == KVM_DEV_TYPE_ARM_VGIC_V2 ? 2 : model == KVM_DEV_TYPE_ARM_VGIC_V3 ? 3 : 0;
}

/* The VM's debugfs name ("" = it has none), the VMM's comm. */
static __always_inline void vm_read_names(struct kvm *kvm, char name[24], char comm[16])
{
	struct task_struct *leader = BPF_CORE_READ(bpf_get_current_task_btf(), group_leader);

	name[0] = 0;
	if (bpf_core_field_exists(kvm->debugfs_dentry))
		bpf_probe_read_kernel_str(name, 24,
					  BPF_CORE_READ(kvm, debugfs_dentry, d_name.name));
	bpf_core_read_str(comm, 16, &leader->comm);
}

/* All but the state; to be called by the vCPU's own thread. */
static __always_inline void vcpu_describe(struct vgic_vcpu *v, const struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = BPF_CORE_READ(vcpu, kvm);

	v->kvm = (__u64)kvm;
	v->created_ns = bpf_ktime_get_ns();
	v->pid = vmm_pid();
	v->vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
	v->model = vgic_model(kvm);
	vm_read_names(kvm, v->name, v->comm);
}

#endif
