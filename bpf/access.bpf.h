/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens at each boundary of an access; access.bpf.c has the programs around it.
 *
 * The clock is read first thing in every program, by its stub, and the work that can wait is done
 * behind the last boundary, so that as little as possible lies inside a measured stage. Nothing
 * between T2 and T6 is ever nested on arm64: kvm_io_bus_{read,write} are called for guest accesses
 * only. Lookups for MSIs (kvm_io_bus_get_dev) and the VMM's register accesses (vgic_uaccess) do not
 * pass the hooked functions, but for vgic_get_mmio_region, where the device in flight is asked for.
 */
#ifndef ACCESS_BPF_H
#define ACCESS_BPF_H

#include "flight.bpf.h"

/* T2 */
static __always_inline void bus_enter(const __u32 stages, __u64 now, __u64 vcpu, __u64 addr,
				      __u32 op, bool by_task)
{
	struct vgic_slot *s = slot_at(slot_hash(vcpu));

	if (s->vcpu != vcpu) {
		if (s->vcpu == vcpu + VGIC_SLOT_UNTRACED)
			return;
		s = slot_search(vcpu, SLOT_MAKE);
		if (!s)
			return;
		now = stamp(stages); /* making or finding a slot is no part of the lookup */
	}
	if (s->t_bus)
		settle(s);
	s->t_bus = now;
	s->addr = addr_op(addr, op);
	if (STAGE(TRAP)) {
		struct vgic_task *t = task_get(false);

		s->t_trap = t ? t->t_trap : 0;
	}
	if (STAGE(RETURN) && by_task)
		task_set_slot(s);
}

/* T4. May come more than once in an access: an ioeventfd whose datamatch fails passes it on. */
static __always_inline void dev_enter(const __u32 stages, __u64 now, __u64 vcpu, __u64 dev,
				      __u64 addr, __u32 op, __u32 kind, bool by_task)
{
	/* A kretprobe has no vCPU to look up: what there is no room for is then counted here. */
	struct vgic_slot *s = slot_get(vcpu, by_task ? SLOT_COUNT : SLOT_MAKE);

	if (!s)
		return;
	if (s->dev || s->addr != addr_op(addr, op) || (STAGE(RETURN) && s->cell)) {
		/*
		 * T2 was missed, or is not hooked. Or this is the next device of the same access,
		 * and the exit of one that passed it on was missed: then there is nothing to
		 * settle.
		 */
		bool is_same = s->t_bus && !s->cell && s->addr == addr_op(addr, op);

		if (!is_same && (s->t_bus | s->dev))
			settle(s);
		s->addr = addr_op(addr, op);
		s->kind = VGIC_NO_KIND;
	}
	s->t_dev = now;
	s->dev = dev;
	if (kind != VGIC_NO_KIND)
		s->kind = kind;
	if (STAGE(DECODE) || STAGE(HANDLER))
		s->t_reg = 0;
	if (by_task)
		task_set_slot(s);
}

/* T5: vgic_get_mmio_region() returned, for the device in flight and not for a VMM's uaccess. */
static __always_inline void region_found(__u64 now, struct vgic_slot *s, __u64 iodev)
{
	if (s && s->dev && s->dev == iodev + bpf_core_field_offset(struct vgic_io_device, dev))
		s->t_reg = now;
}

/* T6. The access is counted here, where its cost no longer lies inside any stage. */
static __always_inline void dev_exit(const __u32 stages, __u64 now, struct vgic_slot *s, __u64 dev,
				     __u64 addr, __u32 op, __u32 kind, __s32 ret)
{
	const bool needs_dev = STAGE(LOOKUP) || STAGE(DEVICE) || STAGE(DECODE) || STAGE(HANDLER);
	struct vgic_cell *c;
	__u64 t_bus, seen;

	seen = s->dev;
	if (stages != STAGES_LITE) /* whose programs leave the device's entry out */
		s->dev = 0;
	if (kind != VGIC_NO_KIND)
		s->kind = VGIC_NO_KIND;
	if (ret)
		return; /* not taken: the bus asks the next device */
	c = cell_of(s, dev, addr, op, kind);
	t_bus = s->t_bus;
	if (!needs_dev && s->addr != addr_op(addr, op))
		t_bus = 0; /* T2 was missed; where T4 is hooked, it has seen to that */
	if (!STAGE(RETURN) || !c)
		s->t_bus = 0;
	if (!c)
		return;
	c->count++;
	if (!STAGES)
		return;
	if (!t_bus || (needs_dev && seen != dev)) {
		c->nr_untimed++;
		count_loss(VGIC_LOST_NO_START);
		s->t_bus = 0;
		return;
	}
	record_stages(stages, s, c, now, t_bus);
	if (STAGE(RETURN)) {
		s->t_end = now;
		s->cell = c->no;
	} else if (STAGE(RESUME)) {
		task_set_end(now, c->no);
	}
}

/* The counts profile's one hook at a device. */
static __always_inline void dev_count(struct vgic_slot *s, __u64 dev, __u64 addr, __u32 op)
{
	struct vgic_cell *c = cell_of(s, dev, addr, op, VGIC_NO_KIND);

	if (c)
		c->count++;
}

/* T7, hooked for stage "return" only. User accesses are counted when they leave KVM_RUN. */
static __always_inline void bus_exit(const __u32 stages, __u64 now, struct vgic_slot *s, __s32 ret,
				     __u32 op)
{
	struct vgic_cell *c;
	__u32 no;

	if (!s || !s->t_bus)
		return;
	no = s->cell;
	if (s->dev) {
		settle(s);
		return;
	}
	if (!no)
		no = cell_of_address(s, addr_of(s->addr), ret ? VGIC_USER : VGIC_UNKNOWN, op);
	c = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	if (c) {
		if (s->cell)
			lat_record(LAT(c, RETURN), now - s->t_end);
		else if (!ret)
			c->count++;
		if (!ret && STAGE(RESUME))
			task_set_end(now, no);
	}
	s->t_bus = 0;
	s->cell = 0;
}

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

static __always_inline void trapped(__u64 now)
{
	struct vgic_task *t = task_get(true);

	if (t) {
		t->t_trap = now;
		t->t_end = 0;
	}
}

/* T9 */
static __always_inline void resumed(const __u32 stages, __u64 now)
{
	struct vgic_task *t = task_get(false);
	struct vgic_cell *c;

	if (!t || !t->t_end)
		return;
	c = bpf_map_lookup_elem(&cells, &t->cell);
	if (c && STAGE(RESUME))
		lat_record(LAT(c, RESUME), now - t->t_end);
	t->t_end = 0;
}

#endif
