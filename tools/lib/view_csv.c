// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * One line per series and stage (series without latencies: one, without a stage), RFC 4180. The
 * figures are those of JSON; docs/recording.md lists the columns.
 */
#include <inttypes.h>
#include <string.h>
#include "names.h"
#include "regs.h"
#include "view.h"

static int print_header(FILE *out, const struct view *view)
{
	(void)view;
	fprintf(out, "interval,begin_ns,end_ns,vm,vm_pid,vm_name,vcpu,device,base,target,range,"
		     "address,op,handled,count,untimed,stage,latencies,share_ns,min_ns,mean_ns,"
		     "mean_error_ns");
	for (int i = 0; i < VIEW_NR_QUANTILES; i++)
		fprintf(out, ",%s", view_quantiles[i].key);
	fprintf(out, ",max_ns\n");
	return 0;
}

/* Quoted where it needs to be. */
static void print_text(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"")) {
		fprintf(out, "%s", text);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_number_or_nothing(FILE *out, uint32_t value)
{
	if (value != SAMPLE_ALL)
		fprintf(out, "%u", value);
	fputc(',', out);
}

static void print_key(FILE *out, const struct view *view, const struct sample_key *key)
{
	bool by_address = kind__by_address(key->kind);

	print_number_or_nothing(out, key->vcpu);
	fprintf(out, "%s,", kind__name(key->kind));
	if (view->per_device && !by_address)
		fprintf(out, "0x%" PRIx64, key->base);
	fputc(',', out);
	print_number_or_nothing(out, key->target);
	fprintf(out, "%s,", range__name(key->range));
	if (by_address)
		fprintf(out, "0x%" PRIx64, key->base);
	fprintf(out, ",%s,%s,", key->op == VGIC_READ ? "read" : "write",
		kind__in_kernel(key->kind) ? "kernel" : "user");
}

/* What all lines of a series begin with. */
static void print_series(FILE *out, const struct view *view, const struct report *report,
			 const struct sample_series *series)
{
	const struct sample *sample = report->sample;
	const struct sample_vm *vm = &sample->vms[series->key.vm];

	if (report->interval)
		fprintf(out, "%u", report->interval);
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", sample->begin_ns, sample->end_ns);
	print_text(out, vm->id);
	fprintf(out, ",%u,", vm->pid);
	print_text(out, vm->name);
	fputc(',', out);
	print_key(out, view, &series->key);
	fprintf(out, "%" PRIu64 ",%" PRIu64 ",", series->count, series->nr_untimed);
}

static void print_stage(FILE *out, const struct view *view, int stage, const struct lat *lat)
{
	const struct view_figures f = view__figures(view, stage, lat);

	fprintf(out, "%s,%" PRIu64 ",%.3f,%" PRIu64 ",%.3f,%.3f", stage__name(stage), lat->count,
		view__share_ns(view, stage), f.min_ns, f.mean_ns, f.mean_error_ns);
	for (int i = 0; i < VIEW_NR_QUANTILES; i++)
		fprintf(out, ",%" PRIu64, f.quantile_ns[i]);
	fprintf(out, ",%" PRIu64 "\n", f.max_ns);
}

static int print_report(FILE *out, const struct view *view, const struct report *report)
{
	for (size_t i = 0; i < report->sample->nr_series; i++) {
		const struct sample_series *series = &report->sample->series[i];
		bool any = false;

		if (!view__shows(view, series))
			continue;
		for (int stage = 0; stage < VGIC_NR_STAGES; stage++) {
			if (!series->lat[stage].count)
				continue;
			any = true;
			print_series(out, view, report, series);
			print_stage(out, view, stage, &series->lat[stage]);
		}
		if (any)
			continue;
		print_series(out, view, report, series);
		for (int i = 0; i < VIEW_NR_QUANTILES + 6; i++)
			fputc(',', out);
		fputc('\n', out);
	}
	return 0;
}

const struct view_ops view_csv = { .header = print_header, .report = print_report };
