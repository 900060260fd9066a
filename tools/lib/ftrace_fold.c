// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_fold.h"
#include "ftrace_journal.h"
#include "ftrace_range.h"
#include "ftrace_slices.h"
#include "regs.h"
#include "values.h"

#define STAGES (1u << VGIC_LOOKUP | 1u << VGIC_DEVICE | 1u << VGIC_BUS | 1u << VGIC_HANDLER)
/* A correction that may be wrong by more of what is left than this says nothing. */
#define MAX_ERROR 0.75
/* Calls that took longer than so many times the median were interrupted. */
#define TYPICAL 1.25

struct ftrace_fold {
	struct ftrace_journal *journal;
	struct ftrace_pages *pages;
};

/* What is summed up of a stage, or of io_mem_abort in a series. */
struct sums {
	uint64_t count;
	double raw_ns, ns, error_ns;
};

struct finish {
	struct ftrace_fold *fold;
	const struct ftrace_path *path;
	const struct ftrace_share *share;
	const struct import_opts *opts;
	struct import *import;
	uint32_t vcpus[FTRACE_MAX_TASKS]; /* vcpu number of a task; SAMPLE_ALL: it is none */
	uint32_t models;                  /* of all tasks */
	bool is_corrected[VGIC_NR_STAGES];
	struct sums stages[VGIC_NR_STAGES];
	struct {
		uint16_t range;
		uint8_t op;
		struct values raw;
		struct sums sums;
	} aborts[IMPORT_MAX_FACTS / 2];
	size_t nr_aborts;
	bool has_handlers; /* the text has some */
	uint64_t nr, nr_unnamed, nr_guessed_ops, nr_wide;
	struct ftrace_slices slices;
};

struct ftrace_fold *ftrace_fold__new(void)
{
	struct ftrace_fold *fold = calloc(1, sizeof(*fold));

	if (!fold)
		return NULL;
	fold->pages = ftrace_pages__new();
	fold->journal = fold->pages ? ftrace_journal__new() : NULL;
	if (!fold->journal) {
		ftrace_fold__free(fold);
		return NULL;
	}
	return fold;
}

void ftrace_fold__free(struct ftrace_fold *fold)
{
	if (!fold)
		return;
	ftrace_journal__free(fold->journal);
	ftrace_pages__free(fold->pages);
	free(fold);
}

int ftrace_fold__add(void *arg, const struct ftrace_access *access)
{
	struct ftrace_fold *fold = arg;

	ftrace_pages__learn(fold->pages, access);
	return ftrace_journal__add(fold->journal, access);
}

/*
 * Without its handler, and without an address, nobody knows its register. Where all accesses are
 * so, handlers were not traced; else a line is missing.
 */
static bool is_unnamed(const struct ftrace_access *a)
{
	return !a->handler && !a->has_gpa && a->in_kernel && a->device_calls && a->kind == VGIC_GIC;
}

struct pass {
	struct finish *finish;
	int (*fn)(struct finish *f, const struct ftrace_access *access);
};

static int take(void *arg, const struct ftrace_access *access)
{
	const struct pass *pass = arg;

	/* Events say the same again where there are calls. */
	if (access->from_events && ftrace_path__totals(pass->finish->path)->calls)
		return 0;
	if (pass->finish->has_handlers && is_unnamed(access))
		return 0;
	return pass->fn(pass->finish, access);
}

/* Calls @fn for every access that counts. 0 or -errno. */
static int each(struct finish *f, int (*fn)(struct finish *f, const struct ftrace_access *access))
{
	struct pass pass = { .finish = f, .fn = fn };

	return ftrace_journal__each(f->fold->journal, take, &pass);
}

static const struct ftrace_task *task_of(const struct finish *f, uint32_t no)
{
	const struct ftrace_task *task = ftrace_tasks__get(ftrace_path__tasks(f->path), no);

	return task->same_as ? task->same_as : task;
}

static int count_unnamed(void *arg, const struct ftrace_access *access)
{
	struct finish *f = arg;

	f->has_handlers |= access->handler != NULL;
	f->nr_unnamed += is_unnamed(access);
	return 0;
}

/* Only tasks that made accesses are vCPUs. */
static int note_task(struct finish *f, const struct ftrace_access *access)
{
	const struct ftrace_task *task = task_of(f, access->task);

	f->nr++;
	f->vcpus[task->no] = 0;
	f->models |= task->models;
	return 0;
}

