/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * How a run ends: SIGINT or SIGTERM asks it to stop, a second one kills. (timeout(1) sends its
 * signal twice at once, to the process and to its group: what comes within 200 ms counts as one.)
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Takes over SIGINT, SIGTERM and SIGCHLD. Once per process. 0 or -errno. */
int stop__init(void);

/* The signal that asked to stop; 0 = none did. */
int stop__signal(void);
/* Whether it came from the keyboard, which sends it to the command that we run as well. */
bool stop__from_terminal(void);

/* Takes over another signal, which asks nothing but ends a wait. 0 or -errno. */
int stop__wake_by(int sig);
/* What is to be done before a second signal kills; async-signal-safe. */
void stop__before_kill(void (*fn)(void));

/* CLOCK_MONOTONIC. */
uint64_t stop__now_ns(void);
/* Waits until a time, or less where a signal comes in or a child ends. */
void stop__wait(uint64_t until_ns);
/* The same, or until @fd can be read (-1: none). */
void stop__wait_fd(uint64_t until_ns, int fd);

#endif
