// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "preflight.h"
#include "start.h"
#include "stop.h"

static void on_limit(int sig)
{
	(void)sig;
}

void start__stdio(void)
{
	/* A recording at the limit of a file's size (ulimit -f) is told like a full disk. No
	 * SIG_IGN: the command would inherit it. */
	const struct sigaction at_limit = { .sa_handler = on_limit, .sa_flags = SA_RESTART };
	int fd;

	signal(SIGPIPE, SIG_DFL);
	sigaction(SIGXFSZ, &at_limit, NULL);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		;
	close(fd);
}

int start__check(struct pick *pick, char *line, size_t size)
{
	int err = preflight__check(line, size);

	if (!err)
		err = pick__resolve(pick, line, size);
	if (err)
		return err;
	err = stop__init();
	if (err)
		snprintf(line, size, "cannot take signals: %s", strerror(-err));
	return err;
}
