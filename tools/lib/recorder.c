// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Writes recordings: each slice as what it has other than the last one. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "delta.h"
#include "recording_exits.h"
#include "regs.h"

enum { SLICE, VM, SERIES, INCREMENT, TOTAL, MARK, FACT, NR_STATEMENTS };

static const char *const statements[NR_STATEMENTS] = {
	[SLICE] = "INSERT INTO slices VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		  "?, ?)",
	[VM] = "INSERT INTO vms VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SERIES] = "INSERT INTO series VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	[INCREMENT] = "INSERT INTO increments VALUES(?, ?, ?, ?)",
	[TOTAL] = "INSERT OR REPLACE INTO totals VALUES(?, ?, ?, ?, ?, ?)",
	[MARK] = "INSERT INTO marks VALUES(NULL, ?, ?, ?, ?)",
	[FACT] = "INSERT OR REPLACE INTO facts VALUES(?, ?)",
};

struct recorder {
	sqlite3 *db;
	sqlite3_stmt *stmts[NR_STATEMENTS];
	struct exits_writer exits;
	char path[PATH_MAX], temporary[PATH_MAX]; /* one of them is "" */
	uint64_t slice;
	int failed; /* -errno: it takes no more */
	/*
	 * What was written so far. Its VMs and series are only ever added to: one's place there,
	 * from 1, is its number in the file. What a slice does not have any more is empty here.
	 */
	struct sample *written;
	bool *is_present; /* by VM: in the last slice */
	size_t nr_present;
	uint64_t *touched; /* by series: the last slice that had it */
	size_t nr_touched;
	struct delta delta; /* of a series */
	struct delta all;   /* of the slice */
};

static int recorder__fail(struct recorder *r)
{
	r->failed = db__failed(r->db, "write", r->path);
	db__exec(r->db, "ROLLBACK");
	return r->failed;
}

static int write_circumstances(struct recorder *r, const struct recording_info *info)
{
	if (info__write(r->db, info))
		return -EIO;
	for (int i = 0; i < NR_STATEMENTS; i++) {
		r->stmts[i] = db__prepare(r->db, statements[i]);
		if (!r->stmts[i])
			return -EIO;
	}
	if (exits_writer__prepare(&r->exits, r->db))
		return -EIO;
	return db__exec(r->db, "COMMIT") ? -EIO : 0;
}

/* What was at @path is lost only when there is a whole one in its place. */
static int create(struct recorder *r, const char *path, const struct recording_info *info)
{
	int err;

	if (strlen(path) >= sizeof(r->path) - sizeof("./-journal"))
		return db__fail(-ENAMETOOLONG, "cannot make '%s': %s", path,
				strerror(ENAMETOOLONG));
	err = db__create(path, r->temporary, &r->db);
	if (err)
		return err;
	if (write_circumstances(r, info)) {
		err = db__failed(r->db, "write", path);
		db__exec(r->db, "ROLLBACK");
		return err;
	}
	err = db__put_in_place(r->temporary, path);
	snprintf(r->path, sizeof(r->path), "%s", r->temporary[0] ? "" : path);
	return err;
}

int recorder__create(const char *path, const struct recording_info *info, struct recorder **out)
{
	struct recorder *r = calloc(1, sizeof(*r));
	int err;

	*out = NULL;
	if (r)
		r->written = sample__new();
	if (r && r->written)
		err = create(r, path, info);
	else
		err = db__fail(-ENOMEM, "cannot make '%s': %s", path, strerror(ENOMEM));
	if (err) {
		recorder__close(r);
		return err;
	}
	*out = r;
	return 0;
}

/* Makes room for element @nr - 1 of the array at @p, new ones all zeroes. 0 or -ENOMEM. */
static int grow(void *p, size_t *max, size_t nr, size_t size)
{
	char **array = p, *grown;

	if (nr <= *max)
		return 0;
	grown = reallocarray(*array, nr * 2, size);
	if (!grown)
		return -ENOMEM;
	memset(grown + *max * size, 0, (nr * 2 - *max) * size);
	*array = grown;
	*max = nr * 2;
	return 0;
}

