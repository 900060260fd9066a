// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exits.h"
#include "stop.h"
#include "vgic_wire.h"
#include "exits.skel.h"

#define MAX_WAITS 100 /* of a reading */
#define WAIT_US 1000

/* A slot that went into the sample, and where to. */
struct living {
	uint32_t slot;
	uint32_t row;
};

struct exits {
	struct exits_opts opts;
	struct exits_bpf *skel;
	struct bpf_link *end, *exit;
	uint64_t begin_ns;
	struct sample *retired; /* what dead vCPUs left, taken out of the table */
	struct living living[VGIC_NR_EXIT_SLOTS];
	size_t nr_living;
	unsigned int nr_waits; /* of one reading; in all, lest what is missed holds up each */
};

static char error_text[256];

const char *exits__error(void)
{
	return error_text;
}

static int fail(int err)
{
	if (err == -EPERM)
		snprintf(
			error_text, sizeof(error_text),
			"cannot count exits: %s; root, or CAP_BPF and CAP_PERFMON, are needed, and "
			"no kernel lockdown",
			strerror(-err));
	else
		snprintf(error_text, sizeof(error_text),
			 "cannot count exits: %s; --verbose shows why", strerror(-err));
	return err;
}

static int load(struct exits *e, bool by_fentry)
{
	struct exits_bpf *skel = exits_bpf__open();

	e->skel = skel;
	if (!skel)
		return -errno;
	bpf_program__set_autoload(skel->progs.fe_exits_end, by_fentry);
	bpf_program__set_autoload(skel->progs.kp_exits_end, !by_fentry);
	skel->rodata->targ_pid = e->opts.pid;
	if (e->opts.vcpus) {
		skel->rodata->use_targ_vcpus = true;
		memcpy((void *)skel->rodata->targ_vcpus, e->opts.vcpus, EXITS_MAX_VCPU_ID / 8);
	}
	return exits_bpf__load(skel);
}

/* The end first: a vCPU in the place of one whose end was missed would go on with its counts. */
static int attach(struct exits *e, bool by_fentry)
{
	e->end = bpf_program__attach(by_fentry ? e->skel->progs.fe_exits_end
					       : e->skel->progs.kp_exits_end);
	if (!e->end)
		return -errno;
	e->exit = bpf_program__attach(e->skel->progs.tb_exit);
	return e->exit ? 0 : -errno;
}

static void unload(struct exits *e)
{
	bpf_link__destroy(e->exit);
	bpf_link__destroy(e->end);
	e->exit = e->end = NULL;
	exits_bpf__destroy(e->skel);
	e->skel = NULL;
}

static int try(struct exits *e, bool by_fentry)
{
	int err = load(e, by_fentry);

	err = err ?: attach(e, by_fentry);
	if (err)
		unload(e);
	return err;
}

int exits__open(const struct exits_opts *opts, struct exits **exits)
{
	struct exits *e = calloc(1, sizeof(*e));
	int err = -ENOMEM;

	*exits = NULL;
	error_text[0] = '\0';
	if (e) {
		e->opts = *opts;
		e->retired = sample__new();
	}
	if (e && e->retired) {
		/* Nothing to add to what it is added to. */
		e->retired->has_kvm_exits = e->retired->kvm_user.is_known = true;
		err = opts->only_kprobes ? -ENOTSUP : try(e, true);
		if (err && err != -EPERM)
			err = try(e, false);
	}
	if (err) {
		exits__close(e);
		return fail(err);
	}
	e->begin_ns = stop__now_ns();
	*exits = e;
	return 0;
}

static bool is_living(uint64_t key)
{
	return key > VGIC_EXITS_ENDED && !(key & 1);
}

static int ask_kvm(const struct exits *e)
{
	uint64_t first = 0;
	struct bpf_test_run_opts run = {
		.sz = sizeof(run),
		.ctx_in = &first,
		.ctx_size_in = sizeof(first),
	};
	int err = 0;

	for (; first < VGIC_NR_EXIT_SLOTS && !err; first += VGIC_EXITS_BATCH)
		err = bpf_prog_test_run_opts(bpf_program__fd(e->skel->progs.ask_exits), &run);
	return err;
}

