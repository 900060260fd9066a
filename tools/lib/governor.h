/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Keeps what the tool itself costs below a share of one CPU (--max-overhead): tells when to leave
 * stages out, when to detach for a while, and when to attach again. A token bucket: credit comes in
 * with the time, up to 10 s of it, so that quiet hours do not pay for an expensive one; a burst is
 * paid for by a longer pause. Pure arithmetic: it touches neither the clock nor a session.
 */
#ifndef GOVERNOR_H
#define GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/* How often governor__decide() is to be called, and how long it wants to stay attached at least. */
#define GOVERNOR_STEP_NS 100000000ULL
/* Attaching and detaching cost too: no pause is shorter. */
#define GOVERNOR_PAUSE_NS 500000000ULL
#define GOVERNOR_CREDIT_NS 10000000000ULL

struct governor {
	double share;      /* of one CPU; 0.02 = 2 % */
	bool can_lower;    /* there is a cheaper profile left */
	uint64_t begin_ns; /* when it began: no credit before */

	/* its own */
	uint64_t last_ns, paused_ns;
	double last_spent_ns;
	double credit_ns; /* CPU time that may be spent */
	double rate;      /* what it costs while attached: CPU time per time */
	double switch_ns; /* what it took to detach; to attach is taken for the same */
	bool has_switched;
	bool is_paused; /* for the caller to read */
};

enum governor_action {
	GOVERNOR_KEEP,
	GOVERNOR_LOWER,  /* leave stages out: end this session */
	GOVERNOR_PAUSE,  /* detach */
	GOVERNOR_RESUME, /* attach again */
};

/* @spent_ns: CPU time that this session has cost so far: its hooks, and whoever reads it. */
enum governor_action governor__decide(struct governor *g, uint64_t now_ns, double spent_ns);
/* Another session begins, in another profile: what it costs is not known yet. */
void governor__begin_session(struct governor *g);

#endif
