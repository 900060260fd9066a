// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "calibrate.h"
#include "programs.h"
#include "regs.h"
#include "vgic_wire.h"
#include "access.skel.h"

/*
 * Default bounds. 16,384 cells are 1,000 vCPUs that touch 16 ranges each; a stage of a cell rarely
 * spans more than 4 octaves (with entry 0 the blocks are a power of two: one instruction less in
 * each lookup). The kernel memory is taken at once: programs__map_bytes(). Slots refer to cells by
 * 16 bits.
 */
#define DEFAULT_VCPUS 2048
#define DEFAULT_CELLS 16384
#define DEFAULT_BLOCKS 131071
#define MAX_CELLS 65535

struct programs {
	struct programs_opts opts;
	struct plan *plan;
	struct access_bpf *skel;
	struct bpf_link **links; /* one per hook of the plan; NULL = not attached */
	struct calibration calibration;
	bool can_calibrate;            /* the stand-ins load */
	struct calibrator *calibrator; /* to be finished */
};

static char error_text[512];

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
	return err;
}

const char *programs__error(void)
{
	return error_text;
}

/* libbpf speaks only when asked: a method that fails is no error as long as another one works. */
static int log_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

static int log_all(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	return vfprintf(stderr, fmt, ap);
}

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

static int skel__configure(struct access_bpf *skel, const struct programs_opts *o)
{
	uint32_t nr_lats = __builtin_popcount(o->stages);
	uint32_t max_vcpus = or_default(o->max_vcpus, DEFAULT_VCPUS) + 1;
	uint32_t max_cells = or_default(o->max_cells, DEFAULT_CELLS) + 1;
	uint32_t max_blocks = (o->stages ? or_default(o->max_blocks, DEFAULT_BLOCKS) : 0) + 1;

	if (max_cells > MAX_CELLS)
		max_cells = MAX_CELLS;
	skel->rodata->targ_pid = o->pid;
	if (o->vcpus) {
		skel->rodata->use_targ_vcpus = true;
		memcpy((void *)skel->rodata->targ_vcpus, o->vcpus, PROGRAMS_MAX_VCPU_ID / 8);
	}
	skel->rodata->use_stages = o->stages;
	skel->rodata->use_nr_lats = nr_lats;
	for (int i = 0, pos = 0; i < VGIC_NR_STAGES; i++)
		skel->rodata->use_lat_pos[i] = o->stages >> i & 1 ? pos++ : 0;
	skel->rodata->use_max_vcpus = max_vcpus;
	skel->rodata->use_max_cells = max_cells;
	skel->rodata->use_max_blocks = max_blocks;
	skel->bss->globals.nr_vcpus = 1; /* entry 0 of each pool means "none" */
	skel->bss->globals.nr_cells = 1;
	skel->bss->globals.nr_blocks = 1;

	return bpf_map__set_max_entries(skel->maps.vcpus, max_vcpus) ?:
	       bpf_map__set_max_entries(skel->maps.free_vcpus, max_vcpus) ?:
	       bpf_map__set_max_entries(skel->maps.cells, max_cells) ?:
	       bpf_map__set_value_size(skel->maps.cells, VGIC_CELL_SZ(nr_lats)) ?:
	       bpf_map__set_max_entries(skel->maps.cell_index, max_cells) ?:
	       bpf_map__set_max_entries(skel->maps.free_cells, max_cells) ?:
	       bpf_map__set_max_entries(skel->maps.blocks, max_blocks) ?:
	       bpf_map__set_max_entries(skel->maps.free_blocks, max_blocks);
}

/*
 * Only what the plan uses is loaded: the rest may not even verify on this kernel.
 */
static int skel__select(struct access_bpf *skel, const struct plan *plan, bool can_calibrate)
{
	struct bpf_program *prog;

	bpf_object__for_each_program (prog, skel->obj)
		bpf_program__set_autoload(
			prog, can_calibrate && calibrate__needs(plan, bpf_program__name(prog)));
	for (size_t i = 0; i < plan->nr_hooks; i++) {
		const struct plan_hook *hook = &plan->hooks[i];

		if (!hook->needed || !hook->program[0])
			continue;
		prog = bpf_object__find_program_by_name(skel->obj, hook->program);
		if (!prog)
			return -ENOENT;
		bpf_program__set_autoload(prog, true);
	}
	return 0;
}

static int programs__load(struct programs *p)
{
	int err;

	p->skel = access_bpf__open();
	if (!p->skel)
		return -errno;
	err = skel__configure(p->skel, &p->opts)
		      ?: skel__select(p->skel, p->plan, p->can_calibrate);
	if (err)
		return err;
	err = access_bpf__load(p->skel);
	if (err)
		return err;
	regs__fill_map(&p->skel->bss->range_map);
	return 0;
}

