/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Measures what the hooks take, on the running kernel: the programs' own bodies, attached by the
 * same methods to the kernel's empty functions (bpf/calibrate.bpf.h). Called with the programs
 * loaded and before any of them is attached; it leaves the maps as it found them. Knows nothing of
 * the skeleton, or of guests.
 */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>
#include "calibration.h"
#include "plan.h"
#include "vgic_wire.h"

struct bpf_object;

struct calibrate_source {
	struct bpf_object *object; /* loaded */
	const struct plan *plan;
	struct vgic_slot *slots;
	struct vgic_globals *globals;
	const volatile uint64_t *clock_ns; /* bpf/calibrate.bpf.h */
	int cells_fd, blocks_fd;
};

/* Whether the calibration for @plan needs this program of the object. */
bool calibrate__needs(const struct plan *plan, const char *program);

struct calibrator;

/*
 * Never fails the session: what cannot be measured is left unknown, and cal->why says why. What it
 * returns (may be NULL) is still attached to the test functions, which nobody else calls: detaching
 * takes longer than measuring, and can wait until the real hooks are attached.
 */
struct calibrator *calibrate__run(const struct calibrate_source *src, struct calibration *cal);
/* Detaches, before the object and its maps go. NULL: no-op. */
void calibrate__finish(struct calibrator *c);

#endif
