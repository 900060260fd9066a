// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-trace as its user sees it, from command line to exit status, on programs that are not there.
 */
int vgic_trace_main(int argc, char **argv);
#define main vgic_trace_main
#include "../../tools/vgic-trace.c"
#undef main

#define TOOL_MAIN vgic_trace_main
#define TOOL_NAME "vgic-trace"
#include "tool_harness.h"
#include "fake_access.h"

/* What the tool asked the programs for; shared with the process it runs in. */
static struct trace_opts *asked;
static bool *asked_ranges;
static bool has_many; /* accesses without end */

struct trace_programs {
	bool is_on, is_read;
};

int trace_programs__open(const struct trace_opts *opts, struct trace_programs **programs)
{
	if (open_error)
		return open_error;
	*asked = *opts;
	if (opts->ranges)
		memcpy(asked_ranges, opts->ranges, TRACE_NR_RANGES);
	*programs = calloc(1, sizeof(**programs));
	did->nr_opened++;
	return *programs ? 0 : -ENOMEM;
}

const char *trace_programs__error(void)
{
	return "cannot attach: this is a test; do not mind";
}

void trace_programs__go(struct trace_programs *p)
{
	p->is_on = true;
}

void trace_programs__detach(struct trace_programs *p)
{
	p->is_on = false;
	did->nr_detached++;
}

void trace_programs__close(struct trace_programs *p)
{
	did->nr_closed += p != NULL;
	free(p);
}

const struct plan *trace_programs__plan(const struct trace_programs *p)
{
	(void)p;
	return &fake_plan;
}

const struct calibration *trace_programs__calibration(const struct trace_programs *p)
{
	(void)p;
	return &fake_calibration;
}

int trace_programs__fd(const struct trace_programs *p)
{
	(void)p;
	return -1;
}

int trace_programs__read(struct trace_programs *p, trace_programs__fn fn, void *arg)
{
	int err = 0;

	if (p->is_read && !has_many)
		return 0;
	p->is_read = true;
	for (size_t i = 0; fake__access(i) && !err; i++)
		err = fn(fake__access(i), arg);
	return err;
}

int trace_programs__totals(struct trace_programs *p, struct trace_totals *totals)
{
	(void)p;
	*totals = (struct trace_totals){
		.tally = { .kernel = 9, .user = 1, .written = 5, .filtered = 2, .dropped = 3 },
		.nr_vms = 3,
	};
	return 0;
}

int trace_programs__vm(struct trace_programs *p, uint32_t no, struct vgic_trace_vm *vm)
{
	(void)p;
	fake_access__vm(no, vm);
	vm->nr_dropped = no == 2 ? 3 : 0;
	return 0;
}

static void assert_usage_error(const char *const *args, const char *said)
{
	run_tool(args);
	assert_status(2);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, said));
	assert_int_equal(did->nr_opened, 0);
}

static void every_access_is_a_line_in_order(void **state)
{
	run_tool(ARGS("-d", "10ms"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\n"), 4 + 5);
	assert_true(strstr(ran.out, "GICD_ISENABLER1") < strstr(ran.out, "GICR_TYPER@1"));
	assert_true(strstr(ran.out, "GICR_TYPER@1") < strstr(ran.out, "ioeventfd@0xa000e00"));
	assert_int_equal(did->nr_detached, 1);
	assert_int_equal(did->nr_closed, 1);
}

static void the_end_says_what_became_of_all(void **state)
{
	run_tool(ARGS("-d", "10ms", "--json"));

	(void)state;
	assert_status(0);
	assert_non_null(strstr(ran.err, "vgic-trace: seen 10, written 5, filtered 2, dropped 3\n"));
	assert_non_null(strstr(ran.err, "vgic-trace: dropped 3 of VM 155-5: the buffer was full; "
					"--buffer makes it larger\n"));
	assert_int_equal(count(ran.out, "\"type\":\"access\""), 5);
	assert_int_equal(count(ran.out, "\"type\":\"summary\""), 1);
	assert_non_null(strstr(ran.out, "\"dropped_by_vm\":[{\"vm\":\"155-5\",\"dropped\":3}]"));
	/* Where KVM does not tell, nothing is held against it. */
	if (access("/sys/kernel/debug/kvm/mmio_exit_kernel", R_OK))
		assert_non_null(strstr(ran.out, "\"kvm_mmio_exit_kernel\":null"));
}

static void options_reach_the_programs(void **state)
{
	run_tool(ARGS("-d", "1ms", "--vcpu", "0,4", "--range", "GICR_*", "--op", "write",
		      "--slower-than", "2us", "--stack", "--user-only", "--raw", "--kprobes",
		      "--stages", "decode,bus", "--buffer", "64K"));

	(void)state;
	assert_status(0);
	assert_true(asked->vcpus && asked->ranges && asked->user_only && asked->with_stack &&
		    asked->raw && asked->only_kprobes);
	assert_true(asked_ranges[VGIC_RANGE_REDIST_WAKER] && !asked_ranges[VGIC_RANGE_USER]);
	assert_int_equal(asked->ops, 1 << VGIC_WRITE);
	assert_int_equal(asked->min_ns, 2000);
	assert_int_equal(asked->buffer_sz, 65536);
	assert_int_equal(asked->stages,
			 1 << VGIC_LOOKUP | 1 << VGIC_DEVICE | 1 << VGIC_BUS | 1 << VGIC_DECODE);
}

/* What the kernel's filter let through for want of addresses. */
static void a_glob_with_an_address_is_finished_here(void **state)
{
	run_tool(ARGS("-d", "1ms", "--range", "user@0x9*", "--json"));

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"access\""), 1);
	assert_non_null(strstr(ran.err, "written 1, filtered 6, dropped 3\n"));
}

