// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_path.h"
#include "regs.h"

/* Blanks before a call that no traced call encloses. */
#define ROOT_INDENT 2
/* Sums of latencies stay within what a recording holds, 62 bits. */
#define MAX_TRACED_NS (1ULL << 61)

struct ftrace_path {
	struct ftrace_tasks *tasks;
	struct ftrace_accesses accesses;
	struct ftrace_totals totals;
	struct {
		uint64_t last_ns;
		bool has_root; /* the text has a call from its begin on it, since the last loss */
	} cpus[FTRACE_MAX_CPUS];
};

struct ftrace_path *ftrace_path__new(struct ftrace_cost *cost, ftrace_access__fn fn, void *arg)
{
	struct ftrace_path *path = calloc(1, sizeof(*path));

	if (!path)
		return NULL;
	path->tasks = ftrace_tasks__new();
	if (!path->tasks) {
		free(path);
		return NULL;
	}
	path->accesses = (struct ftrace_accesses){ .cost = cost, .fn = fn, .arg = arg };
	return path;
}

void ftrace_path__free(struct ftrace_path *path)
{
	if (!path)
		return;
	ftrace_tasks__free(path->tasks);
	free(path);
}

const struct ftrace_totals *ftrace_path__totals(const struct ftrace_path *path)
{
	return &path->totals;
}

const struct ftrace_tasks *ftrace_path__tasks(const struct ftrace_path *path)
{
	return path->tasks;
}

/* Text without a column for it has but one, as far as it tells. */
static int cpu_of(const struct ftrace_line *line)
{
	return line->cpu < 0 ? 0 : line->cpu;
}

static void damage(struct ftrace_path *path)
{
	if (!path->totals.nr_damaged++)
		path->totals.damage_line = path->totals.lines;
}

/* Gives up what a task is in: the text does not have the rest. */
static void abandon(struct ftrace_path *path, struct ftrace_task *task)
{
	task->was_cut = ftrace_access__is_open(task);
	path->totals.nr_cut += task->was_cut;
	ftrace_access__abandon(task);
	task->depth = 0;
	task->irqs = 0;
	task->is_loose = true;
}

static void lose(struct ftrace_path *path, const struct ftrace_line *line)
{
	struct ftrace_task *task;

	path->totals.has_losses = true;
	path->totals.has_gaps |= line->cpu >= 0;
	path->totals.lost_events += line->lost;
	for (uint32_t i = 0; line->cpu >= 0 && (task = ftrace_tasks__get(path->tasks, i)); i++)
		if (task == ftrace_tasks__on(path->tasks, line->cpu) || task->depth)
			abandon(path, task);
	if (line->cpu >= 0 && line->cpu < FTRACE_MAX_CPUS)
		path->cpus[line->cpu].has_root = false;
}

/* What follows a loss in the middle is said to: it does not tell how the text begins. */
static void note_inside(struct ftrace_path *path)
{
	path->totals.begins_inside |= !path->totals.has_gaps;
}

static void note_child(struct ftrace_frame *parent, const struct ftrace_frame *frame,
		       const struct ftrace_line *line)
{
	unsigned int role = frame->name ? frame->name->role : FTRACE_OTHER;

	parent->child_ns += line->duration_ns;
	parent->calls += frame->calls;
	parent->events += frame->events;
	parent->nr_children++;
	parent->nr_lookups += role == FTRACE_LOOKUP;
	parent->nr_devices += role == FTRACE_DEVICE || role == FTRACE_DEVICE_MAYBE;
	parent->is_vague |= !line->has_duration;
}

static int pop(struct ftrace_path *path, struct ftrace_task *task, const struct ftrace_line *line)
{
	struct ftrace_frame *frame = &task->frames[--task->depth];

	if (line->duration_ns > frame->child_ns)
		path->accesses.traced_ns += line->duration_ns - frame->child_ns;
	if (path->accesses.traced_ns > MAX_TRACED_NS)
		return -EOVERFLOW;
	if (task->depth)
		note_child(&task->frames[task->depth - 1], frame, line);
	return ftrace_access__left(&path->accesses, task, frame, line);
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 16777619;
	return hash;
}

static int push(struct ftrace_path *path, struct ftrace_task *task, const struct ftrace_line *line)
{
	const struct ftrace_name *name = ftrace_names__find(line->name);
	bool is_root = !task->depth && line->indent <= ROOT_INDENT;

	path->totals.calls++;
	task->nr_calls++;
	if (task->depth == FTRACE_MAX_DEPTH ||
	    (task->depth && task->frames[task->depth - 1].indent >= line->indent) ||
	    (!task->depth && !is_root && !task->is_loose)) {
		damage(path);
		abandon(path, task);
	}
	if (is_root) {
		task->is_loose = task->was_cut = false;
		path->cpus[cpu_of(line)].has_root = true;
	} else if (!task->depth) {
		note_inside(path);
	}
	ftrace_access__called(&path->accesses, task, name);
	task->frames[task->depth++] = (struct ftrace_frame){
		.name = name,
		.hash = hash_of(line->name),
		.indent = line->indent,
		.calls = 1,
	};
	return 0;
}

