/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The options that say what is measured and by which hooks, and how much of it there is room for.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

struct measure {
	const char *profile; /* NULL: the default one */
	uint32_t stages;     /* mask of enum vgic_stage: the profile's and those added */
	double max_overhead; /* of one CPU: 0.02 = 2 %; 0: no limit */
	bool exits;          /* by reason, too */
	bool only_kprobes;
	uint64_t max_vcpus, max_cells, max_blocks; /* session_opts; 0: default */
	bool is_given;                             /* any of the options was */
};

/* The next cheaper profile, without added stages; false: there is none. */
bool measure__lower(struct measure *m);

/* As a child of a tool's parser, its input is a struct measure of zeroes. Needs a group number. */
extern const struct argp measure_argp;

#endif
