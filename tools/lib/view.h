/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Reports: what a sample looks like as text and as JSON. Views take samples and the circumstances
 * that they were taken in, never a session. docs/json.md describes what view_json writes.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include "calibration.h"
#include "host.h"
#include "plan.h"
#include "sample.h"

/* The circumstances, and what is asked for: the same for all reports of a run. */
struct view {
	const char *tool;
	const struct host *host;
	const struct plan *plan; /* NULL: nothing could be attached */
	const char *attach;      /* where there is no plan: how it was seen (imports); NULL: not */
	const struct calibration *calibration; /* NULL: there is none */
	const char *profile;
	uint32_t stages;   /* mask of enum vgic_stage */
	const char *range; /* glob; only these ranges are shown. NULL = all */
	bool per_vcpu, per_device;
	bool raw;           /* latencies as measured, with the hooks' share in them */
	bool summary;       /* text: no histograms */
	bool fine;          /* text: histograms of four rows an octave */
	unsigned int width; /* text */
	const char *replay; /* the recording that this is a replay of; NULL: it happens now */
	double base_s;      /* Unix time when the samples' clock was 0; 0: not known */
};

struct report {
	const struct sample *sample; /* sorted */
	unsigned int interval;       /* 1, 2, ...; 0 = there are no intervals */
	time_t time;                 /* to be printed with it; 0 = not asked for */
	int cmd_status;              /* as the shell gives it; -1 = no command was run */
};

/* Both return 0 or -ENOMEM; whether @out took it all is for the caller to ask. */
struct view_ops {
	int (*header)(FILE *out, const struct view *view);
	int (*report)(FILE *out, const struct view *view, const struct report *report);
};
extern const struct view_ops view_text, view_json, view_csv, view_hlog;
/* What view_json writes at the end of a report. 0 or -ENOMEM. */
int view_json__summary(FILE *out, const struct view *view, const struct report *report);

/* The figures of a distribution that are quantiles. */
struct view_quantile {
	const char *title, *key; /* column; JSON key */
	unsigned int per_mille;
	unsigned char drop; /* where a line is too narrow (struct table_column) */
};
#define VIEW_NR_QUANTILES 4
extern const struct view_quantile view_quantiles[VIEW_NR_QUANTILES];
/* Whether enough events (10) lie beyond it to say anything; of the median, always. */
bool view__quantile_holds(const struct lat *lat, const struct view_quantile *q);

/* A stage's latencies as they are to be shown: without the hooks' share, if it is known. */
struct view_figures {
	double mean_ns, mean_error_ns; /* the mean is right within this (about 95 %) */
	uint64_t min_ns, max_ns, quantile_ns[VIEW_NR_QUANTILES];
};
struct view_figures view__figures(const struct view *view, int stage, const struct lat *lat);
/* What is taken out of @stage's latencies; 0 where they are shown as measured. */
double view__share_ns(const struct view *view, int stage);

/* Whether @stage is shown as measured although others are corrected. */
bool view__is_as_measured(const struct view *view, int stage);

/* What the tool itself took. */
struct view_overhead {
	bool is_known;
	double access_ns, error_ns; /* per in-kernel access */
	double emulation; /* of the time the guests' accesses take without it; negative: not known
			   */
	double cpu;       /* of one CPU's time */
	double duty;      /* attached for this part of the time */
	double rate;      /* in-kernel accesses per second, while attached; negative: not known */
};
struct view_overhead view__overhead(const struct view *view, const struct sample *sample);

/* "GICD_CTLR", "ioeventfd@0xa000e00". */
#define VIEW_LABEL_SZ 40
void view__label(const struct sample_key *key, char *buf);
struct view_totals {
	uint64_t seen;    /* completed in the kernel */
	uint64_t untimed; /* of these, without latencies */
	uint64_t user;    /* left to user space */
};
struct view_totals view__totals(const struct sample *sample);
/* Whether a row is to be shown: something happened, and its range is one of those asked for. */
bool view__shows(const struct view *view, const struct sample_series *series);
/* Whether a glob can match anything at all: a range's name (in any letter case) or label. */
bool view__range_exists(const char *glob);
/* "lookup, device, bus" with @between ", "; "" where @stages is 0. */
#define VIEW_STAGES_SZ 96
void view__stages(uint32_t stages, const char *between, char *buf);
/* "aarch64, 8 CPUs, GICv3": what is known of it; "" where nothing is. */
#define VIEW_HOST_SZ 96
void view__host(const struct host *host, char *buf);

/* Text: a histogram in the shape of bcc's. */
void view__histogram(FILE *out, const struct view *view, int stage, const struct lat *lat);

#endif
