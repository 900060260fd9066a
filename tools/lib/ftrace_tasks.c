// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include "ftrace_tasks.h"

#define NR_SLOTS (2 * FTRACE_MAX_TASKS)

struct ftrace_tasks {
	struct ftrace_task *all[FTRACE_MAX_TASKS];
	uint32_t nr;
	uint16_t slots[NR_SLOTS]; /* hash of pids: number + 1; 0 = free */
	struct ftrace_task *on[FTRACE_MAX_CPUS];
};

struct ftrace_tasks *ftrace_tasks__new(void)
{
	return calloc(1, sizeof(struct ftrace_tasks));
}

void ftrace_tasks__free(struct ftrace_tasks *tasks)
{
	if (!tasks)
		return;
	for (uint32_t i = 0; i < tasks->nr; i++) {
		free(tasks->all[i]->of_path);
		free(tasks->all[i]);
	}
	free(tasks);
}

struct ftrace_task *ftrace_tasks__get(const struct ftrace_tasks *tasks, uint32_t no)
{
	return no < tasks->nr ? tasks->all[no] : NULL;
}

struct ftrace_task *ftrace_tasks__on(const struct ftrace_tasks *tasks, int cpu)
{
	return cpu >= 0 && cpu < FTRACE_MAX_CPUS ? tasks->on[cpu] : NULL;
}

static uint16_t *slot_of(struct ftrace_tasks *tasks, int pid)
{
	uint32_t i = (uint32_t)pid * 2654435761u % NR_SLOTS;

	while (tasks->slots[i] && tasks->all[tasks->slots[i] - 1]->pid != pid)
		i = (i + 1) % NR_SLOTS;
	return &tasks->slots[i];
}

static int add(struct ftrace_tasks *tasks, int pid, struct ftrace_task **task)
{
	struct ftrace_task *t;

	if (tasks->nr == FTRACE_MAX_TASKS)
		return -E2BIG;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->pid = pid;
	t->no = tasks->nr;
	t->is_loose = true;
	tasks->all[tasks->nr++] = t;
	*task = t;
	return 0;
}

/* Idle tasks share pid 0 and are vCPUs of nothing: one will do. */
static int by_pid(struct ftrace_tasks *tasks, int pid, struct ftrace_task **task)
{
	uint16_t *slot = slot_of(tasks, pid);
	int err = 0;

	if (*slot) {
		*task = tasks->all[*slot - 1];
		return 0;
	}
	err = add(tasks, pid, task);
	if (!err)
		*slot = (*task)->no + 1;
	return err;
}

int ftrace_tasks__of(struct ftrace_tasks *tasks, const struct ftrace_line *line,
		     struct ftrace_task **task)
{
	int cpu = line->cpu < 0 ? 0 : line->cpu;
	int err = 0;

	if (cpu >= FTRACE_MAX_CPUS)
		return -E2BIG;
	if (line->pid != FTRACE_UNKNOWN)
		err = by_pid(tasks, line->pid, &tasks->on[cpu]);
	else if (!tasks->on[cpu])
		err = add(tasks, FTRACE_UNKNOWN, &tasks->on[cpu]);
	*task = tasks->on[cpu];
	return err;
}

/* The first ruler of a CPU names the task that its lines before belonged to. */
static void name(struct ftrace_tasks *tasks, struct ftrace_task *task, int pid)
{
	uint16_t *slot = slot_of(tasks, pid);

	if (*slot) {
		task->same_as = tasks->all[*slot - 1];
		return;
	}
	task->pid = pid;
	*slot = task->no + 1;
}

int ftrace_tasks__switch(struct ftrace_tasks *tasks, const struct ftrace_line *line)
{
	int cpu = line->cpu;

	if (cpu < 0 || cpu >= FTRACE_MAX_CPUS)
		return -E2BIG;
	if (tasks->on[cpu] && tasks->on[cpu]->pid == FTRACE_UNKNOWN)
		name(tasks, tasks->on[cpu], line->prev_pid);
	return by_pid(tasks, line->pid, &tasks->on[cpu]);
}
