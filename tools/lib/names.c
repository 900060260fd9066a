// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include "names.h"

static const char *const stage_names[VGIC_NR_STAGES] = {
	[VGIC_LOOKUP] = "lookup", [VGIC_DEVICE] = "device",   [VGIC_BUS] = "bus",
	[VGIC_DECODE] = "decode", [VGIC_HANDLER] = "handler", [VGIC_RETURN] = "return",
	[VGIC_TRAP] = "trap",     [VGIC_RESUME] = "resume",
};

static const struct {
	const char *name, *text;
} losses[VGIC_NR_LOSSES] = {
	[VGIC_LOST_NO_SLOT] = { "no_slot",
				"accesses not counted: more vCPUs than there is room for" },
	[VGIC_LOST_NO_CELL] = { "no_cell", "accesses not counted: too many registers and devices" },
	[VGIC_LOST_NO_BLOCK] = { "no_block", "latencies left out: no room for more histograms" },
	[VGIC_LOST_NO_START] = { "no_start", "accesses without latencies: their start was missed" },
	[VGIC_LOST_NO_END] = { "no_end", "accesses without latencies: their end was missed" },
	[VGIC_LOST_NO_TASK] = { "no_task", "accesses without latencies: no task storage" },
	[VGIC_LOST_CUT] = { "cut", "accesses not counted: the recording has a part of them only" },
};

static const char *const exit_names[VGIC_NR_EXITS] = {
#define X(number, name) [VGIC_EXIT_##name] = #name,
	VGIC_EXIT_CLASSES(X) VGIC_EXIT_CODES(X)
#undef X
};

const char *stage__name(enum vgic_stage stage)
{
	return (unsigned int)stage < VGIC_NR_STAGES ? stage_names[stage] : "?";
}

int stage__parse(const char *name)
{
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (!strcmp(name, stage_names[i]))
			return i;
	return -ENOENT;
}

const char *loss__name(enum vgic_loss loss)
{
	return (unsigned int)loss < VGIC_NR_LOSSES ? losses[loss].name : "?";
}

const char *loss__text(enum vgic_loss loss)
{
	return (unsigned int)loss < VGIC_NR_LOSSES ? losses[loss].text : "?";
}

const char *exit__name(unsigned int exit)
{
	return exit < VGIC_NR_EXITS ? exit_names[exit] : "?";
}

int exit__parse(const char *name)
{
	for (int i = 0; i < VGIC_NR_EXITS; i++)
		if (!strcmp(name, exit_names[i]))
			return i;
	return -ENOENT;
}
