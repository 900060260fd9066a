/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The options that say what is printed, and in which format. */
#ifndef LOOK_H
#define LOOK_H

#include <argp.h>
#include <stdbool.h>
#include "view.h"

struct look {
	const struct view_ops *ops; /* NULL: none was named */
	bool per_vcpu, per_device, raw, summary, fine, timestamps;
};

/* As a child of a tool's parser, its input is a struct look of zeroes. */
extern const struct argp look_argp;
/* Fills in what the options say; the circumstances are the caller's. */
void look__set(const struct look *look, struct view *view);

#endif
