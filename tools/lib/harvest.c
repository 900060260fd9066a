// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "harvest.h"
#include "host.h"
#include "regs.h"
#include "stop.h"
#include "vm_names.h"

#define MAX_WAITS 100 /* of 2 ms, for VMs that are being taken apart */

/*
 * A map, mapped as far as it is in use: the kernel puts in all pages at once, and what is mapped
 * counts as ours.
 */
struct pool {
	char *data;
	size_t entry_sz;
	uint32_t nr_mapped, max;
	int fd;
};

/* One of KVM's own, and what dead vCPUs left of it. */
struct kvm_counter {
	const char *name;
	const volatile uint64_t *dead;
	uint64_t low; /* as last read */
};

struct harvest {
	struct harvest_source src;
	struct pool vcpus, cells, blocks;
	uint32_t nr_lats;       /* per cell */
	uint8_t *state;         /* by vCPU record: enum vgic_vcpu_state when this harvest began */
	uint32_t *vm;           /* by vCPU record: its VM's index in the sample it goes to */
	struct sample *retired; /* what dead VMs left, taken out of the maps */
	struct vm_names *names;
	struct kvm_counter kernel, user;
	bool has_begun; /* there was a harvest before */
};

static size_t pool__bytes(const struct pool *pool, uint32_t entries)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (entries * pool->entry_sz + page - 1) / page * page;
}

static void pool__unmap(struct pool *pool)
{
	if (pool->data)
		munmap(pool->data, pool__bytes(pool, pool->nr_mapped));
	pool->data = NULL;
	pool->nr_mapped = 0;
}

