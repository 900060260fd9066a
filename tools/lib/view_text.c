// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "regs.h"
#include "table.h"
#include "version.h"
#include "view.h"
#include "view_exits.h"

/* A line of the summary table: a series and one of its stages. */
struct row {
	const struct sample_series *series;
	int stage; /* NO_STAGE: it has no latencies */
};
#define NO_STAGE -1

struct rows {
	const struct view *view;
	struct row *rows;
	size_t nr;
};

enum { VCPU, DEVICE, TARGET, RANGE, OP, COUNT, STAGE, MEAN, MAX, QUANTILE };

/* No duration is known finer than the clock's tick, so none is printed finer. */
static void print_ns(const struct host *host, uint64_t ns, char *buf)
{
	double tick = host->tick_ns;

	if (tick <= 1)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu64, ns);
	else if (ns < tick)
		snprintf(buf, TABLE_CELL_SZ, "<%.0f", tick);
	else
		snprintf(buf, TABLE_CELL_SZ, "%.0f", tick * (uint64_t)(ns / tick + 0.5));
}

static void print_key(const struct sample_key *key, int id, char *buf)
{
	if (id == VCPU && key->vcpu != SAMPLE_ALL)
		snprintf(buf, TABLE_CELL_SZ, "%u", key->vcpu);
	else if (id == TARGET && key->target != SAMPLE_ALL)
		snprintf(buf, TABLE_CELL_SZ, "%u", key->target);
	else if (id == DEVICE && !kind__by_address(key->kind))
		snprintf(buf, TABLE_CELL_SZ, "%s@0x%" PRIx64, kind__name(key->kind), key->base);
	else if (id == RANGE)
		view__label(key, buf);
	else if (id == OP)
		snprintf(buf, TABLE_CELL_SZ, "%s", key->op == VGIC_READ ? "read" : "write");
	else
		snprintf(buf, TABLE_CELL_SZ, "-");
}

static void key_cell(const void *ctx, size_t row, int id, char *buf)
{
	print_key(&((const struct rows *)ctx)->rows[row].series->key, id, buf);
}

static void count_cell(const void *ctx, size_t row, int id, char *buf)
{
	(void)id;
	snprintf(buf, TABLE_CELL_SZ, "%" PRIu64,
		 ((const struct rows *)ctx)->rows[row].series->count);
}

/* Marked where it stands among corrected ones as measured. */
static void stage_cell(const void *ctx, size_t n, int id, char *buf)
{
	const struct rows *rows = ctx;
	int stage = rows->rows[n].stage;

	(void)id;
	snprintf(buf, TABLE_CELL_SZ, "%s%s", stage == NO_STAGE ? "-" : stage__name(stage),
		 stage != NO_STAGE && view__is_as_measured(rows->view, stage) ? "*" : "");
}

static void latency_cell(const void *ctx, size_t n, int id, char *buf)
{
	const struct rows *rows = ctx;
	const struct row *row = &rows->rows[n];
	const struct view_quantile *q = id < QUANTILE ? NULL : &view_quantiles[id - QUANTILE];
	const struct lat *lat = row->stage == NO_STAGE ? NULL : &row->series->lat[row->stage];

	struct view_figures f;

	if (!lat || (q && !view__quantile_holds(lat, q))) {
		snprintf(buf, TABLE_CELL_SZ, "-");
		return;
	}
	f = view__figures(rows->view, row->stage, lat);
	/* A mean of many is finer than the tick. */
	if (id == MEAN && f.mean_ns >= rows->view->host->tick_ns)
		snprintf(buf, TABLE_CELL_SZ, "%.0f", f.mean_ns);
	else
		print_ns(rows->view->host,
			 q            ? f.quantile_ns[id - QUANTILE]
			 : id == MEAN ? f.mean_ns
				      : f.max_ns,
			 buf);
}

static bool is_wanted(const void *ctx, int id)
{
	const struct view *view = ((const struct rows *)ctx)->view;

	if (id == VCPU)
		return view->per_vcpu;
	if (id == DEVICE || id == TARGET)
		return view->per_device;
	return view->stages;
}

static void print_table(FILE *out, const struct rows *rows)
{
	struct table_column columns[TABLE_MAX_COLUMNS] = {
		{ "VCPU", false, 0, VCPU, key_cell, is_wanted },
		{ "DEVICE", true, 0, DEVICE, key_cell, is_wanted },
		{ "TARGET", false, 0, TARGET, key_cell, is_wanted },
		{ "RANGE", true, 0, RANGE, key_cell, NULL },
		{ "OP", true, 0, OP, key_cell, NULL },
		{ "COUNT", false, 0, COUNT, count_cell, NULL },
		{ "STAGE", true, 0, STAGE, stage_cell, is_wanted },
		{ "MEAN", false, 4, MEAN, latency_cell, is_wanted },
	};
	size_t n = 8;

	for (int i = 0; i < VIEW_NR_QUANTILES; i++)
		columns[n++] = (struct table_column){ view_quantiles[i].title,
						      false,
						      view_quantiles[i].drop,
						      QUANTILE + i,
						      latency_cell,
						      is_wanted };
	columns[n++] = (struct table_column){ "MAX", false, 0, MAX, latency_cell, is_wanted };
	table__print(out, columns, n, rows->nr, rows, rows->view->width);
}

