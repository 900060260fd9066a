// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The schema of recordings: made, and recognised. docs/recording.md describes it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
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
};
#define NR_TABLES (sizeof(schema) / sizeof(schema[0]))

bool schema__is_ours(sqlite3 *db)
{
	sqlite3_stmt *stmt = db__prepare(db, "SELECT type, name, tbl_name, sql FROM sqlite_master"
					     " ORDER BY rowid");
	size_t nr = 0;
	bool ours = stmt;

	while (ours && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *column[4];

		for (int i = 0; i < 4; i++)
			column[i] = (const char *)sqlite3_column_text(stmt, i) ?: "";
		ours = nr < NR_TABLES && !strcmp(column[0], "table") &&
		       !strcmp(column[1], schema[nr].name) && !strcmp(column[2], schema[nr].name) &&
		       !strcmp(column[3], schema[nr].sql);
		nr++;
	}
	return !sqlite3_finalize(stmt) && ours && nr == NR_TABLES;
}

static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, err;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
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

int db__create(const char *path, sqlite3 **db)
{
	char journal[PATH_MAX];
	int what = db__probe(path), fd;

	*db = NULL;
	if (what == 0 || (what < 0 && what != -ENOENT))
		return db__fail_probe("replace", path, what);
	if (what > 0 && is_being_written(path))
		return db__fail(-EBUSY, "cannot replace '%s': it is being written", path);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	if ((what > 0 && unlink(path)) || (unlink(journal) && errno != ENOENT))
		return db__fail_probe("replace", path, -errno);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return db__fail_probe("make", path, -errno);
	close(fd);
	if (db__open_file(path, SQLITE_OPEN_READWRITE, db) || set_up(*db)) {
		int err = db__failed(*db, "write", path);

		sqlite3_close(*db);
		*db = NULL;
		return err;
	}
	return sync_folder(path) ? db__fail_probe("write", path, -errno) : 0;
}