static int write_vm(struct recorder *r, size_t no, bool is_present)
{
	const struct sample_vm *vm = &r->written->vms[no];
	sqlite3_stmt *stmt = r->stmts[VM];

	r->is_present[no] = is_present;
	sqlite3_bind_int64(stmt, 1, r->slice);
	sqlite3_bind_int64(stmt, 2, no + 1);
	sqlite3_bind_text(stmt, 3, vm->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, vm->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, vm->pid);
	sqlite3_bind_int64(stmt, 6, vm->model);
	sqlite3_bind_int64(stmt, 7, vm->nr_vcpus);
	sqlite3_bind_int(stmt, 8, vm->alive);
	sqlite3_bind_int(stmt, 9, is_present);
	return db__run(stmt) ? 0 : -EIO;
}

static bool vm__equal(const struct sample_vm *a, const struct sample_vm *b)
{
	return !strcmp(a->name, b->name) && a->pid == b->pid && a->model == b->model &&
	       a->nr_vcpus == b->nr_vcpus && a->alive == b->alive;
}

static int write_present_vm(struct recorder *r, const struct sample_vm *vm, uint32_t *no)
{
	struct sample_vm *written = sample__vm(r->written, vm->id);

	if (!written || grow(&r->is_present, &r->nr_present, r->written->nr_vms, sizeof(bool)))
		return -ENOMEM;
	*no = written - r->written->vms;
	if (r->is_present[*no] && vm__equal(vm, written))
		return 0;
	*written = *vm;
	return write_vm(r, *no, true);
}

/* @map: the numbers of @s' VMs among the written ones. */
static int write_vms(struct recorder *r, const struct sample *s, uint32_t *map)
{
	bool *is_gone = malloc(r->written->nr_vms + s->nr_vms + 1);
	size_t nr_before = r->written->nr_vms;
	int err = is_gone ? 0 : -ENOMEM;

	if (is_gone)
		memset(is_gone, true, nr_before + s->nr_vms + 1);
	for (size_t i = 0; i < s->nr_vms && !err; i++) {
		err = write_present_vm(r, &s->vms[i], &map[i]);
		if (!err)
			is_gone[map[i]] = false;
	}
	for (size_t i = 0; i < nr_before && !err; i++)
		if (is_gone[i] && r->is_present[i])
			err = write_vm(r, i, false);
	free(is_gone);
	return err;
}

/* What is summed over, or is not there, is null. */
static void bind_u32(sqlite3_stmt *stmt, int column, uint32_t value)
{
	if (value == SAMPLE_ALL)
		sqlite3_bind_null(stmt, column);
	else
		sqlite3_bind_int64(stmt, column, value);
}

static int write_series(struct recorder *r, size_t no)
{
	const struct sample_key *key = &r->written->series[no].key;
	sqlite3_stmt *stmt = r->stmts[SERIES];

	sqlite3_bind_int64(stmt, 1, no + 1);
	sqlite3_bind_int64(stmt, 2, key->vm + 1);
	bind_u32(stmt, 3, key->vcpu);
	sqlite3_bind_text(stmt, 4, kind__name(key->kind), -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, key->base);
	bind_u32(stmt, 6, key->target);
	sqlite3_bind_text(stmt, 7, range__name(key->range), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 8, key->op == VGIC_READ ? "read" : "write", -1, SQLITE_STATIC);
	return db__run(stmt) ? 0 : -EIO;
}