static void programs__finish_calibration(struct programs *p)
{
	calibrate__finish(p->calibrator);
	p->calibrator = NULL;
}

static void programs__unload(struct programs *p)
{
	programs__finish_calibration(p);
	for (size_t i = 0; p->links && i < p->plan->nr_hooks; i++) {
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
	access_bpf__destroy(p->skel);
	p->skel = NULL;
}

/* The same once more without the stand-ins, where the kernel has no test functions for them. */
static int programs__load_some(struct programs *p)
{
	int err = programs__load(p);

	if (!err || err == -ENOMEM || err == -EPERM || !p->can_calibrate)
		return err;
	programs__unload(p);
	p->can_calibrate = false;
	return programs__load(p);
}

static void programs__calibrate(struct programs *p)
{
	const struct calibrate_source src = {
		.object = p->skel->obj,
		.plan = p->plan,
		.slots = p->skel->bss->slots,
		.globals = &p->skel->bss->globals,
		.clock_ns = (uint64_t *)p->skel->bss->clock_ns,
		.cells_fd = bpf_map__fd(p->skel->maps.cells),
		.blocks_fd = bpf_map__fd(p->skel->maps.blocks),
	};

	if (p->can_calibrate)
		p->calibrator = calibrate__run(&src, &p->calibration);
	else
		snprintf(p->calibration.why, sizeof(p->calibration.why),
			 "programs for the kernel's test functions do not load");
}

static int hook__attach(struct programs *p, size_t i)
{
	const struct plan_hook *hook = &p->plan->hooks[i];
	struct bpf_program *prog;
	struct bpf_link *link;

	if (!hook->needed || !hook->program[0])
		return 0;
	prog = bpf_object__find_program_by_name(p->skel->obj, hook->program);
	link = hook->method == PLAN_KPROBE
		       ? bpf_program__attach_kprobe(prog, hook->at_exit, hook->function)
		       : bpf_program__attach_trace(prog);
	if (!link)
		return -errno;
	p->links[i] = link;
	return 0;
}

/*
 * Load, calibrate and attach the plan; where it does not hold, *failed is the hook (or none:
 * loading failed).
 */
static int programs__try(struct programs *p, struct plan_hook **failed)
{
	int err;

	*failed = NULL;
	p->can_calibrate = true;
	err = programs__load_some(p);
	if (!err)
		programs__calibrate(p);
	for (size_t i = 0; !err && i < p->plan->nr_hooks; i++) {
		err = hook__attach(p, i);
		if (err)
			*failed = &p->plan->hooks[i];
	}
	if (err)
		programs__unload(p);
	else
		programs__finish_calibration(p);
	return err;
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) >= 0;
}

/*
 * What the kernel has decides which of its functions are boundaries. Those that BTF does not know
 * cannot be hooked by fentry; asking first spares failed loads.
 */
static int programs__check_btf(struct programs *p)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = 0;

	if (!btf)
		return fail(-ENOENT,
			    "cannot read the kernel's BTF (/sys/kernel/btf/vmlinux): %s; "
			    "a kernel with CONFIG_DEBUG_INFO_BTF is needed",
			    strerror(errno));
	if (has_function(btf, "vgic_handle_mmio") && has_function(btf, "call_range_handler"))
		plan__set_vgic_ahead(p->plan);
	for (size_t i = 0; i < p->plan->nr_hooks && !err; i++) {
		struct plan_hook *hook = &p->plan->hooks[i];

		if (hook->method == PLAN_FENTRY && hook->needed &&
		    !has_function(btf, hook->function))
			err = plan__fail(p->plan, hook, -ESRCH);
	}
	btf__free(btf);
	return err;
}

/* One step down the plan after a failed try. 0: try again. */
static int programs__fall_back(struct programs *p, struct plan_hook *failed, int err)
{
	if (err == -ENOMEM)
		return fail(err, "cannot load the BPF programs: no memory for the maps; "
				 "--max-cells and --max-blocks make them smaller");
	if (err == -EPERM)
		return fail(err,
			    "cannot load or attach the BPF programs: %s; root, or CAP_BPF and "
			    "CAP_PERFMON, are needed, and no kernel lockdown",
			    strerror(-err));
	if (failed) {
		if (!plan__fail(p->plan, failed, err))
			return 0;
		return fail(err, "cannot attach to %s: %s; vgic-info shows what was tried",
			    failed->function, failed->why);
	}
	if (plan__uses(p->plan, PLAN_FENTRY) &&
	    !plan__fail_method(p->plan, PLAN_FENTRY, "the programs do not load"))
		return 0;
	return fail(err, "cannot load the BPF programs: %s; -v shows why%s", strerror(-err),
		    geteuid() ? ", or try as root" : "");
}

