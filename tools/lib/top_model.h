/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What vgic-top shows: takes the sample of each interval, folds it into the rows of its views,
 * keeps the last minute, sorts, filters, and knows which row is selected. It knows no terminal, and
 * not where samples come from.
 */
#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "top_table.h"
#include "view.h"

enum top_view { TOP_VMS, TOP_VCPUS, TOP_DEVICES, TOP_RANGES, TOP_EXITS, TOP_NR_VIEWS };

#define TOP_ENDED_KEPT 15 /* intervals for which a VM that ended is still shown */
#define TOP_FILTER_SZ 64

struct top_vm {
	struct sample_vm vm;
	bool is_used;           /* else this number is free */
	unsigned int ended_for; /* intervals; 0: it lives */
};

/* The row that was opened: its latencies since then. */
struct top_detail {
	bool is_open;
	enum top_view view;
	struct sample_key key;
	uint64_t count;
	uint64_t time_ns;
	struct lat lat[VGIC_NR_STAGES];
};

struct top_column;

struct top_model {
	const struct view *view; /* the circumstances: the caller's */
	enum top_view shown;
	struct top_table tables[TOP_NR_VIEWS];
	struct top_vm *vms;
	size_t nr_vms;
	struct sample *sample; /* the last interval's; NULL: there was none */
	unsigned int folded;   /* mask of the views whose rows have the latencies of that */
	double seconds;        /* attached in that interval */
	double exit_seconds;   /* exits were counted for, in that interval */
	unsigned int nr_taken;
	bool is_paused; /* samples are not taken */

	const struct top_column *sort[TOP_NR_VIEWS];
	bool reverse[TOP_NR_VIEWS];
	char filter[TOP_FILTER_SZ]; /* glob over names, or part of one; "": all */
	size_t *order;              /* row numbers of the shown table, as they are listed */
	size_t nr_order;
	bool is_selected; /* a row was; else it is the first one, whichever that is */
	struct sample_key selected;
	size_t position; /* in the order, of what is selected */
	struct top_detail detail;
};

void top_model__init(struct top_model *m, const struct view *view);
void top_model__free(struct top_model *m);

/* All return 0 or -ENOMEM. */
/* @sample: of one interval, sorted; it is held, and must not change any more. */
int top_model__take(struct top_model *m, const struct sample *sample);
int top_model__show(struct top_model *m, enum top_view view);
int top_model__sort(struct top_model *m, const struct top_column *column, bool reverse);
int top_model__filter(struct top_model *m, const char *glob);

/* Moves the selection; it stays with its row from then on. */
void top_model__move(struct top_model *m, long by);
/* NULL: nothing is listed. */
const struct top_row *top_model__selected(const struct top_model *m);
/* The row at @position of the order. */
const struct top_row *top_model__row(const struct top_model *m, size_t position);
const struct top_vm *top_model__vm(const struct top_model *m, const struct top_row *row);

int top_model__open(struct top_model *m); /* the selected row; nothing where there is none */
void top_model__close(struct top_model *m);

/* The last interval in all. */
struct top_totals {
	unsigned int nr_vms, nr_ended, nr_vcpus; /* VMs that live; that ended and are still shown */
	double kernel, user;                     /* accesses a second */
	double cpu;                              /* emulation, of one CPU; NAN: not measured */
};
/* For how long in the last interval what @view shows was counted; 0: it was not. */
double top_model__seconds(const struct top_model *m, enum top_view view);
struct top_totals top_model__totals(const struct top_model *m);

const char *top_view__name(enum top_view view);
int top_view__parse(const char *name); /* -ENOENT: no such view */

#endif
