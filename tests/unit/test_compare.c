// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "fake_runs.h"

#define CTLR \
	{ \
		VGIC_DIST_V3, VGIC_RANGE_DIST_V3_CTLR, VGIC_READ, 20000, { 1000, 2000, 3000 }, \
			0.01 \
	}
#define ISENABLER \
	{ \
		VGIC_DIST_V3, VGIC_RANGE_DIST_V3_ISENABLER, VGIC_WRITE, 5000, { 900, 4000, 5000 }, \
			0.01 \
	}

static const struct fake_range two[] = { CTLR, ISENABLER };
static const struct compare_opts defaults = { .metric = -1, .stage = -1 };

static struct comparison *compared(const struct fake_side *base, const struct fake_side *new,
				   struct compare_opts opts)
{
	struct comparison *c = NULL;

	assert_int_equal(compare__runs(&base->side, &new->side, &opts, &c), 0);
	assert_non_null(c);
	return c;
}

/* Of @nr runs a side, of which the new ones are @slower. */
static struct comparison *of_two(size_t nr, double slower, struct compare_opts opts)
{
	struct fake_side *base = fake__side(two, 2, nr, 1, 1);
	struct fake_side *new = fake__side(two, 2, nr, slower, 2);
	struct comparison *c = compared(base, new, opts);

	fake_side__free(base);
	fake_side__free(new);
	return c;
}

static const struct compare_row *row_of(const struct comparison *c, int range, int stage,
					enum compare_metric metric)
{
	for (size_t i = 0; i < c->nr_rows; i++)
		if (!c->rows[i].fact[0] && c->rows[i].key.range == range &&
		    c->rows[i].stage == stage && c->rows[i].metric == metric)
			return &c->rows[i];
	fail_msg("no such row");
	return NULL;
}

static const struct compare_row *ctlr(const struct comparison *c)
{
	return row_of(c, VGIC_RANGE_DIST_V3_CTLR, VGIC_BUS, COMPARE_MEAN);
}

static void assert_verdict(const struct comparison *c, enum compare_verdict verdict)
{
	assert_string_equal(compare_verdict__name(c->verdict), compare_verdict__name(verdict));
}

/* cmocka's compares as float. */
static void assert_same(double a, double b)
{
	if (!(fabs(a - b) <= 1e-12 * (fabs(a) + fabs(b))))
		fail_msg("%.17g is not %.17g", a, b);
}

static void a_slower_path_is_a_regression(void **state)
{
	struct comparison *c = of_two(10, 1.10, defaults);

	(void)state;
	assert_verdict(c, COMPARE_REGRESSION);
	assert_int_equal(c->nr_gate, 2);
	assert_int_equal(c->nr_of[COMPARE_REGRESSION], 2);
	assert_true(ctlr(c)->in_gate && ctlr(c)->p_holm <= 0.05);
	assert_true(ctlr(c)->low > 1.05 && ctlr(c)->low < 1.10 && ctlr(c)->high > 1.10 &&
		    ctlr(c)->high < 1.15);
	comparison__free(c);
}

static void a_faster_one_is_an_improvement(void **state)
{
	struct comparison *c = of_two(10, 0.9, defaults);

	(void)state;
	assert_verdict(c, COMPARE_IMPROVEMENT);
	comparison__free(c);
}

static void the_same_is_equivalent(void **state)
{
	struct comparison *c = of_two(30, 1, defaults);

	(void)state;
	assert_verdict(c, COMPARE_EQUIVALENT);
	assert_string_equal(ctlr(c)->why, "");
	comparison__free(c);
}

static void too_few_runs_say_how_many_it_takes(void **state)
{
	struct comparison *c = of_two(3, 1.10, defaults);

	(void)state;
	assert_verdict(c, COMPARE_INCONCLUSIVE);
	assert_true(ctlr(c)->p >= 0.1 - 1e-9);
	assert_non_null(strstr(ctlr(c)->why, "5 runs a side can show "));
	assert_non_null(strstr(ctlr(c)->why, "; there are 3"));
	comparison__free(c);
}

static void pairs_are_tested_as_pairs(void **state)
{
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	opts.paired = true;
	c = of_two(8, 1.10, opts);
	assert_verdict(c, COMPARE_REGRESSION);
	assert_float_equal(ctlr(c)->p, 2.0 / 256, 1e-12);
	comparison__free(c);
	c = of_two(6, 1.10, opts); /* 2/64 in a family of 2 */
	assert_verdict(c, COMPARE_INCONCLUSIVE);
	assert_non_null(strstr(ctlr(c)->why, "7 pairs can show "));
	comparison__free(c);
}

