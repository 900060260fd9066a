// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "preflight.h"
#include "start.h"
#include "stop.h"

void start__stdio(void)
{
	int fd;

	signal(SIGPIPE, SIG_DFL);
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
