/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The options that pick what is traced: -p, -g, --vcpu, --range; the same in every tool. */
#ifndef PICK_H
#define PICK_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>
#include "session.h"

struct pick {
	uint32_t pid;          /* the VMM's; 0 = all */
	const char *guest;     /* its VM's name; NULL: none given */
	const char *range;     /* glob over ranges to be shown; NULL = all */
	const uint64_t *vcpus; /* = vcpu_bits; NULL = all */
	uint64_t vcpu_bits[SESSION_MAX_VCPU_ID / 64];
};

/* As a child of a tool's parser, its input is a struct pick of zeroes. */
extern const struct argp pick_argp;

/*
 * Turns a name into a pid, and makes sure that there is a VM; where we may not look into a process
 * the user's word is taken for it. 0, or -errno and in @line what to tell the user ("...; hint").
 */
int pick__resolve(struct pick *pick, char *line, size_t size);

#endif
