/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The exits' part of what sample.h promises. Only sample*.c include this. */
#ifndef SAMPLE_EXITS_H
#define SAMPLE_EXITS_H

#include "sample.h"

/* @vms: the numbers in the one of the other's VMs. 0 or -ENOMEM. */
int sample_exits__add(struct sample *s, const struct sample *from, const uint32_t *vms);
/* What came to @earlier's until @later, whose VMs @s has. @vms: @later's VMs in @earlier. */
int sample_exits__add_growth(struct sample *s, const struct sample *earlier,
			     const struct sample *later, const uint32_t *vms);
void sample_exits__sort(struct sample *s, const uint32_t *vms);
int sample_exits__fold(struct sample *to, const struct sample *from, bool per_vcpu);

#endif
