// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * VMs, a thread for each vCPU, start and end. First every vCPU is warmed up; then all start
 * together. The main thread waits for them, for signals and for the time to be up.
 */
#ifdef __aarch64__ /* elsewhere: machine_none.c */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "fail.h"
#include "worker.h"

#define STACK_SZ (256 << 10)

/* To a vCPU's thread: come out of the guest. To the main thread: look at the counts. */
#define SIG_KICK SIGUSR1
#define SIG_LOOK SIGUSR2

struct load {
	const struct bench_config *config;
	const struct access_list *list;
	struct program program;
	struct machine **machines;
	struct thread *threads;
	unsigned int nr_threads; /* running */
	pthread_t main;
	pthread_mutex_t lock; /* of the following */
	pthread_cond_t started;
	unsigned int nr_ready, nr_ended;
	bool go;
	int err;   /* the first */
	bool stop; /* atomic: end early */
	bool interrupted;
};

struct thread {
	struct load *load;
	pthread_t id;
	struct worker worker;
};

static bool load__stopping(struct load *load)
{
	return __atomic_load_n(&load->stop, __ATOMIC_SEQ_CST);
}

/* ---- A vCPU's thread ---- */

/* Counts the thread as ready and waits for the others. */
static void load__wait_for_start(struct load *load, int err)
{
	pthread_mutex_lock(&load->lock);
	if (!load->err)
		load->err = err;
	load->nr_ready++;
	pthread_kill(load->main, SIG_LOOK);
	while (!load->go)
		pthread_cond_wait(&load->started, &load->lock);
	pthread_mutex_unlock(&load->lock);
}

static void load__end(struct load *load, int err)
{
	pthread_mutex_lock(&load->lock);
	if (!load->err)
		load->err = err;
	load->nr_ended++;
	pthread_kill(load->main, SIG_LOOK);
	pthread_mutex_unlock(&load->lock);
}

static void *thread__main(void *arg)
{
	struct thread *t = arg;
	int err = worker__warm_up(&t->worker);

	load__wait_for_start(t->load, err);
	if (!err && !load__stopping(t->load))
		err = worker__measure(&t->worker);
	load__end(t->load, err);
	return NULL;
}

/* ---- The main thread ---- */

static void on_kick(int sig)
{
	(void)sig;
}

/* The signals that main waits for; threads created after this call leave them to it. */
static void block_signals(sigset_t *set)
{
	struct sigaction kick = { .sa_handler = on_kick };

	sigaction(SIG_KICK, &kick, NULL);
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIG_LOOK);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* A second signal kills. */
static void unblock_signals(void)
{
	sigset_t set;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* The flag comes first: who misses the kick sees the flag. */
static void load__stop(struct load *load)
{
	if (load__stopping(load))
		return;
	__atomic_store_n(&load->stop, true, __ATOMIC_SEQ_CST);
	unblock_signals();
	for (unsigned int i = 0; i < load->nr_threads; i++) {
		vcpu__kick(load->threads[i].worker.vcpu);
		pthread_kill(load->threads[i].id, SIG_KICK);
	}
}

/* The next signal, or 0 when @deadline (0: never) has come. */
static int wait_signal(const sigset_t *set, uint64_t deadline)
{
	uint64_t t = clock_ns(CLOCK_MONOTONIC), left = t < deadline ? deadline - t : 0;
	struct timespec ts = { left / NSEC_PER_SEC, left % NSEC_PER_SEC };
	int sig = sigtimedwait(set, NULL, deadline ? &ts : NULL);

	if (sig < 0)
		return errno == EAGAIN ? 0 : SIG_LOOK;
	return sig;
}

/* Waits until *@count is that of all threads. Failures, signals and @deadline stop the load. */
static void load__wait(struct load *load, const sigset_t *set, const unsigned int *count,
		       uint64_t deadline)
{
	for (;;) {
		bool all, failed;
		int sig;

		pthread_mutex_lock(&load->lock);
		all = *count == load->nr_threads;
		failed = load->err;
		pthread_mutex_unlock(&load->lock);
		if (failed)
			load__stop(load);
		if (all)
			return;
		sig = wait_signal(set, load__stopping(load) ? 0 : deadline);
		if (sig == SIGINT || sig == SIGTERM)
			load->interrupted = true;
		if (sig != SIG_LOOK)
			load__stop(load);
	}
}

static void load__go(struct load *load)
{
	pthread_mutex_lock(&load->lock);
	load->go = true;
	pthread_cond_broadcast(&load->started);
	pthread_mutex_unlock(&load->lock);
}

/* The CPUs that this process may use, in turn. */
static void pin(pthread_attr_t *attr, unsigned int i)
{
	cpu_set_t allowed, one;
	unsigned int nth;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	nth = i % CPU_COUNT(&allowed);
	do {
		cpu++;
	} while (!CPU_ISSET(cpu, &allowed) || nth--);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	pthread_attr_setaffinity_np(attr, sizeof(one), &one);
}

static int load__add_thread(struct load *load, unsigned int i)
{
	unsigned int nr_vcpus = load->config->nr_vcpus;
	struct thread *t = &load->threads[i];
	pthread_attr_t attr;
	int err;

	t->load = load;
	t->worker = (struct worker){
		.config = load->config,
		.list = load->list,
		.program = &load->program,
		.vcpu = machine__vcpu(load->machines[i / nr_vcpus], i % nr_vcpus),
		.stop = &load->stop,
	};
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SZ);
	if (load->config->pin)
		pin(&attr, i);
	err = pthread_create(&t->id, &attr, thread__main, t);
	pthread_attr_destroy(&attr);
	if (err)
		return fail(-err, "cannot start thread %u: %s; see ulimit -u", i, strerror(err));
	load->nr_threads++;
	return 0;
}

