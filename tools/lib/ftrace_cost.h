/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What function_graph itself adds to the durations it records, told from the durations: calls of
 * the same function with one traced call more or less in them. docs/importing.md has the method,
 * what it was checked against, and its limits.
 */
#ifndef FTRACE_COST_H
#define FTRACE_COST_H

#include <stdbool.h>
#include <stdint.h>

struct ftrace_cost;

/* Pairs: calls of the same function, with one traced call more in them, or without. */
enum ftrace_pair {
	FTRACE_PAIR_MODEL,     /* vgic_v*_handle_mmio: vgic_handle_mmio_range, or nothing */
	FTRACE_PAIR_BUS_READ,  /* kvm_io_bus_read: lookup and device, or lookup */
	FTRACE_PAIR_BUS_WRITE, /* kvm_io_bus_write, or what is in it */
	FTRACE_PAIR_LOOKUP,    /* kvm_io_bus_get_first_dev: two comparisons, or one */
	FTRACE_NR_PAIRS,
};

/* In ns. Of a recorded duration: calls * leaf + (calls - tops) * call + events * event. */
struct ftrace_share {
	bool is_known;
	bool knows_events; /* the price of an event is known, too */
	double leaf_ns, leaf_error_ns;
	double call_ns, call_error_ns;
	double event_ns, event_error_ns;
};

struct ftrace_cost *ftrace_cost__new(void); /* NULL: no memory */
/* A call with nothing traced in it, of function number @no. All of these: 0 or -ENOMEM. */
int ftrace_cost__leaf(struct ftrace_cost *cost, unsigned int no, uint64_t ns);
/* @ns: its duration without those of the calls in it. */
int ftrace_cost__pair(struct ftrace_cost *cost, enum ftrace_pair pair, bool more, uint64_t ns);
/* A function that does little but call one other; @ns as above. */
int ftrace_cost__wrapper(struct ftrace_cost *cost, uint64_t ns);
/* kvm_handle_mmio_return with its one event. */
int ftrace_cost__event(struct ftrace_cost *cost, uint64_t ns);
void ftrace_cost__estimate(const struct ftrace_cost *cost, struct ftrace_share *share);
void ftrace_cost__free(struct ftrace_cost *cost);

/* Durations of traced calls, summed, with all that the tracer did in them. */
struct ftrace_part {
	uint64_t ns;     /* as recorded */
	uint32_t tops;   /* how many durations */
	uint32_t calls;  /* traced calls: these, and all below them */
	uint32_t events; /* written below them */
	bool is_timed;   /* each had a duration */
};

/* What is to be taken out of a part, and how far that may be off. */
double ftrace_share__of(const struct ftrace_share *share, const struct ftrace_part *part,
			double *error_ns);

#endif
