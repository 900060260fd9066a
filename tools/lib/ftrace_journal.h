/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Accesses in a temporary file: as many as there are, without taking memory. */
#ifndef FTRACE_JOURNAL_H
#define FTRACE_JOURNAL_H

#include "ftrace_access.h"

struct ftrace_journal;

struct ftrace_journal *ftrace_journal__new(void); /* NULL: errno says why */
int ftrace_journal__add(struct ftrace_journal *journal, const struct ftrace_access *access);
/* Calls @fn for each, in their order, until it fails. 0 or -errno. */
int ftrace_journal__each(struct ftrace_journal *journal, ftrace_access__fn fn, void *arg);
void ftrace_journal__free(struct ftrace_journal *journal); /* NULL: no-op */

#endif
