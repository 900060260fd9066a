/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* One run a side, compared by its slices, which depend on each other. For compare.c only. */
#ifndef COMPARE_WITHIN_H
#define COMPARE_WITHIN_H

#include "compare_row.h"

/*
 * The figures of both runs, of parts that are long enough to be nearly independent; none where the
 * run is too short for that. 0 or -ENOMEM.
 */
int within__fill(struct trial *t, const struct run_sums *base, const struct run_sums *new,
		 const struct figure *f);

#endif
