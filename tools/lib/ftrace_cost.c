// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_cost.h"
#include "values.h"

#define NR_LEAVES 256
/* Calls that took longer than so many times the median were interrupted. */
#define TYPICAL 2.0
/*
 * Shares of the shortest leaf call's duration, from the recordings of known instruction counts
 * (docs/importing.md): of such a call a quarter is the function itself; a read's value is copied
 * before its event; and who makes a call more has more to do itself (own), right within error.
 */
#define LEAF_SHARE 0.75
#define LEAF_ERROR 0.15
#define PAIR_ERROR 0.10
#define FEW 8 /* calls: the clock's tick shows */
#define FEW_ERROR 0.15
#define WRAPPER_SHARE 0.25
#define WRAPPER_ERROR 0.25
#define EVENT_BASE (4.0 / 3)
#define EVENT_ERROR 0.20

struct ftrace_cost {
	struct values leaves[NR_LEAVES];
	struct values pairs[FTRACE_NR_PAIRS][2];
	struct values wrappers, events;
};

struct ftrace_cost *ftrace_cost__new(void)
{
	return calloc(1, sizeof(struct ftrace_cost));
}

void ftrace_cost__free(struct ftrace_cost *cost)
{
	if (!cost)
		return;
	for (int i = 0; i < NR_LEAVES; i++)
		values__free(&cost->leaves[i]);
	for (int i = 0; i < FTRACE_NR_PAIRS * 2; i++)
		values__free(&cost->pairs[i / 2][i % 2]);
	values__free(&cost->wrappers);
	values__free(&cost->events);
	free(cost);
}

int ftrace_cost__leaf(struct ftrace_cost *cost, unsigned int no, uint64_t ns)
{
	return no < NR_LEAVES ? values__add(&cost->leaves[no], ns) : 0;
}

int ftrace_cost__pair(struct ftrace_cost *cost, enum ftrace_pair pair, bool more, uint64_t ns)
{
	return values__add(&cost->pairs[pair][more], ns);
}

int ftrace_cost__wrapper(struct ftrace_cost *cost, uint64_t ns)
{
	return values__add(&cost->wrappers, ns);
}

int ftrace_cost__event(struct ftrace_cost *cost, uint64_t ns)
{
	return values__add(&cost->events, ns);
}

static double least_leaf(const struct ftrace_cost *cost)
{
	double least = NAN;

	for (int i = 0; i < NR_LEAVES; i++)
		least = fmin(least, values__mean(&cost->leaves[i], TYPICAL));
	return least;
}

struct candidate {
	const struct values *more, *less;
	double own; /* what the function has to do itself for the call more, in leaf calls */
};

static uint32_t candidate__nr(const struct candidate *c)
{
	return c->more->nr < c->less->nr ? c->more->nr : c->less->nr;
}

/*
 * The pair with the most calls in both of its sides. Where no read failed to find a device, writes
 * that did stand for them; writes alone are the last resort. NULL: there is none.
 */
static const struct candidate *best_pair(const struct ftrace_cost *cost, struct candidate *best)
{
	const struct values(*pairs)[2] = cost->pairs;
	const struct candidate candidates[] = {
		{ &pairs[FTRACE_PAIR_MODEL][1], &pairs[FTRACE_PAIR_MODEL][0], 0.10 },
		{ &pairs[FTRACE_PAIR_LOOKUP][1], &pairs[FTRACE_PAIR_LOOKUP][0], 0.10 },
		{ &pairs[FTRACE_PAIR_BUS_READ][1], &pairs[FTRACE_PAIR_BUS_READ][0], 0.18 },
		{ &pairs[FTRACE_PAIR_BUS_READ][1], &pairs[FTRACE_PAIR_BUS_WRITE][0], 0.10 },
		{ &pairs[FTRACE_PAIR_BUS_WRITE][1], &pairs[FTRACE_PAIR_BUS_WRITE][0], 0.24 },
	};
	uint32_t nr = VALUES_MIN - 1;

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
		if (candidate__nr(&candidates[i]) > nr) {
			nr = candidate__nr(&candidates[i]);
			*best = candidates[i];
		}
	return nr < VALUES_MIN ? NULL : best;
}

/* What a call within another adds. */
static void estimate_call(const struct ftrace_cost *cost, double leaf, struct ftrace_share *share)
{
	struct candidate best;

	if (best_pair(cost, &best)) {
		share->call_ns = values__mean(best.more, TYPICAL) -
				 values__mean(best.less, TYPICAL) - best.own * leaf;
		share->call_error_ns = (candidate__nr(&best) < FEW ? FEW_ERROR : PAIR_ERROR) * leaf;
	} else {
		/* A function that only calls another: but how much it does itself is not known. */
		share->call_ns = values__mean(&cost->wrappers, TYPICAL) - share->leaf_ns -
				 WRAPPER_SHARE * leaf;
		share->call_error_ns = WRAPPER_ERROR * leaf;
	}
}

void ftrace_cost__estimate(const struct ftrace_cost *cost, struct ftrace_share *share)
{
	double leaf = least_leaf(cost);
	double event = values__mean(&cost->events, TYPICAL);

	memset(share, 0, sizeof(*share));
	if (isnan(leaf))
		return;
	share->leaf_ns = LEAF_SHARE * leaf;
	share->leaf_error_ns = LEAF_ERROR * leaf;
	estimate_call(cost, leaf, share);
	share->is_known = share->call_ns > 0;
	if (isnan(event))
		return;
	share->event_ns = event - EVENT_BASE * leaf;
	share->event_error_ns = EVENT_ERROR * leaf;
	share->knows_events = share->event_ns > 0;
}

double ftrace_share__of(const struct ftrace_share *share, const struct ftrace_part *part,
			double *error_ns)
{
	uint32_t inner = part->calls - part->tops;

	*error_ns = hypot(hypot(part->calls * share->leaf_error_ns, inner * share->call_error_ns),
			  part->events * share->event_error_ns);
	return part->calls * share->leaf_ns + inner * share->call_ns +
	       part->events * share->event_ns;
}