static uint64_t sum(const volatile struct vgic_exits *slot)
{
	uint64_t total = 0;

	for (int i = 0; i < VGIC_NR_EXITS; i++)
		total += slot->count[i];
	return total;
}

/* KVM counts an exit some instructions before the programs do. */
static void await(struct exits *e, const volatile struct vgic_exits *slot, uint64_t low)
{
	for (; e->nr_waits < MAX_WAITS && sum(slot) < low; e->nr_waits++)
		usleep(WAIT_US);
}

/* In exits_end(), between the key and the state, lie some instructions. */
static void await_end(struct exits *e, const volatile struct vgic_exits *slot)
{
	for (; e->nr_waits < MAX_WAITS && slot->who.state != VGIC_VCPU_DEAD; e->nr_waits++)
		usleep(WAIT_US);
}

static uint64_t kvm_count(const volatile struct vgic_exits *slot)
{
	return slot->kvm_now - slot->kvm_before;
}

/* Adds what the slot has to @s, and @kvm to KVM's count there. NULL: no memory. */
static struct sample_exits *add_slot(struct exits *e, struct vm_names *names, struct sample *s,
				     const volatile struct vgic_exits *slot, bool is_alive,
				     uint64_t kvm)
{
	struct vgic_vcpu who = *(const struct vgic_vcpu *)&slot->who;
	struct sample_exits *to;
	uint32_t vm;

	if (vm_names__add(names, s, &who, is_alive, &vm))
		return NULL;
	to = sample__exits(s, vm, e->opts.per_vcpu ? who.vcpu_id : SAMPLE_ALL);
	for (int i = 0; to && i < VGIC_NR_EXITS; i++)
		to->count[i] += slot->count[i];
	if (to)
		to->kvm_low += kvm;
	return to;
}

static int add_living(struct exits *e, struct vm_names *names, struct sample *s, unsigned int no)
{
	const volatile struct vgic_exits *slot = &e->skel->bss->exits[no];
	uint64_t kvm = kvm_count(slot);
	struct sample_exits *to;

	await(e, slot, kvm);
	to = add_slot(e, names, s, slot, true, kvm);
	if (!to)
		return -ENOMEM;
	e->living[e->nr_living++] = (struct living){ no, to - s->exits };
	return 0;
}

/* Nobody else writes to a slot whose vCPU has ended. */
static int retire(struct exits *e, struct vm_names *names, unsigned int no)
{
	struct vgic_exits *slot = &e->skel->bss->exits[no];
	struct sample_exits *to;

	await_end(e, slot);
	to = add_slot(e, names, e->retired, slot, false, kvm_count(slot));
	if (!to)
		return -ENOMEM;
	to->kvm_high += kvm_count(slot);
	__atomic_store_n(&slot->key, VGIC_EXITS_USED, __ATOMIC_RELEASE);
	return 0;
}

static int add_all(struct exits *e, struct vm_names *names, struct sample *s)
{
	int err = 0;

	e->nr_living = 0;
	e->nr_waits = 0;
	for (unsigned int i = 0; i < VGIC_NR_EXIT_SLOTS && !err; i++) {
		uint64_t key = __atomic_load_n(&e->skel->bss->exits[i].key, __ATOMIC_ACQUIRE);

		if (is_living(key))
			err = add_living(e, names, s, i);
		else if (key == VGIC_EXITS_ENDED)
			err = retire(e, names, i);
	}
	return err;
}

int exits__add(struct exits *e, struct vm_names *names, struct sample *s)
{
	int err = ask_kvm(e);

	err = err ?: add_all(e, names, s);
	err = err ?: ask_kvm(e);
	if (err)
		return err;
	for (size_t i = 0; i < e->nr_living; i++)
		s->exits[e->living[i].row].kvm_high +=
			kvm_count(&e->skel->bss->exits[e->living[i].slot]);
	s->has_exits = true;
	s->exits_ns += stop__now_ns() - e->begin_ns;
	s->lost_exits += e->skel->bss->lost;
	return sample__add(s, e->retired);
}

int exits__recursion_misses(const struct exits *e, uint64_t *misses)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(e->skel->progs.tb_exit), &info, &len))
		return -errno;
	*misses = info.recursion_misses;
	return 0;
}

void exits__close(struct exits *e)
{
	if (!e)
		return;
	unload(e);
	sample__free(e->retired);
	free(e);
}
