/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What one vCPU's thread does. An early end is as exact as a late one: the vCPU is made to finish
 * the pass it is in, and its guest counts the passes; with --rate it ends between two accesses,
 * which its thread lets through one by one.
 */
#ifndef WORKER_H
#define WORKER_H

#include <time.h>
#include "machine.h"

#define NSEC_PER_SEC 1000000000ULL

struct worker {
	const struct bench_config *config;
	const struct access_list *list;
	const struct program *program;
	struct vcpu *vcpu;
	const bool *stop; /* atomic: end early */

	uint64_t nr_ops;      /* done: accesses and hypercalls */
	uint64_t nr_released; /* with --rate: let through so far */
	uint64_t nr_overflows, nr_doorbells;
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t cpu_ns;           /* the thread's CPU time from start to end */
	double guest_ns;           /* by the guest clock; start to end where it did not end */
	bool ended;                /* the guest's program, not only the measurement */
};

/*
 * Runs the vCPU without making an access: that brings the VGIC up, puts its devices on the bus and
 * the code into memory.
 */
int worker__warm_up(struct worker *worker);
int worker__measure(struct worker *worker);

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#endif
