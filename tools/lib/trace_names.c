// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include "trace_names.h"

struct trace_names {
	struct trace_programs *programs;
	struct vm_names *names;
	struct vm_name *all[VGIC_TRACE_VMS]; /* NULL = not asked for yet */
};

struct trace_names *trace_names__new(struct trace_programs *programs)
{
	struct trace_names *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->programs = programs;
	n->names = vm_names__new();
	if (n->names)
		return n;
	free(n);
	return NULL;
}

void trace_names__free(struct trace_names *n)
{
	if (!n)
		return;
	for (uint32_t i = 0; i < VGIC_TRACE_VMS; i++)
		free(n->all[i]);
	vm_names__free(n->names);
	free(n);
}

const struct vm_name *trace_names__get(struct trace_names *n, uint32_t no)
{
	struct vgic_vcpu key = { 0 };
	struct vgic_trace_vm vm = { 0 };
	const struct vm_name *name;

	no = no < VGIC_TRACE_VMS ? no : 0;
	if (n->all[no])
		return n->all[no];
	n->all[no] = calloc(1, sizeof(*n->all[no]));
	if (!n->all[no])
		return NULL;
	if (!no || trace_programs__vm(n->programs, no, &vm)) {
		strcpy(n->all[no]->id, "?");
		strcpy(n->all[no]->name, "?");
		return n->all[no];
	}
	key.kvm = vm.kvm;
	key.pid = vm.pid;
	memcpy(key.name, vm.name, sizeof(key.name));
	memcpy(key.comm, vm.comm, sizeof(key.comm));
	name = vm_names__get(n->names, &key);
	if (name)
		*n->all[no] = *name;
	return name ? n->all[no] : NULL;
}
