/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens at each boundary of an access that is told one by one; trace.bpf.c has the programs
 * around it. The stub of each program reads the clock first thing. Nothing but times is kept until
 * the last clock reading (T7); there the value is read, filters decide, and one record is written.
 *
 * What is in flight hangs on the vCPU's thread: from T2 to T7 it is the same one, wherever it
 * sleeps and on whichever CPU it goes on, and returns, which have no arguments, find it too.
 */
#ifndef TRACE_BPF_H
#define TRACE_BPF_H

#include "target.bpf.h"
#include "device.bpf.h"
#include "vgic_trace.h"
#include "vgic_wire.h"

const volatile __u32 targ_ops;        /* mask of enum vgic_op; 0 = both */
const volatile bool targ_user;        /* only accesses that the VMM completes */
const volatile bool use_ranges;       /* only those that targ_ranges has */
const volatile bool targ_ranges[256]; /* by enum vgic_range */
const volatile bool use_stack;
const volatile __u32 use_wake_sz; /* bytes waiting from which user space is woken */

struct vgic_trace_globals globals;
/* Filled by user space before the programs are attached. */
struct vgic_range_map range_map;

/* value: struct vgic_access; bound: bytes, set by user space */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* key: 0; value: what became of the accesses seen on this CPU */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vgic_tally);
} tallies SEC(".maps");

/* key: number of the VM; value: what it is called; bound: VMs since the start */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VGIC_TRACE_VMS);
	__type(key, __u32);
	__type(value, struct vgic_trace_vm);
} vms SEC(".maps");

/* key: address of the VM; value: its number, the last one there; bound: as vms */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VGIC_TRACE_VMS);
	__type(key, __u64);
	__type(value, __u32);
} vm_index SEC(".maps");

/* key: task; value: its access in flight; bound: the tasks */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct vgic_flight);
} flights SEC(".maps");

#define TALLY(field) \
	do { \
		__u32 zero = 0; \
		struct vgic_tally *t = bpf_map_lookup_elem(&tallies, &zero); \
		if (t) \
			__sync_fetch_and_add(&t->field, 1); \
	} while (0)

