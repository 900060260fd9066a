// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "host.h"
#include "sample.h"
#include "stop.h"
#include "trace_names.h"
#include "trace_order.h"
#include "trace_run.h"

/*
 * What is below the level that wakes us is fetched this often; and a line is held back so long for
 * others that began before it.
 */
#define WINDOW_NS 100000000ULL
#define MAX_HELD 262144
/* So many are read before it is asked again whether it is over: guests may be faster than we are.
 */
#define MAX_TAKEN 16384
/* How long KVM may take to count what was seen: it does so some instructions later. */
#define KVM_TRIES 50
#define KVM_PAUSE_US 2000

struct follow {
	struct trace_run *r;
	struct trace_order *order;
	struct trace_event event;
	uint32_t nr_taken; /* in the step under way */
	bool has_more;     /* there was more to be read */
	bool is_full;      /* as many as were asked for */
};

/* -ENOENT: KVM does not tell, or there is no VM any more. */
static int kvm_exits(const struct trace_run *r, uint64_t *exits)
{
	struct trace_totals totals;
	int err = trace_programs__totals(r->programs, &totals);

	if (err)
		return err;
	err = host__kvm_counter(r->pid, "mmio_exit_kernel", exits);
	*exits += totals.dead_exits_kernel;
	return err;
}

int trace_run__begin(struct trace_run *r)
{
	r->names = trace_names__new(r->programs);
	if (!r->names)
		return -ENOMEM;
	r->summary.cmd_status = -1;
	/* Around the start: what a busy guest does between the two may have been seen or not. */
	r->summary.has_kvm_exits = !r->has_filter && !kvm_exits(r, &r->kvm_before);
	r->begin_ns = stop__now_ns();
	trace_programs__go(r->programs);
	r->summary.has_kvm_exits = r->summary.has_kvm_exits && !kvm_exits(r, &r->kvm_behind);
	return 0;
}

static int hand_on(const struct vgic_access *access, void *arg)
{
	struct follow *f = arg;
	struct trace_run *r = f->r;
	const struct vm_name *vm = trace_names__get(r->names, access->vm);

	if (!vm)
		return -ENOMEM;
	if (f->is_full)
		return 0;
	trace_event__make(&f->event, access, r->view);
	f->event.vm_id = vm->id;
	f->event.vm_name = vm->name;
	if (!trace_event__matches(&f->event, r->range)) {
		r->summary.unmatched++;
		return 0;
	}
	r->summary.lines++;
	f->is_full = r->count && r->summary.lines == r->count;
	return r->event(r->arg, &f->event);
}

/* What it is called with is read by then, whatever it returns. */
static int take(const struct vgic_access *access, void *arg)
{
	struct follow *f = arg;

	return trace_order__add(f->order, access) ?: ++f->nr_taken < MAX_TAKEN ? 0 : -EAGAIN;
}

/* Reads a part, or all there is; what has been held back long enough is handed on. */
static int follow__step(struct follow *f, bool is_last)
{
	uint64_t until;
	int err;

	do {
		f->nr_taken = 0;
		until = trace_order__nr_held(f->order) > MAX_HELD - MAX_TAKEN ? UINT64_MAX
									      : stop__now_ns();
		err = trace_order__release(f->order, until, hand_on, f);
		if (err)
			return err;
		err = trace_programs__read(f->r->programs, take, f);
		f->has_more = err == -EAGAIN;
	} while (is_last && f->has_more);
	if (err && !f->has_more)
		return err;
	return (is_last ? trace_order__release_all(f->order, hand_on, f) : 0)
		       ?: f->r->flush(f->r->arg);
}

static bool is_over(const struct trace_run *r, uint64_t now, uint64_t end_ns)
{
	if (r->cmd && cmd__has_ended(r->cmd))
		return true;
	/* Who asks to stop gets the command's last accesses too. */
	if (stop__signal() && !r->cmd)
		return true;
	return now >= end_ns || (r->pid && kill(r->pid, 0) && errno == ESRCH);
}

