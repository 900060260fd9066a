// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Holds VMs in states that vgic-bench does not bring about, until it is killed, for the lab's test
 * of the inventory. Says "ready" when they are there.
 *
 *   holder states 2|3      a VM without a GIC; one that has not started; the second open four
 * times, and both in a child too holder taken           a VM that a child made and its parent, this
 * process, has open as well holder many VMS EACH   VMs with EACH ioeventfds holder changing a VM
 * whose ioeventfds come and go all the time
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>

/* What the lab's machine has where it has less than KVM's default, 40. */
static int create_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), bits, vm;

	if (kvm < 0)
		err(1, "cannot open /dev/kvm");
	bits = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
	vm = ioctl(kvm, KVM_CREATE_VM,
		   bits >= 32 && bits < 40 ? KVM_VM_TYPE_ARM_IPA_SIZE(bits) : 0);
	if (vm < 0)
		err(1, "cannot create a VM");
	close(kvm);
	return vm;
}

static void add_vcpus(int vm, int nr)
{
	for (int i = 0; i < nr; i++)
		if (ioctl(vm, KVM_CREATE_VCPU, i) < 0)
			err(1, "cannot create vCPU %d", i);
}

static void set_attr(int fd, uint32_t group, uint64_t attr, const void *value)
{
	struct kvm_device_attr device_attr = { 0, group, attr, (uintptr_t)value };

	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &device_attr))
		err(1, "cannot set attribute %u of the GIC", group);
}

/* Its redistributors are registered by this, the distributor is not. */
static void add_gic(int vm, int version)
{
	struct kvm_create_device device = {
		.type = version == 3 ? KVM_DEV_TYPE_ARM_VGIC_V3 : KVM_DEV_TYPE_ARM_VGIC_V2,
	};
	uint64_t dist = 0x8000000, other = version == 3 ? 0x80a0000 : 0x8010000;

	if (ioctl(vm, KVM_CREATE_DEVICE, &device))
		err(1, "cannot create a GIC");
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 version == 3 ? KVM_VGIC_V3_ADDR_TYPE_DIST : KVM_VGIC_V2_ADDR_TYPE_DIST, &dist);
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 version == 3 ? KVM_VGIC_V3_ADDR_TYPE_REDIST : KVM_VGIC_V2_ADDR_TYPE_CPU, &other);
}

static int set_ioeventfd(int vm, int event, unsigned int i, uint32_t flags)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = 0x10000000 + i * 0x1000,
		.len = 4,
		.fd = event,
		.flags = flags,
	};

	return ioctl(vm, KVM_IOEVENTFD, &ioeventfd);
}

static pid_t make_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "cannot fork");
	return pid;
}

static void hold(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static void hold_states(int version)
{
	int bare = create_vm(), vm = create_vm();

	add_vcpus(bare, 1);
	add_vcpus(vm, 2);
	add_gic(vm, version);
	for (int i = 0; i < 3; i++)
		dup(vm);
	if (!make_child()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	hold();
}

/* The parent's pid is the lower one, so that it is looked at first. */
static void hold_taken(void)
{
	int ends[2], vm, pidfd;
	pid_t child;

	if (pipe(ends))
		err(1, "cannot make a pipe");
	child = make_child();
	if (!child) {
		vm = create_vm();
		if (write(ends[1], &vm, sizeof(vm)) != sizeof(vm))
			err(1, "cannot tell the VM");
		for (;;)
			pause();
	}
	pidfd = syscall(SYS_pidfd_open, child, 0);
	if (read(ends[0], &vm, sizeof(vm)) != sizeof(vm) ||
	    syscall(SYS_pidfd_getfd, pidfd, vm, 0) < 0)
		err(1, "cannot take the VM");
	close(pidfd);
	printf("%d %d\n", getpid(), child);
	hold();
}

static void hold_many(int nr, int each)
{
	int event = eventfd(0, EFD_CLOEXEC);

	for (int i = 0; i < nr; i++) {
		int vm = create_vm();

		for (int k = 0; k < each; k++)
			if (set_ioeventfd(vm, event, k, 0))
				err(1, "cannot add ioeventfd %d", k);
	}
	hold();
}

static void hold_changing(void)
{
	int event = eventfd(0, EFD_CLOEXEC), vm = create_vm();

	for (int i = 0; i < 16; i++)
		if (set_ioeventfd(vm, event, i, 0))
			err(1, "cannot add ioeventfd %d", i);
	puts("ready");
	fflush(stdout);
	for (unsigned int i = 0;; i++)
		if (set_ioeventfd(vm, event, 16, i % 2 ? KVM_IOEVENTFD_FLAG_DEASSIGN : 0))
			err(1, "cannot change an ioeventfd");
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "states"))
		hold_states(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "taken"))
		hold_taken();
	if (argc == 4 && !strcmp(argv[1], "many"))
		hold_many(atoi(argv[2]), atoi(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "changing"))
		hold_changing();
	errx(2, "usage: see the source");
}
