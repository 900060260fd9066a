/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Runs a tool's main() in a process of its own, on a session that attaches to nothing and a host
 * that can trace. To be included by the one file of a test that includes the tool's, as TOOL_MAIN
 * and TOOL_NAME say.
 */
#ifndef TOOL_HARNESS_H
#define TOOL_HARNESS_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "fake_sample.h"
#include "preflight.h"
#include "session.h"
#include "stop.h"

/* What the tool did with its session; shared with the process it runs in. */
static struct {
	int nr_opened, nr_snapshots, nr_detached, nr_paused, nr_closed, nr_exits_on, nr_exits_off;
	int nr_too_late; /* attached after it had given up its privileges */
	struct session_opts opts;
} * did;
static int open_error, exits_error;
static int was_dropped;          /* before any tool was run */
static int fail_open_after = -1; /* so many sessions; -1: none fails */
static double session_cost; /* CPU time per time while attached, in any but the counts profile */

struct session {
	unsigned int times;
	uint64_t begin_ns;
};

int preflight__check(char *line, size_t size)
{
	snprintf(line, size, "%s", "");
	return 0;
}

int session__open(const struct session_opts *opts, struct session **session)
{
	if (open_error || did->nr_opened == fail_open_after)
		return open_error ? open_error : -EBUSY;
	*session = calloc(1, sizeof(**session));
	did->nr_opened++;
	did->opts = *opts;
	if (*session)
		(*session)->begin_ns = stop__now_ns();
	return *session ? 0 : -ENOMEM;
}

const char *session__error(void)
{
	return "cannot attach: this is a test; do not mind";
}

const struct calibration *session__calibration(const struct session *s)
{
	(void)s;
	return &fake_calibration;
}

const struct plan *session__plan(const struct session *s)
{
	(void)s;
	return &fake_plan;
}

int session__snapshot(struct session *s, struct sample **sample)
{
	did->nr_snapshots++;
	*sample = fake__sample(did->opts.stages, did->opts.per_vcpu, did->opts.per_device,
			       ++s->times);
	if (session_cost > 0) {
		(*sample)->begin_ns = s->begin_ns;
		(*sample)->end_ns = stop__now_ns();
		(*sample)->overhead_ns =
			did->opts.stages ? session_cost * ((*sample)->end_ns - s->begin_ns) : 0;
	}
	return 0;
}

int session__pause(struct session *s)
{
	(void)s;
	did->nr_paused++;
	return 0;
}

int session__resume(struct session *s)
{
	(void)s;
	return 0;
}

int session__start_exits(struct session *s)
{
	(void)s;
	did->nr_exits_on++;
	did->nr_too_late += prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != was_dropped;
	return exits_error;
}

int session__stop_exits(struct session *s)
{
	(void)s;
	did->nr_exits_off++;
	return 0;
}

void session__detach(struct session *s)
{
	(void)s;
	did->nr_detached++;
}

size_t session__map_bytes(const struct session *s)
{
	(void)s;
	return 4096;
}

void session__close(struct session *s)
{
	did->nr_closed += s != NULL;
	free(s);
}

/* The last run of the tool. */
static struct {
	pid_t pid;
	int out_fd, err_fd;
	int status; /* as the shell gives it */
	char *out, *err;
} ran = { .out_fd = -1, .err_fd = -1 };

static void forget(void)
{
	close(ran.out_fd);
	close(ran.err_fd);
	free(ran.out);
	free(ran.err);
	memset(&ran, -1, sizeof(ran));
	ran.out = ran.err = NULL;
}

static char *contents(int fd)
{
	struct stat st;
	char *text;

	assert_int_equal(fstat(fd, &st), 0);
	text = calloc(1, st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, st.st_size, 0), st.st_size);
	return text;
}

#define MAX_ARGS 64
static void begin(int out_fd, const char *const *args)
{
	char *argv[MAX_ARGS + 2] = { (char *)TOOL_NAME };
	int argc = 1;

	while (args[argc - 1] && argc <= MAX_ARGS) {
		argv[argc] = (char *)args[argc - 1];
		argc++;
	}
	forget();
	memset(did, 0, sizeof(*did));
	ran.out_fd = out_fd;
	ran.err_fd = memfd_create("err", 0);
	fflush(NULL);
	ran.pid = fork();
	assert_true(ran.pid >= 0 && ran.err_fd >= 0);
	if (ran.pid)
		return;
	program_invocation_short_name = argv[0];
	dup2(ran.out_fd, STDOUT_FILENO);
	dup2(ran.err_fd, STDERR_FILENO);
	exit(TOOL_MAIN(argc, argv));
}

static void end(void)
{
	int status;

	assert_int_equal(waitpid(ran.pid, &status, 0), ran.pid);
	ran.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	ran.err = contents(ran.err_fd);
	ran.out = contents(ran.out_fd);
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void run_tool(const char *const *args)
{
	begin(memfd_create("out", 0), args);
	end();
}

static int count(const char *text, const char *what)
{
	int nr = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		nr++;
	return nr;
}

static void assert_status(int status)
{
	if (ran.status != status)
		print_message("%s%s", ran.out, ran.err);
	assert_int_equal(ran.status, status);
}

static void share_what_it_did(void)
{
	did = mmap(NULL, sizeof(*did), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (did == MAP_FAILED)
		abort();
	was_dropped = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

#endif
