/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies into log-linear histograms whose octaves are allocated when first touched. */
#ifndef HIST_BPF_H
#define HIST_BPF_H

#include "maps.bpf.h"

/* floor(log2(i)), 0 for 0. BPF has no instruction for it, and branches cost more than a table. */
#define LOG2_2(n) n, n
#define LOG2_4(n) LOG2_2(n), LOG2_2(n)
#define LOG2_8(n) LOG2_4(n), LOG2_4(n)
#define LOG2_16(n) LOG2_8(n), LOG2_8(n)
#define LOG2_32(n) LOG2_16(n), LOG2_16(n)
#define LOG2_64(n) LOG2_32(n), LOG2_32(n)
static const __u8 log2_table[256] = {
	0,          0,          LOG2_2(1),  LOG2_4(2),  LOG2_8(3),
	LOG2_16(4), LOG2_32(5), LOG2_64(6), LOG2_64(7), LOG2_64(7),
};

/* Shifted right by this, @ns leaves the 5 bits that name its bucket (4 below 16 ns). */
static __always_inline __u64 hist_bucket_at(__u64 ns, __u32 shift)
{
	return shift * VGIC_NR_SUBS + (ns >> shift);
}

static __noinline __u64 hist_bucket_above(__u64 ns)
{
	__u64 top = ns >> (VGIC_SUB_BITS + 8);
	__u32 shift = 8;

	if (ns >> 35)
		return VGIC_NR_BUCKETS - 1;
	if (top > 255) {
		top >>= 8;
		shift = 16;
	}
	if (top > 255) {
		top >>= 8;
		shift = 24;
	}
	return hist_bucket_at(ns, shift + log2_table[top & 255]);
}

/* Up to 4 us by one table lookup. */
static __always_inline __u64 hist_bucket(__u64 ns)
{
	__u64 top = ns >> VGIC_SUB_BITS;

	if (top > 255)
		return hist_bucket_above(ns) & (VGIC_NR_BUCKETS - 1);
	return hist_bucket_at(ns, log2_table[top]) & (VGIC_NR_BUCKETS - 1);
}

static __noinline __u32 block_alloc(void)
{
	__u32 no = pool_take(&globals.nr_blocks, use_max_blocks, &free_blocks);

	if (!no)
		count_loss(VGIC_LOST_NO_BLOCK);
	return no;
}

static __always_inline void lat_record(struct vgic_lat *lat, __u64 ns)
{
	__u64 bucket = hist_bucket(ns);
	__u32 *dir = &lat->block[bucket / VGIC_NR_SUBS];
	struct vgic_block *block;

	if (!*dir) {
		*dir = block_alloc();
		if (!*dir)
			return;
	}
	block = bpf_map_lookup_elem(&blocks, dir);
	if (!block)
		return;
	lat->sum_ns += ns;
	if (ns > lat->max_ns)
		lat->max_ns = ns;
	if (ns < lat->min_ns)
		lat->min_ns = ns;
	block->count[bucket % VGIC_NR_SUBS]++;
}

#endif
