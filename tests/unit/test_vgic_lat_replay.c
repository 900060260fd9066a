// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-lat -o and -r as their user sees them, on a session without programs. */
int vgic_lat_main(int argc, char **argv);
#define main vgic_lat_main
#include "../../tools/vgic-lat.c"
#undef main

#define TOOL_MAIN vgic_lat_main
#define TOOL_NAME "vgic-lat"
#include "tool_harness.h"
#include <sys/resource.h>

static char folder[64], path[96];
static char
	*was; /* what a run printed before; here, where the leak checker of its children sees it */

static int setup(void **state)
{
	(void)state;
	/* Memory, where there is some: a disk takes its time for each slice. */
	snprintf(folder, sizeof(folder), "%s/test_replay.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/x.vgic", folder);
	return 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* @text without its header: what comes after the first @header. */
static const char *body(const char *text, const char *header)
{
	const char *end = strstr(text, header);

	assert_non_null(end);
	return end + strlen(header);
}

/*
 * Runs it with @live and -o, then with @look and -r: the outputs are the same from the end of the
 * header on.
 */
static void assert_replayed(const char *header, const char *const *live, const char *const *look)
{
	const char *record[16] = { "-o", path }, *replay[16] = { "-r", path };
	for (int i = 0; i < 10 && look[i]; i++)
		record[i + 2] = replay[i + 2] = look[i];
	for (int i = 0, n = 2; i < 10 && live[i]; i++) {
		while (record[n])
			n++;
		record[n] = live[i];
	}
	run_tool(record);
	assert_status(0);
	assert_string_equal(ran.err, "");
	free(was);
	was = strdup(ran.out);
	run_tool(replay);
	assert_status(0);
	assert_string_equal(ran.err, "");
	assert_true(strlen(body(was, header)) > 100);
	assert_string_equal(body(was, header), body(ran.out, header));
}

#define TEXT_HEADER "bus 130 +-5\n"
#define HLOG_HEADER "\"Interval_Compressed_Histogram\"\n"

static void a_replay_prints_what_the_live_run_printed(void **state)
{
	(void)state;
	assert_replayed(TEXT_HEADER, ARGS("-d", "10ms"), ARGS("--summary"));
	assert_replayed(TEXT_HEADER, ARGS("-d", "30ms", "--slice", "10ms"), ARGS("--fine"));
	assert_replayed(TEXT_HEADER, ARGS("10ms", "3"), ARGS("-T"));
	assert_replayed(TEXT_HEADER, ARGS("20ms", "3", "--slice", "10ms"),
			ARGS("--per-vcpu", "--range", "GICD_*"));
	assert_replayed("\n", ARGS("20ms", "3", "--slice", "15ms"),
			ARGS("--json", "-T", "--per-device"));
	assert_replayed("\n", ARGS("-d", "20ms", "--", "sh", "-c", "exit 0"), ARGS("--json"));
	assert_replayed("\n", ARGS("10ms", "2"), ARGS("--csv"));
	assert_replayed(HLOG_HEADER, ARGS("10ms", "2"), ARGS("--hlog", "--per-vcpu"));
	assert_replayed("\n", ARGS("--profile", "counts", "-d", "1ms"), ARGS("--json"));
}

static void the_header_says_that_it_is_a_replay(void **state)
{
	(void)state;
	run_tool(ARGS("-o", path, "-d", "1ms"));
	assert_status(0);
	run_tool(ARGS("-r", path));
	assert_ptr_equal(strstr(ran.out, "replay of /"), ran.out);
	run_tool(ARGS("-r", path, "--json"));
	assert_non_null(strstr(ran.out, "\"replay\":\"/"));
	assert_non_null(strstr(ran.out, "\"kernel\":\"")); /* as recorded */
}

static void what_was_kept_apart_is_summed_up_like_live(void **state)
{
	(void)state;
	run_tool(ARGS("--json", "-d", "1ms"));
	free(was);
	was = strdup(ran.out);
	run_tool(ARGS("-o", path, "--json", "-d", "1ms", "--per-vcpu", "--per-device"));
	assert_status(0);
	assert_string_not_equal(body(was, "\n"), body(ran.out, "\n"));
	run_tool(ARGS("-r", path, "--json"));
	assert_status(0);
	assert_string_equal(body(was, "\n"), body(ran.out, "\n"));
}

static void what_was_not_kept_apart_is_not_shown_so(void **state)
{
	(void)state;
	run_tool(ARGS("-o", path, "-d", "1ms"));
	run_tool(ARGS("-r", path, "--per-vcpu"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "it was recorded without --per-vcpu"));
	run_tool(ARGS("-r", path, "--per-device"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "it was recorded without --per-device"));
}

/* The session without programs has a slice last 1.25 s. */
static void a_replay_can_have_intervals_of_its_own(void **state)
{
	(void)state;
	run_tool(ARGS("-o", path, "-d", "200ms", "--slice", "10ms"));
	run_tool(ARGS("-r", path, "--json", "2.5"));
	assert_status(0);
	assert_true(count(ran.out, "\"type\":\"summary\"") > 3);
	assert_non_null(strstr(ran.out, "\"type\":\"summary\",\"interval\":2,\"seen\":47372,"));
	assert_true(count(ran.out, "\"duration_ns\":2500000000") > 2);
	run_tool(ARGS("-r", path, "--json", "2.5", "2"));
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 2);
}

