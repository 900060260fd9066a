/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One line of function_graph text, as the kernel's "trace" and "trace_pipe" have it (with any of
 * the funcgraph-* options) and as trace-cmd report does; lines of events alone (nop tracer) too.
 * Pure text: what the calls mean, and whether they fit each other, is for others.
 *
 * Formats: kernel/trace/trace_functions_graph.c and trace_output.c (v4.0 to v7.2), trace-cmd's
 * plugin_function_graph.
 */
#ifndef FTRACE_TEXT_H
#define FTRACE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum ftrace_kind {
	FTRACE_NOTHING, /* blank, header, ruler */
	FTRACE_ENTER,   /* name() { */
	FTRACE_LEAF,    /* name(); */
	FTRACE_LEAVE,   /* a closing brace, the name behind it or not */
	FTRACE_EVENT,   /* name: text */
	FTRACE_SWITCH,  /* CPU) prev => next */
	FTRACE_LOST,    /* CPU:n [LOST m EVENTS] */
	FTRACE_IRQ_IN,  /* ==========> */
	FTRACE_IRQ_OUT, /* <========== */
	FTRACE_BAD,     /* nothing of this */
};

#define FTRACE_UNKNOWN (-1) /* CPU, pid: the line does not say */

struct ftrace_line {
	enum ftrace_kind kind;
	int cpu;
	int pid;      /* of FTRACE_SWITCH: the next one */
	int prev_pid; /* of FTRACE_SWITCH */
	bool has_time, has_duration;
	uint64_t time_ns;
	uint64_t duration_ns;
	uint32_t unit_ns;    /* what the last digit of the duration stands for */
	unsigned int indent; /* blanks before a call */
	const char *name;    /* function (NULL: a leave that does not say), or event */
	const char *text;    /* event: what follows its name */
	uint64_t lost;       /* events; of FTRACE_LOST (0: it does not say) and of the header */
	bool has_ret;
	int64_t ret; /* FTRACE_LEAF, FTRACE_LEAVE with funcgraph-retval */
};

/* Takes @s, without its newline, apart: @line points into it, and it is written to. */
void ftrace_text__parse(char *s, struct ftrace_line *line);

/* A kvm_mmio event's text: "mmio write len 4 gpa 0x8000104 val 0x0". */
struct ftrace_mmio {
	bool is_write, is_done; /* is_done: a read's value is there, the access began earlier */
	uint8_t len;
	uint64_t gpa;
};
/* 0, or -EINVAL where it is none. */
int ftrace_text__mmio(const char *text, struct ftrace_mmio *mmio);

#endif
