// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The schema of recordings: made, and recognised. docs/recording.md describes it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "recording_db.h"

/* What a recording consists of, in this order; reading one holds it to this text. */
static const struct {
	const char *name, *sql;
} schema[] = {
	{ "info", "CREATE TABLE info(name TEXT PRIMARY KEY, value) WITHOUT ROWID" },
	{ "stages", "CREATE TABLE stages(stage INTEGER PRIMARY KEY, name TEXT, is_measured INTEGER,"
		    " share_is_known INTEGER, share_ns REAL, share_error_ns REAL)" },
	{ "hooks",
	  "CREATE TABLE hooks(hook INTEGER PRIMARY KEY, boundary TEXT, function TEXT, at TEXT,"
	  " program TEXT, method TEXT, is_needed INTEGER, is_costly INTEGER, hook_group INTEGER,"
	  " why TEXT, without TEXT)" },
	{ "slices",
	  "CREATE TABLE slices(slice INTEGER PRIMARY KEY, begin_ns INTEGER, end_ns INTEGER,"
	  " attached_ns INTEGER, overhead_ns REAL, stages INTEGER, in_flight INTEGER,"
	  " recursion_misses INTEGER, has_kvm_exits INTEGER, kvm_exits_low INTEGER,"
	  " kvm_exits_high INTEGER, lost_no_slot INTEGER, lost_no_cell INTEGER,"
	  " lost_no_block INTEGER, lost_no_start INTEGER, lost_no_end INTEGER,"
	  " lost_no_task INTEGER, lost_cut INTEGER, latencies_sz INTEGER, latencies BLOB)" },
	{ "vms", "CREATE TABLE vms(slice INTEGER, vm INTEGER, id TEXT, name TEXT, pid INTEGER,"
		 " model INTEGER, vcpus INTEGER, is_alive INTEGER, is_present INTEGER)" },
	{ "series",
	  "CREATE TABLE series(series INTEGER PRIMARY KEY, vm INTEGER, vcpu INTEGER, device TEXT,"
	  " base INTEGER, target INTEGER, range TEXT, op TEXT)" },
	{ "increments", "CREATE TABLE increments(slice INTEGER, series INTEGER, count INTEGER,"
			" untimed INTEGER)" },
	{ "totals",
	  "CREATE TABLE totals(series INTEGER, stage INTEGER, count INTEGER, sum_ns INTEGER,"
	  " min_ns INTEGER, max_ns INTEGER, PRIMARY KEY(series, stage)) WITHOUT ROWID" },
	{ "marks", "CREATE TABLE marks(mark INTEGER PRIMARY KEY, end_ns INTEGER, interval INTEGER,"
		   " time_s INTEGER, cmd_status INTEGER)" },
	{ "facts", "CREATE TABLE facts(name TEXT PRIMARY KEY, value REAL) WITHOUT ROWID" },
	{ "exits", "CREATE TABLE exits(slice INTEGER, vm INTEGER, vcpu INTEGER, reason TEXT,"
		   " count INTEGER)" },
	{ "kvm_exits", "CREATE TABLE kvm_exits(slice INTEGER, vm INTEGER, vcpu INTEGER,"
		       " low INTEGER, high INTEGER)" },
	{ "exit_slices",
	  "CREATE TABLE exit_slices(slice INTEGER PRIMARY KEY, exits_ns INTEGER, lost INTEGER,"
	  " has_kvm_user INTEGER, kvm_user_low INTEGER, kvm_user_high INTEGER)" },
};
#define NR_TABLES (sizeof(schema) / sizeof(schema[0]))

/* By version: how many of them it has. Tables are only ever added behind the others. */
static const size_t nr_tables[RECORDING_VERSION + 1] = { 0, 10, NR_TABLES };

bool schema__is_ours(sqlite3 *db, int64_t version)
{
	const size_t nr_wanted = nr_tables[version];
	sqlite3_stmt *stmt = db__prepare(db, "SELECT type, name, tbl_name, sql FROM sqlite_master"
					     " ORDER BY rowid");
	size_t nr = 0;
	bool ours = stmt;

	while (ours && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *column[4];

		for (int i = 0; i < 4; i++)
			column[i] = (const char *)sqlite3_column_text(stmt, i) ?: "";
		ours = nr < nr_wanted && !strcmp(column[0], "table") &&
		       !strcmp(column[1], schema[nr].name) && !strcmp(column[2], schema[nr].name) &&
		       !strcmp(column[3], schema[nr].sql);
		nr++;
	}
	return !sqlite3_finalize(stmt) && ours && nr == nr_wanted;
}

/* Some file systems cannot, and say EINVAL: there is nothing more that could be done. */
static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, err;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) && errno != EINVAL ? -errno : 0;
	close(fd);
	return err;
}

