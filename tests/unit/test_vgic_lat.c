// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-lat as its user sees it, from command line to exit status, on a session without programs. */
int vgic_lat_main(int argc, char **argv);
#define main vgic_lat_main
#include "../../tools/vgic-lat.c"
#undef main

#define TOOL_MAIN vgic_lat_main
#define TOOL_NAME "vgic-lat"
#include "tool_harness.h"

/* Status 1, one line on stderr that holds @said, nothing on stdout. */
static void assert_refused(const char *const *args, const char *said)
{
	run_tool(args);

	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, said));
	assert_int_equal(count(ran.err, "\n"), 1);
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void assert_usage_error(const char *const *args, const char *said)
{
	run_tool(args);

	assert_status(2);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, said));
	assert_int_equal(did->nr_opened, 0);
}

static void a_duration_ends_in_one_report(void **state)
{
	run_tool(ARGS("-d", "10ms", "--json"));

	(void)state;
	assert_status(0);
	assert_ptr_equal(strstr(ran.out, "{\"type\":\"header\""), ran.out);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 1);
	assert_int_equal(count(ran.out, "\"interval\""), 0);
	assert_string_equal(ran.err, "");
	assert_int_equal(did->nr_detached, 1);
	assert_int_equal(did->nr_closed, 1);
}

static void intervals_are_numbered_and_counted(void **state)
{
	run_tool(ARGS("10ms", "3", "--json", "-T"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 3);
	assert_non_null(strstr(ran.out, "{\"type\":\"summary\",\"interval\":3,"));
	assert_int_equal(count(ran.out, "\"time\":\""), 3);
	assert_int_equal(did->nr_detached, 1);
}

static void a_duration_ends_intervals_too(void **state)
{
	run_tool(ARGS("400ms", "--json", "--duration=1s"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 3);
}

static void the_session_is_read_every_second(void **state)
{
	run_tool(ARGS("-d", "1.1"));

	(void)state;
	assert_status(0);
	assert_true(did->nr_snapshots >= 3); /* without privileges, after 1 s, at the end */
	assert_int_equal(count(ran.out, "seen "), 1);
}

static void options_reach_the_session(void **state)
{
	run_tool(ARGS("-d", "1ms", "--profile", "lite", "--stages", "decode,trap", "--vcpu", "1,3",
		      "--per-vcpu", "--per-device", "--kprobes"));

	(void)state;
	assert_status(0);
	/* decode brings device with it */
	assert_int_equal(did->opts.stages,
			 1 << VGIC_BUS | 1 << VGIC_DECODE | 1 << VGIC_DEVICE | 1 << VGIC_TRAP);
	assert_non_null(did->opts.vcpus);
	assert_true(did->opts.per_vcpu && did->opts.per_device && did->opts.only_kprobes);
}

static void a_commands_stdout_goes_to_stderr(void **state)
{
	run_tool(ARGS("--json", "--", "sh", "-c", "echo from the command"));

	(void)state;
	assert_status(0);
	assert_string_equal(ran.err, "from the command\n");
	assert_non_null(strstr(ran.out, "\"cmd_status\":0}"));
}

static void a_commands_failure_is_reported_with_its_status(void **state)
{
	run_tool(ARGS("--json", "--", "sh", "-c", "exit 3"));

	(void)state;
	assert_status(1);
	assert_string_equal(ran.err, "vgic-lat: 'sh' failed with status 3\n");
	assert_non_null(strstr(ran.out, "\"cmd_status\":3}"));
	run_tool(ARGS("--json", "--", "sh", "-c", "kill -SEGV $$"));
	assert_status(1);
	assert_non_null(strstr(ran.out, "\"cmd_status\":139}"));
}

static void options_after_the_dashes_are_the_commands(void **state)
{
	run_tool(ARGS("5ms", "--", "sh", "-c", "exit 0", "--json", "--"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "{"), 0);
}

static void a_command_that_is_not_there_is_no_run(void **state)
{
	(void)state;
	assert_refused(ARGS("--", "no-such-command-here"),
		       "cannot run 'no-such-command-here': No such file or directory");
}

static void a_command_does_not_run_when_nothing_can_be_attached(void **state)
{
	(void)state;
	open_error = -EPERM;
	assert_refused(ARGS("--", "sh", "-c", "echo ran"), "cannot attach: this is a test");
	open_error = 0;
}

static void a_command_that_outlives_the_duration_is_ended(void **state)
{
	run_tool(ARGS("--json", "-d", "20ms", "--", "sleep", "60"));

	(void)state;
	assert_status(0);
	assert_non_null(strstr(ran.out, "\"cmd_status\":143}"));
	assert_string_equal(ran.err, "");
}

/* Waits until it has printed its header. */
static void await_header(void)
{
	struct stat st = { 0 };

	for (int i = 0; i < 1000 && !st.st_size; i++) {
		assert_int_equal(fstat(ran.out_fd, &st), 0);
		usleep(10000);
	}
	assert_true(st.st_size > 0);
}

static void a_signal_stops_it_with_a_report(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM };

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(memfd_create("out", 0), ARGS("--json"));
		await_header();
		kill(ran.pid, signals[i]);
		end();
		assert_status(0);
		assert_int_equal(count(ran.out, "\"type\":\"summary\""), 1);
		assert_int_equal(did->nr_detached, 1);
	}
}

