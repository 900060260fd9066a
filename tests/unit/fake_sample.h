/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A host, a plan and a sample that are the same on every machine, for tests of what comes after. */
#ifndef FAKE_SAMPLE_H
#define FAKE_SAMPLE_H

#include "calibration.h"
#include "host.h"
#include "plan.h"
#include "sample.h"

#define FAKE_STAGES (1u << VGIC_LOOKUP | 1u << VGIC_DEVICE | 1u << VGIC_BUS)

extern const struct host fake_host;
/* One hook of every sort, whatever plan.c's table says. */
extern const struct plan fake_plan;
extern const struct calibration fake_calibration;

/*
 * Two VMs, a GICv3 one that runs and a GICv2 one that has ended; every kind of range, every kind of
 * loss. All counts are @times those of once; @times 2 and 1 are states of one session.
 */
struct sample *fake__sample(uint32_t stages, bool per_vcpu, bool per_device, unsigned int times);
/* Adds exits of the first VM's vCPUs, and KVM's counts: of one exit more than was seen. */
void fake__add_exits(struct sample *s, bool per_vcpu, unsigned int times);

#endif
