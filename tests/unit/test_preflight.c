// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "preflight.h"
#include "privileges.h"

static const struct preflight fit = { .machine = "aarch64", .has_kvm = true, .has_btf = true };

/* What is said names the trouble, in one line, with a hint behind a semicolon. */
static void assert_judged(const struct preflight *p, int err, const char *named)
{
	char line[256];

	assert_int_equal(preflight__judge(p, line, sizeof(line)), err);
	assert_non_null(strstr(line, named));
	assert_non_null(strchr(line, ';'));
	assert_null(strchr(line, '\n'));
}

static void a_fit_host_is_taken(void **state)
{
	char line[256];

	(void)state;
	assert_int_equal(preflight__judge(&fit, line, sizeof(line)), 0);
	assert_string_equal(line, "");
}

static void each_trouble_is_named(void **state)
{
	struct preflight p = fit;

	(void)state;
	p.has_btf = false;
	assert_judged(&p, -ENOENT, "BTF");
	p.missing = PRIVILEGE_PERFMON;
	assert_judged(&p, -EPERM, "CAP_PERFMON missing");
	p.missing = PRIVILEGE_BPF;
	assert_judged(&p, -EPERM, "CAP_BPF missing");
	p.missing = PRIVILEGE_BPF | PRIVILEGE_PERFMON;
	assert_judged(&p, -EPERM, "CAP_BPF and CAP_PERFMON missing");
	p.has_kvm = false;
	assert_judged(&p, -ENODEV, "/dev/kvm");
	strcpy(p.machine, "x86_64");
	assert_judged(&p, -EOPNOTSUPP, "x86_64");
}

static int works(void *arg)
{
	++*(int *)arg;
	return 0;
}

static int never_works(void *arg)
{
	++*(int *)arg;
	return -EPERM;
}

/* In a process of its own: privileges do not come back. */
static int in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(fn());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int drop_all(void)
{
	int calls = 0;

	if (privileges__drop(works, &calls))
		return 1;
	if (calls != 1)
		return 2;
	return privileges__missing() == (PRIVILEGE_BPF | PRIVILEGE_PERFMON) ? 0 : 3;
}

static int drop_all_but_one(void)
{
	bool had_bpf = !(privileges__missing() & PRIVILEGE_BPF);
	int calls = 0;

	if (privileges__drop(never_works, &calls) != -EPERM)
		return 1;
	if (calls != (had_bpf ? 2 : 1))
		return 2;
	if (had_bpf && privileges__missing() & PRIVILEGE_BPF)
		return 3;
	return privileges__missing() & PRIVILEGE_PERFMON ? 0 : 4;
}

static void dropping_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_all), 0);
}

static void what_needs_cap_bpf_keeps_it_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_all_but_one), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fit_host_is_taken),
		cmocka_unit_test(each_trouble_is_named),
		cmocka_unit_test(dropping_leaves_nothing),
		cmocka_unit_test(what_needs_cap_bpf_keeps_it_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
