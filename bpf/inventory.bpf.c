// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every VM of the host, and every device on its MMIO bus, whether it has traffic or not: walks the
 * open files of all processes. A VM is a file whose operations release it by kvm_vm_release(),
 * which is asked of the kernel's own symbol table: kvm_vm_fops is a data symbol, and kernels
 * without KALLSYMS_ALL (Debian 6.1) have no address for it. Nothing is hooked.
 *
 * The iterator holds a reference to the file, and so to the VM, while it is looked at; but not the
 * VM's SRCU lock, so the bus may be exchanged meanwhile: that is noticed, and said (VGIC_VM_TORN).
 *
 * Cannot see: a VM that no process has open (one that lives on by its vCPUs' files or in transit
 * over a socket only).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "vgic_inventory.h"
#include "bus.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 targ_pid; /* 0 = all processes */

#define MAX_BUS_DEVICES 65536 /* NR_IOBUS_DEVS is 1,000, but ioeventfds do not count there */
#define MAX_KVM_DEVICES 1024  /* KVM_CREATE_DEVICE knows no limit; a VM has a GIC and some ITSs */

struct vgic_inventory found;
__u64 vm_fops; /* the operations of a VM's file, once they are known */

/* key: number; value: a VM; bound: user space's guess, doubled where it does not do */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vgic_vm);
} vms SEC(".maps");

/* key: number; value: a device; those of a VM are neighbours; bound: as above */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vgic_bus_device);
} devices SEC(".maps");

/* key: a VM's address; value: its number. One VM may be open many times. Bound: as vms. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} seen SEC(".maps");

/* A walk over one VM's bus, or over its KVM devices. */
struct walk {
	__u64 kvm, bus;
	__u64 sum; /* of what was read off the bus */
	__u32 gic;
	__u32 first;
	__u64 node;
	__u32 nr_its;
};

static __always_inline bool begins(const char *s, const char *with, int n)
{
	for (int i = 0; i < n; i++)
		if (s[i] != with[i])
			return false;
	return true;
}

static __always_inline bool is_vm(const struct file *file)
{
	const struct file_operations *f_op = BPF_CORE_READ(file, f_op);
	char text[VGIC_SYMBOL_SZ] = "";

	if (vm_fops)
		return (__u64)f_op == vm_fops;
	/* The symbol takes a search; the name sorts out nearly all files. */
	bpf_probe_read_kernel_str(text, sizeof(text),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (!begins(text, "kvm-vm", sizeof("kvm-vm")))
		return false;
	BPF_SNPRINTF(text, sizeof(text), "%ps", BPF_CORE_READ(f_op, release));
	if (!begins(text, "kvm_vm_release", sizeof("kvm_vm_release") - 1))
		return false;
	vm_fops = (__u64)f_op;
	return true;
}

/* ---- Devices ---- */

/* For bpf_loop(): the @i-th device of the bus. */
static long add_device(__u32 i, struct walk *w)
{
	__u32 no = w->first + i, vcpu = VGIC_NO_VCPU;
	struct vgic_bus_device *d = bpf_map_lookup_elem(&devices, &no);
	struct place place;

	if (!d)
		return 1;
	read_place(w->bus, i, &place);
	w->sum = w->sum * 31 + place_sum(&place);
	d->base = place.base;
	d->len = place.len;
	d->kind = vgic_kind(w->kvm, w->gic, place.dev, &vcpu);
	d->vcpu = vcpu;
	d->symbol[0] = 0;
	if (d->kind == VGIC_UNKNOWN && place.function)
		BPF_SNPRINTF(d->symbol, sizeof(d->symbol), "%ps", place.function);
	return 0;
}

/* For bpf_loop(): the same place once more. */
static long check_device(__u32 i, struct walk *w)
{
	struct place place;

	read_place(w->bus, i, &place);
	w->sum = w->sum * 31 + place_sum(&place);
	return 0;
}

/*
 * A bus is replaced as a whole, and the old one freed: its address tells that, unless a third one
 * took the place of the first. So it is read twice, and has to be the same.
 */
static __always_inline void add_devices(struct walk *w, struct vgic_vm *vm)
{
	const struct kvm *kvm = (const void *)w->kvm;
	const struct kvm_io_bus *bus = BPF_CORE_READ(kvm, buses[0]);
	__s32 nr = bus ? BPF_CORE_READ(bus, dev_count) : 0;
	__u64 sum;

	w->bus = (__u64)bus;
	w->first = found.nr_devices;
	vm->first_device = w->first;
	if (nr < 0 || nr > MAX_BUS_DEVICES) {
		vm->flags |= VGIC_VM_TORN;
		return;
	}
	bpf_loop(nr, add_device, w, 0);
	vm->nr_devices = nr;
	found.nr_devices += nr;
	sum = w->sum;
	w->sum = 0;
	bpf_loop(nr, check_device, w, 0);
	if (w->sum != sum || BPF_CORE_READ(kvm, buses[0]) != bus ||
	    (bus && BPF_CORE_READ(bus, dev_count) != nr))
		vm->flags |= VGIC_VM_TORN;
}

/* For bpf_loop(): the next of the VM's KVM devices (not those of the bus). */
static long count_its(__u32 i, struct walk *w)
{
	const struct kvm_device *dev;
	const struct vgic_its *its;
	const struct list_head *node = (const void *)w->node;
	char name[24] = "";

	if (!node || w->node == w->kvm + bpf_core_field_offset(struct kvm, devices))
		return 1;
	dev = (const void *)(w->node - bpf_core_field_offset(struct kvm_device, vm_node));
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dev, ops, name));
	its = BPF_CORE_READ(dev, private);
	if (begins(name, "kvm-arm-vgic-its", sizeof("kvm-arm-vgic-its")) &&
	    BPF_CORE_READ(its, vgic_its_base) != ~0ULL)
		w->nr_its++;
	w->node = (__u64)BPF_CORE_READ(node, next);
	return 0;
}

