/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Keeps what the tool itself costs below a share of one CPU (--max-overhead): tells when to leave
 * stages out, when to detach for a while, and when to attach again. The share is held on average
 * since the start, so that a burst is paid for by a longer pause. Pure arithmetic: it touches
 * neither the clock nor a session. Called by watch.
 */
#ifndef GOVERNOR_H
#define GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/* How often governor__decide() is to be called, and how long it wants to stay attached at least. */
#define GOVERNOR_STEP_NS 100000000ULL

struct governor {
	double share;           /* of one CPU; 0.02 = 2 % */
	bool can_lower;         /* there is a cheaper profile left */
	uint64_t begin_ns;      /* when it all began, whatever was left out since */
	double spent_before_ns; /* by earlier sessions, in more expensive profiles */

	/* its own */
	uint64_t last_ns;
	double last_spent_ns;
	double rate; /* what it costs while attached: CPU time per time */
	bool is_paused;
};

enum governor_action {
	GOVERNOR_KEEP,
	GOVERNOR_LOWER,  /* leave stages out: end this session */
	GOVERNOR_PAUSE,  /* detach */
	GOVERNOR_RESUME, /* attach again */
};

/* @spent_ns: what this session has cost so far (sample.overhead_ns). */
enum governor_action governor__decide(struct governor *g, uint64_t now_ns, double spent_ns);

#endif
