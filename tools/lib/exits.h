/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Exits of vCPUs by reason: the programs of bpf/exits.bpf.c, loaded and attached, and read into
 * samples. The only module that knows their skeleton. Called by the session; every exit of every
 * vCPU pays while it is open.
 */
#ifndef EXITS_H
#define EXITS_H

#include <stdbool.h>
#include <stdint.h>
#include "sample.h"
#include "vm_names.h"

#define EXITS_MAX_VCPU_ID 1024

struct exits_opts {
	uint32_t pid;          /* only this VMM's VMs; 0 = all */
	const uint64_t *vcpus; /* bitmap of vcpu_ids, EXITS_MAX_VCPU_ID bits; NULL = all */
	bool per_vcpu;         /* samples keep vCPUs apart */
	bool only_kprobes;
};

struct exits;

/*
 * Counts from now on. On failure returns -errno, nothing stays attached, and exits__error() has a
 * line for the user, valid until the next call.
 */
int exits__open(const struct exits_opts *opts, struct exits **exits);
const char *exits__error(void);
/*
 * Adds to @s all exits since it was opened, with KVM's own count of each vCPU beside; gives back
 * what dead vCPUs held. @names: those of the VMs in @s. 0 or -errno.
 */
int exits__add(struct exits *e, struct vm_names *names, struct sample *s);
int exits__recursion_misses(const struct exits *e, uint64_t *misses); /* 0 or -errno */
/* Counts no more. NULL: no-op. */
void exits__close(struct exits *e);

#endif
