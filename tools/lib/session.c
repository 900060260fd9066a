// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "harvest.h"
#include "host.h"
#include "regs.h"
#include "session.h"
#include "vgic_wire.h"
#include "access.skel.h"

/*
 * Default bounds. 16,384 cells are 1,000 vCPUs that touch 16 ranges each; a stage of a cell rarely
 * spans more than 4 octaves. The kernel memory is taken at once: session__map_bytes().
 */
#define DEFAULT_VCPUS 2048
#define DEFAULT_CELLS 16384
#define DEFAULT_BLOCKS 131072
#define MAX_CELLS 65535 /* slots refer to cells by 16 bits */

struct session {
	struct session_opts opts;
	uint64_t *vcpus; /* opts.vcpus, copied */
	struct plan *plan;
	struct access_bpf *skel;
	struct bpf_link **links; /* one per hook of the plan; NULL = not attached */
	struct harvest *harvest;
	struct sample *baseline; /* what was there when all was attached */
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

const char *session__error(void)
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

const struct plan *session__plan(const struct session *s)
{
	return s->plan;
}

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

static int skel__configure(struct access_bpf *skel, const struct session_opts *o)
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
		memcpy((void *)skel->rodata->targ_vcpus, o->vcpus, SESSION_MAX_VCPU_ID / 8);
	}
	skel->rodata->use_stages = o->stages;
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

/* Only what the plan uses is loaded: the rest may not even verify on this kernel. */
static int skel__select(struct access_bpf *skel, const struct plan *plan)
{
	struct bpf_program *prog;

	bpf_object__for_each_program (prog, skel->obj)
		bpf_program__set_autoload(prog, false);
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

static int session__load(struct session *s)
{
	int err;

	s->skel = access_bpf__open();
	if (!s->skel)
		return -errno;
	err = skel__configure(s->skel, &s->opts) ?: skel__select(s->skel, s->plan);
	if (err)
		return err;
	err = access_bpf__load(s->skel);
	if (err)
		return err;
	regs__fill_map(&s->skel->bss->range_map);
	return 0;
}

static int hook__attach(struct session *s, size_t i)
{
	const struct plan_hook *hook = &s->plan->hooks[i];
	struct bpf_program *prog;
	struct bpf_link *link;

	if (!hook->needed || !hook->program[0])
		return 0;
	prog = bpf_object__find_program_by_name(s->skel->obj, hook->program);
	link = hook->method == PLAN_KPROBE
		       ? bpf_program__attach_kprobe(prog, hook->at_exit, hook->function)
		       : bpf_program__attach_trace(prog);
	if (!link)
		return -errno;
	s->links[i] = link;
	return 0;
}

static void session__unload(struct session *s)
{
	for (size_t i = 0; s->links && i < s->plan->nr_hooks; i++) {
		bpf_link__destroy(s->links[i]);
		s->links[i] = NULL;
	}
	access_bpf__destroy(s->skel);
	s->skel = NULL;
}

/* Load and attach the plan; where it does not hold, *failed is the hook (or none: loading failed).
 */
static int session__try(struct session *s, struct plan_hook **failed)
{
	int err;

	*failed = NULL;
	err = session__load(s);
	for (size_t i = 0; !err && i < s->plan->nr_hooks; i++) {
		err = hook__attach(s, i);
		if (err)
			*failed = &s->plan->hooks[i];
	}
	if (err)
		session__unload(s);
	return err;
}

/* Functions that BTF does not know cannot be hooked by fentry; asking first spares failed loads. */
static int session__check_btf(struct session *s)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = 0;

	if (!btf)
		return fail(-ENOENT,
			    "cannot read the kernel's BTF (/sys/kernel/btf/vmlinux): %s; "
			    "a kernel with CONFIG_DEBUG_INFO_BTF is needed",
			    strerror(errno));
	for (size_t i = 0; i < s->plan->nr_hooks && !err; i++) {
		struct plan_hook *hook = &s->plan->hooks[i];

		if (hook->method == PLAN_FENTRY && hook->needed &&
		    btf__find_by_name_kind(btf, hook->function, BTF_KIND_FUNC) < 0)
			err = plan__fail(s->plan, hook, -ESRCH);
	}
	btf__free(btf);
	return err;
}

/* One step down the plan after a failed try. 0: try again. */
static int session__fall_back(struct session *s, struct plan_hook *failed, int err)
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
		if (!plan__fail(s->plan, failed, err))
			return 0;
		return fail(err, "cannot attach to %s: %s; vgic-info shows what was tried",
			    failed->function, failed->why);
	}
	if (plan__uses(s->plan, PLAN_FENTRY) &&
	    !plan__fail_method(s->plan, PLAN_FENTRY, "the programs do not load"))
		return 0;
	return fail(err, "cannot load the BPF programs: %s; -v shows why%s", strerror(-err),
		    geteuid() ? ", or try as root" : "");
}

