/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Imports ftrace function_graph text (docs/importing.md): the accesses of one recording as a
 * sample, with all that is to be said of it. Reads line by line; what it keeps in memory does not
 * grow with the file (a temporary file does, by some 150 bytes an access).
 *
 * Who calls it: vgic-lat. What it must not know: sessions, views.
 */
#ifndef IMPORT_FTRACE_H
#define IMPORT_FTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include "recording.h"
#include "sample.h"

#define IMPORT_MAX_REMARKS 16
#define IMPORT_MAX_FACTS 512

struct import {
	struct sample *sample; /* sorted */
	struct recording_info info;
	struct recording_fact facts[IMPORT_MAX_FACTS]; /* docs/importing.md has the names */
	size_t nr_facts;
	char remarks[IMPORT_MAX_REMARKS]
		    [192]; /* lines for the user: what is lost, unknown, taken out */
	size_t nr_remarks;
};

struct import_opts {
	bool per_vcpu, per_device; /* what the sample keeps apart */
	/*
	 * NULL, or called at the end of each slice (ftrace_slices.h): the sample is what came so
	 * far, info is whole, facts are not. 0 or -errno, which ends the import.
	 */
	int (*slice)(void *arg, const struct import *so_far);
	void *arg;
};

/* A line for the user about the last failure, valid until the next call. */
const char *import_ftrace__error(void);
/*
 * @path: text, plain or compressed by gzip; "-" is stdin. 0; -EINVAL: it is no such text, or not
 * whole; other -errno: it could not be read, or no memory.
 */
int import_ftrace__read(const char *path, const struct import_opts *opts, struct import **import);
/*
 * Into a recording, with all that is to be told to the user; it keeps vCPUs and devices apart. 0,
 * or an exit status: 2, there is nothing to be read; 1, it could not be written, or no memory.
 */
int import_ftrace__make(const char *text, const char *recording,
			void (*say)(void *arg, const char *line), void *arg);
void import_ftrace__free(struct import *import); /* NULL: no-op */

#endif
