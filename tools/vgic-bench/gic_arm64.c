// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifdef __aarch64__
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "fail.h"
#include "layout.h"
#include "machine_arm64.h"

/* What QEMU's "virt" board has: 256 SPIs. */
#define NR_IRQS 288

/* ---- Finding out ---- */

int kvm__open(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return fail(-errno, "cannot open /dev/kvm: %m; run as root or as a member of its "
				    "group");
	return fail(-errno, "cannot open /dev/kvm: %m; needs a host with KVM, such as "
			    "'scripts/lab run -- vgic-bench'");
}

/* Hosts with a small physical address space must be told; the layout needs 32 bits. */
int kvm__create_vm(int kvm_fd)
{
	int bits = ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
	int fd = ioctl(kvm_fd, KVM_CREATE_VM,
		       bits >= 32 && bits < 40 ? KVM_VM_TYPE_ARM_IPA_SIZE(bits) : 0);

	return fd < 0 ? fail(-errno, "cannot create a VM: %m") : fd;
}

static bool has_device(int vm_fd, unsigned int type)
{
	struct kvm_create_device device = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };

	return !ioctl(vm_fd, KVM_CREATE_DEVICE, &device);
}

static int find_gic(int vm_fd)
{
	if (has_device(vm_fd, KVM_DEV_TYPE_ARM_VGIC_V3))
		return 3;
	if (has_device(vm_fd, KVM_DEV_TYPE_ARM_VGIC_V2))
		return 2;
	return fail(-ENODEV, "KVM offers neither a GICv3 nor a GICv2 on this host");
}

int bench__default_gic(void)
{
	int kvm_fd = kvm__open(), vm_fd, gic;

	if (kvm_fd < 0)
		return kvm_fd;
	vm_fd = kvm__create_vm(kvm_fd);
	gic = vm_fd < 0 ? vm_fd : find_gic(vm_fd);
	if (vm_fd >= 0)
		close(vm_fd);
	close(kvm_fd);
	return gic;
}

/* Its register handler tells. Trying would be an access that nobody asked for. */
bool bench__has_gicc_dir(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[256];
	bool found = false;

	while (symbols && !found && fgets(line, sizeof(line), symbols))
		found = strstr(line, " vgic_mmio_write_dir");
	if (symbols)
		fclose(symbols);
	return found;
}

/* ---- The GIC ---- */

static int create_device(struct machine *m, unsigned int type, const char *name)
{
	struct kvm_create_device device = { .type = type };

	if (!ioctl(m->vm_fd, KVM_CREATE_DEVICE, &device))
		return device.fd;
	if (errno == ENODEV)
		return fail(-ENODEV, "this host has no %s for guests; try another --gic or list",
			    name);
	return fail(-errno, "cannot create a %s: %m", name);
}

static int set_attr(int fd, unsigned int group, uint64_t attr, const void *value, const char *what)
{
	struct kvm_device_attr device_attr = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &device_attr))
		return fail(-errno, "cannot set %s: %m", what);
	return 0;
}

static int set_addr(int fd, uint64_t type, uint64_t addr, const char *what)
{
	return set_attr(fd, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &addr, what);
}

static int init_device(int fd, const char *what)
{
	return set_attr(fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL, what);
}

static int set_gic_addrs(struct machine *m, unsigned int gic)
{
	int err;

	if (gic == 3) {
		err = set_addr(m->gic_fd, KVM_VGIC_V3_ADDR_TYPE_DIST, GUEST_GICD,
			       "the distributor's address");
		return err ? err
			   : set_addr(m->gic_fd, KVM_VGIC_V3_ADDR_TYPE_REDIST, GUEST_GICR,
				      "the redistributors' address");
	}
	err = set_addr(m->gic_fd, KVM_VGIC_V2_ADDR_TYPE_DIST, GUEST_GICD,
		       "the distributor's address");
	return err ? err
		   : set_addr(m->gic_fd, KVM_VGIC_V2_ADDR_TYPE_CPU, GUEST_GICC,
			      "the CPU interface's address");
}

int machine__create_gic(struct machine *m, unsigned int gic)
{
	uint32_t nr_irqs = NR_IRQS;
	int err;

	m->gic_fd = gic == 3 ? create_device(m, KVM_DEV_TYPE_ARM_VGIC_V3, "GICv3")
			     : create_device(m, KVM_DEV_TYPE_ARM_VGIC_V2, "GICv2");
	if (m->gic_fd < 0)
		return m->gic_fd;
	err = set_attr(m->gic_fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs,
		       "the number of interrupts");
	if (!err)
		err = set_gic_addrs(m, gic);
	return err ? err : init_device(m->gic_fd, "up the GIC");
}

int machine__create_its(struct machine *m)
{
	int err;

	m->its_fd = create_device(m, KVM_DEV_TYPE_ARM_VGIC_ITS, "ITS");
	if (m->its_fd < 0)
		return m->its_fd;
	err = set_addr(m->its_fd, KVM_VGIC_ITS_ADDR_TYPE, GUEST_GITS, "the ITS's address");
	return err ? err : init_device(m->its_fd, "up the ITS");
}

#endif
