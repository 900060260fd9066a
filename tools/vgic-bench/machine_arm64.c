// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifdef __aarch64__
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fail.h"
#include "layout.h"
#include "machine_arm64.h"
#include "stats.h"

/* Missing from the headers of older distributions. */
#ifndef KVM_CAP_ARM_SYSTEM_SUSPEND
#define KVM_CAP_ARM_SYSTEM_SUSPEND 216
#endif

/* ---- What else is on the bus ---- */

static int add_ioeventfd(struct machine *m, const struct bench_config *config, uint64_t addr,
			 uint64_t match)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = addr,
		.len = config->ioeventfd_len,
		.fd = m->event_fd,
		.datamatch = match,
		.flags = config->ioeventfd_match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0,
	};

	if (ioctl(m->vm_fd, KVM_IOEVENTFD, &ioeventfd))
		return fail(-errno, "cannot add an ioeventfd: %m");
	return 0;
}

/*
 * With data matching all stand at the accessed address, as a virtio-mmio device's queues do. The
 * bus tries them in the order they came; the guest stores 0, so the one that takes it comes last.
 */
static int add_ioeventfds(struct machine *m, const struct bench_config *config, bool accessed)
{
	int err = 0;

	m->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->event_fd < 0)
		return fail(-errno, "cannot create an eventfd: %m");
	for (unsigned int i = 0; i < config->nr_ioeventfds && !err; i++)
		err = config->ioeventfd_match
			      ? add_ioeventfd(m, config, GUEST_IOEVENTFD, i + 1)
			      : add_ioeventfd(m, config,
					      GUEST_IOEVENTFDS + i * GUEST_IOEVENTFDS_STEP, 0);
	return err || !accessed ? err : add_ioeventfd(m, config, GUEST_IOEVENTFD, 0);
}

/*
 * How many stores the ring of coalesced stores takes for sure. One entry stays free. And before
 * 92f6d4130497 ("KVM: Fix coalesced_mmio_has_room() to avoid premature userspace exit", Linux 6.12)
 * KVM took a remainder of an unsigned difference: the ring looked full at one more place.
 */
static unsigned int ring_room(long page_sz)
{
	unsigned int max = (page_sz - sizeof(struct kvm_coalesced_mmio_ring)) /
			   sizeof(struct kvm_coalesced_mmio);
	unsigned int seems_full = (1ULL << 32) % max;

	return (seems_full ? seems_full : max) - 1;
}

/*
 * The ring is the VM's; when it is full, KVM turns a store into an exit to user space. So each vCPU
 * makes no more stores than its share of the ring before its thread empties it. With more vCPUs
 * than the ring has room for it may become full: that is noticed, and counted as it happened.
 */
static int add_coalesced(struct machine *m)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = GUEST_COALESCED, .size = 4096 };
	int page = ioctl(m->vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);
	long page_sz = sysconf(_SC_PAGESIZE);
	unsigned int share = ring_room(page_sz) / m->nr_vcpus;

	if (page <= 0 || ioctl(m->vm_fd, KVM_REGISTER_COALESCED_MMIO, &zone))
		return fail(-ENODEV, "cannot add a coalesced MMIO zone");
	m->credit = share ? share : 1;
	m->ring = (void *)((char *)m->vcpus[0].run + page * page_sz);
	return 0;
}

static int set_memory(struct machine *m, const struct program *program)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = GUEST_RAM,
		.memory_size = program->size,
		.userspace_addr = (uintptr_t)program->code,
	};

	if (ioctl(m->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return fail(-errno, "cannot give the guest memory: %m");
	return 0;
}

/* A PSCI call that goes to user space (Linux 5.19) and leaves the other vCPUs alone. */
static int enable_stop(struct machine *m)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_SYSTEM_SUSPEND };

	if (ioctl(m->vm_fd, KVM_ENABLE_CAP, &cap))
		return fail(-errno, "this kernel does not pass PSCI SYSTEM_SUSPEND on; "
				    "try --stop mmio");
	return 0;
}

/* ---- vCPUs ---- */

