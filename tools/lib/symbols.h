/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Names of kernel addresses, as /proc/kallsyms has them; for stacks. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct symbols;

/*
 * Reads /proc/kallsyms, or @in where that is not NULL. To be called while there are privileges.
 * NULL: it cannot be read, or hides all addresses (errno EACCES; kernel.kptr_restrict).
 */
struct symbols *symbols__new(FILE *in);
void symbols__free(struct symbols *s); /* NULL: no-op */
/* "io_mem_abort+0x9c"; "0x..." where @s is NULL or has nothing just below @addr. */
#define SYMBOL_SZ 96
void symbols__name(const struct symbols *s, uint64_t addr, char buf[SYMBOL_SZ]);

/*
 * The first of @nr addresses of a stack, innermost first, that is not the tracer's own: BPF
 * programs and how they are called. 0 where that cannot be told.
 */
unsigned int symbols__skip(const struct symbols *s, const __u64 *stack, unsigned int nr);

#endif
