// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The method. The kernel calls bpf_fentry_test3, 4, ... 8 one after the other. With the stand-in of
 * T2 on test4 and those of T4 and T6 on test5, the stages measured are the hooks' own share plus
 * the little that really lies between: from function to function a "step" (return, comparison,
 * arguments, call), from entry to return about half of one. Clocks in test3 and test8 tell how much
 * longer the way is with the stand-ins on it; a third one, in test7, how long four steps are.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "calibrate.h"
#include "shares.h"
#include "stop.h"

#define MIN_BATCHES 8
#define MAX_BAD_BATCHES 8
#define BATCH_RUNS 25
#define PHASE_NS 15000000 /* how long a phase may take, beyond its first batches */
#define CELL 1
/* Two calibrations at a time would measure each other: a file that every kernel with BTF has. */
#define LOCK_FILE "/sys/kernel/btf/vmlinux"
#define LOCK_TRIES 1000 /* of 10 ms */

/*
 * In the order of attaching, which is the plan's: what shares a function runs in an order that
 * depends on it (a kprobe after the kretprobe's entry, or before it).
 */
enum role { CLOCK_3, CLOCK_8, BUS_EXIT, DEV_EXIT, REGION, DEV_ENTRY, T2, CLOCK_7, NR_ROLES };
#define ROLE(role) (1u << (role))
#define CLOCKS (ROLE(CLOCK_3) | ROLE(CLOCK_8))
#define ACCESS (CLOCKS | ROLE(T2) | ROLE(DEV_ENTRY) | ROLE(DEV_EXIT) | ROLE(BUS_EXIT))

/* By the program of the plan that it stands for; with the same suffix, where that has one (_l, _d).
 */
static const struct stand_in {
	const char *program, *name, *function;
	enum role role;
} stand_ins[] = {
	/* Before those of the bus: where there are both, accesses to the VGIC go this way. */
	{ "fe_ahead", "ce_ahead", "bpf_fentry_test4", T2 },
	{ "fe_range", "ce_range", "bpf_fentry_test5", DEV_ENTRY },
	{ "fc_range", "cc_range", "bpf_fentry_test5", DEV_ENTRY },
	{ "fx_range", "cx_range", "bpf_fentry_test5", DEV_EXIT },
	{ "fx_ahead", "cx_ahead", "bpf_fentry_test6", BUS_EXIT },
	{ "kp_ahead", "cp_ahead", "bpf_fentry_test4", T2 },
	{ "kp_range", "cp_range", "bpf_fentry_test5", DEV_ENTRY },
	{ "kc_range", "ck_range", "bpf_fentry_test5", DEV_ENTRY },
	{ "kr_range", "cr_range", "bpf_fentry_test5", DEV_EXIT },
	{ "kr_ahead", "cr_ahead", "bpf_fentry_test6", BUS_EXIT },
	{ "fe_bus_read", "ce_bus", "bpf_fentry_test4", T2 },
	{ "fe_dev_read", "ce_dev", "bpf_fentry_test5", DEV_ENTRY },
	{ "fc_dev_read", "cc_dev", "bpf_fentry_test5", DEV_ENTRY },
	{ "fx_dev_read", "cx_dev", "bpf_fentry_test5", DEV_EXIT },
	{ "fx_region", "cx_region", "bpf_fentry_test6", REGION },
	{ "fx_bus_read", "cx_bus", "bpf_fentry_test6", BUS_EXIT },
	{ "fx_end_read", "cx_end", "bpf_fentry_test4", BUS_EXIT },
	{ "fe_vcpu_free", "ce_clock3", "bpf_fentry_test3", CLOCK_3 },
	{ "fe_vcpu_free", "ce_clock7", "bpf_fentry_test7", CLOCK_7 },
	{ "fe_vcpu_free", "ce_clock8", "bpf_fentry_test8", CLOCK_8 },
	{ "kp_bus_read", "cp_bus", "bpf_fentry_test4", T2 },
	{ "kp_dev_read", "cp_dev", "bpf_fentry_test5", DEV_ENTRY },
	{ "kc_dev_read", "ck_dev", "bpf_fentry_test5", DEV_ENTRY },
	{ "kr_dev_read", "cr_dev", "bpf_fentry_test5", DEV_EXIT },
	{ "kr_region", "cr_region", "bpf_fentry_test6", REGION },
	{ "kr_bus_read", "cr_bus", "bpf_fentry_test6", BUS_EXIT },
	{ "kr_end_read", "cr_end", "bpf_fentry_test4", BUS_EXIT },
	{ "kp_vcpu_free", "cp_clock3", "bpf_fentry_test3", CLOCK_3 },
	{ "kp_vcpu_free", "cp_clock7", "bpf_fentry_test7", CLOCK_7 },
	{ "kp_vcpu_free", "cp_clock8", "bpf_fentry_test8", CLOCK_8 },
};
#define NR_STAND_INS (sizeof(stand_ins) / sizeof(stand_ins[0]))
#define RUNNER "cal_run"
#define NAME_SZ 32

