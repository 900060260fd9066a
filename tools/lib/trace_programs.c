// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "attach.h"
#include "regs.h"
#include "trace_calibrate.h"
#include "trace_programs.h"
#include "trace.skel.h"

/* User space is woken when a buffer is full to this part. */
#define WAKE_PART 8

struct trace_programs {
	struct trace_opts opts;
	struct attach attach;
	struct trace_bpf *skel;
	struct calibration calibration;
	bool can_calibrate; /* the stand-ins load */
	struct ring_buffer *ring;
	struct vgic_tally *tallies; /* per CPU, as read */
	trace_programs__fn fn;      /* of the reading under way */
	void *arg;
	int epoll_fd;
};

static char error_text[512];

static int fail(int err, const char *what)
{
	snprintf(error_text, sizeof(error_text), "cannot %s: %s", what, strerror(-err));
	return err;
}

const char *trace_programs__error(void)
{
	return error_text;
}

static int skel__configure(struct trace_bpf *skel, const struct trace_opts *o)
{
	skel->rodata->targ_pid = o->pid;
	if (o->vcpus) {
		skel->rodata->use_targ_vcpus = true;
		memcpy((void *)skel->rodata->targ_vcpus, o->vcpus,
		       sizeof(skel->rodata->targ_vcpus));
	}
	if (o->ranges) {
		skel->rodata->use_ranges = true;
		memcpy((void *)skel->rodata->targ_ranges, o->ranges,
		       sizeof(skel->rodata->targ_ranges));
	}
	skel->rodata->targ_ops = o->ops;
	skel->rodata->targ_user = o->user_only;
	skel->rodata->use_stack = o->with_stack;
	skel->rodata->use_wake_sz = o->buffer_sz / WAKE_PART;
	skel->bss->globals.nr_vms = 1; /* entry 0 means "no room" */
	return bpf_map__set_max_entries(skel->maps.events, o->buffer_sz);
}

static bool is_stand_in(const struct attach *a, const char *program)
{
	const struct trace_programs *p = a->arg;

	return p->can_calibrate && trace_calibrate__needs(a->plan, program);
}

static int try_to_load(struct attach *a)
{
	struct trace_programs *p = a->arg;
	int err;

	p->skel = trace_bpf__open();
	if (!p->skel)
		return -errno;
	a->object = p->skel->obj;
	err = skel__configure(p->skel, &p->opts) ?: attach__select(a, is_stand_in);
	if (!err)
		err = trace_bpf__load(p->skel);
	if (!err)
		regs__fill_map(&p->skel->bss->range_map);
	return err;
}

/* Once more without the stand-ins, where the kernel has no test functions for them. */
static int load(struct attach *a)
{
	struct trace_programs *p = a->arg;
	int err;

	p->can_calibrate = true;
	err = try_to_load(a);
	if (!err || err == -ENOMEM || err == -EPERM)
		return err;
	a->unload(a);
	p->can_calibrate = false;
	return try_to_load(a);
}

static void unload(struct attach *a)
{
	struct trace_programs *p = a->arg;

	trace_bpf__destroy(p->skel);
	p->skel = NULL;
}

static void trace_programs__calibrate(struct trace_programs *p)
{
	const struct trace_calibrate_source src = {
		.object = p->skel->obj,
		.plan = p->attach.plan,
		.globals = &p->skel->bss->globals,
		.clock_ns = (uint64_t *)p->skel->bss->clock_ns,
		.flights_fd = bpf_map__fd(p->skel->maps.flights),
	};

	if (p->can_calibrate) {
		trace_calibrate__run(&src, &p->calibration);
		return;
	}
	memset(&p->calibration, 0, sizeof(p->calibration));
	snprintf(p->calibration.why, sizeof(p->calibration.why),
		 "programs for the kernel's test functions do not load");
}

/* Between loading and attaching: what the hooks add, and what the filter on latency makes of it. */
static void loaded(struct attach *a)
{
	struct trace_programs *p = a->arg;
	const struct calibration_share *bus = &p->calibration.stages[VGIC_BUS];

	trace_programs__calibrate(p);
	p->skel->bss->globals.min_ns = p->opts.min_ns;
	p->skel->bss->globals.min_taken_ns = p->opts.min_ns;
	/* As trace_event.c takes it out. */
	if (p->opts.min_ns && !p->opts.raw && bus->is_known)
		p->skel->bss->globals.min_taken_ns += ceil(bus->ns);
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct trace_programs *p = ctx;

	return size < sizeof(struct vgic_access) ? 0 : p->fn(data, p->arg);
}

