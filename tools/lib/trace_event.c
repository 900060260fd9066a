// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include "regs.h"
#include "trace_event.h"
#include "vgic_wire.h"

#define S(name) (1u << VGIC_##name)

static void set_stage(struct trace_event *e, const struct view *view, int stage, uint64_t begin,
		      uint64_t end)
{
	const struct calibration_share *share = calibration__share(view->calibration, stage);

	if (!begin || !end || end < begin)
		return;
	e->stages |= view->stages & 1u << stage;
	e->raw_ns[stage] = end - begin;
	e->ns[stage] = e->raw_ns[stage];
	/* The share that is known is of accesses that pass all the hooks: a device took them. */
	if (view->raw || !share->is_known || !e->access->t_dev || !e->access->t_out)
		return;
	e->corrected |= 1u << stage;
	e->ns[stage] = calibration_share__without(share, e->raw_ns[stage]);
}

static void set_stages(struct trace_event *e, const struct view *view)
{
	const struct vgic_access *a = e->access;

	set_stage(e, view, VGIC_BUS, a->t_bus, a->t_end);
	set_stage(e, view, VGIC_LOOKUP, a->t_bus, a->t_dev);
	set_stage(e, view, VGIC_DEVICE, a->t_dev, a->t_out);
	set_stage(e, view, VGIC_DECODE, a->t_dev, a->t_reg);
	set_stage(e, view, VGIC_HANDLER, a->t_reg, a->t_out);
}

static void set_label(struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	size_t n;

	if (a->kind >= VGIC_NR_GIC_KINDS) {
		snprintf(e->label, sizeof(e->label), "%s@0x%" PRIx64, kind__name(a->kind),
			 (uint64_t)a->addr);
		return;
	}
	decode__name(a->kind, e->offset, a->len, e->label);
	n = strlen(e->label);
	if (a->target != VGIC_NO_TARGET)
		snprintf(e->label + n, sizeof(e->label) - n, "@%u", a->target);
}

void trace_event__make(struct trace_event *e, const struct vgic_access *a, const struct view *view)
{
	const struct vgic_reg *reg;

	e->access = a;
	e->stages = e->corrected = 0;
	e->decoded[0] = '\0';
	if (a->kind < VGIC_NR_GIC_KINDS) {
		e->offset = a->addr - a->base;
		e->range = regs__classify(a->kind, e->offset);
	} else {
		e->offset = 0;
		e->range = VGIC_RANGE_IOEVENTFD + a->kind - VGIC_IOEVENTFD;
	}
	set_label(e);
	reg = regs__get(e->range);
	if (reg && !(a->flags & VGIC_ACCESS_NO_VALUE))
		decode__value(e->range, e->offset - reg->off, a->len, a->value, e->decoded);
	set_stages(e, view);
}

bool trace_event__matches(const struct trace_event *e, const char *glob)
{
	return !glob || !fnmatch(glob, range__name(e->range), FNM_CASEFOLD) ||
	       (kind__by_address(e->access->kind) && !fnmatch(glob, e->label, FNM_CASEFOLD));
}

void trace__pick_ranges(const char *glob, bool ranges[TRACE_NR_RANGES])
{
	const size_t len = strcspn(glob, "@");
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, glob);
	for (unsigned int range = 0; range < TRACE_NR_RANGES; range++)
		ranges[range] = !fnmatch(glob, range__name(range), FNM_CASEFOLD) ||
				(glob[len] && kind__by_address(range__kind(range)) &&
				 !fnmatch(name, range__name(range), FNM_CASEFOLD));
}

/* What was missed, where anything was. */
static void print_losses(FILE *out, const struct trace_summary *s)
{
	const struct vgic_tally *t = &s->tally;

	for (size_t i = 0; i < s->nr_drops; i++)
		fprintf(out,
			"vgic-trace: dropped %" PRIu64 " of VM %s: the buffer was full; --buffer "
			"makes it larger\n",
			s->drops[i].nr, s->drops[i].vm_id);
	if (t->no_start || t->no_end || t->no_task)
		fprintf(out,
			"vgic-trace: missed %llu begins (%llu of the accesses are not told), "
			"%llu ends (not told), for want of memory %llu (not told)\n",
			t->no_start, t->untold, t->no_end, t->no_task);
	if (s->recursion_misses)
		fprintf(out,
			"vgic-trace: %" PRIu64 " times a program was left out as it was "
			"running already\n",
			s->recursion_misses);
	if (s->late)
		fprintf(out, "vgic-trace: %" PRIu64 " lines are out of order\n", s->late);
}

void trace_summary__print(FILE *out, const struct trace_summary *s)
{
	const struct vgic_tally *t = &s->tally;
	const uint64_t seen = t->kernel + t->user, filtered = t->filtered + s->unmatched;

	fprintf(out,
		"vgic-trace: seen %" PRIu64 ", written %" PRIu64 ", filtered %" PRIu64
		", dropped %llu%s\n",
		seen, s->lines, filtered, t->dropped,
		s->was_cut ? " (ended by --count: the rest was not written)" : "");
	if (s->has_kvm_exits)
		fprintf(out,
			"vgic-trace: seen %llu of %" PRIu64
			" in-kernel accesses (KVM's mmio_exit_kernel)\n",
			t->kernel, s->kvm_exits);
	print_losses(out, s);
}
