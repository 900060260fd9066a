/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What every tool that traces does first. */
#ifndef START_H
#define START_H

#include <stddef.h>
#include "pick.h"

/*
 * A reader that goes away ends us quietly, whatever was inherited; where stdin, stdout or stderr is
 * closed, no file of ours shall take its place.
 */
void start__stdio(void);

/*
 * What can go wrong before anything is attached: this machine, @pick, signals. 0, or -errno and in
 * @line what to tell the user ("cannot ...: reason; hint").
 */
int start__check(struct pick *pick, char *line, size_t size);

#endif