/* Starts the threads, waits for them. Returns the first failure. */
static int load__run(struct load *load)
{
	unsigned int nr = load->config->nr_vms * load->config->nr_vcpus;
	uint64_t duration = load->config->duration_ns;
	sigset_t set;
	int err = 0;

	load->main = pthread_self();
	block_signals(&set);
	for (unsigned int i = 0; i < nr && !err; i++)
		err = load__add_thread(load, i);
	if (err)
		load__stop(load);
	load__wait(load, &set, &load->nr_ready, 0);
	load__go(load);
	load__wait(load, &set, &load->nr_ended,
		   duration ? clock_ns(CLOCK_MONOTONIC) + duration : 0);
	for (unsigned int i = 0; i < load->nr_threads; i++)
		pthread_join(load->threads[i].id, NULL);
	return err ? err : load->err;
}

/* ---- Before and after ---- */

/* A file for each vCPU, and some for each VM. */
static int raise_file_limit(const struct bench_config *config)
{
	rlim_t needed = config->nr_vms * (config->nr_vcpus + 6) + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= needed)
		return 0;
	limit.rlim_cur = needed;
	if (limit.rlim_max < needed)
		limit.rlim_max = needed;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return fail(-errno, "needs %llu open files; see ulimit -n",
			    (unsigned long long)needed);
	return 0;
}

static int load__create(struct load *load)
{
	unsigned int nr_vms = load->config->nr_vms;
	int err = raise_file_limit(load->config);

	pthread_mutex_init(&load->lock, NULL);
	pthread_cond_init(&load->started, NULL);
	if (err)
		return err;
	load->machines = calloc(nr_vms, sizeof(load->machines[0]));
	load->threads = calloc(nr_vms * load->config->nr_vcpus, sizeof(load->threads[0]));
	if (!load->machines || !load->threads)
		return fail(-ENOMEM, "out of memory");
	err = program__build(&load->program, load->config, load->list);
	if (err)
		return fail(err, "cannot make the guest's code: %s", strerror(-err));
	for (unsigned int i = 0; i < nr_vms && !err; i++)
		err = machine__create(load->config, load->list, &load->program, &load->machines[i]);
	return err;
}

static void load__destroy(struct load *load)
{
	for (unsigned int i = 0; load->machines && i < load->config->nr_vms; i++)
		machine__destroy(load->machines[i]);
	program__free(&load->program);
	free(load->machines);
	free(load->threads);
	pthread_mutex_destroy(&load->lock);
	pthread_cond_destroy(&load->started);
}

static void result__add(struct bench_result *result, const struct worker *w, size_t nr_items)
{
	uint64_t passes = w->nr_ops / nr_items;

	for (size_t i = 0; i < nr_items; i++)
		result->counts[i] += passes + (i < w->nr_ops % nr_items);
	result->nr_ops += w->nr_ops;
	result->nr_overflows += w->nr_overflows;
	result->nr_doorbells += w->nr_doorbells;
	result->cpu_ns += w->cpu_ns;
	if (passes < result->passes_min)
		result->passes_min = passes;
	if (passes > result->passes_max)
		result->passes_max = passes;
}

static void result__add_times(struct bench_result *result, const struct load *load)
{
	uint64_t start = UINT64_MAX, end = 0;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < load->nr_threads; i++) {
		const struct worker *w = &load->threads[i].worker;

		if (!w->nr_ops)
			continue;
		start = w->start_ns < start ? w->start_ns : start;
		end = w->end_ns > end ? w->end_ns : end;
		result->guest_ns_per_op += w->guest_ns / w->nr_ops;
		nr++;
	}
	if (nr) {
		result->wall_ns = end - start;
		result->guest_ns_per_op /= nr;
	}
}

static int load__collect(const struct load *load, struct bench_result *result)
{
	int err = 0;

	result->counts = calloc(load->list->nr, sizeof(result->counts[0]));
	if (!result->counts)
		return fail(-ENOMEM, "out of memory");
	result->passes_min = UINT64_MAX;
	result->interrupted = load->interrupted;
	for (unsigned int i = 0; i < load->nr_threads; i++)
		result__add(result, &load->threads[i].worker, load->list->nr);
	result__add_times(result, load);
	for (unsigned int i = 0; i < load->config->nr_vms && !err; i++)
		err = machine__add_exits(load->machines[i], &result->kvm_exits_kernel,
					 &result->kvm_exits_user);
	result->has_kvm_counts = !err;
	return err == -ENOTTY ? 0 : err;
}

int bench__run(const struct bench_config *config, const struct access_list *list,
	       struct bench_result *result)
{
	struct load load = { .config = config, .list = list };
	int err = load__create(&load);

	memset(result, 0, sizeof(*result));
	if (!err)
		err = load__run(&load);
	if (!err)
		err = load__collect(&load, result);
	load__destroy(&load);
	if (err)
		bench_result__free(result);
	return err;
}

void bench_result__free(struct bench_result *result)
{
	free(result->counts);
	result->counts = NULL;
}

#endif
