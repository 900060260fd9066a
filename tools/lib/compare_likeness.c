// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What must be the same on both sides, or a difference may be due to it and not to the kernel. The
 * kernel's release and build are what is compared, so they are no part of it.
 */
#include <stdio.h>
#include <string.h>
#include "compare_inputs.h"
#include "view.h"

#define TEXT_SZ 160

static void source_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->source);
}

static void machine_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->host.machine);
}

static void cpus_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%u", l->info->host.nr_cpus);
}

static void gic_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->host.gic[0] ? l->info->host.gic : "not known");
}

static void guest_gic_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s%s%s", l->guest_models >> 2 & 1 ? "GICv2" : "",
		 l->guest_models == 0xc ? " and " : "", l->guest_models >> 3 & 1 ? "GICv3" : "");
	if (!l->guest_models)
		snprintf(buf, TEXT_SZ, "not known");
}

static void clock_text(const struct recording_likeness *l, char *buf)
{
	if (l->info->host.clock_hz)
		snprintf(buf, TEXT_SZ, "%.10g MHz", l->info->host.clock_hz / 1e6);
	else
		snprintf(buf, TEXT_SZ, "not known");
}

static void attach_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->attach);
}

static void profile_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->profile);
}

static void stages_text(const struct recording_likeness *l, char *buf)
{
	view__stages(l->info->stages, ", ", buf);
	if (!l->info->stages)
		snprintf(buf, TEXT_SZ, "none");
}

static void range_text(const struct recording_likeness *l, char *buf)
{
	snprintf(buf, TEXT_SZ, "%s", l->info->range[0] ? l->info->range : "all");
}

static void calibration_text(const struct recording_likeness *l, char *buf)
{
	uint32_t known = 0;

	for (int i = 0; i < VGIC_NR_STAGES && l->info->has_calibration; i++)
		known |= (uint32_t)l->info->calibration.stages[i].is_known << i;
	view__stages(known & l->info->stages, ", ", buf);
	if (!(known & l->info->stages))
		snprintf(buf, TEXT_SZ, "none");
}

static const struct field {
	const char *name;
	void (*text)(const struct recording_likeness *l, char *buf); /* TEXT_SZ bytes */
	bool if_corrected; /* does not matter where latencies are compared as measured */
} fields[] = {
	{ "source", source_text, false },          { "machine", machine_text, false },
	{ "number of CPUs", cpus_text, false },    { "host's GIC", gic_text, false },
	{ "guests' GIC", guest_gic_text, false },  { "clock", clock_text, false },
	{ "attach method", attach_text, false },   { "profile", profile_text, false },
	{ "stages", stages_text, false },          { "--range", range_text, false },
	{ "calibration", calibration_text, true },
};

const char *recordings__unlike(const struct recording_likeness *a,
			       const struct recording_likeness *b, bool raw, char *text,
			       size_t size)
{
	char of_a[TEXT_SZ], of_b[TEXT_SZ];
	/* What an import's model can tell depends on the recording; unlike stages are left out. */
	const bool are_imports =
		!strcmp(a->info->source, "ftrace") && !strcmp(b->info->source, "ftrace");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if ((raw || are_imports) && fields[i].if_corrected)
			continue;
		fields[i].text(a, of_a);
		fields[i].text(b, of_b);
		if (!strcmp(of_a, of_b))
			continue;
		snprintf(text, size, "%s against %s", of_a, of_b);
		return fields[i].name;
	}
	return NULL;
}
