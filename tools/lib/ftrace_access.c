// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_access.h"
#include "regs.h"

/* The access that a task is in. */
struct open_access {
	struct ftrace_access a;
	bool is_open;
	unsigned int depth; /* number of the frame that it is */
	bool has_bus, has_device, is_done, was_aborted;
	bool has_ret, ret_is_ok;
	struct ftrace_mmio pending; /* a kvm_mmio event that no call has taken yet */
	bool has_pending;
};

int ftrace_access__new_task(struct ftrace_task *task)
{
	task->of_path = calloc(1, sizeof(struct open_access));
	return task->of_path ? 0 : -ENOMEM;
}

bool ftrace_access__is_open(const struct ftrace_task *task)
{
	const struct open_access *open = task->of_path;

	return open && open->is_open;
}

void ftrace_access__abandon(struct ftrace_task *task)
{
	if (task->of_path)
		memset(task->of_path, 0, sizeof(struct open_access));
}

/* Calls with a role in an access count for one only outside of interrupts. */
static unsigned int role_of(const struct ftrace_task *task, const struct ftrace_name *name)
{
	return name && !task->irqs ? name->role : FTRACE_OTHER;
}

static void begin(struct ftrace_task *task, const struct ftrace_name *name)
{
	struct open_access *open = task->of_path;
	bool has_gpa = open->has_pending && name->role != FTRACE_ABORT;
	struct ftrace_mmio mmio = open->pending;

	memset(open, 0, sizeof(*open));
	open->is_open = true;
	open->depth = task->depth;
	open->a.task = task->no;
	open->a.kind = VGIC_UNKNOWN;
	open->a.op = VGIC_NR_OPS;
	open->a.has_gpa = has_gpa;
	if (has_gpa) {
		open->a.gpa = mmio.gpa;
		open->a.op = mmio.is_write ? VGIC_WRITE : VGIC_READ;
	}
}

static bool begins(const struct ftrace_task *task, unsigned int role)
{
	const struct open_access *open = task->of_path;

	if (open->is_open)
		return false;
	/* In a fragment the io_mem_abort around the bus is what is missing. */
	return role == FTRACE_ABORT ||
	       ((role == FTRACE_BUS || role == FTRACE_DISPATCH) && !task->is_loose);
}

static void note_device(struct open_access *open, const struct ftrace_name *name)
{
	open->has_device = true;
	open->a.kind = name->role == FTRACE_DEVICE ? VGIC_GIC : name->kind;
	if (name->role == FTRACE_DEVICE)
		open->is_done = true;
}

void ftrace_access__called(struct ftrace_accesses *all, struct ftrace_task *task,
			   const struct ftrace_name *name)
{
	struct open_access *open = task->of_path;
	unsigned int role = role_of(task, name);

	if (begins(task, role))
		begin(task, name);
	if (!open->is_open || role == FTRACE_OTHER)
		return;
	if (name->model)
		task->models |= 1u << name->model;
	if (name->op != VGIC_NR_OPS && open->a.op == VGIC_NR_OPS)
		open->a.op = name->op;
	open->has_bus |= role == FTRACE_BUS || role == FTRACE_DISPATCH;
	if (role == FTRACE_DEVICE || role == FTRACE_DEVICE_MAYBE)
		note_device(open, name);
	else if (role == FTRACE_HANDLER && !open->a.handler)
		open->a.handler = name;
	else if (role == FTRACE_CHANGED && open->a.op == VGIC_NR_OPS)
		open->a.op = VGIC_WRITE;
	else if (role == FTRACE_INJECT)
		open->was_aborted = true;
	else if (role == FTRACE_RETURN)
		open->is_done = all->has_returns = true;
}

static bool is_in_kernel(const struct ftrace_accesses *all, const struct open_access *open)
{
	if (open->has_ret)
		return open->ret_is_ok;
	if (open->is_done || open->was_aborted || open->a.handler)
		return true;
	return open->has_device && kind__by_address(open->a.kind) && !all->has_returns;
}

