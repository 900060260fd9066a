// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "fake_sample.h"
#include "regs.h"
#include "sample.h"

static struct sample *new_sample(void)
{
	struct sample *s = sample__new();

	assert_non_null(s);
	return s;
}

static struct sample_key key(uint32_t vm, uint32_t vcpu, uint8_t range, uint8_t op)
{
	return (struct sample_key){ .vm = vm,
				    .vcpu = vcpu,
				    .target = SAMPLE_ALL,
				    .kind = range__kind(range),
				    .range = range,
				    .op = op };
}

static void add(struct sample *s, const char *id, uint8_t range, uint64_t count)
{
	struct sample_vm *vm = sample__vm(s, id);
	struct sample_series *series;
	struct sample_key k;

	assert_non_null(vm);
	k = key(vm - s->vms, SAMPLE_ALL, range, VGIC_READ);
	series = sample__series(s, &k);
	assert_non_null(series);
	series->count += count;
}

static uint64_t total(const struct sample *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->nr_series; i++)
		sum += s->series[i].count;
	return sum;
}

static void series_are_found_again_among_thousands(void **state)
{
	struct sample *s = new_sample();

	(void)state;
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < 40000; i++) {
			struct sample_key k = key(i % 16, i / 16 % 64, i / 1024, i & 1);
			struct sample_series *series;

			k.base = (uint64_t)i << 16;
			series = sample__series(s, &k);
			assert_non_null(series);
			assert_int_equal(series->count, pass ? i + 1 : 0);
			series->count = i + 1;
		}
	assert_int_equal(s->nr_series, 40000);
	sample__free(s);
}

static void every_field_of_the_key_tells_series_apart(void **state)
{
	struct sample *s = new_sample();
	struct sample_key k = key(0, 0, 0, 0), other[7];

	(void)state;
	for (int i = 0; i < 7; i++)
		other[i] = k;
	other[0].vm = 1;
	other[1].vcpu = 1;
	other[2].target = 1;
	other[3].kind = 1;
	other[4].range = 1;
	other[5].op = 1;
	other[6].base = 1;
	assert_non_null(sample__series(s, &k));
	for (int i = 0; i < 7; i++)
		assert_non_null(sample__series(s, &other[i]));
	assert_int_equal(s->nr_series, 8);
	sample__free(s);
}

static void a_sum_matches_vms_by_id(void **state)
{
	struct sample *a = new_sample(), *b = new_sample();

	(void)state;
	add(a, "1-1", 0, 10);
	add(a, "2-2", 0, 20);
	add(b, "2-2", 0, 3);
	add(b, "3-3", 1, 4);
	b->lost[VGIC_LOST_NO_CELL] = 5;
	assert_int_equal(sample__add(a, b), 0);
	assert_int_equal(a->nr_vms, 3);
	assert_int_equal(a->nr_series, 3);
	assert_int_equal(a->series[1].count, 23);
	assert_int_equal(a->lost[VGIC_LOST_NO_CELL], 5);
	assert_int_equal(total(a), 37);
	sample__free(a);
	sample__free(b);
}

static void a_vm_that_only_the_addend_has_keeps_its_name(void **state)
{
	struct sample *a = new_sample(), *b = new_sample();

	(void)state;
	add(b, "3-3", 1, 4);
	snprintf(b->vms[0].name, sizeof(b->vms[0].name), "gone");
	a->end_ns = 9; /* @b says nothing of its time */
	assert_int_equal(sample__add(a, b), 0);
	assert_string_equal(a->vms[0].name, "gone");
	assert_int_equal(a->end_ns, 9);
	sample__free(a);
	sample__free(b);
}

static void two_intervals_make_the_whole(void **state)
{
	struct sample *empty = new_sample(), *sum = new_sample();
	struct sample *one = fake__sample(FAKE_STAGES, true, true, 1);
	struct sample *two = fake__sample(FAKE_STAGES, true, true, 2);
	struct sample *first, *second;

	(void)state;
	first = sample__between(empty, one);
	second = sample__between(one, two);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(total(first), total(one));
	assert_int_equal(total(second), total(two) - total(one));
	assert_int_equal(sample__add(sum, first), 0);
	assert_int_equal(sample__add(sum, second), 0);
	assert_int_equal(sample__sort(sum), 0);
	assert_int_equal(sum->nr_series, two->nr_series);
	for (size_t i = 0; i < two->nr_series; i++) {
		assert_int_equal(sum->series[i].count, two->series[i].count);
		assert_int_equal(sum->series[i].nr_untimed, two->series[i].nr_untimed);
		for (int j = 0; j < VGIC_NR_STAGES; j++) {
			assert_int_equal(sum->series[i].lat[j].count, two->series[i].lat[j].count);
			assert_int_equal(sum->series[i].lat[j].sum_ns,
					 two->series[i].lat[j].sum_ns);
		}
	}
	assert_memory_equal(sum->lost, two->lost, sizeof(sum->lost));
	assert_int_equal(sum->recursion_misses, two->recursion_misses);
	assert_int_equal(sum->in_flight, two->in_flight);
	assert_int_equal(sum->end_ns, two->end_ns);
	sample__free(empty);
	sample__free(sum);
	sample__free(one);
	sample__free(two);
	sample__free(first);
	sample__free(second);
}

