// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Counts exits for a part of a session's time only, as a tool does that shows them now and then:
 * not, then twice, for some tenths of a second each. An object a line for each snapshot.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "session.h"

struct seen {
	uint64_t exits, kvm, accesses, counted_ns;
	bool has_exits;
};

static struct seen look(struct session *session)
{
	struct seen seen = { 0 };
	struct sample *s;

	if (session__snapshot(session, &s))
		errx(1, "cannot read the session");
	for (size_t i = 0; i < s->nr_exits; i++) {
		uint64_t total = exits__total(&s->exits[i]);

		seen.exits += total;
		seen.kvm += sample__nearest(total, s->exits[i].kvm_low, s->exits[i].kvm_high);
	}
	seen.has_exits = s->has_exits;
	seen.counted_ns = s->exits_ns;
	seen.accesses = sample__seen(s);
	sample__free(s);
	return seen;
}

/* Waits for so many accesses, not for a time: how long they take depends on the load. */
static void snapshot(struct session *session, const char *when)
{
	const struct seen first = look(session);
	struct seen last = first;

	for (int i = 0; i < 300 && last.accesses < first.accesses + 400; i++) {
		usleep(100000);
		last = look(session);
	}
	printf("{\"when\":\"%s\",\"has_exits\":%s,\"seen\":%" PRIu64 ",\"kvm\":%" PRIu64
	       ",\"counted_ns\":%" PRIu64 ",\"accesses\":%" PRIu64 ",\"more_exits\":%" PRIu64
	       ",\"more_accesses\":%" PRIu64 "}\n",
	       when, last.has_exits ? "true" : "false", last.exits, last.kvm, last.counted_ns,
	       last.accesses, last.exits - first.exits, last.accesses - first.accesses);
}

static void start(struct session *session)
{
	if (session__start_exits(session))
		errx(1, "%s", session__error());
}

static void stop(struct session *session)
{
	if (session__stop_exits(session))
		errx(1, "cannot stop counting");
}

int main(void)
{
	const struct session_opts opts = { 0 };
	struct session *session;

	if (session__open(&opts, &session))
		errx(1, "%s", session__error());
	snapshot(session, "before");
	start(session);
	snapshot(session, "on");
	stop(session);
	snapshot(session, "off");
	start(session);
	snapshot(session, "again");
	stop(session);
	snapshot(session, "after");
	session__close(session);
	return 0;
}
