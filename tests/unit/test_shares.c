// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The calibration's arithmetic gives back the costs that phases were made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>
#include <math.h>
#include "shares.h"

#define STEP 22.0
#define CLOCK 130.0 /* what hangs on two clocks, in every phase alike */
#define LOOKUP 300.0
#define DEVICE 410.0
#define AFTER 170.0 /* behind T6 */
#define REGION 205.0
#define DECODE 190.0 /* of REGION and T4, what lies before T5's clock */

#define STAGES (1u << VGIC_LOOKUP | 1u << VGIC_DEVICE | 1u << VGIC_BUS)
#define SPLIT (1u << VGIC_DECODE | 1u << VGIC_HANDLER)

static struct phases made(uint32_t stages)
{
	struct phases p = { .stages = stages };
	struct mean *access = p.access.means;

	p.bare.means[FAR].ns = 5 * STEP + CLOCK;
	access[FAR].ns = p.bare.means[FAR].ns + LOOKUP + DEVICE + AFTER;
	access[VGIC_LOOKUP].ns = LOOKUP + STEP;
	access[VGIC_DEVICE].ns = DEVICE + STEP / 2;
	access[VGIC_BUS].ns = LOOKUP + DEVICE + 1.5 * STEP;
	p.near.means[NEAR].ns = STEP + CLOCK;
	p.region.means[FAR].ns = p.bare.means[FAR].ns + REGION;
	p.split.means[TO_REGION].ns = DECODE + 1.5 * STEP;
	return p;
}

static void assert_share(struct calibration_share share, double ns)
{
	assert_true(share.is_known);
	assert_true(fabs(share.ns - ns) < 1e-9);
}

static void stages_get_what_their_hooks_add(void **state)
{
	struct phases p = made(STAGES);
	struct calibration cal = { 0 };

	(void)state;
	shares__work_out(&p, &cal);
	assert_share(cal.access, LOOKUP + DEVICE + AFTER);
	assert_share(cal.stages[VGIC_LOOKUP], LOOKUP);
	assert_share(cal.stages[VGIC_DEVICE], DEVICE);
	/* The rest of the bus, which is not measured, is taken for a step. */
	assert_share(cal.stages[VGIC_BUS], LOOKUP + DEVICE - STEP);
	assert_true(fabs(cal.stages[VGIC_LOOKUP].error_ns - STEP / 4) < 1e-9);
	assert_false(cal.stages[VGIC_DECODE].is_known);
	assert_false(cal.stages[VGIC_TRAP].is_known);
}

static void counts_know_the_access_only(void **state)
{
	struct phases p = made(0);
	struct calibration cal = { 0 };

	(void)state;
	memset(&p.near, 0, sizeof(p.near));
	shares__work_out(&p, &cal);
	assert_share(cal.access, LOOKUP + DEVICE + AFTER);
	for (int s = 0; s < VGIC_NR_STAGES; s++)
		assert_false(cal.stages[s].is_known);
}

static void hook_inside_is_taken_from_what_surrounds_it(void **state)
{
	struct phases p = made(STAGES | SPLIT);
	struct calibration cal = { 0 };

	(void)state;
	p.has_region = true;
	shares__work_out(&p, &cal);
	assert_share(cal.access, LOOKUP + DEVICE + AFTER + REGION);
	assert_share(cal.stages[VGIC_LOOKUP], LOOKUP);
	assert_share(cal.stages[VGIC_DEVICE], DEVICE + REGION);
	assert_share(cal.stages[VGIC_DECODE], DECODE);
	assert_share(cal.stages[VGIC_HANDLER], DEVICE + REGION - DECODE);
	assert_true(cal.stages[VGIC_DECODE].error_ns >= STEP);
}

static void split_by_kprobes_stays_as_measured(void **state)
{
	struct phases p = made(STAGES | SPLIT);
	struct calibration cal = { 0 };

	(void)state;
	p.has_region = p.by_kprobes = true;
	shares__work_out(&p, &cal);
	assert_false(cal.stages[VGIC_DECODE].is_known);
	assert_false(cal.stages[VGIC_HANDLER].is_known);
	assert_share(cal.stages[VGIC_DEVICE], DEVICE + REGION);
}

static void bus_exit_makes_what_is_behind_the_entry_doubtful(void **state)
{
	struct phases p = made(STAGES | 1u << VGIC_RETURN);
	struct calibration plain = { 0 }, fentry = { 0 }, kprobes = { 0 };

	(void)state;
	shares__work_out(&p, &plain);
	p.has_bus_exit = true;
	shares__work_out(&p, &fentry);
	p.by_kprobes = true;
	shares__work_out(&p, &kprobes);
	assert_true(fabs(fentry.stages[VGIC_LOOKUP].error_ns - plain.stages[VGIC_LOOKUP].error_ns -
			 3 * STEP) < 1e-9);
	assert_true(fentry.stages[VGIC_BUS].is_known);
	assert_false(kprobes.stages[VGIC_LOOKUP].is_known);
	assert_false(kprobes.stages[VGIC_BUS].is_known);
	assert_true(kprobes.stages[VGIC_DEVICE].is_known);
}