static void series_at_rest_are_not_in_a_difference(void **state)
{
	struct sample *early = new_sample(), *late = new_sample(), *d;

	(void)state;
	add(early, "1-1", 0, 10);
	add(late, "9-9", 2, 1);
	add(late, "1-1", 0, 10);
	add(late, "1-1", 1, 0);
	d = sample__between(early, late);
	assert_non_null(d);
	assert_int_equal(d->nr_vms, 2);
	assert_int_equal(d->nr_series, 1);
	assert_int_equal(d->series[0].key.range, 2);
	sample__free(early);
	sample__free(late);
	sample__free(d);
}

static void a_latency_that_comes_late_is_not_lost(void **state)
{
	struct sample *early = new_sample(), *late = new_sample(), *d;

	(void)state;
	add(early, "1-1", 0, 10);
	add(late, "1-1", 0, 10);
	assert_int_equal(lat__record(&late->series[0].lat[VGIC_RESUME], 500, 1), 0);
	d = sample__between(early, late);
	assert_non_null(d);
	assert_int_equal(d->nr_series, 1);
	assert_int_equal(d->series[0].count, 0);
	assert_int_equal(d->series[0].lat[VGIC_RESUME].count, 1);
	sample__free(early);
	sample__free(late);
	sample__free(d);
}

static void add_exits(struct sample *s, const char *id, uint64_t count)
{
	struct sample_exits *e = sample__exits(s, sample__vm(s, id) - s->vms, SAMPLE_ALL);

	assert_non_null(e);
	e->count[VGIC_EXIT_WFx] += count;
	e->kvm_low = e->kvm_high += count;
}

/* Of those that end, harvest.c keeps so many apart; what one more had becomes part of "ended". */
static void what_a_vm_had_before_it_became_one_of_the_ended_is_no_growth(void **state)
{
	struct sample *early = new_sample(), *late = new_sample(), *d;

	(void)state;
	add(early, "7-1", VGIC_RANGE_DIST_V3_CTLR, 100);
	add(early, SAMPLE_ENDED, VGIC_RANGE_DIST_V3_CTLR, 1000);
	add(early, "8-1", VGIC_RANGE_DIST_V3_CTLR, 500);
	add(early, "8-1", VGIC_RANGE_DIST_V3_TYPER, 50);
	add_exits(early, "8-1", 40);
	add(late, SAMPLE_ENDED, VGIC_RANGE_DIST_V3_CTLR, 1507);
	add(late, SAMPLE_ENDED, VGIC_RANGE_DIST_V3_TYPER, 50);
	add_exits(late, SAMPLE_ENDED, 43);
	add(late, "7-1", VGIC_RANGE_DIST_V3_CTLR, 101);
	assert_int_equal(lat__record(&early->series[1].lat[VGIC_BUS], 1000, 600), 0);
	assert_int_equal(lat__record(&early->series[2].lat[VGIC_BUS], 1000, 400), 0);
	assert_int_equal(lat__record(&late->series[0].lat[VGIC_BUS], 1000, 1002), 0);
	d = sample__between(early, late);
	assert_non_null(d);
	assert_int_equal(total(d), 8);
	assert_int_equal(d->nr_series, 2);
	assert_int_equal(d->series[0].count, 7);
	assert_int_equal(d->series[0].lat[VGIC_BUS].count, 2);
	assert_int_equal(d->nr_exits, 1);
	assert_int_equal(exits__total(&d->exits[0]), 3);
	assert_int_equal(d->exits[0].kvm_low, 3);
	assert_int_equal(d->nr_vms, 2);
	sample__free(d);
	sample__free(early);
	sample__free(late);
}