/* ---- VMs ---- */

static __always_inline __u32 gic_version(const struct kvm *kvm)
{
	__u32 model = BPF_CORE_READ(kvm, arch.vgic.vgic_model);

	if (model == KVM_DEV_TYPE_ARM_VGIC_V2)
		return 2;
	if (model == KVM_DEV_TYPE_ARM_VGIC_V3)
		return 3;
	if (bpf_core_enum_value_exists(enum kvm_device_type___v5, KVM_DEV_TYPE_ARM_VGIC_V5) &&
	    model == bpf_core_enum_value(enum kvm_device_type___v5, KVM_DEV_TYPE_ARM_VGIC_V5))
		return 5;
	return 0;
}

static __always_inline void set_holder(struct vgic_vm *vm, struct task_struct *task)
{
	vm->pid = task->tgid;
	vm->started_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&vm->comm, task, group_leader, comm);
}

static __always_inline void fill_vm(struct vgic_vm *vm, const struct kvm *kvm)
{
	struct walk w = { .kvm = (__u64)kvm, .gic = gic_version(kvm) };

	vm->kvm = w.kvm;
	vm->gic = w.gic;
	vm->nr_vcpus = BPF_CORE_READ(kvm, online_vcpus.counter);
	if (BPF_CORE_READ(kvm, arch.vgic.ready))
		vm->flags |= VGIC_VM_STARTED;
	bpf_probe_read_kernel_str(vm->name, sizeof(vm->name),
				  BPF_CORE_READ(kvm, debugfs_dentry, d_name.name));
	w.node = (__u64)BPF_CORE_READ(kvm, devices.next);
	bpf_loop(MAX_KVM_DEVICES, count_its, &w, 0);
	vm->nr_its = w.nr_its;
	add_devices(&w, vm);
}

SEC("iter/task_file") int list_vms(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct vgic_vm *vm;
	const struct kvm *kvm;
	__u32 no, *known;
	__u64 key;
	bool owns;

	if (!task || !file || (targ_pid && targ_pid != (__u32)task->tgid) || !is_vm(file))
		return 0;
	kvm = BPF_CORE_READ(file, private_data);
	owns = BPF_CORE_READ(task, mm) == BPF_CORE_READ(kvm, mm);
	key = (__u64)kvm;
	known = bpf_map_lookup_elem(&seen, &key);
	no = known ? *known : found.nr_vms++;
	vm = bpf_map_lookup_elem(&vms, &no);
	if (!vm || (known && !(owns && !(vm->flags & VGIC_VM_OWNED))))
		return 0;
	set_holder(vm, task);
	if (owns)
		vm->flags |= VGIC_VM_OWNED;
	if (known)
		return 0;
	bpf_map_update_elem(&seen, &key, &no, BPF_ANY);
	found.has_split_redists =
		bpf_core_field_exists(struct kvm_vcpu___split, arch.vgic_cpu.sgi_iodev);
	found.has_cpuif = bpf_core_field_exists(struct kvm___cpuif, arch.vgic.cpuif_iodev);
	fill_vm(vm, kvm);
	return 0;
}
