// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * HdrHistogram's log format 1.3, for its log processors and plotters: one line per report, series
 * and stage, tagged "VM.RANGE.OP.STAGE". A bucket's latencies stand at its middle, the least and
 * the greatest one at their own places; units are ns, Interval_Max is in ms as is usual there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "hdr.h"
#include "names.h"
#include "regs.h"
#include "version.h"
#include "view.h"

static int print_header(FILE *out, const struct view *view)
{
	fprintf(out, "#[Logged with %s %s]\n#[Histogram log format version 1.3]\n", view->tool,
		VERSION);
	if (view->base_s > 0)
		fprintf(out, "#[BaseTime: %.3f (seconds since epoch)]\n", view->base_s);
	fprintf(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
		     "\"Interval_Compressed_Histogram\"\n");
	return 0;
}

static int record(struct hdr *hdr, double ns, double share_ns, uint64_t count)
{
	return count ? hdr__record(hdr, ns > share_ns ? ns - share_ns + 0.5 : 0, count) : 0;
}

/* The bucket's latencies, less the one that is known to be @lat's least, or greatest. */
static int record_bucket(struct hdr *hdr, const struct lat *lat, unsigned int bucket,
			 double share_ns)
{
	uint64_t count = lat__bucket(lat, bucket), low = hist__low(bucket);
	uint64_t last = hist__high(bucket) - 1;
	bool has_min = bucket == lat__next(lat, 0);
	bool has_max = lat__next(lat, bucket + 1) == VGIC_NR_BUCKETS;
	int err = 0;

	if (low < lat->min_ns)
		low = lat->min_ns;
	if (last > lat->max_ns)
		last = lat->max_ns;
	if (has_max) {
		err = record(hdr, lat->max_ns, share_ns, 1);
		count--;
	}
	if (has_min && count && !err) {
		err = record(hdr, lat->min_ns, share_ns, 1);
		count--;
	}
	return err ?: record(hdr, low + (last > low ? last - low : 0) / 2, share_ns, count);
}

static void print_tag(FILE *out, const struct view *view, const struct report *report,
		      const struct sample_series *series, int stage)
{
	const struct sample_key *key = &series->key;
	const char *op = key->op == VGIC_READ ? "read" : "write";
	char label[VIEW_LABEL_SZ];

	const char *vm = report->sample->vms[key->vm].id;

	view__label(key, label);
	fprintf(out, "Tag=");
	for (; *vm; vm++) /* from a recording it may be anything; a tag ends at a comma */
		fputc(*vm == ',' || *vm == ' ' ? '_' : *vm, out);
	if (key->vcpu != SAMPLE_ALL)
		fprintf(out, ".vcpu%u", key->vcpu);
	if (view->per_device && !kind__by_address(key->kind))
		fprintf(out, ".%s@0x%" PRIx64, kind__name(key->kind), key->base);
	fprintf(out, ".%s.%s.%s", label, op, stage__name(stage));
}

static int print_stage(FILE *out, const struct view *view, const struct report *report,
		       const struct sample_series *series, int stage)
{
	const struct lat *lat = &series->lat[stage];
	const struct sample *sample = report->sample;
	const double share_ns = view__share_ns(view, stage);
	struct hdr *hdr = hdr__new();
	char *text = NULL;
	int err = hdr ? 0 : -ENOMEM;

	for (unsigned int b = lat__next(lat, 0); b < VGIC_NR_BUCKETS && !err;
	     b = lat__next(lat, b + 1))
		err = record_bucket(hdr, lat, b, share_ns);
	if (!err)
		text = hdr__encode(hdr);
	if (text) {
		print_tag(out, view, report, series, stage);
		fprintf(out, ",%.3f,%.3f,%.6f,%s\n", sample->begin_ns / 1e9,
			(sample->end_ns - sample->begin_ns) / 1e9,
			view__figures(view, stage, lat).max_ns / 1e6, text);
	}
	free(text);
	hdr__free(hdr);
	return text ? 0 : -ENOMEM;
}

static int print_report(FILE *out, const struct view *view, const struct report *report)
{
	int err = 0;

	for (size_t i = 0; i < report->sample->nr_series && !err; i++) {
		const struct sample_series *series = &report->sample->series[i];

		for (int stage = 0; stage < VGIC_NR_STAGES && !err; stage++)
			if (view__shows(view, series) && series->lat[stage].count)
				err = print_stage(out, view, report, series, stage);
	}
	return err;
}

const struct view_ops view_hlog = { .header = print_header, .report = print_report };
