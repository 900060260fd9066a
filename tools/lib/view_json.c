// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One object a line: header, range..., exits..., summary; docs/json.md is the description. */
#include <errno.h>
#include "json.h"
#include "names.h"
#include "regs.h"
#include "view_exits.h"

/* [[low, high, count], ...]: high is not included. */
static void add_buckets(struct json *json, const struct lat *lat)
{
	json_t *buckets = json_array();
	unsigned int b = lat__next(lat, 0);

	for (; b < VGIC_NR_BUCKETS; b = lat__next(lat, b + 1)) {
		uint64_t high = b < VGIC_NR_BUCKETS - 1 ? hist__high(b) : lat->max_ns + 1;

		json__append(json, buckets,
			     json_pack("[III]", (json_int_t)hist__low(b), (json_int_t)high,
				       (json_int_t)lat__bucket(lat, b)));
	}
	json__set(json, "buckets", buckets);
}

static void add_figures(struct json *json, const struct view_figures *f)
{
	json__u64(json, "min_ns", f->min_ns);
	json__milli(json, "mean_ns", f->mean_ns);
	json__milli(json, "mean_error_ns", f->mean_error_ns);
	for (int i = 0; i < VIEW_NR_QUANTILES; i++)
		json__u64(json, view_quantiles[i].key, f->quantile_ns[i]);
	json__u64(json, "max_ns", f->max_ns);
}

static void add_stage(struct json *stages, const struct view *view, int stage,
		      const struct lat *lat)
{
	struct json json = json__new(NULL), raw = json__new(NULL);
	struct view as_measured = *view;
	struct view_figures f = view__figures(view, stage, lat);

	as_measured.raw = true;
	json__u64(&json, "count", lat->count);
	add_figures(&json, &f);
	json__milli(&json, "share_ns", view__share_ns(view, stage));
	f = view__figures(&as_measured, stage, lat);
	json__u64(&raw, "sum_ns", lat->sum_ns);
	add_figures(&raw, &f);
	add_buckets(&raw, lat);
	json__nest(&json, "raw", &raw);
	json__nest(stages, stage__name(stage), &json);
}

static void add_device(struct json *json, const struct view *view, const struct sample_key *key)
{
	bool by_address = kind__by_address(key->kind);
	bool is_known = key->base != SAMPLE_NO_ADDRESS;

	json__str(json, "device", kind__name(key->kind));
	if (view->per_device && !by_address && is_known)
		json__hex(json, "base", key->base);
	if (key->target != SAMPLE_ALL)
		json__u64(json, "target", key->target);
	json__str(json, "range", range__name(key->range));
	if (by_address && is_known)
		json__hex(json, "address", key->base);
	else if (by_address)
		json__set(json, "address", json_null());
}

static int print_range(FILE *out, const struct view *view, const struct report *report,
		       const struct sample_series *series)
{
	const struct sample_vm *vm = &report->sample->vms[series->key.vm];
	const struct sample_key *key = &series->key;
	struct json json = json__new("range"), stages = json__new(NULL);

	if (report->interval)
		json__u64(&json, "interval", report->interval);
	json__str(&json, "vm", vm->id);
	json__u64(&json, "vm_pid", vm->pid);
	json__str(&json, "vm_name", vm->name);
	json__set(&json, "vcpu", key->vcpu == SAMPLE_ALL ? json_null() : json_integer(key->vcpu));
	add_device(&json, view, key);
	json__str(&json, "op", key->op == VGIC_READ ? "read" : "write");
	json__str(&json, "handled", kind__in_kernel(key->kind) ? "kernel" : "user");
	json__u64(&json, "count", series->count);
	json__u64(&json, "untimed", series->nr_untimed);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (series->lat[i].count)
			add_stage(&stages, view, i, &series->lat[i]);
	json__nest(&json, "stages", &stages);
	return json__emit(&json, out);
}

static void add_losses(struct json *json, const struct sample *sample)
{
	struct json lost = json__new(NULL);

	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		json__u64(&lost, loss__name(i), sample->lost[i]);
	json__nest(json, "lost", &lost);
	json__u64(json, "recursion_misses", sample->recursion_misses);
}

static void add_totals(struct json *json, const struct sample *sample)
{
	struct view_totals totals = view__totals(sample);

	json__u64(json, "seen", totals.seen);
	if (sample->has_kvm_exits)
		json__u64(json, "kvm_mmio_exit_kernel", sample__kvm_exits(sample));
	else
		json__set(json, "kvm_mmio_exit_kernel", json_null());
	json__u64(json, "user", totals.user);
	json__u64(json, "untimed", totals.untimed);
	json__u64(json, "in_flight", sample->in_flight);
	view_exits__summary(json, sample);
}

static void add_time(struct json *json, const struct report *report)
{
	const struct sample *sample = report->sample;
	char text[32];
	struct tm tm;

	if (report->time && gmtime_r(&report->time, &tm) &&
	    strftime(text, sizeof(text), "%FT%TZ", &tm))
		json__str(json, "time", text);
	json__u64(json, "begin_ns", sample->begin_ns);
	json__u64(json, "end_ns", sample->end_ns);
	json__u64(json, "duration_ns", sample->end_ns - sample->begin_ns);
}

static void add_overhead(struct json *json, const struct view *view, const struct sample *sample)
{
	struct view_overhead o = view__overhead(view, sample);
	struct json overhead = json__new(NULL);

	json__u64(json, "attached_ns", sample->attached_ns);
	json__milli(json, "duty_cycle", o.duty);
	if (o.rate >= 0)
		json__milli(json, "rate_per_s", o.rate);
	else
		json__set(json, "rate_per_s", json_null());
	if (!o.is_known) {
		json_decref(overhead.object);
		json__set(json, "overhead", json_null());
		return;
	}
	json__milli(&overhead, "access_ns", o.access_ns);
	json__milli(&overhead, "error_ns", o.error_ns);
	if (o.emulation >= 0)
		json__milli(&overhead, "emulation_pct", o.emulation * 100);
	else
		json__set(&overhead, "emulation_pct", json_null());
	json__milli(&overhead, "cpu_pct", o.cpu * 100);
	json__nest(json, "overhead", &overhead);
}

int view_json__summary(FILE *out, const struct view *view, const struct report *report)
{
	struct json json = json__new("summary");

	if (report->interval)
		json__u64(&json, "interval", report->interval);
	add_totals(&json, report->sample);
	add_losses(&json, report->sample);
	add_overhead(&json, view, report->sample);
	add_time(&json, report);
	if (report->cmd_status >= 0)
		json__u64(&json, "cmd_status", report->cmd_status);
	return json__emit(&json, out);
}

static int print_report(FILE *out, const struct view *view, const struct report *report)
{
	int err = 0;

	for (size_t i = 0; i < report->sample->nr_series && !err; i++)
		if (view__shows(view, &report->sample->series[i]))
			err = print_range(out, view, report, &report->sample->series[i]);
	err = err ? err : view_exits__json(out, report);
	return err ? err : view_json__summary(out, view, report);
}

static int print_header(FILE *out, const struct view *view)
{
	struct json json = json__header(view);

	return json__emit(&json, out);
}

const struct view_ops view_json = { .header = print_header, .report = print_report };
