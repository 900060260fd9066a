/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Tracing: a session that may be replaced by a cheaper one while it is watched (--max-overhead).
 * Who calls it: tools that measure. What it must not know: views, recordings.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdbool.h>
#include "measure.h"
#include "pick.h"
#include "session.h"
#include "watch.h"

struct tracing {
	const struct pick *pick;
	struct measure measure; /* as asked for; cheaper once that costs too much */
	bool per_vcpu, per_device, verbose;
	/* A session begins; tracing__watch() calls it. Other than 0 ends the watch. */
	int (*begun)(void *arg);
	/* Why another one will; a line for the user. */
	void (*lowered)(void *arg, const char *line);
	void *arg;

	struct session *session; /* out; NULL: none is attached */
};

/* Whether what was asked for can be replaced by something cheaper. */
bool tracing__can_lower(const struct tracing *t);
/* 0, or -errno and a line for the user in tracing__error(). */
int tracing__attach(struct tracing *t);
/*
 * watch__run(), with one session after the other until it is over. 0 or -errno; tracing__error() is
 * "" where it was not attaching that failed.
 */
int tracing__watch(struct tracing *t, struct watch *watch);
const char *tracing__error(void);
void tracing__close(struct tracing *t);

#endif
