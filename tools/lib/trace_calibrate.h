/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Measures what the hooks of bpf/trace.bpf.c take, on the running kernel, as calibrate.h does for
 * those of access.bpf.c. Called with the programs loaded and before any of them is attached.
 */
#ifndef TRACE_CALIBRATE_H
#define TRACE_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>
#include "calibration.h"
#include "plan.h"
#include "vgic_trace.h"

struct bpf_object;

struct trace_calibrate_source {
	struct bpf_object *object; /* loaded */
	const struct plan *plan;
	volatile struct vgic_trace_globals *globals;
	const volatile uint64_t *clock_ns; /* bpf/trace_cal.bpf.h */
	int flights_fd;
};

/* Whether the calibration for @plan needs this program of the object. */
bool trace_calibrate__needs(const struct plan *plan, const char *program);
/* Never fails: what cannot be measured is left unknown, and cal->why says why. */
void trace_calibrate__run(const struct trace_calibrate_source *src, struct calibration *cal);

#endif
