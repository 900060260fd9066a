// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "stop.h"

#define TWICE_NS 200000000ULL

static int wake_pipe[2];
static volatile sig_atomic_t asked, from_terminal;
static volatile uint64_t asked_ns; /* the handler's own */
static void (*before_kill)(void);

uint64_t stop__now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static bool is_request(int sig)
{
	return sig == SIGINT || sig == SIGTERM || sig == SIGHUP;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	ssize_t ret;

	(void)context;
	if (is_request(sig) && !asked) {
		asked_ns = stop__now_ns();
		asked = sig;
		from_terminal = info->si_code == SI_KERNEL;
	} else if (is_request(sig) && stop__now_ns() - asked_ns > TWICE_NS) {
		if (before_kill)
			before_kill();
		/* It is blocked here, and delivered as soon as this returns. */
		signal(sig, SIG_DFL);
		raise(sig);
	}
	ret = write(wake_pipe[1], "", 1); /* full: there is a wake-up in it already */
	(void)ret;
	errno = saved;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };

int stop__wake_by(int sig)
{
	struct sigaction sa = { .sa_sigaction = on_signal,
				.sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP };

	/* One at a time: the handler's state has one writer. */
	for (int i = 0; i < 4; i++)
		sigaddset(&sa.sa_mask, signals[i]);
	return sigaction(sig, &sa, NULL) ? -errno : 0;
}

int stop__init(void)
{
	int err = pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) ? -errno : 0;

	for (int i = 0; i < 4 && !err; i++)
		err = stop__wake_by(signals[i]);
	return err;
}

void stop__before_kill(void (*fn)(void))
{
	before_kill = fn;
}

int stop__signal(void)
{
	return asked;
}

bool stop__from_terminal(void)
{
	return from_terminal;
}

void stop__wait(uint64_t until_ns)
{
	stop__wait_fd(until_ns, -1);
}

void stop__wait_fd(uint64_t until_ns, int fd)
{
	struct pollfd fds[] = { { .fd = wake_pipe[0], .events = POLLIN },
				{ .fd = fd, .events = POLLIN } };
	uint64_t now = stop__now_ns();
	struct timespec ts;
	char buf[64];

	if (until_ns < now)
		until_ns = now;
	ts.tv_sec = (until_ns - now) / 1000000000;
	ts.tv_nsec = (until_ns - now) % 1000000000;
	if (ppoll(fds, 2, &ts, NULL) > 0)
		while (read(wake_pipe[0], buf, sizeof(buf)) > 0)
			;
}
