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
	const bool is_told = by_task && BUS_ALONE; /* the kretprobe has no vCPU to look up */

	if (s->vcpu != vcpu) {
		if (s->vcpu == vcpu + VGIC_SLOT_UNTRACED && !is_told)
			return;
		s = slot_search(vcpu, is_told ? SLOT_COUNT : SLOT_MAKE);
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
	if (by_task && (STAGE(RETURN) || BUS_ALONE))
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

/* A boundary was missed. */
static __noinline int count_untimed(struct vgic_slot *s, __u64 dev, __u64 addr, __u32 op,
				    __u32 kind)
{
	struct vgic_cell *c = s ? cell_of(s, dev, addr, op & 1, kind) : NULL;

	if (c) {
		c->count++;
		c->nr_untimed++;
		count_loss(VGIC_LOST_NO_START);
	}
	return 0;
}

/*
 * T6. The access is counted here, where its cost no longer lies inside any stage. For the default
 * profile the times are worked out before the cell is looked for, while they are still at hand.
 */
static __always_inline void dev_exit(const __u32 stages, __u64 now, struct vgic_slot *s, __u64 dev,
				     __u64 addr, __u32 op, __u32 kind, __s32 ret)
{
	const bool needs_dev = STAGE(LOOKUP) || STAGE(DEVICE) || STAGE(DECODE) || STAGE(HANDLER);
	__u64 seen = s->dev, t_bus = s->t_bus, lookup, device;
	struct vgic_cell *c;

	s->dev = 0;
	if (kind != VGIC_NO_KIND)
		s->kind = VGIC_NO_KIND;
	if (ret)
		return; /* not taken: the bus asks the next device */
	if (!STAGE(RETURN))
		s->t_bus = 0;
	if (STAGES && (!t_bus || (needs_dev ? seen != dev : s->addr != addr_op(addr, op)))) {
		s->t_bus = 0;
		count_untimed(s, dev, addr, op, kind);
		if (BUS_ALONE)
			s->addr = ADDR_TAKEN;
		return;
	}
	lookup = s->t_dev - t_bus;
	device = now - s->t_dev;
	if (stages == STAGES_DEFAULT) {
		barrier_var(lookup);
		barrier_var(device);
	}
	c = cell_of(s, dev, addr, op, kind);
	if (BUS_ALONE)
		s->addr = ADDR_TAKEN;
	if (!c) {
		if (STAGE(RETURN))
			s->t_bus = 0;
		return;
	}
	c->count++;
	if (stages == STAGES_DEFAULT) {
		lat_record(LAT(c, LOOKUP), lookup);
		lat_record(LAT(c, DEVICE), device);
		lat_record(LAT(c, BUS), lookup + device);
		return;
	}
	if (!STAGES)
		return;
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

/* T7 of the lite profile, of an access that the kernel took. */
static __always_inline void bus_end(__u64 now, struct vgic_slot *s, __u64 addr, __u32 op)
{
	const __u32 stages = STAGES_LITE;
	__u64 t_bus = s->t_bus, ns = now - t_bus;
	struct vgic_cell *c;

	s->t_bus = 0;
	if (!t_bus || s->addr != addr_op(addr, op)) {
		if (s->addr != ADDR_TAKEN)
			count_untimed(s, 0, addr, op, VGIC_NO_KIND);
		s->addr = 0;
		return;
	}
	barrier_var(ns);
	c = cell_of(s, 0, addr, op, VGIC_NO_KIND);
	if (!c)
		return;
	c->count++;
	lat_record(LAT(c, BUS), ns);
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
