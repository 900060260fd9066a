// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "stop.h"
#include "top_screen.h"
#include "utf8.h"

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>
#undef lines
#undef columns

enum { PAIR_TITLE = 1, PAIR_SELECTED, PAIR_ALERT };

/* What gives the terminal back where ncurses cannot be called any more. */
static struct {
	volatile sig_atomic_t is_open;
	struct termios before;
	char text[256];
	size_t len;
} rescue;

static SCREEN *screen;
static bool has_blocks, is_colored;

static int refuse(char *line, size_t size, const char *why)
{
	snprintf(line, size, "cannot show the screen: %s; vgic-top -b needs no terminal", why);
	return -ENOTTY;
}

static bool can(const char *capability)
{
	const char *s = tigetstr((char *)capability);

	return s && s != (char *)-1;
}

int top_screen__check(char *line, size_t size)
{
	const char *term = getenv("TERM");
	bool is_able;
	char why[160];
	int status;

	if (!isatty(STDOUT_FILENO))
		return refuse(line, size, "stdout is no terminal");
	if (!isatty(STDIN_FILENO))
		return refuse(line, size, "stdin is no terminal");
	if (!term || !*term)
		return refuse(line, size, "TERM is not set");
	if (setupterm(NULL, STDOUT_FILENO, &status)) {
		snprintf(why, sizeof(why), "terminal type '%.60s' is not known here", term);
		return refuse(line, size, why);
	}
	snprintf(why, sizeof(why), "a terminal of type '%.60s' cannot move its cursor", term);
	is_able = can("cup") && can("clear");
	del_curterm(cur_term);
	return is_able ? 0 : refuse(line, size, why);
}

static void rescue__add(const char *capability)
{
	const char *s = can(capability) ? tigetstr((char *)capability) : "";
	size_t len = strlen(s);

	if (rescue.len + len > sizeof(rescue.text))
		return;
	memcpy(rescue.text + rescue.len, s, len);
	rescue.len += len;
}

/* Async-signal-safe. */
static void rescue__run(void)
{
	ssize_t ret;

	if (!rescue.is_open)
		return;
	rescue.is_open = 0;
	ret = write(STDOUT_FILENO, rescue.text, rescue.len);
	(void)ret;
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.before);
}

static void on_crash(int sig)
{
	rescue__run();
	/* SA_RESETHAND: this one kills, as soon as this returns. */
	raise(sig);
}

static int rescue__arm(void)
{
	static const char *const ways[] = { "sgr0", "rmkx", "cnorm", "rmcup" };
	/* What kills by default and is no request: crashes, Ctrl-\, a limit, a stray kill. */
	static const int signals[] = { SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,   SIGILL,
				       SIGSYS,  SIGTRAP, SIGQUIT, SIGPIPE,  SIGALRM,
				       SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM };
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND };

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		rescue__add(ways[i]);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], &sa, NULL))
			return -errno;
	stop__before_kill(rescue__run);
	/* Ours: ncurses's own would not end a wait that is about to begin. */
	return stop__wake_by(SIGWINCH);
}

static void set_colors(void)
{
	is_colored = has_colors() && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
	if (!is_colored)
		return;
	start_color();
	use_default_colors();
	init_pair(PAIR_TITLE, COLOR_BLACK, COLOR_GREEN);
	init_pair(PAIR_SELECTED, COLOR_BLACK, COLOR_CYAN);
	init_pair(PAIR_ALERT, COLOR_RED, -1);
}

int top_screen__open(void)
{
	int err;

	setlocale(LC_CTYPE, "");
	has_blocks = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (tcgetattr(STDIN_FILENO, &rescue.before))
		return -errno;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return -ENOTTY;
	rescue.is_open = 1;
	err = rescue__arm();
	if (err) {
		top_screen__close();
		return err;
	}
	set_colors();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	return 0;
}