static int session__attach(struct session *s)
{
	struct plan_hook *failed;
	int err = session__check_btf(s);

	while (!err) {
		err = session__try(s, &failed);
		if (!err)
			return 0;
		err = session__fall_back(s, failed, err);
	}
	return err;
}

static int session__init(struct session *s, const struct session_opts *opts)
{
	s->opts = *opts;
	libbpf_set_print(opts->verbose ? log_all : log_nothing);
	if (opts->vcpus) {
		s->vcpus = malloc(SESSION_MAX_VCPU_ID / 8);
		if (!s->vcpus)
			return -ENOMEM;
		memcpy(s->vcpus, opts->vcpus, SESSION_MAX_VCPU_ID / 8);
		s->opts.vcpus = s->vcpus;
	}
	s->plan = plan__new(opts->stages, opts->only_kprobes);
	if (!s->plan)
		return -ENOMEM;
	s->links = calloc(s->plan->nr_hooks, sizeof(*s->links));
	return s->links ? 0 : -ENOMEM;
}

static int session__start_harvest(struct session *s)
{
	struct harvest_source src = {
		.stages = s->opts.stages,
		.pid = s->opts.pid,
		.has_filter = s->opts.vcpus,
		.per_vcpu = s->opts.per_vcpu,
		.per_device = s->opts.per_device,
		.globals = &s->skel->bss->globals,
		.slots = s->skel->bss->slots,
		.max_vcpus = s->skel->rodata->use_max_vcpus,
		.max_cells = s->skel->rodata->use_max_cells,
		.max_blocks = s->skel->rodata->use_max_blocks,
		.vcpus_fd = bpf_map__fd(s->skel->maps.vcpus),
		.cells_fd = bpf_map__fd(s->skel->maps.cells),
		.blocks_fd = bpf_map__fd(s->skel->maps.blocks),
		.cell_index_fd = bpf_map__fd(s->skel->maps.cell_index),
		.free_vcpus_fd = bpf_map__fd(s->skel->maps.free_vcpus),
		.free_cells_fd = bpf_map__fd(s->skel->maps.free_cells),
		.free_blocks_fd = bpf_map__fd(s->skel->maps.free_blocks),
	};
	int err = harvest__new(&src, &s->harvest);

	if (err)
		return fail(err, "cannot map the BPF maps: %s", strerror(-err));
	err = harvest__sample(s->harvest, &s->baseline);
	if (err)
		return fail(err, "cannot read the BPF maps: %s", strerror(-err));
	return 0;
}

int session__open(const struct session_opts *opts, struct session **session)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	*session = NULL;
	error_text[0] = 0;
	err = s ? session__init(s, opts) : -ENOMEM;
	if (err)
		fail(err, "cannot start: %s", strerror(-err));
	if (!err)
		err = session__attach(s);
	if (!err)
		err = session__start_harvest(s);
	if (err) {
		session__close(s);
		return err;
	}
	malloc_trim(0); /* what reading the kernel's BTF took: more than all the rest */
	*session = s;
	return 0;
}

/* 0, or -EPERM where the kernel no longer lets us ask. */
static int session__recursion_misses(const struct session *s, uint64_t *misses)
{
	*misses = 0;

	for (size_t i = 0; i < s->plan->nr_hooks; i++) {
		const struct plan_hook *hook = &s->plan->hooks[i];
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);
		struct bpf_program *prog;

		if (!hook->needed || !hook->program[0])
			continue;
		prog = bpf_object__find_program_by_name(s->skel->obj, hook->program);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			return -errno;
		*misses += info.recursion_misses;
	}
	return 0;
}

int session__snapshot(struct session *s, struct sample **sample)
{
	struct sample *now;
	int err = harvest__sample(s->harvest, &now);

	if (err)
		return err;
	err = session__recursion_misses(s, &now->recursion_misses);
	if (!err) {
		*sample = sample__between(s->baseline, now);
		err = *sample ? 0 : -ENOMEM;
	}
	sample__free(now);
	return err;
}

void session__detach(struct session *s)
{
	for (size_t i = 0; i < s->plan->nr_hooks; i++) {
		bpf_link__destroy(s->links[i]);
		s->links[i] = NULL;
	}
	/*
	 * Waits for an RCU grace period: programs that were running have ended. Not to be had where
	 * CPUs run without ticks (nohz_full); there, longer than any program takes.
	 */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(20000);
}

size_t session__map_bytes(const struct session *s)
{
	struct bpf_map *map;
	size_t bytes = 0;

	bpf_object__for_each_map (map, s->skel->obj) {
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

void session__close(struct session *s)
{
	if (!s)
		return;
	harvest__free(s->harvest);
	sample__free(s->baseline);
	if (s->plan)
		session__unload(s);
	free(s->links);
	plan__free(s->plan);
	free(s->vcpus);
	free(s);
}
