// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "procfs.h"
#include "vm_names.h"

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
