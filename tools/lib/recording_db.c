// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "procfs.h"
#include "recording_db.h"

#define MAX_VALUE (1LL << 62)
#define HEADER_SZ 100 /* of an SQLite file; its application_id is at byte 68 */

static const char magic[16] = "SQLite format 3";

static char error_text[PATH_MAX + 256];

const char *recording__error(void)
{
	return error_text;
}

int db__fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error_text, sizeof(error_text), format, args);
	va_end(args);
	return err;
}

static int errno_of(sqlite3 *db)
{
	int system = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db)) {
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return system ? -system : -EIO;
	default:
		return -EINVAL;
	}
}

int db__failed(sqlite3 *db, const char *verb, const char *path)
{
	int err = db ? errno_of(db) : -ENOMEM;
	const char *what = strerror(-err);

	if (err == -EINVAL)
		what = db ? sqlite3_errmsg(db) : what;
	if (err == -EBUSY)
		what = "it is being written; wait until that has ended";
	return db__fail(err, "cannot %s '%s': %s", verb, path, what);
}

int db__exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

sqlite3_stmt *db__prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) ? NULL
										       : stmt;
}

bool db__run(sqlite3_stmt *stmt)
{
	sqlite3_step(stmt);
	return !sqlite3_reset(stmt);
}

int64_t db__i64(sqlite3_stmt *stmt, int column, bool *bad)
{
	/* The type first: asking for a value converts it. */
	bool is_integer = sqlite3_column_type(stmt, column) == SQLITE_INTEGER;
	int64_t value = sqlite3_column_int64(stmt, column);

	if (!is_integer || value >= MAX_VALUE || value <= -MAX_VALUE) {
		*bad = true;
		return 0;
	}
	return value;
}

uint64_t db__u64(sqlite3_stmt *stmt, int column, bool *bad)
{
	int64_t value = db__i64(stmt, column, bad);

	*bad |= value < 0;
	return value < 0 ? 0 : value;
}

uint32_t db__u32(sqlite3_stmt *stmt, int column, bool *bad)
{
	uint64_t value = db__u64(stmt, column, bad);

	*bad |= value > UINT32_MAX;
	return value;
}

double db__double(sqlite3_stmt *stmt, int column, bool *bad)
{
	int type = sqlite3_column_type(stmt, column);
	double value = sqlite3_column_double(stmt, column);

	/* Beyond these limits no integer holds it. */
	if ((type != SQLITE_FLOAT && type != SQLITE_INTEGER) || !isfinite(value) ||
	    fabs(value) >= MAX_VALUE) {
		*bad = true;
		return 0;
	}
	return value;
}

void db__text(sqlite3_stmt *stmt, int column, char *buf, size_t size, bool *bad)
{
	bool is_text = sqlite3_column_type(stmt, column) == SQLITE_TEXT;
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	*bad |= !is_text || !text;
	procfs__printable(text ?: "", text ? sqlite3_column_bytes(stmt, column) : 0, buf, size);
}

int db__probe(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned char header[HEADER_SZ] = { 0 };
	struct stat st = { 0 };
	ssize_t nr;
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	nr = pread(fd, header, sizeof(header), 0);
	err = nr < 0 ? -errno : 0;
	close(fd);
	if (err || !st.st_size)
		return err ?: 2;
	return !memcmp(header, magic, sizeof(magic)) && header[68] == 'v' && header[69] == 'g' &&
	       header[70] == 'i' && header[71] == 'c';
}

int db__fail_probe(const char *verb, const char *path, int what)
{
	if (what < 0)
		return db__fail(what, "cannot %s '%s': %s", verb, path, strerror(-what));
	return db__fail(what ? -EINVAL : -EEXIST, "cannot %s '%s': %s", verb, path,
			what ? "it is empty" : "it is no recording");
}

int db__open_file(const char *path, int flags, sqlite3 **db)
{
	char name[PATH_MAX + 2];
	int rc;

	snprintf(name, sizeof(name), "%s%s", path[0] == '/' ? "" : "./", path);
	rc = sqlite3_open_v2(name, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
			     NULL);
	sqlite3_extended_result_codes(*db, 0);
	return rc;
}

/* Nothing of a foreign schema is to run, and nothing is to take more room than ours does. */
static int harden(sqlite3 *db)
{
	static const int limits[][2] = {
		{ SQLITE_LIMIT_LENGTH, 64 << 20 }, { SQLITE_LIMIT_SQL_LENGTH, 1 << 16 },
		{ SQLITE_LIMIT_COLUMN, 64 },       { SQLITE_LIMIT_EXPR_DEPTH, 16 },
		{ SQLITE_LIMIT_ATTACHED, 0 },      { SQLITE_LIMIT_TRIGGER_DEPTH, 0 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 },  { SQLITE_LIMIT_COMPOUND_SELECT, 2 },
		{ SQLITE_LIMIT_VDBE_OP, 1 << 16 }, { SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	static const int switches[][2] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i][0], limits[i][1]);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]) && !rc; i++)
		rc = sqlite3_db_config(db, switches[i][0], switches[i][1], NULL);
	return rc
		       ?: db__exec(db, "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;"
				       " PRAGMA temp_store=MEMORY; PRAGMA query_only=ON");
}

