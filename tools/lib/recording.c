// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Reads recordings. What is in the file is untrusted: all of it is checked before it is used. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recording_reader.h"
#include "regs.h"

int recording__damaged(const struct recording *r, int err)
{
	if (err == -ENOMEM)
		return db__fail(err, "cannot read '%s': %s", r->path, strerror(ENOMEM));
	if (sqlite3_errcode(r->db) == SQLITE_IOERR || sqlite3_errcode(r->db) == SQLITE_NOMEM)
		return db__failed(r->db, "read", r->path);
	return db__fail(-EINVAL, "cannot read '%s': it is damaged", r->path);
}

/* A list of @size bytes an element, read by @read from the columns of @sql. 0 or -errno. */
static int read_list(struct recording *r, const char *sql, void *list, size_t *nr, size_t size,
		     size_t max, void (*read)(sqlite3_stmt *stmt, void *element, bool *bad))
{
	sqlite3_stmt *stmt = db__prepare(r->db, sql);
	char **array = list, *grown;
	size_t room = 0;
	bool bad = !stmt;

	while (!bad && sqlite3_step(stmt) == SQLITE_ROW) {
		bad = *nr == max;
		if (*nr == room) {
			room = room * 2 + 16;
			grown = reallocarray(*array, room, size);
			if (!grown) {
				sqlite3_finalize(stmt);
				return -ENOMEM;
			}
			*array = grown;
		}
		memset(*array + *nr * size, 0, size);
		read(stmt, *array + *nr * size, &bad);
		++*nr;
	}
	bad |= sqlite3_finalize(stmt) != 0;
	return bad ? -EINVAL : 0;
}

static void read_fact(sqlite3_stmt *stmt, void *element, bool *bad)
{
	struct recording_fact *fact = element;

	db__text(stmt, 0, fact->name, sizeof(fact->name), bad);
	fact->value = db__double(stmt, 1, bad);
}

static void read_mark(sqlite3_stmt *stmt, void *element, bool *bad)
{
	struct recording_mark *mark = element;
	int64_t status = db__i64(stmt, 3, bad);

	mark->end_ns = db__u64(stmt, 0, bad);
	mark->interval = db__u32(stmt, 1, bad);
	mark->time_s = db__u64(stmt, 2, bad);
	mark->cmd_status = status;
	*bad |= status < -1 || status > 255;
}

/* Null: summed over, or not there. */
static uint32_t u32_or_all(sqlite3_stmt *stmt, int column, bool *bad)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? SAMPLE_ALL
								: db__u32(stmt, column, bad);
}

/* A register by the names of its device and range; ids may differ from version to version. */
static bool find_range(const char *device, const char *range, struct sample_key *key)
{
	for (unsigned int i = 0; i < VGIC_NR_RANGES; i++)
		if (!strcmp(range__name(i), range) && !strcmp(kind__name(range__kind(i)), device)) {
			key->range = i;
			key->kind = range__kind(i);
			return true;
		}
	return false;
}

static void read_key(sqlite3_stmt *stmt, void *element, bool *bad)
{
	struct sample_key *key = element;
	char device[32], range[64], op[8];
	uint64_t vm = db__u64(stmt, 0, bad);

	key->vm = vm - 1;
	*bad |= !vm || vm > MAX_VMS;
	key->vcpu = u32_or_all(stmt, 1, bad);
	db__text(stmt, 2, device, sizeof(device), bad);
	key->base = db__u64(stmt, 3, bad);
	key->target = u32_or_all(stmt, 4, bad);
	db__text(stmt, 5, range, sizeof(range), bad);
	db__text(stmt, 6, op, sizeof(op), bad);
	key->op = strcmp(op, "read") ? VGIC_WRITE : VGIC_READ;
	*bad |= !find_range(device, range, key) || (key->op == VGIC_WRITE && strcmp(op, "write"));
}

static int read_complete(struct recording *r)
{
	sqlite3_stmt *stmt = db__prepare(r->db, "SELECT value FROM info WHERE name = 'complete'");

	r->is_complete = stmt && sqlite3_step(stmt) == SQLITE_ROW;
	return !stmt || sqlite3_finalize(stmt) ? -EINVAL : 0;
}

