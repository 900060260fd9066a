/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the hooks themselves add: to each stage, and to an access as a whole. Measured at the start
 * of a session (calibrate.h), kept with what it applies to. docs/measuring.md has the method, its
 * limits, and how to check it.
 */
#ifndef CALIBRATION_H
#define CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>
#include "vgic_ids.h"

struct calibration_share {
	bool is_known;   /* else latencies of the stage can only be given as measured */
	double ns;       /* to be taken out of each latency */
	double error_ns; /* it is right within this (about 95 %) */
};

struct calibration {
	struct calibration_share stages[VGIC_NR_STAGES];
	/* Of an access that a device of the VGIC takes: all hooks, their dispatch and their bodies.
	 */
	struct calibration_share access;
	uint32_t nr_runs; /* of the test functions, with the hooks on them */
	uint64_t took_ns;
	char why[96]; /* why nothing is known; empty where something is */
};

/* The share in @stage; one that is not known where @cal is NULL. */
const struct calibration_share *calibration__share(const struct calibration *cal, int stage);
/* A latency (a mean, a quantile) without the share, never below 0; as it is if that is not known.
 */
double calibration_share__without(const struct calibration_share *share, double ns);

#endif