static int write_total(struct recorder *r, size_t no, unsigned int stage)
{
	const struct lat *lat = &r->written->series[no].lat[stage];
	sqlite3_stmt *stmt = r->stmts[TOTAL];

	sqlite3_bind_int64(stmt, 1, no + 1);
	sqlite3_bind_int64(stmt, 2, stage);
	sqlite3_bind_int64(stmt, 3, lat->count);
	sqlite3_bind_int64(stmt, 4, lat->sum_ns);
	sqlite3_bind_int64(stmt, 5, lat->min_ns);
	sqlite3_bind_int64(stmt, 6, lat->max_ns);
	return db__run(stmt) ? 0 : -EIO;
}

/* Brings stage @stage of series @no to @now, and appends how. */
static int record_stage(struct recorder *r, size_t no, unsigned int stage, const struct lat *now)
{
	struct lat *before = &r->written->series[no].lat[stage];
	size_t nr = r->delta.nr;
	int err = delta__put(&r->delta, stage, before, now);

	if (err || r->delta.nr == nr)
		return err;
	lat__free(before);
	err = lat__add(before, now);
	return err ?: write_total(r, no, stage);
}

/* Brings series @no to @now. */
static int record_series(struct recorder *r, size_t no, const struct sample_series *now)
{
	struct sample_series *before = &r->written->series[no];
	int64_t count = now->count - before->count;
	int64_t untimed = now->nr_untimed - before->nr_untimed;
	sqlite3_stmt *stmt = r->stmts[INCREMENT];
	int err = 0;

	r->delta.nr = 0;
	for (int i = 0; i < VGIC_NR_STAGES && !err; i++)
		err = record_stage(r, no, i, &now->lat[i]);
	if (err || (!count && !untimed && !r->delta.nr))
		return err;
	before->count = now->count;
	before->nr_untimed = now->nr_untimed;
	sqlite3_bind_int64(stmt, 1, r->slice);
	sqlite3_bind_int64(stmt, 2, no + 1);
	sqlite3_bind_int64(stmt, 3, count);
	sqlite3_bind_int64(stmt, 4, untimed);
	if (!db__run(stmt))
		return -EIO;
	if (!r->delta.nr)
		return 0;
	err = delta__put_number(&r->all, no + 1);
	err = err ?: delta__put_number(&r->all, r->delta.nr);
	return err ?: delta__append(&r->all, &r->delta);
}

static int write_present_series(struct recorder *r, const struct sample_series *now, uint32_t vm)
{
	struct sample_key key = now->key;
	size_t nr_before = r->written->nr_series, no;
	struct sample_series *series;
	int err = 0;

	key.vm = vm;
	series = sample__series(r->written, &key);
	if (!series || grow(&r->touched, &r->nr_touched, r->written->nr_series, sizeof(uint64_t)))
		return -ENOMEM;
	no = series - r->written->series;
	r->touched[no] = r->slice;
	if (r->written->nr_series > nr_before)
		err = write_series(r, no);
	return err ?: record_series(r, no, now);
}

/* Those that the sample does not have any more: harvest.c folds what ended long ago into one. */
static int write_gone_series(struct recorder *r)
{
	static const struct sample_series nothing;
	int err = 0;

	for (size_t i = 0; i < r->written->nr_series && !err; i++)
		if (r->touched[i] != r->slice)
			err = record_series(r, i, &nothing);
	return err;
}

static int write_slice(struct recorder *r, const struct sample *s)
{
	sqlite3_stmt *stmt = r->stmts[SLICE];
	const uint64_t columns[] = {
		r->slice,
		s->begin_ns,
		s->end_ns,
		s->attached_ns,
		0,
		s->stages,
		s->in_flight,
		s->recursion_misses,
		s->has_kvm_exits,
		s->kvm_exits_low,
		s->kvm_exits_high,
	};
	const int nr = sizeof(columns) / sizeof(columns[0]);
	size_t nr_packed;
	void *packed;

	for (int i = 0; i < nr; i++)
		sqlite3_bind_int64(stmt, i + 1, columns[i]);
	sqlite3_bind_double(stmt, 5, s->overhead_ns);
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		sqlite3_bind_int64(stmt, nr + 1 + i, s->lost[i]);
	packed = delta__pack(&r->all, &nr_packed);
	if (!packed)
		return -ENOMEM;
	sqlite3_bind_int64(stmt, nr + 1 + VGIC_NR_LOSSES, r->all.nr);
	sqlite3_bind_blob(stmt, nr + 2 + VGIC_NR_LOSSES, packed, nr_packed, free);
	return db__run(stmt) ? 0 : -EIO;
}

