/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The measurement as a whole: what is asked for, what came of it. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include "access.h"

#define BENCH_MAX_VCPUS 512 /* per VM: what KVM's GICv3 takes */
#define BENCH_MAX_VMS 64
#define BENCH_MAX_IOEVENTFDS 4096

struct bench_config {
	unsigned int gic;              /* 2 or 3 */
	unsigned int nr_vms, nr_vcpus; /* vCPUs per VM */
	uint64_t iterations;           /* passes of each vCPU through the list */
	uint64_t duration_ns;          /* end after this long; 0 = when the iterations are done */
	uint64_t rate;                 /* accesses per second and vCPU; 0 = as fast as it goes */
	unsigned int nr_ioeventfds;    /* that are on the bus only to be there */
	unsigned int ioeventfd_len;    /* bytes, of all ioeventfds; 0 = any */
	bool ioeventfd_match;          /* all at one address, told apart by the data written */
	bool pin;                      /* vCPU threads to CPUs, round robin */
	bool mmio_stop;                /* guests stop by a store, not by a PSCI call */
};

/* What was done; times in ns, summed over vCPUs unless said otherwise. */
struct bench_result {
	uint64_t *counts;                /* of each list item */
	uint64_t nr_ops;                 /* their sum: accesses and hypercalls */
	uint64_t nr_overflows;           /* coalesced stores that found the ring full: user exits */
	uint64_t nr_doorbells;           /* stores to GUEST_DOORBELL */
	uint64_t passes_min, passes_max; /* of the vCPUs */
	uint64_t cpu_ns;                 /* CPU time of the vCPU threads, from start to end */
	double guest_ns_per_op;          /* mean over vCPUs of guest clock time / accesses */
	uint64_t wall_ns;                /* first vCPU's start to last vCPU's end */
	bool has_kvm_counts;             /* KVM_GET_STATS_FD: Linux 5.14 */
	uint64_t kvm_exits_kernel, kvm_exits_user; /* KVM's mmio_exit_{kernel,user} */
	bool interrupted; /* by a signal, before the iterations or the time were up */
};

/* All three print what is wrong and return -errno. */

/* The GIC that guests get here: 3 where the host offers it, else 2. */
int bench__default_gic(void);

/* Whether KVM emulates GICC_DIR for GICv2 guests. */
bool bench__has_gicc_dir(void);

/*
 * Creates the VMs, lets every vCPU go through @list, fills @result. Ends early on SIGINT and
 * SIGTERM (a second one kills). Caller must have no other threads, and calls bench_result__free().
 */
int bench__run(const struct bench_config *config, const struct access_list *list,
	       struct bench_result *result);

void bench_result__free(struct bench_result *result);

#endif
