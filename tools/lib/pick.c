// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "host.h"
#include "pick.h"
#include "view.h"

enum { VCPU = 0x300, RANGE };

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "The VMs of this process", 0 },
	{ "guest", 'g', "NAME", 0, "The VM of this name (QEMU -name and the like)", 0 },
	{ "vcpu", VCPU, "LIST", 0, "These vCPUs, such as 0,4-7", 0 },
	{ "range", RANGE, "GLOB", 0, "Show these register ranges, such as 'GICR_*'", 0 },
	{ 0 },
};

static void parse_vcpus(struct pick *pick, const char *arg, struct argp_state *state)
{
	uint32_t first, last;
	struct args_list *list;

	if (args__list(arg, SESSION_MAX_VCPU_ID - 1, &list))
		argp_error(state, "bad vCPU list '%s'; it looks like 0,4-7, up to %d", arg,
			   SESSION_MAX_VCPU_ID - 1);
	for (unsigned int i = 0; !args_list__range(list, i, &first, &last); i++)
		for (uint32_t v = first; v <= last; v++)
			pick->vcpu_bits[v / 64] |= 1ULL << v % 64;
	args_list__free(list);
	pick->vcpus = pick->vcpu_bits;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct pick *pick = state->input;
	uint64_t pid;

	switch (key) {
	case 'p':
		if (args__u64(arg, 1, INT32_MAX, &pid))
			argp_error(state, "bad process id '%s'", arg);
		pick->pid = pid;
		return 0;
	case 'g':
		pick->guest = arg;
		return 0;
	case VCPU:
		parse_vcpus(pick, arg, state);
		return 0;
	case RANGE:
		pick->range = arg;
		if (!view__range_exists(arg))
			argp_error(state,
				   "no register range matches '%s'; names are such as "
				   "GICD_CTLR, GICR_TYPER, GITS_CWRITER, ioeventfd, user@0x9000000",
				   arg);
		return 0;
	case ARGP_KEY_END:
		if (pick->pid && pick->guest)
			argp_error(state, "-p and -g exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp pick_argp = { .options = options, .parser = parse };

/* A list of VMs that grows in a buffer: "web (pid 12), db (pid 15)". */
struct list {
	const char *only; /* this name only; NULL = all */
	char text[512];
	unsigned int nr;
};

static int list__add(uint32_t pid, const char *name, void *arg)
{
	struct list *list = arg;
	size_t n = strlen(list->text);

	if (list->only && strcmp(list->only, name))
		return 0;
	if (list->nr++ < 8)
		snprintf(list->text + n, sizeof(list->text) - n, "%s%s (pid %u)", n ? ", " : "",
			 name, pid);
	else if (list->nr == 9)
		snprintf(list->text + n, sizeof(list->text) - n, ", ...");
	return 0;
}

/* "; VMs here: ..." or what may be the reason that there are none. */
static void hint(struct list *list, char *buf, size_t size)
{
	unsigned int hidden = 0;

	host__each_vmm(list__add, list, &hidden);
	if (list->nr)
		snprintf(buf, size, "VMs here: %s", list->text);
	else if (hidden)
		snprintf(buf, size,
			 "no VM to be seen, but %u processes may not be looked into: "
			 "run as root",
			 hidden);
	else
		snprintf(buf, size, "no VM is running here");
}

static int check_pid(uint32_t pid, char *line, size_t size)
{
	int ret = host__is_vmm(pid);
	struct list all = { 0 };
	char vms[600];

	if (ret == 1 || ret == -EACCES || ret == -EPERM)
		return 0;
	hint(&all, vms, sizeof(vms));
	if (ret == -ESRCH)
		snprintf(line, size, "no process %u; %s", pid, vms);
	else
		snprintf(line, size, "process %u has no VM; %s", pid, vms);
	return -ESRCH;
}

static int find_name(const char *name, uint32_t *pid, char *line, size_t size)
{
	int err = host__find_vm(name, pid);
	struct list list = { .only = err == -EEXIST ? name : NULL };
	char vms[600];

	if (!err)
		return 0;
	hint(&list, vms, sizeof(vms));
	if (err == -EEXIST)
		snprintf(line, size, "several VMs are called '%s'; pick one with -p: %s", name,
			 list.text);
	else
		snprintf(line, size, "no VM is called '%s'; %s", name, vms);
	return err;
}

int pick__resolve(struct pick *pick, char *line, size_t size)
{
	if (pick->guest)
		return find_name(pick->guest, &pick->pid, line, size);
	return pick->pid ? check_pid(pick->pid, line, size) : 0;
}
