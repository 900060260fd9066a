// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include "fake_access.h"

#define T(ns) (FAKE_BEGIN_NS + (ns))
#define NO_TARGET (~0u)

static const struct vgic_access fakes[] = {
	{ .t_bus = T(1000),
	  .t_dev = T(1300),
	  .t_reg = T(1400),
	  .t_out = T(1600),
	  .t_end = T(1750),
	  .addr = 0x8000104,
	  .value = 0xe4,
	  .base = 0x8000000,
	  .vm = 1,
	  .vcpu_id = 0,
	  .pid = 155,
	  .target = NO_TARGET,
	  .len = 4,
	  .op = VGIC_WRITE,
	  .kind = VGIC_DIST_V3 },
	/* It ends before the next, which began earlier, on another CPU. */
	{ .t_bus = T(2500),
	  .t_dev = T(2700),
	  .t_out = T(2900),
	  .t_end = T(3000),
	  .addr = 0xa000e00,
	  .base = 0xa000e00,
	  .vm = 1,
	  .vcpu_id = 1,
	  .pid = 155,
	  .target = NO_TARGET,
	  .cpu = 1,
	  .len = 2,
	  .op = VGIC_WRITE,
	  .kind = VGIC_IOEVENTFD },
	{ .t_bus = T(2000),
	  .t_dev = T(2010),
	  .t_reg = T(2030),
	  .t_out = T(52000),
	  .t_end = T(52100),
	  .addr = 0x80c0008,
	  .value = 0x100000110,
	  .base = 0x80c0000,
	  .vm = 2,
	  .vcpu_id = 0,
	  .pid = 155,
	  .target = 1,
	  .cpu = 3,
	  .len = 8,
	  .op = VGIC_READ,
	  .kind = VGIC_REDIST,
	  .flags = VGIC_ACCESS_SLEPT },
	{ .t_bus = T(60000),
	  .t_end = T(60400),
	  .addr = 0x9000018,
	  .base = 0x9000018,
	  .vm = 1,
	  .vcpu_id = 0,
	  .pid = 155,
	  .target = NO_TARGET,
	  .len = 4,
	  .op = VGIC_READ,
	  .kind = VGIC_USER,
	  .flags = VGIC_ACCESS_USER | VGIC_ACCESS_NO_VALUE },
	/* Its begin was missed. */
	{ .t_end = T(70000),
	  .addr = 0x8000000,
	  .value = 0x52,
	  .base = 0x8000000,
	  .vm = 1,
	  .vcpu_id = 1,
	  .pid = 155,
	  .target = NO_TARGET,
	  .len = 4,
	  .op = VGIC_READ,
	  .kind = VGIC_DIST_V3 },
};

const struct vgic_access *fake__access(size_t i)
{
	return i < sizeof(fakes) / sizeof(fakes[0]) ? &fakes[i] : NULL;
}

void fake_access__vm(unsigned int no, struct vgic_trace_vm *vm)
{
	*vm = (struct vgic_trace_vm){ .kvm = 0x1000 * no, .pid = 155, .model = 3 };
	snprintf(vm->name, sizeof(vm->name), "155-%u", 3 + no);
	snprintf(vm->comm, sizeof(vm->comm), "%s", no == 1 ? "we\"b" : "db");
}
