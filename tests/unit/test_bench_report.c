// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-bench's report: rows and their sums, without a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "report.c"

static const struct bench_config config = { .gic = 3, .nr_vms = 1, .nr_vcpus = 2 };

/* A report on @text, each item of it done @count times. Freed by finish(). */
struct fixture {
	struct access_list list;
	struct bench_result result;
	struct report report;
	uint64_t counts[16];
};

static void begin(struct fixture *f, const char *text, uint64_t count)
{
	static const struct access_host host = { .gic = 3, .nr_vcpus = 2 };
	char why[ACCESS_WHY_SZ];

	memset(f, 0, sizeof(*f));
	assert_int_equal(access_list__parse(&f->list, text, &host, why), 0);
	assert_true(f->list.nr <= 16);
	f->result.counts = f->counts;
	for (size_t i = 0; i < f->list.nr; i++)
		f->counts[i] = count;
	f->result.nr_ops = f->list.nr * count;
}

static void make(struct fixture *f)
{
	assert_int_equal(report__create(&f->report, &config, &f->list, &f->result), 0);
}

static void finish(struct fixture *f)
{
	report__free(&f->report);
	access_list__free(&f->list);
}

static uint64_t sum(const struct report *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->nr_rows; i++)
		n += r->rows[i].count;
	return n;
}

/* The facts that a report on @text tells, ten of each access. */
static void assert_tells(const char *text, const char *expected)
{
	char path[] = "/tmp/test_facts.XXXXXX", told[256] = "";
	int fd = mkstemp(path);
	struct fixture f;

	assert_true(fd >= 0);
	setenv(FACTS_VARIABLE, path, 1);
	begin(&f, text, 10);
	f.result.guest_ns_per_op = 1234.5;
	make(&f);
	assert_int_equal(report__tell(&f.report), 0);
	finish(&f);
	unsetenv(FACTS_VARIABLE);
	assert_true(read(fd, told, sizeof(told) - 1) >= 0);
	assert_string_equal(told, expected);
	close(fd);
	unlink(path);
}

static void facts_are_told_of_what_was_timed_alone(void **state)
{
	(void)state;
	assert_tells("GICD_CTLR:r,GICR_TYPER:r", "work 20\n");
	assert_tells("GICD_CTLR:r", "work 10\naccess_ns.GICD_CTLR.read 1234.5\n");
	assert_tells("unmapped:w", "work 10\naccess_ns.user.user.write 1234.5\n");
	assert_tells("hvc", "baseline_ns 1234.5\n");
	assert_tells("hvc,GICD_CTLR:r", "work 10\n");
}

static void same_accesses_are_one_row(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "GICD_CTLR:r,GICR_TYPER:r,GICD_CTLR:r,GICD_CTLR:w,GICR_TYPER:r4", 10);
	make(&f);
	assert_int_equal(f.report.nr_rows, 4);
	assert_int_equal(f.report.rows[0].access.range, VGIC_RANGE_DIST_V3_CTLR);
	assert_int_equal(f.report.rows[0].count, 20);
	assert_int_equal(sum(&f.report), 50);
	finish(&f);
}

static void sums_tell_kernel_user_and_hypercalls_apart(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "GICD_CTLR:r,unmapped:r,hvc,unmapped:w,hvc,hvc,ioeventfd:w", 7);
	make(&f);
	assert_int_equal(f.report.nr_kernel, 14);
	assert_int_equal(f.report.nr_user, 14);
	assert_int_equal(f.report.nr_hvc, 21);
	assert_int_equal(sum(&f.report), 28);
	finish(&f);
}

static void overflows_move_from_kernel_to_user(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "coalesced:w,GICD_CTLR:r,coalesced:w8", 10);
	f.result.nr_overflows = 12;
	make(&f);
	assert_int_equal(f.report.nr_kernel, 18);
	assert_int_equal(f.report.nr_user, 12);
	assert_int_equal(sum(&f.report), 30);
	finish(&f);
}

static void doorbells_are_accesses(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "GICD_CTLR:r", 10);
	f.result.nr_doorbells = 4;
	make(&f);
	assert_int_equal(f.report.nr_kernel, 10);
	assert_int_equal(f.report.nr_user, 4);
	assert_int_equal(f.report.rows[1].access.addr, GUEST_DOORBELL);
	finish(&f);
}

static void kvm_must_have_counted_the_same(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "GICD_CTLR:r,unmapped:w", 10);
	make(&f);
	assert_true(report__is_exact(&f.report));
	f.result.has_kvm_counts = true;
	assert_false(report__is_exact(&f.report));
	f.result.kvm_exits_kernel = 10;
	f.result.kvm_exits_user = 10;
	assert_true(report__is_exact(&f.report));
	f.result.kvm_exits_user = 11;
	assert_false(report__is_exact(&f.report));
	finish(&f);
}

static void names_are_those_of_the_option(void **state)
{
	static const char *const texts[] = { "GICD_CTLR:r", "GICD_ISENABLER1:r", "GICR_TYPER@1:r",
					     "GICD+0x2000:r", "GICD+0x401:r1" };
	static const char *const names[] = { "GICD_CTLR", "GICD_ISENABLER1", "GICR_TYPER@1",
					     "GICD+0x2000", "GICD+0x401" };
	struct fixture f;
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		begin(&f, texts[i], 1);
		access__name(&f.list.items[0], name, sizeof(name));
		assert_string_equal(name, names[i]);
		access_list__free(&f.list);
	}
}

static void json_has_the_counts(void **state)
{
	struct fixture f;
	json_t *json, *row;

	(void)state;
	begin(&f, "GICD_ISENABLER1:w,unmapped:r8,hvc", 5);
	f.result.cpu_ns = 3000;
	make(&f);
	json = report__json(&f.report);
	assert_int_equal(json_integer_value(json_object_get(json, "accesses")), 10);
	assert_int_equal(json_integer_value(json_object_get(json, "hvc")), 5);
	assert_true(json_real_value(json_object_get(json, "ns_per_access")) == 200);
	assert_true(json_is_null(json_object_get(json, "kvm_mmio_exit_kernel")));
	row = json_array_get(json_object_get(json, "counts"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "range")), "GICD_ISENABLER");
	assert_int_equal(json_integer_value(json_object_get(row, "index")), 1);
	assert_string_equal(json_string_value(json_object_get(row, "op")), "write");
	assert_string_equal(json_string_value(json_object_get(row, "handled")), "kernel");
	assert_int_equal(json_integer_value(json_object_get(row, "count")), 5);
	row = json_array_get(json_object_get(json, "counts"), 1);
	assert_string_equal(json_string_value(json_object_get(row, "range")), "user");
	assert_true(json_is_null(json_object_get(row, "index")));
	assert_int_equal(json_integer_value(json_object_get(row, "addr")), GUEST_UNMAPPED);
	assert_int_equal(json_integer_value(json_object_get(row, "size")), 8);
	json_decref(json);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_told_of_what_was_timed_alone),
		cmocka_unit_test(same_accesses_are_one_row),
		cmocka_unit_test(sums_tell_kernel_user_and_hypercalls_apart),
		cmocka_unit_test(overflows_move_from_kernel_to_user),
		cmocka_unit_test(doorbells_are_accesses),
		cmocka_unit_test(kvm_must_have_counted_the_same),
		cmocka_unit_test(names_are_those_of_the_option),
		cmocka_unit_test(json_has_the_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
