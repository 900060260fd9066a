/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Watches a session until something ends it: a signal, a duration, a number of intervals, a command
 * or a process that is gone. Reads it at least once a second, as the session wants, and hands a
 * sample to the caller at the end of every interval and of the whole.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include "cmd.h"
#include "governor.h"
#include "session.h"

struct watch {
	struct session *session;
	struct cmd *cmd;       /* running; NULL = none. It has ended when watch__run() returns */
	uint32_t pid;          /* stop when this process is gone; 0 = none */
	uint64_t duration_ns;  /* 0 = no limit */
	uint64_t interval_ns;  /* 0 = one report, at the end */
	uint64_t nr_intervals; /* 0 = no limit */
	struct governor *governor; /* NULL = it may cost what it costs */
	/*
	 * Takes a sorted sample. @interval: 1, 2, ...; 0 = there are none. Other than 0 ends the
	 * watch, and is what watch__run() returns.
	 */
	int (*report)(void *arg, const struct sample *sample, unsigned int interval);
	/*
	 * Takes all since the session's start, every @slice_ns and at the end of every report,
	 * before that. NULL: nobody wants it. What it cannot do is for the caller to know.
	 */
	void (*slice)(void *arg, const struct sample *cumulative);
	uint64_t slice_ns;
	/*
	 * Called after every wait, for what can be read from @input_fd; it may change interval_ns
	 * and next_ns. True ends the watch. NULL: there is no such thing.
	 */
	bool (*input)(void *arg);
	int input_fd;
	void *arg;

	bool cmd_was_stopped;  /* out: it did not end by itself */
	bool is_too_expensive; /* out: ended for the governor to have stages left out */
	/* In and out, for a watch that goes on with another session; 0 at first. */
	unsigned int nr_reports; /* intervals that are over */
	uint64_t next_ns;        /* when this one is */
};

/*
 * stop__init() comes before. Leaves the session detached, and the command running only where the
 * watch is to go on with another session (is_too_expensive), or failed. 0 or -errno.
 */
int watch__run(struct watch *watch);

#endif
