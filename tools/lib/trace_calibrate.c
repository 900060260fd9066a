// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The method is calibrate.c's, but for the bus, which here ends at its return (T7): T2 and T7
 * together on test4 tell what the two add between them; T4 and T6 lie within, so all that they take
 * comes on top, and that is what the way past the test functions becomes longer by with them.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "shares.h"
#include "stop.h"
#include "trace_calibrate.h"
#include "vgic_wire.h"

#define MIN_BATCHES 8
#define BATCH_RUNS 25
#define PHASE_NS 15000000
/* Two calibrations at a time would measure each other: calibrate.c takes the same lock. */
#define LOCK_FILE "/sys/kernel/btf/vmlinux"
#define LOCK_TRIES 1000 /* of 10 ms */
#define RUNNER "cal_run"

/* In the order of attaching, which is the plan's. */
enum role { CLOCK_3, CLOCK_8, T7, DEV_EXIT, REGION, DEV_ENTRY, T2, CLOCK_7, NR_ROLES };
#define ROLE(role) (1u << (role))
#define CLOCKS (ROLE(CLOCK_3) | ROLE(CLOCK_8))
#define DEVICE (ROLE(DEV_ENTRY) | ROLE(DEV_EXIT))

static const struct stand_in {
	const char *fentry, *kprobe, *function;
	bool at_exit;
} stand_ins[NR_ROLES] = {
	[CLOCK_3] = { "ce_clock3", "cp_clock3", "bpf_fentry_test3", false },
	[CLOCK_8] = { "ce_clock8", "cp_clock8", "bpf_fentry_test8", false },
	[T7] = { "cx_bus", "cr_bus", "bpf_fentry_test4", true },
	[DEV_EXIT] = { "cx_dev", "cr_dev", "bpf_fentry_test5", true },
	[REGION] = { "cx_region", "cr_region", "bpf_fentry_test6", true },
	[DEV_ENTRY] = { "ce_dev", "cp_dev", "bpf_fentry_test5", false },
	[T2] = { "ce_bus", "cp_bus", "bpf_fentry_test4", false },
	[CLOCK_7] = { "ce_clock7", "cp_clock7", "bpf_fentry_test7", false },
};

struct calibrator {
	const struct trace_calibrate_source *src;
	struct bpf_link *links[NR_ROLES];
	bool by_kprobes;
	int runner_fd, lock_fd, pid_fd;
	uint32_t nr_runs;
	int err; /* of the first thing that failed */
};

static const char *stand_in__program(enum role role, bool by_kprobes)
{
	return by_kprobes ? stand_ins[role].kprobe : stand_ins[role].fentry;
}

bool trace_calibrate__needs(const struct plan *plan, const char *program)
{
	const bool by_kprobes = plan__uses(plan, PLAN_KPROBE);

	for (int role = 0; role < NR_ROLES; role++)
		if (!strcmp(stand_in__program(role, by_kprobes), program))
			return true;
	return !strcmp(program, RUNNER);
}

static void detach(struct calibrator *c, int role)
{
	bpf_link__destroy(c->links[role]);
	c->links[role] = NULL;
}

static void attach(struct calibrator *c, int role)
{
	const struct stand_in *s = &stand_ins[role];
	struct bpf_program *prog = bpf_object__find_program_by_name(
		c->src->object, stand_in__program(role, c->by_kprobes));

	if (!prog)
		c->err = -ENOENT;
	else if (c->by_kprobes)
		c->links[role] = bpf_program__attach_kprobe(prog, s->at_exit, s->function);
	else
		c->links[role] = bpf_program__attach_trace(prog);
	if (prog && !c->links[role])
		c->err = -errno;
}

/* Attaches what is in @roles and detaches the rest; what shares a function, in the plan's order. */
static void arrange(struct calibrator *c, uint32_t roles)
{
	for (int role = 0; role < NR_ROLES; role++)
		if (c->links[role] && !(roles & ROLE(role)))
			detach(c, role);
	for (int role = 0; role < NR_ROLES && !c->err; role++)
		if (!c->links[role] && roles & ROLE(role))
			attach(c, role);
}

/* The access in flight of this thread, known and traced, so that T2 follows no pointer. */
static void seed(struct calibrator *c)
{
	const struct vgic_flight flight = {
		.vcpu = VGIC_CAL_VCPU,
		.generation = c->src->globals->generation,
		.kind = VGIC_NO_KIND,
		.is_traced = 1,
	};

	if (bpf_map_update_elem(c->src->flights_fd, &c->pid_fd, &flight, BPF_ANY))
		c->err = -errno;
}

static double apart(uint64_t later, uint64_t earlier)
{
	return (double)(int64_t)(later - earlier) / BATCH_RUNS;
}

