/* SPDX-License-Identifier: GPL-2.0-only */
/* Configuration, global data and maps. User space sets the bounds of the pools before loading. */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "target.bpf.h"

const volatile __u32 use_stages;                  /* mask of enum vgic_stage */
const volatile __u32 use_lat_pos[VGIC_NR_STAGES]; /* a stage's place among a cell's lats */
const volatile __u32 use_nr_lats;

/* Pool bounds, entry 0 included; the maps' max_entries say the same. */
const volatile __u32 use_max_vcpus;
const volatile __u32 use_max_cells;
const volatile __u32 use_max_blocks;

struct vgic_globals globals;
/* Filled by user space before the programs are attached. */
struct vgic_range_map range_map;
/* Open addressing by vCPU address. Here rather than in a map: constant address, no lookup. */
struct vgic_slot slots[VGIC_NR_SLOTS];

/* key: record number; value: whose vCPU; bound: use_max_vcpus */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vgic_vcpu);
} vcpus SEC(".maps");

/*
 * key: cell number; value: struct vgic_cell with as many lats as there are stages, which user space
 * makes its size; bound: use_max_cells
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, VGIC_CELL_SZ(VGIC_NR_STAGES));
} cells SEC(".maps");

/* key: identity of a cell; value: its number; bound: use_max_cells. The slow path's way to a cell.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct vgic_cell_key);
	__type(value, __u32);
} cell_index SEC(".maps");

/* key: block number; value: one octave of a histogram; bound: use_max_blocks */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vgic_block);
} blocks SEC(".maps");

/* Entries that user space gave back, zeroed, after their vCPU's VM was gone; bound: the pools'. */
#define FREE_QUEUE(name) \
	struct { \
		__uint(type, BPF_MAP_TYPE_QUEUE); \
		__uint(max_entries, 1); \
		__uint(key_size, 0); \
		__uint(value_size, sizeof(__u32)); \
	} name SEC(".maps")

FREE_QUEUE(free_vcpus);
FREE_QUEUE(free_cells);
FREE_QUEUE(free_blocks);

/* key: task; value: what it carries between hooks that have no vCPU argument; bound: the tasks */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct vgic_task);
} tasks SEC(".maps");

static __always_inline void count_loss(enum vgic_loss loss)
{
	__sync_fetch_and_add(&globals.lost[loss], 1);
}

/*
 * One entry from a pool: first from its never used end, then from what was given back. 0 = used up.
 * The test before the addition keeps the counter from running away when every access comes here.
 */
static __always_inline __u32 pool_take(__u32 *next, __u32 max, void *free_queue)
{
	__u32 no;

	if (*(volatile __u32 *)next < max) {
		no = __sync_fetch_and_add(next, 1);
		if (no < max)
			return no;
	}
	return bpf_map_pop_elem(free_queue, &no) ? 0 : no;
}

#endif