/* VMMs make the threads of vCPUs one after the other: numbered in the order of their pids. */
static uint32_t number_vcpus(struct finish *f)
{
	const struct ftrace_tasks *tasks = ftrace_path__tasks(f->path);
	const struct ftrace_task *task, *other;
	uint32_t nr = 0;

	for (uint32_t i = 0; (task = ftrace_tasks__get(tasks, i)); i++) {
		uint32_t rank = 0;

		if (f->vcpus[i] == SAMPLE_ALL)
			continue;
		for (uint32_t j = 0; (other = ftrace_tasks__get(tasks, j)); j++)
			rank += f->vcpus[j] != SAMPLE_ALL &&
				(other->pid < task->pid || (other->pid == task->pid && j < i));
		f->vcpus[i] = rank;
		nr++;
	}
	return nr;
}

static unsigned int model_of(uint32_t models)
{
	return models == 1u << 2 ? 2 : models == 1u << 3 ? 3 : 0;
}

static void sums__add(struct sums *sums, const struct ftrace_share *share,
		      const struct ftrace_part *part)
{
	double error, cost = ftrace_share__of(share, part, &error);

	sums->count++;
	sums->raw_ns += part->ns;
	sums->ns += part->ns - cost;
	sums->error_ns += part->events && !share->knows_events ? INFINITY : error;
}

static int note_stages(struct finish *f, const struct ftrace_access *access)
{
	struct ftrace_part part;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (ftrace_access__part(access, i, &part))
			sums__add(&f->stages[i], f->share, &part);
	return 0;
}

static bool sums__hold(const struct sums *sums, const struct ftrace_share *share)
{
	return share->is_known && sums->count && sums->ns > 0 &&
	       sums->error_ns <= MAX_ERROR * sums->ns;
}

static int record_stages(struct finish *f, const struct ftrace_access *access,
			 struct sample_series *series)
{
	bool has_bus = false;
	int err = 0;

	for (int i = 0; i < VGIC_NR_STAGES && !err; i++) {
		struct ftrace_part part;
		double ns, error;

		if (!ftrace_access__part(access, i, &part))
			continue;
		ns = part.ns;
		if (f->is_corrected[i])
			ns = fmax(0, ns - ftrace_share__of(f->share, &part, &error));
		err = lat__record(&series->lat[i], llround(ns), 1);
		has_bus |= i == VGIC_BUS;
	}
	series->nr_untimed += access->in_kernel && !has_bus;
	return err;
}

static int record_abort(struct finish *f, const struct ftrace_access *access, unsigned int range,
			unsigned int op)
{
	size_t i;

	if (!access->abort.is_timed || !access->in_kernel)
		return 0;
	for (i = 0; i < f->nr_aborts && (f->aborts[i].range != range || f->aborts[i].op != op); i++)
		;
	if (i == sizeof(f->aborts) / sizeof(f->aborts[0]))
		return 0;
	if (i == f->nr_aborts)
		f->nr_aborts++;
	f->aborts[i].range = range;
	f->aborts[i].op = op;
	sums__add(&f->aborts[i].sums, f->share, &access->abort);
	return values__add(&f->aborts[i].raw, access->abort.ns);
}

static int record(struct finish *f, const struct ftrace_access *access)
{
	const struct ftrace_task *task = task_of(f, access->task);
	unsigned int model = model_of(task->models ? task->models : f->models);
	struct sample_key key = { .target = SAMPLE_ALL };
	struct sample_series *series;

	key.op = access->op == VGIC_WRITE ? VGIC_WRITE : VGIC_READ;
	f->nr_guessed_ops += access->op == VGIC_NR_OPS;
	key.vcpu = f->opts->per_vcpu ? f->vcpus[task->no] : SAMPLE_ALL;
	ftrace_pages__classify(f->fold->pages, access, model, &key);
	f->nr_wide += key.range > VGIC_RANGE_USER;
	if (!f->opts->per_device && !kind__by_address(key.kind))
		key.base = 0;
	series = sample__series(f->import->sample, &key);
	if (!series)
		return -ENOMEM;
	series->count++;
	return record_stages(f, access, series) ?: record_abort(f, access, key.range, key.op);
}

static int record_sliced(struct finish *f, const struct ftrace_access *access)
{
	struct sample *sample = f->import->sample;
	bool has_times = ftrace_path__totals(f->path)->has_times;
	int err = record(f, access);

	if (err || !ftrace_slices__add(&f->slices, has_times ? access->at_ns : access->traced_ns))
		return err;
	sample->end_ns = f->slices.last_ns;
	sample->attached_ns = sample->end_ns - sample->begin_ns;
	return f->opts->slice ? f->opts->slice(f->opts->arg, f->import) : 0;
}

