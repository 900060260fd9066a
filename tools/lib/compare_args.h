/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The options of all comparisons: what decides, what is printed. For argp, as a child. */
#ifndef COMPARE_ARGS_H
#define COMPARE_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include "compare.h"

struct compare_args {
	struct compare_opts compare; /* metric, range, stage(s), margin, alpha */
	bool raw, all, json, markdown;
};

/* Its input is a struct compare_args, which it sets to the defaults first. */
extern const struct argp compare_args_argp;

/* The metrics that are shown: all, or the one that decides and those that stand beside it. */
uint32_t compare_args__metrics(const struct compare_args *args);

/*
 * What was asked for and has no answer in @comparison: -ENODATA, and in @line what there is instead
 * where no figure at all was to decide; 0 and a warning where --aa found no noise; else 0 and "".
 * @stages: mask, that both sides measured.
 */
int compare_args__answered(const struct compare_args *args, const struct comparison *comparison,
			   uint32_t stages, char *line, size_t size);

#endif
