/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The BPF programs, loaded, calibrated, and attached by the best plan that the kernel takes. The
 * only module that knows the skeleton. Called by the session; knows nothing of samples.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"
#include "harvest.h"
#include "plan.h"

#define PROGRAMS_MAX_VCPU_ID 1024

struct programs_opts {
	uint32_t stages;       /* mask of enum vgic_stage; 0: exact counts only, no clock is read */
	uint32_t pid;          /* trace only this VMM's VMs; 0 = all */
	const uint64_t *vcpus; /* bitmap of vcpu_ids, PROGRAMS_MAX_VCPU_ID bits, or NULL = all */
	bool only_kprobes;     /* do not use fentry (tests, comparisons) */
	bool verbose;          /* libbpf's own log goes to stderr */
	uint32_t max_vcpus;    /* bounds of the pools; 0 = default */
	uint32_t max_cells;
	uint32_t max_blocks;
};

struct programs;

/*
 * On failure returns -errno, nothing stays attached, and programs__error() has a line for the user
 * ("cannot ...: reason; hint"), valid until the next call.
 */
int programs__open(const struct programs_opts *opts, struct programs **programs);
const char *programs__error(void);
void programs__detach(struct programs *p); /* and waits until no program runs any more */
/*
 * Detaches what accesses to the VGIC pay for, and attaches it again; the other hooks stay, for they
 * keep track of vCPUs that come and go. 0 or -errno.
 */
void programs__pause(struct programs *p);
int programs__resume(struct programs *p);
void programs__close(struct programs *p); /* NULL: no-op */

const struct plan *programs__plan(const struct programs *p);
const struct calibration *programs__calibration(const struct programs *p);
/* Fills in where the maps are; per_vcpu and per_device are the caller's. */
void programs__maps(const struct programs *p, struct harvest_source *src);
/* 0, or -EPERM where the kernel no longer lets us ask. */
int programs__recursion_misses(const struct programs *p, uint64_t *misses);
size_t programs__map_bytes(const struct programs *p); /* of kernel memory */

#endif
