// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exits.h"
#include "harvest.h"
#include "programs.h"
#include "session.h"

struct session {
	struct programs *programs;
	struct harvest *harvest;
	struct sample
		*baseline;     /* what is not ours: from before all was attached, and from pauses */
	struct sample *paused; /* what there was when the pause began; NULL = there is none */
	struct exits_opts exits_opts;
	struct exits *exits;       /* NULL: not counted now */
	struct sample *exits_done; /* of when they were counted before; NULL: they were not */
	uint64_t begin_ns;
	uint64_t resumed_ns;  /* when the time since the last pause, or the start, began */
	uint64_t attached_ns; /* before that */
};

#define MAX_WAITS 50 /* of 2 ms, for KVM to count what was seen already */

static char error_text[512];

_Static_assert(SESSION_MAX_VCPU_ID == PROGRAMS_MAX_VCPU_ID &&
		       SESSION_MAX_VCPU_ID == EXITS_MAX_VCPU_ID,
	       "one bitmap");

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
		.vcpus = o->vcpus,
		.only_kprobes = o->only_kprobes,
		.verbose = o->verbose,
		.max_vcpus = o->max_vcpus,
		.max_cells = o->max_cells,
		.max_blocks = o->max_blocks,
	};
	int err = programs__open(&opts, &s->programs);

	if (err)
		snprintf(error_text, sizeof(error_text), "%s", programs__error());
	return err;
}

/* Whether VMs live that made exits before nobody but their process tells. */
static void look_after(struct sample *done)
{
	for (size_t i = 0; i < done->nr_vms; i++)
		done->vms[i].alive &= !kill(done->vms[i].pid, 0) || errno != ESRCH;
}

static int session__add_exits(struct session *s, struct sample *sample)
{
	uint64_t misses;
	int err = 0;

	if (s->exits)
		err = exits__add(s->exits, harvest__names(s->harvest), sample);
	if (s->exits && !err)
		err = exits__recursion_misses(s->exits, &misses);
	if (s->exits && !err)
		sample->recursion_misses += misses;
	if (s->exits_done && !err) {
		look_after(s->exits_done);
		err = sample__add(sample, s->exits_done);
	}
	return err;
}

int session__start_exits(struct session *s)
{
	int err = s->exits ? 0 : exits__open(&s->exits_opts, &s->exits);

	if (err)
		snprintf(error_text, sizeof(error_text), "%s", exits__error());
	malloc_trim(0); /* what reading the kernel's BTF took: more than all the rest */
	return err;
}

int session__stop_exits(struct session *s)
{
	struct sample *done = s->exits ? sample__new() : NULL;
	int err = done || !s->exits ? 0 : -ENOMEM;

	if (!err && done) {
		/* Nothing to add to what it is added to. */
		done->has_kvm_exits = done->kvm_user.is_known = true;
		err = session__add_exits(s, done);
	}
	exits__close(s->exits);
	s->exits = NULL;
	if (err || !done) {
		sample__free(done);
		return err;
	}
	sample__free(s->exits_done);
	s->exits_done = done;
	return 0;
}

/* All there is in the maps, and what it cost. */
static int session__harvest(struct session *s, struct sample **sample)
{
	const struct calibration_share *access = &session__calibration(s)->access;
	int err = harvest__sample(s->harvest, sample);

	if (err)
		return err;
	err = programs__recursion_misses(s->programs, &(*sample)->recursion_misses);
	err = err ?: session__add_exits(s, *sample);
	if (err) {
		sample__free(*sample);
		return err;
	}
	if (access->is_known)
		(*sample)->overhead_ns = access->ns * sample__seen(*sample);
	return 0;
}

static int session__start_harvest(struct session *s, const struct session_opts *o)
{
	struct harvest_source src = { .per_vcpu = o->per_vcpu, .per_device = o->per_device };
	int err;

	programs__maps(s->programs, &src);
	err = harvest__new(&src, &s->harvest);
	if (err)
		return fail(err, "map the BPF maps");
	err = session__harvest(s, &s->baseline);
	if (err)
		return fail(err, "read the BPF maps");
	s->begin_ns = s->resumed_ns = s->baseline->end_ns;
	return 0;
}

