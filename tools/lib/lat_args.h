/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-lat's command line. */
#ifndef LAT_ARGS_H
#define LAT_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include "look.h"
#include "measure.h"
#include "pick.h"

struct lat_args {
	struct pick pick;
	struct measure measure;
	struct look look;
	uint64_t duration_ns, interval_ns, nr_intervals; /* 0: none given */
	uint64_t slice_ns;
	const char *record, *replay, *import; /* paths; NULL: none */
	bool verbose;
	char **cmd; /* NULL: none */
};

/* Of zeroes before. Ends the process with status 2 for bad usage, 0 for --help and the like. */
void lat_args__parse(struct lat_args *args, int argc, char **argv);

#endif
