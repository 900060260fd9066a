// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The slices of a recording, added up one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "recording_exits.h"

/* The next row. Row numbers grow: a file whose pages form a circle ends here. 0 or -EINVAL. */
static int cursor__next(struct cursor *c)
{
	bool bad = false;
	int64_t rowid;

	c->has_row = sqlite3_step(c->stmt) == SQLITE_ROW;
	if (!c->has_row)
		return sqlite3_reset(c->stmt) ? -EINVAL : 0;
	rowid = db__u64(c->stmt, 0, &bad);
	bad |= rowid <= c->rowid;
	c->rowid = rowid;
	c->slice = db__u64(c->stmt, 1, &bad);
	return bad ? -EINVAL : 0;
}

int cursor__rewind(struct cursor *c)
{
	sqlite3_reset(c->stmt);
	c->rowid = 0;
	return cursor__next(c);
}

static int count_slices(struct recording *r)
{
	int err = cursor__rewind(&r->slices);

	while (!err && r->slices.has_row) {
		r->nr_slices++;
		err = cursor__next(&r->slices);
	}
	return err;
}

int slices__prepare(struct recording *r)
{
	r->slices.stmt = db__prepare(
		r->db, "SELECT slice, slice, begin_ns, end_ns, attached_ns, overhead_ns, stages,"
		       " in_flight, recursion_misses, has_kvm_exits, kvm_exits_low,"
		       " kvm_exits_high, lost_no_slot, lost_no_cell, lost_no_block, lost_no_start,"
		       " lost_no_end, lost_no_task, lost_cut, latencies_sz, latencies FROM slices "
		       "ORDER BY slice");
	r->vms.stmt = db__prepare(r->db, "SELECT rowid, slice, vm, id, name, pid, model, vcpus,"
					 " is_alive, is_present FROM vms ORDER BY rowid");
	r->increments.stmt = db__prepare(r->db, "SELECT rowid, slice, series, count, untimed"
						" FROM increments ORDER BY rowid");
	if (!r->slices.stmt || !r->vms.stmt || !r->increments.stmt)
		return -EINVAL;
	return recording_exits__prepare(r) ?: count_slices(r);
}

void slices__close(struct recording *r)
{
	sqlite3_finalize(r->slices.stmt);
	sqlite3_finalize(r->vms.stmt);
	sqlite3_finalize(r->increments.stmt);
	recording_exits__close(r);
	sample__free(r->state);
	free(r->is_present);
}

/* The VM with the number of this row, at its place in the state. NULL: no memory, or *@bad. */
static struct sample_vm *vm_at(struct recording *r, const char *id, uint64_t no, bool *bad)
{
	size_t nr_before = r->state->nr_vms;
	struct sample_vm *vm;

	*bad |= !no || no > nr_before + 1 || no > MAX_VMS;
	if (*bad)
		return NULL;
	vm = sample__vm(r->state, id);
	*bad |= vm && vm != &r->state->vms[no - 1];
	if (vm && r->state->nr_vms > nr_before) {
		bool *grown = realloc(r->is_present, r->state->nr_vms);

		if (!grown)
			return NULL;
		r->is_present = grown;
	}
	return vm;
}

static int read_vm(struct recording *r)
{
	sqlite3_stmt *stmt = r->vms.stmt;
	struct sample_vm *vm;
	bool bad = false;
	char id[sizeof(vm->id)];
	uint64_t no = db__u64(stmt, 2, &bad);

	db__text(stmt, 3, id, sizeof(id), &bad);
	vm = vm_at(r, id, no, &bad);
	if (!vm || bad)
		return bad ? -EINVAL : -ENOMEM;
	db__text(stmt, 4, vm->name, sizeof(vm->name), &bad);
	vm->pid = db__u32(stmt, 5, &bad);
	vm->model = db__u32(stmt, 6, &bad);
	vm->nr_vcpus = db__u32(stmt, 7, &bad);
	vm->alive = db__u32(stmt, 8, &bad);
	r->is_present[no - 1] = db__u32(stmt, 9, &bad);
	return bad ? -EINVAL : 0;
}

static uint64_t nr_buckets(const struct sample_series *series)
{
	uint64_t nr = 0;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		nr += series->lat[i].nr;
	return nr;
}

static int apply(struct recording *r, struct sample_series *series, const uint8_t *bytes, size_t nr)
{
	uint64_t before = nr_buckets(series);
	int err = delta__apply(bytes, nr, r->stages, series->lat);

	r->nr_buckets += nr_buckets(series) - before;
	return err ?: r->nr_buckets > MAX_BUCKETS ? -EINVAL : 0;
}

