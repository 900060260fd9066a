/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef STATS_H
#define STATS_H

#include <stdint.h>

/*
 * Adds one vCPU's mmio_exit_kernel and mmio_exit_user to the sums. 0 or -errno; -ENOTTY: the kernel
 * has no such statistics.
 */
int kvm_stats__add_exits(int vcpu_fd, uint64_t *kernel, uint64_t *user);

#endif
