/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * From what was measured on the test functions to what the hooks add: the arithmetic of the
 * calibration, which knows of no kernel (calibrate.c measures; docs/measuring.md has the method).
 *
 * The functions are called one after the other. From one to the next lies a "step", from a
 * function's entry to its return about half of one: neither belongs to the hooks.
 */
#ifndef SHARES_H
#define SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"

struct mean {
	double ns, error_ns; /* error: twice the standard error */
};

/* Per run: the stages as recorded; device entry to region; between the clocks, eight functions and
 * four steps (with what hangs on them) apart. */
enum { TO_REGION = VGIC_NR_STAGES, FAR, NEAR, NR_MEASURES };

struct batch {
	double ns[NR_MEASURES]; /* mean of its runs */
};

#define PHASE_MAX_BATCHES 40
struct phase {
	struct mean means[NR_MEASURES];
};
/* @nr: 1 ... PHASE_MAX_BATCHES. */
void phase__summarize(struct phase *p, const struct batch *batches, size_t nr);

struct phases {
	uint32_t stages; /* mask of enum vgic_stage; 0 = counts only */
	bool by_kprobes, has_tracepoints;
	bool has_region, has_bus_exit; /* T5, T7 are hooked */
	bool has_bus_alone;            /* T2 and T7 only, as a pair */
	bool has_bus_pair;    /* T2 and T7 around the others, on one function (vgic-trace) */
	struct phase bare;    /* the clocks alone */
	struct phase access;  /* and all that an access meets, but for T5 */
	struct phase near;    /* with stages: and the third clock */
	struct phase region;  /* with T5: the clocks and T5 alone */
	struct phase split;   /* with T5, not by kprobes: the clocks, T4 and T5 */
	struct phase pair;    /* has_bus_pair: the clocks, T2 and T7 on one function */
	struct phase full;    /* and T4 and T6, which in access are without T7 */
	struct phase swapped; /* by kprobes: as pair, T7 attached after T2 */
};
/* Fills the shares of the stages and of an access; what cannot be known stays unknown. */
void shares__work_out(const struct phases *p, struct calibration *cal);

#endif
