/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies into log-linear histograms whose octaves are allocated when first touched. */
#ifndef HIST_BPF_H
#define HIST_BPF_H

#include "maps.bpf.h"

/* floor(log2(v)), v > 0. BPF has no instruction for it. */
static __always_inline __u32 log2_u64(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) {
		v >>= 32;
		r = 32;
	}
	if (v >> 16) {
		v >>= 16;
		r += 16;
	}
	if (v >> 8) {
		v >>= 8;
		r += 8;
	}
	if (v >> 4) {
		v >>= 4;
		r += 4;
	}
	if (v >> 2) {
		v >>= 2;
		r += 2;
	}
	return r + (v >> 1);
}

static __noinline __u32 block_alloc(void)
{
	__u32 no = pool_take(&globals.nr_blocks, use_max_blocks, &free_blocks);

	if (!no)
		count_loss(VGIC_LOST_NO_BLOCK);
	return no;
}

static __always_inline void lat_record(__u32 cell_no, enum vgic_stage stage, __u64 ns)
{
	__u32 octave = 0, sub = ns, no = cell_no * use_nr_lats + use_lat_pos[stage];
	struct vgic_block *block;
	struct vgic_lat *lat;

	lat = bpf_map_lookup_elem(&lats, &no);
	if (!lat)
		return;
	if (ns >= VGIC_NR_SUBS) {
		__u32 e = log2_u64(ns) - VGIC_SUB_BITS;

		octave = e + 1;
		sub = ns >> e;
		if (octave >= VGIC_NR_OCTAVES) {
			octave = VGIC_NR_OCTAVES - 1;
			sub = VGIC_NR_SUBS - 1;
		}
	}
	octave &= VGIC_NR_OCTAVES - 1;
	sub &= VGIC_NR_SUBS - 1;
	no = lat->block[octave];
	if (!no) {
		no = block_alloc();
		if (!no)
			return;
		lat->block[octave] = no;
	}
	block = bpf_map_lookup_elem(&blocks, &no);
	if (!block)
		return;
	lat->sum_ns += ns;
	if (ns > lat->max_ns)
		lat->max_ns = ns;
	if (~ns > lat->min_inv_ns)
		lat->min_inv_ns = ~ns;
	block->count[sub]++;
}

#endif
