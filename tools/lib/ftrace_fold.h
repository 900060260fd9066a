/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Imported accesses, kept until all is known that the text tells (what lies at which address, what
 * the tracer itself cost), then made into a sample.
 */
#ifndef FTRACE_FOLD_H
#define FTRACE_FOLD_H

#include <stdbool.h>
#include <stdint.h>
#include "ftrace_path.h"
#include "import_ftrace.h"

struct ftrace_fold;

struct ftrace_fold *ftrace_fold__new(void); /* NULL: errno says why */
/* 0 or -errno. An ftrace_path__fn; @fold is a struct ftrace_fold. */
int ftrace_fold__add(void *fold, const struct ftrace_access *access);
/*
 * Fills import->sample and its facts, stages, calibration and remarks of all accesses so far. 0 or
 * -errno.
 */
int ftrace_fold__finish(struct ftrace_fold *fold, const struct ftrace_path *path,
			const struct ftrace_share *share, const struct import_opts *opts,
			struct import *import);
void ftrace_fold__free(struct ftrace_fold *fold);

/* Adds a line for the user; what does not fit is dropped. */
__attribute__((format(printf, 2, 3))) void import__remark(struct import *import, const char *format,
							  ...);
__attribute__((format(printf, 3, 4))) void import__fact(struct import *import, double value,
							const char *format, ...);

#endif
