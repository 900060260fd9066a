// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-bench: options, and the order of things. */
#include <argp.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "bench.h"
#include "fail.h"
#include "report.h"

#define EXIT_USAGE 2
#define DEFAULT_ACCESS "GICD_IIDR:r"
#define DEFAULT_ITERATIONS 10000

const char *argp_program_version = "vgic-bench " VERSION;

static const char doc[] =
	"Run guests that make exactly known accesses to their interrupt controller.\n"
	"\n"
	"Each vCPU goes through the list of accesses again and again. At the end: how "
	"many accesses there were, register by register, checked against KVM's own "
	"counters, and what one cost."
	"\v"
	"LIST is made of NAME:r (read) and NAME:w (write of 0), separated by commas:\n"
	"\n"
	"  GICD_CTLR:r          a register; 64-bit ones by 64-bit accesses\n"
	"  GICD_ISENABLER1:w    one of a row of registers\n"
	"  GICR_TYPER:r         in the vCPU's own redistributor\n"
	"  GICR_TYPER@3:r       in that of vCPU 3\n"
	"  GITS_CREADR:r        creates an ITS\n"
	"  GICD_TYPER:r1        with another size: 1, 2, 4 or 8 bytes\n"
	"  GICD+0x40:w          an offset in a device, reserved or not\n"
	"  ioeventfd:w          an ioeventfd\n"
	"  coalesced:w          a zone of coalesced MMIO\n"
	"  unmapped:r           no device takes it: completed by user space\n"
	"  hvc                  a hypercall (PSCI_VERSION): an exit that is no access\n"
	"  all                  every register that KVM emulates, both directions\n"
	"\n"
	"EXAMPLES:\n"
	"  vgic-bench                                 # one register, one vCPU\n"
	"  vgic-bench --vcpus 64 -a GICR_TYPER:r      # each its own redistributor\n"
	"  vgic-bench --vms 3 --vcpus 4 -a all -n 10  # everything\n"
	"  vgic-bench -a hvc --json                   # what any exit costs\n"
	"  vgic-bench --rate 1000 -d 1m               # a steady load for a minute\n";

enum {
	OPT_GIC = 0x100,
	OPT_VCPUS,
	OPT_VMS,
	OPT_RATE,
	OPT_IOEVENTFDS,
	OPT_IOEVENTFD_LEN,
	OPT_IOEVENTFD_MATCH,
	OPT_PIN,
	OPT_THREAD,
	OPT_STOP,
	OPT_JSON,
};

/* clang-format off */
static const struct argp_option options[] = {
	{ 0, 0, 0, 0, "Guests:", 1 },
	{ "gic", OPT_GIC, "2|3", 0, "the guests' GIC (default: 3 where there is one)", 0 },
	{ "vcpus", OPT_VCPUS, "N", 0, "vCPUs of each VM (default 1; GICv2: at most 8)", 0 },
	{ "vms", OPT_VMS, "N", 0, "VMs (default 1)", 0 },
	{ "pin", OPT_PIN, 0, 0, "tie the vCPUs' threads to CPUs, round robin", 0 },
	{ "vm-thread", OPT_THREAD, 0, 0,
	  "make the VMs on a thread other than the process's first, as cloud-hypervisor does", 0 },
	{ "stop", OPT_STOP, "hvc|mmio", 0,
	  "how guests hand back to vgic-bench: by a PSCI call (default), or before Linux 5.19 by "
	  "stores that no device takes, which are counted too", 0 },
	{ 0, 0, 0, 0, "Accesses:", 2 },
	{ "access", 'a', "LIST", 0, "what to access (default " DEFAULT_ACCESS ")", 0 },
	{ "iterations", 'n', "N", 0,
	  "how often each vCPU goes through LIST (default 10000, with --duration no limit)", 0 },
	{ "duration", 'd', "TIME", 0, "end after TIME (ns, us, ms, s, m, h; default s)", 0 },
	{ "rate", OPT_RATE, "N", 0,
	  "accesses a second of each vCPU; an exit to user space comes before each", 0 },
	{ 0, 0, 0, 0, "The bus:", 3 },
	{ "ioeventfds", OPT_IOEVENTFDS, "N", 0, "further ioeventfds that nobody accesses", 0 },
	{ "ioeventfd-len", OPT_IOEVENTFD_LEN, "0|1|2|4|8", 0,
	  "length of all ioeventfds; 0 (default): any", 0 },
	{ "ioeventfd-match", OPT_IOEVENTFD_MATCH, 0, 0,
	  "put all ioeventfds at one address, told apart by the data written", 0 },
	{ 0, 0, 0, 0, "Output:", 4 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0, 'h', 0, OPTION_HIDDEN, "as --help", 0 },
	{ 0 },
};
/* clang-format on */