static bool is_partial(const struct ftrace_path *path)
{
	return path->totals.begins_inside || path->totals.has_losses;
}

/* A call ends that did not begin in the text. */
static void leave_unknown(struct ftrace_path *path, struct ftrace_task *task,
			  const struct ftrace_line *line)
{
	const struct ftrace_name *name = line->name ? ftrace_names__find(line->name) : NULL;

	/* Also one that was on another CPU, if what this one did before is not in the text. */
	if (!task->is_loose && !(is_partial(path) && !path->cpus[cpu_of(line)].has_root))
		damage(path);
	note_inside(path);
	if (name ? name->role == FTRACE_ABORT : !line->name && line->indent <= ROOT_INDENT) {
		path->totals.nr_cut += !task->was_cut;
		task->was_cut = false;
	}
}

static int leave(struct ftrace_path *path, struct ftrace_task *task, const struct ftrace_line *line)
{
	const struct ftrace_frame *frame;

	if (!task->depth) {
		leave_unknown(path, task, line);
		return 0;
	}
	frame = &task->frames[task->depth - 1];
	if (frame->indent != line->indent || (line->name && frame->hash != hash_of(line->name))) {
		damage(path);
		abandon(path, task);
		return 0;
	}
	return pop(path, task, line);
}

static int event(struct ftrace_path *path, struct ftrace_task *task, const struct ftrace_line *line)
{
	path->totals.events++;
	if (task->depth) {
		task->frames[task->depth - 1].events++;
		task->frames[task->depth - 1].own_events++;
	}
	return ftrace_access__event(&path->accesses, task, line);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

static void note_times(struct ftrace_path *path, const struct ftrace_line *line)
{
	struct ftrace_totals *t = &path->totals;

	if (line->has_duration && line->unit_ns == 1)
		t->tick_ns = gcd(t->tick_ns, line->duration_ns);
	if (!line->has_time)
		return;
	if (!t->has_times || line->time_ns < t->first_ns)
		t->first_ns = line->time_ns;
	if (line->time_ns > t->last_ns)
		t->last_ns = line->time_ns;
	t->has_times = true;
	path->accesses.now_ns = t->last_ns;
	/* A CPU's lines are in the order of their times, unless they were read twice. */
	if (line->time_ns < path->cpus[cpu_of(line)].last_ns)
		damage(path);
	path->cpus[cpu_of(line)].last_ns = line->time_ns;
}

static int by_kind(struct ftrace_path *path, struct ftrace_task *task,
		   const struct ftrace_line *line)
{
	switch (line->kind) {
	case FTRACE_ENTER:
		return push(path, task, line);
	case FTRACE_LEAF:
		push(path, task, line);
		return pop(path, task, line);
	case FTRACE_LEAVE:
		return leave(path, task, line);
	case FTRACE_EVENT:
		return event(path, task, line);
	case FTRACE_IRQ_IN:
		task->irqs++;
		return 0;
	case FTRACE_IRQ_OUT:
		task->irqs -= task->irqs > 0;
		return 0;
	default:
		return 0;
	}
}

int ftrace_path__line(struct ftrace_path *path, const struct ftrace_line *line)
{
	struct ftrace_task *task;
	int err;

	path->totals.lines++;
	switch (line->kind) {
	case FTRACE_NOTHING:
	case FTRACE_BAD:
		return 0;
	case FTRACE_LOST:
		lose(path, line);
		return 0;
	case FTRACE_SWITCH:
		return ftrace_tasks__switch(path->tasks, line);
	default:
		break;
	}
	err = ftrace_tasks__of(path->tasks, line, &task);
	if (!err)
		note_times(path, line);
	if (!err && !task->of_path)
		err = ftrace_access__new_task(task);
	return err ? err : by_kind(path, task, line);
}

void ftrace_path__finish(struct ftrace_path *path)
{
	struct ftrace_task *task;

	for (uint32_t i = 0; (task = ftrace_tasks__get(path->tasks, i)); i++)
		path->totals.nr_open += ftrace_access__is_open(task);
	path->totals.traced_ns = path->accesses.traced_ns;
	path->totals.nr_other_aborts = path->accesses.nr_other_aborts;
}
