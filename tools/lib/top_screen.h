/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The terminal: the only user of ncurses. It is left as it was found on every way out, also where a
 * signal or a failed assertion ends the process. Linked into vgic-top alone.
 */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include "top_ui.h"

/* Whether there is a terminal that can do it. 0, or -errno and in @line what to tell the user. */
int top_screen__check(char *line, size_t size);
/* stop__init() comes before. 0 or -errno. */
int top_screen__open(void);
/* What was on the terminal is there again. No-op where it is not open. */
void top_screen__close(void);

/* As large as the terminal is now. */
struct top_look top_screen__look(void);
/* The next key that is there: a character or enum top_key. 0: none; -EIO: the terminal is gone. */
int top_screen__key(void);
void top_screen__draw(const struct top_frame *frame, const struct top_look *look);
void top_screen__redraw(void); /* the next time, all of it */

#endif