static int give(struct ftrace_accesses *all, struct ftrace_access *a)
{
	a->at_ns = all->now_ns;
	a->traced_ns = all->traced_ns;
	return all->fn(all->arg, a);
}

static int end(struct ftrace_accesses *all, struct ftrace_task *task)
{
	struct open_access *open = task->of_path;
	struct ftrace_access *a = &open->a;
	bool was_seen = open->has_bus || open->has_device || open->is_done || a->handler ||
			a->has_gpa || open->was_aborted;

	open->is_open = false;
	if (!was_seen) {
		all->nr_other_aborts++;
		return 0;
	}
	a->in_kernel = is_in_kernel(all, open);
	if (a->handler || open->was_aborted)
		a->kind = VGIC_GIC;
	return give(all, a);
}

static void part__add(struct ftrace_part *part, const struct ftrace_frame *frame,
		      const struct ftrace_line *line)
{
	part->is_timed = (part->is_timed || !part->tops) && line->has_duration;
	part->ns += line->duration_ns;
	part->calls += frame->calls;
	part->events += frame->events;
	part->tops++;
}

static void note_device_end(struct ftrace_access *a, const struct ftrace_frame *frame,
			    const struct ftrace_line *line)
{
	part__add(&a->device, frame, line);
	a->device_calls |= line->kind == FTRACE_LEAVE;
}

/* The call at the top of @task's stack ends: what it adds to the access it is in. */
static void note_end(struct ftrace_task *task, const struct ftrace_frame *frame,
		     const struct ftrace_line *line)
{
	struct open_access *open = task->of_path;
	struct ftrace_access *a = &open->a;
	unsigned int role = role_of(task, frame->name);

	if (role == FTRACE_ABORT)
		part__add(&a->abort, frame, line);
	else if (role == FTRACE_HANDLER)
		part__add(&a->handling, frame, line);
	else if (role == FTRACE_DEVICE || role == FTRACE_DEVICE_MAYBE)
		note_device_end(a, frame, line);
	else if (role == FTRACE_BUS || role == FTRACE_DISPATCH)
		part__add(&a->bus, frame, line);
	if (role == FTRACE_BUS && line->has_ret) {
		open->has_ret = true;
		open->ret_is_ok = !line->ret;
	}
}

/* What it tells of the tracer's own cost. 0 or -ENOMEM. */
static int note_cost(struct ftrace_accesses *all, const struct ftrace_frame *frame,
		     const struct ftrace_line *line)
{
	unsigned int role = frame->name ? frame->name->role : FTRACE_OTHER;
	unsigned int nr = frame->nr_children;
	uint64_t own;

	if (!line->has_duration || !frame->name || frame->is_vague ||
	    line->duration_ns < frame->child_ns)
		return 0;
	own = line->duration_ns - frame->child_ns;
	if (frame->own_events)
		return role == FTRACE_RETURN && frame->own_events == 1 && !nr
			       ? ftrace_cost__event(all->cost, own)
			       : 0;
	if (role == FTRACE_MODEL && (!nr || (nr == 1 && frame->nr_devices)) &&
	    ftrace_cost__pair(all->cost, FTRACE_PAIR_MODEL, nr, own))
		return -ENOMEM;
	if (!nr)
		return ftrace_cost__leaf(all->cost, ftrace_name__no(frame->name), own);
	if ((role == FTRACE_BUS || role == FTRACE_BUS_INNER) && frame->nr_lookups == 1 &&
	    nr == 1u + frame->nr_devices && nr <= 2)
		return ftrace_cost__pair(all->cost,
					 frame->name->op == VGIC_WRITE ? FTRACE_PAIR_BUS_WRITE
								       : FTRACE_PAIR_BUS_READ,
					 frame->nr_devices, own);
	if (role == FTRACE_LOOKUP && nr <= 2)
		return ftrace_cost__pair(all->cost, FTRACE_PAIR_LOOKUP, nr == 2, own);
	if ((role == FTRACE_DISPATCH || role == FTRACE_DEVICE_MAYBE) && nr == 1)
		return ftrace_cost__wrapper(all->cost, own);
	return 0;
}

