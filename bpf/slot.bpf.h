/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: the access in flight, per vCPU. Found by the vCPU's address, so that an access may sleep
 * and migrate, and VMs of one process stay apart. The vCPU's own thread makes its slot at its first
 * access; its destruction gives the slot free.
 */
#ifndef SLOT_BPF_H
#define SLOT_BPF_H

#include "maps.bpf.h"

#define SLOT_PROBES 32

/* Of all slots. */
static __always_inline __u32 slot_hash(__u64 vcpu)
{
	return vcpu_hash(vcpu, 12);
}
_Static_assert(VGIC_NR_SLOTS == 1 << 12, "slot_hash() yields all slots");

static __always_inline struct vgic_slot *slot_at(__u32 i)
{
	return &slots[i & (VGIC_NR_SLOTS - 1)];
}

static __always_inline __u32 slot_index(const struct vgic_slot *s)
{
	return ((__u64)s - (__u64)slots) / sizeof(*s);
}

/* A record for a vCPU not seen before; 0 = no room. */
static __always_inline __u32 vcpu_record(const struct kvm_vcpu *vcpu)
{
	__u32 no = pool_take(&globals.nr_vcpus, use_max_vcpus, &free_vcpus);
	struct vgic_vcpu *v = no ? bpf_map_lookup_elem(&vcpus, &no) : NULL;

	if (!v)
		return 0;
	vcpu_describe(v, vcpu);
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
