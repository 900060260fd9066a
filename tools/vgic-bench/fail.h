/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef FAIL_H
#define FAIL_H

/*
 * Prints "vgic-bench: MESSAGE" to stderr as one line and returns @err. From any thread; only the
 * first message is printed, for a failure ends the program and others may follow from it.
 */
__attribute__((format(printf, 2, 3))) int fail(int err, const char *fmt, ...);

#endif