/* The series with number @no, in the state. NULL: no memory, or *@bad. */
static struct sample_series *series_at(struct recording *r, uint64_t no, bool *bad)
{
	*bad |= !no || no > r->nr_keys || r->keys[no - 1].vm >= r->state->nr_vms;
	return *bad ? NULL : sample__series(r->state, &r->keys[no - 1]);
}

/* One series after the other: its number, how many bytes, its entries. */
static int apply_all(struct recording *r, const uint8_t *at, const uint8_t *end)
{
	int err = 0;

	while (at < end && !err) {
		struct sample_series *series;
		bool bad = false;
		uint64_t no, nr;

		if (delta__get_number(&at, end, &no) || delta__get_number(&at, end, &nr) ||
		    nr > (size_t)(end - at))
			return -EINVAL;
		series = series_at(r, no, &bad);
		if (!series)
			return bad ? -EINVAL : -ENOMEM;
		err = apply(r, series, at, nr);
		at += nr;
	}
	return err;
}

static int read_latencies(struct recording *r)
{
	sqlite3_stmt *stmt = r->slices.stmt;
	const int column = 12 + VGIC_NR_LOSSES;
	bool bad = sqlite3_column_type(stmt, column + 1) != SQLITE_BLOB;
	uint64_t nr = db__u64(stmt, column, &bad);
	const void *packed = sqlite3_column_blob(stmt, column + 1);
	struct delta all;
	int err;

	if (bad || nr > MAX_LATENCIES)
		return -EINVAL;
	err = delta__unpack(packed, sqlite3_column_bytes(stmt, column + 1), nr, &all);
	if (err)
		return err;
	err = apply_all(r, all.bytes, all.bytes + all.nr);
	delta__free(&all);
	return err;
}

static int read_increment(struct recording *r)
{
	sqlite3_stmt *stmt = r->increments.stmt;
	bool bad = false;
	uint64_t no = db__u64(stmt, 2, &bad);
	int64_t count = db__i64(stmt, 3, &bad), untimed = db__i64(stmt, 4, &bad);
	struct sample_series *series = series_at(r, no, &bad);

	if (!series)
		return bad ? -EINVAL : -ENOMEM;
	if (bad || count < -(int64_t)series->count || untimed < -(int64_t)series->nr_untimed)
		return -EINVAL;
	series->count += count;
	series->nr_untimed += untimed;
	/* What the reports add up stays within 64 bits. */
	return series->count >> 62 || series->nr_untimed >> 62 ? -EINVAL : 0;
}

static int read_totals(struct recording *r)
{
	sqlite3_stmt *stmt = r->slices.stmt;
	struct sample *s = r->state;
	bool bad = false;

	s->begin_ns = db__u64(stmt, 2, &bad);
	s->end_ns = db__u64(stmt, 3, &bad);
	s->attached_ns = db__u64(stmt, 4, &bad);
	s->overhead_ns = db__double(stmt, 5, &bad);
	s->stages = info__stages(db__u32(stmt, 6, &bad), r->stages);
	s->in_flight = db__u64(stmt, 7, &bad);
	s->recursion_misses = db__u64(stmt, 8, &bad);
	s->has_kvm_exits = db__u32(stmt, 9, &bad);
	s->kvm_exits_low = db__u64(stmt, 10, &bad);
	s->kvm_exits_high = db__u64(stmt, 11, &bad);
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = db__u64(stmt, 12 + i, &bad);
	return bad || s->end_ns < s->begin_ns ? -EINVAL : 0;
}

int slice__read_rows(struct recording *r, struct cursor *c, int (*read)(struct recording *r))
{
	int err = 0;

	while (!err && c->has_row && c->slice == r->slices.slice) {
		err = read(r);
		err = err ?: cursor__next(c);
	}
	return err ?: c->has_row && c->slice < r->slices.slice ? -EINVAL : 0;
}

/* Brings the state to the end of the next slice. 1, 0: the end, or -errno. */
static int advance(struct recording *r)
{
	uint64_t last_end_ns;
	int err;

	if (r->is_broken)
		return recording__damaged(r, r->state ? -EINVAL : -ENOMEM);
	/* Without a slice there may be no more rows. */
	if (!r->slices.has_row)
		return r->vms.has_row || r->increments.has_row || recording_exits__has_more(r)
			       ? recording__damaged(r, -EINVAL)
			       : 0;
	last_end_ns = r->state->end_ns;
	err = slice__read_rows(r, &r->vms, read_vm);
	err = err ?: slice__read_rows(r, &r->increments, read_increment);
	err = err ?: recording_exits__read(r);
	err = err ?: read_latencies(r);
	err = err ?: read_totals(r);
	err = err ?: r->state->end_ns < last_end_ns ? -EINVAL : 0;
	err = err ?: cursor__next(&r->slices);
	if (!err)
		return 1;
	r->is_broken = true;
	return recording__damaged(r, err);
}

