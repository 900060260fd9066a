// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include "recording_exits.h"

int exits_writer__prepare(struct exits_writer *w, sqlite3 *db)
{
	w->count = db__prepare(db, "INSERT INTO exits VALUES(?, ?, ?, ?, ?)");
	w->kvm = db__prepare(db, "INSERT INTO kvm_exits VALUES(?, ?, ?, ?, ?)");
	w->slice = db__prepare(db, "INSERT INTO exit_slices VALUES(?, ?, ?, ?, ?, ?)");
	return w->count && w->kvm && w->slice ? 0 : -EIO;
}

void exits_writer__close(struct exits_writer *w)
{
	sqlite3_finalize(w->count);
	sqlite3_finalize(w->kvm);
	sqlite3_finalize(w->slice);
}

static void bind_key(sqlite3_stmt *stmt, uint64_t slice, const struct sample_exits *e)
{
	sqlite3_bind_int64(stmt, 1, slice);
	sqlite3_bind_int64(stmt, 2, e->vm + 1);
	if (e->vcpu == SAMPLE_ALL)
		sqlite3_bind_null(stmt, 3);
	else
		sqlite3_bind_int64(stmt, 3, e->vcpu);
}

static int write_count(struct exits_writer *w, uint64_t slice, const struct sample_exits *e,
		       int reason, int64_t growth)
{
	bind_key(w->count, slice, e);
	sqlite3_bind_text(w->count, 4, exit__name(reason), -1, SQLITE_STATIC);
	sqlite3_bind_int64(w->count, 5, growth);
	return db__run(w->count) ? 0 : -EIO;
}

static int write_kvm(struct exits_writer *w, uint64_t slice, const struct sample_exits *e)
{
	bind_key(w->kvm, slice, e);
	sqlite3_bind_int64(w->kvm, 4, e->kvm_low);
	sqlite3_bind_int64(w->kvm, 5, e->kvm_high);
	return db__run(w->kvm) ? 0 : -EIO;
}

/* Brings @before to @now. */
static int write_exits(struct exits_writer *w, uint64_t slice, struct sample_exits *before,
		       const struct sample_exits *now)
{
	bool has_grown = before->kvm_low != now->kvm_low || before->kvm_high != now->kvm_high;
	int err = 0;

	for (int i = 0; i < VGIC_NR_EXITS && !err; i++) {
		int64_t growth = now->count[i] - before->count[i];

		before->count[i] = now->count[i];
		if (growth)
			err = write_count(w, slice, before, i, growth);
	}
	before->kvm_low = now->kvm_low;
	before->kvm_high = now->kvm_high;
	return has_grown && !err ? write_kvm(w, slice, before) : err;
}

/* Those of @written that the sample does not have any more: VMs that ended long ago become one. */
static int write_gone(struct exits_writer *w, uint64_t slice, struct sample *written,
		      const bool *is_there)
{
	int err = 0;

	for (size_t i = 0; i < written->nr_exits && !err; i++) {
		struct sample_exits *e = &written->exits[i];
		const struct sample_exits nothing = { .vm = e->vm, .vcpu = e->vcpu };

		if (!is_there[i])
			err = write_exits(w, slice, e, &nothing);
	}
	return err;
}

static int write_totals(struct exits_writer *w, uint64_t slice, const struct sample *s)
{
	const uint64_t columns[] = { slice,           s->exits_ns,
				     s->lost_exits,   s->kvm_user.is_known,
				     s->kvm_user.low, s->kvm_user.high };

	for (int i = 0; i < 6; i++)
		sqlite3_bind_int64(w->slice, i + 1, columns[i]);
	return db__run(w->slice) ? 0 : -EIO;
}

int exits_writer__slice(struct exits_writer *w, uint64_t slice, const struct sample *s,
			const uint32_t *vms, struct sample *written)
{
	bool *is_there = calloc(written->nr_exits + s->nr_exits + 1, sizeof(*is_there));
	int err = is_there ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->nr_exits && !err; i++) {
		const struct sample_exits *now = &s->exits[i];
		struct sample_exits *before = sample__exits(written, vms[now->vm], now->vcpu);

		if (before)
			is_there[before - written->exits] = true;
		err = before ? write_exits(w, slice, before, now) : -ENOMEM;
	}
	err = err ?: write_gone(w, slice, written, is_there);
	free(is_there);
	return err || !s->has_exits ? err : write_totals(w, slice, s);
}
