/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Synthetic runs with a known truth, for simulate.c: samples of NR_RANGES ranges with one stage,
 * whose histograms are drawn from known distributions.
 */
#ifndef RUNS_H
#define RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include "compare.h"
#include "stats.h"

#define NR_RANGES 20

struct model {
	double events;     /* mean number of accesses per range and run (slice) */
	double noise;      /* of a run: deviation of its log cost, per range */
	double pair_noise; /* the same, of what both runs of a pair share */
	double sigma;      /* of an access's log cost: ranges are log-normal, slices uniform */
	/*
	 * A third of the ranges has sigma 0.8, another third a Pareto tail of 3 % of the accesses
	 * with exponent 1.5, whose variance is infinite.
	 */
	bool is_heavy;
	/* Within one run: slices whose log cost is autoregressive, around a line that tilts. */
	double slice_noise, phi; /* deviation; correlation with the next one */
	double drift;            /* the line's ends are up to so far from its middle */
};

struct set {
	struct compare_side side;
	struct compare_run *runs;
	struct sample **samples;
};

/* The log cost of @range in run @i: @n values per range, in the order [range][run]. */
struct costs {
	double *log_cost;
	size_t n;
};

/* Draws them: of @n runs, or of the @n slices of one run. False: no memory. */
bool costs__init(struct costs *costs, size_t n);
void costs__of_runs(struct costs *costs, const struct model *model, struct stats_rng *rng);
void costs__of_slices(struct costs *costs, const struct model *model, struct stats_rng *rng);
/* Adds to both what the runs of a pair share. */
void costs__add_pairs(struct costs *a, struct costs *b, const struct model *model,
		      struct stats_rng *rng);
void costs__shift(struct costs *costs, size_t range, double log_ratio);
void costs__clear(struct costs *costs);

/* Draws the accesses. False: no memory. */
bool set__init(struct set *set, const struct costs *costs, const struct model *model,
	       struct stats_rng *rng);
void set__clear(struct set *set);

#endif
