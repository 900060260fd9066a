// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "regs.h"
#include "top_columns.h"
#include "top_model.h"
#include "top_order.h"

#define NO_VM (~0u)

void top_model__init(struct top_model *m, const struct view *view)
{
	*m = (struct top_model){ .view = view };
	for (int i = 0; i < TOP_NR_VIEWS; i++)
		m->sort[i] = top_column__find("rate");
}

void top_model__free(struct top_model *m)
{
	top_model__close(m);
	for (int i = 0; i < TOP_NR_VIEWS; i++)
		top_table__free(&m->tables[i]);
	sample__free(m->sample);
	free(m->vms);
	free(m->order);
	memset(m, 0, sizeof(*m));
}

/* The row of @view that a series belongs to. */
static struct sample_key key_in(enum top_view view, const struct sample_key *from, uint32_t vm)
{
	struct sample_key key = { .vm = vm, .vcpu = SAMPLE_ALL, .target = SAMPLE_ALL };

	switch (view) {
	case TOP_VCPUS:
		key.vcpu = from->vcpu;
		break;
	case TOP_DEVICES:
		key.kind = from->kind;
		key.base = from->base;
		key.target = from->target;
		break;
	case TOP_RANGES:
		key.kind = from->kind;
		key.range = from->range;
		key.op = from->op;
		key.base = kind__by_address(from->kind) ? from->base : 0;
		break;
	case TOP_VMS:
	case TOP_EXITS: /* not made of series */
	case TOP_NR_VIEWS:
		break;
	}
	return key;
}

/* The model's number of a VM; NO_VM: it has none. */
static uint32_t find_vm(const struct top_model *m, const char *id)
{
	for (size_t i = 0; i < m->nr_vms; i++)
		if (m->vms[i].is_used && !strcmp(m->vms[i].vm.id, id))
			return i;
	return NO_VM;
}

/* Whether what the user opened or selected is of VM @n, which may be gone. */
static bool is_looked_at(const struct top_model *m, uint32_t n)
{
	return (m->detail.is_open && m->detail.key.vm == n) ||
	       (m->is_selected && m->selected.vm == n);
}

/* NO_VM: no memory. */
static uint32_t add_vm(struct top_model *m)
{
	struct top_vm *vms;

	/* Whose number is taken again becomes another VM under the user's eyes. */
	for (size_t i = 0; i < m->nr_vms; i++)
		if (!m->vms[i].is_used && !is_looked_at(m, i))
			return i;
	vms = reallocarray(m->vms, m->nr_vms + 1, sizeof(*vms));
	if (!vms)
		return NO_VM;
	m->vms = vms;
	m->vms[m->nr_vms] = (struct top_vm){ .is_used = false };
	return m->nr_vms++;
}

static bool has_series(const struct sample *s, uint32_t vm)
{
	for (size_t i = 0; i < s->nr_series; i++)
		if (s->series[i].key.vm == vm)
			return true;
	return false;
}

/* The number of the sample's VM @n in the model; NO_VM: it has ended before it was ever shown. */
static int take_vm(struct top_model *m, const struct sample *s, uint32_t n, uint32_t *number)
{
	const struct sample_vm *vm = &s->vms[n];

	*number = find_vm(m, vm->id);
	if (*number == NO_VM) {
		if (!vm->alive && !has_series(s, n))
			return 0;
		*number = add_vm(m);
		if (*number == NO_VM)
			return -ENOMEM;
		m->vms[*number] = (struct top_vm){ .is_used = true };
	}
	m->vms[*number].vm = *vm;
	/* The sum of those that are not told apart goes on growing. */
	if (vm->alive || (!strcmp(vm->id, SAMPLE_ENDED) && has_series(s, n)))
		m->vms[*number].ended_for = 0;
	return 0;
}

/* Those that the sample does not have, or has as ended, grow older. */
static void age_vms(struct top_model *m)
{
	for (size_t i = 0; i < m->nr_vms; i++)
		m->vms[i].vm.alive = false;
}

