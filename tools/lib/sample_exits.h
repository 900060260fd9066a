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
/* Whether @s has exits of @vcpu of its VM number @vm. */
bool sample_exits__has(const struct sample *s, uint32_t vm, uint32_t vcpu);
/*
 * Adds those of @s to @to, whose VMs have the same numbers; those that @later has no more to its VM
 * @ended. @vms: the numbers of @s' VMs in @later. 0 or -ENOMEM.
 */
int sample_exits__fold_gone(struct sample *to, const struct sample *s, const struct sample *later,
			    const uint32_t *vms, uint32_t ended);

#endif