/* The terminal sends its signals to the command as well; one from kill(1) came to us alone. */
static void forward_signal(struct trace_run *r)
{
	if (!r->cmd || !stop__signal() || r->cmd_was_stopped)
		return;
	r->cmd_was_stopped = true;
	if (!stop__from_terminal())
		cmd__kill(r->cmd, stop__signal());
}

/*
 * KVM's counter was read before and behind the start, and is before and behind the end: on a guest
 * that goes on all that can be said is that between so many and so many should have been seen.
 */
static void count_kvm(struct trace_run *r, uint64_t at_stop)
{
	struct trace_summary *s = &r->summary;
	const uint64_t low = at_stop > r->kvm_behind ? at_stop - r->kvm_behind : 0;
	uint64_t high = 0;
	int err;

	for (int i = 0; i < KVM_TRIES && s->has_kvm_exits; i++) {
		err = kvm_exits(r, &high);
		/* A VMM whose VM is gone is no failure. */
		s->has_kvm_exits = !err || err == -ENOENT;
		high -= high < r->kvm_before ? high : r->kvm_before;
		if (high >= s->tally.kernel)
			break;
		usleep(KVM_PAUSE_US);
	}
	if (s->has_kvm_exits)
		s->kvm_exits = sample__nearest(s->tally.kernel, low, high);
}

static int count_drops(struct trace_run *r, uint32_t nr_vms)
{
	struct trace_summary *s = &r->summary;
	struct vgic_trace_vm vm;

	if (!s->tally.dropped)
		return 0;
	r->drops = calloc(nr_vms, sizeof(*r->drops));
	if (!r->drops)
		return -ENOMEM;
	for (uint32_t no = 1; no < nr_vms; no++) {
		const struct vm_name *name = trace_names__get(r->names, no);

		if (!name || trace_programs__vm(r->programs, no, &vm) || !vm.nr_dropped)
			continue;
		r->drops[s->nr_drops].vm_id = name->id;
		r->drops[s->nr_drops++].nr = vm.nr_dropped;
	}
	s->drops = r->drops;
	return 0;
}

/* Behind the end, when no program runs any more: what there is to say of the whole. */
static int summarize(struct trace_run *r, uint64_t at_stop, uint64_t end_ns)
{
	struct trace_totals totals;
	int err = trace_programs__totals(r->programs, &totals);

	if (err)
		return err;
	r->summary.tally = totals.tally;
	r->summary.recursion_misses = totals.recursion_misses;
	r->summary.duration_ns = end_ns - r->begin_ns;
	if (r->cmd && cmd__has_ended(r->cmd))
		r->summary.cmd_status = cmd__status(r->cmd);
	count_kvm(r, at_stop);
	return count_drops(r, totals.nr_vms);
}

static int follow__finish(struct follow *f)
{
	struct trace_run *r = f->r;
	uint64_t end_ns, at_stop = 0;
	int err;

	kvm_exits(r, &at_stop);
	end_ns = stop__now_ns();
	trace_programs__detach(r->programs);
	if (r->cmd && cmd__end(r->cmd))
		r->cmd_was_stopped = true;
	err = follow__step(f, true);
	r->summary.was_cut = f->is_full;
	r->summary.late = trace_order__nr_late(f->order);
	return summarize(r, at_stop, end_ns) ?: err;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int trace_run__follow(struct trace_run *r)
{
	struct follow f = { .r = r, .order = trace_order__new(WINDOW_NS, MAX_HELD) };
	uint64_t now = stop__now_ns();
	const uint64_t end_ns = r->duration_ns ? now + r->duration_ns : UINT64_MAX;
	int err = f.order ? 0 : -ENOMEM;

	while (!err && !f.is_full && !is_over(r, now, end_ns)) {
		if (!f.has_more)
			stop__wait_fd(earlier(now + WINDOW_NS, end_ns),
				      trace_programs__fd(r->programs));
		forward_signal(r);
		now = stop__now_ns();
		err = follow__step(&f, false);
	}
	if (err)
		trace_programs__detach(r->programs);
	else
		err = follow__finish(&f);
	trace_order__free(f.order);
	return err;
}

void trace_run__free(struct trace_run *r)
{
	trace_names__free(r->names);
	free(r->drops);
}
