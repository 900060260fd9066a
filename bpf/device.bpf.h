/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of the VGIC on KVM's MMIO bus, as one that took an access, or at an address. */
#ifndef DEVICE_BPF_H
#define DEVICE_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "kvm.bpf.h"
#include "vgic_ids.h"

#define BUS_SEARCH_STEPS 10 /* of at most 1,000 ranges */

/*
 * In a split redistributor (kvm.bpf.h) the SGI frame is told from the RD frame by its place in the
 * vCPU; their addresses do not tell, the base is aligned to 64K only.
 */
static __always_inline bool is_split_sgi_frame(const struct vgic_io_device *iodev, __u32 type)
{
	if (!bpf_core_field_exists(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev) ||
	    type != IODEV_REDIST)
		return false;
	return (__u64)iodev ==
	       (__u64)BPF_CORE_READ(iodev, redist_vcpu) +
		       bpf_core_field_offset(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev);
}

/* @model: of the guest's GIC. */
static __always_inline __u32 iodev_kind(__u32 iodev_type, __u32 model)
{
	switch (iodev_type) {
	case IODEV_CPUIF:
		return VGIC_CPUIF;
	case IODEV_DIST:
		return model == 2 ? VGIC_DIST_V2 : VGIC_DIST_V3;
	case IODEV_REDIST:
		return VGIC_REDIST;
	default:
		return VGIC_ITS;
	}
}

/* The device at @addr; NULL: none. */
static __always_inline const struct kvm_io_device *bus_find(const struct kvm_io_bus *bus,
							    __u64 addr)
{
	const __u64 ranges = (__u64)bus + bpf_core_field_offset(struct kvm_io_bus, range);
	__u32 low = 0, high = BPF_CORE_READ(bus, dev_count), middle;
	const struct kvm_io_range *range;

	for (__u32 i = 0; i < BUS_SEARCH_STEPS && low < high; i++) {
		middle = (low + high) / 2;
		range = (const void *)(ranges + middle * bpf_core_type_size(struct kvm_io_range));
		if (BPF_CORE_READ(range, addr) <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	range = (const void *)(ranges + (low - 1) * bpf_core_type_size(struct kvm_io_range));
	if (!low || addr - BPF_CORE_READ(range, addr) >= (__u32)BPF_CORE_READ(range, len))
		return NULL;
	return BPF_CORE_READ(range, dev);
}

#endif
