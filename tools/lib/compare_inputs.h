/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What a comparison is made of: recordings in, runs out; and whether they may be compared at all.
 * What it must not know: how they are compared.
 */
#ifndef COMPARE_INPUTS_H
#define COMPARE_INPUTS_H

#include "compare.h"
#include "recording.h"

struct compare_inputs_opts {
	char *const *base, *const *new; /* paths */
	size_t nr_base, nr_new;
	bool raw;   /* latencies as measured: runs get no calibration */
	bool force; /* unlike recordings, too */
};

struct compare_inputs {
	struct compare_side base, new;
	bool within_run; /* one recording a side: the runs are its slices */
	bool is_forced;  /* they are unlike: see warnings */
	/* Of the first recording of each side. */
	const struct recording_info *base_info, *new_info;
	/* Lines for the user, each ended by \n: what is odd about them; empty where nothing is. */
	char *warnings;
	struct compare_inputs_own *own;
};

/*
 * 0, or -errno with @line (@size bytes) saying what is wrong with which file: -EINVAL no recording,
 * damaged, empty, given twice; -EXDEV: unlike, the line names the field.
 */
int compare_inputs__read(const struct compare_inputs_opts *opts, struct compare_inputs **inputs,
			 char *line, size_t size);
uint32_t compare_inputs__stages(const struct compare_inputs *inputs); /* that all measured: mask */
void compare_inputs__free(struct compare_inputs *inputs);             /* NULL: no-op */

/* The first field in which @b is unlike @a, and both values in @text; NULL: they are alike. */
struct recording_likeness {
	const struct recording_info *info;
	uint32_t guest_models; /* bit 2, 3: VMs with such a VGIC were seen */
};
const char *recordings__unlike(const struct recording_likeness *a,
			       const struct recording_likeness *b, bool raw, char *text,
			       size_t size);

#endif
