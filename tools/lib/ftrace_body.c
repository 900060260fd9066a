// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The calls and events themselves: what stands behind a line's columns. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_body.h"

char *ftrace_body__skip(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

void ftrace_body__trim(char *s)
{
	size_t n = strlen(s);

	while (n && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
}

/* "funcgraph-retval": "= 0x0", "ret=0x0", "ret = -5". */
static void parse_ret(const char *s, struct ftrace_line *line)
{
	const char *p = strchr(s, '=');
	char *end = (char *)p + 1;

	if (!p)
		return;
	errno = 0;
	line->ret = p[1] == ' ' || isalnum((unsigned char)p[1]) || p[1] == '-'
			    ? strtoll(p + 1, &end, 0)
			    : 0;
	line->has_ret = !errno && end != p + 1;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

/* A function's name without what the compiler added to it (".constprop.0"). */
static char *take_name(char **s)
{
	char *name = *s;

	while (is_name_char(**s))
		(*s)++;
	return *s > name ? name : NULL;
}

static void end_name(char *name, char *end)
{
	char *dot;

	*end = '\0';
	dot = strchr(name, '.');
	if (dot && dot > name)
		*dot = '\0';
}

/* The comment behind a call: "} / * name ret=0x0 * /". */
static void parse_tail(char *s, struct ftrace_line *line, bool has_name)
{
	char *name, *end;

	s = ftrace_body__skip(s);
	if (!*s)
		return;
	end = strstr(s, "*/");
	if (strncmp(s, "/*", 2) || !end || *ftrace_body__skip(end + 2)) {
		line->kind = FTRACE_BAD;
		return;
	}
	*end = '\0';
	s = ftrace_body__skip(s + 2);
	if (has_name) {
		name = take_name(&s);
		if (!name) {
			line->kind = FTRACE_BAD;
			return;
		}
		parse_ret(s, line);
		end_name(name, s);
		line->name = name;
		return;
	}
	parse_ret(s, line);
}

/* "name() {", "name();", "name [module](args) { / * comment * /". */
static void parse_call(char *s, struct ftrace_line *line)
{
	char *name = take_name(&s), *end = s, *tail, *close;

	line->kind = FTRACE_BAD;
	if (!name || isdigit((unsigned char)*name))
		return;
	if (!strncmp(s, " [", 2)) {
		s = strchr(s, ']');
		if (!s)
			return;
		s++;
	}
	if (*s != '(')
		return;
	/* Arguments (funcgraph-args) may hold parentheses, a comment may not come before the end.
	 */
	tail = strstr(s, "/*");
	if (tail)
		*tail = '\0';
	close = strrchr(s, ')');
	if (!close)
		return;
	ftrace_body__trim(close);
	if (!strcmp(close, ");"))
		line->kind = FTRACE_LEAF;
	else if (!strcmp(close, ") {"))
		line->kind = FTRACE_ENTER;
	else
		return;
	if (tail) {
		*tail = '/';
		parse_tail(tail, line, false);
	}
	line->name = name;
	end_name(name, end);
}

void ftrace_body__event(char *s, struct ftrace_line *line)
{
	char *name = s, *end;

	line->kind = FTRACE_EVENT;
	take_name(&s);
	if (s > name && *s == ':') {
		end = s;
		s = ftrace_body__skip(s + 1);
		*end = '\0';
		line->name = name;
	}
	line->text = s;
}

void ftrace_body__parse(char *s, struct ftrace_line *line)
{
	char *start = ftrace_body__skip(s), *end;

	line->indent = start - s;
	ftrace_body__trim(start);
	if (*start == '}') {
		line->kind = FTRACE_LEAVE;
		parse_tail(start + 1, line, true);
	} else if (!strncmp(start, "/*", 2)) {
		end = strstr(start, "*/");
		if (!end || end < start + 2) {
			line->kind = FTRACE_BAD;
			return;
		}
		*end = '\0';
		start = ftrace_body__skip(start + 2);
		ftrace_body__trim(start);
		ftrace_body__event(start, line);
	} else {
		parse_call(start, line);
	}
}

#define MAX_GPA_BITS 52 /* of arm64 */

int ftrace_text__mmio(const char *text, struct ftrace_mmio *mmio)
{
	char what[20], gpa[17], val[2];
	unsigned int len;

	if (sscanf(text, "mmio %19s len %3u gpa 0x%16[0-9a-f] val 0x%1[0-9a-f]", what, &len, gpa,
		   val) != 4)
		return -EINVAL;
	mmio->gpa = strtoull(gpa, NULL, 16);
	if (!len || len > 8 || len & (len - 1) || mmio->gpa >> MAX_GPA_BITS)
		return -EINVAL;
	mmio->is_write = !strcmp(what, "write");
	mmio->is_done = !strcmp(what, "read");
	if (!mmio->is_write && !mmio->is_done && strcmp(what, "unsatisfied-read"))
		return -EINVAL;
	mmio->len = len;
	return 0;
}
