// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "harvest.h"
#include "host.h"
#include "regs.h"

/* A VM's name is asked for once, while its VMM most likely still lives. */
struct vm_name {
	uint64_t kvm;
	uint32_t pid;
	char id[32];
	char name[SAMPLE_NAME_SZ];
};

struct harvest {
	struct harvest_source src;
	struct vgic_vcpu *vcpus;
	char *cells;		/* cell_sz bytes each */
	size_t cell_sz;
	struct vgic_block *blocks;
	uint32_t nr_lats;	/* per cell */
	bool *dead;		/* by vCPU record: died before this harvest began */
	struct sample *retired;	/* what dead VMs left, taken out of the maps */
	struct vm_name *names;
	size_t nr_names;
};

static size_t map_size(uint32_t entries, size_t entry)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (entries * entry + page - 1) / page * page;
}

static int map_open(int fd, uint32_t entries, size_t entry, void *ptr)
{
	void *p = mmap(NULL, map_size(entries, entry), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	*(void **)ptr = p;
	return 0;
}

static void map_close(void *p, uint32_t entries, size_t entry)
{
	if (p)
		munmap(p, map_size(entries, entry));
}

static struct vgic_cell *cell_at(const struct harvest *h, uint32_t no)
{
	return (struct vgic_cell *)(h->cells + no * h->cell_sz);
}

int harvest__new(const struct harvest_source *src, struct harvest **harvest)
{
	struct harvest *h = calloc(1, sizeof(*h));
	int err;

	*harvest = NULL;
	if (!h)
		return -ENOMEM;
	h->src = *src;
	h->nr_lats = __builtin_popcount(src->stages);
	h->cell_sz = VGIC_CELL_SZ(h->nr_lats);
	h->dead = calloc(src->max_vcpus, sizeof(*h->dead));
	h->retired = sample__new();
	err = h->dead && h->retired ? 0 : -ENOMEM;
	if (!err)
		h->retired->has_kvm_exits = true; /* nothing to add to the living sample's */
	err = err ?: map_open(src->vcpus_fd, src->max_vcpus, sizeof(*h->vcpus), &h->vcpus);
	err = err ?: map_open(src->cells_fd, src->max_cells, h->cell_sz, &h->cells);
	err = err ?: map_open(src->blocks_fd, src->max_blocks, sizeof(*h->blocks), &h->blocks);
	if (err) {
		harvest__free(h);
		return err;
	}
	*harvest = h;
	return 0;
}

void harvest__free(struct harvest *h)
{
	if (!h)
		return;
	map_close(h->vcpus, h->src.max_vcpus, sizeof(*h->vcpus));
	map_close(h->cells, h->src.max_cells, h->cell_sz);
	map_close(h->blocks, h->src.max_blocks, sizeof(*h->blocks));
	sample__free(h->retired);
	free(h->names);
	free(h->dead);
	free(h);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint32_t used(uint32_t taken, uint32_t max)
{
	return taken < max ? taken : max;
}

/* A VM without a debugfs name is numbered among its VMM's. */
static void vm_name__fill(const struct harvest *h, struct vm_name *n, const struct vgic_vcpu *v)
{
	unsigned int nr = 1;

	n->kvm = v->kvm;
	n->pid = v->pid;
	for (size_t i = 0; i < h->nr_names; i++)
		nr += h->names[i].pid == v->pid;
	if (v->name[0])
		snprintf(n->id, sizeof(n->id), "%.*s", VGIC_NAME_SZ, v->name);
	else
		snprintf(n->id, sizeof(n->id), "%u-vm%u", v->pid, nr);
	host__vm_name(v->pid, n->name, sizeof(n->name));
	if (!strcmp(n->name, "?") && v->comm[0])
		snprintf(n->name, sizeof(n->name), "%.*s", (int)sizeof(v->comm), v->comm);
}

static const struct vm_name *vm_name__get(struct harvest *h, const struct vgic_vcpu *v)
{
	struct vm_name *names;

	for (size_t i = h->nr_names; i-- > 0;) {
		const struct vm_name *n = &h->names[i];

		if (n->kvm == v->kvm && n->pid == v->pid &&
		    (!v->name[0] || !strncmp(n->id, v->name, VGIC_NAME_SZ)))
			return n;
	}
	names = realloc(h->names, (h->nr_names + 1) * sizeof(*names));
	if (!names)
		return NULL;
	h->names = names;
	vm_name__fill(h, &names[h->nr_names], v);
	return &names[h->nr_names++];
}

static int add_vm(struct harvest *h, struct sample *s, const struct vgic_vcpu *v, bool alive,
		  uint32_t *index)
{
	const struct vm_name *n = vm_name__get(h, v);
	struct sample_vm *vm = n ? sample__vm(s, n->id) : NULL;

	if (!vm)
		return -ENOMEM;
	snprintf(vm->name, sizeof(vm->name), "%s", n->name);
	vm->pid = v->pid;
	vm->model = v->model;
	vm->alive |= alive;
	if (v->vcpu_id >= vm->nr_vcpus)
		vm->nr_vcpus = v->vcpu_id + 1;
	*index = vm - s->vms;
	return 0;
}

static int add_lat(struct harvest *h, struct lat *to, const struct vgic_lat *from)
{
	uint64_t before = to->count, min = ~from->min_inv_ns;
	int err;

	for (unsigned int o = 0; o < VGIC_NR_OCTAVES; o++) {
		uint32_t b = from->block[o];

		if (!b || b >= h->src.max_blocks)
			continue;
		for (unsigned int i = 0; i < VGIC_NR_SUBS; i++) {
			uint64_t n = *(volatile __u64 *)&h->blocks[b].count[i];

			err = n ? lat__add_bucket(to, o * VGIC_NR_SUBS + i, n) : 0;
			if (err)
				return err;
		}
	}
	if (to->count == before)
		return 0;
	to->sum_ns += from->sum_ns;
	if (!before || min < to->min_ns)
		to->min_ns = min;
	if (from->max_ns > to->max_ns)
		to->max_ns = from->max_ns;
	return 0;
}

static int add_cell(struct harvest *h, struct sample *s, uint32_t no)
{
	const struct vgic_cell *c = cell_at(h, no);
	const struct vgic_vcpu *v = &h->vcpus[c->key.vcpu];
	bool by_address = kind__by_address(c->key.kind);
	struct sample_key key = {
		.vcpu = h->src.per_vcpu ? v->vcpu_id : SAMPLE_ALL,
		.target = h->src.per_device ? c->target : SAMPLE_ALL,
		.kind = c->key.kind,
		.range = c->key.range,
		.op = c->key.op,
		.base = h->src.per_device || by_address ? c->base : 0,
	};
	struct sample_series *series;
	unsigned int pos = 0;
	int err;

	err = add_vm(h, s, v, !h->dead[c->key.vcpu], &key.vm);
	if (err)
		return err;
	series = sample__series(s, &key);
	if (!series)
		return -ENOMEM;
	series->count += c->count;
	series->nr_untimed += c->nr_untimed;
	for (unsigned int stage = 0; stage < VGIC_NR_STAGES && !err; stage++)
		if (h->src.stages >> stage & 1)
			err = add_lat(h, &series->lat[stage], &c->lats[pos++]);
	return err;
}

/* Gives the blocks, lats and cell back. Nothing writes to them: their vCPU is gone. */
static void recycle_cell(struct harvest *h, uint32_t no)
{
	struct vgic_cell *c = cell_at(h, no);

	bpf_map_delete_elem(h->src.cell_index_fd, &c->key);
	for (unsigned int i = 0; i < h->nr_lats; i++) {
		struct vgic_lat *lat = &c->lats[i];

		for (unsigned int o = 0; o < VGIC_NR_OCTAVES; o++) {
			uint32_t b = lat->block[o];

			if (!b || b >= h->src.max_blocks)
				continue;
			memset(&h->blocks[b], 0, sizeof(h->blocks[b]));
			bpf_map_update_elem(h->src.free_blocks_fd, NULL, &b, BPF_ANY);
		}
	}
	memset(c, 0, h->cell_sz);
	bpf_map_update_elem(h->src.free_cells_fd, NULL, &no, BPF_ANY);
}

static int harvest__cells(struct harvest *h, struct sample *s)
{
	uint32_t nr = used(h->src.globals->nr_cells, h->src.max_cells);

	for (uint32_t no = 1; no < nr; no++) {
		uint32_t vcpu = *(volatile __u32 *)&cell_at(h, no)->key.vcpu;
		int err;

		if (!vcpu || vcpu >= h->src.max_vcpus)
			continue;
		err = add_cell(h, h->dead[vcpu] ? h->retired : s, no);
		if (err)
			return err;
		if (h->dead[vcpu])
			recycle_cell(h, no);
	}
	return 0;
}

/* Which vCPUs are dead is decided once, before their cells are read. */
static int harvest__vcpus(struct harvest *h, struct sample *s, uint32_t nr)
{
	uint32_t index;
	int err = 0;

	for (uint32_t no = 1; no < nr && !err; no++) {
		const struct vgic_vcpu *v = &h->vcpus[no];
		bool alive = *(volatile __u32 *)&v->alive;

		h->dead[no] = v->kvm && v->pid && !alive;
		if (alive)
			err = add_vm(h, s, v, true, &index);
		else if (h->dead[no])
			err = add_vm(h, h->retired, v, false, &index);
	}
	return err;
}

static void recycle_vcpus(struct harvest *h, uint32_t nr)
{
	for (uint32_t no = 1; no < nr; no++) {
		if (!h->dead[no])
			continue;
		memset(&h->vcpus[no], 0, sizeof(h->vcpus[no]));
		h->dead[no] = false;
		bpf_map_update_elem(h->src.free_vcpus_fd, NULL, &no, BPF_ANY);
	}
}

static uint64_t nr_in_flight(const struct harvest *h)
{
	uint64_t nr = 0;

	for (unsigned int i = 0; i < VGIC_NR_SLOTS; i++) {
		const volatile struct vgic_slot *slot = &h->src.slots[i];

		if (slot->vcpu > VGIC_SLOT_DEAD && slot->no && (slot->t_bus || slot->dev))
			nr++;
	}
	return nr;
}

/*
 * KVM's own count. It is summed over living VMs; what destroyed vCPUs had is counted by the programs,
 * so the two together never go back, but for the moment in which a VM is taken apart.
 */
static int kvm_exits(const struct harvest *h, uint64_t *value)
{
	int err = host__kvm_counter(h->src.pid, "mmio_exit_kernel", value);

	*value += h->src.globals->dead_exits_kernel;
	return err;
}

static int harvest__fill(struct harvest *h, struct sample *s)
{
	uint32_t nr_vcpus = used(h->src.globals->nr_vcpus, h->src.max_vcpus);
	int err;

	s->begin_ns = 0;
	s->end_ns = now_ns();
	s->stages = h->src.stages;
	s->has_kvm_exits = !h->src.has_filter && !kvm_exits(h, &s->kvm_exits_low);
	err = harvest__vcpus(h, s, nr_vcpus);
	if (!err)
		err = harvest__cells(h, s);
	if (err)
		return err;
	recycle_vcpus(h, nr_vcpus);
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = h->src.globals->lost[i];
	s->in_flight = nr_in_flight(h);
	if (s->has_kvm_exits)
		s->has_kvm_exits = !kvm_exits(h, &s->kvm_exits_high);
	return sample__add(s, h->retired);
}

int harvest__sample(struct harvest *h, struct sample **sample)
{
	struct sample *s = sample__new();
	int err;

	if (!s)
		return -ENOMEM;
	err = harvest__fill(h, s);
	if (err) {
		sample__free(s);
		return err;
	}
	*sample = s;
	return 0;
}
