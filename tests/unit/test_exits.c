// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Exits in samples: nothing is lost or made up by adding, subtracting, folding, sorting. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "names.h"
#include "sample.h"

#define NR_VMS 3
#define NR_VCPUS 40

static const char *const ids[NR_VMS] = { "30-1", "20-1", "10-1" };

/* Another number for each VM, vCPU and reason. */
static uint64_t made(uint32_t vm, uint32_t vcpu, int reason)
{
	return vm * 1000000 + vcpu * 1000 + reason;
}

static void fill(struct sample *s, uint32_t vm, uint32_t vcpu, uint64_t times)
{
	struct sample_vm *v = sample__vm(s, ids[vm]);
	struct sample_exits *e;

	assert_non_null(v);
	v->pid = 30 - 10 * vm;
	e = sample__exits(s, v - s->vms, vcpu);
	assert_non_null(e);
	for (int i = 0; i < VGIC_NR_EXITS; i++)
		e->count[i] += times * made(vm, vcpu, i);
	e->kvm_low = e->kvm_high = exits__total(e);
}

static struct sample *new_sample(uint64_t times, uint64_t end_ns)
{
	struct sample *s = sample__new();

	assert_non_null(s);
	s->has_exits = true;
	s->exits_ns = times * 100;
	s->lost_exits = times * 3;
	s->end_ns = end_ns;
	for (uint32_t vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		for (uint32_t vm = 0; vm < NR_VMS; vm++)
			fill(s, vm, vcpu, times);
	return s;
}

static uint32_t vm_no(const char *id)
{
	for (uint32_t i = 0; i < NR_VMS; i++)
		if (!strcmp(ids[i], id))
			return i;
	fail();
	return 0;
}

/* Every count is @times what was made. */
static void assert_whole(const struct sample *s, uint64_t times)
{
	assert_int_equal(s->nr_exits, NR_VMS * NR_VCPUS);
	for (size_t i = 0; i < s->nr_exits; i++) {
		const struct sample_exits *e = &s->exits[i];

		for (int reason = 0; reason < VGIC_NR_EXITS; reason++)
			assert_int_equal(e->count[reason],
					 times * made(vm_no(s->vms[e->vm].id), e->vcpu, reason));
		assert_int_equal(e->kvm_low, exits__total(e));
		assert_int_equal(e->kvm_high, exits__total(e));
	}
	assert_true(s->has_exits);
	assert_int_equal(s->exits_ns, times * 100);
	assert_int_equal(s->lost_exits, times * 3);
}

static void a_vcpu_is_found_again(void **state)
{
	struct sample *s = new_sample(2, 1);

	(void)state;
	assert_whole(s, 2);
	for (uint32_t vcpu = NR_VCPUS; vcpu-- > 0;)
		assert_int_equal(sample__exits(s, 1, vcpu)->count[5], 2 * made(1, vcpu, 5));
	assert_int_equal(s->nr_exits, NR_VMS * NR_VCPUS);
	sample__free(s);
}

static void a_sum_matches_vms_by_id(void **state)
{
	struct sample *sum = sample__new(), *s = new_sample(3, 1);

	(void)state;
	assert_non_null(sum);
	assert_non_null(sample__vm(sum, "10-1"));
	assert_int_equal(sample__add(sum, s), 0);
	assert_int_equal(sample__add(sum, s), 0);
	assert_whole(sum, 6);
	sample__free(s);
	sample__free(sum);
}

static void two_intervals_make_the_whole(void **state)
{
	struct sample *none = sample__new(), *early = new_sample(2, 1), *late = new_sample(5, 2);
	struct sample *a, *b;

	(void)state;
	assert_non_null(none);
	a = sample__between(none, early);
	b = sample__between(early, late);
	assert_non_null(a);
	assert_non_null(b);
	assert_whole(a, 2);
	assert_whole(b, 3);
	assert_int_equal(sample__add(a, b), 0);
	assert_whole(a, 5);
	sample__free(a);
	sample__free(b);
	sample__free(none);
	sample__free(early);
	sample__free(late);
}

static void vcpus_at_rest_are_not_in_a_difference(void **state)
{
	struct sample *early = new_sample(1, 1), *late = new_sample(1, 2), *d;

	(void)state;
	fill(late, 1, 7, 1);
	d = sample__between(early, late);
	assert_non_null(d);
	assert_int_equal(d->nr_exits, 1);
	assert_int_equal(d->exits[0].vcpu, 7);
	assert_int_equal(exits__total(&d->exits[0]),
			 exits__total(&early->exits[0]) + VGIC_NR_EXITS * made(1, 7, 0));
	sample__free(d);
	sample__free(early);
	sample__free(late);
}

static void exits_that_only_kvm_counted_are_in_a_difference(void **state)
{
	struct sample *early = new_sample(1, 1), *late = new_sample(1, 2), *d;
	struct sample_exits *e = sample__exits(late, 0, 0);

	(void)state;
	e->kvm_low += 4;
	e->kvm_high += 6;
	sample__exits(early, 0, 0)->kvm_high++;
	d = sample__between(early, late);
	assert_non_null(d);
	assert_int_equal(d->nr_exits, 1);
	assert_int_equal(exits__total(&d->exits[0]), 0);
	assert_int_equal(d->exits[0].kvm_low, 3);
	assert_int_equal(d->exits[0].kvm_high, 6);
	sample__free(d);
	sample__free(early);
	sample__free(late);
}

static void folding_keeps_every_exit(void **state)
{
	struct sample *s = new_sample(4, 1), *folded = sample__folded(s, false, false);
	struct sample *same = sample__folded(s, true, false);

	(void)state;
	assert_non_null(folded);
	assert_non_null(same);
	assert_whole(same, 4);
	assert_int_equal(folded->nr_exits, NR_VMS);
	for (uint32_t vm = 0; vm < NR_VMS; vm++) {
		const struct sample_exits *e = sample__exits(folded, vm, SAMPLE_ALL);

		for (int i = 0; i < VGIC_NR_EXITS; i++) {
			uint64_t sum = 0;

			for (uint32_t vcpu = 0; vcpu < NR_VCPUS; vcpu++)
				sum += 4 * made(vm, vcpu, i);
			assert_int_equal(e->count[i], sum);
		}
		assert_int_equal(e->kvm_high, exits__total(e));
	}
	assert_int_equal(folded->exits_ns, 400);
	assert_int_equal(folded->lost_exits, 12);
	sample__free(same);
	sample__free(folded);
	sample__free(s);
}

static void sorting_goes_by_vm_and_vcpu(void **state)
{
	struct sample *s = new_sample(1, 1);

	(void)state;
	assert_int_equal(sample__sort(s), 0);
	assert_whole(s, 1);
	assert_string_equal(s->vms[0].id, "10-1");
	for (size_t i = 0; i < s->nr_exits; i++) {
		assert_int_equal(s->exits[i].vm, i / NR_VCPUS);
		assert_int_equal(s->exits[i].vcpu, i % NR_VCPUS);
	}
	sample__free(s);
}

static void kvms_count_is_the_reading_nearest_to_what_was_seen(void **state)
{
	(void)state;
	assert_int_equal(sample__nearest(9, 10, 20), 10);
	assert_int_equal(sample__nearest(10, 10, 20), 10);
	assert_int_equal(sample__nearest(15, 10, 20), 15);
	assert_int_equal(sample__nearest(21, 10, 20), 20);
}

static void a_difference_of_kvms_user_count_spans_all_readings(void **state)
{
	struct sample *early = sample__new(), *late = sample__new(), *d;

	(void)state;
	early->kvm_user = (struct sample_kvm){ true, 10, 12 };
	late->kvm_user = (struct sample_kvm){ true, 20, 25 };
	d = sample__between(early, late);
	assert_non_null(d);
	assert_true(d->kvm_user.is_known);
	assert_int_equal(d->kvm_user.low, 8);
	assert_int_equal(d->kvm_user.high, 15);
	sample__free(d);
	early->kvm_user.is_known = false;
	d = sample__between(early, late);
	assert_non_null(d);
	assert_false(d->kvm_user.is_known);
	sample__free(d);
	sample__free(early);
	sample__free(late);
}

/* ESR_ELx_EC_* and ARM_EXCEPTION_*, as the kernel has them. */
static void every_reason_has_the_kernels_number_and_a_name_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(VGIC_EXIT_WFx, 0x01);
	assert_int_equal(VGIC_EXIT_HVC64, 0x16);
	assert_int_equal(VGIC_EXIT_SYS64, 0x18);
	assert_int_equal(VGIC_EXIT_DABT_LOW, 0x24);
	assert_int_equal(VGIC_EXIT_BRK64, 0x3c);
	assert_int_equal(VGIC_EXIT_IRQ, 64);
	assert_string_equal(exit__name(VGIC_EXIT_DABT_LOW), "DABT_LOW");
	assert_string_equal(exit__name(0x3f), "EC_3f");
	assert_string_equal(exit__name(VGIC_NR_EXITS), "?");
	assert_int_equal(exit__parse("dabt_low"), -ENOENT);
	for (int i = 0; i < VGIC_NR_EXITS; i++)
		assert_int_equal(exit__parse(exit__name(i)), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vcpu_is_found_again),
		cmocka_unit_test(a_sum_matches_vms_by_id),
		cmocka_unit_test(two_intervals_make_the_whole),
		cmocka_unit_test(vcpus_at_rest_are_not_in_a_difference),
		cmocka_unit_test(exits_that_only_kvm_counted_are_in_a_difference),
		cmocka_unit_test(folding_keeps_every_exit),
		cmocka_unit_test(sorting_goes_by_vm_and_vcpu),
		cmocka_unit_test(kvms_count_is_the_reading_nearest_to_what_was_seen),
		cmocka_unit_test(a_difference_of_kvms_user_count_spans_all_readings),
		cmocka_unit_test(every_reason_has_the_kernels_number_and_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
