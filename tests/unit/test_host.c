// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "host.h"
#include "procfs.h"

/* The command line as /proc has it: arguments that end with NUL. The array's own NUL is no part. */
#define CMDLINE(text) text "\0", sizeof(text "\0") - 1

static void assert_name(const char *cmdline, size_t len, const char *name)
{
	char buf[64];

	assert_int_equal(procfs__guest_name(cmdline, len, buf, sizeof(buf)), 0);
	assert_string_equal(buf, name);
}

static void assert_no_name(const char *cmdline, size_t len)
{
	char buf[64];

	assert_int_equal(procfs__guest_name(cmdline, len, buf, sizeof(buf)), -ENOENT);
}

static void qemus_names_are_read(void **state)
{
	(void)state;
	assert_name(CMDLINE("qemu-system-aarch64\0-name\0web\0-m\0"
			    "4G"),
		    "web");
	assert_name(CMDLINE("qemu-kvm\0-name\0guest=web,debug-threads=on\0-S"), "web");
	assert_name(CMDLINE("qemu-kvm\0-name\0debug-threads=on,guest=web"), "web");
	assert_name(CMDLINE("qemu-kvm\0-name\0web,process=x"), "web");
	assert_name(CMDLINE("qemu-kvm\0--name\0guest=a,,b,process=c"), "a,b");
	assert_name(CMDLINE("qemu-kvm\0-name\0guest=,,,,x"), ",,x");
}

static void other_vmms_names_are_read(void **state)
{
	(void)state;
	assert_name(CMDLINE("lkvm\0run\0--name\0little"), "little");
	assert_name(CMDLINE("crosvm\0run\0--name=arcvm\0vmlinux"), "arcvm");
	assert_name(CMDLINE("firecracker\0--id\0"
			    "551e7604"),
		    "551e7604");
	assert_name(CMDLINE("firecracker\0--id=551e\0--api-sock\0/x"), "551e");
}

static void command_lines_without_a_name_have_none(void **state)
{
	(void)state;
	assert_no_name(CMDLINE(""));
	assert_no_name(CMDLINE("-name\0-m"));
	assert_no_name(CMDLINE("qemu\0-name"));
	assert_no_name(CMDLINE("qemu\0-name\0process=x"));
	assert_no_name(CMDLINE("qemu\0-name\0guest="));
	assert_no_name(CMDLINE("qemu\0-name\0"));
	assert_no_name(CMDLINE("qemu\0-names\0x"));
	assert_no_name("", 0);
}

static void a_command_line_may_end_without_nul(void **state)
{
	char *text = malloc(14);

	(void)state;
	assert_non_null(text);
	memcpy(text, "qemu\0-name\0web", 14);
	assert_name(text, 14, "web");
	free(text);
}

static void assert_printable(const char *text, size_t len, const char *printable)
{
	char buf[64];

	procfs__printable(text, len, buf, sizeof(buf));
	assert_string_equal(buf, printable);
}

static void control_characters_are_replaced(void **state)
{
	(void)state;
	assert_printable("a\nb\033[2Jc\177", 9, "a?b?[2Jc?");
	assert_printable("\302\205x", 3, "?x");         /* U+0085, C1 */
	assert_printable("\342\200\256abc", 6, "?abc"); /* U+202E, right to left */
	assert_printable("a\0b", 3, "a?b");
}

static void utf8_is_kept_and_the_rest_is_not(void **state)
{
	(void)state;
	assert_printable("b\303\274ro \360\237\220\247", 10, "b\303\274ro \360\237\220\247");
	assert_printable("\300\200\377\200", 4, "????"); /* overlong; no lead byte */
	assert_printable("\355\240\200", 3, "???");      /* a surrogate */
	assert_printable("\364\220\200\200", 4, "????"); /* above U+10FFFF */
	assert_printable("x\303", 2, "x?");              /* cut off */
}

static void names_are_cut_between_characters(void **state)
{
	char buf[4];

	(void)state;
	procfs__printable("ab\303\274", 4, buf, sizeof(buf));
	assert_string_equal(buf, "ab");
	procfs__printable("abc", 3, buf, sizeof(buf));
	assert_string_equal(buf, "abc");
}

