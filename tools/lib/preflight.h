/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What can be known to stand in the way before anything is loaded or attached. */
#ifndef PREFLIGHT_H
#define PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

struct preflight {
	char machine[65]; /* uname -m */
	bool has_kvm;
	bool has_btf;         /* the kernel describes its own types */
	unsigned int missing; /* mask of PRIVILEGE_* */
};

void preflight__look(struct preflight *p);

/*
 * The first thing that stands in the way, as a line for the user ("cannot ...: reason; hint").
 * 0: nothing does; else -errno: -EOPNOTSUPP other machine, -ENODEV no KVM, -EPERM, -ENOENT no BTF.
 */
int preflight__judge(const struct preflight *p, char *line, size_t size);

/* Both. */
int preflight__check(char *line, size_t size);

#endif
