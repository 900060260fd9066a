// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The histogram that users of bcc know: rows of powers of two (fine: quarters of them), stars. Head
 * and tail without events are left out; what lies below one tick of the clock is one row.
 */
#include <inttypes.h>
#include "view.h"

#define STARS 40
#define MAX_ROWS 192

struct bar {
	uint64_t low, high; /* both included */
	uint64_t count;
};

/*
 * The row that holds @ns. As measured, histogram buckets never straddle rows: an octave has 16 of
 * them. Corrected ones go to the row of their middle.
 */
static struct bar bar__of(uint64_t ns, bool fine)
{
	unsigned int octave = ns < 2 ? 0 : 63 - __builtin_clzll(ns);
	uint64_t step = 1ULL << octave;
	struct bar bar;

	if (fine && octave >= 2)
		step >>= 2;
	bar.low = ns < 2 ? 0 : ns - ns % step;
	bar.high = ns < 2 ? 1 : bar.low + step - 1;
	bar.count = 0;
	return bar;
}

/* What stands for all of @bucket: as measured its lower bound, else what its middle is corrected
 * to. */
static uint64_t bucket__ns(unsigned int bucket, const struct lat *lat, double share)
{
	uint64_t low = hist__low(bucket), high = hist__high(bucket) - 1;
	double ns;

	if (share <= 0)
		return low;
	low = low > lat->min_ns ? low : lat->min_ns;
	high = high < lat->max_ns ? high : lat->max_ns;
	ns = low + (high - low) / 2.0 - share;
	return ns > 0 ? ns : 0;
}

/* The row that holds @ns, with all rows that end below one tick joined. */
static struct bar bar__of_ns(uint64_t ns, const struct view *view)
{
	struct bar bar = bar__of(ns, view->fine);

	while (bar.high < view->host->tick_ns) {
		uint64_t next_high = bar__of(bar.high + 1, view->fine).high;

		bar.low = 0;
		if (next_high >= view->host->tick_ns)
			break;
		bar.high = next_high;
	}
	return bar;
}

static size_t bars__fill(struct bar *bars, const struct view *view, int stage,
			 const struct lat *lat)
{
	double share = view__share_ns(view, stage);
	unsigned int bucket = lat__next(lat, 0);
	size_t nr = 0;

	for (; bucket < VGIC_NR_BUCKETS; bucket = lat__next(lat, bucket + 1)) {
		struct bar bar = bar__of_ns(bucket__ns(bucket, lat, share), view);

		/* The empty rows in between. */
		while (nr && bars[nr - 1].high < bar.low) {
			bars[nr] = bar__of(bars[nr - 1].high + 1, view->fine);
			nr++;
		}
		if (!nr)
			bars[nr++] = bar;
		bars[nr - 1].count += lat__bucket(lat, bucket);
		if (bucket == VGIC_NR_BUCKETS - 1 && lat->max_ns > bars[nr - 1].high)
			bars[nr - 1].high = lat->max_ns;
	}
	return nr;
}

void view__histogram(FILE *out, const struct view *view, int stage, const struct lat *lat)
{
	struct bar bars[MAX_ROWS];
	size_t nr = bars__fill(bars, view, stage, lat);
	uint64_t most = 1;
	int width = 8, stars;

	for (size_t i = 0; i < nr; i++)
		most = bars[i].count > most ? bars[i].count : most;
	width = snprintf(NULL, 0, "%-8" PRIu64, most);
	fprintf(out, "     nsecs               : %-*s distribution\n", width, "count");
	for (size_t i = 0; i < nr; i++) {
		stars = (double)bars[i].count * STARS / most;
		fprintf(out, "%10" PRIu64 " -> %-10" PRIu64 " : %-*" PRIu64 " |%.*s%*s|\n",
			bars[i].low, bars[i].high, width, bars[i].count, stars,
			"****************************************", STARS - stars, "");
	}
}