static int create_vcpu(struct machine *m, unsigned int id)
{
	struct vcpu *vcpu = &m->vcpus[id];

	vcpu->machine = m;
	vcpu->id = id;
	vcpu->fd = ioctl(m->vm_fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		return fail(-errno, "cannot create vCPU %u: %m", id);
	vcpu->run = mmap(NULL, m->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return fail(-errno, "cannot map vCPU %u: %m", id);
	}
	return 0;
}

static int init_vcpu(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init;

	if (ioctl(vcpu->machine->vm_fd, KVM_ARM_PREFERRED_TARGET, &init))
		return fail(-errno, "cannot get this host's vCPU type: %m");
	memset(init.features, 0, sizeof(init.features));
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init))
		return fail(-errno, "cannot initialise vCPU %u: %m", vcpu->id);
	return 0;
}

static int create_vcpus(struct machine *m)
{
	int max = ioctl(m->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	int err = 0;

	if (max > 0 && m->nr_vcpus > (unsigned int)max)
		return fail(-E2BIG, "this host's VMs have at most %d vCPUs", max);
	for (unsigned int i = 0; i < m->nr_vcpus && !err; i++)
		err = create_vcpu(m, i);
	for (unsigned int i = 0; i < m->nr_vcpus && !err; i++)
		err = init_vcpu(&m->vcpus[i]);
	return err;
}

/* ---- The machine ---- */

static struct machine *machine__alloc(unsigned int nr_vcpus)
{
	struct machine *m = calloc(1, sizeof(*m) + nr_vcpus * sizeof(m->vcpus[0]));

	if (!m)
		return NULL;
	m->nr_vcpus = nr_vcpus;
	m->kvm_fd = m->vm_fd = m->gic_fd = m->its_fd = m->event_fd = -1;
	for (unsigned int i = 0; i < nr_vcpus; i++)
		m->vcpus[i].fd = -1;
	pthread_mutex_init(&m->drain, NULL);
	return m;
}

static int machine__setup(struct machine *m, const struct bench_config *config,
			  const struct access_list *list, const struct program *program)
{
	int err;

	m->kvm_fd = kvm__open();
	if (m->kvm_fd < 0)
		return m->kvm_fd;
	m->run_size = ioctl(m->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	m->vm_fd = kvm__create_vm(m->kvm_fd);
	if (m->vm_fd < 0)
		return m->vm_fd;
	err = set_memory(m, program);
	if (!err && !config->mmio_stop)
		err = enable_stop(m);
	if (!err)
		err = create_vcpus(m);
	if (!err)
		err = machine__create_gic(m, config->gic);
	if (!err && list->uses[VGIC_ITS])
		err = machine__create_its(m);
	if (!err && (list->uses[VGIC_IOEVENTFD] || config->nr_ioeventfds))
		err = add_ioeventfds(m, config, list->uses[VGIC_IOEVENTFD]);
	if (!err && list->uses[VGIC_COALESCED])
		err = add_coalesced(m);
	return err;
}

int machine__create(const struct bench_config *config, const struct access_list *list,
		    const struct program *program, struct machine **out)
{
	struct machine *m = machine__alloc(config->nr_vcpus);
	int err = m ? machine__setup(m, config, list, program) : fail(-ENOMEM, "out of memory");

	if (err) {
		machine__destroy(m);
		return err;
	}
	*out = m;
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void machine__destroy(struct machine *m)
{
	if (!m)
		return;
	for (unsigned int i = 0; i < m->nr_vcpus; i++) {
		if (m->vcpus[i].run)
			munmap(m->vcpus[i].run, m->run_size);
		close_fd(m->vcpus[i].fd);
	}
	close_fd(m->its_fd);
	close_fd(m->gic_fd);
	close_fd(m->event_fd);
	close_fd(m->vm_fd);
	close_fd(m->kvm_fd);
	pthread_mutex_destroy(&m->drain);
	free(m);
}

struct vcpu *machine__vcpu(struct machine *machine, unsigned int id)
{
	return &machine->vcpus[id];
}

int machine__add_exits(struct machine *machine, uint64_t *kernel, uint64_t *user)
{
	for (unsigned int i = 0; i < machine->nr_vcpus; i++) {
		int err = kvm_stats__add_exits(machine->vcpus[i].fd, kernel, user);

		if (err == -ENOTTY)
			return err;
		if (err)
			return fail(err, "cannot read KVM's counters: %s", strerror(-err));
	}
	return 0;
}

#endif
