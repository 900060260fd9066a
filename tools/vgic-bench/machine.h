/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One VM by KVM: a GIC, vCPUs, a program in memory, ioeventfds, a coalesced zone. Functions that
 * can fail print why and return -errno.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "program.h"

struct machine;
struct vcpu;

int machine__create(const struct bench_config *config, const struct access_list *list,
		    const struct program *program, struct machine **out);
void machine__destroy(struct machine *machine);

struct vcpu *machine__vcpu(struct machine *machine, unsigned int id);

/* Adds KVM's mmio_exit_{kernel,user} of all vCPUs. -ENOTTY (not printed): not in this kernel. */
int machine__add_exits(struct machine *machine, uint64_t *kernel, uint64_t *user);

/* Why a vCPU came back. */
enum vcpu_event {
	VCPU_STOPPED,  /* the guest's own doing: its end, or one it makes on the way */
	VCPU_KICKED,   /* a signal, or vcpu__kick() */
	VCPU_OVERFLOW, /* a coalesced store found the ring full */
	VCPU_USER,     /* another access to user space */
	VCPU_DOORBELL, /* as VCPU_STOPPED, by a store */
};

/*
 * Sets the vCPU to the program's start. @passes 0: it only touches every page of code, once, and
 * makes no access.
 */
int vcpu__start(struct vcpu *vcpu, const struct program *program, uint64_t passes);
/* Runs it until something happens; accesses to user space are completed (reads give 0). */
int vcpu__run(struct vcpu *vcpu, enum vcpu_event *event);
/* Makes vcpu__run() return, if need be the next one. From any thread, together with a signal. */
void vcpu__kick(struct vcpu *vcpu);
/* Makes the pass that the guest is in its last one. */
int vcpu__end_pass(struct vcpu *vcpu);

/* Passes done, and left to do: 0 once the program has ended. */
int vcpu__passes(struct vcpu *vcpu, uint64_t *done, uint64_t *left);
/* The time from the first pass's start to the last one's end, by the guest's own clock. */
int vcpu__guest_ns(struct vcpu *vcpu, double *ns);
/* An exception in the guest, which none should ever take, ends its program. Prints it; -EFAULT. */
int vcpu__check(struct vcpu *vcpu);
/* Empties the VM's ring of coalesced stores. */
void vcpu__drain(struct vcpu *vcpu);

#endif