static void two_signals_at_once_are_one(void **state)
{
	(void)state;
	begin(memfd_create("out", 0), ARGS("--json"));
	await_header();
	kill(ran.pid, SIGTERM);
	kill(ran.pid, SIGTERM);
	end();
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 1);
}

static void a_signal_is_handed_on_to_the_command(void **state)
{
	run_tool(ARGS("--json", "--", "sh", "-c", "kill -TERM $PPID; exec sleep 60"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"cmd_status\":143}"), 1);
}

static void a_second_signal_kills(void **state)
{
	(void)state;
	/* A command that will not end keeps it from ending. */
	begin(memfd_create("out", 0), ARGS("--", "sh", "-c", "trap '' INT TERM; sleep 1"));
	await_header();
	usleep(200000);
	kill(ran.pid, SIGINT);
	usleep(400000);
	kill(ran.pid, SIGINT);
	end();
	assert_status(128 + SIGINT);
}

static void a_full_disk_is_reported(void **state)
{
	(void)state;
	begin(open("/dev/full", O_RDWR), ARGS("--json", "-d", "1ms"));
	end();
	assert_status(1);
	assert_string_equal(ran.err, "vgic-lat: cannot write to stdout: No space left on device\n");
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void a_reader_that_goes_away_ends_it_quietly(void **state)
{
	int fds[2];
	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	begin(fds[1], ARGS("--json", "-d", "1ms"));
	assert_int_equal(waitpid(ran.pid, &ran.status, 0), ran.pid);
	assert_true(WIFSIGNALED(ran.status) && WTERMSIG(ran.status) == SIGPIPE);
	ran.err = contents(ran.err_fd);
	assert_string_equal(ran.err, "");
}

static void processes_without_a_vm_are_refused(void **state)
{
	char pid[16];

	(void)state;
	snprintf(pid, sizeof(pid), "%d", getpid());
	assert_refused(ARGS("-p", pid), "has no VM; ");
	assert_refused(ARGS("-p", "2147483647"), "no process 2147483647; ");
	assert_refused(ARGS("-g", "no such guest"), "no VM is called 'no such guest'; ");
}

static void too_dear_a_profile_is_left_for_a_cheaper_one(void **state)
{

	(void)state;
	session_cost = 0.5;
	run_tool(ARGS("--max-overhead", "5", "--json", "-d", "500ms"));
	session_cost = 0;
	assert_status(0);
	assert_int_equal(did->nr_opened, 2);
	assert_int_equal(did->nr_closed, 2);
	assert_int_equal(did->opts.stages, 0);
	assert_non_null(strstr(ran.err, "going on with counts"));
	assert_non_null(strstr(ran.out, "\"profile\":\"default\""));
	assert_non_null(strstr(ran.out, "\"profile\":\"counts\""));
}

static void a_cheaper_profile_in_the_last_interval_does_not_prolong_it(void **state)
{

	(void)state;
	session_cost = 0.5;
	run_tool(ARGS("--max-overhead", "5", "--json", "400ms", "1")); /* hung before */
	session_cost = 0;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"summary\",\"interval\":1"), 2);
}