/* On one function, as in KVM: nothing is doubtful, and no rest of the bus is left out. */
static void bus_alone_is_hooked_as_a_pair(void **state)
{
	struct phases p = made(1u << VGIC_BUS);
	struct calibration cal = { 0 };

	(void)state;
	p.has_bus_exit = p.has_bus_alone = p.by_kprobes = true;
	p.access.means[VGIC_BUS].ns = DEVICE + STEP / 2;
	shares__work_out(&p, &cal);
	assert_share(cal.stages[VGIC_BUS], DEVICE);
	assert_true(fabs(cal.stages[VGIC_BUS].error_ns - STEP / 4) < 1e-9);
}

/* Around the others, on one function: what lies within comes on top. */
static void bus_pair_holds_all_that_lies_within(void **state)
{
	struct phases p = made(STAGES);
	struct calibration fentry = { 0 }, kprobes = { 0 };

	(void)state;
	p.has_bus_pair = true;
	p.pair.means[VGIC_BUS].ns = 350 + STEP / 2;
	p.pair.means[FAR].ns = 1000;
	p.full.means[FAR].ns = 1000 + 720;
	p.swapped.means[VGIC_BUS].ns = 260 + STEP / 2;
	shares__work_out(&p, &fentry);
	assert_share(fentry.stages[VGIC_BUS], 350 + 720);
	assert_share(fentry.stages[VGIC_LOOKUP], LOOKUP);
	assert_share(fentry.stages[VGIC_DEVICE], DEVICE);
	assert_true(fabs(fentry.stages[VGIC_LOOKUP].error_ns - STEP) < 1e-9);
	/* There the begin of T7's hook is in the lookup. */
	p.by_kprobes = true;
	shares__work_out(&p, &kprobes);
	assert_share(kprobes.stages[VGIC_BUS], 350 + 720);
	assert_share(kprobes.stages[VGIC_LOOKUP], LOOKUP + 90);
}

static void tracepoints_make_the_access_unknown(void **state)
{
	struct phases p = made(STAGES);
	struct calibration cal = { 0 };

	(void)state;
	p.has_tracepoints = true;
	shares__work_out(&p, &cal);
	assert_false(cal.access.is_known);
	assert_true(cal.stages[VGIC_LOOKUP].is_known);
}

static void share_is_never_negative(void **state)
{
	struct phases p = made(STAGES);
	struct calibration cal = { 0 };

	(void)state;
	p.access.means[VGIC_LOOKUP].ns = STEP / 2;
	shares__work_out(&p, &cal);
	assert_share(cal.stages[VGIC_LOOKUP], 0);
}

static void one_spoilt_batch_does_not_move_the_middle(void **state)
{
	struct batch batches[PHASE_MAX_BATCHES] = { 0 };
	struct phase p;

	(void)state;
	for (int i = 0; i < 8; i++)
		batches[i].ns[FAR] = 100 + i;
	phase__summarize(&p, batches, 8);
	/* The middle half is 102 ... 105. */
	assert_true(fabs(p.means[FAR].ns - 103.5) < 1e-9);
	assert_true(fabs(p.means[FAR].error_ns - 2 * 1.253 * 3 / (2 * 0.674) / sqrt(8)) < 1e-9);
	batches[7].ns[FAR] = 1e6;
	phase__summarize(&p, batches, 8);
	assert_true(fabs(p.means[FAR].ns - 103.5) < 1e-9);
	phase__summarize(&p, batches, 1);
	assert_true(p.means[FAR].ns == 100 && p.means[FAR].error_ns == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_get_what_their_hooks_add),
		cmocka_unit_test(counts_know_the_access_only),
		cmocka_unit_test(hook_inside_is_taken_from_what_surrounds_it),
		cmocka_unit_test(split_by_kprobes_stays_as_measured),
		cmocka_unit_test(bus_exit_makes_what_is_behind_the_entry_doubtful),
		cmocka_unit_test(bus_alone_is_hooked_as_a_pair),
		cmocka_unit_test(bus_pair_holds_all_that_lies_within),
		cmocka_unit_test(tracepoints_make_the_access_unknown),
		cmocka_unit_test(share_is_never_negative),
		cmocka_unit_test(one_spoilt_batch_does_not_move_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
