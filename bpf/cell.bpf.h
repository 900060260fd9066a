/* SPDX-License-Identifier: GPL-2.0-only */
/* From an access to the cell that counts it: which device, which register range. */
#ifndef CELL_BPF_H
#define CELL_BPF_H

#include "device.bpf.h"
#include "slot.bpf.h"
#include "hist.bpf.h"

static __always_inline __u32 kind_of(const struct vgic_slot *s, __u32 iodev_type)
{
	struct vgic_vcpu *v = bpf_map_lookup_elem(&vcpus, &s->no);

	return iodev_kind(iodev_type, v ? v->model : 0);
}

/* The cell behind @key, made where there is none. 0 = no room. */
static __always_inline __u32 cell_get(const struct vgic_cell_key *key, __u64 base, __u32 target)
{
	__u32 *found, no;
	struct vgic_cell *c;

	found = bpf_map_lookup_elem(&cell_index, key);
	if (found)
		return *found;
	no = pool_take(&globals.nr_cells, use_max_cells, &free_cells);
	c = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	if (!c || bpf_map_update_elem(&cell_index, key, &no, BPF_NOEXIST)) {
		if (c)
			bpf_map_push_elem(&free_cells, &no, 0);
		count_loss(VGIC_LOST_NO_CELL);
		return 0;
	}
	for (__u32 i = 0; i < VGIC_NR_STAGES; i++)
		if (i < use_nr_lats)
			lat_init(&c->lats[i]);
	c->base = base;
	c->target = target;
	c->no = no;
	c->key.id = key->id;
	c->key.kind = key->kind;
	c->key.range = key->range;
	c->key.op = key->op;
	publish(&c->key.vcpu, key->vcpu);
	return no;
}

/* Slow path of cell_of(): the device is asked what it is. 0 = no room. */
static __noinline __u32 cell_of_iodev(struct vgic_slot *s, __u64 dev, __u64 addr, __u32 op)
{
	const struct vgic_io_device *iodev =
		(const void *)(dev - bpf_core_field_offset(struct vgic_io_device, dev));
	__u64 base = BPF_CORE_READ(iodev, base_addr);
	__u32 type = BPF_CORE_READ(iodev, iodev_type);
	__u32 word = (addr - base) >> 2, target = VGIC_NO_TARGET;
	const volatile __u8 *ranges;
	struct vgic_cell_key key;

	if (!s)
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	key.id = (__u64)iodev;
	key.vcpu = s->no;
	key.kind = kind_of(s, type);
	key.op = op;
	if (is_split_sgi_frame(iodev, type))
		word += 0x10000 >> 2;
	word &= VGIC_NR_WORDS - 1;
	ranges = &range_map.range[(key.kind & (VGIC_MAP_KINDS - 1)) << VGIC_WORDS_SHIFT];
	/* Two additions: Linux 6.1's verifier loses the bounds of the "or" clang would make of one.
	 */
	barrier_var(ranges);
	key.range = ranges[word];
	if (type == IODEV_REDIST)
		target = BPF_CORE_READ(iodev, redist_vcpu, vcpu_id);
	return cell_get(&key, base, target);
}

/* Slow path of an access by address: to a device without registers, or to none. */
static __noinline __u32 cell_of_address(struct vgic_slot *s, __u64 addr, __u32 kind, __u32 op)
{
	__u64 at = kind == VGIC_USER || kind == VGIC_UNKNOWN ? addr & ~0xfffULL : addr;
	struct vgic_cell_key key;

	if (!s)
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	key.id = at | VGIC_ID_ADDRESS;
	key.vcpu = s->no;
	key.kind = kind;
	key.range = VGIC_RANGE_IOEVENTFD + kind - VGIC_IOEVENTFD;
	key.op = op;
	return cell_get(&key, at, VGIC_NO_TARGET);
}

/*
 * Where only the bus is hooked, not its devices: who took the access that the kernel took? All VGIC
 * devices have the operations that the distributor has. 0 = no room.
 */
static __noinline __u32 cell_of_bus(struct vgic_slot *s, __u64 addr, __u32 op)
{
	const struct kvm_io_device *dev;
	const struct kvm_vcpu *vcpu;
	const struct kvm *kvm;

	if (!s)
		return 0;
	vcpu = (const void *)s->vcpu;
	kvm = BPF_CORE_READ(vcpu, kvm);
	dev = bus_find(BPF_CORE_READ(kvm, buses[0]), addr);
	if (!dev || BPF_CORE_READ(dev, ops) != BPF_CORE_READ(kvm, arch.vgic.dist_iodev.dev.ops))
		return cell_of_address(s, addr, VGIC_UNKNOWN, op);
	return cell_of_iodev(s, (__u64)dev, addr, op);
}

/* The cell of an access to a device, NULL: no room. @dev 0: it is to be found on the bus. */
static __always_inline struct vgic_cell *cell_of(struct vgic_slot *s, __u64 dev, __u64 addr,
						 __u32 op, __u32 kind)
{
	struct vgic_recent *r;
	__u32 no;

	if (kind != VGIC_NO_KIND) {
		no = cell_of_address(s, addr, kind, op);
		return no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	}
	r = (void *)s->recent[op] + VGIC_RECENT_AT(addr);
	if (r->addr != addr) {
		no = dev ? cell_of_iodev(s, dev, addr, op) : cell_of_bus(s, addr, op);
		r->cell = no;
		r->addr = no ? addr : ~0ULL;
		if (!no)
			return NULL;
	}
	return bpf_map_lookup_elem(&cells, &r->cell);
}

#endif
