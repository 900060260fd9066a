// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifdef __aarch64__ /* elsewhere: machine_none.c */
#include <time.h>
#include "worker.h"

static bool worker__stopping(const struct worker *w)
{
	return __atomic_load_n(w->stop, __ATOMIC_SEQ_CST);
}

/* Runs the guest until it stops by itself. */
static int worker__run(struct worker *w)
{
	enum vcpu_event event;
	int err;

	do {
		err = vcpu__run(w->vcpu, &event);
		if (err)
			return err;
		if (event == VCPU_KICKED && worker__stopping(w))
			err = vcpu__end_pass(w->vcpu);
		w->nr_overflows += event == VCPU_OVERFLOW;
		w->nr_doorbells += event == VCPU_DOORBELL;
		if (event != VCPU_KICKED && event != VCPU_USER)
			vcpu__drain(w->vcpu);
	} while (!err && event != VCPU_STOPPED && event != VCPU_DOORBELL);
	return err;
}

/* Sleeps until the next access is due. False: there is to be none. */
static bool worker__pace(struct worker *w)
{
	unsigned __int128 after = (unsigned __int128)w->nr_released * NSEC_PER_SEC;
	uint64_t due = w->start_ns + after / w->config->rate;
	struct timespec ts = { due / NSEC_PER_SEC, due % NSEC_PER_SEC };

	if (!worker__stopping(w))
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	if (worker__stopping(w))
		return false;
	w->nr_released++;
	return true;
}

/* Lets the guest go through the list, with all its stops. */
static int worker__run_program(struct worker *w)
{
	uint64_t passes = 0, left = 1;
	int err;

	do {
		err = worker__run(w);
		if (!err)
			err = vcpu__passes(w->vcpu, &passes, &left);
	} while (!err && left && (!w->config->rate || worker__pace(w)));
	w->nr_ops = w->config->rate ? w->nr_released : passes * w->list->nr;
	w->ended = !left;
	return err ? err : vcpu__check(w->vcpu);
}

int worker__warm_up(struct worker *w)
{
	int err = vcpu__start(w->vcpu, w->program, 0);

	if (!err)
		err = worker__run(w);
	return err ? err : vcpu__check(w->vcpu);
}

int worker__measure(struct worker *w)
{
	uint64_t cpu_ns;
	int err = vcpu__start(w->vcpu, w->program, w->config->iterations);

	if (err)
		return err;
	w->start_ns = clock_ns(CLOCK_MONOTONIC);
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	err = worker__run_program(w);
	w->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	w->end_ns = clock_ns(CLOCK_MONOTONIC);
	w->guest_ns = w->end_ns - w->start_ns;
	return err || !w->ended ? err : vcpu__guest_ns(w->vcpu, &w->guest_ns);
}

#endif
