/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the change of the total time is made of. For compare.c only. */
#ifndef COMPARE_EFFECTS_H
#define COMPARE_EFFECTS_H

#include "compare_runs.h"

/* Of of->total_stage; nothing where that is -1. 0 or -ENOMEM. */
int comparison__add_effects(struct comparison *of, const struct run_sums *base,
			    const struct run_sums *new, const struct compare_opts *opts);

#endif
