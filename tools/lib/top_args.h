/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-top's command line. */
#ifndef TOP_ARGS_H
#define TOP_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include "measure.h"
#include "pick.h"
#include "top_columns.h"

struct top_args {
	struct pick pick;
	struct measure measure;
	uint64_t interval_ns;  /* 0: none was given */
	uint64_t nr_intervals; /* 0: no limit */
	bool batch, json, timestamps, reverse;
	enum top_view view;
	const struct top_column *sort; /* NULL: none was given */
	const char *filter;            /* NULL: none */
	const char *replay;            /* path; NULL: what happens now */
	uint64_t speed;                /* of the replay, times as fast; 0: none was given */
};

/* Of zeroes before. Ends the process with status 2 for bad usage, 0 for --help and the like. */
void top_args__parse(struct top_args *args, int argc, char **argv);

#endif
