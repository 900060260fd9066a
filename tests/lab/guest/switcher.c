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

static void snapshot(struct session *session, const char *when)
{
	uint64_t seen = 0, kvm = 0;
	struct sample *s;

	usleep(300000);
	if (session__snapshot(session, &s))
		errx(1, "cannot read the session");
	for (size_t i = 0; i < s->nr_exits; i++) {
		uint64_t total = exits__total(&s->exits[i]);

		seen += total;
		kvm += sample__nearest(total, s->exits[i].kvm_low, s->exits[i].kvm_high);
	}
	printf("{\"when\":\"%s\",\"has_exits\":%s,\"seen\":%" PRIu64 ",\"kvm\":%" PRIu64
	       ",\"counted_ns\":%" PRIu64 ",\"accesses\":%" PRIu64 "}\n",
	       when, s->has_exits ? "true" : "false", seen, kvm, s->exits_ns, sample__seen(s));
	sample__free(s);
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