static bool is_gone(const void *ctx, const struct top_row *row)
{
	const struct top_model *m = ctx;

	return m->vms[row->key.vm].ended_for > TOP_ENDED_KEPT;
}

static int sweep_vms(struct top_model *m)
{
	bool any = false;

	for (size_t i = 0; i < m->nr_vms; i++) {
		struct top_vm *vm = &m->vms[i];

		if (vm->is_used && !vm->vm.alive)
			any |= ++vm->ended_for > TOP_ENDED_KEPT;
	}
	for (int i = 0; i < TOP_NR_VIEWS && any; i++)
		if (top_table__sweep(&m->tables[i], is_gone, m))
			return -ENOMEM;
	for (size_t i = 0; i < m->nr_vms && any; i++)
		m->vms[i].is_used &= m->vms[i].ended_for <= TOP_ENDED_KEPT;
	return 0;
}

/* The time that @series spent in emulation, without the hooks' share; as far as it was timed. */
static double busy_ns(const struct view *view, const struct sample_series *series)
{
	const struct lat *bus = &series->lat[VGIC_BUS];
	double mean = lat__mean_ns(bus) - view__share_ns(view, VGIC_BUS);

	return mean > 0 ? mean * bus->count : 0;
}

static int take_series(struct top_model *m, const struct sample_series *series, uint32_t vm)
{
	double busy = busy_ns(m->view, series);

	for (enum top_view view = 0; view < TOP_EXITS; view++) {
		struct sample_key key = key_in(view, &series->key, vm);
		struct top_row *row = top_table__row(&m->tables[view], &key);

		if (!row)
			return -ENOMEM;
		row->count += series->count;
		row->untimed += series->nr_untimed;
		row->busy_ns += busy;
		if (!kind__in_kernel(series->key.kind))
			row->user += series->count;
	}
	return 0;
}

/* The numbers of the sample's VMs; a row for each that lives, whatever it does. NULL: no memory. */
static uint32_t *take_vms(struct top_model *m, const struct sample *s)
{
	uint32_t *map = malloc((s->nr_vms + 1) * sizeof(*map));
	static const struct sample_key nothing;
	int err = map ? 0 : -ENOMEM;

	age_vms(m);
	for (size_t i = 0; i < s->nr_vms && !err; i++) {
		err = take_vm(m, s, i, &map[i]);
		if (!err && map[i] != NO_VM) {
			struct sample_key key = key_in(TOP_VMS, &nothing, map[i]);

			err = top_table__row(&m->tables[TOP_VMS], &key) ? 0 : -ENOMEM;
		}
	}
	if (!err)
		return map;
	free(map);
	return NULL;
}

static int add_latencies(struct lat *to, const struct lat *from)
{
	int err = 0;

	for (int i = 0; i < VGIC_NR_STAGES && !err; i++)
		if (from[i].count)
			err = lat__add(&to[i], &from[i]);
	return err;
}

/* Latencies are summed for the view that is shown only: they are what takes time. */
static int fold(struct top_model *m)
{
	const struct sample *s = m->sample;
	struct top_table *t = &m->tables[m->shown];
	uint32_t last = NO_VM, vm = NO_VM;
	int err = 0;

	if (!s || m->shown == TOP_EXITS || m->folded & 1u << m->shown)
		return 0;
	for (size_t i = 0; i < s->nr_series && !err; i++) {
		struct sample_key key;
		struct top_row *row;

		/* They come VM by VM. */
		if (s->series[i].key.vm != last) {
			last = s->series[i].key.vm;
			vm = find_vm(m, s->vms[last].id);
		}
		key = key_in(m->shown, &s->series[i].key, vm);
		row = top_table__find(t, &key);
		if (row && view__shows(m->view, &s->series[i]))
			err = add_latencies(row->lat, s->series[i].lat);
	}
	m->folded |= 1u << m->shown;
	return err;
}

static int arrange(struct top_model *m)
{
	int err = fold(m);

	return err ? err : top_order__make(m);
}