static int programs__attach(struct programs *p)
{
	struct plan_hook *failed;
	int err = programs__check_btf(p);

	while (!err) {
		err = programs__try(p, &failed);
		if (!err)
			return 0;
		err = programs__fall_back(p, failed, err);
	}
	return err;
}

int programs__open(const struct programs_opts *opts, struct programs **programs)
{
	struct programs *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	*programs = NULL;
	error_text[0] = 0;
	libbpf_set_print(opts->verbose ? log_all : log_nothing);
	if (p) {
		p->opts = *opts;
		p->plan = plan__new(opts->stages, opts->only_kprobes);
	}
	if (p && p->plan)
		p->links = calloc(p->plan->nr_hooks, sizeof(*p->links));
	if (p && p->links)
		err = programs__attach(p);
	else
		fail(err, "cannot start: %s", strerror(-err));
	if (err) {
		programs__close(p);
		return err;
	}
	*programs = p;
	return 0;
}

/* Of all hooks, or only of those that accesses to the VGIC pay for. */
static void programs__destroy_links(struct programs *p, bool only_costly)
{
	for (size_t i = 0; i < p->plan->nr_hooks; i++) {
		if (only_costly && !p->plan->hooks[i].is_costly)
			continue;
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
	/*
	 * Waits for an RCU grace period: programs that were running have ended. Not to be had where
	 * CPUs run without ticks (nohz_full); there, longer than any program takes.
	 */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(20000);
}

void programs__detach(struct programs *p)
{
	programs__destroy_links(p, false);
}

void programs__pause(struct programs *p)
{
	programs__destroy_links(p, true);
	/* Nobody will see the end of what is in flight. */
	for (size_t i = 0; i < VGIC_NR_SLOTS; i++) {
		struct vgic_slot *slot = &p->skel->bss->slots[i];

		slot->t_bus = slot->dev = slot->addr = 0;
		slot->cell = 0;
	}
}

int programs__resume(struct programs *p)
{
	int err = 0;

	for (size_t i = 0; !err && i < p->plan->nr_hooks; i++)
		if (!p->links[i])
			err = hook__attach(p, i);
	return err;
}

void programs__close(struct programs *p)
{
	if (!p)
		return;
	if (p->plan)
		programs__unload(p);
	free(p->links);
	plan__free(p->plan);
	free(p);
}

const struct plan *programs__plan(const struct programs *p)
{
	return p->plan;
}

const struct calibration *programs__calibration(const struct programs *p)
{
	return &p->calibration;
}

void programs__maps(const struct programs *p, struct harvest_source *src)
{
	src->stages = p->opts.stages;
	src->pid = p->opts.pid;
	src->has_filter = p->opts.vcpus;
	src->globals = &p->skel->bss->globals;
	src->slots = p->skel->bss->slots;
	src->max_vcpus = p->skel->rodata->use_max_vcpus;
	src->max_cells = p->skel->rodata->use_max_cells;
	src->max_blocks = p->skel->rodata->use_max_blocks;
	src->vcpus_fd = bpf_map__fd(p->skel->maps.vcpus);
	src->cells_fd = bpf_map__fd(p->skel->maps.cells);
	src->blocks_fd = bpf_map__fd(p->skel->maps.blocks);
	src->cell_index_fd = bpf_map__fd(p->skel->maps.cell_index);
	src->free_vcpus_fd = bpf_map__fd(p->skel->maps.free_vcpus);
	src->free_cells_fd = bpf_map__fd(p->skel->maps.free_cells);
	src->free_blocks_fd = bpf_map__fd(p->skel->maps.free_blocks);
}

int programs__recursion_misses(const struct programs *p, uint64_t *misses)
{
	*misses = 0;

	for (size_t i = 0; i < p->plan->nr_hooks; i++) {
		const struct plan_hook *hook = &p->plan->hooks[i];
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);
		struct bpf_program *prog;

		if (!hook->needed || !hook->program[0])
			continue;
		prog = bpf_object__find_program_by_name(p->skel->obj, hook->program);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			return -errno;
		*misses += info.recursion_misses;
	}
	return 0;
}

size_t programs__map_bytes(const struct programs *p)
{
	struct bpf_map *map;
	size_t bytes = 0;

	bpf_object__for_each_map (map, p->skel->obj) {
		char path[64], line[128];
		unsigned long v;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(map));
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "memlock: %lu", &v) == 1)
				bytes += v;
		if (f)
			fclose(f);
	}
	return bytes;
}
