// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include "stop.h"
#include "tracing.h"

#define TRACEPOINT_STAGES (1u << VGIC_TRAP | 1u << VGIC_RESUME)

static char error_text[512];

const char *tracing__error(void)
{
	return error_text;
}

bool tracing__can_lower(const struct tracing *t)
{
	struct measure m = t->measure;

	return measure__lower(&m);
}

static int tracing__open(struct tracing *t)
{
	struct session_opts opts = {
		.stages = t->measure.stages,
		.pid = t->pick->pid,
		.vcpus = t->pick->vcpus,
		.per_vcpu = t->per_vcpu,
		.per_device = t->per_device,
		.exits = t->measure.exits,
		.only_kprobes = t->measure.only_kprobes,
		.max_vcpus = t->measure.max_vcpus,
		.max_cells = t->measure.max_cells,
		.max_blocks = t->measure.max_blocks,
		.verbose = t->verbose,
	};
	int err = session__open(&opts, &t->session);

	if (err)
		snprintf(error_text, sizeof(error_text), "%s", session__error());
	return err;
}

int tracing__attach(struct tracing *t)
{
	int err = tracing__open(t);

	if (err || t->measure.max_overhead <= 0 ||
	    session__calibration(t->session)->access.is_known)
		return err;
	snprintf(error_text, sizeof(error_text),
		 "cannot hold --max-overhead: what an access costs is not known; see vgic-info%s",
		 t->measure.stages & TRACEPOINT_STAGES ? " (trap and resume cost other exits, too)"
						       : "");
	tracing__close(t);
	return -ENOTSUP;
}

/* A cheaper session in place of the one that cost too much. */
static int tracing__lower(struct tracing *t, struct governor *g)
{
	const char *before = t->measure.profile;
	char line[160];

	measure__lower(&t->measure);
	/* Each step takes as long as starting anew: where two thirds are too much, all the way. */
	while (g->rate * 2 / 3 > g->share && measure__lower(&t->measure))
		;
	governor__begin_session(g);
	tracing__close(t);
	snprintf(line, sizeof(line),
		 "profile %s costs more than %g %% of one CPU: going on with %s", before,
		 g->share * 100, t->measure.profile);
	t->lowered(t->arg, line);
	return tracing__attach(t);
}

int tracing__watch(struct tracing *t, struct watch *watch)
{
	struct governor governor = { .share = t->measure.max_overhead, .begin_ns = stop__now_ns() };
	const uint64_t duration_ns = watch->duration_ns;
	int err;

	error_text[0] = '\0';
	watch->governor = governor.share > 0 ? &governor : NULL;
	do {
		uint64_t spent_ns = stop__now_ns() - governor.begin_ns;

		if (duration_ns)
			watch->duration_ns = spent_ns < duration_ns ? duration_ns - spent_ns : 1;
		watch->session = t->session;
		governor.can_lower = tracing__can_lower(t);
		err = t->begun(t->arg);
		err = err ? err : watch__run(watch);
		if (!err && watch->is_too_expensive)
			err = tracing__lower(t, &governor);
	} while (!err && watch->is_too_expensive);
	return err;
}

void tracing__close(struct tracing *t)
{
	session__close(t->session);
	t->session = NULL;
}