void top_screen__close(void)
{
	if (!screen)
		return;
	/* Where the process is killed in the middle of it, nothing is done twice that matters. */
	curs_set(1);
	endwin();
	rescue.is_open = 0;
	delscreen(screen);
	screen = NULL;
}

struct top_look top_screen__look(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col && size.ws_row &&
	    (size.ws_col != COLS || size.ws_row != LINES)) {
		resizeterm(size.ws_row, size.ws_col);
		/* What the terminal did to its old contents, nobody knows. */
		clearok(curscr, TRUE);
	}
	return (struct top_look){ .width = COLS, .height = LINES, .has_blocks = has_blocks };
}

static int translate(int key)
{
	static const struct {
		int from, to;
	} keys[] = {
		{ KEY_UP, TOP_KEY_UP },
		{ KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },
		{ KEY_END, TOP_KEY_END },
		{ KEY_ENTER, TOP_KEY_ENTER },
		{ '\r', TOP_KEY_ENTER },
		{ '\n', TOP_KEY_ENTER },
		{ 27, TOP_KEY_ESCAPE },
		{ 127, TOP_KEY_BACKSPACE },
		{ '\b', TOP_KEY_BACKSPACE },
		{ KEY_BACKSPACE, TOP_KEY_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].from == key)
			return keys[i].to;
	return key < 0x100 ? key : 0;
}

int top_screen__key(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int key;

	/* Those that mean nothing here are left out: 0 would say that there is no more. */
	do
		key = getch();
	while (key != ERR && !translate(key));
	if (key != ERR)
		return translate(key);
	if (poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLHUP | POLLERR | POLLNVAL))
		return -EIO;
	return 0;
}

static attr_t attribute(enum top_attr attr)
{
	static const attr_t plain[] = { [TOP_BOLD] = A_BOLD,
					[TOP_TITLE] = A_BOLD | A_UNDERLINE,
					[TOP_SELECTED] = A_REVERSE,
					[TOP_DIM] = A_DIM,
					[TOP_ALERT] = A_BOLD };

	if (is_colored && attr == TOP_TITLE)
		return COLOR_PAIR(PAIR_TITLE);
	if (is_colored && attr == TOP_SELECTED)
		return COLOR_PAIR(PAIR_SELECTED);
	if (is_colored && attr == TOP_ALERT)
		return COLOR_PAIR(PAIR_ALERT) | A_BOLD;
	return plain[attr];
}

/* Copies what fits into @width columns; what the terminal's locale has no character for as ?. */
static void clip(const char *text, unsigned int width, char *buf, size_t size)
{
	unsigned int columns, left = width;
	size_t n = 0, len;

	for (; (len = utf8__next(text, &columns)) && columns <= left && n + len < size;
	     text += len) {
		const bool is_known = has_blocks || len == 1;

		left -= columns;
		if (is_known)
			memcpy(buf + n, text, len);
		else
			memset(buf + n, '?', columns);
		n += is_known ? len : columns;
	}
	buf[n] = '\0';
}

static void draw_line(unsigned int y, const struct top_line *line, unsigned int width)
{
	const bool is_bar = line->attr == TOP_TITLE || line->attr == TOP_SELECTED;
	char text[4096];
	int x;

	clip(line->text, width, text, sizeof(text));
	attrset(attribute(line->attr));
	move(y, 0);
	addstr(text);
	x = getcurx(stdscr);
	/* A bar goes to the edge; a full line has moved the cursor to the next. */
	if (is_bar && getcury(stdscr) == (int)y && x < (int)width)
		hline(' ' | attribute(line->attr), width - x);
	attrset(A_NORMAL);
}

void top_screen__draw(const struct top_frame *frame, const struct top_look *look)
{
	erase();
	for (unsigned int y = 0; y < look->height; y++)
		draw_line(y, &frame->lines[y], look->width);
	refresh();
}

void top_screen__redraw(void)
{
	clearok(curscr, TRUE);
}
