/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Chrome trace events (the "Trace Event Format", JSON Array Format), for Perfetto and
 * chrome://tracing: a process a VM, a track a vCPU, a slice an access, in it lookup and device, in
 * that decode and handler. Slices are as measured: without the probes' share they would not nest.
 *
 * Streamed: what is written is readable whenever it ends, as that format's closing bracket may be
 * missing.
 */
#ifndef TRACE_CHROME_H
#define TRACE_CHROME_H

#include <stdio.h>
#include "trace_event.h"

struct trace_chrome;

/* NULL: no memory. @out stays the caller's. */
struct trace_chrome *trace_chrome__new(FILE *out, const struct trace_show *show);
/* Whether the file took it is for the caller to ask. 0 or -ENOMEM. */
int trace_chrome__event(struct trace_chrome *c, const struct trace_event *e);
/* Ends the array and frees. NULL: no-op. */
void trace_chrome__end(struct trace_chrome *c);

#endif