static int copy_series(struct sample *to, const struct sample_series *from, const uint32_t *map)
{
	struct sample_key key = from->key;
	struct sample_series *series;
	int err = 0;

	key.vm = map[key.vm];
	series = sample__series(to, &key);
	if (!series)
		return -ENOMEM;
	series->count = from->count;
	series->nr_untimed = from->nr_untimed;
	for (int i = 0; i < VGIC_NR_STAGES && !err; i++)
		err = lat__add(&series->lat[i], &from->lat[i]);
	return err;
}

static bool is_empty(const struct sample_series *series)
{
	uint64_t any = series->count | series->nr_untimed;

	for (int i = 0; i < VGIC_NR_STAGES; i++)
		any |= series->lat[i].count;
	return !any;
}

/* The state's VMs and series that are there. 0 or -errno. */
static int copy_contents(const struct recording *r, struct sample *to, uint32_t *map)
{
	const struct sample *from = r->state;
	int err = 0;

	for (size_t i = 0; i < from->nr_vms && !err; i++) {
		struct sample_vm *vm = r->is_present[i] ? sample__vm(to, from->vms[i].id) : NULL;

		map[i] = UINT32_MAX;
		if (r->is_present[i] && !vm)
			err = -ENOMEM;
		if (!vm)
			continue;
		*vm = from->vms[i];
		map[i] = vm - to->vms;
	}
	for (size_t i = 0; i < from->nr_series && !err; i++) {
		if (is_empty(&from->series[i]))
			continue;
		/* Accesses of a VM that is not there. */
		err = map[from->series[i].key.vm] == UINT32_MAX
			      ? -EINVAL
			      : copy_series(to, &from->series[i], map);
	}
	return err ?: recording_exits__copy(r, to, map);
}

static void copy_totals(struct sample *to, const struct sample *from)
{
	to->begin_ns = from->begin_ns;
	to->end_ns = from->end_ns;
	to->attached_ns = from->attached_ns;
	to->overhead_ns = from->overhead_ns;
	to->stages = from->stages;
	to->in_flight = from->in_flight;
	to->recursion_misses = from->recursion_misses;
	to->has_kvm_exits = from->has_kvm_exits;
	to->kvm_exits_low = from->kvm_exits_low;
	to->kvm_exits_high = from->kvm_exits_high;
	memcpy(to->lost, from->lost, sizeof(to->lost));
}

/* Floating: the sums themselves do not overflow. */
static bool can_be_added_up(const struct sample *s)
{
	double count = 0, untimed = 0, latencies[VGIC_NR_STAGES] = { 0 }, sum_ns = 0;

	for (size_t i = 0; i < s->nr_series; i++) {
		const struct sample_series *series = &s->series[i];

		count += series->count;
		untimed += series->nr_untimed;
		for (int stage = 0; stage < VGIC_NR_STAGES; stage++) {
			latencies[stage] += series->lat[stage].count;
			sum_ns += series->lat[stage].sum_ns;
		}
	}
	for (int stage = 0; stage < VGIC_NR_STAGES; stage++)
		count = latencies[stage] > count ? latencies[stage] : count;
	return count < MAX_COUNT && untimed < MAX_COUNT && sum_ns < MAX_SUM_NS;
}

static int copy_state(const struct recording *r, struct sample **out)
{
	uint32_t *map = malloc((r->state->nr_vms + 1) * sizeof(*map));
	struct sample *s = sample__new();
	int err = map && s ? 0 : -ENOMEM;

	if (!err && !can_be_added_up(r->state))
		err = -EINVAL;
	err = err ?: copy_contents(r, s, map);
	free(map);
	if (err) {
		sample__free(s);
		return recording__damaged(r, err);
	}
	copy_totals(s, r->state);
	*out = s;
	return 0;
}

int recording__next(struct recording *r, struct sample **cumulative)
{
	int ret = advance(r), err;

	*cumulative = NULL;
	if (ret <= 0)
		return ret;
	err = copy_state(r, cumulative);
	return err ?: 1;
}

void recording__rewind(struct recording *r)
{
	sample__free(r->state);
	r->state = sample__new();
	r->nr_buckets = 0;
	r->is_broken = !r->state || cursor__rewind(&r->vms) || cursor__rewind(&r->increments) ||
		       cursor__rewind(&r->slices) || recording_exits__rewind(r);
}

int recording__whole(struct recording *r, struct sample **sample)
{
	int ret;

	*sample = NULL;
	recording__rewind(r);
	do
		ret = advance(r);
	while (ret > 0);
	return ret ?: copy_state(r, sample);
}
