// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include "json.h"
#include "names.h"
#include "version.h"

/* Doubles have 15 digits that survive the way to text and back. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

struct json json__new(const char *type)
{
	struct json json = { .object = json_object() };

	if (!json.object)
		json.err = -ENOMEM;
	if (type)
		json__str(&json, "type", type);
	return json;
}

void json__set(struct json *json, const char *key, json_t *value)
{
	if (json_object_set_new(json->object, key, value))
		json->err = -ENOMEM;
}

void json__append(struct json *json, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		json->err = -ENOMEM;
}

void json__nest(struct json *json, const char *key, struct json *inner)
{
	if (inner->err)
		json->err = inner->err;
	json__set(json, key, inner->object);
	inner->object = NULL;
}

void json__str(struct json *json, const char *key, const char *value)
{
	json__set(json, key, json_string(value));
}

void json__u64(struct json *json, const char *key, uint64_t value)
{
	json__set(json, key, json_integer(value < INT64_MAX ? value : INT64_MAX));
}

void json__real(struct json *json, const char *key, double value)
{
	json__set(json, key, json_real(value));
}

/* Three digits behind the point. */
void json__milli(struct json *json, const char *key, double value)
{
	json__real(json, key, (int64_t)(value * 1000 + (value < 0 ? -0.5 : 0.5)) / 1000.0);
}

void json__hex(struct json *json, const char *key, uint64_t value)
{
	json__set(json, key, json_sprintf("0x%" PRIx64, value));
}

void json__bool(struct json *json, const char *key, bool value)
{
	json__set(json, key, json_boolean(value));
}

int json__emit(struct json *json, FILE *out)
{
	int err = json->err;

	if (!err) {
		json_dumpf(json->object, out, DUMP_FLAGS);
		fputc('\n', out);
	}
	json_decref(json->object);
	json->object = NULL;
	return err;
}

void json__hook(struct json *json, const struct plan_hook *hook)
{
	json__str(json, "boundary", hook->boundary);
	json__str(json, "function", hook->function);
	json__str(json, "at", hook->at_exit ? "exit" : "entry");
	json__str(json, "method", method__name(hook->method, hook->at_exit));
	if (hook->why[0])
		json__str(json, "why", hook->why);
	if (hook->method == PLAN_NONE && hook->without)
		json__str(json, "without", hook->without);
}

static void json__attachment(struct json *json, const struct plan *plan)
{
	json_t *hooks = json_array();
	char summary[128];

	plan__summary(plan, summary, sizeof(summary));
	json__str(json, "attach", summary);
	for (size_t i = 0; i < plan->nr_hooks; i++) {
		struct json hook;

		if (!plan->hooks[i].needed)
			continue;
		hook = json__new(NULL);
		json__hook(&hook, &plan->hooks[i]);
		json->err = hook.err ? hook.err : json->err;
		json__append(json, hooks, hook.object);
	}
	json__set(json, "hooks", hooks);
}

static void json__share(struct json *json, const char *key, const struct calibration_share *share)
{
	struct json object = json__new(NULL);

	if (!share->is_known) {
		json_decref(object.object);
		return;
	}
	json__milli(&object, "share_ns", share->ns);
	json__milli(&object, "error_ns", share->error_ns);
	json__nest(json, key, &object);
}

static void json__calibration(struct json *json, const struct calibration *cal)
{
	struct json object = json__new(NULL), stages = json__new(NULL);

	json__share(&object, "access", &cal->access);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		json__share(&stages, stage__name(i), &cal->stages[i]);
	json__nest(&object, "stages", &stages);
	json__u64(&object, "runs", cal->nr_runs);
	json__u64(&object, "took_ns", cal->took_ns);
	if (cal->why[0])
		json__str(&object, "why", cal->why);
	json__nest(json, "calibration", &object);
}

struct json json__header(const struct view *view)
{
	const struct host *host = view->host;
	struct json json = json__new("header");
	json_t *stages = json_array();

	json__str(&json, "schema", JSON_SCHEMA);
	json__str(&json, "tool", view->tool);
	json__str(&json, "version", VERSION);
	json__str(&json, "kernel", host->release);
	json__str(&json, "machine", host->machine);
	json__u64(&json, "cpus", host->nr_cpus);
	json__set(&json, "gic", host->gic[0] ? json_string(host->gic) : json_null());
	json__set(&json, "clock_hz", host->clock_hz ? json_integer(host->clock_hz) : json_null());
	json__set(&json, "tick_ns", host->tick_ns > 0 ? json_real(host->tick_ns) : json_null());
	json__str(&json, "profile", view->profile);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (view->stages >> i & 1)
			json__append(&json, stages, json_string(stage__name(i)));
	json__set(&json, "stages", stages);
	if (view->plan)
		json__attachment(&json, view->plan);
	else if (view->attach)
		json__str(&json, "attach", view->attach);
	if (view->calibration)
		json__calibration(&json, view->calibration);
	json__bool(&json, "raw", view->raw);
	if (view->replay)
		json__str(&json, "replay", view->replay);
	return json;
}
