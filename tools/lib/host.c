// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "host.h"
#include "procfs.h"

#define KVM_DEBUGFS "/sys/kernel/debug/kvm"

static uint64_t clock_hz(void)
{
	uint64_t hz = 0;

#ifdef __aarch64__
	/* What the firmware says of the system counter; Linux takes CLOCK_MONOTONIC from it. */
	asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
#endif
	return hz;
}

/* A VM with the machine's own address width: 40 bits, KVM's default, are too many for some CPUs. */
static int create_vm(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), bits;

	if (vm >= 0)
		return vm;
	bits = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
	return bits > 0 ? ioctl(kvm, KVM_CREATE_VM, KVM_VM_TYPE_ARM_IPA_SIZE(bits)) : -1;
}

static bool can_create(int vm, uint32_t type)
{
	struct kvm_create_device dev = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };

	return vm >= 0 && !ioctl(vm, KVM_CREATE_DEVICE, &dev);
}

void host__probe_kvm(struct host *host)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	host->has_kvm = kvm >= 0;
	if (!host->has_kvm)
		return;
	vm = create_vm(kvm);
	host->guest_gic[2] = can_create(vm, KVM_DEV_TYPE_ARM_VGIC_V2);
	host->guest_gic[3] = can_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	if (vm >= 0)
		close(vm);
	close(kvm);
}

/* The file has one column per CPU and one line per interrupt; the first 256K name the GIC. */
static void host__probe_gic(struct host *host)
{
	size_t size = 256 * 1024;
	char *buf = malloc(size);

	if (buf && procfs__read("/proc/interrupts", buf, size) > 0)
		procfs__gic(buf, host->gic, sizeof(host->gic));
	free(buf);
}

void host__probe(struct host *host)
{
	struct utsname uts;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	memset(host, 0, sizeof(*host));
	if (!uname(&uts)) {
		snprintf(host->release, sizeof(host->release), "%s", uts.release);
		snprintf(host->machine, sizeof(host->machine), "%s", uts.machine);
	}
	host->nr_cpus = cpus > 0 ? cpus : 0;
	host->clock_hz = clock_hz();
	host->tick_ns = host->clock_hz ? 1e9 / host->clock_hz : 0;
	host__probe_gic(host);
}

/* An ELF note: its name, and what it says, padded to 4 bytes each, follow. */
struct note {
	uint32_t name_sz, desc_sz, type;
};
#define NOTE_BUILD_ID 3

static size_t padded(uint32_t size)
{
	return ((size_t)size + 3) & ~(size_t)3;
}

void host__build_id(char *buf, size_t size)
{
	char notes[4096];
	long len = procfs__read("/sys/kernel/notes", notes, sizeof(notes));
	struct note note;

	buf[0] = '\0';
	for (long at = 0; at + (long)sizeof(note) <= len;) {
		const char *name = notes + at + sizeof(note), *desc;

		memcpy(&note, notes + at, sizeof(note));
		desc = name + padded(note.name_sz);
		at += sizeof(note) + padded(note.name_sz) + padded(note.desc_sz);
		if (at > len || note.type != NOTE_BUILD_ID || note.name_sz != 4 ||
		    memcmp(name, "GNU", 4))
			continue;
		for (uint32_t i = 0; i < note.desc_sz && 2 * i + 2 < size; i++)
			snprintf(buf + 2 * i, 3, "%02x", (unsigned char)desc[i]);
		return;
	}
}

void host__vm_name(uint32_t pid, char *buf, unsigned int size)
{
	/* A libvirt guest's takes some 10K, and the name comes first. */
	static const size_t max = 128 * 1024;
	char path[64], comm[64], *cmdline = malloc(max);
	long len;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	len = cmdline ? procfs__read(path, cmdline, max) : -ENOMEM;
	if (len > 0 && !procfs__guest_name(cmdline, len, buf, size))
		goto out;
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	len = procfs__read(path, comm, sizeof(comm));
	if (len > 1)
		procfs__printable(comm, len - (comm[len - 1] == '\n'), buf, size);
	else
		snprintf(buf, size, "?");
out:
	free(cmdline);
}

static int kvm_counter__read(const char *dir, const char *name, uint64_t *value)
{
	char path[320], text[32];
	long len;

	snprintf(path, sizeof(path), KVM_DEBUGFS "/%s/%s", dir, name);
	len = procfs__read(path, text, sizeof(text));
	return len < 0 ? len : procfs__number(text, value);
}

/* KVM names a VM's folder "TID-FD", after the thread that made it. */
static bool is_vm_of(const char *folder, uint32_t pid)
{
	unsigned int tid, fd;
	char path[64];

	if (sscanf(folder, "%u-%u", &tid, &fd) != 2)
		return false;
	snprintf(path, sizeof(path), "/proc/%u/task/%u", pid, tid);
	return tid == pid || !access(path, F_OK);
}

int host__kvm_counter(uint32_t pid, const char *name, uint64_t *value)
{
	struct dirent *entry;
	int err = -ENOENT;
	uint64_t v;
	DIR *dir;

	*value = 0;
	if (!pid)
		return kvm_counter__read(".", name, value);
	dir = opendir(KVM_DEBUGFS);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if (is_vm_of(entry->d_name, pid) && !kvm_counter__read(entry->d_name, name, &v)) {
			*value += v;
			err = 0;
		}
	closedir(dir);
	return err;
}

bool host__kvm_counts(const char *id)
{
	char path[320];

	snprintf(path, sizeof(path), KVM_DEBUGFS "/%s", id);
	return !access(path, F_OK);
}

int host__is_vmm(uint32_t pid)
{
	char path[64], target[64];
	struct dirent *entry;
	int found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while (!found && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (n < 0 && errno == EACCES) {
			found = -EACCES;
		} else if (n > 0) {
			target[n] = '\0';
			found = !strcmp(target, "anon_inode:kvm-vm");
		}
	}
	closedir(dir);
	return found;
}

int host__each_vmm(host__vmm_fn fn, void *arg, unsigned int *nr_hidden)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int hidden = 0;
	int ret = 0;

	if (!proc)
		return -errno;
	while (!ret && (entry = readdir(proc))) {
		uint32_t pid = strtoul(entry->d_name, NULL, 10); /* 0: not a process */
		int is_vmm = pid ? host__is_vmm(pid) : 0;
		char name[64];

		hidden += is_vmm == -EACCES;
		if (is_vmm <= 0)
			continue;
		host__vm_name(pid, name, sizeof(name));
		ret = fn(pid, name, arg);
	}
	closedir(proc);
	if (nr_hidden)
		*nr_hidden = hidden;
	return ret;
}

struct wanted {
	const char *name;
	uint32_t pid;
	unsigned int nr;
};

static int match_name(uint32_t pid, const char *name, void *arg)
{
	struct wanted *wanted = arg;

	if (strcmp(name, wanted->name))
		return 0;
	wanted->pid = pid;
	wanted->nr++;
	return 0;
}

int host__find_vm(const char *name, uint32_t *pid)
{
	struct wanted wanted = { .name = name };
	int err = host__each_vmm(match_name, &wanted, NULL);

	if (err)
		return err;
	if (wanted.nr != 1)
		return wanted.nr ? -EEXIST : -ENOENT;
	*pid = wanted.pid;
	return 0;
}