static void a_count_ends_it(void **state)
{
	has_many = true;
	run_tool(ARGS("-c", "3", "--json"));
	has_many = false;

	(void)state;
	assert_status(0);
	assert_int_equal(count(ran.out, "\"type\":\"access\""), 3);
	assert_non_null(strstr(ran.out, "\"cut\":true"));
}

static void a_command_ends_it_and_its_status_is_told(void **state)
{
	run_tool(ARGS("--json", "--", "sh", "-c", "echo out; exit 3"));

	(void)state;
	assert_status(1);
	assert_non_null(strstr(ran.err, "out\n"));
	assert_non_null(strstr(ran.err, "'sh' failed with status 3"));
	assert_non_null(strstr(ran.out, "\"cmd_status\":3"));
}

static void a_signal_ends_it_with_all_there_is(void **state)
{
	char path[] = "/tmp/test_vgic_trace.XXXXXX", text[8192];
	int fd = mkstemp(path);
	ssize_t n;

	(void)state;
	assert_true(fd >= 0);
	begin(memfd_create("out", 0), ARGS("-q", "--chrome", path));
	for (int i = 0; i < 10000 && pread(fd, text, sizeof(text), 0) < 100; i++)
		usleep(1000);
	kill(ran.pid, SIGINT);
	end();
	assert_status(0);
	assert_string_equal(ran.out, "");
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(strcmp(text + n - 3, "\n]\n"), 0);
	unlink(path);
	close(fd);
}

static void a_full_disk_is_told(void **state)
{
	const char *const files[] = { "/dev/full", NULL };

	(void)state;
	begin(open(files[0], O_RDWR), ARGS("-d", "10ms"));
	waitpid(ran.pid, &ran.status, 0);
	assert_int_equal(WEXITSTATUS(ran.status), 1);
	ran.err = contents(ran.err_fd);
	assert_non_null(strstr(ran.err, "cannot write to stdout: No space left on device\n"));
	run_tool(ARGS("-d", "10ms", "-q", "--chrome", "/dev/full"));
	assert_status(1);
	assert_non_null(strstr(ran.err, "cannot write to /dev/full: No space left on device\n"));
	run_tool(ARGS("-d", "10ms", "--chrome", "/no/such/folder/x"));
	assert_status(1);
	assert_non_null(strstr(ran.err, "cannot write to '/no/such/folder/x'"));
	assert_int_equal(did->nr_opened, 0);
}

static void what_cannot_be_attached_is_told(void **state)
{
	open_error = -EPERM;
	run_tool(ARGS("-d", "10ms", "--", "sh", "-c", "echo it ran"));
	open_error = 0;

	(void)state;
	assert_status(1);
	assert_string_equal(ran.err, "vgic-trace: cannot attach: this is a test; do not mind\n");
}

static void a_trace_stays_until_there_will_be_another(void **state)
{
	char path[] = "/tmp/vgic-trace-test-XXXXXX", text[16] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "earlier", 7), 7);
	open_error = -EPERM;
	run_tool(ARGS("-d", "10ms", "--chrome", path));
	open_error = 0;
	assert_status(1);
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), 7);
	assert_string_equal(text, "earlier");
	run_tool(ARGS("-d", "10ms", "-q", "--chrome", path));
	assert_status(0);
	assert_int_equal(pread(fd, text, 1, 0), 1);
	assert_int_equal(text[0], '[');
	close(fd);
	unlink(path);
}

static void bad_usage_is_told_and_traces_nothing(void **state)
{
	(void)state;
	assert_usage_error(ARGS("--op", "both"), "it is read or write");
	assert_usage_error(ARGS("--stages", "trap"), "unknown stage 'trap'; stages are lookup");
	assert_usage_error(ARGS("--stages", "decode,"), "unknown stage ''");
	assert_usage_error(ARGS("--buffer", "3K"), "power of two");
	assert_usage_error(ARGS("--buffer", "1"), "power of two");
	assert_usage_error(ARGS("--buffer", "4G"), "power of two");
	assert_usage_error(ARGS("--buffer", "K"), "power of two");
	assert_usage_error(ARGS("--stack"), "it goes with --slower-than");
	assert_usage_error(ARGS("-q"), "it goes with --chrome");
	assert_usage_error(ARGS("-T", "-r"), "exclude each other");
	assert_usage_error(ARGS("--json", "-T"), "are for text");
	assert_usage_error(ARGS("-c", "0"), "bad number of lines");
	assert_usage_error(ARGS("-d", "soon"), "bad duration");
	assert_usage_error(ARGS("--slower-than", "0"), "bad time");
	assert_usage_error(ARGS("1"), "a command comes after --");
	assert_usage_error(ARGS("--"), "no command after --");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_access_is_a_line_in_order),
		cmocka_unit_test(the_end_says_what_became_of_all),
		cmocka_unit_test(options_reach_the_programs),
		cmocka_unit_test(a_glob_with_an_address_is_finished_here),
		cmocka_unit_test(a_count_ends_it),
		cmocka_unit_test(a_command_ends_it_and_its_status_is_told),
		cmocka_unit_test(a_signal_ends_it_with_all_there_is),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(what_cannot_be_attached_is_told),
		cmocka_unit_test(a_trace_stays_until_there_will_be_another),
		cmocka_unit_test(bad_usage_is_told_and_traces_nothing),
	};

	share_what_it_did();
	asked = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	asked_ranges = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (asked == MAP_FAILED || asked_ranges == MAP_FAILED)
		abort();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
