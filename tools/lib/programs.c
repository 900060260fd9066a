// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "attach.h"
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
	struct attach attach;
	struct access_bpf *skel;
	struct calibration calibration;
	bool can_calibrate;            /* the stand-ins load */
	struct calibrator *calibrator; /* to be finished */
};

const char *programs__error(void)
{
	return attach__error();
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

/* The calibration's own programs, beside what the plan uses. */
static bool is_stand_in(const struct attach *a, const char *program)
{
	const struct programs *p = a->arg;

	return p->can_calibrate && calibrate__needs(a->plan, program);
}

static int programs__load(struct programs *p)
{
	int err;

	p->skel = access_bpf__open();
	if (!p->skel)
		return -errno;
	p->attach.object = p->skel->obj;
	err = skel__configure(p->skel, &p->opts) ?: attach__select(&p->attach, is_stand_in);
	if (err)
		return err;
	err = access_bpf__load(p->skel);
	if (err)
		return err;
	regs__fill_map(&p->skel->bss->range_map);
	return 0;
}

static void finish_calibration(struct attach *a)
{
	struct programs *p = a->arg;

	calibrate__finish(p->calibrator);
	p->calibrator = NULL;
}

static void unload(struct attach *a)
{
	struct programs *p = a->arg;

	finish_calibration(a);
	access_bpf__destroy(p->skel);
	p->skel = NULL;
}

/* Once more without the stand-ins, where the kernel has no test functions for them. */
static int load(struct attach *a)
{
	struct programs *p = a->arg;
	int err;

	p->can_calibrate = true;
	err = programs__load(p);
	if (!err || err == -ENOMEM || err == -EPERM)
		return err;
	unload(a);
	p->can_calibrate = false;
	return programs__load(p);
}

static void calibrate(struct attach *a)
{
	struct programs *p = a->arg;
	const struct calibrate_source src = {
		.object = p->skel->obj,
		.plan = a->plan,
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

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) >= 0;
}

/* What the kernel has decides which of its functions are boundaries. */
static void set_boundaries(struct attach *a, const struct btf *btf)
{
	if (has_function(btf, "vgic_handle_mmio") && has_function(btf, "call_range_handler"))
		plan__set_vgic_ahead(a->plan);
}

int programs__open(const struct programs_opts *opts, struct programs **programs)
{
	struct programs *p = calloc(1, sizeof(*p));
	int err;

	*programs = NULL;
	if (!p)
		return attach__run(&(struct attach){ .plan = NULL }); /* says so */
	p->opts = *opts;
	p->attach = (struct attach){
		.plan = plan__new(opts->stages, opts->only_kprobes),
		.verbose = opts->verbose,
		.load = load,
		.unload = unload,
		.has_types = set_boundaries,
		.loaded = calibrate,
		.attached = finish_calibration,
		.less_memory = "; --max-cells and --max-blocks make them smaller",
		.arg = p,
	};
	err = attach__run(&p->attach);
	if (err) {
		programs__close(p);
		return err;
	}
	*programs = p;
	return 0;
}

void programs__detach(struct programs *p)
{
	attach__detach(&p->attach);
}

void programs__pause(struct programs *p)
{
	attach__pause(&p->attach);
	/* Nobody will see the end of what is in flight. */
	for (size_t i = 0; i < VGIC_NR_SLOTS; i++) {
		struct vgic_slot *slot = &p->skel->bss->slots[i];

		slot->t_bus = slot->dev = slot->addr = 0;
		slot->cell = 0;
	}
}

int programs__resume(struct programs *p)
{
	return attach__resume(&p->attach);
}

void programs__close(struct programs *p)
{
	if (!p)
		return;
	attach__end(&p->attach);
	plan__free(p->attach.plan);
	free(p);
}

const struct plan *programs__plan(const struct programs *p)
{
	return p->attach.plan;
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
	return attach__recursion_misses(&p->attach, misses);
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
