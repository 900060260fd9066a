// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include "fake_runs.h"
#include "stats.h"

static const int stages[3] = { VGIC_LOOKUP, VGIC_DEVICE, VGIC_BUS };

/* 90 % around @ns, the rest around three times as much; the sum is exact. */
static void record(struct lat *lat, double ns, uint64_t count)
{
	uint64_t tail = count / 10;

	if (lat__record(lat, ns, count - tail) || (tail && lat__record(lat, 3 * ns, tail)))
		abort();
}

static struct sample *make(const struct fake_range *ranges, size_t nr_ranges, double slower,
			   struct stats_rng *rng)
{
	struct sample *s = sample__new();

	if (!s || !sample__vm(s, "1-1"))
		abort();
	s->end_ns = s->attached_ns = 1000000000;
	s->stages = 1u << VGIC_LOOKUP | 1u << VGIC_DEVICE | 1u << VGIC_BUS;
	for (size_t i = 0; i < nr_ranges; i++) {
		const struct fake_range *r = &ranges[i];
		struct sample_key key = { .vcpu = SAMPLE_ALL,
					  .target = SAMPLE_ALL,
					  .kind = r->kind,
					  .range = r->range,
					  .op = r->op };
		double noise = 1 + r->run_spread * stats__normal(rng);
		struct sample_series *series = sample__series(s, &key);

		if (!series)
			abort();
		series->count = r->count;
		for (int stage = 0; stage < 3; stage++)
			if (r->ns[stage] > 0)
				record(&series->lat[stages[stage]], r->ns[stage] * slower * noise,
				       r->count);
	}
	return s;
}

struct fake_side *fake__side(const struct fake_range *ranges, size_t nr_ranges, size_t nr,
			     double slower, uint64_t seed)
{
	struct fake_side *s = calloc(1, sizeof(*s));
	struct stats_rng rng;

	if (!s || nr > FAKE_MAX_RUNS)
		abort();
	stats__seed(&rng, seed);
	for (size_t i = 0; i < nr; i++) {
		s->runs[i].sample = make(ranges, nr_ranges, slower, &rng);
		s->runs[i].tick_ns = 1;
		s->runs[i].facts = s->facts[i];
	}
	s->side = (struct compare_side){ s->runs, nr };
	return s;
}

void fake_side__fact(struct fake_side *s, size_t run, const char *name, double value)
{
	struct recording_fact *fact = &s->facts[run][s->runs[run].nr_facts++];

	snprintf(fact->name, sizeof(fact->name), "%s", name);
	fact->value = value;
}

void fake_side__free(struct fake_side *s)
{
	for (size_t i = 0; i < s->side.nr_runs; i++)
		sample__free((struct sample *)s->runs[i].sample);
	free(s);
}
