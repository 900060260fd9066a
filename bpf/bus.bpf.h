/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types on the way from a process to its VMs' buses (see kvm.bpf.h), and what is what
 * on a bus.
 */
#ifndef BUS_BPF_H
#define BUS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "vgic_ids.h"
#include "kvm.bpf.h"

struct file_operations {
	void *release;
} __core;

struct path {
	struct dentry *dentry;
} __core;

struct file {
	struct path f_path;
	const struct file_operations *f_op;
	void *private_data;
} __core;

struct bpf_iter__task_file {
	struct task_struct *task;
	struct file *file;
} __core;

struct kvm_io_device_ops {
	void *read;
	void *write;
} __core;

struct kvm_device_ops {
	const char *name;
} __core;

struct kvm_device {
	const struct kvm_device_ops *ops;
	void *private;
	struct list_head vm_node;
} __core;

/* From Linux 6.19 on a GICv2's CPU interface is a device of its own. */
struct vgic_dist___cpuif {
	struct vgic_io_device cpuif_iodev;
} __core;

struct kvm_arch___cpuif {
	struct vgic_dist___cpuif vgic;
} __core;

struct kvm___cpuif {
	struct kvm_arch___cpuif arch;
} __core;

enum kvm_device_type___v5 {
	KVM_DEV_TYPE_ARM_VGIC_V5 = 16,
};

/*
 * Which part of the VGIC it is, told by where it lies: in the VM, in the vCPU or in the ITS that it
 * says it belongs to. VGIC_UNKNOWN: none.
 */
static __always_inline __u32 vgic_kind(__u64 kvm, __u32 gic, __u64 dev, __u32 *vcpu)
{
	const struct vgic_io_device *iodev =
		(const void *)(dev - bpf_core_field_offset(struct vgic_io_device, dev));
	const struct kvm_vcpu *owner = BPF_CORE_READ(iodev, redist_vcpu);
	__u64 at = dev - (__u64)owner;

	if (dev == kvm + bpf_core_field_offset(struct kvm, arch.vgic.dist_iodev.dev))
		return gic == 2 ? VGIC_DIST_V2 : VGIC_DIST_V3;
	if (bpf_core_field_exists(struct kvm___cpuif, arch.vgic.cpuif_iodev) &&
	    dev == kvm + bpf_core_field_offset(struct kvm___cpuif, arch.vgic.cpuif_iodev.dev))
		return VGIC_CPUIF;
	if (at == bpf_core_field_offset(struct vgic_its, iodev.dev) &&
	    BPF_CORE_READ(iodev, iodev_type) == IODEV_ITS)
		return VGIC_ITS;
	if (at != bpf_core_field_offset(struct kvm_vcpu, arch.vgic_cpu.rd_iodev.dev) &&
	    !(bpf_core_field_exists(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev) &&
	      at == bpf_core_field_offset(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev.dev)))
		return VGIC_UNKNOWN;
	if ((__u64)BPF_CORE_READ(owner, kvm) != kvm)
		return VGIC_UNKNOWN;
	*vcpu = BPF_CORE_READ(owner, vcpu_id);
	return VGIC_REDIST;
}

/* The @i-th place on a bus, and the function that takes the accesses to the device there. */
struct place {
	__u64 base, dev, function;
	__u32 len;
};

static __always_inline void read_place(__u64 bus, __u32 i, struct place *place)
{
	const struct kvm_io_range *range =
		(const void *)(bus + bpf_core_field_offset(struct kvm_io_bus, range) +
			       (__u64)i * bpf_core_type_size(struct kvm_io_range));
	struct kvm_io_device *dev = BPF_CORE_READ(range, dev);
	const struct kvm_io_device_ops *ops = BPF_CORE_READ(dev, ops);

	place->base = BPF_CORE_READ(range, addr);
	place->len = BPF_CORE_READ(range, len);
	place->dev = (__u64)dev;
	place->function = (__u64)BPF_CORE_READ(ops, write);
	if (!place->function)
		place->function = (__u64)BPF_CORE_READ(ops, read);
}

static __always_inline __u64 place_sum(const struct place *place)
{
	return ((place->base * 31 + place->dev) * 31 + place->function) * 31 + place->len;
}

#endif
