// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "recording_exits.h"

/* More than any session has. */
#define MAX_EXITS (1u << 16)

static int prepare(struct recording *r, struct cursor *c, const char *sql)
{
	c->stmt = db__prepare(r->db, sql);
	return c->stmt ? 0 : -EINVAL;
}

/* Recordings of version 1 have none. */
int recording_exits__prepare(struct recording *r)
{
	int64_t version;

	if (db__version(r->db, &version))
		return -EINVAL;
	if (version < 2)
		return 0;
	return prepare(r, &r->exits,
		       "SELECT rowid, slice, vm, vcpu, reason, count FROM exits ORDER BY rowid")
		       ?: prepare(r, &r->kvm_exits,
				  "SELECT rowid, slice, vm, vcpu, low, high FROM kvm_exits"
				  " ORDER BY rowid")
		       ?: prepare(r, &r->exit_slices,
				  "SELECT slice, slice, exits_ns, lost, has_kvm_user,"
				  " kvm_user_low, kvm_user_high FROM exit_slices ORDER BY slice");
}

int recording_exits__rewind(struct recording *r)
{
	if (!r->exits.stmt)
		return 0;
	return cursor__rewind(&r->exits)
		       ?: cursor__rewind(&r->kvm_exits) ?: cursor__rewind(&r->exit_slices);
}

bool recording_exits__has_more(const struct recording *r)
{
	return r->exits.has_row || r->kvm_exits.has_row || r->exit_slices.has_row;
}

void recording_exits__close(struct recording *r)
{
	sqlite3_finalize(r->exits.stmt);
	sqlite3_finalize(r->kvm_exits.stmt);
	sqlite3_finalize(r->exit_slices.stmt);
}

/* The vCPU that columns 2 and 3 of a row name, in the state. NULL: no memory, or *@bad. */
static struct sample_exits *exits_at(struct recording *r, sqlite3_stmt *stmt, bool *bad)
{
	uint64_t vm = db__u64(stmt, 2, bad);
	uint32_t vcpu = SAMPLE_ALL;
	struct sample_exits *e;

	if (sqlite3_column_type(stmt, 3) != SQLITE_NULL)
		vcpu = db__u32(stmt, 3, bad);
	*bad |= !vm || vm > r->state->nr_vms;
	if (*bad)
		return NULL;
	e = sample__exits(r->state, vm - 1, vcpu);
	*bad |= r->state->nr_exits > MAX_EXITS;
	return e;
}

static int read_count(struct recording *r)
{
	sqlite3_stmt *stmt = r->exits.stmt;
	bool bad = false;
	struct sample_exits *e = exits_at(r, stmt, &bad);
	int64_t growth = db__i64(stmt, 5, &bad);
	char name[16];
	int reason;

	db__text(stmt, 4, name, sizeof(name), &bad);
	reason = bad ? -1 : exit__parse(name);
	if (!e && !bad)
		return -ENOMEM;
	if (bad || reason < 0 || growth < -(int64_t)e->count[reason])
		return -EINVAL;
	e->count[reason] += growth;
	/* What the reports add up stays within 64 bits. */
	return e->count[reason] >= MAX_COUNT ? -EINVAL : 0;
}

static int read_kvm(struct recording *r)
{
	sqlite3_stmt *stmt = r->kvm_exits.stmt;
	bool bad = false;
	struct sample_exits *e = exits_at(r, stmt, &bad);

	if (!e)
		return bad ? -EINVAL : -ENOMEM;
	e->kvm_low = db__u64(stmt, 4, &bad);
	e->kvm_high = db__u64(stmt, 5, &bad);
	return bad || e->kvm_low >= MAX_COUNT || e->kvm_high >= MAX_COUNT ? -EINVAL : 0;
}

static int read_totals(struct recording *r)
{
	sqlite3_stmt *stmt = r->exit_slices.stmt;
	struct sample *s = r->state;
	bool bad = false;

	s->has_exits = true;
	s->exits_ns = db__u64(stmt, 2, &bad);
	s->lost_exits = db__u64(stmt, 3, &bad);
	s->kvm_user.is_known = db__u32(stmt, 4, &bad);
	s->kvm_user.low = db__u64(stmt, 5, &bad);
	s->kvm_user.high = db__u64(stmt, 6, &bad);
	return bad ? -EINVAL : 0;
}

int recording_exits__read(struct recording *r)
{
	return slice__read_rows(r, &r->exits, read_count)
		       ?: slice__read_rows(r, &r->kvm_exits, read_kvm)
		       ?: slice__read_rows(r, &r->exit_slices, read_totals);
}

static bool is_empty(const struct sample_exits *e)
{
	return !exits__total(e) && !e->kvm_low && !e->kvm_high;
}

int recording_exits__copy(const struct recording *r, struct sample *to, const uint32_t *vms)
{
	const struct sample *from = r->state;

	for (size_t i = 0; i < from->nr_exits; i++) {
		const struct sample_exits *e = &from->exits[i];
		struct sample_exits *copy;

		if (is_empty(e))
			continue;
		if (vms[e->vm] == UINT32_MAX)
			return -EINVAL;
		copy = sample__exits(to, vms[e->vm], e->vcpu);
		if (!copy)
			return -ENOMEM;
		memcpy(copy->count, e->count, sizeof(copy->count));
		copy->kvm_low = e->kvm_low;
		copy->kvm_high = e->kvm_high;
	}
	to->has_exits = from->has_exits;
	to->exits_ns = from->exits_ns;
	to->lost_exits = from->lost_exits;
	to->kvm_user = from->kvm_user;
	return 0;
}
