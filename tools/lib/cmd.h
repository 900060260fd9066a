/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A command that is run under observation: made first, but held back until all is attached, so that
 * nothing of it is missed. Its stdout goes to our stderr: stdout is for data.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>

struct cmd;

/*
 * Takes "-- CMD..." off the end of the arguments: NULL if there is none, else what follows the --.
 * (argp does not tell what stood before the -- from what stood behind it.)
 */
char **cmd__split(int *argc, char **argv);

/* Makes the process, which waits. @argv as for execvp(3). 0 or -errno. */
int cmd__hold(char **argv, struct cmd **cmd);
/* Lets it go. 0, or -errno where it could not be started (-ENOENT: not found). */
int cmd__release(struct cmd *cmd);
/* Whether it has ended; does not wait. */
bool cmd__has_ended(struct cmd *cmd);
/* Sends it a signal, if it has not ended. */
void cmd__kill(struct cmd *cmd, int sig);
/*
 * Ends it: SIGTERM and, where that is ignored for 5 s, SIGKILL. Whether it had to; false: it had
 * ended.
 */
bool cmd__end(struct cmd *cmd);
/* Exit status as the shell gives it (128 + number for a signal). For one that has ended. */
int cmd__status(const struct cmd *cmd);
/* Drops one that is still held back; waits for no other. NULL: no-op. */
void cmd__free(struct cmd *cmd);

#endif
