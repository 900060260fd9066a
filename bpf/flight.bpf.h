/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access in flight: which stages are measured, what a slot knows between boundaries, how one
 * that never came to its end is settled, and what is recorded of one that did.
 */
#ifndef FLIGHT_BPF_H
#define FLIGHT_BPF_H

#include "cell.bpf.h"

/*
 * Every body takes the stages as a constant: for the two profiles that have programs of their own,
 * what they do not measure is not even compiled. All others ask use_stages, afresh each time: so
 * the verifier knows its value at every branch, which it does not once clang has it share a stack
 * slot.
 */
#define STAGES_LITE (1u << VGIC_BUS)
#define STAGES_DEFAULT (1u << VGIC_LOOKUP | 1u << VGIC_DEVICE | 1u << VGIC_BUS)
#define STAGES_ASKED (~0u)

#define STAGES (stages == STAGES_ASKED ? use_stages : stages)
#define STAGE(name) (STAGES & (1u << VGIC_##name))

/* For the lite profile only the bus is hooked, at its entry and its return (T2, T7). */
#define BUS_ALONE (STAGES == STAGES_LITE)
/* In place of the address of the access in flight: a device hooked besides has counted it. */
#define ADDR_TAKEN (1ULL << 62)

static __always_inline __u64 stamp(const __u32 stages)
{
	return STAGES ? bpf_ktime_get_ns() : 0;
}

static __always_inline struct vgic_slot *slot_of_task(void)
{
	struct vgic_task *t = task_get(false);

	return t && t->slot ? slot_at(t->slot - 1) : NULL;
}

static __always_inline void task_set_slot(const struct vgic_slot *s)
{
	struct vgic_task *t = task_get(true);

	if (t)
		t->slot = slot_index(s) + 1;
}

static __always_inline void task_set_end(__u64 now, __u32 cell_no)
{
	struct vgic_task *t = task_get(true);

	if (t) {
		t->t_end = now;
		t->cell = cell_no;
	}
}

/* Address and direction in one: guest addresses have 52 bits at most. */
static __always_inline __u64 addr_op(__u64 addr, __u32 op)
{
	return op == VGIC_WRITE ? ~addr : addr;
}

static __always_inline __u32 op_of(__u64 addr_op)
{
	return addr_op >> 63;
}

static __always_inline __u64 addr_of(__u64 addr_op)
{
	return op_of(addr_op) ? ~addr_op : addr_op;
}

/*
 * An access that was in flight when the vCPU made the next one, or left KVM_RUN without an MMIO
 * exit: the kernel took it. Either no hooked device did, or the hook at the device's exit was
 * missed.
 */
static __noinline int settle(struct vgic_slot *s)
{
	const __u32 stages = STAGES_ASKED;
	struct vgic_cell *c;
	__u32 op, no = 0;
	__u64 addr;

	if (!s)
		return 0;
	op = op_of(s->addr);
	addr = addr_of(s->addr);
	if (s->dev && s->kind == VGIC_NO_KIND)
		no = cell_of_iodev(s, s->dev, addr, op);
	else if (s->dev)
		no = cell_of_address(s, addr, s->kind, op);
	else if (s->cell)
		count_loss(VGIC_LOST_NO_END); /* counted at T6; only T7 was missed */
	else if (BUS_ALONE)
		no = cell_of_bus(s, addr, op);
	else
		no = cell_of_address(s, addr, VGIC_UNKNOWN, op);
	c = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	if (c) {
		c->count++;
		if (c->key.kind != VGIC_UNKNOWN) {
			c->nr_untimed++;
			count_loss(VGIC_LOST_NO_END);
		}
	}
	slot_idle(s);
	return 0;
}

/* @stage's lat in a cell. */
#define LAT(cell, stage) \
	(&(cell)->lats[stages == STAGES_ASKED \
			       ? use_lat_pos[VGIC_##stage] \
			       : __builtin_popcount(stages & ((1u << VGIC_##stage) - 1))])

/* All stages that end at or before T6. */
static __always_inline void record_stages(const __u32 stages, const struct vgic_slot *s,
					  struct vgic_cell *c, __u64 now, __u64 t_bus)
{
	if (STAGE(LOOKUP))
		lat_record(LAT(c, LOOKUP), s->t_dev - t_bus);
	if (STAGE(DEVICE))
		lat_record(LAT(c, DEVICE), now - s->t_dev);
	if (STAGE(BUS))
		lat_record(LAT(c, BUS), now - t_bus);
	if ((STAGE(DECODE) || STAGE(HANDLER)) && s->kind == VGIC_NO_KIND && s->t_reg) {
		if (STAGE(DECODE))
			lat_record(LAT(c, DECODE), s->t_reg - s->t_dev);
		if (STAGE(HANDLER))
			lat_record(LAT(c, HANDLER), now - s->t_reg);
	}
	if (STAGE(TRAP) && s->t_trap)
		lat_record(LAT(c, TRAP), t_bus - s->t_trap);
}

#endif