static __always_inline struct vgic_flight *flight_get(bool create)
{
	struct vgic_flight *f;

	f = bpf_task_storage_get(&flights, bpf_get_current_task_btf(), NULL,
				 create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (!f && create)
		TALLY(no_task);
	return f;
}

/* A record for a VM not seen before; 0 = no room. Two vCPUs at once may make two: no matter. */
static __always_inline __u32 vm_make(struct kvm *kvm)
{
	__u64 key = (__u64)kvm;
	struct vgic_trace_vm *vm;
	__u32 no;

	if (*(volatile __u32 *)&globals.nr_vms >= VGIC_TRACE_VMS)
		return 0;
	no = __sync_fetch_and_add(&globals.nr_vms, 1);
	vm = bpf_map_lookup_elem(&vms, &no);
	if (!vm)
		return 0;
	vm->kvm = key;
	vm->pid = vmm_pid();
	vm->model = vgic_model(kvm);
	vm_read_names(kvm, vm->name, vm->comm);
	bpf_map_update_elem(&vm_index, &key, &no, BPF_ANY);
	return no;
}

/* The VM's number. Memory of one that is gone may be another's now: then the names differ. */
static __always_inline __u32 vm_number(struct kvm *kvm)
{
	__u64 key = (__u64)kvm;
	__u32 *no = bpf_map_lookup_elem(&vm_index, &key);
	struct vgic_trace_vm *vm = no ? bpf_map_lookup_elem(&vms, no) : NULL;
	__u64 name[3] = { 0, 0, 0 }, known[3];
	char comm[16];

	if (!vm || vm->pid != vmm_pid())
		return vm_make(kvm);
	vm_read_names(kvm, (char *)name, comm);
	__builtin_memcpy(known, vm->name, sizeof(known));
	if (name[0] != known[0] || name[1] != known[1] || name[2] != known[2])
		return vm_make(kvm);
	return *no;
}

/* Finds out whose accesses the thread makes from now on. */
static __noinline int flight_identify(struct vgic_flight *f, __u64 ptr)
{
	const struct kvm_vcpu *vcpu = (const void *)ptr;
	struct kvm *kvm;

	if (!f)
		return 0;
	kvm = BPF_CORE_READ(vcpu, kvm);
	__builtin_memset(f, 0, sizeof(*f));
	f->vcpu = ptr;
	f->generation = globals.generation;
	f->kind = VGIC_NO_KIND;
	f->is_traced = vcpu_targeted(vcpu);
	if (!f->is_traced)
		return 0;
	f->vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
	f->model = vgic_model(kvm);
	f->vm = vm_number(kvm);
	return 0;
}

/* T2 */
static __always_inline void bus_enter(__u64 now, __u64 vcpu, __u64 addr, __u32 len, __u64 val,
				      __u32 op)
{
	struct vgic_flight *f = flight_get(true);

	if (!f)
		return;
	if (f->vcpu != vcpu || f->generation != globals.generation) {
		flight_identify(f, vcpu);
		now = bpf_ktime_get_ns(); /* that is no part of the lookup */
	}
	if (!f->is_traced || !globals.is_on)
		return;
	if (f->t_bus)
		TALLY(no_end);
	f->t_bus = now;
	f->t_dev = 0;
	f->t_reg = 0;
	f->t_out = 0;
	f->dev = 0;
	f->kind = VGIC_NO_KIND;
	f->addr = addr;
	f->val = val;
	f->len = len;
	f->op = op;
	f->cpu = bpf_get_smp_processor_id();
}

/* T4. May come more than once in an access: an ioeventfd whose datamatch fails passes it on. */
static __always_inline void dev_enter(__u64 now, __u64 dev, __u32 kind)
{
	struct vgic_flight *f = flight_get(false);

	if (!f || !f->t_bus)
		return;
	f->t_dev = now;
	f->t_reg = 0;
	f->t_out = 0;
	f->dev = dev;
	f->kind = kind;
}

/* T5. The VMM's own accesses to registers come here with nothing in flight. */
static __always_inline void region_found(__u64 now)
{
	struct vgic_flight *f = flight_get(false);

	if (f && f->t_bus && f->t_dev && !f->t_out)
		f->t_reg = now;
}

/* T6 */
static __always_inline void dev_exit(__u64 now, __s32 ret, __u32 kind)
{
	struct vgic_flight *f = flight_get(false);

	if (!f || !f->t_bus)
		return;
	if (!ret) {
		f->t_out = now;
		f->kind = kind;
		return;
	}
	/* Not taken: the bus asks the next device. */
	f->t_dev = 0;
	f->dev = 0;
	f->kind = VGIC_NO_KIND;
}

/* Asks the device what it is; into @d. */
static __always_inline void device_read(const struct vgic_flight *f, __u64 dev,
					struct vgic_flight_device *d)
{
	const struct vgic_io_device *iodev =
		(const void *)(dev - bpf_core_field_offset(struct vgic_io_device, dev));
	__u32 type = BPF_CORE_READ(iodev, iodev_type);

	d->base = BPF_CORE_READ(iodev, base_addr);
	if (is_split_sgi_frame(iodev, type))
		d->base -= 0x10000;
	d->kind = iodev_kind(type, f->model);
	d->target =
		type == IODEV_REDIST ? BPF_CORE_READ(iodev, redist_vcpu, vcpu_id) : VGIC_NO_TARGET;
	d->dev = dev;
}

/* Who took the access; what is not the VGIC's is known by its address. */
static __always_inline void device_find(struct vgic_flight *f, bool is_user,
					struct vgic_flight_device *d)
{
	__u64 dev = f->dev;
	__u32 at = dev >> 6 & (VGIC_FLIGHT_DEVICES - 1);

	d->base = f->addr;
	d->target = VGIC_NO_TARGET;
	d->kind = is_user ? VGIC_USER : f->kind != VGIC_NO_KIND ? f->kind : VGIC_UNKNOWN;
	if (d->kind != VGIC_UNKNOWN)
		return;
	if (!dev) { /* T4 was missed, or it is a device that nobody hooks */
		const struct kvm_vcpu *vcpu = (const void *)f->vcpu;
		const struct kvm *kvm = BPF_CORE_READ(vcpu, kvm);
		const struct kvm_io_device *found = bus_find(BPF_CORE_READ(kvm, buses[0]), f->addr);

		if (found &&
		    BPF_CORE_READ(found, ops) == BPF_CORE_READ(kvm, arch.vgic.dist_iodev.dev.ops))
			device_read(f, (__u64)found, d);
		return;
	}
	if (f->devices[at].dev != dev)
		device_read(f, dev, &f->devices[at]);
	d->base = f->devices[at].base;
	d->target = f->devices[at].target;
	d->kind = f->devices[at].kind;
}

/* The range id; of accesses known by address, that of their kind. */
static __always_inline __u32 range_of(const struct vgic_flight *f,
				      const struct vgic_flight_device *d)
{
	__u32 word = (f->addr - d->base) >> 2 & (VGIC_NR_WORDS - 1);
	const volatile __u8 *ranges;

	if (d->kind >= VGIC_NR_GIC_KINDS)
		return VGIC_RANGE_IOEVENTFD + d->kind - VGIC_IOEVENTFD;
	ranges = &range_map.range[(d->kind & (VGIC_MAP_KINDS - 1)) << VGIC_WORDS_SHIFT];
	barrier_var(ranges); /* Linux 6.1's verifier: see bpf/cell.bpf.h */
	return ranges[word];
}

static __always_inline bool is_wanted(const struct vgic_flight *f,
				      const struct vgic_flight_device *d, __u64 now, bool is_user)
{
	__u64 min_ns = f->t_dev && f->t_out ? globals.min_taken_ns : globals.min_ns;

	if (targ_ops && !(targ_ops >> (f->op & 1) & 1))
		return false;
	if (targ_user && !is_user)
		return false;
	/* One whose begin was missed may have been slow. */
	if (f->t_bus && now - f->t_bus < min_ns)
		return false;
	return !use_ranges || targ_ranges[range_of(f, d) & 0xff];
}

static __always_inline void access_fill(struct vgic_access *a, const struct vgic_flight *f,
					const struct vgic_flight_device *d, __u64 now, bool is_user)
{
	__u32 len = f->len & 15;

	a->t_bus = f->t_bus;
	a->t_dev = f->t_dev;
	a->t_reg = f->t_reg;
	a->t_out = f->t_out;
	a->t_end = now;
	a->addr = f->addr;
	a->base = d->base;
	a->vm = f->vm;
	a->vcpu_id = f->vcpu_id;
	a->pid = vmm_pid();
	a->target = d->target;
	a->cpu = bpf_get_smp_processor_id();
	a->stack_sz = 0;
	a->len = f->len;
	a->op = f->op;
	a->kind = d->kind;
	a->flags = is_user ? VGIC_ACCESS_USER : 0;
	if (f->t_bus && a->cpu != f->cpu)
		a->flags |= VGIC_ACCESS_SLEPT;
	a->pad = 0;
	a->value = 0;
	if (len > sizeof(a->value) || (is_user && f->op == VGIC_READ) ||
	    bpf_probe_read_kernel(&a->value, len, (const void *)f->val))
		a->flags |= VGIC_ACCESS_NO_VALUE;
}

static __noinline int count_drop(__u32 no)
{
	struct vgic_trace_vm *vm = bpf_map_lookup_elem(&vms, &no);

	TALLY(dropped);
	if (vm)
		__sync_fetch_and_add(&vm->nr_dropped, 1);
	return 0;
}

/*
 * Wakes user space once when enough is waiting; it reads all, says so and then waits again. What
 * waits below that, it fetches by the clock.
 */
static __always_inline __u64 wake_flags(void)
{
	if (globals.is_awake || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < use_wake_sz)
		return BPF_RB_NO_WAKEUP;
	globals.is_awake = 1;
	return BPF_RB_FORCE_WAKEUP;
}

/* T7's record. */
static __always_inline void tell(const struct vgic_flight *f, const struct vgic_flight_device *d,
				 __u64 now, bool is_user)
{
	struct vgic_access *a;
	long sz;

	if (use_stack)
		a = bpf_ringbuf_reserve(&events, sizeof(*a) + VGIC_STACK_DEPTH * sizeof(__u64), 0);
	else
		a = bpf_ringbuf_reserve(&events, sizeof(*a), 0);
	if (!a) {
		count_drop(f->vm);
		return;
	}
	access_fill(a, f, d, now, is_user);
	if (use_stack) {
		/* Not bpf_get_stack(): on arm64 it is empty on a CPU that has a vCPU loaded. */
		sz = bpf_get_task_stack(bpf_get_current_task_btf(), a->stack,
					VGIC_STACK_DEPTH * sizeof(__u64), 0);
		a->stack_sz = sz > 0 ? sz : 0;
	}
	TALLY(written);
	bpf_ringbuf_submit(a, wake_flags());
}

/* A return without its T2, and without arguments (kretprobe): there is nothing to tell. */
static __always_inline void bus_exit_lost(const struct vgic_flight *f)
{
	if (!f || !f->is_traced || !globals.is_on)
		return;
	TALLY(no_start);
	TALLY(untold);
}

/* T7 */
static __always_inline void bus_exit(__u64 now, struct vgic_flight *f, __s32 ret)
{
	struct vgic_flight_device d;
	bool is_user = ret;

	if (is_user)
		TALLY(user);
	else
		TALLY(kernel);
	device_find(f, is_user, &d);
	if (is_wanted(f, &d, now, is_user))
		tell(f, &d, now, is_user);
	else
		TALLY(filtered);
	f->t_bus = 0;
}

/* An exit by fexit knows its arguments: with them one can do whose T2 was missed. */
static __always_inline struct vgic_flight *flight_at_exit(__u64 vcpu, __u64 addr, __u32 len,
							  __u64 val, __u32 op)
{
	struct vgic_flight *f = flight_get(true);

	if (!f || (f->vcpu == vcpu && (f->t_bus || !f->is_traced)))
		return f && f->is_traced ? f : NULL;
	if (f->vcpu != vcpu || f->generation != globals.generation)
		flight_identify(f, vcpu);
	if (!f->is_traced || !globals.is_on)
		return NULL;
	TALLY(no_start);
	f->t_dev = 0;
	f->t_reg = 0;
	f->t_out = 0;
	f->dev = 0;
	f->kind = VGIC_NO_KIND;
	f->addr = addr;
	f->val = val;
	f->len = len;
	f->op = op;
	return f;
}

/* A vCPU's end: KVM's own counters of it go with it, and its memory may become another's. */
static __always_inline void vcpu_gone(__u64 ptr)
{
	const struct kvm_vcpu *vcpu = (const void *)ptr;
	__u64 kvm = (__u64)BPF_CORE_READ(vcpu, kvm);
	__u32 *no = bpf_map_lookup_elem(&vm_index, &kvm);

	/* Not always its VMM's thread that comes here: the VM's record knows better. */
	if (no || vcpu_targeted(vcpu))
		__sync_fetch_and_add(&globals.dead_exits_kernel,
				     BPF_CORE_READ(vcpu, stat.mmio_exit_kernel));
	__sync_fetch_and_add(&globals.generation, 1);
}

#endif