static int add_to_detail(struct top_model *m)
{
	struct top_detail *d = &m->detail;
	const struct top_row *row = top_table__find(&m->tables[d->view], &d->key);

	if (!d->is_open || !row)
		return 0;
	d->count += row->count;
	d->time_ns += m->sample->end_ns - m->sample->begin_ns;
	return add_latencies(d->lat, row->lat);
}

/* A row per VM and reason; the reason is the key's base. */
static int take_exits(struct top_model *m, const struct sample_exits *exits, uint32_t vm)
{
	for (unsigned int reason = 0; reason < VGIC_NR_EXITS; reason++) {
		struct sample_key key = { .vm = vm, .vcpu = SAMPLE_ALL, .target = SAMPLE_ALL };
		struct top_row *row;

		key.base = reason;
		if (!exits->count[reason])
			continue;
		row = top_table__row(&m->tables[TOP_EXITS], &key);
		if (!row)
			return -ENOMEM;
		row->count += exits->count[reason];
	}
	return 0;
}

static int take_all(struct top_model *m, const struct sample *s)
{
	uint32_t *map = take_vms(m, s);
	int err = map ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->nr_series && !err; i++)
		if (map[s->series[i].key.vm] != NO_VM && view__shows(m->view, &s->series[i]))
			err = take_series(m, &s->series[i], map[s->series[i].key.vm]);
	for (size_t i = 0; i < s->nr_exits && !err; i++)
		if (map[s->exits[i].vm] != NO_VM)
			err = take_exits(m, &s->exits[i], map[s->exits[i].vm]);
	free(map);
	return err;
}

int top_model__take(struct top_model *m, const struct sample *sample)
{
	int err;

	if (m->is_paused)
		return 0;
	sample__free(m->sample);
	m->sample = sample__hold(sample);
	m->folded = 0;
	m->seconds = sample->attached_ns / 1e9;
	m->exit_seconds = sample->has_exits ? sample->exits_ns / 1e9 : 0;
	m->nr_taken++;
	for (int i = 0; i < TOP_NR_VIEWS; i++)
		top_table__begin(&m->tables[i]);
	err = take_all(m, sample);
	for (int i = 0; i < TOP_NR_VIEWS; i++)
		top_table__end(&m->tables[i], top_model__seconds(m, i));
	err = err ? err : sweep_vms(m);
	err = err ? err : arrange(m);
	return err ? err : add_to_detail(m);
}

int top_model__show(struct top_model *m, enum top_view view)
{
	m->shown = view;
	m->is_selected = false;
	m->position = 0;
	return arrange(m);
}

int top_model__sort(struct top_model *m, const struct top_column *column, bool reverse)
{
	m->sort[m->shown] = column;
	m->reverse[m->shown] = reverse;
	return arrange(m);
}

int top_model__filter(struct top_model *m, const char *glob)
{
	snprintf(m->filter, sizeof(m->filter), "%s", glob);
	return arrange(m);
}

const struct top_row *top_model__row(const struct top_model *m, size_t position)
{
	return &m->tables[m->shown].rows[m->order[position]];
}

const struct top_vm *top_model__vm(const struct top_model *m, const struct top_row *row)
{
	return &m->vms[row->key.vm];
}

const struct top_row *top_model__selected(const struct top_model *m)
{
	return m->nr_order ? top_model__row(m, m->position) : NULL;
}

void top_model__move(struct top_model *m, long by)
{
	long to = (long)m->position + by, last = (long)m->nr_order - 1;

	if (!m->nr_order)
		return;
	m->position = to < 0 ? 0 : to > last ? last : to;
	m->selected = top_model__row(m, m->position)->key;
	m->is_selected = true;
}

int top_model__open(struct top_model *m)
{
	const struct top_row *row = top_model__selected(m);

	if (!row)
		return 0;
	top_model__move(m, 0);
	top_model__close(m);
	m->detail.is_open = true;
	m->detail.view = m->shown;
	m->detail.key = row->key;
	return add_to_detail(m);
}

void top_model__close(struct top_model *m)
{
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		lat__free(&m->detail.lat[i]);
	memset(&m->detail, 0, sizeof(m->detail));
}