/* Whether the next call down in the stack is a role of the same kind: only the outer one counts. */
static bool is_inside_same(const struct ftrace_task *task, unsigned int role)
{
	for (unsigned int i = 0; i < task->depth; i++)
		if (role_of(task, task->frames[i].name) == role)
			return true;
	return false;
}

int ftrace_access__left(struct ftrace_accesses *all, struct ftrace_task *task,
			const struct ftrace_frame *frame, const struct ftrace_line *line)
{
	struct open_access *open = task->of_path;
	int err = note_cost(all, frame, line);

	if (open->is_open && !is_inside_same(task, role_of(task, frame->name)))
		note_end(task, frame, line);
	if (!err && open->is_open && open->depth == task->depth)
		err = end(all, task);
	return err;
}

/* 0; -EBADMSG: the text is damaged. */
static int note_mmio(struct open_access *open, const char *text)
{
	struct ftrace_mmio mmio;

	/* "[FAILED TO PARSE] ..." is trace-cmd's, which did not know the event. */
	if (*text == '[')
		return 0;
	if (ftrace_text__mmio(text, &mmio))
		return -EBADMSG;
	if (mmio.is_done)
		return 0;
	if (!open->is_open) {
		open->pending = mmio;
		open->has_pending = true;
	} else if (!open->a.has_gpa) {
		open->a.gpa = mmio.gpa;
		open->a.has_gpa = true;
		open->a.op = mmio.is_write ? VGIC_WRITE : VGIC_READ;
	}
	return 0;
}

/* The guest goes on, or its VMM has to do something: an access that only an event told of is over.
 */
static int settle(struct ftrace_accesses *all, struct ftrace_task *task, bool by_user)
{
	struct open_access *open = task->of_path;
	struct ftrace_access a = {
		.task = task->no,
		.gpa = open->pending.gpa,
		.has_gpa = true,
		.in_kernel = !by_user,
		.from_events = true,
		.op = open->pending.is_write ? VGIC_WRITE : VGIC_READ,
		.kind = VGIC_UNKNOWN,
	};

	if (open->is_open || !open->has_pending)
		return 0;
	open->has_pending = false;
	return give(all, &a);
}

int ftrace_access__event(struct ftrace_accesses *all, struct ftrace_task *task,
			 const struct ftrace_line *line)
{
	if (!line->name || task->irqs)
		return 0;
	if (!strcmp(line->name, "kvm_mmio"))
		return note_mmio(task->of_path, line->text);
	if (!strcmp(line->name, "kvm_entry"))
		return settle(all, task, false);
	else if (!strcmp(line->name, "kvm_userspace_exit"))
		return settle(all, task, strstr(line->text, "KVM_EXIT_MMIO"));
	return 0;
}

bool ftrace_access__part(const struct ftrace_access *a, int stage, struct ftrace_part *part)
{
	switch (stage) {
	case VGIC_BUS:
		*part = a->bus;
		break;
	case VGIC_DEVICE:
		*part = a->device;
		break;
	case VGIC_HANDLER:
		*part = a->handling;
		break;
	case VGIC_LOOKUP:
		if (!a->bus.is_timed || !a->device.is_timed || a->bus.ns < a->device.ns)
			return false;
		*part = (struct ftrace_part){
			.ns = a->bus.ns - a->device.ns,
			.calls = a->bus.calls - a->device.calls,
			.events = a->bus.events - a->device.events,
			.is_timed = true,
		};
		break;
	default:
		return false;
	}
	return part->is_timed && a->in_kernel;
}