/*
 * A rollback journal, which is empty between transactions: the one file is then all there is. The
 * lock is kept (readers are told so, and cannot hold the recorder up), and with it the journal
 * stays open: it could not be made again once privileges are dropped.
 */
static int set_up(sqlite3 *db)
{
	char sql[512];
	int rc;

	snprintf(sql, sizeof(sql),
		 "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=TRUNCATE;"
		 " PRAGMA synchronous=FULL; PRAGMA application_id=%d; BEGIN IMMEDIATE;"
		 " PRAGMA user_version=%d",
		 RECORDING_APPLICATION_ID, RECORDING_VERSION);
	rc = db__exec(db, sql);
	for (size_t i = 0; i < NR_TABLES && !rc; i++)
		rc = db__exec(db, schema[i].sql);
	return rc;
}

/* Whether another process has it open to write: SQLite's locks are on the bytes from 2^30 on. */
static bool is_being_written(const char *path)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 1 << 30,
		.l_len = 512,
	};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool is_locked = fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return is_locked;
}

/* A new file in the folder of @path, under a name that nobody else has. Its fd or -errno. */
static int make_temporary(const char *path, char *temporary)
{
	char copy[PATH_MAX], folder[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	/* SQLITE_OPEN_NOFOLLOW wants a path without any link. */
	if (!realpath(dirname(copy), folder))
		return -errno;
	if (strlen(folder) >= PATH_MAX - sizeof("/.vgic-XXXXXX-journal"))
		return -ENAMETOOLONG;
	snprintf(temporary, PATH_MAX, "%.*s/.vgic-XXXXXX", PATH_MAX - 32, folder);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd >= 0)
		return fd;
	temporary[0] = '\0';
	return -errno;
}

/* SQLite opens by name: where others may write to the folder, it may stand for another file. */
static bool is_open(sqlite3 *db, const char *name, int fd)
{
	struct stat made, named;
	int has_moved = 1;

	return !sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) &&
	       !has_moved && !fstat(fd, &made) && !lstat(name, &named) &&
	       made.st_dev == named.st_dev && made.st_ino == named.st_ino;
}

static int make(const char *path, char *temporary, sqlite3 **db)
{
	int fd = make_temporary(path, temporary), err = 0;
	bool is_ours;

	if (fd < 0)
		return db__fail_probe("make", path, fd);
	err = db__open_file(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, db);
	is_ours = !err && is_open(*db, temporary, fd);
	close(fd); /* before there are locks, which it would take along */
	if (!err && !is_ours)
		return db__fail(-EPERM, "cannot make '%s': somebody else changes its folder", path);
	return err || set_up(*db) ? db__failed(*db, "write", path) : 0;
}

/* Whether what is there may be replaced. db__probe()'s answer, but an -errno with its message. */
static int probe_replaceable(const char *path)
{
	int what = db__probe(path);

	if (what == 0 || (what < 0 && what != -ENOENT))
		return db__fail_probe("replace", path, what);
	if (what > 0 && is_being_written(path))
		return db__fail(-EBUSY, "cannot replace '%s': it is being written", path);
	return what;
}

int recorder__check(const char *path)
{
	int what = probe_replaceable(path);
	char copy[PATH_MAX];

	if (what < 0 && what != -ENOENT)
		return what;
	snprintf(copy, sizeof(copy), "%s", path);
	return faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS)
		       ? db__fail_probe("make", path, -errno)
		       : 0;
}

int db__create(const char *path, char *temporary, sqlite3 **db)
{
	int what = probe_replaceable(path), err;

	*db = NULL;
	temporary[0] = '\0';
	if (what < 0 && what != -ENOENT)
		return what;
	err = make(path, temporary, db);
	if (err) {
		sqlite3_close(*db);
		*db = NULL;
		db__discard(temporary);
	}
	return err;
}

void db__discard(char *temporary)
{
	char journal[PATH_MAX + 16];

	if (!temporary[0])
		return;
	snprintf(journal, sizeof(journal), "%s-journal", temporary);
	unlink(temporary);
	unlink(journal);
	temporary[0] = '\0';
}

/* The journal, too: SQLite holds it open, but whoever reads after a crash looks for its name. */
int db__put_in_place(char *temporary, const char *path)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];
	int err;

	snprintf(from, sizeof(from), "%s-journal", temporary);
	snprintf(to, sizeof(to), "%s-journal", path);
	if (rename(temporary, path) || rename(from, to))
		return db__fail_probe("make", path, -errno);
	temporary[0] = '\0';
	err = sync_folder(path);
	return err ? db__fail_probe("make", path, err) : 0;
}