static void a_killed_run_is_replayed_to_its_end(void **state)
{
	struct stat st = { 0 };

	(void)state;
	begin(memfd_create("out", 0), ARGS("-o", path, "--slice", "10ms", "-d", "60"));
	for (int i = 0; i < 1000 && st.st_size < 20 * 4096; i++) {
		stat(path, &st);
		usleep(10000);
	}
	kill(ran.pid, SIGKILL);
	end();
	assert_status(128 + SIGKILL);
	run_tool(ARGS("-r", path));
	assert_status(0);
	assert_int_equal(count(ran.out, "seen "), 1);
	assert_non_null(strstr(ran.err, "has no end: its recorder was killed"));
}

static void a_recording_that_fails_does_not_end_the_measuring(void **state)
{
	struct rlimit limit, before;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 66000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	run_tool(ARGS("-o", path, "--slice", "10ms", "-d", "2", "--summary"));
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	assert_status(1);
	assert_int_equal(count(ran.out, "seen "), 1);
	assert_int_equal(count(ran.err, "vgic-lat: cannot write '"), 1);
	assert_non_null(strstr(ran.err, "what was recorded before stays readable"));
	run_tool(ARGS("-r", path));
	assert_status(0);
	assert_non_null(strstr(ran.err, "has no end"));
}

static void a_file_that_cannot_be_made_is_no_run(void **state)
{
	(void)state;
	run_tool(ARGS("-o", "/no/such/folder/x.vgic", "--", "sh", "-c", "echo it ran"));
	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_string_equal(ran.err, "vgic-lat: cannot make '/no/such/folder/x.vgic': No such file "
				     "or directory\n");
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void a_command_tells_facts_of_itself(void **state)
{
	const struct recording_fact *facts;
	struct recording *r;
	size_t nr;

	(void)state;
	run_tool(ARGS(
		"-o", path, "--", "sh", "-c",
		"echo work 12.5 >>$VGIC_FACTS; ls -l $VGIC_FACTS; "
		"printf 'two words 3\\nbaseline_ns 300\\nbaseline_ns 400\\nno_value\\nwork 7\\n'"
		" >>$VGIC_FACTS"));
	assert_status(0);
	assert_non_null(strstr(ran.err, "-rw-------"));
	assert_non_null(strstr(ran.err, "left out 2 lines of VGIC_FACTS"));
	assert_int_equal(recording__open(path, &r), 0);
	facts = recording__facts(r, &nr);
	assert_int_equal(nr, 2);
	assert_string_equal(facts[0].name, "baseline_ns");
	assert_true(facts[0].value == 400);
	assert_string_equal(facts[1].name, "work");
	assert_true(facts[1].value == 19.5);
	assert_string_equal(recording__info(r)->command,
			    "sh -c echo work 12.5 >>$VGIC_FACTS; ls -l "
			    "$VGIC_FACTS; printf 'two words 3\\nbas"
			    "eline_ns 300\\nbaseline_ns 400\\nno_value\\nwork 7\\n' >>$VGIC_FACTS");
	recording__close(r);
}

static void assert_unreadable(const char *said)
{
	run_tool(ARGS("-r", path));
	assert_status(2);
	assert_string_equal(ran.out, "");
	assert_int_equal(count(ran.err, "\n"), 1);
	assert_non_null(strstr(ran.err, said));
}

static void what_cannot_be_read_is_told_in_a_line(void **state)
{
	struct recording_info info = { .tool = "test" };
	struct recorder *r;
	FILE *f;

	(void)state;
	assert_unreadable("No such file or directory");
	f = fopen(path, "w");
	assert_unreadable("it is empty");
	fputs("not a recording\n", f);
	fclose(f);
	assert_unreadable("it is no recording");
	unlink(path);
	assert_int_equal(recorder__create(path, &info, &r), 0);
	recorder__close(r);
	assert_unreadable("nothing was recorded: it has no slice");
}

static void assert_usage_error(const char *const *args, const char *said)
{
	run_tool(args);
	assert_status(2);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, said));
	assert_int_equal(did->nr_opened, 0);
}

static void options_that_say_nothing_together_are_told(void **state)
{
	(void)state;
	assert_usage_error(ARGS("-r", "x", "-o", "y"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "-d", "1"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "-p", "1"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "--vcpu", "1"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "--profile", "lite"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "--max-overhead", "2"), "-r takes what was recorded");
	assert_usage_error(ARGS("-r", "x", "--", "ls"), "-r takes what was recorded");
	assert_usage_error(ARGS("--slice", "1"), "it goes with -o");
	assert_usage_error(ARGS("-o", "x", "--slice", "1ms"), "10ms is the least");
	assert_usage_error(ARGS("-o", "x", "--max-overhead", "2"), "add --profile counts");
	assert_usage_error(ARGS("--json", "--csv"), "exclude each other");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_replay_prints_what_the_live_run_printed),
		TEST(the_header_says_that_it_is_a_replay),
		TEST(what_was_kept_apart_is_summed_up_like_live),
		TEST(what_was_not_kept_apart_is_not_shown_so),
		TEST(a_replay_can_have_intervals_of_its_own),
		TEST(a_killed_run_is_replayed_to_its_end),
		TEST(a_recording_that_fails_does_not_end_the_measuring),
		TEST(a_file_that_cannot_be_made_is_no_run),
		TEST(a_command_tells_facts_of_itself),
		TEST(what_cannot_be_read_is_told_in_a_line),
		TEST(options_that_say_nothing_together_are_told),
	};

	int nr_failed;

	share_what_it_did();
	nr_failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(was);
	return nr_failed;
}