struct calibrator {
	struct calibrate_source src;
	struct bpf_link *links[NR_ROLES];
	struct vgic_cell *cell; /* as last read */
	size_t cell_sz;
	int runner_fd, lock_fd;
	uint32_t nr_runs;
	int err; /* of the first thing that failed */
};

/* The stand-in's program for @hook; false: it stands for another one. */
static bool stand_in__program(const struct stand_in *s, const struct plan_hook *hook,
			      char name[NAME_SZ])
{
	size_t len = strlen(s->program);

	if (!hook->needed || strncmp(hook->program, s->program, len))
		return false;
	snprintf(name, NAME_SZ, "%s%s", s->name, hook->program + len);
	return true;
}

/* The stand-in for @role in @plan, its program, and the hook it stands for; NULL: there is none. */
static const struct stand_in *find_stand_in(const struct plan *plan, enum role role,
					    char name[NAME_SZ], const struct plan_hook **hook)
{
	for (size_t j = 0; j < NR_STAND_INS; j++)
		for (size_t i = 0; i < plan->nr_hooks; i++) {
			*hook = &plan->hooks[i];
			if (stand_ins[j].role == role &&
			    stand_in__program(&stand_ins[j], *hook, name))
				return &stand_ins[j];
		}
	return NULL;
}

static bool has_role(const struct plan *plan, enum role role)
{
	const struct plan_hook *hook;
	char name[NAME_SZ];

	return find_stand_in(plan, role, name, &hook);
}

bool calibrate__needs(const struct plan *plan, const char *program)
{
	const struct plan_hook *hook;
	char name[NAME_SZ];

	for (int role = 0; role < NR_ROLES; role++)
		if (find_stand_in(plan, role, name, &hook) && !strcmp(name, program))
			return true;
	return !strcmp(program, RUNNER);
}

static void seed_cell(struct calibrator *c)
{
	uint32_t no = CELL;

	for (int i = 0; i < __builtin_popcount(c->src.plan->stages); i++)
		memset(c->cell->lats[i].block, 0xff, sizeof(c->cell->lats[i].block));
	if (bpf_map_update_elem(c->src.cells_fd, &no, c->cell, BPF_ANY))
		c->err = -errno;
}

/* A slot and a cell as an access leaves them that was made before. */
static void seed(struct calibrator *c)
{
	const struct calibrate_source *src = &c->src;
	struct vgic_slot *slot = &src->slots[0]; /* where VGIC_CAL_VCPU is looked for */
	const size_t at = VGIC_RECENT_AT(VGIC_CAL_ADDR) / sizeof(struct vgic_recent);
	uint32_t no = CELL;

	/* T7 finds the cell by the number that T6 read in it. */
	if (!bpf_map_lookup_elem(src->cells_fd, &no, c->cell)) {
		c->cell->no = CELL;
		bpf_map_update_elem(src->cells_fd, &no, c->cell, BPF_ANY);
	}
	memset(slot, 0, sizeof(*slot));
	slot->kind = VGIC_NO_KIND;
	slot->no = 1;
	slot->addr = VGIC_CAL_ADDR;
	slot->recent[VGIC_READ][at].addr = VGIC_CAL_ADDR;
	slot->recent[VGIC_READ][at].cell = CELL;
	slot->vcpu = VGIC_CAL_VCPU;
	src->globals->nr_cells = CELL + 1;
}

