/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the modules behind machine.h share. */
#ifndef MACHINE_ARM64_H
#define MACHINE_ARM64_H

#include <linux/kvm.h>
#include <pthread.h>
#include "machine.h"

struct vcpu {
	struct machine *machine;
	struct kvm_run *run;
	unsigned int id;
	int fd;
};

struct machine {
	int kvm_fd, vm_fd, gic_fd, its_fd, event_fd;
	size_t run_size;
	unsigned int nr_vcpus;
	unsigned int credit; /* coalesced stores a vCPU may have in the ring */
	pthread_mutex_t drain;
	struct kvm_coalesced_mmio_ring *ring; /* in vCPU 0's run area; NULL: no coalesced zone */
	struct vcpu vcpus[];
};

/* File descriptors, or -errno when the reason has been printed. */
int kvm__open(void);
int kvm__create_vm(int kvm_fd);

/* Creates the GIC (2 or 3) of the VM, or its ITS, at the addresses of layout.h. */
int machine__create_gic(struct machine *m, unsigned int gic);
int machine__create_its(struct machine *m);

#endif
