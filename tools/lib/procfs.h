/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Reading /proc and other small kernel files. The parsers work on buffers and open nothing: what a
 * process says about itself (its command line, its name) is untrusted input.
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads up to @size - 1 bytes of the file at @path and ends them with a NUL. Returns how many, or
 * -errno.
 */
long procfs__read(const char *path, char *buf, size_t size);

/*
 * Copies @len bytes of @text into @buf, cut to @size - 1, as printable UTF-8: control characters,
 * characters that turn the direction of writing, and bytes that are no UTF-8 become '?'.
 */
void procfs__printable(const char *text, size_t len, char *buf, size_t size);

/*
 * The guest's name on a VMM's command line (/proc/PID/cmdline: arguments that end with NUL):
 * "-name guest=x,...", "-name x", "--name x", "--name=x", "--id x", "--id=x". 0 and the name as
 * printable text, or -ENOENT.
 */
int procfs__guest_name(const char *cmdline, size_t len, char *buf, size_t size);

/*
 * The interrupt controller in /proc/interrupts: "GICv2" (also where Linux says GIC-0), "GICv3",
 * "GICv5"; "GICv4" where a vPE or vSGI interrupt is in use. 0 or -ENOENT.
 */
int procfs__gic(const char *interrupts, char *buf, size_t size);

/* A file that holds one decimal number. 0 or -EINVAL, -ERANGE. */
int procfs__number(const char *text, uint64_t *value);

#endif
