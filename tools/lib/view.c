// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "regs.h"
#include "view.h"

const struct view_quantile view_quantiles[VIEW_NR_QUANTILES] = {
	{ "P50", "p50_ns", 500, 0 },
	{ "P90", "p90_ns", 900, 1 },
	{ "P99", "p99_ns", 990, 3 },
	{ "P99.9", "p999_ns", 999, 2 },
};

#define MIN_BEYOND 10

static const struct calibration_share *share_of(const struct view *view, int stage)
{
	return calibration__share(view->raw ? NULL : view->calibration, stage);
}

double view__share_ns(const struct view *view, int stage)
{
	const struct calibration_share *share = share_of(view, stage);

	return share->is_known ? share->ns : 0;
}

bool view__is_as_measured(const struct view *view, int stage)
{
	bool any = false;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		any |= share_of(view, i)->is_known;
	return any && !share_of(view, stage)->is_known;
}

static double above(double ns, double share)
{
	return ns > share ? ns - share : 0;
}

struct view_figures view__figures(const struct view *view, int stage, const struct lat *lat)
{
	const struct calibration_share *share = share_of(view, stage);
	struct view_figures f = {
		.mean_ns = calibration_share__without(share, lat__mean_ns(lat)),
		.mean_error_ns =
			hypot(lat__mean_error_ns(lat), share->is_known ? share->error_ns : 0),
		.min_ns = calibration_share__without(share, lat->min_ns) + 0.5,
		.max_ns = calibration_share__without(share, lat->max_ns) + 0.5,
	};

	for (int i = 0; i < VIEW_NR_QUANTILES; i++) {
		double q = view_quantiles[i].per_mille / 1000.0;

		f.quantile_ns[i] = calibration_share__without(
					   share, lat__quantile_ns(lat, q, view->host->tick_ns)) +
				   0.5;
	}
	return f;
}

struct view_overhead view__overhead(const struct view *view, const struct sample *sample)
{
	const struct calibration *cal = view->calibration;
	struct view_overhead o = { .is_known = cal && cal->access.is_known, .emulation = -1 };
	double emulation_ns = 0, nr_timed = 0, all_ns = sample->end_ns - sample->begin_ns;

	o.rate = -1;
	if (sample->attached_ns)
		o.rate = sample__seen(sample) / (sample->attached_ns / 1e9);
	o.duty = all_ns > 0 ? sample->attached_ns / all_ns : 0;
	if (!o.is_known)
		return o;
	o.access_ns = cal->access.ns;
	o.error_ns = cal->access.error_ns;
	o.cpu = all_ns > 0 ? sample->overhead_ns / all_ns : 0;
	for (size_t i = 0; i < sample->nr_series && cal->stages[VGIC_BUS].is_known; i++) {
		const struct lat *lat = &sample->series[i].lat[VGIC_BUS];

		emulation_ns += above(lat->sum_ns, cal->stages[VGIC_BUS].ns * lat->count);
		nr_timed += lat->count;
	}
	if (emulation_ns > 0)
		o.emulation = o.access_ns * nr_timed / emulation_ns;
	return o;
}

bool view__quantile_holds(const struct lat *lat, const struct view_quantile *q)
{
	uint64_t beyond = lat->count / 1000 * (1000 - q->per_mille) +
			  lat->count % 1000 * (1000 - q->per_mille) / 1000;

	return lat->count && (q->per_mille <= 500 || beyond >= MIN_BEYOND);
}

void view__label(const struct sample_key *key, char *buf)
{
	if (kind__by_address(key->kind) && key->base != SAMPLE_NO_ADDRESS)
		snprintf(buf, VIEW_LABEL_SZ, "%s@0x%" PRIx64, range__name(key->range), key->base);
	else
		snprintf(buf, VIEW_LABEL_SZ, "%s", range__name(key->range));
}

struct view_totals view__totals(const struct sample *sample)
{
	struct view_totals totals = { .seen = sample__seen(sample) };

	for (size_t i = 0; i < sample->nr_series; i++) {
		const struct sample_series *series = &sample->series[i];

		if (kind__in_kernel(series->key.kind))
			totals.untimed += series->nr_untimed;
		else
			totals.user += series->count;
	}
	return totals;
}

static bool matches(const char *glob, const char *name)
{
	return !fnmatch(glob, name, FNM_CASEFOLD);
}

bool view__shows(const struct view *view, const struct sample_series *series)
{
	char label[VIEW_LABEL_SZ];
	uint64_t events = series->count;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		events |= series->lat[i].count;
	if (!events)
		return false;
	if (!view->range || matches(view->range, range__name(series->key.range)))
		return true;
	view__label(&series->key, label);
	return matches(view->range, label);
}

bool view__range_exists(const char *glob)
{
	char name[VIEW_LABEL_SZ];

	for (unsigned int range = 0; range < VGIC_NR_RANGES; range++)
		if (matches(glob, range__name(range)))
			return true;
	/* "user@0x9*": any address may come, so what stands before it decides. */
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(glob, "@"), glob);
	for (unsigned int range = 0; range < VGIC_NR_RANGES && strchr(glob, '@'); range++)
		if (kind__by_address(range__kind(range)) && matches(name, range__name(range)))
			return true;
	return false;
}

void view__stages(uint32_t stages, const char *between, char *buf)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (stages & 1u << i)
			n += snprintf(buf + n, VIEW_STAGES_SZ - n, "%s%s", n ? between : "",
				      stage__name(i));
}

void view__host(const struct host *host, char *buf)
{
	size_t n = snprintf(buf, VIEW_HOST_SZ, "%.32s", host->machine);

	if (host->nr_cpus)
		n += snprintf(buf + n, VIEW_HOST_SZ - n, "%s%u CPU%s", n ? ", " : "", host->nr_cpus,
			      host->nr_cpus == 1 ? "" : "s");
	if (host->gic[0])
		snprintf(buf + n, VIEW_HOST_SZ - n, "%s%.32s", n ? ", " : "", host->gic);
}