/* Maps at least the first @nr entries. 0 or -errno. */
static int pool__map(struct pool *pool, uint32_t nr)
{
	void *p;

	if (nr <= pool->nr_mapped)
		return 0;
	pool__unmap(pool);
	nr = nr < pool->max / 2 ? nr * 2 : pool->max;
	p = mmap(NULL, pool__bytes(pool, nr), PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	pool->data = p;
	pool->nr_mapped = nr;
	return 0;
}

static void *pool__at(const struct pool *pool, uint32_t no)
{
	return pool->data + no * pool->entry_sz;
}

static struct vgic_vcpu *vcpu_at(const struct harvest *h, uint32_t no)
{
	return pool__at(&h->vcpus, no);
}

static struct vgic_cell *cell_at(const struct harvest *h, uint32_t no)
{
	return pool__at(&h->cells, no);
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
	h->kernel = (struct kvm_counter){
		"mmio_exit_kernel", (const volatile uint64_t *)&src->globals->dead_exits_kernel, 0
	};
	h->user = (struct kvm_counter){ "mmio_exit_user",
					(const volatile uint64_t *)&src->globals->dead_exits_user,
					0 };
	h->vcpus =
		(struct pool){ NULL, sizeof(struct vgic_vcpu), 0, src->max_vcpus, src->vcpus_fd };
	h->cells =
		(struct pool){ NULL, VGIC_CELL_SZ(h->nr_lats), 0, src->max_cells, src->cells_fd };
	h->blocks = (struct pool){ NULL, sizeof(struct vgic_block), 0, src->max_blocks,
				   src->blocks_fd };
	h->state = calloc(src->max_vcpus, sizeof(*h->state));
	h->vm = calloc(src->max_vcpus, sizeof(*h->vm));
	h->retired = sample__new();
	h->names = vm_names__new();
	err = h->state && h->vm && h->retired && h->names ? 0 : -ENOMEM;
	if (!err)
		/* Nothing to add to the living sample's. */
		h->retired->has_kvm_exits = h->retired->kvm_user.is_known = true;
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
	pool__unmap(&h->vcpus);
	pool__unmap(&h->cells);
	pool__unmap(&h->blocks);
	sample__free(h->retired);
	vm_names__free(h->names);
	free(h->state);
	free(h->vm);
	free(h);
}

static uint32_t used(uint32_t taken, uint32_t max)
{
	return taken < max ? taken : max;
}

static int add_lat(struct harvest *h, struct lat *to, const struct vgic_lat *from)
{
	uint64_t before = to->count, min = from->min_ns;
	int err;

	for (unsigned int o = 0; o < VGIC_NR_OCTAVES; o++) {
		uint32_t b = from->block[o];

		const struct vgic_block *block = pool__at(&h->blocks, b);

		if (!b || b >= h->blocks.nr_mapped)
			continue; /* the latter: taken since this harvest began */
		for (unsigned int i = 0; i < VGIC_NR_SUBS; i++) {
			uint64_t n = __atomic_load_n(&block->count[i], __ATOMIC_RELAXED);

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
	const struct vgic_vcpu *v = vcpu_at(h, c->key.vcpu);
	bool by_address = kind__by_address(c->key.kind);
	struct sample_key key = {
		.vm = h->vm[c->key.vcpu],
		.vcpu = h->src.per_vcpu ? v->vcpu_id : SAMPLE_ALL,
		.target = h->src.per_device ? c->target : SAMPLE_ALL,
		.kind = c->key.kind,
		.range = c->key.range,
		.op = c->key.op,
		.base = h->src.per_device || by_address ? c->base : 0,
	};
	struct sample_series *series;
	unsigned int pos = 0;
	int err = 0;

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

			if (!b || b >= h->blocks.nr_mapped)
				continue;
			memset(pool__at(&h->blocks, b), 0, h->blocks.entry_sz);
			bpf_map_update_elem(h->src.free_blocks_fd, NULL, &b, BPF_ANY);
		}
	}
	memset(c, 0, h->cells.entry_sz);
	bpf_map_update_elem(h->src.free_cells_fd, NULL, &no, BPF_ANY);
}

static int harvest__cells(struct harvest *h, struct sample *s, uint32_t nr_vcpus)
{
	uint32_t nr = used(h->src.globals->nr_cells, h->src.max_cells);
	int err = pool__map(&h->cells, nr);

	/* After the cells': what they refer to is then taken into account. */
	err = err ?: pool__map(&h->blocks, used(h->src.globals->nr_blocks, h->src.max_blocks));
	if (err)
		return err;
	for (uint32_t no = 1; no < nr; no++) {
		uint32_t vcpu = __atomic_load_n(&cell_at(h, no)->key.vcpu, __ATOMIC_ACQUIRE);
		bool is_dead;

		/* One that was born since the vCPUs were looked at waits for the next time. */
		if (!vcpu || vcpu >= nr_vcpus || h->state[vcpu] == VGIC_VCPU_NEW)
			continue;
		is_dead = h->state[vcpu] == VGIC_VCPU_DEAD;
		err = add_cell(h, is_dead ? h->retired : s, no);
		if (err)
			return err;
		if (is_dead)
			recycle_cell(h, no);
	}
	return 0;
}

/* Which vCPUs are dead is decided once, before their cells are read. */
static int harvest__vcpus(struct harvest *h, struct sample *s, uint32_t nr)
{
	int err = pool__map(&h->vcpus, nr);

	for (uint32_t no = 1; no < nr && !err; no++) {
		const struct vgic_vcpu *v = vcpu_at(h, no);
		bool is_dead;

		h->state[no] = __atomic_load_n(&v->state, __ATOMIC_ACQUIRE);
		if (h->state[no] == VGIC_VCPU_NEW)
			continue;
		is_dead = h->state[no] == VGIC_VCPU_DEAD;
		err = vm_names__add(h->names, is_dead ? h->retired : s, v, !is_dead, &h->vm[no]);
	}
	return err;
}

static void recycle_vcpus(struct harvest *h, uint32_t nr)
{
	for (uint32_t no = 1; no < nr; no++) {
		if (h->state[no] != VGIC_VCPU_DEAD)
			continue;
		memset(vcpu_at(h, no), 0, h->vcpus.entry_sz);
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
 * KVM's own count: living VMs' by KVM, destroyed vCPUs' by the programs. A VM that dies is in both
 * for a moment or, while it is taken apart, in neither; so the low reading asks for the dead first,
 * the high one last, and after those that are being taken apart have come to their end.
 */
static int kvm__low(struct harvest *h, struct kvm_counter *c, uint64_t *value)
{
	uint64_t dead = *c->dead;
	int err = host__kvm_counter(h->src.pid, c->name, value);

	/* A traced VMM that has no VM any more is no failure, unless it never had one. */
	if (err == -ENOENT && h->has_begun)
		err = 0;
	*value += dead;
	if (*value < c->low)
		*value = c->low;
	c->low = *value;
	return err;
}

static int kvm__high(struct harvest *h, const struct kvm_counter *c, uint64_t *value)
{
	int err = host__kvm_counter(h->src.pid, c->name, value);

	*value += *c->dead;
	if (*value < c->low)
		*value = c->low;
	return err == -ENOENT ? 0 : err;
}

int harvest__kvm_exits(struct harvest *h, uint64_t *value)
{
	return kvm__high(h, &h->kernel, value);
}

/* Whether a vCPU that was alive when this harvest began is in neither count. */
static bool is_being_taken_apart(struct harvest *h, uint32_t no)
{
	const struct vgic_vcpu *v = vcpu_at(h, no);

	return h->state[no] == VGIC_VCPU_LIVING && v->name[0] && !host__kvm_counts(v->name) &&
	       __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VGIC_VCPU_LIVING;
}

/* Waits for the ends that have begun. False: they take too long. */
static bool wait_for_ends(struct harvest *h, uint32_t nr)
{
	unsigned int nr_waits = 0;

	for (uint32_t no = 1; no < nr; no++)
		while (is_being_taken_apart(h, no)) {
			if (++nr_waits > MAX_WAITS)
				return false;
			usleep(2000);
		}
	return true;
}

static int harvest__fill(struct harvest *h, struct sample *s)
{
	uint32_t nr_vcpus;
	int err;

	s->begin_ns = 0;
	s->end_ns = stop__now_ns();
	s->stages = h->src.stages;
	s->has_kvm_exits = !h->src.has_filter && !kvm__low(h, &h->kernel, &s->kvm_exits_low);
	s->kvm_user.is_known = s->has_kvm_exits && !kvm__low(h, &h->user, &s->kvm_user.low);
	/* Behind that reading, which takes its time: whom it counts has to be among these. */
	nr_vcpus = used(__atomic_load_n(&h->src.globals->nr_vcpus, __ATOMIC_ACQUIRE),
			h->src.max_vcpus);
	err = harvest__vcpus(h, s, nr_vcpus);
	if (!err)
		err = harvest__cells(h, s, nr_vcpus);
	if (err)
		return err;
	recycle_vcpus(h, nr_vcpus);
	vm_names__forget(h->names);
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = h->src.globals->lost[i];
	s->in_flight = nr_in_flight(h);
	if (s->has_kvm_exits)
		s->has_kvm_exits =
			wait_for_ends(h, nr_vcpus) && !kvm__high(h, &h->kernel, &s->kvm_exits_high);
	s->kvm_user.is_known &= s->has_kvm_exits && !kvm__high(h, &h->user, &s->kvm_user.high);
	h->has_begun = true;
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

struct vm_names *harvest__names(struct harvest *h)
{
	return h->names;
}