static void a_command_ends_with_the_session_that_cannot_go_on(void **state)
{
	uint64_t begin = stop__now_ns();

	(void)state;
	session_cost = 0.5;
	fail_open_after = 1;
	run_tool(ARGS("--max-overhead", "5", "-d", "10", "--", "sleep", "30"));
	session_cost = 0;
	fail_open_after = -1;
	assert_status(1);
	assert_non_null(strstr(ran.err, "cannot attach"));
	assert_null(strstr(ran.err, "cannot go on"));
	assert_true(stop__now_ns() - begin < 8000000000ULL);
}

static void bad_usage_is_told_and_traces_nothing(void **state)
{
	(void)state;
	assert_usage_error(ARGS("--frobnicate"), "unrecognized option");
	assert_usage_error(ARGS("-p", "12abc"), "bad process id '12abc'");
	assert_usage_error(ARGS("-p", "0"), "bad process id");
	assert_usage_error(ARGS("-p", "1", "-g", "x"), "exclude each other");
	assert_usage_error(ARGS("--vcpu", "3-1"), "bad vCPU list");
	assert_usage_error(ARGS("--vcpu", "1024"), "bad vCPU list");
	assert_usage_error(ARGS("--range", "FOO*"), "no register range matches 'FOO*'");
	assert_usage_error(ARGS("--stages", "lookup,foo"),
			   "unknown stage 'foo'; stages are lookup, ");
	assert_usage_error(ARGS("--stages", ""), "unknown stage ''");
	assert_usage_error(ARGS("--profile", "full"), "profiles are counts, lite, default");
	assert_usage_error(ARGS("-d", "0"), "bad duration '0'");
	assert_usage_error(ARGS("1y"), "bad interval '1y'");
	assert_usage_error(ARGS("1", "0"), "bad number of intervals '0'");
	assert_usage_error(ARGS("1", "2", "ls"), "a command comes after --");
	assert_usage_error(ARGS("--"), "no command after --");
}

static void help_and_version_go_to_stdout(void **state)
{
	static const char *const asks[] = { "-h", "--help", "-V", "--version", "--usage" };

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		run_tool(ARGS(asks[i]));

		assert_status(0);
		assert_string_equal(ran.err, "");
		assert_non_null(
			strstr(ran.out, i == 2 || i == 3 ? "vgic-lat " VERSION : "Usage: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_ends_in_one_report),
		cmocka_unit_test(intervals_are_numbered_and_counted),
		cmocka_unit_test(a_duration_ends_intervals_too),
		cmocka_unit_test(the_session_is_read_every_second),
		cmocka_unit_test(options_reach_the_session),
		cmocka_unit_test(a_commands_stdout_goes_to_stderr),
		cmocka_unit_test(a_commands_failure_is_reported_with_its_status),
		cmocka_unit_test(options_after_the_dashes_are_the_commands),
		cmocka_unit_test(a_command_that_is_not_there_is_no_run),
		cmocka_unit_test(a_command_does_not_run_when_nothing_can_be_attached),
		cmocka_unit_test(a_command_that_outlives_the_duration_is_ended),
		cmocka_unit_test(a_signal_stops_it_with_a_report),
		cmocka_unit_test(two_signals_at_once_are_one),
		cmocka_unit_test(a_signal_is_handed_on_to_the_command),
		cmocka_unit_test(a_second_signal_kills),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(a_reader_that_goes_away_ends_it_quietly),
		cmocka_unit_test(processes_without_a_vm_are_refused),
		cmocka_unit_test(too_dear_a_profile_is_left_for_a_cheaper_one),
		cmocka_unit_test(a_cheaper_profile_in_the_last_interval_does_not_prolong_it),
		cmocka_unit_test(a_command_ends_with_the_session_that_cannot_go_on),
		cmocka_unit_test(bad_usage_is_told_and_traces_nothing),
		cmocka_unit_test(help_and_version_go_to_stdout),
	};

	share_what_it_did();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
