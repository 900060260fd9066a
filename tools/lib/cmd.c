// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cmd.h"
#include "stop.h"

#define END_NS 5000000000ULL

struct cmd {
	pid_t pid;
	int go_fd;    /* one byte lets it go; closing it ends it */
	int error_fd; /* errno of a failed exec; closed without a word by one that works */
	bool has_ended;
	int wait_status;
};

char **cmd__split(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		*argc = i;
		argv[i] = NULL;
		return &argv[i + 1];
	}
	return NULL;
}

/* In the child. */
__attribute__((noreturn)) static void child(char **argv, int go_fd, int error_fd)
{
	ssize_t ret;
	char byte;
	int err;

	/* What is sent to all of us while it waits, a Ctrl-C, shall not be lost on it. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	do
		ret = read(go_fd, &byte, 1);
	while (ret < 0 && errno == EINTR);
	if (ret != 1)
		_exit(0);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	err = errno;
	ret = write(error_fd, &err, sizeof(err));
	_exit(127);
}

int cmd__hold(char **argv, struct cmd **cmd)
{
	int go[2] = { -1, -1 }, error[2] = { -1, -1 }, err = 0;
	struct cmd *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	if (pipe2(go, O_CLOEXEC) || pipe2(error, O_CLOEXEC) || (c->pid = fork()) < 0)
		err = -errno;
	if (!err && !c->pid) {
		close(go[1]);
		close(error[0]);
		child(argv, go[0], error[1]);
	}
	close(go[0]);
	close(error[1]);
	c->go_fd = go[1];
	c->error_fd = error[0];
	if (err) {
		close(c->go_fd);
		close(c->error_fd);
		free(c);
		return err;
	}
	*cmd = c;
	return 0;
}

static void cmd__close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void cmd__reap(struct cmd *cmd, int flags)
{
	pid_t pid;

	do
		pid = waitpid(cmd->pid, &cmd->wait_status, flags);
	while (pid < 0 && errno == EINTR);
	if (pid == cmd->pid)
		cmd->has_ended = true;
}

int cmd__release(struct cmd *cmd)
{
	int err = 0;
	ssize_t n;

	/* It can only be gone if somebody killed it: SIGPIPE would then kill us. */
	if (cmd__has_ended(cmd))
		return 0;
	n = write(cmd->go_fd, "", 1);
	cmd__close(&cmd->go_fd);
	do
		n = read(cmd->error_fd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	cmd__close(&cmd->error_fd);
	if (n != sizeof(err))
		return 0;
	cmd__reap(cmd, 0);
	return -err;
}

bool cmd__has_ended(struct cmd *cmd)
{
	if (!cmd->has_ended)
		cmd__reap(cmd, WNOHANG);
	return cmd->has_ended;
}

void cmd__kill(struct cmd *cmd, int sig)
{
	if (!cmd__has_ended(cmd))
		kill(cmd->pid, sig);
}

bool cmd__end(struct cmd *cmd)
{
	uint64_t deadline = stop__now_ns() + END_NS;

	if (cmd__has_ended(cmd))
		return false;
	cmd__kill(cmd, SIGTERM);
	while (!cmd__has_ended(cmd) && stop__now_ns() < deadline)
		stop__wait(stop__now_ns() + 100000000);
	cmd__kill(cmd, SIGKILL);
	return true;
}

int cmd__status(const struct cmd *cmd)
{
	if (WIFSIGNALED(cmd->wait_status))
		return 128 + WTERMSIG(cmd->wait_status);
	return WEXITSTATUS(cmd->wait_status);
}

void cmd__free(struct cmd *cmd)
{
	bool is_held;

	if (!cmd)
		return;
	is_held = cmd->go_fd >= 0;
	cmd__close(&cmd->go_fd);
	cmd__close(&cmd->error_fd);
	if (is_held && !cmd->has_ended)
		cmd__reap(cmd, 0);
	free(cmd);
}
