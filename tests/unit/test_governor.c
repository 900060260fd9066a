// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The budget that --max-overhead is, over simulated loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "governor.h"

/* A load whose accesses cost @rate of a CPU while all is attached; @lower: the same one profile
 * down. */
struct load {
	double rate, lower;
	uint64_t quiet_until_ns; /* @lower is what it costs from then on */
	double switch_ns;        /* what it takes to attach, and to detach */
};

struct outcome {
	double average; /* of one CPU */
	double attached;
	unsigned int nr_lowered, nr_pauses;
	double longest_ns; /* the longest pause */
};

/* Plays @load for @seconds. */
static struct outcome play(struct governor *g, struct load load, unsigned int seconds)
{
	const uint64_t begin = 1000000000, end = begin + seconds * 1000000000ULL;
	struct outcome o = { 0 };
	double session = 0, spent = 0, attached = 0, paused_since = 0;

	g->begin_ns = begin;
	for (uint64_t now = begin + GOVERNOR_STEP_NS; now <= end; now += GOVERNOR_STEP_NS) {
		if (load.quiet_until_ns && now - begin > load.quiet_until_ns)
			load.rate = load.lower;
		double cost = g->is_paused ? 0 : load.rate * GOVERNOR_STEP_NS;

		session += cost;
		spent += cost;
		attached += g->is_paused ? 0 : GOVERNOR_STEP_NS;
		switch (governor__decide(g, now, session)) {
		case GOVERNOR_LOWER:
			assert_true(g->can_lower);
			g->can_lower = false;
			governor__begin_session(g);
			session = 0;
			load.rate = load.lower;
			o.nr_lowered++;
			break;
		case GOVERNOR_PAUSE:
			assert_false(g->can_lower);
			session += load.switch_ns;
			spent += load.switch_ns;
			o.nr_pauses++;
			paused_since = now;
			break;
		case GOVERNOR_RESUME:
			session += load.switch_ns;
			spent += load.switch_ns;
			if (now - paused_since > o.longest_ns)
				o.longest_ns = now - paused_since;
			break;
		case GOVERNOR_KEEP:
			break;
		}
	}
	o.average = spent / (end - begin);
	o.attached = attached / (end - begin);
	return o;
}

static void what_costs_less_is_left_alone(void **state)
{
	struct governor g = { .share = 0.05, .can_lower = true };
	struct outcome o = play(&g, (struct load){ 0.049, 0.01, 0, 0 }, 100);

	(void)state;
	assert_int_equal(o.nr_lowered + o.nr_pauses, 0);
	assert_true(o.attached > 0.999);
}

static void stages_are_left_out_before_time(void **state)
{
	struct governor g = { .share = 0.05, .can_lower = true };
	struct outcome o = play(&g, (struct load){ 0.30, 0.02, 0, 0 }, 100);

	(void)state;
	assert_int_equal(o.nr_lowered, 1);
	/* What the dear profile has cost is paid for by a pause, and then it is cheap enough. */
	assert_true(o.nr_pauses <= 1);
	assert_true(o.average <= 0.05);
	assert_true(o.attached > 0.95);
}

static void the_average_stays_below_the_share(void **state)
{
	static const double rates[] = { 0.021, 0.1, 1, 7, 64 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct governor g = { .share = 0.02 };
		/* The first step is a burst that 320 s pay for, at worst. */
		struct outcome o = play(&g, (struct load){ rates[i], 0, 0, 0 }, 1000);

		assert_true(o.average <= 0.02);
		assert_true(o.average > 0.012);
		assert_true(o.attached >= 0.012 / rates[i]);
	}
}

static void it_attaches_for_a_part_of_each_second(void **state)
{
	struct governor g = { .share = 0.02 };
	struct outcome o = play(&g, (struct load){ 0.1, 0, 0, 0 }, 100);

	(void)state;
	assert_true(o.longest_ns <= 1e9);
	assert_true(o.nr_pauses > 90);
}

static void quiet_hours_do_not_pay_for_an_expensive_one(void **state)
{
	struct governor g = { .share = 0.01 };
	/* Ten hours of nothing, then a minute of a whole CPU. */
	struct load load = { 0, 1, 36000ULL * 1000000000, 0 };
	struct outcome o = play(&g, load, 36060);

	(void)state;
	/* 10 s of credit and what comes in: 0.1 s + 0.6 s. */
	assert_true(o.average * 36060 <= 0.71);
	assert_true(o.average * 36060 >= 0.5);
}

static void what_a_new_session_costs_is_not_known_before_it_was_seen(void **state)
{
	struct governor g = { .share = 0.05, .can_lower = true, .begin_ns = 1 };
	uint64_t now = 1 + GOVERNOR_STEP_NS;

	(void)state;
	assert_int_equal(governor__decide(&g, now, 0.5 * GOVERNOR_STEP_NS), GOVERNOR_LOWER);
	governor__begin_session(&g);
	assert_true(g.rate == 0);
	/* The debt is still there. */
	g.can_lower = false;
	now += GOVERNOR_STEP_NS;
	assert_int_equal(governor__decide(&g, now, 0.01 * GOVERNOR_STEP_NS), GOVERNOR_PAUSE);
	assert_true(g.credit_ns < 0);
}

static void attaching_and_detaching_are_paid_for(void **state)
{
	static const double costs[] = { 1e6, 1e7, 1e8, 1e9 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct governor g = { .share = 0.02 };
		struct outcome o = play(&g, (struct load){ 0.1, 0.1, 0, costs[i] }, 1000);

		assert_true(o.average <= 0.02 + (0.1 * GOVERNOR_STEP_NS + costs[i]) / 1e12);
		assert_true(o.average > 0.01);
		assert_true(o.nr_pauses > 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_costs_less_is_left_alone),
		cmocka_unit_test(stages_are_left_out_before_time),
		cmocka_unit_test(the_average_stays_below_the_share),
		cmocka_unit_test(it_attaches_for_a_part_of_each_second),
		cmocka_unit_test(quiet_hours_do_not_pay_for_an_expensive_one),
		cmocka_unit_test(what_a_new_session_costs_is_not_known_before_it_was_seen),
		cmocka_unit_test(attaching_and_detaching_are_paid_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