int session__open(const struct session_opts *opts, struct session **session)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	*session = NULL;
	error_text[0] = 0;
	err = s ? session__attach(s, opts) : fail(-ENOMEM, "start");
	if (!err) {
		s->exits_opts = (struct exits_opts){ .pid = opts->pid,
						     .vcpus = opts->vcpus,
						     .per_vcpu = opts->per_vcpu,
						     /* What cannot be is not tried again. */
						     .only_kprobes = !plan__uses(session__plan(s),
										 PLAN_FENTRY) };
		err = opts->exits ? session__start_exits(s) : 0;
	}
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

/* @now without what is not ours, as of @end_ns. NULL: no memory. */
static struct sample *session__since(const struct session *s, const struct sample *now,
				     uint64_t end_ns)
{
	struct sample *since = sample__between(s->baseline, now);

	if (!since)
		return NULL;
	since->begin_ns = s->begin_ns;
	since->end_ns = end_ns;
	since->attached_ns = s->attached_ns + (s->paused ? 0 : end_ns - s->resumed_ns);
	return since;
}

/*
 * KVM counts an access some instructions after the programs do. A vCPU that was preempted between
 * the two is waited for: what was seen must not be more than KVM will say.
 */
static void session__await_kvm(struct session *s, struct sample *since, const struct sample *now)
{
	const uint64_t before = since->kvm_exits_high;
	uint64_t high;

	for (int i = 0; i < MAX_WAITS && since->has_kvm_exits; i++) {
		if (sample__seen(since) <= since->kvm_exits_high ||
		    harvest__kvm_exits(s->harvest, &high) || high < now->kvm_exits_high)
			return;
		since->kvm_exits_high = before + high - now->kvm_exits_high;
		usleep(2000);
	}
}

int session__snapshot(struct session *s, struct sample **sample)
{
	struct sample *now;
	int err = session__harvest(s, &now);

	if (err)
		return err;
	/* In a pause the maps are read all the same: so dead VMs' records are used again. */
	*sample = session__since(s, s->paused ? s->paused : now, now->end_ns);
	if (*sample && !s->paused)
		session__await_kvm(s, *sample, now);
	sample__free(now);
	return *sample ? 0 : -ENOMEM;
}

int session__pause(struct session *s)
{
	struct sample *now;
	int err;

	if (s->paused)
		return 0;
	/* With stages, an access under way would be taken up again with the pause inside of it. */
	if (programs__plan(s->programs)->stages)
		return -EINVAL;
	err = session__harvest(s, &now);
	if (err)
		return err;
	programs__pause(s->programs);
	s->attached_ns += now->end_ns - s->resumed_ns;
	s->paused = now;
	return 0;
}

int session__resume(struct session *s)
{
	struct sample *now = NULL, *missed = NULL;
	int err;

	if (!s->paused)
		return 0;
	err = programs__resume(s->programs);
	if (!err)
		err = session__harvest(s, &now);
	if (!err) {
		missed = sample__between(s->paused, now);
		err = missed ? sample__add(s->baseline, missed) : -ENOMEM;
	}
	if (!err) {
		s->resumed_ns = now->end_ns;
		sample__free(s->paused);
		s->paused = NULL;
	}
	sample__free(missed);
	sample__free(now);
	return err;
}

void session__detach(struct session *s)
{
	programs__detach(s->programs);
	session__stop_exits(s);
}

size_t session__map_bytes(const struct session *s)
{
	return programs__map_bytes(s->programs);
}

void session__close(struct session *s)
{
	if (!s)
		return;
	exits__close(s->exits);
	harvest__free(s->harvest);
	sample__free(s->exits_done);
	sample__free(s->baseline);
	sample__free(s->paused);
	programs__close(s->programs);
	free(s);
}
