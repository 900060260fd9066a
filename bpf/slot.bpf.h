/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: the access in flight, per vCPU. Found by the vCPU's address, so that an access may sleep
 * and migrate, and VMs of one process stay apart. The vCPU's own thread makes its slot at its first
 * access; its destruction gives the slot free.
 */
#ifndef SLOT_BPF_H
#define SLOT_BPF_H

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>

#define SLOT_PROBES 32

/*
 * Fibonacci hashing; vCPUs are slab objects, so that the lowest bits tell nothing. In typed
 * programs the verifier knows @vcpu as a pointer and allows no arithmetic on it; but the lower half
 * of it, taken by a 32-bit move, is a number (for those who may see pointers: CAP_PERFMON). The
 * move is written out because the compiler takes it as free and leaves it out.
 */
static __always_inline __u32 slot_hash(__u64 vcpu)
{
	__u32 low;

	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)vcpu));
	return (low >> 6) * 40503u >> 20; /* 2^16 / golden ratio: fits one instruction */
}
_Static_assert(VGIC_NR_SLOTS == 1 << (32 - 20), "slot_hash() yields all slots");

static __always_inline struct vgic_slot *slot_at(__u32 i)
{
	return &slots[i & (VGIC_NR_SLOTS - 1)];
}

static __always_inline __u32 slot_index(const struct vgic_slot *s)
{
	return ((__u64)s - (__u64)slots) / sizeof(*s);
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

/* A record for a vCPU not seen before; 0 = no room. */
static __always_inline __u32 vcpu_record(const struct kvm_vcpu *vcpu)
{
	__u32 no = pool_take(&globals.nr_vcpus, use_max_vcpus, &free_vcpus);
	struct vgic_vcpu *v = no ? bpf_map_lookup_elem(&vcpus, &no) : NULL;
	struct kvm *kvm = BPF_CORE_READ(vcpu, kvm);
	__u32 model = 0;

	if (!v)
		return 0;
	v->kvm = (__u64)kvm;
	v->created_ns = bpf_ktime_get_ns();
	v->pid = vmm_pid();
	v->vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
	if (bpf_core_field_exists(kvm->arch.vgic.vgic_model))
		model = BPF_CORE_READ(kvm, arch.vgic.vgic_model);
	v->model = model == KVM_DEV_TYPE_ARM_VGIC_V2   ? 2
		   : model == KVM_DEV_TYPE_ARM_VGIC_V3 ? 3
						       : 0;
	v->name[0] = 0;
	if (bpf_core_field_exists(kvm->debugfs_dentry))
		bpf_probe_read_kernel_str(v->name, sizeof(v->name),
					  BPF_CORE_READ(kvm, debugfs_dentry, d_name.name));
	BPF_CORE_READ_STR_INTO(&v->comm, bpf_get_current_task_btf(), group_leader, comm);
	publish(&v->state, VGIC_VCPU_LIVING);
	return no;
}

/* Fills a slot that was just claimed. Returns the key it is to be found by. */
static __always_inline __u64 slot_init(struct vgic_slot *s, __u64 vcpu)
{
	__builtin_memset(&s->t_bus, 0, sizeof(*s) - offsetof(struct vgic_slot, t_bus));
	for (__u32 i = 0; i < VGIC_NR_RECENT; i++) {
		s->recent[VGIC_READ][i].addr = ~0ULL;
		s->recent[VGIC_WRITE][i].addr = ~0ULL;
	}
	s->kind = VGIC_NO_KIND;
	s->no_room = 0;
	s->user_exits = BPF_CORE_READ((const struct kvm_vcpu *)vcpu, stat.mmio_exit_user);
	if (!vcpu_targeted((const void *)vcpu))
		return vcpu + VGIC_SLOT_UNTRACED;
	s->no = vcpu_record((const void *)vcpu);
	if (s->no)
		return vcpu;
	s->no_room = 1;
	return vcpu + VGIC_SLOT_UNTRACED;
}

/* The slot of @vcpu, traced or not, wherever it is. (Bit 0 by addition: no "or" on pointers.) */
static __always_inline struct vgic_slot *slot_probe(__u64 vcpu)
{
	__u32 home = slot_hash(vcpu);

	for (__u32 i = 0; i < SLOT_PROBES; i++) {
		struct vgic_slot *s = slot_at(home + i);

		if (s->vcpu == vcpu || s->vcpu == vcpu + VGIC_SLOT_UNTRACED)
			return s;
		if (s->vcpu == VGIC_SLOT_FREE)
			break;
	}
	return NULL;
}

enum slot_mode {
	SLOT_FIND,  /* only one that is there */
	SLOT_MAKE,  /* make one for a vCPU not seen before */
	SLOT_COUNT, /* the same, and an access of a vCPU there is no room for is a loss */
};

/* Where the vCPU is not in the place its hash names. NULL: it is not traced. */
static __noinline struct vgic_slot *slot_search(__u64 vcpu, enum slot_mode mode)
{
	struct vgic_slot *s = slot_probe(vcpu);
	__u32 home = slot_hash(vcpu);

	for (__u32 i = 0; i < SLOT_PROBES && !s && mode != SLOT_FIND; i++) {
		struct vgic_slot *free = slot_at(home + i);
		__u64 old = free->vcpu;

		if (old != VGIC_SLOT_FREE && old != VGIC_SLOT_DEAD)
			continue;
		/* Claimed untraced first: the key that is looked for comes last. */
		if (__sync_val_compare_and_swap(&free->vcpu, old, vcpu + VGIC_SLOT_UNTRACED) != old)
			continue;
		free->vcpu = slot_init(free, vcpu);
		s = free;
	}
	if (s && s->no_room && mode == SLOT_COUNT)
		s->vcpu = slot_init(s, vcpu); /* records may have been given back since */
	if (s && s->vcpu == vcpu)
		return s;
	if (mode == SLOT_COUNT && (!s || s->no_room))
		count_loss(VGIC_LOST_NO_SLOT);
	return NULL;
}

static __always_inline struct vgic_slot *slot_get(__u64 vcpu, enum slot_mode mode)
{
	struct vgic_slot *s = slot_at(slot_hash(vcpu));

	if (s->vcpu == vcpu)
		return s;
	if (s->vcpu == vcpu + VGIC_SLOT_UNTRACED && mode != SLOT_COUNT)
		return NULL; /* other tenants' guests pay no more than this */
	return slot_search(vcpu, mode);
}

/* No access in flight any more. */
static __always_inline void slot_idle(struct vgic_slot *s)
{
	s->t_bus = 0;
	s->dev = 0;
	s->cell = 0;
	s->kind = VGIC_NO_KIND;
}

static __always_inline struct vgic_task *task_get(bool create)
{
	struct vgic_task *t;

	t = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL,
				 create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (!t && create)
		count_loss(VGIC_LOST_NO_TASK);
	return t;
}

#endif
