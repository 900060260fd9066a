/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The interval of a tail: a bootstrap over runs (bootstrap.h). For compare.c only. */
#ifndef COMPARE_TAIL_H
#define COMPARE_TAIL_H

#include "compare_rows.h"

/*
 * Puts the interval of a row of COMPARE_P99 in the place of that of ranks, unbounded where the runs
 * are too few for one. 0 or -ENOMEM.
 */
int making__tail(const struct making *m, const struct figure *f, struct trial *t,
		 struct compare_row *row);

#endif
