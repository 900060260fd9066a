/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Makes pairs of recordings: switches the host to one state and the other, in the order base new,
 * new base, base new, ..., so that what drifts meanwhile hits both alike, and records a run in
 * each.
 */
#ifndef CMP_RUN_H
#define CMP_RUN_H

#include <stddef.h>

struct cmp_run_opts {
	const char *base, *new; /* shell commands that switch the host; see workload */
	char *const *workload;  /* what is recorded; NULL: the commands themselves */
	const char *recorder;   /* shell command that takes -o FILE -- CMD: "vgic-lat" */
	const char *dir;        /* of the recordings; is made where it is not there */
	size_t nr_pairs;
};

struct cmp_run_files {
	char **base, **new; /* nr_pairs each */
	size_t nr_pairs;
};

/*
 * What is done is said on stderr, and so is what the commands write. 0, or -errno with @line saying
 * what failed: -ECHILD, a command did, and with which status; -EEXIST: there is a recording
 * already.
 */
int cmp_run__record(const struct cmp_run_opts *opts, struct cmp_run_files *files, char *line,
		    size_t size);
void cmp_run_files__clear(struct cmp_run_files *files);

#endif
