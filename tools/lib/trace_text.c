// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A line an access: when, who, what, what it cost, the value and what that means. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include "names.h"
#include "trace_event.h"
#include "version.h"

#define SECOND_NS ((uint64_t)1000000000)

/* In the order of the columns. */
static const int columns[] = { VGIC_LOOKUP, VGIC_DEVICE, VGIC_DECODE, VGIC_HANDLER, VGIC_BUS };
#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* "lookup 296 +-4, device 257 +-4"; and the stages that are given as measured. */
static void print_calibration(FILE *out, const struct view *view)
{
	const struct calibration *cal = view->calibration;
	const char *comma = "; without the probes' share: ";

	fprintf(out, "times in ns");
	if (view->raw || !cal) {
		fprintf(out, ", as measured, with the probes' share\n");
		return;
	}
	for (size_t i = 0; i < NR_COLUMNS; i++) {
		const struct calibration_share *share = &cal->stages[columns[i]];

		if (!(view->stages >> columns[i] & 1) || !share->is_known)
			continue;
		fprintf(out, "%s%s %.0f +-%.0f", comma, stage__name(columns[i]), share->ns,
			share->error_ns);
		comma = ", ";
	}
	comma = *comma == ',' ? "; as measured, with it: "
			      : "; as measured, with the probes' share: ";
	for (size_t i = 0; i < NR_COLUMNS; i++)
		if (view->stages >> columns[i] & 1 && !cal->stages[columns[i]].is_known) {
			fprintf(out, "%s%s", comma, stage__name(columns[i]));
			comma = ", ";
		}
	fprintf(out, "%s%s%s\n", cal->why[0] ? " (" : "", cal->why, cal->why[0] ? ")" : "");
}

static int print_header(FILE *out, struct trace_show *show)
{
	const struct view *view = show->view;
	char host[VIEW_HOST_SZ], attach[128];

	view__host(view->host, host);
	plan__summary(view->plan, attach, sizeof(attach));
	fprintf(out, "vgic-trace " VERSION ": Linux %s%s%s\n", view->host->release,
		host[0] ? ", " : "", host);
	fprintf(out, "attached by %s; ", attach);
	print_calibration(out, view);
	fprintf(out, "\n%14s  %-11s %4s %3s  %-5s %2s  %-20s", "TIME", "VM", "VCPU", "CPU", "OP",
		"SZ", "REGISTER");
	for (size_t i = 0; i < NR_COLUMNS; i++)
		if (view->stages >> columns[i] & 1)
			fprintf(out, " %8s", stage__name(columns[i]));
	fprintf(out, "  %s\n", "VALUE");
	return 0;
}

static void print_time(FILE *out, struct trace_show *show, uint64_t ns)
{
	const uint64_t from = show->last_ns ? show->last_ns : ns;
	struct tm tm;
	time_t s;

	show->last_ns = ns;
	if (show->wall_clock) {
		ns += show->view->base_s * SECOND_NS;
		s = ns / SECOND_NS;
		if (localtime_r(&s, &tm))
			fprintf(out, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min, tm.tm_sec,
				(unsigned int)(ns % SECOND_NS / 1000));
		return;
	}
	if (show->relative)
		ns = ns > from ? ns - from : 0;
	else
		ns = ns > show->begin_ns ? ns - show->begin_ns : 0;
	fprintf(out, "%4" PRIu64 ".%09" PRIu64, ns / SECOND_NS, ns % SECOND_NS);
}

static void print_value(FILE *out, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;

	if (a->flags & VGIC_ACCESS_NO_VALUE)
		fprintf(out, "  -");
	else
		fprintf(out, "  0x%0*" PRIx64, 2 * a->len, (uint64_t)a->value);
	if (e->decoded[0])
		fprintf(out, " %s", e->decoded);
	fputc('\n', out);
}

static void print_stack(FILE *out, const struct trace_show *show, const struct vgic_access *a)
{
	const unsigned int nr = a->stack_sz / sizeof(a->stack[0]);
	char name[SYMBOL_SZ];

	for (unsigned int i = symbols__skip(show->symbols, a->stack, nr); i < nr; i++) {
		symbols__name(show->symbols, a->stack[i], name);
		fprintf(out, "%20s%s\n", "", name);
	}
}

static int print_event(FILE *out, struct trace_show *show, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;

	print_time(out, show, a->t_bus ? a->t_bus : a->t_end);
	fprintf(out, "  %-11s %4u %3u  %-5s %2u  %-20s", e->vm_id, a->vcpu_id, a->cpu,
		a->op == VGIC_READ ? "read" : "write", a->len, e->label);
	for (size_t i = 0; i < NR_COLUMNS; i++) {
		const int stage = columns[i];

		if (!(show->view->stages >> stage & 1))
			continue;
		if (e->stages >> stage & 1)
			fprintf(out, " %8.0f", e->ns[stage]);
		else
			fprintf(out, " %8s", "-");
	}
	print_value(out, e);
	print_stack(out, show, a);
	return 0;
}

static int print_summary(FILE *out, struct trace_show *show, const struct trace_summary *s)
{
	(void)out, (void)show, (void)s; /* stderr has it: stdout is the accesses */
	return 0;
}

const struct trace_ops trace_text = {
	.header = print_header,
	.event = print_event,
	.summary = print_summary,
};