struct options {
	struct bench_config config;
	const char *access;
	bool json;
	bool vm_thread; /* the VMs' TID is not the process's PID */
};

int fail(int err, const char *fmt, ...)
{
	static bool said;
	char message[256];
	va_list args;

	if (__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		return err;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	fprintf(stderr, "vgic-bench: %s\n", message);
	return err;
}

static unsigned int parse_u32(struct argp_state *state, const char *name, const char *arg,
			      uint64_t min, uint64_t max)
{
	uint64_t value = 0;

	if (args__u64(arg, min, max, &value))
		argp_error(state, "--%s %s: wants a number from %llu to %llu", name, arg,
			   (unsigned long long)min, (unsigned long long)max);
	return value;
}

static void parse_iterations(struct argp_state *state, const char *arg, uint64_t *out)
{
	if (args__count(arg, out))
		argp_error(state, "--iterations %s: wants a number, 1 or more", arg);
}

static void parse_duration(struct argp_state *state, const char *arg, uint64_t *out)
{
	if (args__time_ns(arg, out) || !*out)
		argp_error(state, "--duration %s: wants a time such as 10s or 500ms", arg);
}

static void parse_ioeventfd_len(struct argp_state *state, const char *arg, unsigned int *out)
{
	*out = parse_u32(state, "ioeventfd-len", arg, 0, 8);
	if (*out & (*out - 1))
		argp_error(state, "--ioeventfd-len %s: wants 0, 1, 2, 4 or 8", arg);
}

static void parse_stop(struct argp_state *state, const char *arg, bool *mmio)
{
	*mmio = !strcmp(arg, "mmio");
	if (!*mmio && strcmp(arg, "hvc"))
		argp_error(state, "--stop %s: wants hvc or mmio", arg);
}

/* What holds for the options together. */
static void check(struct argp_state *state, struct bench_config *config)
{
	if (config->gic == 2 && config->nr_vcpus > 8)
		argp_error(state, "--vcpus %u: a GICv2 has at most 8", config->nr_vcpus);
	if (config->ioeventfd_match && !config->ioeventfd_len)
		argp_error(state, "--ioeventfd-match: wants --ioeventfd-len 1, 2, 4 or 8");
	if (config->ioeventfd_len == 1 && config->nr_ioeventfds > 255)
		argp_error(state, "--ioeventfds %u: a byte tells only 255 apart",
			   config->nr_ioeventfds);
	if (!config->iterations)
		config->iterations = config->duration_ns ? UINT64_MAX : DEFAULT_ITERATIONS;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct bench_config *c = &o->config;

	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case 'a':
		o->access = arg;
		break;
	case 'n':
		parse_iterations(state, arg, &c->iterations);
		break;
	case 'd':
		parse_duration(state, arg, &c->duration_ns);
		break;
	case OPT_GIC:
		c->gic = parse_u32(state, "gic", arg, 2, 3);
		break;
	case OPT_VCPUS:
		c->nr_vcpus = parse_u32(state, "vcpus", arg, 1, BENCH_MAX_VCPUS);
		break;
	case OPT_VMS:
		c->nr_vms = parse_u32(state, "vms", arg, 1, BENCH_MAX_VMS);
		break;
	case OPT_RATE:
		c->rate = parse_u32(state, "rate", arg, 1, 1000000000);
		break;
	case OPT_IOEVENTFDS:
		c->nr_ioeventfds = parse_u32(state, "ioeventfds", arg, 0, BENCH_MAX_IOEVENTFDS);
		break;
	case OPT_IOEVENTFD_LEN:
		parse_ioeventfd_len(state, arg, &c->ioeventfd_len);
		break;
	case OPT_IOEVENTFD_MATCH:
		c->ioeventfd_match = true;
		break;
	case OPT_THREAD:
		o->vm_thread = true;
		break;
	case OPT_PIN:
		c->pin = true;
		break;
	case OPT_STOP:
		parse_stop(state, arg, &c->mmio_stop);
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: there are no arguments", arg);
		break;
	case ARGP_KEY_END:
		check(state, c);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int parse_list(const struct options *o, unsigned int gic, struct access_list *list,
		      char *why)
{
	struct access_host host = {
		.gic = gic,
		.nr_vcpus = o->config.nr_vcpus,
		.ioeventfd_len = o->config.ioeventfd_len,
	};

	/* Asked only where it matters: it takes reading all kernel symbols. */
	if (gic == 2 && (strstr(o->access, "GICC") || strstr(o->access, "all")))
		host.has_gicc_dir = bench__has_gicc_dir();
	return access_list__parse(list, o->access, &host, why);
}

/* A list that no GIC has is bad usage also where there is no GIC to be found. */
static bool is_list_bad(const struct options *o, char *why)
{
	unsigned int likely = strstr(o->access, "GICC") ? 2 : 3, other = 5 - likely;
	struct access_list list;
	bool bad = parse_list(o, other, &list, why) == -EINVAL;

	access_list__free(&list);
	bad = bad && parse_list(o, likely, &list, why) == -EINVAL;
	access_list__free(&list);
	return bad;
}

/* Settles the GIC and the list that goes with it. 0 or an exit status. */
static int prepare(struct options *o, struct access_list *list)
{
	char why[ACCESS_WHY_SZ];
	int err;

	if (!o->config.gic && is_list_bad(o, why)) {
		fail(0, "--access: %s", why);
		return EXIT_USAGE;
	}
	if (!o->config.gic) {
		err = bench__default_gic();
		if (err < 0)
			return EXIT_FAILURE;
		o->config.gic = err;
		if (err == 2 && o->config.nr_vcpus > 8) {
			fail(0, "--vcpus %u: this host has only GICv2 for guests, at most 8 vCPUs",
			     o->config.nr_vcpus);
			return EXIT_FAILURE;
		}
	}
	err = parse_list(o, o->config.gic, list, why);
	if (err)
		fail(err, "--access: %s", why);
	return err == -EINVAL ? EXIT_USAGE : err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Prints what was done. 0 or an exit status. */
static int report(const struct options *o, const struct access_list *list,
		  const struct bench_result *result)
{
	struct report report;
	int err = report__create(&report, &o->config, list, result);

	if (!err && o->json)
		err = report__print_json(&report, stdout);
	else if (!err)
		report__print(&report, stdout);
	if (!err && fflush(stdout))
		err = -errno;
	if (err)
		fail(err, "cannot print the result: %s", strerror(-err));
	else if ((err = report__tell(&report)))
		fail(err, "cannot write to VGIC_FACTS: %s", strerror(-err));
	else if (!report__is_exact(&report))
		err = fail(-EIO, "KVM counted otherwise: kernel %llu not %llu, user %llu not %llu",
			   (unsigned long long)result->kvm_exits_kernel,
			   (unsigned long long)report.nr_kernel,
			   (unsigned long long)result->kvm_exits_user,
			   (unsigned long long)report.nr_user);
	report__free(&report);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

struct job {
	const struct options *o;
	const struct access_list *list;
	struct bench_result *result;
	sigset_t mask; /* the signals blocked before */
	int err;
};

static void *job__run(void *arg)
{
	struct job *job = arg;

	pthread_sigmask(SIG_SETMASK, &job->mask, NULL);
	job->err = bench__run(&job->o->config, job->list, job->result);
	return NULL;
}

/* 0 or -errno; says what is wrong. */
static int run(const struct options *o, const struct access_list *list, struct bench_result *result)
{
	struct job job = { .o = o, .list = list, .result = result };
	pthread_t thread;
	sigset_t all;

	if (!o->vm_thread)
		return bench__run(&o->config, list, result);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &job.mask); /* they are the other thread's */
	job.err = -pthread_create(&thread, NULL, job__run, &job);
	if (job.err)
		return fail(job.err, "cannot start a thread: %s", strerror(-job.err));
	pthread_join(thread, NULL);
	return job.err;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, NULL, doc, NULL, NULL, NULL };
	struct options o = {
		.config = { .nr_vms = 1, .nr_vcpus = 1 },
		.access = DEFAULT_ACCESS,
	};
	struct access_list list = { 0 };
	struct bench_result result;
	int status;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	status = prepare(&o, &list);
	if (!status && run(&o, &list, &result)) {
		status = EXIT_FAILURE;
	} else if (!status) {
		status = report(&o, &list, &result);
		bench_result__free(&result);
	}
	access_list__free(&list);
	return status;
}
