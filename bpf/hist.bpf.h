/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies into log-linear histograms whose octaves are allocated when first touched. */
#ifndef HIST_BPF_H
#define HIST_BPF_H

#include "maps.bpf.h"

/*
 * floor(log2(i + 1)) + 1. BPF has no instruction for it, and branches cost more than a table. Of
 * ns / 16 - 1 it is the octave.
 */
#define LOG2_2(n) n, n
#define LOG2_4(n) LOG2_2(n), LOG2_2(n)
#define LOG2_8(n) LOG2_4(n), LOG2_4(n)
#define LOG2_16(n) LOG2_8(n), LOG2_8(n)
#define LOG2_32(n) LOG2_16(n), LOG2_16(n)
#define LOG2_64(n) LOG2_32(n), LOG2_32(n)
#define OCTAVE_TABLE_SZ 256
static const __u8 octave_table[OCTAVE_TABLE_SZ] = {
	1,          LOG2_2(2),  LOG2_4(3),  LOG2_8(4),  LOG2_16(5),
	LOG2_32(6), LOG2_64(7), LOG2_64(8), LOG2_64(8), 9,
};

/* Of any latency; the last one from 2^35 ns on. */
static __always_inline __u64 hist_bucket(__u64 ns)
{
	__u64 top = ns >> VGIC_SUB_BITS;
	__u32 shift = 0;

	if (ns >> 35)
		return VGIC_NR_BUCKETS - 1;
	if (!top)
		return ns;
	for (int i = 0; i < 3 && top > OCTAVE_TABLE_SZ; i++) {
		top >>= 8;
		shift += 8;
	}
	shift += octave_table[(top - 1) & (OCTAVE_TABLE_SZ - 1)] - 1;
	return (shift * VGIC_NR_SUBS + (ns >> shift)) & (VGIC_NR_BUCKETS - 1);
}

static __always_inline void lat_init(struct vgic_lat *lat)
{
	lat->min_ns = ~0ULL;
	__builtin_memset(lat->block, ~0, sizeof(lat->block)); /* VGIC_NO_BLOCK */
}

static __always_inline void lat_add(struct vgic_lat *lat, __u64 *count, __u64 ns)
{
	lat->sum_ns += ns;
	if (ns > lat->max_ns)
		lat->max_ns = ns;
	if (ns < lat->min_ns)
		lat->min_ns = ns;
	++*count;
}

/* Any latency, also into an octave not touched before. */
static __noinline int lat_record_any(struct vgic_lat *lat, __u64 ns)
{
	__u64 bucket = hist_bucket(ns);
	__u32 *dir = &lat->block[bucket / VGIC_NR_SUBS], no;
	struct vgic_block *block;

	if (*dir == VGIC_NO_BLOCK) {
		no = pool_take(&globals.nr_blocks, use_max_blocks, &free_blocks);
		if (!no) {
			count_loss(VGIC_LOST_NO_BLOCK);
			return 0;
		}
		*dir = no;
	}
	block = bpf_map_lookup_elem(&blocks, dir);
	if (block)
		lat_add(lat, &block->count[bucket % VGIC_NR_SUBS], ns);
	return 0;
}

/* The same in as few instructions as may be, for those from 16 ns to 4 us. */
static __always_inline void lat_record(struct vgic_lat *lat, __u64 ns)
{
	__u64 top = (ns >> VGIC_SUB_BITS) - 1;
	struct vgic_block *block;
	__u32 octave;

	if (top >= OCTAVE_TABLE_SZ)
		goto any;
	octave = octave_table[top];
	block = bpf_map_lookup_elem(&blocks, &lat->block[octave & (VGIC_NR_OCTAVES - 1)]);
	if (__builtin_expect(!block, 0))
		goto any;
	/* count[ns >> (octave - 1) & 15], in bytes */
	lat_add(lat, (void *)block + (ns << 4 >> octave & 15 << 3), ns);
	return;
any:
	lat_record_any(lat, ns);
}

#endif