static void sorting_orders_vms_by_pid_and_series_by_key(void **state)
{
	struct sample *s = new_sample();
	struct sample_series *series;
	struct sample_key k;

	(void)state;
	add(s, "20-1", VGIC_RANGE_REDIST_TYPER, 1);
	add(s, "20-1", VGIC_RANGE_DIST_V3_TYPER, 2);
	add(s, "20-1", VGIC_RANGE_DIST_V3_CTLR, 3);
	add(s, "3-7", VGIC_RANGE_DIST_V2_CTLR, 4);
	sample__vm(s, "20-1")->pid = 20;
	sample__vm(s, "3-7")->pid = 3;
	assert_int_equal(sample__sort(s), 0);
	assert_string_equal(s->vms[0].id, "3-7");
	assert_int_equal(s->series[0].count, 4);
	assert_int_equal(s->series[1].count, 3);
	assert_int_equal(s->series[2].count, 2);
	assert_int_equal(s->series[3].count, 1);
	/* The index knows where they went. */
	k = key(1, SAMPLE_ALL, VGIC_RANGE_DIST_V3_TYPER, VGIC_READ);
	series = sample__series(s, &k);
	assert_ptr_equal(series, &s->series[2]);
	sample__free(s);
}

static void sorting_nothing_works(void **state)
{
	struct sample *s = new_sample();

	(void)state;
	assert_int_equal(sample__sort(s), 0);
	assert_non_null(sample__vm(s, "1-1"));
	assert_int_equal(sample__sort(s), 0);
	sample__free(s);
}

static void what_user_space_completes_is_not_seen_in_the_kernel(void **state)
{
	struct sample *s = new_sample();

	(void)state;
	add(s, "1-1", VGIC_RANGE_IOEVENTFD, 10);
	add(s, "1-1", VGIC_RANGE_UNKNOWN, 3);
	add(s, "1-1", VGIC_RANGE_USER, 100);
	assert_int_equal(sample__seen(s), 13);
	sample__free(s);
}

static void kvms_count_is_the_reading_nearest_to_what_was_seen(void **state)
{
	struct sample *s = new_sample();

	(void)state;
	add(s, "1-1", 0, 100);
	s->kvm_exits_low = 90;
	s->kvm_exits_high = 110;
	assert_int_equal(sample__kvm_exits(s), 100);
	s->kvm_exits_low = 101;
	assert_int_equal(sample__kvm_exits(s), 101);
	s->kvm_exits_low = 50;
	s->kvm_exits_high = 99;
	assert_int_equal(sample__kvm_exits(s), 99);
	sample__free(s);
}

static void a_differences_kvm_count_spans_all_readings(void **state)
{
	struct sample *early = new_sample(), *late = new_sample(), *d;

	(void)state;
	*early =
		(struct sample){ .has_kvm_exits = true, .kvm_exits_low = 10, .kvm_exits_high = 12 };
	*late = (struct sample){ .has_kvm_exits = true, .kvm_exits_low = 20, .kvm_exits_high = 25 };
	d = sample__between(early, late);
	assert_non_null(d);
	assert_true(d->has_kvm_exits);
	assert_int_equal(d->kvm_exits_low, 8);
	assert_int_equal(d->kvm_exits_high, 15);
	sample__free(d);
	early->has_kvm_exits = false;
	d = sample__between(early, late);
	assert_non_null(d);
	assert_false(d->has_kvm_exits);
	sample__free(d);
	sample__free(early);
	sample__free(late);
}

static void every_stage_and_loss_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		assert_int_equal(stage__parse(stage__name(i)), i);
	assert_int_equal(stage__parse("lookups"), -ENOENT);
	assert_string_equal(stage__name(VGIC_NR_STAGES), "?");
	for (int i = 0; i < VGIC_NR_LOSSES; i++) {
		assert_non_null(loss__text(i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(loss__name(i), loss__name(j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_are_found_again_among_thousands),
		cmocka_unit_test(every_field_of_the_key_tells_series_apart),
		cmocka_unit_test(a_sum_matches_vms_by_id),
		cmocka_unit_test(a_vm_that_only_the_addend_has_keeps_its_name),
		cmocka_unit_test(two_intervals_make_the_whole),
		cmocka_unit_test(series_at_rest_are_not_in_a_difference),
		cmocka_unit_test(a_latency_that_comes_late_is_not_lost),
		cmocka_unit_test(what_a_vm_had_before_it_became_one_of_the_ended_is_no_growth),
		cmocka_unit_test(sorting_orders_vms_by_pid_and_series_by_key),
		cmocka_unit_test(sorting_nothing_works),
		cmocka_unit_test(what_user_space_completes_is_not_seen_in_the_kernel),
		cmocka_unit_test(kvms_count_is_the_reading_nearest_to_what_was_seen),
		cmocka_unit_test(a_differences_kvm_count_spans_all_readings),
		cmocka_unit_test(every_stage_and_loss_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