static bool in_vm(const struct view *view, const struct sample_series *series, size_t vm)
{
	return series->key.vm == vm && view__shows(view, series);
}

/* One row per stage that has latencies; one in all where none has. 0 or -ENOMEM. */
static int rows__fill(struct rows *rows, const struct sample *sample, size_t vm)
{
	rows->nr = 0;
	rows->rows = calloc(sample->nr_series * VGIC_NR_STAGES + 1, sizeof(*rows->rows));
	if (!rows->rows)
		return -ENOMEM;
	for (size_t i = 0; i < sample->nr_series; i++) {
		const struct sample_series *series = &sample->series[i];
		size_t before = rows->nr;

		if (!in_vm(rows->view, series, vm))
			continue;
		for (int stage = 0; stage < VGIC_NR_STAGES; stage++)
			if (series->lat[stage].count)
				rows->rows[rows->nr++] = (struct row){ series, stage };
		if (rows->nr == before)
			rows->rows[rows->nr++] = (struct row){ series, NO_STAGE };
	}
	return 0;
}

static void print_histogram(FILE *out, const struct view *view, const struct row *row)
{
	const struct lat *lat = &row->series->lat[row->stage];
	struct view_figures f = view__figures(view, row->stage, lat);
	char label[TABLE_CELL_SZ], op[TABLE_CELL_SZ], device[TABLE_CELL_SZ];

	print_key(&row->series->key, RANGE, label);
	print_key(&row->series->key, OP, op);
	print_key(&row->series->key, DEVICE, device);
	fprintf(out, "\n%s %s, %s: ", label, op, stage__name(row->stage));
	if (f.mean_ns < view->host->tick_ns)
		fprintf(out, "mean < %.0f ns", view->host->tick_ns);
	else
		fprintf(out, "mean %.1f +-%.1f ns", f.mean_ns, f.mean_error_ns);
	if (view->per_device && strcmp(device, "-"))
		fprintf(out, ", %s", device);
	if (view->per_vcpu && row->series->key.vcpu != SAMPLE_ALL)
		fprintf(out, ", vCPU %u", row->series->key.vcpu);
	fputc('\n', out);
	view__histogram(out, view, row->stage, lat);
}

static void print_vm_title(FILE *out, const struct sample_vm *vm)
{
	fprintf(out, "\nVM %s %s, %u vCPU%s", vm->id, vm->name, vm->nr_vcpus,
		vm->nr_vcpus == 1 ? "" : "s");
	if (vm->model)
		fprintf(out, ", VGICv%u", vm->model);
	fprintf(out, "%s\n\n", vm->alive ? "" : ", ended");
}

static int print_vm(FILE *out, const struct view *view, const struct sample *sample, size_t vm)
{
	struct rows rows = { .view = view };
	int err = rows__fill(&rows, sample, vm);

	if (err)
		return err;
	if (rows.nr || view_exits__any(sample, vm))
		print_vm_title(out, &sample->vms[vm]);
	if (rows.nr)
		print_table(out, &rows);
	if (rows.nr && view_exits__any(sample, vm))
		fputc('\n', out);
	err = view_exits__table(out, view, sample, vm);
	for (size_t i = 0; i < rows.nr && !view->summary; i++)
		if (rows.rows[i].stage != NO_STAGE)
			print_histogram(out, view, &rows.rows[i]);
	free(rows.rows);
	return err;
}

static void print_losses(FILE *out, const struct sample *s)
{
	bool any = s->recursion_misses || s->lost_exits;

	for (int i = 0; i < VGIC_NR_LOSSES; i++) {
		if (!s->lost[i])
			continue;
		fprintf(out, "lost: %" PRIu64 " (%s)\n", s->lost[i], loss__text(i));
		any = true;
	}
	if (s->lost_exits)
		fprintf(out,
			"lost: %" PRIu64
			" (exits not counted: more vCPUs than there is room for)\n",
			s->lost_exits);
	if (s->recursion_misses)
		fprintf(out, "lost: %" PRIu64 " (runs of a program that was running already)\n",
			s->recursion_misses);
	if (!any)
		fprintf(out, "lost: nothing\n");
}

static void print_overhead(FILE *out, const struct view *view, const struct sample *s)
{
	struct view_overhead o = view__overhead(view, s);

	if (s->attached_ns < s->end_ns - s->begin_ns)
		fprintf(out,
			"attached %.1f %% of the time, to cost less: all counts are of that part\n",
			o.duty * 100);
	if (s->attached_ns < s->end_ns - s->begin_ns && o.rate >= 0)
		fprintf(out, "in-kernel accesses per second, while attached: %.0f\n", o.rate);
	if (!o.is_known) {
		fprintf(out, "overhead: not known\n");
		return;
	}
	fprintf(out, "overhead: %.0f ns per access", o.access_ns);
	if (o.emulation >= 0)
		fprintf(out, ", %.3g %% of the emulation time", o.emulation * 100);
	fprintf(out, ", %.2g %% of one CPU%s\n", o.cpu * 100,
		s->has_exits ? "; counting exits comes on top" : "");
}

