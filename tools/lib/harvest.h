/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * From the BPF maps to samples, and back to the pools what dead VMs held. Called by the session
 * only; knows the wire format and map file descriptors, not the programs.
 */
#ifndef HARVEST_H
#define HARVEST_H

#include <stdbool.h>
#include <stdint.h>
#include "sample.h"
#include "vgic_wire.h"

struct harvest_source {
	uint32_t stages; /* mask of enum vgic_stage: the lats of a cell, in order */
	uint32_t pid;    /* only this VMM is traced; 0 = all */
	bool has_filter; /* single vCPUs are traced: KVM's counters cannot be held against it */
	bool per_vcpu, per_device; /* what samples keep apart */
	const volatile struct vgic_globals *globals;
	const volatile struct vgic_slot *slots;
	uint32_t max_vcpus, max_cells, max_blocks; /* entry 0 included */
	int vcpus_fd, cells_fd, blocks_fd, cell_index_fd;
	int free_vcpus_fd, free_cells_fd, free_blocks_fd;
};

struct harvest;

int harvest__new(const struct harvest_source *src, struct harvest **harvest); /* 0 or -errno */
/* Everything since the maps were made; the caller frees it. 0 or -errno. */
int harvest__sample(struct harvest *h, struct sample **sample);
/* KVM's own count now, to go with a sample's kvm_exits_high. 0 or -errno. */
int harvest__kvm_exits(struct harvest *h, uint64_t *value);
/* What VMs are called in its samples, for whoever adds to one. Lives with the harvest. */
struct vm_names;
struct vm_names *harvest__names(struct harvest *h);
void harvest__free(struct harvest *h);

#endif