static int read_lists(struct recording *r)
{
	int err = read_list(r, "SELECT name, value FROM facts", &r->facts, &r->nr_facts,
			    sizeof(*r->facts), MAX_LIST, read_fact);

	err = err
		      ?: read_list(r, "SELECT end_ns, interval, time_s, cmd_status FROM marks",
				   &r->marks, &r->nr_marks, sizeof(*r->marks), MAX_LIST, read_mark);
	return err
		       ?: read_list(r,
				    "SELECT vm, vcpu, device, base, target, range, op FROM series"
				    " ORDER BY series",
				    &r->keys, &r->nr_keys, sizeof(*r->keys), MAX_SERIES, read_key);
}

static int read_all_but_slices(struct recording *r)
{
	int err = info__read(r->db, &r->info, r->stages, &r->texts);

	err = err ?: read_complete(r);
	err = err ?: read_lists(r);
	err = err ?: slices__prepare(r);
	return err ? recording__damaged(r, err) : 0;
}

int recording__open(const char *path, struct recording **out)
{
	struct recording *r = calloc(1, sizeof(*r));
	int err;

	*out = NULL;
	if (!r)
		return db__fail(-ENOMEM, "cannot read '%s': %s", path, strerror(ENOMEM));
	if (strlen(path) >= PATH_MAX - sizeof("./-journal"))
		err = db__fail(-ENAMETOOLONG, "cannot read '%s': %s", path, strerror(ENAMETOOLONG));
	else
		err = db__open(path, &r->db);
	if (!err) {
		snprintf(r->path, sizeof(r->path), "%s", path);
		err = read_all_but_slices(r);
	}
	if (err) {
		recording__close(r);
		return err;
	}
	recording__rewind(r);
	*out = r;
	return 0;
}

const struct recording_info *recording__info(const struct recording *r)
{
	return &r->info;
}

bool recording__is_complete(const struct recording *r)
{
	return r->is_complete;
}

const struct recording_fact *recording__facts(const struct recording *r, size_t *nr)
{
	*nr = r->nr_facts;
	return r->facts;
}

const struct recording_mark *recording__marks(const struct recording *r, size_t *nr)
{
	*nr = r->nr_marks;
	return r->marks;
}

size_t recording__nr_slices(const struct recording *r)
{
	return r->nr_slices;
}

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t digest, const void *bytes, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
	return digest;
}

/* The rows' first column grows. */
static int hash_rows(const struct recording *r, const char *sql, uint64_t *digest)
{
	sqlite3_stmt *stmt = db__prepare(r->db, sql);
	int64_t last = 0;
	bool bad = !stmt;

	while (!bad && sqlite3_step(stmt) == SQLITE_ROW) {
		int64_t no = db__i64(stmt, 0, &bad);

		bad |= no <= last;
		last = no;
		for (int i = 1; i < sqlite3_column_count(stmt) && !bad; i++) {
			const void *bytes = sqlite3_column_blob(stmt, i);
			uint32_t nr = sqlite3_column_bytes(stmt, i);

			*digest = hash(hash(*digest, &nr, sizeof(nr)), bytes, nr);
		}
	}
	bad |= sqlite3_finalize(stmt) != 0;
	return bad ? -EINVAL : 0;
}

int recording__digest(const struct recording *r, uint64_t *digest)
{
	int err;

	*digest = hash(0xcbf29ce484222325, &r->info.time_s, sizeof(r->info.time_s));
	err = hash_rows(r, "SELECT * FROM slices ORDER BY slice", digest);
	err = err ?: hash_rows(r, "SELECT rowid, * FROM increments ORDER BY rowid", digest);
	return err ? recording__damaged(r, err) : 0;
}

void recording__close(struct recording *r)
{
	if (!r)
		return;
	slices__close(r);
	sqlite3_close(r->db);
	info__free(&r->info, r->texts);
	free(r->facts);
	free(r->marks);
	free(r->keys);
	free(r);
}