/* A varying pause before each run keeps the runs from falling into step with the clock's tick. */
static void run_batch(struct calibrator *c, struct batch *b)
{
	const volatile struct vgic_trace_globals *g = c->src->globals;
	const volatile uint64_t *clock_ns = c->src->clock_ns;

	memset(b, 0, sizeof(*b));
	for (unsigned int i = 0; i < BATCH_RUNS && !c->err; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts);

		for (unsigned int pause = i * 7 % 17 * 4; pause; pause--)
			asm volatile("");
		if (bpf_prog_test_run_opts(c->runner_fd, &opts))
			c->err = -errno;
		if (c->links[T2] && !g->cal_bus)
			c->err = -EIO;
		b->ns[VGIC_LOOKUP] += apart(g->cal_dev, g->cal_bus);
		b->ns[VGIC_DEVICE] += apart(g->cal_out, g->cal_dev);
		b->ns[VGIC_BUS] += apart(g->cal_end, g->cal_bus);
		b->ns[TO_REGION] += apart(g->cal_reg, g->cal_dev);
		b->ns[FAR] += apart(clock_ns[2], clock_ns[0]);
		b->ns[NEAR] += apart(clock_ns[2], clock_ns[1]);
	}
	c->nr_runs += BATCH_RUNS;
}

static void run_phase(struct calibrator *c, struct phase *p, uint32_t roles)
{
	struct batch batches[PHASE_MAX_BATCHES];
	size_t nr = 0;
	uint64_t begin;

	memset(p, 0, sizeof(*p));
	arrange(c, CLOCKS | roles);
	if (!c->err)
		run_batch(c, &batches[0]); /* fills caches */
	begin = stop__now_ns();
	while (!c->err && nr < PHASE_MAX_BATCHES &&
	       (nr < MIN_BATCHES || stop__now_ns() - begin < PHASE_NS))
		run_batch(c, &batches[nr++]);
	if (!c->err)
		phase__summarize(p, batches, nr);
}

static void run_phases(struct calibrator *c, struct calibration *cal)
{
	const uint32_t region = 1u << VGIC_DECODE | 1u << VGIC_HANDLER;
	struct phases p = { .stages = c->src->plan->stages,
			    .by_kprobes = c->by_kprobes,
			    .has_region = c->src->plan->stages & region,
			    .has_bus_pair = true };

	run_phase(c, &p.bare, 0);
	/* T7 is attached before T2, as it is in KVM ... */
	run_phase(c, &p.pair, ROLE(T2) | ROLE(T7));
	run_phase(c, &p.full, ROLE(T2) | ROLE(T7) | DEVICE);
	run_phase(c, &p.access, ROLE(T2) | DEVICE | ROLE(CLOCK_7));
	p.near = p.access;
	/* ... and here T2 is attached already. */
	if (p.by_kprobes)
		run_phase(c, &p.swapped, ROLE(T2) | ROLE(T7));
	if (p.has_region)
		run_phase(c, &p.region, ROLE(REGION));
	/* T6 would end what T5 looks for, so T4 stands alone there. */
	if (p.has_region && !p.by_kprobes)
		run_phase(c, &p.split, ROLE(T2) | ROLE(DEV_ENTRY) | ROLE(REGION));
	if (c->err)
		return;
	shares__work_out(&p, cal);
	cal->access.is_known = false; /* the record that T7 writes is not among the stand-ins */
}

static int take_lock(void)
{
	int fd = open(LOCK_FILE, O_RDONLY | O_CLOEXEC), tries = 0;

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || ++tries > LOCK_TRIES) {
			close(fd);
			return -EBUSY;
		}
		usleep(10000);
	}
	return fd;
}

static void calibrator__init(struct calibrator *c, const struct trace_calibrate_source *src)
{
	struct bpf_program *runner = bpf_object__find_program_by_name(src->object, RUNNER);

	memset(c, 0, sizeof(*c));
	c->src = src;
	c->by_kprobes = plan__uses(src->plan, PLAN_KPROBE);
	c->runner_fd = runner ? bpf_program__fd(runner) : -ENOENT;
	c->pid_fd = syscall(SYS_pidfd_open, gettid(), 0);
	c->lock_fd = take_lock();
	c->err = c->runner_fd < 0 ? c->runner_fd
		 : c->pid_fd < 0  ? -EINVAL
		 : c->lock_fd < 0 ? c->lock_fd
				  : 0;
}

static void calibrator__end(struct calibrator *c)
{
	for (int role = 0; role < NR_ROLES; role++)
		detach(c, role);
	if (c->pid_fd >= 0) {
		bpf_map_delete_elem(c->src->flights_fd, &c->pid_fd);
		close(c->pid_fd);
	}
	if (c->lock_fd >= 0)
		close(c->lock_fd);
}

void trace_calibrate__run(const struct trace_calibrate_source *src, struct calibration *cal)
{
	const uint64_t begin = stop__now_ns();
	struct calibrator c;

	memset(cal, 0, sizeof(*cal));
	calibrator__init(&c, src);
	if (!c.err)
		seed(&c);
	src->globals->is_on = 1;
	if (!c.err)
		run_phases(&c, cal);
	src->globals->is_on = 0;
	if (c.err == -EBUSY)
		snprintf(cal->why, sizeof(cal->why), "another tool is calibrating");
	else if (c.err == -EIO)
		snprintf(cal->why, sizeof(cal->why), "not every run was recorded");
	else if (c.err)
		snprintf(cal->why, sizeof(cal->why), "no access to test functions: error %d",
			 -c.err);
	cal->nr_runs = c.nr_runs;
	calibrator__end(&c);
	cal->took_ns = stop__now_ns() - begin;
}
