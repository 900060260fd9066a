/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Whether two sets of runs differ: runs in, verdicts out. Pure arithmetic on samples: no files, no
 * output. The method, with its sources and its limits: docs/comparing.md.
 *
 * The unit is the run, never the access: each run is summed up as one figure per range, stage and
 * metric, and only these figures are tested. Figures are compared as log ratios: Hodges-Lehmann
 * estimate with a rank interval, signed rank where runs are paired, rank sum otherwise; the
 * interval of p99 is a bootstrap over runs.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"
#include "recording.h"
#include "sample.h"

/* What is compared of a range; one figure a run. */
enum compare_metric {
	COMPARE_COUNT,  /* accesses per unit of work, or per second attached */
	COMPARE_MEAN,   /* of a stage's latencies, ns, without the hooks' share */
	COMPARE_P50,    /* likewise */
	COMPARE_P90,    /* likewise */
	COMPARE_P99,    /* likewise */
	COMPARE_ACCESS, /* fact access_ns.RANGE.OP, ns, less the baseline where all runs have one */
	COMPARE_BASELINE, /* fact baseline_ns, ns: an exit that does not pass the path; no range */
	COMPARE_NR_METRICS,
};
const char *compare_metric__name(enum compare_metric metric); /* "count", "mean", ... */
int compare_metric__parse(const char *name);                  /* -ENOENT */

enum compare_verdict {
	COMPARE_REGRESSION,   /* more than before: significant, and estimated beyond the margin */
	COMPARE_IMPROVEMENT,  /* less; likewise */
	COMPARE_EQUIVALENT,   /* the interval of level 1 - 2 alpha lies inside the margin (TOST) */
	COMPARE_INCONCLUSIVE, /* none of these can be said: see why */
};
const char *compare_verdict__name(enum compare_verdict verdict);

/* One run; or one slice of a run (compare_opts.within_run). All is borrowed. */
struct compare_run {
	const struct sample *sample;           /* of this run (slice) alone, not cumulative */
	const struct calibration *calibration; /* NULL: latencies are compared as measured */
	double tick_ns;                        /* 0 = not known */
	/* The calibration is a model's, one for all runs: its errors do not average out, and
	 * cancel between the sides as far as they are alike. */
	bool is_modelled;
	const struct recording_fact *facts; /* see recording.h; a slice has none */
	size_t nr_facts;
};
struct compare_side {
	const struct compare_run *runs; /* in the order they were made */
	size_t nr_runs;
};

struct compare_opts {
	bool paired;       /* run i of base belongs to run i of new; as many on both sides */
	bool within_run;   /* the runs are slices of one run a side; not with paired */
	double alpha;      /* 0 = 0.05: of the gate as a whole, and of each "equivalent" */
	double margin;     /* a ratio, such as 0.02; 0 = the larger of 2 % and one tick */
	int metric;        /* the gate's; -1 = mean, or count where no stage was measured */
	int stage;         /* the gate's; -1 = bus, else the costliest that both sides have */
	uint32_t stages;   /* mask: only these are compared; 0 = all that both sides have */
	uint32_t metrics;  /* mask of enum compare_metric: likewise; the gate's is always */
	const char *range; /* glob: only these; NULL = all */
	/* Noise floor: base against itself. Where it is above the margin, it is the margin. */
	bool use_floor;
};

/* A comparison of one figure. */
struct compare_row {
	struct sample_key key; /* summed over VMs, vCPUs and devices */
	char fact[64];         /* COMPARE_ACCESS, COMPARE_BASELINE: its name; the key is unused */
	int stage;             /* -1: the metric has none */
	enum compare_metric metric;
	size_t nr_base, nr_new; /* runs; within one run: batches of slices */
	double base, new;       /* medians over runs */
	double ratio;           /* new / base */
	double low, high; /* the ratio's interval of level 1 - alpha; 0, INFINITY: n too small */
	double margin;    /* the one applied, as a ratio: 0.02; the floor included */
	double floor;     /* use_floor: of base against itself; 0 = none, NAN = too few runs */
	double p;         /* two-sided, of no change */
	double p_holm;    /* of the same metric and stage, over all ranges in the gate */
	double p_bh;      /* Benjamini and Hochberg's over all rows: for exploring */
	bool is_rare;     /* too few accesses in a run: shown, in no family */
	bool in_gate;
	enum compare_verdict verdict;
	char why[128]; /* of "inconclusive": what it would take; else "" */
};

/* What a range contributes to the change of the total time, in ns per unit (of work, or second). */
struct compare_effect {
	struct sample_key key;
	double base_ns, new_ns; /* count x mean of the gate's stage */
	double count_ns;        /* of the change: more accesses, each as dear as before */
	double latency_ns;      /* as many accesses, each dearer */
	double both_ns;         /* the new accesses, as far as they are dearer */
};

struct comparison {
	struct compare_row *rows; /* by range, then stage, then metric */
	size_t nr_rows;
	struct compare_effect *effects; /* dearest change first */
	size_t nr_effects;
	struct compare_effect total; /* their sum */
	bool per_work; /* unit is the fact "work" of all runs; else a second attached */
	bool within_run;
	uint32_t stages_left_out; /* the hooks' share is known in some of the runs only */
	bool less_baseline;       /* COMPARE_ACCESS: the baseline is taken out */
	int metric, stage;        /* the gate's */
	int total_stage;          /* of the effects; -1: no latencies, no effects */
	double alpha;
	size_t nr_gate;                   /* rows in it */
	size_t nr_of[4];                  /* of these, by verdict */
	enum compare_verdict verdict;     /* the gate's; equivalent stands for "no regression" */
	size_t nr_base_only, nr_new_only; /* ranges that one side alone has: not compared */
};

/*
 * The gate is one family: its metric and stage, over all ranges that are not rare. Its verdict is a
 * regression if any row's is; else inconclusive if any row's is; else equivalent, or improvement if
 * any row's is. With no change at all in truth, the probability that any row of it says regression
 * or improvement is at most alpha (Holm). Rows of other stages, means and quantiles, say so only of
 * ranges whose row in the gate is significant, so that no more false alarms come from them.
 *
 * 0; -EINVAL: options or runs that do not fit together (no run on a side, pairs that are none);
 * -ENODATA: nothing that both sides have; -ENOMEM.
 */
int compare__runs(const struct compare_side *base, const struct compare_side *new,
		  const struct compare_opts *opts, struct comparison **comparison);
void comparison__free(struct comparison *comparison); /* NULL: no-op */

#endif
