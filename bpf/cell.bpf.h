/* SPDX-License-Identifier: GPL-2.0-only */
/* From an access to the cell that counts it: which device, which register range. */
#ifndef CELL_BPF_H
#define CELL_BPF_H

#include "slot.bpf.h"

/* Linux 6.2; lets typed programs follow a pointer without a helper call. */
extern void *bpf_rdonly_cast(const void *obj__ign, __u32 btf_id__k) __ksym __weak;

/* What a device is, by the vgic_io_device around its kvm_io_device. */
struct iodev {
	__u64 ptr;
	__u64 base;
	__u32 type;
};

static __always_inline void iodev_read(struct iodev *d, __u64 dev, bool typed)
{
	struct vgic_io_device *iodev;

	d->ptr = dev - bpf_core_field_offset(struct vgic_io_device, dev);
	iodev = (void *)d->ptr;
	if (typed) {
		iodev = bpf_rdonly_cast(iodev, bpf_core_type_id_kernel(struct vgic_io_device));
		d->base = iodev->base_addr;
		d->type = iodev->iodev_type;
	} else {
		d->base = BPF_CORE_READ(iodev, base_addr);
		d->type = BPF_CORE_READ(iodev, iodev_type);
	}
}

static __always_inline bool is_split_sgi_frame(const struct iodev *d, __u32 kind)
{
	struct vgic_io_device *iodev = (void *)d->ptr;

	if (!bpf_core_field_exists(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev) ||
	    kind != VGIC_REDIST)
		return false;
	return d->ptr == (__u64)BPF_CORE_READ(iodev, redist_vcpu) +
			 bpf_core_field_offset(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev);
}

/* Slow path: the cell behind @key, made where there is none. 0 = no room. */
static __noinline __u32 cell_search(struct vgic_cell_key *key, __u64 base)
{
	struct vgic_io_device *iodev = (void *)key->id;
	__u32 *found, no;
	struct vgic_cell *c;

	found = bpf_map_lookup_elem(&cell_index, key);
	if (found)
		return *found;
	no = pool_take(&globals.nr_cells, use_max_cells, &free_cells);
	c = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	if (!c || bpf_map_update_elem(&cell_index, key, &no, BPF_NOEXIST)) {
		count_loss(VGIC_LOST_NO_CELL);
		return 0;
	}
	c->base = base;
	c->target = VGIC_NO_TARGET;
	if (key->kind == VGIC_REDIST)
		c->target = BPF_CORE_READ(iodev, redist_vcpu, vcpu_id);
	c->key.id = key->id;
	c->key.kind = key->kind;
	c->key.range = key->range;
	c->key.op = key->op;
	*(volatile __u32 *)&c->key.vcpu = key->vcpu; /* last: user space takes it as "in use" */
	return no;
}

/* The number of the cell for @s, or 0. The slot remembers the last cell of each range and op. */
static __always_inline __u32 cell_find(struct vgic_slot *s, __u64 id, __u64 base, __u32 kind,
				       __u32 range, __u32 op, struct vgic_cell **cell)
{
	__u16 *cells_of_range = s->cells[range & (VGIC_SLOT_RANGES - 1)];
	struct vgic_cell_key key;
	__u32 no;

	/* One addition for the range, one for op: see cell_of_device(). */
	barrier_var(cells_of_range);
	no = cells_of_range[op];
	*cell = bpf_map_lookup_elem(&cells, &no);
	if (*cell && (*cell)->key.id == id)
		return no;
	__builtin_memset(&key, 0, sizeof(key));
	key.id = id;
	key.vcpu = s->no;
	key.kind = kind;
	key.range = range;
	key.op = op;
	no = cell_search(&key, base);
	*cell = no ? bpf_map_lookup_elem(&cells, &no) : NULL;
	if (!*cell)
		return 0;
	cells_of_range[op] = no;
	return no;
}

/* The cell of an access by address: of a device without registers, or of none. */
static __always_inline __u32 cell_of_address(struct vgic_slot *s, __u64 addr, __u32 kind, __u32 op,
					     struct vgic_cell **cell)
{
	__u64 at = kind == VGIC_USER || kind == VGIC_UNKNOWN ? addr & ~0xfffULL : addr;

	return cell_find(s, at | VGIC_ID_ADDRESS, at, kind,
			 VGIC_RANGE_IOEVENTFD + kind - VGIC_IOEVENTFD, op, cell);
}

static __always_inline __u32 cell_of_device(struct vgic_slot *s, __u64 dev, __u64 addr, __u32 op,
					    struct vgic_cell **cell, bool typed)
{
	const volatile __u8 *ranges;
	__u32 kind, word;
	struct iodev d;

	iodev_read(&d, dev, typed);
	kind = s->kinds >> (8 * (d.type & 3)) & (VGIC_MAP_KINDS - 1);
	word = (addr - d.base) >> 2;
	if (is_split_sgi_frame(&d, kind))
		word += 0x10000 >> 2;
	word &= VGIC_NR_WORDS - 1;
	ranges = &range_map.range[kind << VGIC_WORDS_SHIFT];
	/* Two additions: Linux 6.1's verifier loses the bounds of the "or" clang would make of one. */
	barrier_var(ranges);
	return cell_find(s, d.ptr, d.base, kind, ranges[word], op, cell);
}

#endif
