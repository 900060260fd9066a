// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-info: what can be measured on this host, and how, and which VMs there are with which
 * devices. It loads and attaches the very programs that vgic-lat uses, and takes them off again:
 * what it says is tried, not guessed.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "host.h"
#include "inventory_read.h"
#include "json.h"
#include "measure.h"
#include "pick.h"
#include "preflight.h"
#include "session.h"
#include "table.h"
#include "version.h"
#include "view.h"
#include "view_inventory.h"

struct opts {
	struct measure measure;
	struct pick pick;
	bool devices;
	bool json;
};

enum { JSON = 0x200, DEVICES };

#define LINE_SZ 1024

const char *argp_program_version = "vgic-info " VERSION;

static const char doc[] =
	"Show what can be measured on this host: its GIC and clock, by which hooks vgic-lat sees "
	"an "
	"access; and which VMs there are, with the devices on their MMIO buses."
	"\v"
	"Nothing stays attached; with --devices nothing is attached at all. Where something cannot "
	"be "
	"found out it shows the rest, says why, and exits with 1.\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-info                        the default profile's hooks, and the VMs\n"
	"  vgic-info --stages trap,resume   with the hooks of two more stages\n"
	"  vgic-info --kprobes --json       without fentry; JSON lines (docs/json.md)\n"
	"  vgic-info --devices              every VM and every device on its bus\n"
	"  vgic-info --devices -g web1      of the VM called web1\n";

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What is printed:", 2 },
	{ "devices", DEVICES, NULL, 0, "The VMs and the devices on their MMIO buses, nothing else",
	  2 },
	{ "pid", 'p', "PID", 0, "Only the VMs of this process", 2 },
	{ "guest", 'g', "NAME", 0, "Only the VM of this name (QEMU -name and the like)", 2 },
	{ "json", JSON, NULL, 0, "JSON, one object a line", 2 },
	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &measure_argp, 0, "What is measured:", 1 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;
	uint64_t pid;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->measure;
		return 0;
	case DEVICES:
		o->devices = true;
		return 0;
	case 'p':
		if (args__u64(arg, 1, INT32_MAX, &pid))
			argp_error(state, "bad process id '%s'", arg);
		o->pick.pid = pid;
		return 0;
	case 'g':
		o->pick.guest = arg;
		return 0;
	case JSON:
		o->json = true;
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected '%s'", arg);
		return 0;
	case ARGP_KEY_END:
		if (o->pick.pid && o->pick.guest)
			argp_error(state, "-p and -g exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The hooks that the stages need, one a row. */
struct rows {
	const struct plan_hook **hooks;
	size_t nr;
};

enum { BOUNDARY, FUNCTION, METHOD, WHY };

static void hook_cell(const void *ctx, size_t row, int id, char *buf)
{
	const struct plan_hook *hook = ((const struct rows *)ctx)->hooks[row];
	bool is_missing = hook->method == PLAN_NONE && hook->without;

	if (id == BOUNDARY)
		snprintf(buf, TABLE_CELL_SZ, "%s", hook->boundary);
	else if (id == FUNCTION)
		snprintf(buf, TABLE_CELL_SZ, "%s", hook->function);
	else if (id == METHOD)
		snprintf(buf, TABLE_CELL_SZ, "%s", method__name(hook->method, hook->at_exit));
	else
		snprintf(buf, TABLE_CELL_SZ, "%s%s%s", hook->why[0] ? hook->why : "-",
			 is_missing ? ": " : "", is_missing ? hook->without : "");
}

static void print_hooks(const struct plan *plan)
{
	static const struct table_column columns[] = {
		{ "BOUNDARY", true, 0, BOUNDARY, hook_cell, NULL },
		{ "FUNCTION", true, 0, FUNCTION, hook_cell, NULL },
		{ "METHOD", true, 0, METHOD, hook_cell, NULL },
		{ "WHY NO BETTER ONE", true, 0, WHY, hook_cell, NULL },
	};
	const struct plan_hook *needed[plan->nr_hooks + 1];
	struct rows rows = { .hooks = needed };

	for (size_t i = 0; i < plan->nr_hooks; i++)
		if (plan->hooks[i].needed)
			needed[rows.nr++] = &plan->hooks[i];
	putchar('\n');
	/* The reasons are the last column: long lines may wrap. */
	table__print(stdout, columns, 4, rows.nr, &rows, UINT_MAX);
}

static const char *guest_gics(const struct host *host)
{
	if (!host->has_kvm)
		return "not known, /dev/kvm cannot be opened";
	if (host->guest_gic[2] && host->guest_gic[3])
		return "GICv2 and GICv3";
	return host->guest_gic[2] ? "GICv2" : host->guest_gic[3] ? "GICv3" : "none";
}

static void print_probes(const struct calibration *cal)
{
	if (cal->why[0]) {
		printf("probes      not calibrated: %s\n", cal->why);
		return;
	}
	printf("probes      %.0f ns per access", cal->access.ns);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		if (cal->stages[i].is_known)
			printf(", %.0f of it in %s", cal->stages[i].ns, stage__name(i));
	printf(" (measured in %.0f ms)\n", cal->took_ns / 1e6);
}

static void print_text(const struct view *view)
{
	const struct host *host = view->host;
	char stages[VIEW_STAGES_SZ], attach[128] = "nothing can be attached";

	view__stages(view->stages, ", ", stages);
	if (view->plan)
		plan__summary(view->plan, attach, sizeof(attach));
	printf("kernel      Linux %s, %s, %u CPUs\n", host->release, host->machine, host->nr_cpus);
	printf("GIC         %s\n", host->gic[0] ? host->gic : "not known");
	printf("guest GIC   %s\n", guest_gics(host));
	if (host->clock_hz)
		printf("clock       %.6g MHz, tick %.4g ns\n", host->clock_hz / 1e6, host->tick_ns);
	else
		printf("clock       not known\n");
	printf("profile     %s: %s\n", view->profile, stages[0] ? stages : "no stages");
	printf("attach      %s\n", attach);
	if (view->calibration)
		print_probes(view->calibration);
	if (view->plan)
		print_hooks(view->plan);
}

/* @error: why there is no plan. */
static int print_json(const struct view *view, const char *error)
{
	struct json json = json__header(view);
	json_t *guests = json_array();
	int err;

	json__bool(&json, "kvm", view->host->has_kvm);
	for (int version = 2; version <= 3; version++)
		if (view->host->guest_gic[version])
			json__append(&json, guests, json_sprintf("GICv%d", version));
	json__set(&json, "guest_gic", guests);
	json_object_del(json.object, "hooks");
	if (!view->plan)
		json__str(&json, "error", error);
	err = json__emit(&json, stdout);
	for (size_t i = 0; view->plan && !err && i < view->plan->nr_hooks; i++) {
		if (!view->plan->hooks[i].needed)
			continue;
		json = json__new("hook");
		json__hook(&json, &view->plan->hooks[i]);
		err = json__emit(&json, stdout);
	}
	return err;
}

/* NULL where nothing can be attached; the reason is in @line. */
static struct session *try_session(const struct opts *o, char line[LINE_SZ])
{
	struct session_opts opts = {
		.stages = o->measure.stages,
		.exits = o->measure.exits,
		.only_kprobes = o->measure.only_kprobes,
		.max_vcpus = o->measure.max_vcpus,
		.max_cells = o->measure.max_cells,
		.max_blocks = o->measure.max_blocks,
	};
	struct session *session = NULL;

	if (preflight__check(line, LINE_SZ))
		return NULL;
	if (session__open(&opts, &session))
		snprintf(line, LINE_SZ, "%s", session__error());
	return session;
}

/* NULL where the VMs cannot be looked at; the reason is in @line. */
static struct inventory *try_inventory(const struct opts *o, char line[LINE_SZ])
{
	struct inventory *inv = NULL;

	if (preflight__check(line, LINE_SZ))
		return NULL;
	if (inventory__read(o->pick.pid, &inv))
		snprintf(line, LINE_SZ, "%s", inventory__read_error());
	return inv;
}

static int show_hooks(const struct opts *o, struct view *view, char line[LINE_SZ])
{
	struct session *session = try_session(o, line);
	int err = 0;

	view->plan = session ? session__plan(session) : NULL;
	view->calibration = session ? session__calibration(session) : NULL;
	if (o->json)
		err = print_json(view, line);
	else
		print_text(view);
	session__close(session);
	return err;
}

/* The header of a run that has no hooks. */
static int print_plain_header(const struct view *view, const char *error)
{
	struct json json = json__header(view);

	json_object_del(json.object, "profile");
	json_object_del(json.object, "stages");
	json_object_del(json.object, "raw");
	if (error[0])
		json__str(&json, "error", error);
	return json__emit(&json, stdout);
}

static int show_vms(const struct opts *o, const struct view *view, char line[LINE_SZ])
{
	struct inventory *inv = try_inventory(o, line);
	int err = 0;

	if (o->json && o->devices)
		err = print_plain_header(view, line);
	if (inv && o->json && !err) {
		err = view_inventory__json(stdout, inv, o->devices);
	} else if (inv && o->devices) {
		view_inventory__devices(stdout, inv, view->width);
	} else if (inv) {
		putchar('\n');
		view_inventory__vms(stdout, inv, view->width);
	}
	inventory__free(inv);
	return err;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, NULL, doc, children, NULL, NULL };
	struct opts o = { 0 };
	struct host host;
	struct view view = { .tool = "vgic-info", .host = &host };
	char hooks_line[LINE_SZ] = "", vms_line[LINE_SZ] = "";
	int err = 0;

	signal(SIGPIPE, SIG_DFL);
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (pick__resolve(&o.pick, vms_line, sizeof(vms_line)))
		errx(1, "%s", vms_line);
	host__probe(&host);
	view.profile = o.measure.profile;
	view.stages = o.measure.stages;
	view.width = table__width(stdout);
	if (!o.devices) {
		host__probe_kvm(&host);
		err = show_hooks(&o, &view, hooks_line);
	}
	if (!err)
		err = show_vms(&o, &view, vms_line);
	if (fflush(stdout) || ferror(stdout))
		err = -EIO;
	if (err)
		warn("cannot write to stdout");
	if (hooks_line[0])
		warnx("%s", hooks_line);
	if (vms_line[0] && strcmp(vms_line, hooks_line))
		warnx("%s", vms_line);
	return err || hooks_line[0] || vms_line[0] ? 1 : 0;
}
