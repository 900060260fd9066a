// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/btf.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "attach.h"

static char error_text[512];

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
	return err;
}

const char *attach__error(void)
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

int attach__select(const struct attach *a, bool (*also)(const struct attach *, const char *))
{
	struct bpf_program *prog;

	bpf_object__for_each_program (prog, a->object)
		bpf_program__set_autoload(prog, also && also(a, bpf_program__name(prog)));
	for (size_t i = 0; i < a->plan->nr_hooks; i++) {
		const struct plan_hook *hook = &a->plan->hooks[i];

		if (!hook->needed || !hook->program[0])
			continue;
		prog = bpf_object__find_program_by_name(a->object, hook->program);
		if (!prog)
			return -ENOENT;
		bpf_program__set_autoload(prog, true);
	}
	return 0;
}

static void unload(struct attach *a)
{
	for (size_t i = 0; i < a->plan->nr_hooks; i++) {
		bpf_link__destroy(a->links[i]);
		a->links[i] = NULL;
	}
	a->unload(a);
	a->object = NULL;
}

static int hook__attach(struct attach *a, size_t i)
{
	const struct plan_hook *hook = &a->plan->hooks[i];
	struct bpf_program *prog;
	struct bpf_link *link;

	if (!hook->needed || !hook->program[0])
		return 0;
	prog = bpf_object__find_program_by_name(a->object, hook->program);
	link = hook->method == PLAN_KPROBE
		       ? bpf_program__attach_kprobe(prog, hook->at_exit, hook->function)
		       : bpf_program__attach_trace(prog);
	if (!link)
		return -errno;
	a->links[i] = link;
	return 0;
}

/* Where the plan does not hold, *failed is the hook (or none: loading failed). */
static int try(struct attach *a, struct plan_hook **failed)
{
	int err = a->load(a);

	*failed = NULL;
	if (!err && a->loaded)
		a->loaded(a);
	for (size_t i = 0; !err && i < a->plan->nr_hooks; i++) {
		err = hook__attach(a, i);
		if (err)
			*failed = &a->plan->hooks[i];
	}
	if (err)
		unload(a);
	else if (a->attached)
		a->attached(a);
	return err;
}

/* Functions that BTF does not know cannot be hooked by fentry; asking first spares failed loads. */
static int check_btf(struct attach *a)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = 0;

	if (!btf)
		return fail(-ENOENT,
			    "cannot read the kernel's BTF (/sys/kernel/btf/vmlinux): %s; "
			    "a kernel with CONFIG_DEBUG_INFO_BTF is needed",
			    strerror(errno));
	if (a->has_types)
		a->has_types(a, btf);
	for (size_t i = 0; i < a->plan->nr_hooks && !err; i++) {
		struct plan_hook *hook = &a->plan->hooks[i];

		if (hook->method == PLAN_FENTRY && hook->needed &&
		    btf__find_by_name_kind(btf, hook->function, BTF_KIND_FUNC) < 0)
			err = plan__fail(a->plan, hook, -ESRCH);
	}
	btf__free(btf);
	return err ? fail(err, "cannot attach: this kernel lacks a function that is needed; "
			       "vgic-info shows what was tried")
		   : 0;
}

/* One step down the plan after a failed try. 0: try again. */
static int fall_back(struct attach *a, struct plan_hook *failed, int err)
{
	if (err == -ENOMEM)
		return fail(err, "cannot load the BPF programs: no memory for the maps%s",
			    a->less_memory ? a->less_memory : "");
	if (err == -EPERM)
		return fail(err,
			    "cannot load or attach the BPF programs: %s; root, or CAP_BPF and "
			    "CAP_PERFMON, are needed, and no kernel lockdown",
			    strerror(-err));
	if (failed) {
		if (!plan__fail(a->plan, failed, err))
			return 0;
		return fail(err, "cannot attach to %s: %s; vgic-info shows what was tried",
			    failed->function, failed->why);
	}
	if (plan__uses(a->plan, PLAN_FENTRY) &&
	    !plan__fail_method(a->plan, PLAN_FENTRY, "the programs do not load"))
		return 0;
	return fail(err, "cannot load the BPF programs: %s; -v shows why%s", strerror(-err),
		    geteuid() ? ", or try as root" : "");
}

int attach__run(struct attach *a)
{
	struct plan_hook *failed;
	int err;

	error_text[0] = 0;
	libbpf_set_print(a->verbose ? log_all : log_nothing);
	if (a->plan)
		a->links = calloc(a->plan->nr_hooks, sizeof(*a->links));
	if (!a->links)
		return fail(-ENOMEM, "cannot start: %s", strerror(ENOMEM));
	err = check_btf(a);
	while (!err) {
		err = try(a, &failed);
		if (!err)
			return 0;
		err = fall_back(a, failed, err);
	}
	return err;
}

static void detach(struct attach *a, bool only_costly)
{
	for (size_t i = 0; i < a->plan->nr_hooks; i++) {
		if (only_costly && !a->plan->hooks[i].is_costly)
			continue;
		bpf_link__destroy(a->links[i]);
		a->links[i] = NULL;
	}
	/*
	 * Waits for an RCU grace period: programs that were running have ended. Not to be had where
	 * CPUs run without ticks (nohz_full); there, longer than any program takes.
	 */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(20000);
}

void attach__detach(struct attach *a)
{
	detach(a, false);
}

void attach__pause(struct attach *a)
{
	detach(a, true);
}

int attach__resume(struct attach *a)
{
	int err = 0;

	for (size_t i = 0; !err && i < a->plan->nr_hooks; i++)
		if (!a->links[i])
			err = hook__attach(a, i);
	return err;
}

void attach__end(struct attach *a)
{
	if (!a->links)
		return;
	unload(a);
	free(a->links);
	a->links = NULL;
}

int attach__recursion_misses(const struct attach *a, uint64_t *misses)
{
	*misses = 0;
	for (size_t i = 0; i < a->plan->nr_hooks; i++) {
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);
		struct bpf_program *prog;

		if (!a->plan->hooks[i].needed || !a->plan->hooks[i].program[0])
			continue;
		prog = bpf_object__find_program_by_name(a->object, a->plan->hooks[i].program);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			return -errno;
		*misses += info.recursion_misses;
	}
	return 0;
}
