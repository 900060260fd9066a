// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-top on a session without programs: reports, and the screen in a terminal of its own. */
int vgic_top_main(int argc, char **argv);
#define main vgic_top_main
#include "../../tools/vgic-top.c"
#undef main

#define TOOL_MAIN vgic_top_main
#define TOOL_NAME "vgic-top"
#include "tool_harness.h"
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <termios.h>
#include <utmp.h>

/* What the screen wrote so far; and its terminal. */
static struct {
	char text[1 << 20];
	size_t len;
	int fd;
	pid_t pid;
	struct termios before, after;
} shown;

static void show(const char *const *args)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char *argv[8] = { (char *)TOOL_NAME };
	int own, argc = 1;

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)args[argc - 1];
	memset(did, 0, sizeof(*did));
	shown.len = 0;
	assert_int_equal(openpty(&shown.fd, &own, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(own, &shown.before), 0);
	fflush(NULL);
	shown.pid = fork();
	assert_true(shown.pid >= 0);
	if (!shown.pid) {
		close(shown.fd);
		setenv("TERM", "xterm", 1);
		login_tty(own);
		exit(TOOL_MAIN(argc, argv));
	}
	close(own);
}

/* Reads on, until @text was written (NULL: all is over). False: 20 s did not do. */
static bool see(const char *text)
{
	struct pollfd pfd = { .fd = shown.fd, .events = POLLIN };

	while (!text || !memmem(shown.text, shown.len, text, strlen(text))) {
		ssize_t n = poll(&pfd, 1, 20000) > 0 ? read(shown.fd, shown.text + shown.len,
							    sizeof(shown.text) - shown.len)
						     : 0;

		if (n <= 0)
			return !text && n < 0;
		shown.len += n;
	}
	shown.len = 0;
	return true;
}

static void press(const char *keys)
{
	assert_int_equal(write(shown.fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void assert_ends_restored(int wanted)
{
	int status;

	assert_true(see(NULL));
	assert_int_equal(waitpid(shown.pid, &status, 0), shown.pid);
	if (status)
		print_message("%.*s\n", (int)shown.len, shown.text);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), wanted);
	assert_int_equal(tcgetattr(shown.fd, &shown.after), 0);
	assert_memory_equal(&shown.before, &shown.after, sizeof(shown.before));
	assert_int_equal(did->nr_opened, did->nr_closed);
	close(shown.fd);
}

static void reports_are_numbered_and_counted(void **state)
{
	run_tool(ARGS("--json", "100ms", "3"));

	(void)state;
	assert_status(0);
	assert_ptr_equal(strstr(ran.out, "{\"type\":\"header\""), ran.out);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 3);
	assert_int_equal(count(ran.out, "{\"type\":\"top\",\"interval\":3,"), 2);
	assert_string_equal(ran.err, "");
	assert_true(did->opts.per_vcpu && did->opts.per_device);
	assert_int_equal(did->nr_detached, 1);
	assert_int_equal(did->nr_exits_on, 0);
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void exits_are_counted_for_their_view_only(void **state)
{
	run_tool(ARGS("-b", "--view", "exits", "100ms", "2"));

	(void)state;
	assert_status(0);
	assert_int_equal(did->nr_exits_on, 1);
	assert_int_equal(did->nr_too_late, 0);
	run_tool(ARGS("-b", "--view", "exits", "--exits", "100ms", "1"));
	assert_status(0);
	assert_true(did->opts.exits);
	assert_int_equal(did->nr_exits_on, 0); /* they are already */
}

static void reports_of_exits_that_cannot_be_counted_fail(void **state)
{
	(void)state;
	exits_error = -EPERM;
	run_tool(ARGS("-b", "--view", "exits", "100ms", "2"));
	exits_error = 0;
	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_int_equal(count(ran.err, "this is a test"), 1);
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void failing_to_attach_is_said(void **state)
{
	(void)state;
	open_error = -EACCES;
	run_tool(ARGS("-b", "1", "1"));
	open_error = 0;
	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, "cannot attach: this is a test"));
}

static void keys_are_obeyed_between_two_refreshes(void **state)
{
	int nr_snapshots;

	(void)state;
	show(ARGS("60"));
	assert_true(see("the first interval is under way"));
	nr_snapshots = did->nr_snapshots;
	press("5");
	assert_true(see("REASON"));
	assert_int_equal(did->nr_exits_on, 1);
	assert_int_equal(did->nr_exits_off, 0);
	assert_int_equal(did->nr_too_late, 0);
	press("1");
	assert_true(see("VCPUS"));
	assert_int_equal(did->nr_exits_off, 1);
	press("h");
	assert_true(see("PgUp, PgDn"));
	/* Keys do not read the session; the second that it is read after may be over. */
	assert_true(did->nr_snapshots <= nr_snapshots + 3);
	press("q");
	assert_ends_restored(0);
}

static void a_shorter_interval_holds_at_once(void **state)
{
	(void)state;
	show(ARGS("60"));
	assert_true(see("the first interval is under way"));
	press("--------");
	assert_true(see("web"));
	press("4");
	assert_true(see("GICD_CTLR"));
	press("q");
	assert_ends_restored(0);
}

static void a_signal_ends_the_screen(void **state)
{
	(void)state;
	show(ARGS("200ms"));
	assert_true(see("web"));
	kill(shown.pid, SIGTERM);
	assert_ends_restored(0);
}

static void the_quit_key_of_the_terminal_leaves_it_as_it_was(void **state)
{
	const struct rlimit no_core = { 0 };
	int status;

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_CORE, &no_core), 0);
	show(ARGS("200ms"));
	assert_true(see("web"));
	press("\x1c");
	assert_true(see("\x1b[?1049l"));
	assert_int_equal(waitpid(shown.pid, &status, 0), shown.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
	assert_int_equal(tcgetattr(shown.fd, &shown.after), 0);
	assert_memory_equal(&shown.before, &shown.after, sizeof(shown.before));
	close(shown.fd);
}

static void a_count_ends_the_screen(void **state)
{
	(void)state;
	show(ARGS("100ms", "2"));
	assert_ends_restored(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_numbered_and_counted),
		cmocka_unit_test(exits_are_counted_for_their_view_only),
		cmocka_unit_test(reports_of_exits_that_cannot_be_counted_fail),
		cmocka_unit_test(failing_to_attach_is_said),
		cmocka_unit_test(keys_are_obeyed_between_two_refreshes),
		cmocka_unit_test(a_shorter_interval_holds_at_once),
		cmocka_unit_test(a_signal_ends_the_screen),
		cmocka_unit_test(the_quit_key_of_the_terminal_leaves_it_as_it_was),
		cmocka_unit_test(a_count_ends_the_screen),
	};

	share_what_it_did();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
