/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The host a measurement was made on. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host {
	char release[65];  /* uname -r */
	char machine[65];  /* uname -m */
	uint32_t nr_cpus;  /* online */
	uint64_t clock_hz; /* the counter behind CLOCK_MONOTONIC (arm64: CNTFRQ_EL0); 0 = unknown */
	double tick_ns;    /* its period: no duration is known finer; 0 = unknown */
	char gic[32];      /* the host's interrupt controller as Linux names it; "" = unknown */
	bool has_kvm;      /* /dev/kvm can be opened */
	bool guest_gic[4]; /* [2], [3]: KVM can give a guest a GICv2, GICv3 */
};

/* Fills @host with all that can be found out, but for KVM's; what cannot stays 0. */
void host__probe(struct host *host);
/* Asks KVM, with a VM of its own. */
void host__probe_kvm(struct host *host);

/* The running kernel's build id as hex digits; "" where it is not known. */
void host__build_id(char *buf, size_t size);

/*
 * The VM's name behind a VMM: QEMU's -name (guest=, or plain), crosvm/kvmtool/Firecracker's name
 * options (--name, --id), else the process's comm; "?" where the process is gone. Printable UTF-8.
 */
void host__vm_name(uint32_t pid, char *buf, unsigned int size);

/*
 * One of KVM's own counters, such as "mmio_exit_kernel", summed over the living VMs: all, or those
 * of one VMM. *value is 0 where it fails: -ENOENT, the VMM has no VM (any more); other -errno:
 * debugfs is not mounted or may not be read.
 */
int host__kvm_counter(uint32_t pid, const char *name, uint64_t *value);
/*
 * Whether the VM with this id ("PID-FD") is still counted there: KVM takes it out when it begins to
 * take the VM apart, some time before its vCPUs end.
 */
bool host__kvm_counts(const char *id);

/*
 * Calls @fn for every process that holds a KVM VM, until it returns other than 0; returns that.
 * Processes that we may not look into are left out, and counted in *@nr_hidden (may be NULL).
 */
typedef int (*host__vmm_fn)(uint32_t pid, const char *name, void *arg);
int host__each_vmm(host__vmm_fn fn, void *arg, unsigned int *nr_hidden);
/*
 * Finds the VMM of the running VM called @name (exact, as host__vm_name() gives it). 0 and the pid;
 * -ENOENT none, -EEXIST several.
 */
int host__find_vm(const char *name, uint32_t *pid);
/* Whether @pid holds a KVM VM. 1, 0, or -errno (-ESRCH: no such process; -EACCES). */
int host__is_vmm(uint32_t pid);

#endif
