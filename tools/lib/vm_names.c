// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "procfs.h"
#include "vm_names.h"

#define MAX_ENDED_VMS 256

struct vm_names {
	struct vm_name *all;
	size_t nr;
	unsigned int nr_unnamed; /* so far; numbers VMs without a debugfs name */
};

struct vm_names *vm_names__new(void)
{
	return calloc(1, sizeof(struct vm_names));
}

void vm_names__free(struct vm_names *names)
{
	if (!names)
		return;
	free(names->all);
	free(names);
}

/* The kernel's strings come from the VMM (its comm) and are as little trusted as its command line.
 */
static void vm_name__fill(struct vm_names *names, struct vm_name *n, const struct vgic_vcpu *v)
{
	memset(n, 0, sizeof(*n));
	n->kvm = v->kvm;
	n->pid = v->pid;
	if (v->name[0])
		procfs__printable(v->name, strnlen(v->name, sizeof(v->name)), n->id, sizeof(n->id));
	else
		snprintf(n->id, sizeof(n->id), "%u-vm%u", v->pid, ++names->nr_unnamed);
	host__vm_name(v->pid, n->name, sizeof(n->name));
	if (!strcmp(n->name, "?") && v->comm[0])
		procfs__printable(v->comm, strnlen(v->comm, sizeof(v->comm)), n->name,
				  sizeof(n->name));
}

const struct vm_name *vm_names__get(struct vm_names *names, const struct vgic_vcpu *v)
{
	struct vm_name *all;

	for (size_t i = names->nr; i-- > 0;) {
		struct vm_name *n = &names->all[i];

		if (n->kvm == v->kvm && n->pid == v->pid &&
		    (!v->name[0] || !strncmp(n->id, v->name, sizeof(v->name)))) {
			n->is_used = true;
			return n;
		}
	}
	all = realloc(names->all, (names->nr + 1) * sizeof(*all));
	if (!all)
		return NULL;
	names->all = all;
	vm_name__fill(names, &all[names->nr], v);
	all[names->nr].is_used = true;
	return &all[names->nr++];
}

int vm_names__add(struct vm_names *names, struct sample *s, const struct vgic_vcpu *v, bool alive,
		  uint32_t *index)
{
	const struct vm_name *n = vm_names__get(names, v);
	size_t nr_before = s->nr_vms;
	struct sample_vm *vm;

	if (!n)
		return -ENOMEM;
	vm = sample__vm(s, n->id);
	if (vm && s->nr_vms > nr_before && !alive && s->nr_vms > MAX_ENDED_VMS + 1) {
		s->nr_vms--; /* nothing refers to it yet */
		vm = sample__vm(s, SAMPLE_ENDED);
		if (vm)
			snprintf(vm->name, sizeof(vm->name), "VMs that ended before");
	} else if (vm) {
		snprintf(vm->name, sizeof(vm->name), "%s", n->name);
		vm->pid = v->pid;
		vm->model = v->model;
	}
	if (!vm)
		return -ENOMEM;
	vm->alive |= alive;
	if (v->vcpu_id >= vm->nr_vcpus)
		vm->nr_vcpus = v->vcpu_id + 1;
	*index = vm - s->vms;
	return 0;
}

void vm_names__forget(struct vm_names *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->nr; i++) {
		if (!names->all[i].is_used)
			continue;
		names->all[kept] = names->all[i];
		names->all[kept++].is_used = false;
	}
	names->nr = kept;
}