/* The one number that a pragma gives. 0, or SQLite's error, which is in @db, too. */
static int pragma(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt = db__prepare(db, sql);
	int64_t is = 0;

	if (!stmt)
		return sqlite3_errcode(db);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		is = sqlite3_column_int64(stmt, 0);
	if (value)
		*value = is;
	return sqlite3_finalize(stmt);
}

/* Whether none but us and root could put another file in the place of one in @path's folder. */
static bool is_in_safe_folder(const char *path)
{
	char copy[PATH_MAX + 16];
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	if (stat(dirname(copy), &st) || (st.st_uid && st.st_uid != geteuid()))
		return false;
	return st.st_mode & S_ISVTX || !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/*
 * A journal that names another one would have that deleted when it is rolled back, whatever it is:
 * such a record ends with SQLite's journal magic. SQLite opens it again, by name: it has to be ours
 * and to stay what it is. To be asked before SQLite opens the recording: run by root, it gives the
 * journal to the recording's owner.
 */
static bool is_harmless(const char *journal)
{
	static const unsigned char end[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	int fd = open(journal, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	unsigned char tail[8] = { 0 };
	struct stat st;
	bool is;

	if (fd < 0)
		return false;
	is = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_size >= 8 &&
	     pread(fd, tail, 8, st.st_size - 8) == 8 && memcmp(tail, end, 8);
	close(fd);
	return is && is_in_safe_folder(journal);
}

/* Whether there is something in it: SQLite looks at it, and may apply it. */
static bool is_there(const char *journal)
{
	struct stat st;

	return !lstat(journal, &st) && (!S_ISREG(st.st_mode) || st.st_size);
}

/* The writer was killed while it wrote a slice: takes that out again, as its journal says. */
static int roll_back(const char *path)
{
	sqlite3 *db = NULL;
	int rc = db__open_file(path, SQLITE_OPEN_READWRITE, &db);

	rc = rc ?: harden(db);
	if (!rc && pragma(db, "PRAGMA user_version", NULL))
		rc = sqlite3_errcode(db);
	sqlite3_close(db);
	return rc;
}

/* SQLite takes what is missing of the last page for zeros, and with it what was on that page. */
static bool is_cut_off(sqlite3 *db, const char *path)
{
	int64_t nr_pages, size;
	struct stat st;

	return !pragma(db, "PRAGMA page_count", &nr_pages) &&
	       !pragma(db, "PRAGMA page_size", &size) && !stat(path, &st) && size > 0 &&
	       st.st_size / size < nr_pages;
}

static int check(sqlite3 *db, const char *path, int64_t version)
{
	if (version > RECORDING_VERSION)
		return db__fail(-ENOTSUP,
				"cannot read '%s': its format %lld is newer than this program's, "
				"%d; use a newer vgic-tools",
				path, (long long)version, RECORDING_VERSION);
	if (is_cut_off(db, path))
		return db__fail(-EINVAL, "cannot read '%s': it is damaged: its end is missing",
				path);
	if (version < 1 || !schema__is_ours(db, version))
		return db__fail(-EINVAL, "cannot read '%s': it is damaged or no recording", path);
	return 0;
}

/* @db NULL: it was not even opened. */
static int fail_open(const char *path, sqlite3 *db)
{
	if (db && sqlite3_errcode(db) != SQLITE_READONLY)
		return db__failed(db, "read", path);
	return db__fail(-EACCES,
			"cannot read '%s': its recorder was killed while it wrote, and "
			"'%s-journal' cannot be applied; it must be yours, writable, and in "
			"a folder that nobody else may write to",
			path, path);
}

int db__version(sqlite3 *db, int64_t *version)
{
	return pragma(db, "PRAGMA user_version", version);
}

/* 0, or SQLite's error, which is in @db, too. */
static int open_to_read(const char *path, sqlite3 **db, int64_t *version)
{
	int rc = db__open_file(path, SQLITE_OPEN_READONLY, db);

	rc = rc ?: harden(*db);
	return rc ?: db__version(*db, version);
}

int db__open(const char *path, sqlite3 **db)
{
	int what = db__probe(path), err;
	char journal[PATH_MAX + 16];
	int64_t version = 0;
	bool may_roll_back;

	*db = NULL;
	if (what != 1)
		return db__fail_probe("read", path, what) == -EEXIST ? -EINVAL
		       : what < 0                                    ? what
								     : -EINVAL;
	snprintf(journal, sizeof(journal), "%s-journal", path);
	may_roll_back = is_harmless(journal);
	if (!geteuid() && !may_roll_back && is_there(journal))
		return fail_open(path, NULL);
	err = open_to_read(path, db, &version);
	if (err == SQLITE_READONLY && may_roll_back && !roll_back(path)) {
		sqlite3_close(*db);
		err = open_to_read(path, db, &version);
	}
	err = err ? fail_open(path, *db) : check(*db, path, version);
	if (err) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return err;
}
