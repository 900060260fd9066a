/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The recording of a run, made while it is measured. It never ends the run: when it cannot be
 * written any more that is said at once, and what was written stays readable.
 */
#ifndef TAPE_H
#define TAPE_H

#include <stdbool.h>
#include "facts.h"
#include "recording.h"
#include "view.h"

struct tape {
	/* A line for the user. */
	void (*say)(void *arg, const char *line);
	void *arg;

	struct recorder *recorder; /* NULL: none, or no more */
	struct facts *facts;       /* NULL: no command is to tell any */
	double work;               /* told so far */
	bool is_lost;              /* out: its end, at least, is missing */
};

/* Before the command is made, which inherits where to write its facts. 0 or -errno (said). */
int tape__ask_for_facts(struct tape *t);
/* @command: NULL-terminated; NULL = none. 0 or -errno (said). */
int tape__begin(struct tape *t, const char *path, const struct view *view, char *const *command);
void tape__slice(struct tape *t, const struct sample *cumulative);
void tape__mark(struct tape *t, const struct recording_mark *mark);
/* The run is over: adds the facts, and that it is complete. */
void tape__finish(struct tape *t);
void tape__close(struct tape *t);

#endif
