/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the process may do. Loading and attaching takes CAP_BPF and CAP_PERFMON (before Linux 5.8:
 * CAP_SYS_ADMIN, which still stands for both); reading the maps afterwards takes nothing.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

enum {
	PRIVILEGE_BPF = 1 << 0,
	PRIVILEGE_PERFMON = 1 << 1,
};

/* Mask of what is missing; 0 = nothing. */
unsigned int privileges__missing(void);

/* "CAP_BPF and CAP_PERFMON"; "" for 0. */
const char *privileges__name(unsigned int mask);

/*
 * Gives up all capabilities for good, once @works says (0 or -errno) that it can do without them.
 * Where it says -EPERM (kernels before 5.19 with unprivileged_bpf_disabled let nobody read a map
 * without it), CAP_BPF alone is kept. 0, or -errno of @works or of giving up.
 */
int privileges__drop(int (*works)(void *arg), void *arg);

#endif
