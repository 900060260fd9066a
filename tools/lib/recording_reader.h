/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What recording.c and recording_slices.c share, and nobody else. */
#ifndef RECORDING_READER_H
#define RECORDING_READER_H

#include <limits.h>
#include "delta.h"
#include "recording_db.h"

/* More than any session has; what a hostile file can make us take stays some GB below. */
#define MAX_SERIES (1u << 18)
#define MAX_VMS (1u << 16)
#define MAX_LIST (1u << 20)       /* marks, facts */
#define MAX_BUCKETS (64ULL << 20) /* in all windows */
#define MAX_LATENCIES (64u << 20) /* bytes of a slice */
/* Of all series together, so that sums over hundreds of recordings stay within 64 bits. */
#define MAX_COUNT 0x1p50
#define MAX_SUM_NS 0x1p56

/* Rows in the order they were written, each of a slice. */
struct cursor {
	sqlite3_stmt *stmt;
	bool has_row;
	int64_t rowid;
	uint64_t slice;
};

struct recording {
	sqlite3 *db;
	char path[PATH_MAX];
	struct recording_info info;
	struct info_texts *texts;
	uint8_t stages[DELTA_NR_STAGES];
	bool is_complete;
	struct recording_fact *facts;
	struct recording_mark *marks;
	struct sample_key *keys; /* by series number - 1; vm: number - 1 */
	size_t nr_facts, nr_marks, nr_keys, nr_slices;
	struct cursor slices, vms, increments;
	struct cursor exits, kvm_exits, exit_slices; /* of version 1: no statements */
	/* Up to the slice read last. A VM's place is its number - 1. */
	struct sample *state;
	bool *is_present; /* by VM */
	uint64_t nr_buckets;
	bool is_broken; /* nothing more can be read */
};

/* recording__error() for what could not be read. Returns -errno: -EINVAL, whatever it was. */
int recording__damaged(const struct recording *r, int err);
/* 0 or -errno; without recording__error(). */
int slices__prepare(struct recording *r);
void slices__close(struct recording *r);
/* To the first row. 0 or -EINVAL. */
int cursor__rewind(struct cursor *c);
/* Calls @read for all rows of @c that belong to the slice at hand. 0 or -errno. */
int slice__read_rows(struct recording *r, struct cursor *c, int (*read)(struct recording *r));

#endif
