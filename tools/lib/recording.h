/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Recordings: one SQLite file of what was seen, slice by slice (docs/recording.md has the schema).
 * Written by a tool that measures or imports; read by views, by vgic-cmp and by anyone with
 * sqlite3. A recording is untrusted input: reading runs no code of its schema and is bounded.
 *
 * Who calls it: vgic-lat, vgic-top, vgic-cmp, the importer. What it must not know: sessions, views.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"
#include "host.h"
#include "plan.h"
#include "sample.h"

/* The circumstances: the same for all slices. Strings that are not known are "". */
struct recording_info {
	char tool[16], version[16]; /* that wrote it */
	char source[16];            /* "bpf"; "ftrace": imported */
	struct host host;
	char build_id[41]; /* the kernel's, hex */
	uint64_t time_s;   /* of its begin, Unix time; 0 = not known (imports) */
	char attach[128];  /* plan__summary(); "function_graph" */
	struct plan *plan; /* NULL: none (imports). Borrowed by the writer, owned by the reader */
	bool has_calibration;
	struct calibration calibration;
	char profile[16];
	uint32_t stages; /* mask of enum vgic_stage */
	bool per_vcpu, per_device;
	char range[64];    /* --range; "" = all */
	char command[256]; /* CMD, for people */
};

/*
 * What the workload or its driver says about a run, as a name and a number. Known names:
 *   work         units of guest work done, whatever the workload counts (counts are compared per
 * unit) baseline_ns  mean cost of an exit that does not pass the path (vgic-bench: hvc), guest's
 * clock access_ns.RANGE.OP, access_ns.RANGE.user.OP  mean cost of an access by the guest's clock
 */
struct recording_fact {
	char name[64];
	double value;
};

/* What a report of the live run was made of, so that a replay can make it again. */
struct recording_mark {
	uint64_t end_ns;   /* the report covers up to the slice that ends here */
	uint32_t interval; /* 1, 2, ...; 0 = there are no intervals */
	uint64_t time_s;   /* as printed with -T; 0 = not asked for */
	int cmd_status;    /* -1 = no command, or it runs still */
};

/* A line for the user about the last failure, valid until the next call. */
const char *recording__error(void);

struct recorder;
/* Whether recorder__create() could make @path, as far as can be told before. 0 or -errno. */
int recorder__check(const char *path);
/* Makes the file, replacing one that is there (only a recording or an empty file). 0 or -errno. */
int recorder__create(const char *path, const struct recording_info *info, struct recorder **r);
/*
 * What came since the last slice, as one transaction. @cumulative: everything since the begin, as
 * session__snapshot() gives it. 0 or -errno (-ENOSPC: the file stays readable up to the last
 * slice).
 */
int recorder__slice(struct recorder *r, const struct sample *cumulative);
int recorder__mark(struct recorder *r, const struct recording_mark *mark);
int recorder__fact(struct recorder *r, const char *name, double value);
/* Marks it complete. Without it the recording says that its end is missing. 0 or -errno. */
int recorder__finish(struct recorder *r);
void recorder__close(struct recorder *r); /* NULL: no-op */

struct recording;
/* -EINVAL: no recording, or damaged; -ENOTSUP: of a newer schema; other -errno. */
int recording__open(const char *path, struct recording **r);
const struct recording_info *recording__info(const struct recording *r);
/* Whether it was finished; else at most the slice in progress is missing at its end. */
bool recording__is_complete(const struct recording *r);
const struct recording_fact *recording__facts(const struct recording *r, size_t *nr);
const struct recording_mark *recording__marks(const struct recording *r, size_t *nr);
size_t recording__nr_slices(const struct recording *r);
/*
 * Everything up to the end of the next slice, cumulative as the live session's snapshot was;
 * sample__between() of two of these is what came between. 1: there was one; 0: the end; -errno.
 * The caller frees it.
 */
int recording__next(struct recording *r, struct sample **cumulative);
void recording__rewind(struct recording *r);
/* Everything: the last of recording__next(). 0 or -errno; an empty sample where there is no slice.
 */
int recording__whole(struct recording *r, struct sample **sample);
/*
 * A number that copies of a recording share, however SQLite has laid them out (VACUUM), and others
 * do not. After recording__whole(), or the end: its rows are then known to be sound. 0 or -errno.
 */
int recording__digest(const struct recording *r, uint64_t *digest);
void recording__close(struct recording *r); /* NULL: no-op */

#endif
