// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ftrace_body.h"

/* Decimal digits at *s, which moves behind them. At most INT_MAX, or -1: none, or too many. */
static int take_int(char **s)
{
	long v = 0;

	if (!isdigit((unsigned char)**s))
		return -1;
	for (; isdigit((unsigned char)**s); (*s)++) {
		v = v * 10 + (**s - '0');
		if (v > INT_MAX)
			return -1;
	}
	return v;
}

/*
 * "12.345" as whole thousandths or so: @unit is what 1 is in ns, the last digit is worth *last_ns.
 * false: no such number, or it is out of range.
 */
static bool take_decimal(char **s, uint64_t unit, uint64_t *ns, uint32_t *last_ns)
{
	uint64_t v = 0;
	char *p = *s;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		v = v * 10 + (*p - '0');
		if (v > UINT64_MAX / 100 / unit)
			return false;
	}
	v *= unit;
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++) {
			unit /= 10;
			v += (*p - '0') * unit;
		}
	}
	*s = p;
	*ns = v;
	*last_ns = unit ? unit : 1;
	return true;
}

/* The pid of "comm-123", the comm being anything; FTRACE_UNKNOWN: it does not end like that. */
static int pid_of(const char *s)
{
	char *dash = strrchr(s, '-');
	char *end;
	int pid;

	if (!dash || dash == s)
		return FTRACE_UNKNOWN;
	end = dash + 1;
	pid = take_int(&end);
	return pid < 0 || *end ? FTRACE_UNKNOWN : pid;
}

static bool parse_lost(char *s, struct ftrace_line *line)
{
	char *p, *lost;

	if (strncmp(s, "CPU:", 4))
		return false;
	p = s + 4;
	line->cpu = take_int(&p);
	p = ftrace_body__skip(p);
	if (line->cpu < 0 || *p != '[' || !strstr(p, "EVENTS"))
		return false;
	lost = strpbrk(p, "0123456789");
	line->lost = lost ? strtoull(lost, NULL, 10) : 0;
	line->kind = FTRACE_LOST;
	return true;
}

/* "# entries-in-buffer/entries-written: 140080/250280   #P:4": the ring buffer overran. */
static void parse_header(char *s, struct ftrace_line *line)
{
	unsigned long long kept, written;
	char *p = strstr(s, "entries-in-buffer/entries-written:");

	line->kind = FTRACE_NOTHING;
	if (p && sscanf(strchr(p, ':'), ": %llu/%llu", &kept, &written) == 2 && written > kept) {
		line->kind = FTRACE_LOST;
		line->lost = written - kept;
	}
}

/* What trace-cmd report says before and between the lines. */
static bool is_preamble(const char *s)
{
	static const char *const starts[] = { "cpus=", "version = ", "trace-cmd", "buffer" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(s, starts[i], strlen(starts[i])))
			return true;
	return !strncmp(s, "CPU ", 4) && strstr(s, " is empty");
}

/* What takes longer than an hour is no call on this path: the text is damaged. */
#define MAX_DURATION_NS 3600000000000ULL

/* A duration column: "", "0.144 us", "+ 10.480 us", or an arrow. false: it is none. */
static bool parse_duration(char *s, struct ftrace_line *line)
{
	s = ftrace_body__skip(s);
	ftrace_body__trim(s);
	if (!strcmp(s, "==========>") || !strcmp(s, "<==========")) {
		line->kind = *s == '=' ? FTRACE_IRQ_IN : FTRACE_IRQ_OUT;
		return true;
	}
	if (*s && strchr("+!#*@$&", *s))
		s = ftrace_body__skip(s + 1);
	if (!*s)
		return true;
	if (!take_decimal(&s, 1000, &line->duration_ns, &line->unit_ns))
		return false;
	s = ftrace_body__skip(s);
	line->has_duration = !strcmp(s, "us");
	return line->has_duration && line->duration_ns <= MAX_DURATION_NS;
}

/* Whether a call stands here, and no column. */
static bool is_body(const char *s)
{
	size_t n = strcspn(s, " ([|");

	return *s == '}' || !strncmp(s, "/*", 2) || (n && s[n] == '(');
}

#define MAX_FLAGS 8 /* "d..1.": characters that say how things stood */

/* The columns from the duration on; task and flags may stand before it. */
static bool parse_columns(char *s, struct ftrace_line *line)
{
	for (int i = 0; i < 4; i++) {
		char *bar = strchr(s, '|');
		int pid;

		/* Without a duration column (nofuncgraph-duration) the call comes at once. */
		if (!bar || is_body(ftrace_body__skip(s))) {
			ftrace_body__parse(s, line);
			return line->kind != FTRACE_BAD;
		}
		*bar = '\0';
		if (parse_duration(s, line)) {
			if (line->kind != FTRACE_IRQ_IN && line->kind != FTRACE_IRQ_OUT)
				ftrace_body__parse(bar + 1, line);
			return true;
		}
		s = ftrace_body__skip(s);
		ftrace_body__trim(s);
		pid = pid_of(s);
		if (pid != FTRACE_UNKNOWN)
			line->pid = pid;
		else if (strlen(s) > MAX_FLAGS || strchr(s, ' '))
			return false;
		s = bar + 1;
	}
	return false;
}

