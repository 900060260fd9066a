/* SPDX-License-Identifier: GPL-2.0-only */
/* What a vCPU leaves behind: accesses that go to user space, and its own end. */
#ifndef VCPU_BPF_H
#define VCPU_BPF_H

#include "flight.bpf.h"

/*
 * The vCPU leaves KVM_RUN. Whether with an access for the VMM to complete, KVM's own counter tells:
 * run->exit_reason and mmio_needed may be left from an earlier exit. A vCPU not seen before is
 * looked at only if it may be leaving for that.
 */
static __always_inline void vcpu_put_seen(__u64 ptr)
{
	const __u32 stages = STAGES_ASKED;
	const struct kvm_vcpu *vcpu = (const void *)ptr;
	__u64 exits = BPF_CORE_READ(vcpu, stat.mmio_exit_user);
	struct vgic_slot *s = slot_get(ptr, SLOT_FIND);
	const struct kvm_run *run;
	struct vgic_cell *c;
	__u32 no;

	if (!s) {
		s = BPF_CORE_READ(vcpu, mmio_needed) ? slot_get(ptr, SLOT_COUNT) : NULL;
		if (!s)
			return;
		s->user_exits = exits - 1;
	}
	if (STAGE(RESUME)) {
		struct vgic_task *t = task_get(false);

		if (t)
			t->t_end = 0;
	}
	if (s->user_exits != exits) {
		run = BPF_CORE_READ(vcpu, run);
		no = cell_of_address(s, BPF_CORE_READ(run, mmio.phys_addr), VGIC_USER,
				     BPF_CORE_READ(run, mmio.is_write) & 1);
		c = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
		if (c)
			c->count += exits - s->user_exits;
		s->user_exits = exits;
		slot_idle(s);
	} else if (s->t_bus | s->dev) {
		settle(s);
	}
}

/* The last moment of a vCPU: KVM's own counters of it go with it, and its slot becomes free. */
static __always_inline void vcpu_gone(__u64 ptr)
{
	const struct kvm_vcpu *vcpu = (const void *)ptr;
	struct vgic_slot *s = slot_probe(ptr);
	struct vgic_vcpu *v;

	/* Not always its VMM's thread that comes here: the slot knows better. */
	if (s ? s->no || s->no_room : vcpu_targeted(vcpu)) {
		__sync_fetch_and_add(&globals.dead_exits_kernel,
				     BPF_CORE_READ(vcpu, stat.mmio_exit_kernel));
		__sync_fetch_and_add(&globals.dead_exits_user,
				     BPF_CORE_READ(vcpu, stat.mmio_exit_user));
	}
	if (!s)
		return;
	if (s->no && (s->t_bus | s->dev))
		settle(s);
	v = bpf_map_lookup_elem(&vcpus, &s->no);
	if (s->no && v)
		publish(&v->state, VGIC_VCPU_DEAD);
	s->vcpu = VGIC_SLOT_DEAD;
}

#endif