static int add_vm(struct finish *f, uint32_t nr_vcpus)
{
	struct sample_vm *vm = sample__vm(f->import->sample, "ftrace");

	if (!vm)
		return -ENOMEM;
	snprintf(vm->name, sizeof(vm->name), "ftrace");
	vm->model = model_of(f->models);
	vm->nr_vcpus = nr_vcpus;
	return 0;
}

static void tell_stages(struct finish *f)
{
	struct calibration *cal = &f->import->info.calibration;
	bool is_any = false;

	for (int i = 0; i < VGIC_NR_STAGES; i++) {
		if (f->stages[i].count)
			f->import->sample->stages |= 1u << i;
		if (!f->is_corrected[i])
			continue;
		/* The latencies in the sample are without it already. */
		cal->stages[i].is_known = is_any = true;
		cal->stages[i].error_ns = f->stages[i].error_ns / f->stages[i].count;
	}
	f->import->info.stages = f->import->sample->stages;
	f->import->info.has_calibration = true;
	if (!is_any)
		snprintf(cal->why, sizeof(cal->why),
			 "the tracer's own cost cannot be told from this recording");
}

static void tell_aborts(struct finish *f)
{
	for (size_t i = 0; i < f->nr_aborts; i++) {
		const struct sums *s = &f->aborts[i].sums;
		const char *range = range__name(f->aborts[i].range);
		const char *op = f->aborts[i].op == VGIC_WRITE ? "write" : "read";
		double raw = values__mean(&f->aborts[i].raw, TYPICAL);
		double cost = (s->raw_ns - s->ns) / s->count, error = s->error_ns / s->count;

		if (isnan(raw))
			raw = s->raw_ns / s->count;
		import__fact(f->import, raw, "abort_raw_ns.%s.%s", range, op);
		if (!f->share->is_known || !(error <= MAX_ERROR * (raw - cost)))
			continue;
		import__fact(f->import, raw - cost, "abort_ns.%s.%s", range, op);
		import__fact(f->import, error, "abort_error_ns.%s.%s", range, op);
	}
}

static void tell(struct finish *f)
{
	struct import *import = f->import;

	if (f->nr_unnamed)
		import__remark(import,
			       "%" PRIu64
			       " accesses reached no handler that is in the text, others "
			       "did: which register is not known, not counted",
			       f->nr_unnamed);
	if (f->nr_guessed_ops)
		import__remark(import,
			       "%" PRIu64 " accesses do not show whether they read or wrote: "
			       "counted as reads",
			       f->nr_guessed_ops);
	if (f->nr_wide)
		import__remark(import,
			       "%" PRIu64 " accesses without an address: named by their handler, "
			       "which may serve several registers",
			       f->nr_wide);
	import__fact(import, f->nr_guessed_ops, "ftrace.guessed_ops");
	tell_aborts(f);
}

int ftrace_fold__finish(struct ftrace_fold *fold, const struct ftrace_path *path,
			const struct ftrace_share *share, const struct import_opts *opts,
			struct import *import)
{
	struct finish *f = calloc(1, sizeof(*f));
	int err = f ? 0 : -ENOMEM;

	if (err)
		return err;
	f->fold = fold;
	f->path = path;
	f->share = share;
	f->opts = opts;
	f->import = import;
	memset(f->vcpus, 0xff, sizeof(f->vcpus));
	err = ftrace_journal__each(fold->journal, count_unnamed, f);
	f->nr_unnamed = f->has_handlers ? f->nr_unnamed : 0;
	import->sample->lost[VGIC_LOST_CUT] += f->nr_unnamed;
	err = err ? err : each(f, note_task);
	err = err ? err : add_vm(f, number_vcpus(f));
	err = err ? err : each(f, note_stages);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		f->is_corrected[i] = sums__hold(&f->stages[i], share);
	tell_stages(f);
	ftrace_slices__init(&f->slices, f->nr, import->sample->begin_ns, import->sample->end_ns);
	err = err ? err : each(f, record_sliced);
	if (!err)
		tell(f);
	for (size_t i = 0; i < f->nr_aborts; i++)
		values__free(&f->aborts[i].raw);
	free(f);
	return err;
}