/* " 0)     vg-108     =>     vg-109    " behind the CPU. */
static bool parse_switch(char *s, struct ftrace_line *line)
{
	char *arrow = strstr(s, " => ");

	if (!arrow)
		return false;
	*arrow = '\0';
	s = ftrace_body__skip(s);
	if (*s == '|')
		s = ftrace_body__skip(s + 1);
	ftrace_body__trim(s);
	line->prev_pid = pid_of(s);
	s = ftrace_body__skip(arrow + 4);
	ftrace_body__trim(s);
	line->pid = pid_of(s);
	line->kind = FTRACE_SWITCH;
	return line->pid != FTRACE_UNKNOWN && line->prev_pid != FTRACE_UNKNOWN;
}

/* "12.345678 |   0)  task-1 | 0.144 us | body", the first three where there are such columns. */
static bool parse_graph(char *s, struct ftrace_line *line)
{
	char *p = ftrace_body__skip(s), *q = p;
	uint32_t last;
	int cpu;

	if (take_decimal(&q, 1000000000, &line->time_ns, &last)) {
		q = ftrace_body__skip(q);
		if (*q == '|') {
			line->has_time = true;
			p = ftrace_body__skip(q + 1);
		}
	}
	q = p;
	cpu = take_int(&q);
	if (cpu >= 0 && *q == ')') {
		line->cpu = cpu;
		if (strstr(q, " => ") && !strstr(q, "()") && !strstr(q, "/*"))
			return parse_switch(q + 1, line);
		p = q + 1;
	} else if (!line->has_time && !strchr(p, '|')) {
		return false;
	}
	return parse_columns(p, line);
}

/* The event behind the time: function_graph's own, or another. */
static bool parse_record(char *s, struct ftrace_line *line)
{
	static const char entry[] = "funcgraph_entry:", leave[] = "funcgraph_exit:";

	if (!strncmp(s, entry, sizeof(entry) - 1))
		return parse_columns(s + sizeof(entry) - 1, line);
	if (!strncmp(s, leave, sizeof(leave) - 1))
		return parse_columns(s + sizeof(leave) - 1, line);
	ftrace_body__trim(s);
	ftrace_body__event(s, line);
	return line->name;
}

/* "comm-123 [000] d..1 12.345678: event: text"; the flags, and a (tgid), need not be there. */
static bool parse_flat(char *s, struct ftrace_line *line)
{
	char *p = s, *task = NULL, *q;
	uint32_t last;
	int cpu;

	for (; (p = strchr(p, '[')); p++) {
		q = p + 1;
		cpu = take_int(&q);
		if (cpu < 0 || *q != ']' || p == s || p[-1] != ' ')
			continue;
		task = p;
		break;
	}
	if (!task)
		return false;
	*task = '\0';
	ftrace_body__trim(s);
	p = strrchr(s, '(');
	if (p && s[strlen(s) - 1] == ')') {
		*p = '\0';
		ftrace_body__trim(s);
	}
	line->cpu = cpu;
	line->pid = pid_of(ftrace_body__skip(s));
	p = ftrace_body__skip(q + 1);
	q = p;
	if (!take_decimal(&q, 1000000000, &line->time_ns, &last) || *q != ':') {
		p = ftrace_body__skip(p + strcspn(p, " "));
		q = p;
		if (!take_decimal(&q, 1000000000, &line->time_ns, &last) || *q != ':')
			return false;
	}
	line->has_time = true;
	return line->pid != FTRACE_UNKNOWN && parse_record(ftrace_body__skip(q + 1), line);
}

static bool is_flat(const char *s)
{
	const char *p = s;

	while ((p = strchr(p, '['))) {
		size_t n = strspn(p + 1, "0123456789");

		if (n && p[1 + n] == ']' && p > s && p[-1] == ' ')
			return true;
		p++;
	}
	return false;
}

/* A tracefs line starts with a time and a bar, or a CPU and a parenthesis. */
static bool is_graph(const char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strspn(s, "0123456789");
	if (n && s[n] == ')')
		return true;
	n = strspn(s, "0123456789.");
	return n && s[n + strspn(s + n, " ")] == '|';
}

void ftrace_text__parse(char *s, struct ftrace_line *line)
{
	char *start = ftrace_body__skip(s);
	bool ok;

	*line = (struct ftrace_line){
		.kind = FTRACE_NOTHING,
		.cpu = FTRACE_UNKNOWN,
		.pid = FTRACE_UNKNOWN,
		.prev_pid = FTRACE_UNKNOWN,
	};
	ftrace_body__trim(s);
	if (*start == '#')
		parse_header(start, line);
	if (!*start || *start == '#' || start[strspn(start, "-")] == '\0')
		return;
	if (parse_lost(start, line) || is_preamble(start))
		return;
	ok = !is_graph(s) && is_flat(s) ? parse_flat(s, line) : parse_graph(s, line);
	if (!ok)
		line->kind = FTRACE_BAD;
}
