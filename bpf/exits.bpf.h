/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits counted by vCPU and reason. arm64's kvm_exit does not say which vCPU, but its thread does:
 * between vcpu_load() and vcpu_put() KVM has the vCPU's preempt notifier in the thread's list, and
 * nothing else uses that list. So the address of the notifier names the vCPU, wherever its thread
 * runs, however long ago it entered KVM_RUN.
 *
 * A vCPU makes one exit at a time: all that hangs on it has a single writer.
 */
#ifndef EXITS_BPF_H
#define EXITS_BPF_H

#include "target.bpf.h"

struct vgic_exits exits[VGIC_NR_EXIT_SLOTS];
__u64 lost; /* exits of vCPUs that there was no room for */

#define NOTIFIER bpf_core_field_offset(struct kvm_vcpu, preempt_notifier.link)

static __always_inline struct vgic_exits *exits_at(__u32 i)
{
	return &exits[i & (VGIC_NR_EXIT_SLOTS - 1)];
}

static __always_inline __u32 exits_hash(__u64 notifier)
{
	return vcpu_hash(notifier, 12);
}
_Static_assert(VGIC_NR_EXIT_SLOTS == 1 << 12, "exits_hash() yields all slots");

static __always_inline __u32 exit_reason(__u32 code, __u32 class)
{
	switch (code & ~VGIC_CODE_SERROR_BIT) {
	case VGIC_CODE_TRAP:
		return class & (VGIC_NR_CLASSES - 1);
#define X(number, name) \
	case number & ~VGIC_CODE_SERROR_BIT: \
		return VGIC_EXIT_##name;
		VGIC_EXIT_CODES(X)
#undef X
	default:
		return VGIC_EXIT_NEW_CODE;
	}
}

static __always_inline bool is_claimable(__u64 key)
{
	return key == VGIC_EXITS_FREE || key == VGIC_EXITS_USED;
}

/* Fills a slot that was just claimed, at its vCPU's first exit. Returns the key to find it by. */
static __always_inline __u64 exits_init(struct vgic_exits *e, __u64 notifier)
{
	const struct kvm_vcpu *vcpu = (const void *)(notifier - NOTIFIER);

	__builtin_memset(e->count, 0, sizeof(e->count));
	if (!vcpu_targeted(vcpu))
		return notifier + 1;
	e->kvm_now = BPF_CORE_READ(vcpu, stat.exits);
	e->kvm_before = e->kvm_now - 1;
	vcpu_describe(&e->who, vcpu);
	e->who.state = VGIC_VCPU_LIVING;
	return notifier;
}

/* The slot of @notifier, traced or not, wherever it is. (Bit 0 by addition: no "or" on pointers.)
 */
static __always_inline struct vgic_exits *exits_probe(__u64 notifier)
{
	__u32 home = exits_hash(notifier);

	for (__u32 i = 0; i < SLOT_PROBES; i++) {
		struct vgic_exits *e = exits_at(home + i);

		if (e->key == notifier || e->key == notifier + 1)
			return e;
		if (e->key == VGIC_EXITS_FREE)
			break;
	}
	return NULL;
}

/* Where the running vCPU is not in the place that its hash names. NULL: it is not traced. */
static __noinline struct vgic_exits *exits_search(void)
{
	const struct task_struct *task = (const void *)bpf_get_current_task_btf();
	__u64 notifier = (__u64)BPF_CORE_READ(task, preempt_notifiers.first);
	struct vgic_exits *e = notifier ? exits_probe(notifier) : NULL;
	__u32 home = exits_hash(notifier);

	for (__u32 i = 0; i < SLOT_PROBES && !e && notifier; i++) {
		struct vgic_exits *free = exits_at(home + i);
		__u64 old = free->key;

		if (!is_claimable(old))
			continue;
		/* Claimed untraced first: the key that is looked for comes last. */
		if (__sync_val_compare_and_swap(&free->key, old, notifier + 1) != old)
			continue;
		__sync_lock_test_and_set(&free->key, exits_init(free, notifier));
		e = free;
	}
	if (!e && (!notifier || vcpu_targeted((const void *)(notifier - NOTIFIER))))
		__sync_fetch_and_add(&lost, 1);
	return e && e->key == notifier ? e : NULL;
}

/* @notifier: of the running vCPU, as a typed program has it. */
static __always_inline void exit_seen(__u64 notifier, __u32 code, __u32 class)
{
	struct vgic_exits *e = exits_at(exits_hash(notifier));
	__u32 reason;

	if (!notifier || e->key != notifier) {
		if (notifier && e->key == notifier + 1)
			return; /* other tenants' guests pay no more than this */
		e = exits_search();
		if (!e)
			return;
	}
	reason = exit_reason(code, class);
	if (reason < VGIC_NR_EXITS)
		e->count[reason]++;
}

/* The last moment of a vCPU. */
static __always_inline void exits_end(__u64 ptr)
{
	const struct kvm_vcpu *vcpu = (const void *)ptr;
	struct vgic_exits *e = exits_probe(ptr + NOTIFIER);

	if (!e)
		return;
	if (e->key != ptr + NOTIFIER) {
		e->key = VGIC_EXITS_USED;
		return;
	}
	/* In this order: who asks for KVM's count at the same time finds it taken. */
	__sync_lock_test_and_set(&e->key, VGIC_EXITS_ENDED);
	e->kvm_now = BPF_CORE_READ(vcpu, stat.exits);
	publish(&e->who.state, VGIC_VCPU_DEAD);
}

/* KVM's own count of the vCPUs that are seen: of so many slots at a time that it can be verified.
 */
static __always_inline void ask_kvm(__u32 first)
{
	for (__u32 i = 0; i < VGIC_EXITS_BATCH; i++) {
		struct vgic_exits *e = exits_at(first + i);
		__u64 key = e->key, now;

		if (key <= VGIC_EXITS_ENDED || key & 1)
			continue;
		now = BPF_CORE_READ((const struct kvm_vcpu *)(key - NOTIFIER), stat.exits);
		if (*(volatile __u64 *)&e->key == key) /* not gone while it was read */
			e->kvm_now = now;
	}
}

#endif
