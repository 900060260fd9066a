// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harvest.h"
#include "programs.h"
#include "session.h"

struct session {
	uint64_t vcpus[SESSION_MAX_VCPU_ID / 64]; /* a copy: the programs may be loaded again */
	struct programs *programs;
	struct harvest *harvest;
	struct sample *baseline; /* what was there when all was attached */
};

static char error_text[512];

_Static_assert(SESSION_MAX_VCPU_ID == PROGRAMS_MAX_VCPU_ID, "one bitmap");

static int fail(int err, const char *what)
{
	snprintf(error_text, sizeof(error_text), "cannot %s: %s", what, strerror(-err));
	return err;
}

const char *session__error(void)
{
	return error_text;
}

const struct plan *session__plan(const struct session *s)
{
	return programs__plan(s->programs);
}

const struct calibration *session__calibration(const struct session *s)
{
	return programs__calibration(s->programs);
}

static int session__attach(struct session *s, const struct session_opts *o)
{
	struct programs_opts opts = {
		.stages = o->stages,
		.pid = o->pid,
		.vcpus = o->vcpus ? s->vcpus : NULL,
		.only_kprobes = o->only_kprobes,
		.verbose = o->verbose,
		.max_vcpus = o->max_vcpus,
		.max_cells = o->max_cells,
		.max_blocks = o->max_blocks,
	};
	int err;

	if (o->vcpus)
		memcpy(s->vcpus, o->vcpus, sizeof(s->vcpus));
	err = programs__open(&opts, &s->programs);
	if (err)
		snprintf(error_text, sizeof(error_text), "%s", programs__error());
	return err;
}

static int session__start_harvest(struct session *s, const struct session_opts *o)
{
	struct harvest_source src = { .per_vcpu = o->per_vcpu, .per_device = o->per_device };
	int err;

	programs__maps(s->programs, &src);
	err = harvest__new(&src, &s->harvest);
	if (err)
		return fail(err, "map the BPF maps");
	err = harvest__sample(s->harvest, &s->baseline);
	return err ? fail(err, "read the BPF maps") : 0;
}

int session__open(const struct session_opts *opts, struct session **session)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	*session = NULL;
	error_text[0] = 0;
	err = s ? session__attach(s, opts) : fail(-ENOMEM, "start");
	if (!err)
		err = session__start_harvest(s, opts);
	if (err) {
		session__close(s);
		return err;
	}
	malloc_trim(0); /* what reading the kernel's BTF took: more than all the rest */
	*session = s;
	return 0;
}

int session__snapshot(struct session *s, struct sample **sample)
{
	struct sample *now;
	int err = harvest__sample(s->harvest, &now);

	if (err)
		return err;
	err = programs__recursion_misses(s->programs, &now->recursion_misses);
	if (!err) {
		*sample = sample__between(s->baseline, now);
		err = *sample ? 0 : -ENOMEM;
	}
	sample__free(now);
	return err;
}

void session__detach(struct session *s)
{
	programs__detach(s->programs);
}

size_t session__map_bytes(const struct session *s)
{
	return programs__map_bytes(s->programs);
}

void session__close(struct session *s)
{
	if (!s)
		return;
	harvest__free(s->harvest);
	sample__free(s->baseline);
	programs__close(s->programs);
	free(s);
}
