// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cmp_run.h"

extern char **environ;

/* Runs it, its stdout on our stderr. Status as the shell gives it, or -errno. */
static int run(char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int status, err = posix_spawn_file_actions_init(&actions);
	pid_t pid;

	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (!err)
		err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_shell(const char *command)
{
	char *const argv[] = { "sh", "-c", (char *)command, NULL };

	return run(argv);
}

/* sh -c 'RECORDER -o "$0" -- "$@"' FILE WORKLOAD..., so that RECORDER may have options. */
static int record(const struct cmp_run_opts *opts, const char *file, char *const *workload)
{
	size_t nr = 0;
	char **argv, *script;
	int err;

	while (workload[nr])
		nr++;
	if (asprintf(&script, "exec %s -o \"$0\" -- \"$@\"", opts->recorder) < 0)
		return -ENOMEM;
	argv = calloc(nr + 5, sizeof(*argv));
	if (!argv) {
		free(script);
		return -ENOMEM;
	}
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = (char *)file;
	memcpy(argv + 4, workload, nr * sizeof(*argv));
	err = run(argv);
	free(argv);
	free(script);
	return err;
}

static int tell(int status, const char *what, const char *command, char *line, size_t size)
{
	if (status < 0)
		snprintf(line, size, "cannot run %s '%s': %s", what, command, strerror(-status));
	else if (status)
		snprintf(line, size, "%s '%s' failed with status %d", what, command, status);
	return status < 0 ? status : status ? -ECHILD : 0;
}

static int one_run(const struct cmp_run_opts *opts, bool is_new, const char *file, char *line,
		   size_t size)
{
	const char *command = is_new ? opts->new : opts->base;
	char *const as_workload[] = { "sh", "-c", (char *)command, NULL };
	int err;

	if (!opts->workload)
		return tell(record(opts, file, as_workload), is_new ? "--new" : "--base", command,
			    line, size);
	err = tell(run_shell(command), is_new ? "--new" : "--base", command, line, size);
	if (err)
		return err;
	return tell(record(opts, file, opts->workload), "the recording of", opts->workload[0], line,
		    size);
}

static int files__name(struct cmp_run_files *files, const char *dir, size_t nr_pairs)
{
	/* In this order `vgic-cmp --pairs DIR/x.vgic...` takes them, too. */
	files->base = calloc(nr_pairs + 1, sizeof(char *));
	files->new = calloc(nr_pairs + 1, sizeof(char *));
	if (!files->base || !files->new)
		return -ENOMEM;
	for (files->nr_pairs = 0; files->nr_pairs < nr_pairs; files->nr_pairs++) {
		size_t i = files->nr_pairs;

		if (asprintf(&files->base[i], "%s/%03zu-base.vgic", dir, i + 1) < 0)
			files->base[i] = NULL;
		if (asprintf(&files->new[i], "%s/%03zu-new.vgic", dir, i + 1) < 0)
			files->new[i] = NULL;
		if (!files->base[i] || !files->new[i])
			return -ENOMEM;
	}
	return 0;
}

static int prepare(const struct cmp_run_opts *opts, struct cmp_run_files *files, char *line,
		   size_t size)
{
	int err = files__name(files, opts->dir, opts->nr_pairs);

	if (err) {
		snprintf(line, size, "out of memory");
		return err;
	}
	if (mkdir(opts->dir, 0777) && errno != EEXIST) {
		err = -errno;
		snprintf(line, size, "cannot make %s: %s", opts->dir, strerror(-err));
	}
	for (size_t i = 0; i < opts->nr_pairs && !err; i++)
		for (int is_new = 0; is_new < 2 && !err; is_new++) {
			const char *file = is_new ? files->new[i] : files->base[i];

			if (access(file, F_OK))
				continue;
			err = -EEXIST;
			snprintf(line, size,
				 "cannot record: there is a %s already; -o takes another folder",
				 file);
		}
	return err;
}

int cmp_run__record(const struct cmp_run_opts *opts, struct cmp_run_files *files, char *line,
		    size_t size)
{
	int err;

	memset(files, 0, sizeof(*files));
	err = prepare(opts, files, line, size);
	for (size_t i = 0; i < 2 * opts->nr_pairs && !err; i++) {
		size_t pair = i / 2;
		bool is_new = (i + pair) % 2; /* ABBA */

		fprintf(stderr, "pair %zu of %zu: %s\n", pair + 1, opts->nr_pairs,
			is_new ? "new" : "base");
		err = one_run(opts, is_new, is_new ? files->new[pair] : files->base[pair], line,
			      size);
	}
	if (err)
		cmp_run_files__clear(files);
	return err;
}

void cmp_run_files__clear(struct cmp_run_files *files)
{
	for (size_t i = 0; i < files->nr_pairs; i++) {
		free(files->base[i]);
		free(files->new[i]);
	}
	free(files->base);
	free(files->new);
	memset(files, 0, sizeof(*files));
}
