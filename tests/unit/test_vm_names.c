// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "vm_names.h"

#define NO_SUCH_PID 4194304 /* above the largest pid_max */

static struct vgic_vcpu vcpu(uint64_t kvm, const char *name, const char *comm)
{
	struct vgic_vcpu v = { .kvm = kvm, .pid = NO_SUCH_PID };

	strncpy(v.name, name, sizeof(v.name));
	strncpy(v.comm, comm, sizeof(v.comm));
	return v;
}

static void a_vmm_that_is_gone_is_called_by_its_comm(void **state)
{
	struct vgic_vcpu v = vcpu(1, "123-4", "qemu");
	struct vm_names *names = vm_names__new();
	const struct vm_name *n = vm_names__get(names, &v);

	(void)state;
	assert_string_equal(n->id, "123-4");
	assert_string_equal(n->name, "qemu");
	vm_names__free(names);
}

static void names_from_the_kernel_are_made_printable(void **state)
{
	/* An escape sequence, and UTF-8 that is cut off where the comm ends. */
	struct vgic_vcpu v = vcpu(1, "1\n2", "\033[31mabcdefgh\xe2\x82");
	struct vm_names *names = vm_names__new();
	const struct vm_name *n = vm_names__get(names, &v);

	(void)state;
	assert_string_equal(n->id, "1?2");
	assert_string_equal(n->name, "?[31mabcdefgh??");
	vm_names__free(names);
}

static void vms_without_a_name_are_numbered(void **state)
{
	struct vgic_vcpu a = vcpu(1, "", "x"), b = vcpu(2, "", "x");
	struct vm_names *names = vm_names__new();

	(void)state;
	assert_string_equal(vm_names__get(names, &a)->id, "4194304-vm1");
	assert_string_equal(vm_names__get(names, &b)->id, "4194304-vm2");
	assert_string_equal(vm_names__get(names, &a)->id, "4194304-vm1");
	vm_names__free(names);
}

static void what_was_not_asked_for_is_forgotten(void **state)
{
	struct vgic_vcpu a = vcpu(1, "", "x"), b = vcpu(2, "", "x");
	struct vm_names *names = vm_names__new();

	(void)state;
	vm_names__get(names, &a);
	vm_names__get(names, &b);
	vm_names__forget(names);
	vm_names__get(names, &b);
	vm_names__forget(names);
	assert_string_equal(vm_names__get(names, &b)->id, "4194304-vm2");
	assert_string_equal(vm_names__get(names, &a)->id, "4194304-vm3");
	vm_names__free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vmm_that_is_gone_is_called_by_its_comm),
		cmocka_unit_test(names_from_the_kernel_are_made_printable),
		cmocka_unit_test(vms_without_a_name_are_numbered),
		cmocka_unit_test(what_was_not_asked_for_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