/* Nothing of it shall show up in a sample. */
static void clean_up(struct calibrator *c)
{
	const struct calibrate_source *src = &c->src;
	struct vgic_block empty = { 0 };
	uint32_t no = CELL;

	/* Whoever else runs the test functions meanwhile shall find a vCPU that is not traced. */
	memset(&src->slots[0], 0, sizeof(src->slots[0]));
	src->slots[0].vcpu = VGIC_CAL_VCPU + VGIC_SLOT_UNTRACED;
	src->globals->nr_cells = 1;
	memset(c->cell, 0, c->cell_sz);
	bpf_map_update_elem(src->cells_fd, &no, c->cell, BPF_ANY);
	for (no = 1; no < src->globals->nr_blocks; no++)
		bpf_map_update_elem(src->blocks_fd, &no, &empty, BPF_ANY);
	src->globals->nr_blocks = 1;
	memset(src->globals->lost, 0, sizeof(src->globals->lost));
}

static void detach(struct calibrator *c, enum role role)
{
	bpf_link__destroy(c->links[role]);
	c->links[role] = NULL;
}

static void attach(struct calibrator *c, enum role role)
{
	const struct plan_hook *hook;
	const struct stand_in *s;
	struct bpf_program *prog;
	char name[NAME_SZ];

	s = find_stand_in(c->src.plan, role, name, &hook);
	if (!s)
		return;
	prog = bpf_object__find_program_by_name(c->src.object, name);
	if (!prog) {
		c->err = -ENOENT;
		return;
	}
	c->links[role] = hook->method == PLAN_KPROBE
				 ? bpf_program__attach_kprobe(prog, hook->at_exit, s->function)
				 : bpf_program__attach_trace(prog);
	if (!c->links[role])
		c->err = -errno;
}

/* Leaves alone what is attached already. */
static void arrange(struct calibrator *c, uint32_t roles)
{
	for (int role = 0; role < NR_ROLES && !c->err; role++) {
		if (roles & ROLE(role) && !c->links[role])
			attach(c, role);
		else if (!(roles & ROLE(role)))
			detach(c, role);
	}
}

/* Adds, with @sign, what the cell holds to the batch's means. Returns how many accesses it counts.
 */
static uint64_t add_stages(struct calibrator *c, struct batch *b, double sign)
{
	unsigned int pos = 0;
	uint32_t no = CELL;

	if (bpf_map_lookup_elem(c->src.cells_fd, &no, c->cell))
		c->err = -errno;
	for (int stage = 0; stage < VGIC_NR_STAGES; stage++)
		if (c->src.plan->stages >> stage & 1)
			b->ns[stage] += sign * c->cell->lats[pos++].sum_ns / BATCH_RUNS;
	return c->cell->count - c->cell->nr_untimed;
}

static double apart(uint64_t later, uint64_t earlier)
{
	return (double)(int64_t)(later - earlier) / BATCH_RUNS;
}

/* Whether what is attached counts an access in each run. */
static bool is_counting(const struct calibrator *c)
{
	return c->links[DEV_EXIT] || c->links[BUS_EXIT] ||
	       (!c->src.plan->stages && c->links[DEV_ENTRY]);
}

/*
 * Runs the test functions. A varying pause before each keeps the runs from falling into step with
 * the clock's tick, which would round all of them alike. False: not all of it was recorded.
 */
static bool run_batch(struct calibrator *c, struct batch *b)
{
	struct vgic_slot *slot = &c->src.slots[0];
	uint64_t nr;

	memset(b, 0, sizeof(*b));
	nr = add_stages(c, b, -1);
	for (unsigned int i = 0; i < BATCH_RUNS && !c->err; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts);

		for (unsigned int pause = i * 7 % 17 * 4; pause; pause--)
			asm volatile("");
		slot->dev = 0;
		if (bpf_prog_test_run_opts(c->runner_fd, &opts))
			c->err = -errno;
		b->ns[TO_REGION] += apart(slot->t_reg, slot->t_dev);
		b->ns[FAR] += apart(c->src.clock_ns[2], c->src.clock_ns[0]);
		b->ns[NEAR] += apart(c->src.clock_ns[2], c->src.clock_ns[1]);
	}
	nr = add_stages(c, b, 1) - nr;
	c->nr_runs += BATCH_RUNS;
	return nr == (is_counting(c) ? BATCH_RUNS : 0) && !c->src.globals->lost[VGIC_LOST_NO_BLOCK];
}

