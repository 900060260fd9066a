// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "look.h"
#include "table.h"

enum { PER_VCPU = 0x500, PER_DEVICE, RAW, SUMMARY, FINE, JSON, CSV, HLOG };

static const struct argp_option options[] = {
	{ "per-vcpu", PER_VCPU, NULL, 0, "vCPU by vCPU", 0 },
	{ "per-device", PER_DEVICE, NULL, 0, "Device by device, such as each redistributor", 0 },
	{ "raw", RAW, NULL, 0, "Latencies as measured, with the probes' own share in them", 0 },
	{ "summary", SUMMARY, NULL, 0, "The table only, no histograms", 0 },
	{ "fine", FINE, NULL, 0, "Histograms with four rows an octave", 0 },
	{ "json", JSON, NULL, 0, "JSON, one object a line", 0 },
	{ "csv", CSV, NULL, 0, "Comma-separated values, a line per range and stage", 0 },
	{ "hlog", HLOG, NULL, 0, "Histograms in HdrHistogram's log format", 0 },
	{ "timestamp", 'T', NULL, 0, "The time of each report", 0 },
	{ 0 },
};

static bool *flag(struct look *look, int key)
{
	switch (key) {
	case PER_VCPU:
		return &look->per_vcpu;
	case PER_DEVICE:
		return &look->per_device;
	case RAW:
		return &look->raw;
	case SUMMARY:
		return &look->summary;
	case FINE:
		return &look->fine;
	case 'T':
		return &look->timestamps;
	default:
		return NULL;
	}
}

static const struct view_ops *format(int key)
{
	return key == JSON ? &view_json : key == CSV ? &view_csv : key == HLOG ? &view_hlog : NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct look *look = state->input;

	(void)arg;
	if (flag(look, key))
		*flag(look, key) = true;
	else if (format(key) && look->ops && look->ops != format(key))
		argp_error(state, "--json, --csv and --hlog exclude each other");
	else if (format(key))
		look->ops = format(key);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

const struct argp look_argp = { .options = options, .parser = parse };

void look__set(const struct look *look, struct view *view)
{
	view->per_vcpu = look->per_vcpu;
	view->per_device = look->per_device;
	view->raw = look->raw;
	view->summary = look->summary;
	view->fine = look->fine;
	view->width = table__width(stdout);
}
