// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-info as its user sees it, on a session that attaches to nothing. */
int vgic_info_main(int argc, char **argv);
#define main vgic_info_main
#include "../../tools/vgic-info.c"
#undef main

#define TOOL_MAIN vgic_info_main
#define TOOL_NAME "vgic-info"
#include "tool_harness.h"

static void each_needed_hook_is_a_row(void **state)
{
	(void)state;
	run_tool(ARGS(NULL));
	assert_status(0);
	assert_int_equal(count(ran.out, "T2 bus entry"), 1);
	assert_int_equal(count(ran.out, "vgic_get_mmio_region"), 0);
	assert_non_null(
		strstr(ran.out, "vcpu_put              kprobe  fentry: the function is not"));
	assert_string_equal(ran.err, "");
	assert_int_equal(did->nr_opened, 1);
	assert_int_equal(did->nr_closed, 1);
}

static void each_needed_hook_is_a_json_line(void **state)
{
	(void)state;
	run_tool(ARGS("--json"));
	assert_status(0);
	assert_int_equal(count(ran.out, "{\"type\":\"header\""), 1);
	assert_int_equal(count(ran.out, "{\"type\":\"hook\""), 4);
	assert_int_equal(count(ran.out, "\n"), 5);
	assert_int_equal(count(ran.out, "\"error\""), 0);
	assert_non_null(strstr(ran.out, "\"method\":\"none\",\"why\":\"fexit: the kernel has no"));
	assert_non_null(strstr(ran.out, "\"without\":\"coalesced accesses count as unknown\"}"));
}

static void options_reach_the_session(void **state)
{
	(void)state;
	run_tool(ARGS("--profile=counts", "--kprobes", "--stages", "resume"));
	assert_status(0);
	assert_int_equal(did->opts.stages, 1 << VGIC_RESUME);
	assert_true(did->opts.only_kprobes);
}

static void where_nothing_can_be_attached_it_shows_the_rest(void **state)
{
	(void)state;
	open_error = -EPERM;
	run_tool(ARGS(NULL));
	assert_status(1);
	assert_non_null(strstr(ran.out, "kernel      Linux "));
	assert_non_null(strstr(ran.out, "attach      nothing can be attached\n"));
	assert_string_equal(ran.err, "vgic-info: cannot attach: this is a test; do not mind\n");
	run_tool(ARGS("--json"));
	assert_status(1);
	assert_int_equal(count(ran.out, "\n"), 1);
	assert_non_null(
		strstr(ran.out, "\"error\":\"cannot attach: this is a test; do not mind\"}"));
	open_error = 0;
}

static void a_full_disk_is_reported(void **state)
{
	(void)state;
	begin(open("/dev/full", O_RDWR), ARGS("--json"));
	end();
	assert_status(1);
	assert_string_equal(ran.err,
			    "vgic-info: cannot write to stdout: No space left on device\n");
	assert_int_equal(did->nr_opened, did->nr_closed);
}

static void bad_usage_is_told(void **state)
{
	(void)state;
	run_tool(ARGS("12"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "unexpected '12'"));
	run_tool(ARGS("--stages=all"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "unknown stage 'all'; stages are lookup, "));
	assert_int_equal(did->nr_opened, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_needed_hook_is_a_row),
		cmocka_unit_test(each_needed_hook_is_a_json_line),
		cmocka_unit_test(options_reach_the_session),
		cmocka_unit_test(where_nothing_can_be_attached_it_shows_the_rest),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(bad_usage_is_told),
	};

	share_what_it_did();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