/* Noise made of the pieces that the parser looks for. */
static void any_command_line_yields_a_printable_name_or_none(void **state)
{
	static const char *const pieces[] = { "-name", "--id=", "guest=",  ",",
					      ",,",    "=",     "x",       "\377",
					      "\303",  "\n",    "-name\0", "\342\200\256" };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char noise[64], buf[16], *exact;
		size_t len = 0;

		for (int i = 0; i < 8; i++) {
			const char *piece = pieces[(seed = seed * 1664525 + 1013904223) >> 8 & 7];

			if (seed >> 16 & 8)
				piece = pieces[8 + (seed >> 20 & 3)];
			memcpy(noise + len, piece, strlen(piece));
			len += strlen(piece);
			if (seed >> 24 & 1)
				noise[len++] = '\0';
		}
		exact = malloc(len);
		assert_non_null(exact);
		memcpy(exact, noise, len);
		if (!procfs__guest_name(exact, len, buf, sizeof(buf))) {
			json_t *valid = json_string(buf);

			assert_non_null(valid);
			assert_true(strlen(buf) < sizeof(buf));
			assert_null(strpbrk(buf, "\n\033"));
			json_decref(valid);
		}
		free(exact);
	}
}

static void assert_gic(const char *interrupts, const char *gic)
{
	char buf[32];

	assert_int_equal(procfs__gic(interrupts, buf, sizeof(buf)), 0);
	assert_string_equal(buf, gic);
}

static void the_gic_is_read_from_proc_interrupts(void **state)
{
	char buf[32];

	(void)state;
	assert_gic("           CPU0       CPU1\n"
		   " 11:      27113      23410     GICv3  27 Level     arch_timer\n"
		   " 13:          0          0     GICv3  23 Level     arm-pmu\n",
		   "GICv3");
	assert_gic(" 1:   0   GICv2  25 Level  vgic\n", "GICv2");
	assert_gic(" 1:   0   GIC-0  27 Level  arch_timer\n", "GICv2");
	assert_gic(" 1:   0   GICv3  27 Level  arch_timer\n"
		   " 9:   0   GICv4-vpe  3 Edge  vcpu\n",
		   "GICv4");
	assert_gic(" 1:   0   GICv5-PPI  27 Level  arch_timer\n", "GICv5");
	assert_int_equal(procfs__gic(" 1:  0  IO-APIC  2-edge  timer\n", buf, sizeof(buf)),
			 -ENOENT);
	assert_int_equal(procfs__gic("", buf, sizeof(buf)), -ENOENT);
}

static void numbers_are_whole_lines(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(procfs__number("18446744073709551615\n", &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(procfs__number("18446744073709551616", &v), -ERANGE);
	assert_int_equal(procfs__number("12abc", &v), -EINVAL);
	assert_int_equal(procfs__number("-1", &v), -EINVAL);
	assert_int_equal(procfs__number("", &v), -EINVAL);
	assert_int_equal(procfs__number("0\n", &v), 0);
	assert_int_equal(v, 0);
}

static void files_are_read_up_to_the_buffers_size(void **state)
{
	char small[4], buf[256];

	(void)state;
	assert_int_equal(procfs__read("/proc/self/comm", small, sizeof(small)), 3);
	assert_int_equal(strlen(small), 3);
	assert_true(procfs__read("/proc/self/comm", buf, sizeof(buf)) > 3);
	assert_int_equal(procfs__read("/proc/self/nothing", buf, sizeof(buf)), -ENOENT);
}

static void this_test_is_no_vmm(void **state)
{
	char name[64];

	(void)state;
	assert_int_equal(host__is_vmm(getpid()), 0);
	assert_int_equal(host__is_vmm(INT32_MAX), -ESRCH);
	host__vm_name(getpid(), name, sizeof(name));
	assert_string_equal(name, "test_host");
	host__vm_name(INT32_MAX, name, sizeof(name));
	assert_string_equal(name, "?");
}

static void the_host_says_what_it_is(void **state)
{
	struct host host;

	(void)state;
	host__probe(&host);
	host__probe_kvm(&host);
	assert_true(host.release[0] && host.machine[0]);
	assert_true(host.nr_cpus > 0);
	assert_true((host.clock_hz > 0) == (host.tick_ns > 0));
#ifdef __aarch64__
	assert_true(host.clock_hz > 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qemus_names_are_read),
		cmocka_unit_test(other_vmms_names_are_read),
		cmocka_unit_test(command_lines_without_a_name_have_none),
		cmocka_unit_test(a_command_line_may_end_without_nul),
		cmocka_unit_test(control_characters_are_replaced),
		cmocka_unit_test(utf8_is_kept_and_the_rest_is_not),
		cmocka_unit_test(names_are_cut_between_characters),
		cmocka_unit_test(any_command_line_yields_a_printable_name_or_none),
		cmocka_unit_test(the_gic_is_read_from_proc_interrupts),
		cmocka_unit_test(numbers_are_whole_lines),
		cmocka_unit_test(files_are_read_up_to_the_buffers_size),
		cmocka_unit_test(this_test_is_no_vmm),
		cmocka_unit_test(the_host_says_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
