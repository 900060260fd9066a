// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifdef __aarch64__
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include "fail.h"
#include "layout.h"
#include "machine_arm64.h"

/* Missing from the headers of older distributions. */
#ifndef KVM_SYSTEM_EVENT_SUSPEND
#define KVM_SYSTEM_EVENT_SUSPEND 5
#endif

/* The guest's registers: see guest.S. */
enum guest_reg {
	REG_CREDIT = 18,
	REG_CREDIT_LEFT = 19,
	REG_ZERO = 20,
	REG_OWN_REDIST = 21,
	REG_PAGES = 22,
	REG_END = 23,
	REG_START = 24,
	REG_DONE = 25,
	REG_LEFT = 26,
	REG_MODE = 27,
	REG_PC = 32,
};
#define MODE_MEASURE 0
#define MODE_TOUCH 1
#define MODE_EXCEPTION 2

/* A core register's number is its place in struct kvm_regs, in 32-bit words. */
static uint64_t reg_id(enum guest_reg reg)
{
	size_t offset = reg == REG_PC ? offsetof(struct kvm_regs, regs.pc)
				      : offsetof(struct kvm_regs, regs.regs) + 8 * reg;

	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offset / sizeof(uint32_t);
}

static int set_reg(struct vcpu *vcpu, enum guest_reg reg, uint64_t value)
{
	struct kvm_one_reg one = { .id = reg_id(reg), .addr = (uintptr_t)&value };

	if (ioctl(vcpu->fd, KVM_SET_ONE_REG, &one))
		return fail(-errno, "cannot set a register of vCPU %u: %m", vcpu->id);
	return 0;
}

static int get_reg(struct vcpu *vcpu, enum guest_reg reg, uint64_t *value)
{
	struct kvm_one_reg one = { .id = reg_id(reg), .addr = (uintptr_t)value };

	if (ioctl(vcpu->fd, KVM_GET_ONE_REG, &one))
		return fail(-errno, "cannot read a register of vCPU %u: %m", vcpu->id);
	return 0;
}

int vcpu__start(struct vcpu *vcpu, const struct program *program, uint64_t passes)
{
	unsigned int credit = vcpu->machine->credit;
	const struct {
		enum guest_reg reg;
		uint64_t value;
	} regs[] = {
		/*
		 * Where the vCPU came back for a store to the doorbell, KVM completes it by
		 * stepping over an instruction when the vCPU runs next: a nop stands at each entry.
		 */
		{ REG_PC, passes ? program->measure : program->warm },
		{ REG_MODE, passes ? MODE_MEASURE : MODE_TOUCH },
		{ REG_LEFT, passes },
		{ REG_DONE, 0 },
		{ REG_PAGES, program->pages },
		{ REG_ZERO, 0 },
		{ REG_OWN_REDIST, GUEST_GICR + vcpu->id * GUEST_GICR_SZ },
		{ REG_CREDIT, credit },
		{ REG_CREDIT_LEFT, credit + 1 },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]) && !err; i++)
		err = set_reg(vcpu, regs[i].reg, regs[i].value);
	return err;
}

/* An access that no device took. Its read gives 0; KVM completes it when the vCPU runs next. */
static enum vcpu_event finish_mmio(struct kvm_run *run)
{
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	switch (run->mmio.phys_addr) {
	case GUEST_DOORBELL:
		return VCPU_DOORBELL;
	case GUEST_COALESCED:
		return VCPU_OVERFLOW;
	default:
		return VCPU_USER;
	}
}

int vcpu__run(struct vcpu *vcpu, enum vcpu_event *event)
{
	struct kvm_run *run = vcpu->run;

	if (ioctl(vcpu->fd, KVM_RUN, 0)) {
		if (errno != EINTR)
			return fail(-errno, "vCPU %u cannot run: %m", vcpu->id);
		__atomic_store_n(&run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		*event = VCPU_KICKED;
		return 0;
	}
	if (run->exit_reason == KVM_EXIT_MMIO) {
		*event = finish_mmio(run);
		return 0;
	}
	if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
	    run->system_event.type == KVM_SYSTEM_EVENT_SUSPEND) {
		*event = VCPU_STOPPED;
		return 0;
	}
	return fail(-EIO, "vCPU %u died: KVM exit reason %u", vcpu->id, run->exit_reason);
}

void vcpu__kick(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

int vcpu__end_pass(struct vcpu *vcpu)
{
	uint64_t left;
	int err = get_reg(vcpu, REG_LEFT, &left);

	return err || left <= 1 ? err : set_reg(vcpu, REG_LEFT, 1);
}

int vcpu__passes(struct vcpu *vcpu, uint64_t *done, uint64_t *left)
{
	int err = get_reg(vcpu, REG_DONE, done);

	return err ? err : get_reg(vcpu, REG_LEFT, left);
}

int vcpu__guest_ns(struct vcpu *vcpu, double *ns)
{
	uint64_t start, end, hz;
	int err = get_reg(vcpu, REG_START, &start);

	if (!err)
		err = get_reg(vcpu, REG_END, &end);
	if (err)
		return err;
	asm("mrs %0, cntfrq_el0" : "=r"(hz));
	*ns = (end - start) * 1e9 / hz;
	return 0;
}

int vcpu__check(struct vcpu *vcpu)
{
	uint64_t mode, syndrome, pc;
	int err = get_reg(vcpu, REG_MODE, &mode);

	if (err || mode != MODE_EXCEPTION)
		return err;
	err = get_reg(vcpu, REG_END, &syndrome);
	if (!err)
		err = get_reg(vcpu, REG_START, &pc);
	return err ? err
		   : fail(-EFAULT, "vCPU %u took an exception: syndrome 0x%llx at 0x%llx", vcpu->id,
			  (unsigned long long)syndrome, (unsigned long long)pc);
}

void vcpu__drain(struct vcpu *vcpu)
{
	struct machine *m = vcpu->machine;
	uint32_t last;

	if (!m->ring)
		return;
	pthread_mutex_lock(&m->drain);
	last = __atomic_load_n(&m->ring->last, __ATOMIC_ACQUIRE);
	__atomic_store_n(&m->ring->first, last, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&m->drain);
}

#endif
