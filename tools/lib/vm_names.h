/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What living VMs are called: asked for once, when a VM is first seen, while its VMM most likely
 * still lives. For harvest.c and exits.c.
 */
#ifndef VM_NAMES_H
#define VM_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include "sample.h"
#include "vgic_wire.h"

struct vm_name {
	uint64_t kvm;
	uint32_t pid;
	bool is_used; /* since the last vm_names__forget() */
	char id[32];  /* "PID-FD", or "PID-vmN" where KVM's debugfs has no name for it */
	char name[SAMPLE_NAME_SZ]; /* printable */
};

struct vm_names;

struct vm_names *vm_names__new(void); /* NULL: no memory */
void vm_names__free(struct vm_names *names);
/* The name of @vcpu's VM; lasts until the next call. NULL: no memory. */
const struct vm_name *vm_names__get(struct vm_names *names, const struct vgic_vcpu *vcpu);
/*
 * Finds or adds the VM of @vcpu in @s, whose number is put in *@index. VMs that ended (all of @s
 * that are not @alive) are kept apart up to 256; what more there are is one, "ended". 0 or -ENOMEM.
 */
int vm_names__add(struct vm_names *names, struct sample *s, const struct vgic_vcpu *vcpu,
		  bool alive, uint32_t *index);
/* Drops the VMs that were not asked for since this was last called. */
void vm_names__forget(struct vm_names *names);

#endif
