// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * pty CMD...: runs CMD in a terminal of 100x30. What it writes goes to stdout, what comes in on
 * stdin is typed. At the end says on stderr whether it left the terminal's modes as they were. The
 * exit status is CMD's (128 + number for a signal).
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

static int copy(int from, int to)
{
	char buf[4096];
	ssize_t n = read(from, buf, sizeof(buf));

	return n > 0 && write(to, buf, n) == n ? 0 : -1;
}

static void pump(int terminal)
{
	struct pollfd fds[] = { { .fd = terminal, .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };

	while (poll(fds, 2, -1) > 0 || errno == EINTR) {
		if (fds[0].revents && copy(terminal, STDOUT_FILENO))
			return;
		if (fds[1].revents && copy(STDIN_FILENO, terminal))
			fds[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 30, .ws_col = 100 };
	struct termios before = { 0 }, after = { 0 };
	int terminal, own, status;
	pid_t pid;

	if (argc < 2 || openpty(&terminal, &own, NULL, NULL, &size))
		return 125;
	tcgetattr(own, &before);
	pid = fork();
	if (!pid) {
		close(terminal);
		login_tty(own);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	close(own);
	pump(terminal);
	waitpid(pid, &status, 0);
	tcgetattr(terminal, &after);
	fprintf(stderr, "modes %s\n",
		memcmp(&before, &after, sizeof(before)) ? "differ" : "restored");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
