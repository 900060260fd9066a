/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What compare.c tests: a run's figures, one per range, stage and metric. For the modules of the
 * comparison only.
 */
#ifndef COMPARE_RUNS_H
#define COMPARE_RUNS_H

#include "compare.h"

/* A run, or a slice of one. */
struct run_sum {
	const struct compare_run *run;
	struct sample *sum; /* over VMs, vCPUs and devices of a kind */
	double unit;        /* of work, or seconds attached: what counts are divided by */
};

struct run_sums {
	struct run_sum *runs;
	size_t nr_runs;
	struct sample *all; /* the sum of the runs, sorted */
	double unit;
	uint32_t stages; /* that all runs measured */
};

/* -EINVAL: nothing to divide counts by (no time attached, no work); -ENOMEM. */
int run_sums__init(struct run_sums *sums, const struct compare_side *side, bool per_work);
void run_sums__clear(struct run_sums *sums);

/* 0.5, 0.9, 0.99; NAN: the metric is no quantile. */
double compare_metric__quantile(enum compare_metric metric);
/* Whether the range is one of those asked for. */
bool compare_opts__wants(const struct compare_opts *opts, const struct sample_key *key);
/* Whether each run of the side tells its work. */
bool compare_side__tells_work(const struct compare_side *side);

/* The figure wanted: of a range (or none), of a stage (or none). */
struct figure {
	enum compare_metric metric;
	struct sample_key key;
	int stage;          /* -1: none */
	const char *fact;   /* its name; NULL: none, then key says the range */
	bool less_baseline; /* the fact */
};

/*
 * The figure of runs @from up to, not including, @to as one. NAN: it has none. 0 or -ENOMEM.
 */
int run_sums__figure(const struct run_sums *sums, size_t from, size_t to, const struct figure *f,
		     double *value);
/* How many events stand behind it in the run that has the fewest; not for facts. */
uint64_t run_sums__fewest(const struct run_sums *sums, const struct figure *f);
/* How many in all runs. */
uint64_t run_sums__events(const struct run_sums *sums, const struct figure *f);
/* Whether run @i has an event of it; facts are always there. */
bool run_sums__has(const struct run_sums *sums, size_t i, const struct figure *f);
/* Whether the shares of all runs are one model's (compare_run.is_modelled). */
bool run_sums__is_modelled(const struct run_sums *sums);
/*
 * How far the sides' ratio may be off, as a log ratio, by the errors of the hooks' shares: those of
 * two measurements, or of one model, where only what they differ by counts.
 */
double run_sums__share_doubt(const struct run_sums *base, const struct run_sums *new,
			     const struct figure *f);
/*
 * How far a quantile may be off, as a log ratio, in the worst run: its bucket is known, its place
 * in it is a guess. 0: the figure is no quantile, or its bucket holds one value only.
 */
double run_sums__grain(const struct run_sums *sums, const struct figure *f);
/* The fact of the run; NAN: it has none. */
double compare_run__fact(const struct compare_run *run, const char *name);

#endif
