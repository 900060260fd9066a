// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "regs.h"
#include "top_columns.h"

static void vm_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	snprintf(buf, TOP_CELL_SZ, "%s", top_model__vm(m, row)->vm.name);
}

static void id_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	snprintf(buf, TOP_CELL_SZ, "%s", top_model__vm(m, row)->vm.id);
}

static void device_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	const struct sample_key *key = &row->key;
	bool is_known = key->base != SAMPLE_NO_ADDRESS &&
			(m->view->per_device || kind__by_address(key->kind));

	if (is_known)
		snprintf(buf, TOP_CELL_SZ, "%s@0x%" PRIx64, kind__name(key->kind), key->base);
	else
		snprintf(buf, TOP_CELL_SZ, "%s", kind__name(key->kind));
}

static void range_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	(void)m;
	view__label(&row->key, buf);
}

static void op_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	(void)m;
	snprintf(buf, TOP_CELL_SZ, "%s", row->key.op == VGIC_READ ? "read" : "write");
}

static void reason_text(const struct top_model *m, const struct top_row *row, char *buf)
{
	(void)m;
	snprintf(buf, TOP_CELL_SZ, "%s", exit__name(row->key.base));
}

static double id_or_nan(uint32_t id)
{
	return id == SAMPLE_ALL ? NAN : id;
}

static double vcpu_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)m, (void)arg;
	return id_or_nan(row->key.vcpu);
}

static double target_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)m, (void)arg;
	return id_or_nan(row->key.target);
}

static double nr_vcpus_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)arg;
	return top_model__vm(m, row)->vm.nr_vcpus;
}

static double rate_value(const struct top_model *m, const struct top_row *row, int arg)
{
	const double seconds = top_model__seconds(m, m->shown);

	(void)arg;
	return seconds > 0 ? row->count / seconds : NAN;
}

static double count_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)m, (void)arg;
	return row->count;
}

static double total_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)m, (void)arg;
	return row->total;
}

static double cpu_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)arg;
	if (!(m->view->stages & 1u << VGIC_BUS) || !(m->seconds > 0))
		return NAN;
	/* What user space completes is not emulated here. */
	if (row->count && row->count == row->user)
		return NAN;
	return row->busy_ns / m->seconds / 1e9 * 100;
}

static double user_value(const struct top_model *m, const struct top_row *row, int arg)
{
	(void)m, (void)arg;
	return row->count ? 100.0 * row->user / row->count : NAN;
}

#define STAGE_OF(arg) ((arg) / VIEW_NR_QUANTILES)
#define QUANTILE_OF(arg) ((arg) % VIEW_NR_QUANTILES)
#define QUANTILE(stage, n) (VGIC_##stage * VIEW_NR_QUANTILES + (n))
enum { P50 = 0, P99 = 2 };

static double quantile_value(const struct top_model *m, const struct top_row *row, int arg)
{
	const struct lat *lat = &row->lat[STAGE_OF(arg)];
	double ns;

	if (!lat->count)
		return NAN;
	ns = lat__quantile_ns(lat, view_quantiles[QUANTILE_OF(arg)].per_mille / 1000.0,
			      m->view->host->tick_ns) -
	     view__share_ns(m->view, STAGE_OF(arg));
	return ns > 0 ? floor(ns + 0.5) : 0;
}

#define IN(view) (1u << TOP_##view)
#define ACCESSES (IN(VMS) | IN(VCPUS) | IN(DEVICES) | IN(RANGES))
#define ALL (ACCESSES | IN(EXITS))

