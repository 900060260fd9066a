// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a key does. */
#include <math.h>
#include <string.h>
#include <time.h>
#include "top_columns.h"
#include "top_ui.h"

#define MS_NS 1000000ULL
#define CTRL(c) ((c)&0x1f)

static const uint64_t intervals_ns[] = { 100 * MS_NS,   200 * MS_NS,   500 * MS_NS,
					 1000 * MS_NS,  2000 * MS_NS,  5000 * MS_NS,
					 10000 * MS_NS, 30000 * MS_NS, 60000 * MS_NS };
#define NR_INTERVALS (sizeof(intervals_ns) / sizeof(intervals_ns[0]))

void top_ui__init(struct top_ui *ui, struct top_model *model, uint64_t interval_ns)
{
	*ui = (struct top_ui){ .model = model, .interval_ns = interval_ns, .own_cpu = NAN };
}

static enum top_request done(int err)
{
	return err ? TOP_NO_MEMORY : TOP_NOTHING;
}

static enum top_request longer(struct top_ui *ui)
{
	for (size_t i = 0; i < NR_INTERVALS; i++)
		if (intervals_ns[i] > ui->interval_ns) {
			ui->interval_ns = intervals_ns[i];
			return TOP_INTERVAL;
		}
	return TOP_NOTHING;
}

static enum top_request shorter(struct top_ui *ui)
{
	for (size_t i = NR_INTERVALS; i-- > 0;)
		if (intervals_ns[i] < ui->interval_ns) {
			ui->interval_ns = intervals_ns[i];
			return TOP_INTERVAL;
		}
	return TOP_NOTHING;
}

static const struct top_column *next_sort(const struct top_model *m)
{
	const struct top_column *c = m->sort[m->shown];

	do
		c = top_column__next(c, m->shown);
	while (!top_column__is_measured(c, m->view));
	return c;
}

static enum top_request show(struct top_ui *ui, enum top_view view)
{
	ui->first = 0;
	ui->page = TOP_LIST;
	top_model__close(ui->model);
	return done(top_model__show(ui->model, view));
}

static enum top_request ask(struct top_ui *ui, enum top_prompt prompt)
{
	time_t now = time(NULL);
	struct tm tm;

	ui->prompt = prompt;
	ui->is_suggested = prompt == TOP_ASK_FILE;
	if (prompt == TOP_ASK_FILTER)
		snprintf(ui->input, sizeof(ui->input), "%s", ui->model->filter);
	else if (!localtime_r(&now, &tm) ||
		 !strftime(ui->input, sizeof(ui->input), "vgic-top-%Y%m%d-%H%M%S.vgic", &tm))
		snprintf(ui->input, sizeof(ui->input), "vgic-top.vgic");
	return TOP_NOTHING;
}

static enum top_request open_row(struct top_ui *ui)
{
	if (!top_model__selected(ui->model))
		return TOP_NOTHING;
	/* Exits have no latencies. */
	if (ui->model->shown == TOP_EXITS) {
		snprintf(ui->message, sizeof(ui->message), "exits are counted, not timed");
		return TOP_NOTHING;
	}
	ui->page = TOP_DETAIL;
	ui->scroll = 0;
	return done(top_model__open(ui->model));
}

static enum top_request press_in_list(struct top_ui *ui, int key, long page)
{
	struct top_model *m = ui->model;

	switch (key) {
	case 'k':
	case TOP_KEY_UP:
		top_model__move(m, -1);
		return TOP_NOTHING;
	case 'j':
	case TOP_KEY_DOWN:
		top_model__move(m, 1);
		return TOP_NOTHING;
	case TOP_KEY_PAGE_UP:
		top_model__move(m, -page);
		return TOP_NOTHING;
	case TOP_KEY_PAGE_DOWN:
		top_model__move(m, page);
		return TOP_NOTHING;
	case 'g':
	case TOP_KEY_HOME:
		top_model__move(m, -(long)m->nr_order);
		return TOP_NOTHING;
	case 'G':
	case TOP_KEY_END:
		top_model__move(m, m->nr_order);
		return TOP_NOTHING;
	case TOP_KEY_ENTER:
		return open_row(ui);
	case 's':
		return done(top_model__sort(m, next_sort(m), m->reverse[m->shown]));
	case 'r':
		return done(top_model__sort(m, m->sort[m->shown], !m->reverse[m->shown]));
	case 'f':
	case '/':
		return ask(ui, TOP_ASK_FILTER);
	case TOP_KEY_ESCAPE:
		return done(top_model__filter(m, ""));
	default:
		return TOP_NOTHING;
	}
}

