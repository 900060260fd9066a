/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The SQLite side of recordings: schema, safe opening, errors in words. Only recorder.c and
 * recording*.c use it; nothing else knows SQLite.
 */
#ifndef RECORDING_DB_H
#define RECORDING_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include "recording.h"

#define RECORDING_APPLICATION_ID 0x76676963 /* "vgic" */
#define RECORDING_VERSION 2

/* Sets recording__error(). Returns @err. */
int db__fail(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* -errno for the SQLite error @db is in, and recording__error(): "cannot VERB 'PATH': ...". */
int db__failed(sqlite3 *db, const char *verb, const char *path);

/*
 * A new file beside what is at @path, with the schema in it, inside a transaction. What is at @path
 * stays until the transaction is over and db__put_in_place() is called; or db__discard(), of a file
 * that is none yet (@temporary: its name, PATH_MAX bytes; "" when it has gone).
 */
int db__create(const char *path, char *temporary, sqlite3 **db);
int db__put_in_place(char *temporary, const char *path);
void db__discard(char *temporary);
/* Opens what is there, checks that it is a recording and nothing more. */
int db__open(const char *path, sqlite3 **db);
/* recording_schema.c: whether the schema is to the letter what a recording's of @version is. */
bool schema__is_ours(sqlite3 *db, int64_t version);
int db__version(sqlite3 *db, int64_t *version); /* user_version; 0 or an SQLite error */
/* What there is at @path: 1, a recording; 2, an empty file; 0, something else; -errno. */
int db__probe(const char *path);
/* recording__error() for what db__probe() said, or an -errno. Returns -errno. */
int db__fail_probe(const char *verb, const char *path, int what);
/* As SQLite is to take it, which gives names like ":memory:" a meaning. 0 or SQLite's error. */
int db__open_file(const char *path, int flags, sqlite3 **db);
/* 0 or an SQLite error. */
int db__exec(sqlite3 *db, const char *sql);

/* NULL: SQLite's error is in @db. */
sqlite3_stmt *db__prepare(sqlite3 *db, const char *sql);
/* Executes and resets. True: done. */
bool db__run(sqlite3_stmt *stmt);

/* A column that is no such value sets *@bad. Text is cut to @size and made printable. */
uint64_t db__u64(sqlite3_stmt *stmt, int column, bool *bad); /* below 2^62 */
int64_t db__i64(sqlite3_stmt *stmt, int column, bool *bad);
uint32_t db__u32(sqlite3_stmt *stmt, int column, bool *bad);
double db__double(sqlite3_stmt *stmt, int column, bool *bad); /* finite */
void db__text(sqlite3_stmt *stmt, int column, char *buf, size_t size, bool *bad);

/* recording_info.c: all that is not a slice, a mark or a fact. 0 or -errno, -EINVAL: damaged. */
int info__write(sqlite3 *db, const struct recording_info *info); /* SQLite's error is in @db */
/* @stages: delta__apply()'s. */
struct info_texts;
int info__read(sqlite3 *db, struct recording_info *info, uint8_t *stages,
	       struct info_texts **texts);
uint32_t info__stages(uint32_t recorded, const uint8_t *stages); /* mask, translated */
void info__free(struct recording_info *info, struct info_texts *texts);

#endif
