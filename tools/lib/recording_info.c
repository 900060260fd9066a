// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The circumstances of a recording: tables info, stages and hooks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "delta.h"
#include "names.h"
#include "recording_db.h"

#define MAX_HOOKS 256

enum type { TEXT, U32, U64, DOUBLE, BOOL };

/* The one table of what is in info, by name. */
#define FIELD(name, type, field) \
	{ \
		name, type, offsetof(struct recording_info, field), \
			sizeof(((struct recording_info *)NULL)->field) \
	}
static const struct field {
	const char *name;
	enum type type;
	size_t offset, size;
} fields[] = {
	FIELD("tool", TEXT, tool),
	FIELD("version", TEXT, version),
	FIELD("source", TEXT, source),
	FIELD("kernel", TEXT, host.release),
	FIELD("machine", TEXT, host.machine),
	FIELD("cpus", U32, host.nr_cpus),
	FIELD("clock_hz", U64, host.clock_hz),
	FIELD("tick_ns", DOUBLE, host.tick_ns),
	FIELD("gic", TEXT, host.gic),
	FIELD("has_kvm", BOOL, host.has_kvm),
	FIELD("guest_gicv2", BOOL, host.guest_gic[2]),
	FIELD("guest_gicv3", BOOL, host.guest_gic[3]),
	FIELD("build_id", TEXT, build_id),
	FIELD("time_s", U64, time_s),
	FIELD("attach", TEXT, attach),
	FIELD("profile", TEXT, profile),
	FIELD("per_vcpu", BOOL, per_vcpu),
	FIELD("per_device", BOOL, per_device),
	FIELD("range", TEXT, range),
	FIELD("command", TEXT, command),
	FIELD("has_calibration", BOOL, has_calibration),
	FIELD("calibration_runs", U32, calibration.nr_runs),
	FIELD("calibration_took_ns", U64, calibration.took_ns),
	FIELD("calibration_why", TEXT, calibration.why),
	FIELD("access_is_known", BOOL, calibration.access.is_known),
	FIELD("access_ns", DOUBLE, calibration.access.ns),
	FIELD("access_error_ns", DOUBLE, calibration.access.error_ns),
};
#define NR_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* The plan's strings, which a plan does not own. */
struct info_texts {
	struct {
		char boundary[64], function[64], without[128];
	} hooks[MAX_HOOKS];
};

static const char *const methods[] = {
	[PLAN_FENTRY] = "fentry",
	[PLAN_KPROBE] = "kprobe",
	[PLAN_TRACEPOINT] = "tracepoint",
	[PLAN_NONE] = "none",
};

static void bind(sqlite3_stmt *stmt, const struct field *field, const void *value)
{
	sqlite3_bind_text(stmt, 1, field->name, -1, SQLITE_STATIC);
	switch (field->type) {
	case TEXT:
		sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
		break;
	case U32:
		sqlite3_bind_int64(stmt, 2, *(const uint32_t *)value);
		break;
	case U64:
		sqlite3_bind_int64(stmt, 2, *(const uint64_t *)value);
		break;
	case DOUBLE:
		sqlite3_bind_double(stmt, 2, *(const double *)value);
		break;
	case BOOL:
		sqlite3_bind_int(stmt, 2, *(const bool *)value);
		break;
	}
}

static bool write_number(sqlite3_stmt *stmt, const char *name, uint32_t value)
{
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, value);
	return db__run(stmt);
}

static bool write_fields(sqlite3 *db, const struct recording_info *info)
{
	sqlite3_stmt *stmt = db__prepare(db, "INSERT INTO info VALUES(?, ?)");
	bool done = stmt;

	for (size_t i = 0; i < NR_FIELDS && done; i++) {
		bind(stmt, &fields[i], (const char *)info + fields[i].offset);
		done = db__run(stmt);
	}
	done = done && write_number(stmt, "has_plan", info->plan != NULL);
	done = done && write_number(stmt, "plan_stages", info->plan ? info->plan->stages : 0);
	sqlite3_finalize(stmt);
	return done;
}

