/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * vgic-top's screen without a terminal: which page is shown, what a key does, and the lines that
 * come of it (top_frame.c).
 */
#ifndef TOP_UI_H
#define TOP_UI_H

#include <stdbool.h>
#include <stdint.h>
#include "top_list.h"
#include "top_model.h"

enum top_page { TOP_LIST, TOP_DETAIL, TOP_HELP };
enum top_prompt { TOP_NO_PROMPT, TOP_ASK_FILTER, TOP_ASK_FILE };

#define TOP_INPUT_SZ 256

struct top_ui {
	struct top_model *model;
	enum top_page page;
	enum top_prompt prompt;
	char input[TOP_INPUT_SZ];
	bool is_suggested; /* the input: what is typed takes its place */
	char message[512]; /* until the next key; "" = none */
	size_t first;      /* position of the first line on the screen */
	size_t scroll;     /* lines of the page that are above it */
	uint64_t interval_ns;
	double own_cpu;               /* CPU time that we take, of one CPU; NAN: not known */
	char recording[TOP_INPUT_SZ]; /* where to; "" = nowhere */
	bool is_over;                 /* there are no more samples: the end of a replay */
};

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 0x110000,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
};

/* What is left to the caller. */
enum top_request {
	TOP_NOTHING,
	TOP_QUIT,
	TOP_RECORD, /* to ui->input */
	TOP_STOP_RECORD,
	TOP_INTERVAL, /* ui->interval_ns is another */
	TOP_REDRAW,   /* from nothing */
	TOP_NO_MEMORY,
};

void top_ui__init(struct top_ui *ui, struct top_model *model, uint64_t interval_ns);
enum top_request top_ui__press(struct top_ui *ui, int key, unsigned int height);

enum top_attr { TOP_PLAIN, TOP_BOLD, TOP_TITLE, TOP_SELECTED, TOP_DIM, TOP_ALERT };

struct top_frame {
	char *text; /* lines, each ended by a 0 */
	struct top_line {
		const char *text;
		enum top_attr attr;
	} * lines; /* look->height of them */
};

#define TOP_MIN_WIDTH 30
#define TOP_MIN_HEIGHT 8

/* 0 or -ENOMEM. */
int top_frame__make(struct top_frame *frame, struct top_ui *ui, const struct top_look *look);
void top_frame__free(struct top_frame *frame);

#endif