/* The histograms, the help: text that may be longer than the screen. */
static enum top_request press_in_text(struct top_ui *ui, int key, size_t page)
{
	switch (key) {
	case 'k':
	case TOP_KEY_UP:
		ui->scroll -= ui->scroll ? 1 : 0;
		return TOP_NOTHING;
	case 'j':
	case TOP_KEY_DOWN:
		ui->scroll++;
		return TOP_NOTHING;
	case TOP_KEY_PAGE_UP:
		ui->scroll -= ui->scroll < page ? ui->scroll : page;
		return TOP_NOTHING;
	case TOP_KEY_PAGE_DOWN:
		ui->scroll += page;
		return TOP_NOTHING;
	case 'g':
	case TOP_KEY_HOME:
		ui->scroll = 0;
		return TOP_NOTHING;
	case TOP_KEY_ENTER:
	case TOP_KEY_ESCAPE:
	case TOP_KEY_BACKSPACE:
		ui->page = TOP_LIST;
		top_model__close(ui->model);
		return TOP_NOTHING;
	default:
		return TOP_NOTHING;
	}
}

static enum top_request end_prompt(struct top_ui *ui, bool is_wanted)
{
	enum top_prompt prompt = ui->prompt;

	ui->prompt = TOP_NO_PROMPT;
	if (prompt == TOP_ASK_FILTER && !is_wanted)
		return done(top_model__filter(ui->model, ""));
	return prompt == TOP_ASK_FILE && is_wanted && ui->input[0] ? TOP_RECORD : TOP_NOTHING;
}

static bool is_character(int key)
{
	return key >= ' ' && key < 0x100 && key != 0x7f;
}

static enum top_request press_in_prompt(struct top_ui *ui, int key)
{
	size_t max = ui->prompt == TOP_ASK_FILTER ? TOP_FILTER_SZ : TOP_INPUT_SZ;
	size_t len = strlen(ui->input);

	if (key == TOP_KEY_ENTER || key == TOP_KEY_ESCAPE)
		return end_prompt(ui, key == TOP_KEY_ENTER);
	if (ui->is_suggested && is_character(key))
		len = 0;
	ui->is_suggested = false;
	if (key == TOP_KEY_BACKSPACE && len)
		ui->input[len - 1] = '\0';
	else if (key == CTRL('u'))
		ui->input[0] = '\0';
	else if (is_character(key) && len + 1 < max)
		memcpy(ui->input + len, (char[]){ key, '\0' }, 2);
	if (ui->prompt == TOP_ASK_FILTER)
		return done(top_model__filter(ui->model, ui->input));
	return TOP_NOTHING;
}

/* The keys that are the same on every page; TOP_NO_MEMORY + 1: it is none of them. */
#define NOT_MINE (TOP_NO_MEMORY + 1)
static int press_anywhere(struct top_ui *ui, int key)
{
	if (key >= '1' && key < '1' + TOP_NR_VIEWS)
		return show(ui, key - '1');
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case 'p':
		ui->model->is_paused = !ui->model->is_paused;
		return TOP_NOTHING;
	case '+':
		return longer(ui);
	case '-':
		return shorter(ui);
	case 'P':
		return ui->recording[0] ? TOP_STOP_RECORD : (int)ask(ui, TOP_ASK_FILE);
	case CTRL('l'):
		return TOP_REDRAW;
	case 'h':
	case '?':
		ui->page = ui->page == TOP_HELP ? TOP_LIST : TOP_HELP;
		ui->scroll = 0;
		return TOP_NOTHING;
	default:
		return NOT_MINE;
	}
}

enum top_request top_ui__press(struct top_ui *ui, int key, unsigned int height)
{
	long page = height > TOP_MIN_HEIGHT ? height - TOP_MIN_HEIGHT : 1;
	int request;

	ui->message[0] = '\0';
	if (ui->prompt)
		return press_in_prompt(ui, key);
	request = press_anywhere(ui, key);
	if (request != NOT_MINE)
		return request;
	return ui->page == TOP_LIST ? press_in_list(ui, key, page) : press_in_text(ui, key, page);
}
