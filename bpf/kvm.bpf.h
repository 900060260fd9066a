/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types as far as the programs look into them (CO-RE: the loader finds the offsets in
 * the running kernel's BTF). KVM/arm64 of Linux 4.8 and later, where it has BTF.
 */
#ifndef KVM_BPF_H
#define KVM_BPF_H

#include <linux/types.h>
#include <stdbool.h>

#define __core __attribute__((preserve_access_index))

typedef __u64 gpa_t;

struct mm_struct;

struct hlist_node {
	struct hlist_node *next;
} __core;

struct hlist_head {
	struct hlist_node *first;
} __core;

struct preempt_notifier {
	struct hlist_node link;
} __core;

struct task_struct {
	struct task_struct *group_leader;
	struct mm_struct *mm;
	int tgid;
	__u64 start_boottime;
	struct hlist_head preempt_notifiers;
	char comm[16];
} __core;

struct qstr {
	const unsigned char *name;
} __core;

struct dentry {
	struct qstr d_name;
} __core;

struct list_head {
	struct list_head *next;
} __core;

struct kvm_io_device {
	const void *ops;
} __core;

enum iodev_type {
	IODEV_CPUIF,
	IODEV_DIST,
	IODEV_REDIST,
	IODEV_ITS,
};

struct vgic_io_device {
	gpa_t base_addr;
	union {
		struct kvm_vcpu *redist_vcpu;
		struct vgic_its *its;
	};
	enum iodev_type iodev_type;
	struct kvm_io_device dev;
} __core;

struct vgic_dist {
	bool ready;
	__u32 vgic_model; /* KVM_DEV_TYPE_ARM_VGIC_V2, _V3 */
	struct vgic_io_device dist_iodev;
} __core;

struct kvm_arch {
	struct vgic_dist vgic;
} __core;

struct kvm_io_range {
	gpa_t addr;
	int len;
	struct kvm_io_device *dev;
} __core;

/* 6.18 put an rcu_head before range[]. */
struct kvm_io_bus {
	int dev_count;
	struct kvm_io_range range[0];
} __core;

struct kvm {
	struct mm_struct *mm;
	struct {
		int counter;
	} online_vcpus;
	struct kvm_io_bus *buses[1]; /* KVM_MMIO_BUS is the first */
	struct list_head devices;
	struct dentry *debugfs_dentry;
	struct kvm_arch arch;
} __core;

struct kvm_vcpu_stat {
	__u64 mmio_exit_kernel;
	__u64 mmio_exit_user;
	__u64 exits;
} __core;

/* UAPI, shared with the VMM. */
struct kvm_run {
	struct {
		__u64 phys_addr;
		__u8 data[8];
		__u32 len;
		__u8 is_write;
	} mmio;
} __core;

struct vgic_cpu {
	struct vgic_io_device rd_iodev;
} __core;

struct kvm_vcpu_arch {
	struct vgic_cpu vgic_cpu;
} __core;

struct kvm_vcpu {
	struct kvm *kvm;
	struct preempt_notifier preempt_notifier;
	int vcpu_id;
	struct kvm_run *run;
	int mmio_needed;
	struct kvm_vcpu_stat stat;
	struct kvm_vcpu_arch arch;
} __core;

struct vgic_its {
	gpa_t vgic_its_base;
	struct vgic_io_device iodev;
} __core;

/*
 * Linux 4.8..5.3 (and distributions that backport BTF to them) register a redistributor as two
 * devices, RD and SGI frame; fc396e066318 ("KVM: arm/arm64: vgic: Use a single IO device per
 * redistributor") made it one.
 */
struct vgic_cpu___split {
	struct vgic_io_device sgi_iodev;
} __core;

struct kvm_vcpu_arch___split {
	struct vgic_cpu___split vgic_cpu;
} __core;

struct kvm_vcpu___split {
	struct kvm_vcpu_arch___split arch;
} __core;

#define KVM_DEV_TYPE_ARM_VGIC_V2 5
#define KVM_DEV_TYPE_ARM_VGIC_V3 7

#endif