static bool write_stages(sqlite3 *db, const struct recording_info *info)
{
	sqlite3_stmt *stmt = db__prepare(db, "INSERT INTO stages VALUES(?, ?, ?, ?, ?, ?)");
	bool done = stmt;

	for (int i = 0; i < VGIC_NR_STAGES && done; i++) {
		const struct calibration_share *share = &info->calibration.stages[i];

		sqlite3_bind_int(stmt, 1, i);
		sqlite3_bind_text(stmt, 2, stage__name(i), -1, SQLITE_STATIC);
		sqlite3_bind_int(stmt, 3, info->stages >> i & 1);
		sqlite3_bind_int(stmt, 4, share->is_known);
		sqlite3_bind_double(stmt, 5, share->ns);
		sqlite3_bind_double(stmt, 6, share->error_ns);
		done = db__run(stmt);
	}
	sqlite3_finalize(stmt);
	return done;
}

static bool write_hooks(sqlite3 *db, const struct plan *plan)
{
	sqlite3_stmt *stmt = db__prepare(db, "INSERT INTO hooks VALUES"
					     "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	bool done = stmt;

	for (size_t i = 0; plan && i < plan->nr_hooks && done; i++) {
		const struct plan_hook *hook = &plan->hooks[i];

		sqlite3_bind_int(stmt, 1, i + 1);
		sqlite3_bind_text(stmt, 2, hook->boundary, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 3, hook->function, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 4, hook->at_exit ? "exit" : "entry", -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 5, hook->program, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 6, methods[hook->method], -1, SQLITE_STATIC);
		sqlite3_bind_int(stmt, 7, hook->needed);
		sqlite3_bind_int(stmt, 8, hook->is_costly);
		sqlite3_bind_int(stmt, 9, hook->group);
		sqlite3_bind_text(stmt, 10, hook->why, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 11, hook->without, -1, SQLITE_STATIC); /* NULL: null */
		done = db__run(stmt);
	}
	sqlite3_finalize(stmt);
	return done;
}

int info__write(sqlite3 *db, const struct recording_info *info)
{
	return write_fields(db, info) && write_stages(db, info) && write_hooks(db, info->plan)
		       ? 0
		       : -EIO;
}

static void read_field(sqlite3_stmt *stmt, const struct field *field, void *value, bool *bad)
{
	switch (field->type) {
	case TEXT:
		db__text(stmt, 0, value, field->size, bad);
		break;
	case U32:
		*(uint32_t *)value = db__u32(stmt, 0, bad);
		break;
	case U64:
		*(uint64_t *)value = db__u64(stmt, 0, bad);
		break;
	case DOUBLE:
		*(double *)value = db__double(stmt, 0, bad);
		break;
	case BOOL:
		*(bool *)value = db__u64(stmt, 0, bad);
		break;
	}
}

static const struct field has_plan = { "has_plan", BOOL, 0, 0 };
static const struct field plan_stages = { "plan_stages", U32, 0, 0 };

/* One row of info; one that is not there leaves *@value and sets *@bad. */
static void read_info(sqlite3_stmt *stmt, const struct field *field, void *value, bool *bad)
{
	sqlite3_bind_text(stmt, 1, field->name, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		read_field(stmt, field, value, bad);
	else
		*bad = true;
	*bad |= sqlite3_reset(stmt) != 0;
}

static int read_fields(sqlite3 *db, struct recording_info *info, bool *with_plan, uint32_t *stages)
{
	sqlite3_stmt *stmt = db__prepare(db, "SELECT value FROM info WHERE name = ?");
	bool bad = !stmt;

	for (size_t i = 0; i < NR_FIELDS && !bad; i++)
		read_info(stmt, &fields[i], (char *)info + fields[i].offset, &bad);
	if (!bad)
		read_info(stmt, &has_plan, with_plan, &bad);
	if (!bad)
		read_info(stmt, &plan_stages, stages, &bad);
	sqlite3_finalize(stmt);
	bad |= info->calibration.access.ns < 0 || info->calibration.access.error_ns < 0;
	/* A tick takes part in the arithmetic of the reports: 1 kHz to 1 THz, or not known. */
	bad |= info->host.tick_ns && (info->host.tick_ns < 1e-3 || info->host.tick_ns > 1e6);
	return bad ? -EINVAL : 0;
}

static int read_stages(sqlite3 *db, struct recording_info *info, uint8_t *stages)
{
	sqlite3_stmt *stmt = db__prepare(db, "SELECT stage, name, is_measured, share_is_known,"
					     " share_ns, share_error_ns FROM stages");
	bool bad = !stmt;

	memset(stages, VGIC_NR_STAGES, DELTA_NR_STAGES);
	while (!bad && sqlite3_step(stmt) == SQLITE_ROW) {
		uint32_t recorded = db__u32(stmt, 0, &bad);
		struct calibration_share *share;
		char name[32];
		int stage;

		db__text(stmt, 1, name, sizeof(name), &bad);
		stage = stage__parse(name);
		bad |= stage < 0 || recorded >= DELTA_NR_STAGES / 2;
		if (bad)
			break;
		stages[recorded] = stage;
		info->stages |= (uint32_t) !!db__u32(stmt, 2, &bad) << stage;
		share = &info->calibration.stages[stage];
		share->is_known = db__u32(stmt, 3, &bad);
		share->ns = db__double(stmt, 4, &bad);
		share->error_ns = db__double(stmt, 5, &bad);
		bad |= share->ns < 0 || share->error_ns < 0;
	}
	bad |= sqlite3_finalize(stmt) != 0;
	return bad ? -EINVAL : 0;
}

uint32_t info__stages(uint32_t recorded, const uint8_t *stages)
{
	uint32_t mask = 0;

	for (int i = 0; i < 32; i++)
		if (recorded >> i & 1 && stages[i] < VGIC_NR_STAGES)
			mask |= 1u << stages[i];
	return mask;
}

static void read_hook(sqlite3_stmt *stmt, struct plan_hook *hook, struct info_texts *texts,
		      size_t no, bool *bad)
{
	char at[8], method[16];

	db__text(stmt, 0, texts->hooks[no].boundary, sizeof(texts->hooks[no].boundary), bad);
	db__text(stmt, 1, texts->hooks[no].function, sizeof(texts->hooks[no].function), bad);
	db__text(stmt, 2, at, sizeof(at), bad);
	db__text(stmt, 3, hook->program, sizeof(hook->program), bad);
	db__text(stmt, 4, method, sizeof(method), bad);
	hook->boundary = texts->hooks[no].boundary;
	hook->function = texts->hooks[no].function;
	hook->at_exit = !strcmp(at, "exit");
	while (hook->method < PLAN_NONE && strcmp(method, methods[hook->method]))
		hook->method++;
	hook->needed = db__u32(stmt, 5, bad);
	hook->is_costly = db__u32(stmt, 6, bad);
	hook->group = db__u32(stmt, 7, bad);
	db__text(stmt, 8, hook->why, sizeof(hook->why), bad);
	if (sqlite3_column_type(stmt, 9) == SQLITE_NULL)
		return;
	db__text(stmt, 9, texts->hooks[no].without, sizeof(texts->hooks[no].without), bad);
	hook->without = texts->hooks[no].without;
}

static int read_hooks(sqlite3 *db, struct plan *plan, struct info_texts *texts)
{
	sqlite3_stmt *stmt = db__prepare(db, "SELECT boundary, function, at, program, method,"
					     " is_needed, is_costly, hook_group, why, without"
					     " FROM hooks ORDER BY hook");
	bool bad = !stmt;

	while (!bad && sqlite3_step(stmt) == SQLITE_ROW) {
		bad = plan->nr_hooks == MAX_HOOKS;
		if (!bad)
			read_hook(stmt, &plan->hooks[plan->nr_hooks], texts, plan->nr_hooks, &bad);
		plan->nr_hooks += !bad;
	}
	bad |= sqlite3_finalize(stmt) != 0;
	return bad ? -EINVAL : 0;
}

static int read_plan(sqlite3 *db, struct recording_info *info, struct info_texts **texts)
{
	info->plan = calloc(1, sizeof(*info->plan));
	*texts = calloc(1, sizeof(**texts));
	if (info->plan)
		info->plan->hooks = calloc(MAX_HOOKS, sizeof(*info->plan->hooks));
	if (!info->plan || !info->plan->hooks || !*texts)
		return -ENOMEM;
	return read_hooks(db, info->plan, *texts);
}

int info__read(sqlite3 *db, struct recording_info *info, uint8_t *stages, struct info_texts **texts)
{
	uint32_t mask = 0;
	bool with_plan = false;
	int err = read_fields(db, info, &with_plan, &mask);

	err = err ?: read_stages(db, info, stages);
	if (!err && with_plan)
		err = read_plan(db, info, texts);
	if (!err && with_plan)
		info->plan->stages = info__stages(mask, stages);
	return err;
}

void info__free(struct recording_info *info, struct info_texts *texts)
{
	plan__free(info->plan);
	info->plan = NULL;
	free(texts);
}
