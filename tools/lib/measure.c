// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "measure.h"
#include "names.h"

#define S(name) (1u << VGIC_##name)

static const struct {
	const char *name;
	uint32_t stages;
} profiles[] = {
	{ "default", S(LOOKUP) | S(DEVICE) | S(BUS) },
	{ "lite", S(BUS) },
	{ "counts", 0 },
};
#define NR_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

enum { PROFILE = 0x100, STAGES, EXITS, MAX_OVERHEAD, KPROBES, MAX_VCPUS, MAX_CELLS, MAX_BLOCKS };

static const struct argp_option options[] = {
	{ "profile", PROFILE, "NAME", 0,
	  "counts: exact counts, no clock; lite: counts and the bus stage; "
	  "default: lookup, device, bus",
	  0 },
	{ "stages", STAGES, "LIST", 0,
	  "Add stages: lookup, device, bus, decode, handler, return, trap, resume; "
	  "each boundary costs the host",
	  0 },
	{ "exits", EXITS, NULL, 0,
	  "Count the vCPUs' exits by reason as well; every exit costs the host", 0 },
	{ "max-overhead", MAX_OVERHEAD, "PCT", 0,
	  "Cost the host PCT percent of one CPU at most, on average: leave out stages first, then "
	  "attach "
	  "for a part of the time",
	  0 },
	{ "kprobes", KPROBES, NULL, 0, "Use kprobes where fentry would be better", 0 },
	{ "max-vcpus", MAX_VCPUS, "N", 0, "Room for N vCPUs at a time (default 2048)", 0 },
	{ "max-cells", MAX_CELLS, "N", 0,
	  "Room for N combinations of vCPU, device, range and direction (default 16384)", 0 },
	{ "max-blocks", MAX_BLOCKS, "N", 0, "Room for N octaves of histograms (default 131071)",
	  0 },
	{ 0 },
};

bool measure__lower(struct measure *m)
{
	for (size_t i = 0; i + 1 < NR_PROFILES; i++) {
		/* Added stages go first; they make any profile dearer than the default. */
		if (strcmp(profiles[i].name, m->profile))
			continue;
		if (m->stages == profiles[i].stages)
			i++;
		m->profile = profiles[i].name;
		m->stages = profiles[i].stages;
		return true;
	}
	if (!m->stages)
		return false;
	m->stages = 0;
	return true;
}

static void add_profile(struct measure *m, const char *name, struct argp_state *state)
{
	for (size_t i = 0; i < NR_PROFILES; i++) {
		if (strcmp(profiles[i].name, name))
			continue;
		m->profile = profiles[i].name;
		return;
	}
	argp_error(state, "unknown profile '%s'; profiles are counts, lite, default", name);
}

static void unknown_stage(const char *name, int len, struct argp_state *state)
{
	char all[160] = "";
	size_t n = 0;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		n += snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "", stage__name(i));
	argp_error(state, "unknown stage '%.*s'; stages are %s", len, name, all);
}

static void add_stages(struct measure *m, const char *list, struct argp_state *state)
{
	for (const char *s = list; s; s = strchr(s, ',')) {
		char name[16];
		size_t len;
		int stage;

		s += *s == ',' && s != list;
		len = strcspn(s, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, s);
		stage = len < sizeof(name) ? stage__parse(name) : -1;
		if (stage < 0)
			unknown_stage(s, len, state);
		else
			m->stages |= 1u << stage;
	}
}

static void parse_bound(uint64_t *bound, uint64_t max, const char *arg, struct argp_state *state)
{
	if (args__u64(arg, 1, max, bound))
		argp_error(state, "bad number '%s'; from 1 to %lu", arg, max);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct measure *m = state->input;

	m->is_given |= key >= PROFILE && key <= MAX_BLOCKS;
	switch (key) {
	case PROFILE:
		add_profile(m, arg, state);
		return 0;
	case STAGES:
		add_stages(m, arg, state);
		return 0;
	case EXITS:
		m->exits = true;
		return 0;
	case MAX_OVERHEAD:
		if (args__percent(arg, &m->max_overhead))
			argp_error(state, "bad percentage '%s'; it looks like 2 or 0.5", arg);
		return 0;
	case KPROBES:
		m->only_kprobes = true;
		return 0;
	case MAX_VCPUS:
		parse_bound(&m->max_vcpus, 65536, arg, state);
		return 0;
	case MAX_CELLS:
		parse_bound(&m->max_cells, 65534, arg, state);
		return 0;
	case MAX_BLOCKS:
		parse_bound(&m->max_blocks, 1 << 24, arg, state);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (m->exits && m->max_overhead > 0)
			argp_error(state, "--max-overhead cannot hold what --exits costs: every "
					  "exit pays");
		if (!m->profile)
			m->profile = profiles[0].name;
		for (size_t i = 0; i < NR_PROFILES; i++)
			if (!strcmp(profiles[i].name, m->profile))
				m->stages |= profiles[i].stages;
		/* What they are parts of is what their correction is worked out from. */
		if (m->stages & (S(DECODE) | S(HANDLER)))
			m->stages |= S(DEVICE);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp measure_argp = { .options = options, .parser = parse };
