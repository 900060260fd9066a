/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Which register an imported access went to: by its guest address, once it is known what lies at
 * that address (handlers tell), else by its handler, and then as wide as the handler is.
 */
#ifndef FTRACE_RANGE_H
#define FTRACE_RANGE_H

#include <stdint.h>
#include "ftrace_path.h"
#include "sample.h"

struct ftrace_pages;

struct ftrace_pages *ftrace_pages__new(void); /* NULL: no memory */
/* Learns from an access what lies at its address. Pages beyond the first 16384 are not learnt. */
void ftrace_pages__learn(struct ftrace_pages *pages, const struct ftrace_access *access);
/*
 * Fills in kind, range and base, for a VGIC of @model (2, 3; 0: unknown): when all is learnt. base
 * is SAMPLE_NO_ADDRESS where it is not known.
 */
void ftrace_pages__classify(const struct ftrace_pages *pages, const struct ftrace_access *access,
			    unsigned int model, struct sample_key *key);
void ftrace_pages__free(struct ftrace_pages *pages);

#endif