static void run_phase(struct calibrator *c, struct phase *p, uint32_t roles)
{
	struct batch batches[PHASE_MAX_BATCHES];
	size_t nr = 0, nr_bad = 0;
	uint64_t begin;

	memset(p, 0, sizeof(*p));
	seed(c);
	arrange(c, roles);
	/* The first one fills caches, and makes the histograms. */
	if (!c->err)
		run_batch(c, &batches[0]);
	begin = stop__now_ns();
	while (!c->err && nr < PHASE_MAX_BATCHES &&
	       (nr < MIN_BATCHES || stop__now_ns() - begin < PHASE_NS)) {
		if (run_batch(c, &batches[nr]))
			nr++;
		else if (++nr_bad > MAX_BAD_BATCHES)
			c->err = -EIO;
	}
	if (!c->err)
		phase__summarize(p, batches, nr);
}

/* What the arithmetic wants to know, and no more: each phase takes its time. */
static void run_phases(struct calibrator *c, struct phases *p)
{
	const struct plan *plan = c->src.plan;

	p->stages = plan->stages;
	p->by_kprobes = plan__uses(plan, PLAN_KPROBE);
	p->has_tracepoints = plan__uses(plan, PLAN_TRACEPOINT);
	p->has_region = plan->stages && has_role(plan, REGION);
	p->has_bus_exit = plan->stages && has_role(plan, BUS_EXIT);
	p->has_bus_alone = p->has_bus_exit && !has_role(plan, DEV_EXIT);
	run_phase(c, &p->bare, CLOCKS);
	run_phase(c, &p->access, ACCESS);
	if (plan->stages)
		run_phase(c, &p->near, ACCESS | ROLE(CLOCK_7));
	/* Alone on its function, as it is in the VGIC: T7's stand-in has the same one. */
	if (p->has_region)
		run_phase(c, &p->region, CLOCKS | ROLE(REGION));
	/* T6 would clear what T5 looks for, so T4 stands alone there. */
	if (p->has_region && !p->by_kprobes)
		run_phase(c, &p->split, CLOCKS | ROLE(DEV_ENTRY) | ROLE(REGION));
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

static void calibrator__init(struct calibrator *c, const struct calibrate_source *src)
{
	struct bpf_program *runner = bpf_object__find_program_by_name(src->object, RUNNER);

	c->src = *src;
	c->runner_fd = runner ? bpf_program__fd(runner) : -ENOENT;
	c->cell_sz = VGIC_CELL_SZ(__builtin_popcount(src->plan->stages));
	c->cell = calloc(1, c->cell_sz);
	c->lock_fd = take_lock();
	c->err = !c->cell           ? -ENOMEM
		 : c->runner_fd < 0 ? c->runner_fd
		 : c->lock_fd < 0   ? c->lock_fd
				    : 0;
}

struct calibrator *calibrate__run(const struct calibrate_source *src, struct calibration *cal)
{
	struct calibrator *c = calloc(1, sizeof(*c));
	uint64_t begin = stop__now_ns();
	struct phases phases = { 0 };

	memset(cal, 0, sizeof(*cal));
	if (!c) {
		snprintf(cal->why, sizeof(cal->why), "no memory");
		return NULL;
	}
	calibrator__init(c, src);
	if (!c->err)
		seed_cell(c);
	if (!c->err) {
		run_phases(c, &phases);
		clean_up(c);
	}
	if (!c->err) {
		shares__work_out(&phases, cal);
	} else {
		if (c->lock_fd == -EBUSY)
			snprintf(cal->why, sizeof(cal->why), "another tool is calibrating");
		else if (c->err == -EIO)
			snprintf(cal->why, sizeof(cal->why), "not every run was recorded");
		else
			snprintf(cal->why, sizeof(cal->why),
				 "no access to test functions: error %d", -c->err);
	}
	cal->nr_runs = c->nr_runs;
	cal->took_ns = stop__now_ns() - begin;
	return c;
}

void calibrate__finish(struct calibrator *c)
{
	if (!c)
		return;
	for (int role = 0; role < NR_ROLES; role++)
		detach(c, role);
	/* Not free: a vCPU may have been put behind it. */
	if (c->src.slots[0].vcpu == VGIC_CAL_VCPU + VGIC_SLOT_UNTRACED)
		c->src.slots[0].vcpu = VGIC_SLOT_DEAD;
	if (c->lock_fd >= 0)
		close(c->lock_fd);
	free(c->cell);
	free(c);
}