static void a_significant_change_within_the_margin_is_no_regression(void **state)
{
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	opts.margin = 0.2;
	c = of_two(10, 1.10, opts);
	assert_true(ctlr(c)->p_holm <= 0.05);
	assert_verdict(c, COMPARE_EQUIVALENT);
	comparison__free(c);
	opts.margin = 0.102;
	c = of_two(10, 1.10, opts);
	assert_int_equal(ctlr(c)->verdict, COMPARE_INCONCLUSIVE);
	assert_string_equal(ctlr(c)->why, "changed, but by less than 10.2 %");
	comparison__free(c);
}

/* Of a clock that counts instructions. */
static struct comparison *without_noise(size_t nr, double slower, bool paired)
{
	struct fake_range quiet[] = { CTLR, ISENABLER };
	struct compare_opts opts = defaults;
	struct fake_side *base, *new;
	struct comparison *c;

	quiet[0].run_spread = quiet[1].run_spread = 0;
	opts.paired = paired;
	base = fake__side(quiet, 2, nr, 1, 1);
	new = fake__side(quiet, 2, nr, slower, 2);
	c = compared(base, new, opts);
	fake_side__free(base);
	fake_side__free(new);
	return c;
}

static void identical_figures_are_equivalent(void **state)
{
	(void)state;
	for (int paired = 0; paired < 2; paired++)
		for (size_t nr = 2; nr < 12; nr += 3) {
			struct comparison *c = without_noise(nr, 1, paired);

			assert_verdict(c, COMPARE_EQUIVALENT);
			assert_true(ctlr(c)->ratio == 1 && ctlr(c)->low == 1 &&
				    ctlr(c)->high == 1 && ctlr(c)->p == 1);
			comparison__free(c);
		}
}

static void a_constant_shift_is_found(void **state)
{
	(void)state;
	for (int paired = 0; paired < 2; paired++) {
		struct comparison *c = without_noise(10, 1.05, paired);

		assert_verdict(c, COMPARE_REGRESSION);
		assert_float_equal(ctlr(c)->ratio, 1.05, 1e-9);
		assert_float_equal(ctlr(c)->low, 1.05, 1e-9);
		comparison__free(c);
	}
}