/* clang-format off */
static const struct top_column columns[] = {
	{ "VM", "vm_name", ALL, TOP_TEXT, 12, 0, 0, vm_text, NULL },
	{ "ID", "vm", ALL, TOP_TEXT, 8, 3, 0, id_text, NULL },
	{ "VCPUS", "vcpus", IN(VMS), TOP_NUMBER, 5, 4, 0, NULL, nr_vcpus_value },
	{ "VCPU", "vcpu", IN(VCPUS), TOP_NUMBER, 4, 0, 0, NULL, vcpu_value },
	{ "DEVICE", "device", IN(DEVICES), TOP_TEXT, 17, 0, 0, device_text, NULL },
	{ "TARGET", "target", IN(DEVICES), TOP_NUMBER, 6, 5, 0, NULL, target_value },
	{ "RANGE", "range", IN(RANGES), TOP_TEXT, 14, 0, 0, range_text, NULL },
	{ "OP", "op", IN(RANGES), TOP_TEXT, 5, 0, 0, op_text, NULL },
	{ "REASON", "reason", IN(EXITS), TOP_TEXT, 14, 0, 0, reason_text, NULL },
	{ "RATE", "rate", ALL, TOP_RATE, 7, 0, 0, NULL, rate_value },
	{ "COUNT", "count", ALL, TOP_COUNT, 7, 1, 0, NULL, count_value },
	{ "TOTAL", "total", ALL, TOP_COUNT, 7, 2, 0, NULL, total_value },
	{ "%CPU", "cpu_pct", ACCESSES, TOP_PERCENT, 5, 0, 0, NULL, cpu_value },
	{ "%USER", "user_pct", ACCESSES, TOP_PERCENT, 5, 9, 0, NULL, user_value },
	{ "LOOK50", "lookup_p50_ns", ACCESSES, TOP_NS, 6, 8, QUANTILE(LOOKUP, P50), NULL, quantile_value },
	{ "LOOK99", "lookup_p99_ns", ACCESSES, TOP_NS, 6, 7, QUANTILE(LOOKUP, P99), NULL, quantile_value },
	{ "DEV50", "device_p50_ns", ACCESSES, TOP_NS, 6, 8, QUANTILE(DEVICE, P50), NULL, quantile_value },
	{ "DEV99", "device_p99_ns", ACCESSES, TOP_NS, 6, 7, QUANTILE(DEVICE, P99), NULL, quantile_value },
	{ "BUS50", "bus_p50_ns", ACCESSES, TOP_NS, 6, 10, QUANTILE(BUS, P50), NULL, quantile_value },
	{ "BUS99", "bus_p99_ns", ACCESSES, TOP_NS, 6, 9, QUANTILE(BUS, P99), NULL, quantile_value },
};
/* clang-format on */

#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

const struct top_column *top_column__get(size_t i)
{
	return i < NR_COLUMNS ? &columns[i] : NULL;
}

bool top_column__is_in(const struct top_column *c, enum top_view view)
{
	return c->views & 1u << view;
}

const struct top_column *top_column__find(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < NR_COLUMNS; i++) {
		const char *unit = columns[i].name + len;

		if (strncmp(columns[i].name, name, len))
			continue;
		if (!*unit || !strcmp(unit, "_ns") || !strcmp(unit, "_pct"))
			return &columns[i];
	}
	return NULL;
}

const struct top_column *top_column__next(const struct top_column *c, enum top_view view)
{
	size_t i = c ? c - columns + 1 : 0;

	while (!top_column__is_in(&columns[i % NR_COLUMNS], view))
		i++;
	return &columns[i % NR_COLUMNS];
}

bool top_column__is_measured(const struct top_column *c, const struct view *view)
{
	if (c->unit == TOP_NS)
		return view->stages & 1u << STAGE_OF(c->arg);
	return c->value != cpu_value || view->stages & 1u << VGIC_BUS;
}

double top_column__value(const struct top_column *c, const struct top_model *m,
			 const struct top_row *row)
{
	return c->value ? c->value(m, row, c->arg) : NAN;
}

static bool holds(const struct top_column *c, const struct top_row *row)
{
	return c->unit != TOP_NS || view__quantile_holds(&row->lat[STAGE_OF(c->arg)],
							 &view_quantiles[QUANTILE_OF(c->arg)]);
}

/* Not finer than the clock's tick. */
static double to_ticks(const struct top_model *m, double ns)
{
	const double tick = m->view->host->tick_ns;

	return tick > 1 ? tick * floor(ns / tick + 0.5) : ns;
}

void top_column__cell(const struct top_column *c, const struct top_model *m,
		      const struct top_row *row, char *buf)
{
	double value;

	if (c->unit == TOP_TEXT) {
		c->text(m, row, buf);
		if (c->text == vm_text && top_model__vm(m, row)->ended_for)
			strcat(buf, " (ended)");
		return;
	}
	value = top_column__value(c, m, row);
	if (isnan(value) || !holds(c, row))
		snprintf(buf, TOP_CELL_SZ, "-");
	else if (c->unit == TOP_NS && value < m->view->host->tick_ns)
		snprintf(buf, TOP_CELL_SZ, "<%.0f", m->view->host->tick_ns);
	else if (c->unit == TOP_NS)
		snprintf(buf, TOP_CELL_SZ, "%.0f", to_ticks(m, value));
	else if (c->unit == TOP_PERCENT)
		snprintf(buf, TOP_CELL_SZ, "%.*f", value < 9.95 ? 2 : 1, value);
	else
		snprintf(buf, TOP_CELL_SZ, "%.0f", value);
}
