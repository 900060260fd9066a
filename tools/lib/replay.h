/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A recording shown again: the samples of its slices, made into reports as watch.c makes those of a
 * session. What prints them is the caller's.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include "look.h"
#include "recording.h"

struct replay {
	/* Reports of so many ns, made of whole slices; 0 = those that the live run made. */
	uint64_t interval_ns;
	uint64_t nr_intervals; /* 0 = no limit */
	/* Other than 0 ends the replay, and is what replay__run() returns. */
	int (*report)(void *arg, const struct report *report);
	/* Takes all since the recording's begin, before every report. NULL: nobody wants it. */
	void (*slice)(void *arg, const struct sample *cumulative);
	void *arg;

	/* replay__open()'s */
	struct recording *recording;
	bool per_vcpu, per_device; /* keep apart what the recording keeps apart */
};

/*
 * Opens the recording at @path, and fills in @view with its circumstances and what the options say;
 * it lives as long as the replay. 0, or -errno and a line for the user in replay__error().
 */
int replay__open(struct replay *r, const char *path, const struct look *look, struct view *view);
int replay__run(const struct replay *r); /* 0 or -errno */
const char *replay__error(int err);
void replay__close(struct replay *r);

#endif
