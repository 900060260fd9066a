/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A sample: what was seen of the accesses (and exits) up to a moment, or between two. It knows
 * nothing of BPF or of where it comes from (a live session, later a recording or an import); views
 * and statistics take samples and nothing else.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hist.h"
#include "names.h"

#define SAMPLE_ALL (~0u) /* a key's vcpu or target: summed over all */
#define SAMPLE_NAME_SZ 64
#define SAMPLE_NO_ADDRESS (1ULL << 60) /* a key's base, by address: not known (imports) */

struct sample_vm {
	char id[32];               /* "PID-FD" as in KVM's debugfs; unique in a sample */
	char name[SAMPLE_NAME_SZ]; /* the guest's name, else the VMM's comm; never empty */
	uint32_t pid;              /* the VMM's */
	uint32_t model;            /* VGIC: 2, 3, or 0 where unknown */
	uint32_t nr_vcpus;         /* seen so far */
	bool alive;
};

/* What tells series apart. Fields that a sample sums over hold SAMPLE_ALL, or 0 for base. */
struct sample_key {
	uint32_t vm;     /* index into sample.vms */
	uint32_t vcpu;   /* vcpu_id, or SAMPLE_ALL */
	uint32_t target; /* redistributor's vcpu_id; SAMPLE_ALL: summed, or no redistributor */
	uint8_t kind, range, op; /* enum vgic_kind, vgic_range, vgic_op */
	uint64_t base;           /* device's guest address; kinds by address: the range's */
};

uint64_t sample_key__hash(const struct sample_key *k);
bool sample_key__equal(const struct sample_key *a, const struct sample_key *b);

struct sample_series {
	struct sample_key key;
	uint64_t count;      /* exact */
	uint64_t nr_untimed; /* of these, without latencies */
	struct lat lat[VGIC_NR_STAGES];
};

/*
 * The exits of a vCPU by reason, and KVM's own count of them over the same time: read just before
 * and just after. Equal where the vCPU did not run meanwhile.
 */
struct sample_exits {
	uint32_t vm;   /* index into sample.vms */
	uint32_t vcpu; /* vcpu_id, or SAMPLE_ALL */
	uint64_t count[VGIC_NR_EXITS];
	uint64_t kvm_low, kvm_high; /* vcpu->stat.exits */
};

/* One of KVM's counters, read just before what is held against it, and just after. */
struct sample_kvm {
	bool is_known;
	uint64_t low, high;
};

struct sample {
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t attached_ns;      /* of that time: counts are of this part only */
	double overhead_ns; /* CPU time that the hooks took, by the calibration; 0 = unknown */
	uint32_t stages;    /* mask of enum vgic_stage that were measured */
	struct sample_vm *vms;
	size_t nr_vms;
	struct sample_series *series;
	size_t nr_series;
	uint64_t lost[VGIC_NR_LOSSES];
	uint64_t recursion_misses; /* BPF programs not run: they were running already */
	uint64_t in_flight;        /* accesses begun, not finished at the end: not in the series */
	/* KVM's own mmio_exit_kernel over the same time, read just before and just after. */
	bool has_kvm_exits;
	uint64_t kvm_exits_low, kvm_exits_high;
	struct sample_kvm kvm_user; /* mmio_exit_user, against the series of VGIC_USER */

	/* Exits by reason: counted only where asked for, for a part of the time. */
	bool has_exits;
	uint64_t exits_ns; /* of that time: exits are of this part only */
	struct sample_exits *exits;
	size_t nr_exits;
	uint64_t lost_exits; /* more vCPUs than there is room for */

	/* sample.c's own: what the arrays have room for, and a hash index over the series. */
	size_t max_vms, max_series, max_exits;
	size_t exits_hint; /* where to look for the next one first */
	uint32_t *index;   /* series number + 1, 0 = free; index_sz is a power of two */
	size_t index_sz;
	unsigned int nr_holds; /* besides the first owner's */
};

struct sample *sample__new(void); /* NULL: no memory */
void sample__free(struct sample *s);
/* Another owner of @s, which then is changed no more: each frees it. */
struct sample *sample__hold(const struct sample *s);

/* The id that stands for all VMs that ended long ago: vm_names.c. */
#define SAMPLE_ENDED "ended"

/* Find or add: the VM by id, the series by key. NULL: no memory. The next add moves them. */
struct sample_vm *sample__vm(struct sample *s, const char *id);
uint32_t sample__find_vm(const struct sample *s, const char *id); /* its number; nr_vms: none */
struct sample_series *sample__series(struct sample *s, const struct sample_key *key);
/* NULL: there is none. */
const struct sample_series *sample__find(const struct sample *s, const struct sample_key *key);

/* Find or add: the exits of a vCPU, or of all with SAMPLE_ALL. NULL: no memory. The next moves
 * them. */
struct sample_exits *sample__exits(struct sample *s, uint32_t vm, uint32_t vcpu);

/*
 * Adds all of @from, whose VMs are matched by id (losses and KVM's counters too; what is in flight
 * is taken from the one that ends later). 0 or -ENOMEM.
 */
int sample__add(struct sample *s, const struct sample *from);
/*
 * A new sample of what came between @earlier and @later, cumulative states of one session: all VMs
 * of @later, and the series that something was added to. NULL: no memory.
 */
struct sample *sample__between(const struct sample *earlier, const struct sample *later);
/*
 * A copy summed over what is not to be kept apart: what a session would have given that had not
 * kept it apart. NULL: no memory.
 */
struct sample *sample__folded(const struct sample *s, bool per_vcpu, bool per_device);
/*
 * A copy of @s in which what @later has become a part of SAMPLE_ENDED already is: by VM, vCPU and
 * key what is not in @later any more. *@folded is NULL where there is no such thing. 0 or -ENOMEM.
 */
int sample__fold_gone(const struct sample *s, const struct sample *later, struct sample **folded);
/*
 * Sorts the VMs (PID, id) and the series (VM, vCPU, device kind, range, op, then address): the
 * order of every report.
 */
int sample__sort(struct sample *s); /* 0 or -ENOMEM */

/* Accesses that the kernel completed. */
uint64_t sample__seen(const struct sample *s);
/*
 * KVM's count to hold against sample__seen(): where the two readings of it around a busy guest
 * differ, the one nearest to what was seen, so that only an unexplained difference remains.
 */
uint64_t sample__kvm_exits(const struct sample *s);
/* The same for any other: @seen, or as near to it as the two readings allow. */
uint64_t sample__nearest(uint64_t seen, uint64_t low, uint64_t high);
/* Exits of all reasons. */
uint64_t exits__total(const struct sample_exits *exits);

#endif
