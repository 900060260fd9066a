// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-info as its user sees it, on a session that attaches to nothing. */
int vgic_info_main(int argc, char **argv);
#define main vgic_info_main
#include "../../tools/vgic-info.c"
#undef main

#define TOOL_MAIN vgic_info_main
#define TOOL_NAME "vgic-info"
#include "tool_harness.h"
#include "fake_inventory.h"

static int read_error;
static bool has_no_vm;

int inventory__read(uint32_t pid, struct inventory **inv)
{
	(void)pid;
	if (read_error)
		return read_error;
	*inv = has_no_vm ? inventory__new() : fake__inventory();
	return 0;
}

const char *inventory__read_error(void)
{
	return "cannot read the VMs' buses: this is a test; do not mind";
}

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
	assert_int_equal(count(ran.out, "{\"type\":\"vm\""), 4);
	assert_int_equal(count(ran.out, "\n"), 9);
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
	assert_int_equal(count(ran.out, "\n"), 1 + 4);
	assert_non_null(
		strstr(ran.out, "\"error\":\"cannot attach: this is a test; do not mind\"}"));
	open_error = 0;
}

static void the_vms_come_after_the_hooks(void **state)
{
	(void)state;
	run_tool(ARGS(NULL));
	assert_status(0);
	assert_non_null(strstr(ran.out, "\n\nVM        NAME   PID  UPTIME  VCPUS  GIC "));
	assert_int_equal(count(ran.out, "ADDRESS"), 0);
}

static void with_devices_there_are_no_hooks(void **state)
{
	(void)state;
	run_tool(ARGS("--devices"));
	assert_status(0);
	assert_int_equal(strncmp(ran.out, "VM 99-4 old, pid 99", 19), 0);
	assert_int_equal(count(ran.out, "ADDRESS"), 3);
	run_tool(ARGS("--devices", "--json"));
	assert_status(0);
	assert_int_equal(count(ran.out, "{\"type\":\"header\""), 1);
	assert_int_equal(count(ran.out, "\"profile\""), 0);
	assert_int_equal(count(ran.out, "{\"type\":\"vm\""), 4);
	assert_int_equal(count(ran.out, "{\"type\":\"device\""), 12);
	assert_int_equal(count(ran.out, "\n"), 17);
	assert_int_equal(did->nr_opened, 0);
}

static void no_vm_is_no_error(void **state)
{
	(void)state;
	has_no_vm = true;
	run_tool(ARGS("--devices"));
	assert_status(0);
	assert_string_equal(ran.out, "no VM\n");
	has_no_vm = false;
}

static void vms_that_cannot_be_read_are_an_error(void **state)
{
	(void)state;
	read_error = -EPERM;
	run_tool(ARGS("--devices"));
	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_string_equal(ran.err,
			    "vgic-info: cannot read the VMs' buses: this is a test; do not mind\n");
	run_tool(ARGS("--devices", "--json"));
	assert_status(1);
	assert_int_equal(count(ran.out, "\n"), 1);
	assert_non_null(strstr(ran.out, "\"error\":\"cannot read the VMs' buses: "));
	run_tool(ARGS(NULL));
	assert_status(1);
	assert_non_null(strstr(ran.out, "T2 bus entry"));
	read_error = 0;
}

static void a_process_without_a_vm_is_refused(void **state)
{
	char pid[16];

	(void)state;
	snprintf(pid, sizeof(pid), "%d", getpid());
	run_tool(ARGS("--devices", "-p", pid));
	assert_status(1);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, " has no VM; "));
	run_tool(ARGS("--devices", "-g", "no such guest"));
	assert_status(1);
	assert_non_null(strstr(ran.err, "no VM is called 'no such guest'; "));
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
	run_tool(ARGS("-p", "1x"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "bad process id '1x'"));
	run_tool(ARGS("-p", "1", "-g", "x"));
	assert_status(2);
	assert_non_null(strstr(ran.err, "-p and -g exclude each other"));
	assert_int_equal(did->nr_opened, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_needed_hook_is_a_row),
		cmocka_unit_test(each_needed_hook_is_a_json_line),
		cmocka_unit_test(options_reach_the_session),
		cmocka_unit_test(where_nothing_can_be_attached_it_shows_the_rest),
		cmocka_unit_test(the_vms_come_after_the_hooks),
		cmocka_unit_test(with_devices_there_are_no_hooks),
		cmocka_unit_test(no_vm_is_no_error),
		cmocka_unit_test(vms_that_cannot_be_read_are_an_error),
		cmocka_unit_test(a_process_without_a_vm_is_refused),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(bad_usage_is_told),
	};

	share_what_it_did();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
