/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Facts that a command tells of its own run (recording.h), through a file that the environment
 * names: lines "NAME VALUE". What it wrote is untrusted.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdio.h>
#include "recording.h"

#define FACTS_VARIABLE "VGIC_FACTS"

struct facts;

/* Makes the file, for this user only, and sets the variable. 0 or -errno. */
int facts__new(struct facts **facts);
/*
 * Hands on each fact there is, once the command has ended, until @fn returns other than 0; returns
 * that. *@nr_bad: lines that are none (or lie beyond what is read: 1,000 lines, 64 KiB).
 */
int facts__each(struct facts *facts, int (*fn)(void *arg, const char *name, double value),
		void *arg, unsigned int *nr_bad);
/* Takes the file away. NULL: no-op. */
void facts__free(struct facts *facts);

/* The command's side: adds one, if anybody wants to know. 0 or -errno. */
int facts__tell(const char *name, double value);

#endif
