// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One object a line: header, access..., summary; docs/json.md is the description. */
#include <errno.h>
#include <inttypes.h>
#include "json.h"
#include "names.h"
#include "regs.h"
#include "trace_event.h"
#include "vgic_wire.h"

static int print_header(FILE *out, struct trace_show *show)
{
	struct json json = json__header(show->view);

	json__u64(&json, "begin_ns", show->begin_ns);
	if (show->view->base_s > 0)
		json__real(&json, "base_s", show->view->base_s);
	return json__emit(&json, out);
}

static void add_device(struct json *json, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	const struct vgic_reg *reg = regs__get(e->range);

	json__str(json, "register", e->label);
	json__str(json, "range", range__name(e->range));
	if (reg && reg__nr(reg) > 1)
		json__u64(json, "index", (e->offset - reg->off) / reg->stride);
	json__str(json, "device", kind__name(a->kind));
	if (a->target != VGIC_NO_TARGET)
		json__u64(json, "target", a->target);
	json__hex(json, "address", a->addr);
}

static void add_stages(struct json *json, const struct trace_event *e)
{
	struct json stages = json__new(NULL), raw = json__new(NULL);
	json_t *as_measured = json_array();

	for (int i = 0; i < VGIC_NR_STAGES; i++) {
		if (!(e->stages >> i & 1))
			continue;
		json__milli(&stages, stage__name(i), e->ns[i]);
		json__u64(&raw, stage__name(i), e->raw_ns[i]);
		if (!(e->corrected >> i & 1))
			json__append(json, as_measured, json_string(stage__name(i)));
	}
	json__nest(json, "stages", &stages);
	json__nest(json, "raw", &raw);
	json__set(json, "as_measured", as_measured);
}

/* Boundaries that were missed, of those that the access must have passed. */
static void add_missed(struct json *json, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	bool had_device = a->kind != VGIC_USER && a->kind != VGIC_UNKNOWN;
	json_t *missed = json_array();

	if (!a->t_bus)
		json__append(json, missed, json_string("T2"));
	if (had_device && !a->t_dev)
		json__append(json, missed, json_string("T4"));
	if (had_device && !a->t_out)
		json__append(json, missed, json_string("T6"));
	json__set(json, "missed", missed);
}

static void add_stack(struct json *json, const struct trace_show *show, const struct vgic_access *a)
{
	json_t *stack = json_array();
	const unsigned int nr = a->stack_sz / sizeof(a->stack[0]);
	char name[SYMBOL_SZ];

	for (unsigned int i = symbols__skip(show->symbols, a->stack, nr); i < nr; i++) {
		symbols__name(show->symbols, a->stack[i], name);
		json__append(json, stack, json_string(name));
	}
	json__set(json, "stack", stack);
}

static int print_event(FILE *out, struct trace_show *show, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	struct json json = json__new("access");
	uint64_t time_ns = a->t_bus ? a->t_bus : a->t_end;

	json__u64(&json, "time_ns", time_ns > show->begin_ns ? time_ns - show->begin_ns : 0);
	json__str(&json, "vm", e->vm_id);
	json__u64(&json, "vm_pid", a->pid);
	json__str(&json, "vm_name", e->vm_name);
	json__u64(&json, "vcpu", a->vcpu_id);
	json__u64(&json, "cpu", a->cpu);
	add_device(&json, e);
	json__str(&json, "op", a->op == VGIC_READ ? "read" : "write");
	json__u64(&json, "size", a->len);
	json__str(&json, "handled", a->flags & VGIC_ACCESS_USER ? "user" : "kernel");
	if (a->flags & VGIC_ACCESS_NO_VALUE)
		json__set(&json, "value", json_null());
	else
		json__hex(&json, "value", a->value);
	if (e->decoded[0])
		json__str(&json, "decoded", e->decoded);
	add_stages(&json, e);
	add_missed(&json, e);
	json__bool(&json, "migrated", a->flags & VGIC_ACCESS_SLEPT);
	if (a->stack_sz)
		add_stack(&json, show, a);
	return json__emit(&json, out);
}

static void add_missed_counts(struct json *json, const struct vgic_tally *t)
{
	struct json lost = json__new(NULL);

	json__u64(&lost, "no_start", t->no_start);
	json__u64(&lost, "untold", t->untold);
	json__u64(&lost, "no_end", t->no_end);
	json__u64(&lost, "no_task", t->no_task);
	json__nest(json, "lost", &lost);
}

static int print_summary(FILE *out, struct trace_show *show, const struct trace_summary *s)
{
	const struct vgic_tally *t = &s->tally;
	struct json json = json__new("summary");
	json_t *drops = json_array();

	(void)show;
	json__u64(&json, "seen", t->kernel);
	json__u64(&json, "user", t->user);
	json__u64(&json, "written", s->lines);
	json__u64(&json, "filtered", t->filtered + s->unmatched);
	json__u64(&json, "dropped", t->dropped);
	for (size_t i = 0; i < s->nr_drops; i++)
		json__append(&json, drops,
			     json_pack("{s:s, s:I}", "vm", s->drops[i].vm_id, "dropped",
				       (json_int_t)s->drops[i].nr));
	json__set(&json, "dropped_by_vm", drops);
	if (s->has_kvm_exits)
		json__u64(&json, "kvm_mmio_exit_kernel", s->kvm_exits);
	else
		json__set(&json, "kvm_mmio_exit_kernel", json_null());
	add_missed_counts(&json, t);
	json__u64(&json, "recursion_misses", s->recursion_misses);
	json__u64(&json, "late", s->late);
	json__bool(&json, "cut", s->was_cut);
	json__u64(&json, "duration_ns", s->duration_ns);
	if (s->cmd_status >= 0)
		json__u64(&json, "cmd_status", s->cmd_status);
	return json__emit(&json, out);
}

const struct trace_ops trace_json = {
	.header = print_header,
	.event = print_event,
	.summary = print_summary,
};