/*
 * Edge triggered: readable when woken, not whenever there is something to be read, as libbpf's own
 * would be.
 */
static int open_ring(struct trace_programs *p)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = bpf_map__fd(p->skel->maps.events);

	p->ring = ring_buffer__new(fd, on_record, p, NULL);
	if (!p->ring)
		return -errno;
	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll_fd < 0 || epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	p->tallies = calloc(libbpf_num_possible_cpus(), sizeof(*p->tallies));
	return p->tallies ? 0 : -ENOMEM;
}

int trace_programs__open(const struct trace_opts *opts, struct trace_programs **programs)
{
	struct trace_programs *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	*programs = NULL;
	error_text[0] = 0;
	if (!p)
		return fail(err, "start");
	p->opts = *opts;
	p->epoll_fd = -1;
	p->attach = (struct attach){
		.plan = plan__new_trace(opts->stages, opts->only_kprobes),
		.verbose = opts->verbose,
		.load = load,
		.unload = unload,
		.loaded = loaded,
		.arg = p,
	};
	err = attach__run(&p->attach);
	snprintf(error_text, sizeof(error_text), "%s", attach__error());
	if (!err) {
		err = open_ring(p);
		if (err)
			fail(err, "open the buffer");
	}
	if (err) {
		trace_programs__close(p);
		return err;
	}
	*programs = p;
	return 0;
}

void trace_programs__go(struct trace_programs *p)
{
	__atomic_store_n(&p->skel->bss->globals.is_on, 1, __ATOMIC_SEQ_CST);
}

void trace_programs__detach(struct trace_programs *p)
{
	__atomic_store_n(&p->skel->bss->globals.is_on, 0, __ATOMIC_SEQ_CST);
	attach__detach(&p->attach);
}

void trace_programs__close(struct trace_programs *p)
{
	if (!p)
		return;
	ring_buffer__free(p->ring);
	if (p->epoll_fd >= 0)
		close(p->epoll_fd);
	attach__end(&p->attach);
	plan__free(p->attach.plan);
	free(p->tallies);
	free(p);
}

const struct plan *trace_programs__plan(const struct trace_programs *p)
{
	return p->attach.plan;
}

const struct calibration *trace_programs__calibration(const struct trace_programs *p)
{
	return &p->calibration;
}

int trace_programs__fd(const struct trace_programs *p)
{
	return p->epoll_fd;
}

int trace_programs__read(struct trace_programs *p, trace_programs__fn fn, void *arg)
{
	struct epoll_event event;
	int ret;

	/* First said, then read: what comes meanwhile is read now, or wakes us again. */
	epoll_wait(p->epoll_fd, &event, 1, 0);
	__atomic_store_n(&p->skel->bss->globals.is_awake, 0, __ATOMIC_SEQ_CST);
	p->fn = fn;
	p->arg = arg;
	ret = ring_buffer__consume(p->ring);
	return ret < 0 ? ret : 0;
}

int trace_programs__totals(struct trace_programs *p, struct trace_totals *totals)
{
	const int nr_cpus = libbpf_num_possible_cpus();
	const size_t nr_fields = sizeof(struct vgic_tally) / sizeof(uint64_t);
	uint64_t *sum = (uint64_t *)&totals->tally;
	uint32_t zero = 0;

	memset(totals, 0, sizeof(*totals));
	if (bpf_map_lookup_elem(bpf_map__fd(p->skel->maps.tallies), &zero, p->tallies))
		return -errno;
	for (int cpu = 0; cpu < nr_cpus; cpu++)
		for (size_t i = 0; i < nr_fields; i++)
			sum[i] += ((uint64_t *)&p->tallies[cpu])[i];
	totals->dead_exits_kernel = p->skel->bss->globals.dead_exits_kernel;
	totals->nr_vms = p->skel->bss->globals.nr_vms < VGIC_TRACE_VMS
				 ? p->skel->bss->globals.nr_vms
				 : VGIC_TRACE_VMS;
	return attach__recursion_misses(&p->attach, &totals->recursion_misses);
}

int trace_programs__vm(struct trace_programs *p, uint32_t no, struct vgic_trace_vm *vm)
{
	return bpf_map_lookup_elem(bpf_map__fd(p->skel->maps.vms), &no, vm) ? -errno : 0;
}
