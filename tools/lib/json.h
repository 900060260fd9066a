/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * JSON as the tools write it: one object a line. Keys come out in the order in which they were put
 * in. A failure is kept until json__emit(), so that nothing is written where something is missing.
 */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include "plan.h"
#include "view.h"

#define JSON_SCHEMA "2.5"

struct json {
	json_t *object;
	int err;
};

struct json json__new(const char *type); /* type NULL: no "type" key */
void json__str(struct json *json, const char *key, const char *value);
void json__u64(struct json *json, const char *key, uint64_t value);
void json__real(struct json *json, const char *key, double value);
void json__milli(struct json *json, const char *key, double value); /* three digits */
void json__hex(struct json *json, const char *key, uint64_t value); /* "0x..." */
void json__bool(struct json *json, const char *key, bool value);
void json__set(struct json *json, const char *key, json_t *value); /* takes value */
/* Appends to @array, takes value. 0 or -ENOMEM. */
void json__append(struct json *json, json_t *array, json_t *value);
/* Ends @json as the value of another. */
void json__nest(struct json *json, const char *key, struct json *inner);
/* Writes the line and frees the object. 0 or -ENOMEM. */
int json__emit(struct json *json, FILE *out);

/* The first line of every tool: schema, tool, host, and what was measured how. */
struct json json__header(const struct view *view);
/* Adds what is to be said of one hook of the plan. */
void json__hook(struct json *json, const struct plan_hook *hook);

#endif