static void print_totals(FILE *out, const struct view *view, const struct sample *s)
{
	struct view_totals totals = view__totals(s);

	fprintf(out, "\nseen %" PRIu64, totals.seen);
	if (s->has_kvm_exits)
		fprintf(out, " of %" PRIu64 " in-kernel accesses (KVM's mmio_exit_kernel)\n",
			sample__kvm_exits(s));
	else
		fprintf(out, " in-kernel accesses (KVM's own count is not known)\n");
	view_exits__print_totals(out, s, totals.user);
	if (totals.untimed && view->stages)
		fprintf(out, "without latencies: %" PRIu64 "\n", totals.untimed);
	print_overhead(out, view, s);
	if (s->in_flight)
		fprintf(out, "in flight at the end, not counted yet: %" PRIu64 "\n", s->in_flight);
	print_losses(out, s);
}

static void print_time(FILE *out, const struct report *report)
{
	const struct sample *s = report->sample;
	char text[32] = "";
	struct tm tm;

	if (report->time && localtime_r(&report->time, &tm))
		strftime(text, sizeof(text), "%F %T, ", &tm);
	fprintf(out, "\n%s", text);
	if (report->interval)
		fprintf(out, "interval %u, ", report->interval);
	fprintf(out, "%.3f s\n", (s->end_ns - s->begin_ns) / 1e9);
}

static int print_report(FILE *out, const struct view *view, const struct report *report)
{
	const struct sample *sample = report->sample;
	bool any = false;
	int err = 0;

	print_time(out, report);
	for (size_t vm = 0; vm < sample->nr_vms && !err; vm++)
		err = print_vm(out, view, sample, vm);
	for (size_t i = 0; i < sample->nr_series; i++)
		any |= view__shows(view, &sample->series[i]);
	if (!any)
		fprintf(out, "\nno access%s%s\n", view->range ? " to " : "",
			view->range ? view->range : "");
	print_totals(out, view, sample);
	return err;
}

/* How the latencies are to be read. */
static void print_calibration(FILE *out, const struct view *view)
{
	const struct calibration *cal = view->calibration;
	char unknown[VIEW_STAGES_SZ];
	uint32_t rest = view->stages;
	const char *comma = "";

	for (int i = 0; cal && i < VGIC_NR_STAGES; i++)
		rest &= ~((uint32_t)cal->stages[i].is_known << i);
	if (rest == view->stages) {
		fprintf(out,
			"latencies in ns, as measured: the probes' share in them is not "
			"known%s%s%s\n",
			cal && cal->why[0] ? " (" : "", cal ? cal->why : "",
			cal && cal->why[0] ? ")" : "");
		return;
	}
	fprintf(out, view->raw ? "latencies in ns, as measured; the probes' share in them:"
			       : "latencies in ns, without the probes' share:");
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (view->stages & ~rest & 1u << i) {
			fprintf(out, "%s %s %.0f +-%.0f", comma, stage__name(i), cal->stages[i].ns,
				cal->stages[i].error_ns);
			comma = ",";
		}
	view__stages(rest, ", ", unknown);
	fprintf(out, "%s%s\n", rest ? "; as measured (*): " : "", unknown);
}

/* An import knows little of where it was made. */
static void print_host(FILE *out, const struct view *view)
{
	const struct host *host = view->host;
	char known[VIEW_HOST_SZ];

	if (!host->release[0]) {
		fprintf(out, "%s %s: kernel and host not known\n", view->tool, VERSION);
		return;
	}
	view__host(host, known);
	fprintf(out, "%s %s: Linux %s%s%s\n", view->tool, VERSION, host->release,
		known[0] ? ", " : "", known);
}

static int print_header(FILE *out, const struct view *view)
{
	const struct host *host = view->host;
	char stages[VIEW_STAGES_SZ], attach[128] = "nothing";

	view__stages(view->stages, ", ", stages);
	if (view->plan)
		plan__summary(view->plan, attach, sizeof(attach));
	else if (view->attach)
		snprintf(attach, sizeof(attach), "%s", view->attach);
	if (view->replay)
		fprintf(out, "replay of %s\n", view->replay);
	print_host(out, view);
	fprintf(out, "profile %s%s%s%s, attached by %s\n", view->profile, stages[0] ? " (" : "",
		stages, stages[0] ? ")" : "", attach);
	if (!view->stages)
		return 0;
	if (host->tick_ns > 0 && !host->clock_hz)
		fprintf(out, "clock tick %.4g ns", host->tick_ns);
	else if (host->tick_ns > 0)
		fprintf(out, "clock tick %.4g ns (%.4g MHz)", host->tick_ns, host->clock_hz / 1e6);
	else
		fprintf(out, "clock tick not known");
	fprintf(out, "; - where fewer than 10 accesses lie beyond\n");
	print_calibration(out, view);
	return 0;
}

const struct view_ops view_text = { .header = print_header, .report = print_report };
