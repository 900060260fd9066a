/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What vgic-top does with samples, wherever they come from: the screen or reports, and the
 * recording that a key begins. Linked into vgic-top alone, for the screen's sake.
 */
#ifndef TOP_SHOW_H
#define TOP_SHOW_H

#include "top_args.h"
#include "top_batch.h"
#include "top_tape.h"
#include "top_ui.h"

struct top_show {
	const struct top_args *args;
	const struct top_batch_ops *batch; /* NULL: a screen */
	const struct view *view;           /* the circumstances: the source's */
	/* Another interval was asked for, another view: for the source. NULL: it does not mind. */
	void (*interval)(void *arg, uint64_t interval_ns);
	void (*viewed)(void *arg, enum top_view view);
	void *arg;

	/* top_show's own */
	struct top_model model;
	struct top_ui ui;
	struct top_tape tape;
	struct top_look drawn;    /* as large as the terminal was */
	uint64_t cpu_ns, time_ns; /* ours, and when, at the last interval */
	bool is_quit;             /* asked for by a key, or the terminal is gone */
	int err;                  /* of the screen; ends it */
	int write_errno;          /* why stdout could not be written */
};

/* What comes before all else can be done without: 0, or -errno and in @line what to tell. */
int top_show__check(const struct top_args *args, char *line, size_t size);
/* The fields above are the caller's. 0 or -ENOMEM. */
int top_show__init(struct top_show *s, uint64_t interval_ns);
/* Opens the screen, or begins the reports. 0 or -errno (said). */
int top_show__open(struct top_show *s);
int top_show__header(struct top_show *s); /* of reports: the circumstances are others. 0, -errno */
/* All that was seen so far; before the report that it is part of. */
void top_show__slice(struct top_show *s, const struct sample *cumulative);
/* An interval. 0 or -errno. */
int top_show__report(struct top_show *s, const struct report *report);
/* Does what the keys say that have come in. True: that was it. */
bool top_show__input(struct top_show *s);
/* Another session begins. */
void top_show__restart(struct top_show *s);
/* A line for the user. */
void top_show__say(struct top_show *s, const char *line);
void top_show__draw(struct top_show *s);
/* Completes the recording, closes the screen. */
void top_show__close(struct top_show *s);
void top_show__free(struct top_show *s);

#endif
