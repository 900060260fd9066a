/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef FAIL_H
#define FAIL_H

/* Prints "vgic-bench: MESSAGE" to stderr as one line and returns @err. */
__attribute__((format(printf, 2, 3))) int fail(int err, const char *fmt, ...);

#endif
