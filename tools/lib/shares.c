// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <math.h>
#include <stdlib.h>
#include "shares.h"

static int compare(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

/*
 * The mean of the middle half of the batches: an interrupt spoils one batch, not the result. In a
 * normal distribution that half lies within 0.674 standard deviations of the middle, and its mean's
 * standard error is at most the median's, 1.253 of the mean's.
 */
static struct mean middle(const struct batch *batches, size_t nr, size_t measure)
{
	double values[PHASE_MAX_BATCHES], sum = 0;
	size_t first = nr / 4, last = nr - 1 - nr / 4;
	struct mean m;

	for (size_t i = 0; i < nr; i++)
		values[i] = batches[i].ns[measure];
	qsort(values, nr, sizeof(values[0]), compare);
	for (size_t i = first; i <= last; i++)
		sum += values[i];
	m.ns = sum / (last - first + 1);
	m.error_ns = 2 * 1.253 * (values[last] - values[first]) / (2 * 0.674) / sqrt(nr);
	return m;
}

void phase__summarize(struct phase *p, const struct batch *batches, size_t nr)
{
	for (size_t i = 0; i < NR_MEASURES; i++)
		p->means[i] = middle(batches, nr, i);
}

static struct mean minus(struct mean a, struct mean b)
{
	return (struct mean){ a.ns - b.ns, hypot(a.error_ns, b.error_ns) };
}

static struct mean plus(struct mean a, struct mean b)
{
	return (struct mean){ a.ns + b.ns, hypot(a.error_ns, b.error_ns) };
}

static struct mean times(struct mean a, double factor)
{
	return (struct mean){ a.ns * factor, a.error_ns * factor };
}

/* What is taken for a step or a part of it may be off by a quarter of a step. */
static void set_share(struct calibration_share *share, struct mean m, struct mean step)
{
	share->is_known = true;
	share->ns = m.ns > 0 ? m.ns : 0;
	share->error_ns = m.error_ns + fabs(step.ns) / 4;
}

/*
 * Where the register's handler is hooked too, inside of the device stage and splitting it. T4's
 * trampoline, alone, is another one by some 10 instructions, which is said; by kprobes the
 * kretprobe's part would be missing, which is too much.
 */
static void work_out_split(const struct phases *p, struct calibration *cal, struct mean step)
{
	static const int around[] = { VGIC_DEVICE, VGIC_BUS };
	struct calibration_share *stages = cal->stages;
	struct mean hook = minus(p->region.means[FAR], p->bare.means[FAR]), decode, device;

	for (int i = 0; i < 2; i++) {
		stages[around[i]].ns = fmax(0, stages[around[i]].ns + hook.ns);
		stages[around[i]].error_ns = hypot(stages[around[i]].error_ns, hook.error_ns);
	}
	cal->access.ns = fmax(0, cal->access.ns + hook.ns);
	if (p->by_kprobes)
		return;
	device = (struct mean){ stages[VGIC_DEVICE].ns, stages[VGIC_DEVICE].error_ns };
	decode = minus(p->split.means[TO_REGION], times(step, 1.5));
	set_share(&stages[VGIC_DECODE], decode, times(step, 4));
	set_share(&stages[VGIC_HANDLER], minus(device, decode), times(step, 4));
}

/*
 * In KVM, T2 and T7 share a function; the stand-ins do not, for T7's would be too early. By fentry
 * that is a matter of some 20 to 40 instructions behind T2; by kprobes of too many.
 */
static void doubt_bus_entry(const struct phases *p, struct calibration *cal, struct mean step)
{
	static const int behind[] = { VGIC_LOOKUP, VGIC_BUS };

	for (int i = 0; i < 2; i++) {
		cal->stages[behind[i]].error_ns += 3 * fabs(step.ns);
		cal->stages[behind[i]].is_known &= !p->by_kprobes;
	}
}

/*
 * T2 and T7 on one function, T4 and T6 within it, with all that those take. By kprobes, what T7's
 * has to do at the function's entry comes behind T2, so that it is in the lookup, too: attached in
 * the other order it comes ahead, which tells how much that is.
 */
static void work_out_pair(const struct phases *p, struct calibration *cal, struct mean step)
{
	struct mean pair = minus(p->pair.means[VGIC_BUS], times(step, 0.5));
	struct mean within = minus(p->full.means[FAR], p->pair.means[FAR]);
	struct mean lookup = minus(p->access.means[VGIC_LOOKUP], step);

	if (p->by_kprobes)
		lookup = plus(lookup, minus(p->pair.means[VGIC_BUS], p->swapped.means[VGIC_BUS]));
	set_share(&cal->stages[VGIC_BUS], plus(pair, within), step);
	/* T2 stands without T7 there: the way out of it is another one, by less than a step. */
	set_share(&cal->stages[VGIC_LOOKUP], lookup, times(step, 4));
}

static void work_out_stages(const struct phases *p, struct calibration *cal)
{
	const struct mean *is = p->access.means;
	struct mean step = times(minus(p->bare.means[FAR], p->near.means[NEAR]), 0.25);

	set_share(&cal->stages[VGIC_LOOKUP], minus(is[VGIC_LOOKUP], step), step);
	set_share(&cal->stages[VGIC_DEVICE], minus(is[VGIC_DEVICE], times(step, 0.5)), step);
	/* The rest of the bus, behind the device's end, is about as long as a step. */
	set_share(&cal->stages[VGIC_BUS],
		  minus(is[VGIC_BUS], times(step, p->has_bus_alone ? 0.5 : 2.5)), step);
	if (p->has_bus_pair)
		work_out_pair(p, cal, step);
	if (p->has_region)
		work_out_split(p, cal, step);
	if (p->has_bus_exit && !p->has_bus_alone)
		doubt_bus_entry(p, cal, step);
	for (int s = 0; s < VGIC_NR_STAGES; s++)
		cal->stages[s].is_known &= p->stages >> s & 1;
}

void shares__work_out(const struct phases *p, struct calibration *cal)
{
	set_share(&cal->access, minus(p->access.means[FAR], p->bare.means[FAR]),
		  (struct mean){ 0 });
	/* Every exit pays for tracepoints, whatever it is for. */
	cal->access.is_known = !p->has_tracepoints;
	if (p->stages)
		work_out_stages(p, cal);
}
