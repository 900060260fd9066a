/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Runs that are the same on every machine, for tests of comparisons. */
#ifndef FAKE_RUNS_H
#define FAKE_RUNS_H

#include "compare.h"

#define FAKE_MAX_RUNS 128

/* What a run sees; one second attached. */
struct fake_range {
	uint8_t kind, range, op;
	uint64_t count;    /* per run */
	double ns[3];      /* lookup, device, bus: where the latencies lie; 0 = none */
	double run_spread; /* of the runs' latencies, relative */
};

struct fake_side {
	struct compare_side side; /* what compare__runs() takes */
	struct compare_run runs[FAKE_MAX_RUNS];
	struct recording_fact facts[FAKE_MAX_RUNS][4];
};

/* @nr runs of these ranges, the latencies of all of them times @slower; noise by @seed. */
struct fake_side *fake__side(const struct fake_range *ranges, size_t nr_ranges, size_t nr,
			     double slower, uint64_t seed);
/* A fact for run @run. */
void fake_side__fact(struct fake_side *s, size_t run, const char *name, double value);
void fake_side__free(struct fake_side *s);

#endif