static void one_tick_is_the_least_margin(void **state)
{
	struct fake_side *base = fake__side(two, 2, 10, 1, 1);
	struct fake_side *new = fake__side(two, 2, 10, 1.10, 2);
	struct comparison *c;

	(void)state;
	base->runs[3].tick_ns = 720; /* of 3600 */
	c = compared(base, new, defaults);
	assert_float_equal(ctlr(c)->margin, 0.2, 0.01);
	assert_float_equal(row_of(c, VGIC_RANGE_DIST_V3_CTLR, -1, COMPARE_COUNT)->margin, 0.02,
			   1e-12);
	assert_int_equal(ctlr(c)->verdict, COMPARE_EQUIVALENT);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void the_noise_floor_widens_the_margin(void **state)
{
	struct fake_range noisy[] = { CTLR };
	struct compare_opts opts = defaults;
	struct fake_side *base, *new;
	struct comparison *c;

	(void)state;
	noisy[0].run_spread = 0.05;
	base = fake__side(noisy, 1, 16, 1, 1);
	new = fake__side(noisy, 1, 16, 1.03, 2);
	opts.use_floor = true;
	c = compared(base, new, opts);
	assert_true(ctlr(c)->floor > 0.03 && ctlr(c)->floor < 0.15);
	assert_true(ctlr(c)->margin == ctlr(c)->floor);
	comparison__free(c);
	base->side.nr_runs = 5;
	c = compared(base, new, opts);
	assert_true(isnan(ctlr(c)->floor));
	assert_float_equal(ctlr(c)->margin, 0.02, 1e-12);
	comparison__free(c);
	base->side.nr_runs = 16;
	fake_side__free(base);
	fake_side__free(new);
}

static void the_hooks_share_is_taken_out(void **state)
{
	static const struct calibration cal = { .stages[VGIC_BUS] = { true, 600, 1 } };
	struct fake_side *base = fake__side(two, 2, 10, 1, 1);
	struct fake_side *new = fake__side(two, 2, 10, 1.1, 2);
	struct comparison *c;

	(void)state;
	for (int i = 0; i < 10; i++)
		base->runs[i].calibration = new->runs[i].calibration = &cal;
	c = compared(base, new, defaults);
	assert_float_equal(ctlr(c)->base, 3000, 40); /* 3000 * 1.2 - 600 */
	assert_float_equal(ctlr(c)->ratio, 1.12, 0.02);
	assert_float_equal(row_of(c, VGIC_RANGE_DIST_V3_CTLR, VGIC_LOOKUP, COMPARE_MEAN)->base,
			   1200, 20);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void nothing_is_said_where_some_runs_have_nothing_left(void **state)
{
	/* 3600 less 3610: half of the runs. */
	static const struct calibration cal = { .stages[VGIC_BUS] = { true, 3610, 1 } };
	struct fake_side *base = fake__side(two, 2, 10, 1, 1);
	struct fake_side *new = fake__side(two, 2, 10, 1.1, 2);
	struct comparison *c;

	(void)state;
	for (int i = 0; i < 10; i++)
		base->runs[i].calibration = new->runs[i].calibration = &cal;
	c = compared(base, new, defaults);
	assert_int_equal(ctlr(c)->verdict, COMPARE_INCONCLUSIVE);
	assert_string_equal(ctlr(c)->why, "nothing is left of it in some runs");
	assert_int_equal(ctlr(c)->nr_base, 0);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void a_stage_changes_only_where_the_gate_does(void **state)
{
	struct fake_range shifted[] = { CTLR, ISENABLER };
	struct fake_side *base = fake__side(two, 2, 10, 1, 1), *new;
	struct compare_opts opts = defaults;
	const struct compare_row *lookup;
	struct comparison *c;

	(void)state;
	shifted[0].ns[0] *= 1.2;
	new = fake__side(shifted, 2, 10, 1, 2);
	c = compared(base, new, opts);
	lookup = row_of(c, VGIC_RANGE_DIST_V3_CTLR, VGIC_LOOKUP, COMPARE_MEAN);
	assert_true(lookup->p_holm <= 0.05 && ctlr(c)->p_holm > 0.05);
	assert_int_equal(lookup->verdict, COMPARE_INCONCLUSIVE);
	assert_string_equal(lookup->why, "the range's mean of bus did not change for sure");
	comparison__free(c);
	opts.stage = VGIC_LOOKUP;
	c = compared(base, new, opts);
	lookup = row_of(c, VGIC_RANGE_DIST_V3_CTLR, VGIC_LOOKUP, COMPARE_MEAN);
	assert_int_equal(lookup->verdict, COMPARE_REGRESSION);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void counts_are_judged_where_the_work_is_known(void **state)
{
	struct fake_range more[] = { CTLR, ISENABLER };
	struct fake_side *base = fake__side(two, 2, 10, 1, 1), *new;
	const struct compare_row *row;
	struct comparison *c;

	(void)state;
	more[0].count *= 2;
	new = fake__side(more, 2, 10, 1, 2);
	c = compared(base, new, defaults);
	assert_false(c->per_work);
	row = row_of(c, VGIC_RANGE_DIST_V3_CTLR, -1, COMPARE_COUNT);
	assert_int_equal(row->verdict, COMPARE_INCONCLUSIVE);
	assert_float_equal(row->ratio, 2, 1e-9);
	comparison__free(c);
	for (int i = 0; i < 10; i++) {
		fake_side__fact(base, i, "work", 100);
		fake_side__fact(new, i, "work", 100);
	}
	c = compared(base, new, defaults);
	assert_true(c->per_work);
	row = row_of(c, VGIC_RANGE_DIST_V3_CTLR, -1, COMPARE_COUNT);
	assert_int_equal(row->verdict, COMPARE_REGRESSION);
	assert_float_equal(row->base, 200, 1e-9);
	assert_false(row->in_gate);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void the_change_of_the_total_is_the_sum_of_its_effects(void **state)
{
	struct fake_range other[] = {
		CTLR, { VGIC_REDIST, VGIC_RANGE_REDIST_TYPER, VGIC_READ, 700, { 10, 20, 30 }, 0.01 }
	};
	struct fake_side *base = fake__side(two, 2, 10, 1, 1), *new;
	struct compare_effect sum = { 0 };
	struct comparison *c;

	(void)state;
	other[0].count = 25000;
	new = fake__side(other, 2, 10, 1.1, 2);
	c = compared(base, new, defaults);
	assert_int_equal(c->nr_effects, 3);
	assert_int_equal(c->nr_base_only, 1);
	assert_int_equal(c->nr_new_only, 1);
	for (size_t i = 0; i < c->nr_effects; i++) {
		const struct compare_effect *e = &c->effects[i];

		assert_same(e->base_ns + e->count_ns + e->latency_ns + e->both_ns, e->new_ns);
		sum.base_ns += e->base_ns;
		sum.new_ns += e->new_ns;
	}
	assert_same(c->total.base_ns, sum.base_ns);
	assert_same(c->total.new_ns, sum.new_ns);
	assert_same(sum.base_ns + c->total.count_ns + c->total.latency_ns + c->total.both_ns,
		    sum.new_ns);
	/* A quarter more accesses of 3600 ns, by a tenth dearer; the other ranges are counts only.
	 */
	assert_int_equal(c->effects[0].key.range, VGIC_RANGE_DIST_V3_ISENABLER);
	assert_float_equal(c->effects[0].count_ns, -5000 * 6000.0, 5e5);
	assert_true(c->effects[0].latency_ns == 0 && c->effects[0].new_ns == 0);
	assert_float_equal(c->effects[1].count_ns, 5000 * 3600.0, 5e5);
	assert_float_equal(c->effects[1].latency_ns, 20000 * 360.0, 1e6);
	assert_float_equal(c->effects[1].both_ns, 5000 * 360.0, 3e5);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void accesses_are_compared_less_the_baseline(void **state)
{
	struct fake_side *base = fake__side(two, 2, 8, 1, 1);
	struct fake_side *new = fake__side(two, 2, 8, 1, 2);
	struct compare_opts opts = defaults;
	struct comparison *c;
	double noise[] = { 1.000, 1.002, 0.998, 1.001, 0.999, 1.003, 0.997, 1.004 };

	(void)state;
	for (int i = 0; i < 8; i++) {
		fake_side__fact(base, i, "access_ns.GICD_CTLR.read", 2000 * noise[i]);
		fake_side__fact(new, i, "access_ns.GICD_CTLR.read", 2300 * noise[i]);
		fake_side__fact(base, i, "baseline_ns", 1000 * noise[i]);
		fake_side__fact(new, i, "baseline_ns", 1300 * noise[i]);
	}
	opts.metric = COMPARE_ACCESS;
	c = compared(base, new, opts);
	assert_int_equal(c->rows[0].metric, COMPARE_BASELINE);
	assert_int_equal(c->rows[0].verdict, COMPARE_REGRESSION);
	assert_false(c->rows[0].in_gate);
	assert_int_equal(c->rows[1].metric, COMPARE_ACCESS);
	assert_true(c->rows[1].in_gate && c->less_baseline);
	assert_float_equal(c->rows[1].base, 1000, 2);
	assert_int_equal(c->rows[1].verdict, COMPARE_EQUIVALENT);
	assert_verdict(c, COMPARE_EQUIVALENT);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void what_is_rare_is_not_in_the_gate(void **state)
{
	struct fake_range rare[] = { CTLR, ISENABLER };
	struct fake_side *base, *new;
	const struct compare_row *row;
	struct comparison *c;

	(void)state;
	rare[1].count = 29;
	base = fake__side(rare, 2, 10, 1, 1);
	new = fake__side(rare, 2, 10, 1.1, 2);
	c = compared(base, new, defaults);
	assert_int_equal(c->nr_gate, 1);
	row = row_of(c, VGIC_RANGE_DIST_V3_ISENABLER, VGIC_BUS, COMPARE_MEAN);
	assert_true(row->is_rare && !row->in_gate);
	assert_int_equal(row->verdict, COMPARE_INCONCLUSIVE);
	assert_float_equal(ctlr(c)->p_holm, ctlr(c)->p, 1e-12);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void slices_stand_for_parts_of_a_run(void **state)
{
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	opts.within_run = true;
	c = of_two(120, 1.10, opts);
	assert_true(c->within_run);
	assert_verdict(c, COMPARE_REGRESSION);
	assert_in_range(ctlr(c)->nr_base, 6, 60);
	comparison__free(c);
	c = of_two(3, 1.10, opts);
	assert_verdict(c, COMPARE_INCONCLUSIVE);
	comparison__free(c);
}

static void the_share_may_be_off_within_one_run(void **state)
{
	/* 20 % of 3000 ns: as good as all of the change may be the share's error. */
	static const struct calibration cal = { .stages[VGIC_BUS] = { true, 600, 600 } };
	struct compare_opts opts = defaults;
	struct fake_side *base = fake__side(two, 2, 60, 1, 1);
	struct fake_side *new = fake__side(two, 2, 60, 1.1, 2);
	struct comparison *c;

	(void)state;
	opts.within_run = true;
	for (int i = 0; i < 60; i++)
		base->runs[i].calibration = new->runs[i].calibration = &cal;
	c = compared(base, new, opts);
	assert_int_equal(ctlr(c)->verdict, COMPARE_INCONCLUSIVE);
	assert_true(ctlr(c)->low < 1 && ctlr(c)->high > 1.2 && ctlr(c)->p == 1);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void errors_of_one_model_cancel_as_far_as_they_are_alike(void **state)
{
	/* The same 20 % of what is left on both sides, which two calibrations would not forgive. */
	static const struct calibration of_base = { .stages[VGIC_BUS] = { true, 600, 600 } },
					of_new = { .stages[VGIC_BUS] = { true, 660, 660 } },
					sure = { .stages[VGIC_BUS] = { true, 600, 0 } };
	struct fake_side *base = fake__side(two, 2, 60, 1, 1);
	struct fake_side *new = fake__side(two, 2, 60, 1.1, 2);
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	for (int i = 0; i < 60; i++) {
		base->runs[i].calibration = &of_base;
		new->runs[i].calibration = &of_new;
		base->runs[i].is_modelled = new->runs[i].is_modelled = true;
	}
	for (int within = 0; within < 2; within++) {
		opts.within_run = within;
		c = compared(base, new, opts);
		assert_int_equal(ctlr(c)->verdict, COMPARE_REGRESSION);
		comparison__free(c);
	}
	/* What they differ by does not average out over the runs either. */
	for (int i = 0; i < 60; i++)
		base->runs[i].calibration = &sure;
	c = compared(base, new, defaults);
	assert_int_equal(ctlr(c)->verdict, COMPARE_INCONCLUSIVE);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void a_stage_corrected_on_one_side_only_is_left_out(void **state)
{
	static const struct calibration both = { .stages[VGIC_BUS] = { true, 600, 1 },
						 .stages[VGIC_LOOKUP] = { true, 300, 1 } },
					one = { .stages[VGIC_BUS] = { true, 600, 1 } };
	struct fake_side *base = fake__side(two, 2, 10, 1, 1);
	struct fake_side *new = fake__side(two, 2, 10, 1.1, 2);
	struct comparison *c;

	(void)state;
	for (int i = 0; i < 10; i++) {
		base->runs[i].calibration = &both;
		new->runs[i].calibration = &one;
	}
	c = compared(base, new, defaults);
	assert_int_equal(c->stages_left_out, 1u << VGIC_LOOKUP);
	for (size_t i = 0; i < c->nr_rows; i++)
		assert_int_not_equal(c->rows[i].stage, VGIC_LOOKUP);
	assert_verdict(c, COMPARE_REGRESSION);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

/* A slice is an access in an import: most have none of a range. */
static void slices_without_an_access_of_a_range_are_no_obstacle(void **state)
{
	struct compare_opts opts = defaults;
	struct fake_range one = CTLR, other = ISENABLER;
	struct fake_side *base[2], *new[2];
	struct compare_run runs[2][120];
	struct compare_side sides[2] = { { runs[0], 120 }, { runs[1], 120 } };
	struct comparison *c;

	(void)state;
	opts.within_run = true;
	for (int i = 0; i < 2; i++) {
		base[i] = fake__side(i ? &other : &one, 1, 60, 1, 1 + i);
		new[i] = fake__side(i ? &other : &one, 1, 60, 1.1, 3 + i);
	}
	for (int i = 0; i < 120; i++) {
		runs[0][i] = base[i % 2]->runs[i / 2];
		runs[1][i] = new[i % 2]->runs[i / 2];
	}
	assert_int_equal(compare__runs(&sides[0], &sides[1], &opts, &c), 0);
	assert_int_equal(c->nr_gate, 2);
	assert_int_equal(c->nr_of[COMPARE_REGRESSION], 2);
	comparison__free(c);
	for (int i = 0; i < 2; i++) {
		fake_side__free(base[i]);
		fake_side__free(new[i]);
	}
}

/* Buckets from 1024 on are 64 wide: the median is in the first of them, before and after. */
static void what_a_bucket_hides_is_not_called_equivalent(void **state)
{
	static const struct fake_range one[] = { { VGIC_DIST_V3,
						   VGIC_RANGE_DIST_V3_CTLR,
						   VGIC_READ,
						   20000,
						   { 500, 500, 1035 },
						   0.0005 } };
	struct fake_side *base = fake__side(one, 1, 8, 1, 1);
	struct fake_side *new = fake__side(one, 1, 8, 1.04, 2);
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	c = compared(base, new, opts);
	assert_int_equal(c->verdict, COMPARE_REGRESSION);
	comparison__free(c);
	opts.metric = COMPARE_P50;
	c = compared(base, new, opts);
	assert_int_equal(c->verdict, COMPARE_INCONCLUSIVE);
	assert_string_equal(row_of(c, VGIC_RANGE_DIST_V3_CTLR, VGIC_BUS, COMPARE_P50)->why,
			    "2 % is less than its buckets show: 12 %");
	comparison__free(c);
	opts.margin = 0.15;
	c = compared(base, new, opts);
	assert_int_equal(c->verdict, COMPARE_EQUIVALENT);
	comparison__free(c);
	fake_side__free(base);
	fake_side__free(new);
}

static void a_range_glob_narrows_the_family(void **state)
{
	struct compare_opts opts = defaults;
	struct comparison *c;

	(void)state;
	opts.range = "gicd_ctl*";
	c = of_two(10, 1.1, opts);
	assert_int_equal(c->nr_gate, 1);
	assert_int_equal(c->nr_effects, 1);
	comparison__free(c);
}

static void what_does_not_fit_together_is_an_error(void **state)
{
	static const struct fake_range one[] = { CTLR }, another[] = { ISENABLER };
	struct fake_side *base = fake__side(one, 1, 3, 1, 1);
	struct fake_side *new = fake__side(another, 1, 4, 1, 1);
	struct compare_opts opts = defaults;
	struct comparison *c = NULL;

	(void)state;
	assert_int_equal(compare__runs(&base->side, &new->side, &opts, &c), -ENODATA);
	opts.paired = true;
	assert_int_equal(compare__runs(&base->side, &new->side, &opts, &c), -EINVAL);
	opts.paired = false;
	assert_int_equal(compare__runs(&base->side, &(struct compare_side){ 0 }, &opts, &c),
			 -EINVAL);
	((struct sample *)new->runs[1].sample)->attached_ns = 0;
	assert_int_equal(compare__runs(&base->side, &new->side, &opts, &c), -EINVAL);
	assert_null(c);
	fake_side__free(base);
	fake_side__free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slower_path_is_a_regression),
		cmocka_unit_test(a_faster_one_is_an_improvement),
		cmocka_unit_test(the_same_is_equivalent),
		cmocka_unit_test(too_few_runs_say_how_many_it_takes),
		cmocka_unit_test(pairs_are_tested_as_pairs),
		cmocka_unit_test(a_significant_change_within_the_margin_is_no_regression),
		cmocka_unit_test(identical_figures_are_equivalent),
		cmocka_unit_test(a_constant_shift_is_found),
		cmocka_unit_test(one_tick_is_the_least_margin),
		cmocka_unit_test(the_noise_floor_widens_the_margin),
		cmocka_unit_test(the_hooks_share_is_taken_out),
		cmocka_unit_test(nothing_is_said_where_some_runs_have_nothing_left),
		cmocka_unit_test(a_stage_changes_only_where_the_gate_does),
		cmocka_unit_test(counts_are_judged_where_the_work_is_known),
		cmocka_unit_test(the_change_of_the_total_is_the_sum_of_its_effects),
		cmocka_unit_test(accesses_are_compared_less_the_baseline),
		cmocka_unit_test(what_is_rare_is_not_in_the_gate),
		cmocka_unit_test(slices_stand_for_parts_of_a_run),
		cmocka_unit_test(the_share_may_be_off_within_one_run),
		cmocka_unit_test(errors_of_one_model_cancel_as_far_as_they_are_alike),
		cmocka_unit_test(a_stage_corrected_on_one_side_only_is_left_out),
		cmocka_unit_test(slices_without_an_access_of_a_range_are_no_obstacle),
		cmocka_unit_test(what_a_bucket_hides_is_not_called_equivalent),
		cmocka_unit_test(a_range_glob_narrows_the_family),
		cmocka_unit_test(what_does_not_fit_together_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
