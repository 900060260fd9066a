// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What was counted in all, and KVM's counts to hold against it. */
#include "regs.h"
#include "sample.h"

uint64_t sample__seen(const struct sample *s)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < s->nr_series; i++)
		if (kind__in_kernel(s->series[i].key.kind))
			seen += s->series[i].count;
	return seen;
}

uint64_t sample__nearest(uint64_t seen, uint64_t low, uint64_t high)
{
	if (seen < low)
		return low;
	return seen < high ? seen : high;
}

uint64_t sample__kvm_exits(const struct sample *s)
{
	return sample__nearest(sample__seen(s), s->kvm_exits_low, s->kvm_exits_high);
}

uint64_t exits__total(const struct sample_exits *exits)
{
	uint64_t total = 0;

	for (int i = 0; i < VGIC_NR_EXITS; i++)
		total += exits->count[i];
	return total;
}