static int write_all(struct recorder *r, const struct sample *s)
{
	uint32_t *map = malloc((s->nr_vms + 1) * sizeof(*map));
	int err = map ? write_vms(r, s, map) : -ENOMEM;

	r->all.nr = 0;
	for (size_t i = 0; i < s->nr_series && !err; i++)
		err = write_present_series(r, &s->series[i], map[s->series[i].key.vm]);
	err = err ?: exits_writer__slice(&r->exits, r->slice, s, map, r->written);
	free(map);
	err = err ?: write_gone_series(r);
	return err ?: write_slice(r, s);
}

/* What has failed stays so: the file ends with the last slice that it took whole. */
int recorder__slice(struct recorder *r, const struct sample *cumulative)
{
	int err;

	if (r->failed)
		return r->failed;
	r->slice++;
	if (db__exec(r->db, "BEGIN"))
		return recorder__fail(r);
	err = write_all(r, cumulative);
	if (err == -ENOMEM) {
		db__exec(r->db, "ROLLBACK");
		r->failed = db__fail(err, "cannot write '%s': %s", r->path, strerror(-err));
		return err;
	}
	if (err || db__exec(r->db, "COMMIT"))
		return recorder__fail(r);
	return 0;
}

int recorder__mark(struct recorder *r, const struct recording_mark *mark)
{
	sqlite3_stmt *stmt = r->stmts[MARK];

	if (r->failed)
		return r->failed;
	sqlite3_bind_int64(stmt, 1, mark->end_ns);
	sqlite3_bind_int64(stmt, 2, mark->interval);
	sqlite3_bind_int64(stmt, 3, mark->time_s);
	sqlite3_bind_int64(stmt, 4, mark->cmd_status);
	return db__run(stmt) ? 0 : recorder__fail(r);
}

int recorder__fact(struct recorder *r, const char *name, double value)
{
	sqlite3_stmt *stmt = r->stmts[FACT];

	if (r->failed)
		return r->failed;
	if (!name[0] || strlen(name) >= sizeof(((struct recording_fact *)NULL)->name) ||
	    !isfinite(value))
		return db__fail(-EINVAL, "cannot record '%s': it is no name and number", name);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_double(stmt, 2, value);
	return db__run(stmt) ? 0 : recorder__fail(r);
}

int recorder__finish(struct recorder *r)
{
	if (r->failed)
		return r->failed;
	return db__exec(r->db, "INSERT INTO info VALUES('complete', 1)") ? recorder__fail(r) : 0;
}

/* SQLite leaves an empty one; without privileges it may have to stay, and does no harm. */
static void remove_journal(const char *path)
{
	char journal[PATH_MAX + 16];
	struct stat st;

	snprintf(journal, sizeof(journal), "%s-journal", path);
	if (path[0] && !stat(journal, &st) && S_ISREG(st.st_mode) && !st.st_size)
		unlink(journal);
}

void recorder__close(struct recorder *r)
{
	if (!r)
		return;
	for (int i = 0; i < NR_STATEMENTS; i++)
		sqlite3_finalize(r->stmts[i]);
	exits_writer__close(&r->exits);
	sqlite3_close(r->db);
	remove_journal(r->path);
	db__discard(r->temporary);
	sample__free(r->written);
	delta__free(&r->delta);
	delta__free(&r->all);
	free(r->is_present);
	free(r->touched);
	free(r);
}
