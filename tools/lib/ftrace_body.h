/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Used by ftrace_text.c: what stands behind a line's columns. */
#ifndef FTRACE_BODY_H
#define FTRACE_BODY_H

#include "ftrace_text.h"

char *ftrace_body__skip(char *s); /* to the first that is no blank */
void ftrace_body__trim(char *s);  /* takes the blanks off its end */
/* "  name() {", "  }", an event in a comment: fills in all that the columns do not tell. */
void ftrace_body__parse(char *s, struct ftrace_line *line);
/* "name: text", as it is in a comment, or behind the time where there are no columns. */
void ftrace_body__event(char *s, struct ftrace_line *line);

#endif
