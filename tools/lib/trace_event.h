/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One access, as it is shown: named, decoded, its stages as measured and without the probes' share.
 * Made from what the programs tell (vgic_trace.h); knows nothing of maps or formats.
 */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "calibration.h"
#include "decode.h"
#include "symbols.h"
#include "vgic_trace.h"
#include "view.h"

struct trace_event {
	const struct vgic_access *access;
	const char *vm_id, *vm_name; /* "PID-FD"; printable */
	unsigned int range;          /* enum vgic_range */
	uint32_t offset;             /* from the device's base; 0 where it is known by address */
	char label[DECODE_NAME_SZ];  /* "GICD_ISENABLER3", "GICR_TYPER@5", "user@0x9000000" */
	char decoded[DECODE_SZ];     /* "" = nothing to be said */
	uint32_t stages;             /* mask of those asked for that there is a latency for */
	uint32_t corrected;          /* those, asked for or not, without the probes' share */
	double raw_ns[VGIC_NR_STAGES], ns[VGIC_NR_STAGES];
};

/* Names, decodes and works out; stages asked for in @view, which also has the calibration. */
void trace_event__make(struct trace_event *e, const struct vgic_access *access,
		       const struct view *view);
/* Whether @glob matches its range or label. NULL: everything does. */
bool trace_event__matches(const struct trace_event *e, const char *glob);

/*
 * The ranges that @glob may match, by enum vgic_range: for the filter in the kernel, which knows no
 * addresses; trace_event__matches() has the last word.
 */
#define TRACE_NR_RANGES 256
void trace__pick_ranges(const char *glob, bool ranges[TRACE_NR_RANGES]);

/*
 * Formats. @begin_ns: when tracing began, CLOCK_MONOTONIC. All return 0 or -ENOMEM; whether the
 * file took it all is for the caller to ask.
 */
struct trace_show {
	const struct view *view;
	const struct symbols *symbols; /* NULL: none known, or wanted */
	uint64_t begin_ns;
	bool wall_clock;  /* time of day in place of the time since the start */
	bool relative;    /* time since the line before */
	uint64_t last_ns; /* of the line before; the format's own */
};

struct trace_summary {
	struct vgic_tally tally;
	uint64_t lines;     /* written */
	uint64_t unmatched; /* told by the kernel, left out here: --range with an address */
	uint64_t late;      /* lines out of order */
	uint64_t duration_ns;
	bool has_kvm_exits;
	uint64_t kvm_exits; /* mmio_exit_kernel meanwhile */
	uint64_t recursion_misses;
	bool was_cut;   /* ended by --count */
	int cmd_status; /* -1 = no command was run */
	const struct trace_vm_drops {
		const char *vm_id;
		uint64_t nr;
	} * drops; /* per VM that has any */
	size_t nr_drops;
};

struct trace_ops {
	int (*header)(FILE *out, struct trace_show *show);
	int (*event)(FILE *out, struct trace_show *show, const struct trace_event *e);
	int (*summary)(FILE *out, struct trace_show *show, const struct trace_summary *s);
};
extern const struct trace_ops trace_text, trace_json;

/* Lines of the end report, for stderr. */
void trace_summary__print(FILE *out, const struct trace_summary *s);

#endif
