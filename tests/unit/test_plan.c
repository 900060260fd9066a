// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "plan.h"
#include "vgic_ids.h"

#define S(name) (1u << VGIC_##name)
#define DEFAULT (S(LOOKUP) | S(DEVICE) | S(BUS))

static struct plan_hook *find(struct plan *plan, const char *function, bool at_exit)
{
	for (size_t i = 0; i < plan->nr_hooks; i++) {
		struct plan_hook *h = &plan->hooks[i];

		if (h->needed && h->at_exit == at_exit && !strcmp(h->function, function))
			return h;
	}
	return NULL;
}

static void each_profile_hooks_no_more_than_it_needs(void **state)
{
	struct plan *plan = plan__new(0, false);

	(void)state;
	assert_string_equal(find(plan, "dispatch_mmio_read", false)->program, "fc_dev_read");
	assert_null(find(plan, "dispatch_mmio_read", true));
	assert_null(find(plan, "kvm_io_bus_read", false));
	plan__free(plan);

	plan = plan__new(S(BUS), false);
	assert_string_equal(find(plan, "kvm_io_bus_read", false)->program, "fe_bus_read_l");
	assert_string_equal(find(plan, "kvm_io_bus_write", true)->program, "fx_end_write");
	assert_null(find(plan, "dispatch_mmio_read", false));
	assert_null(find(plan, "dispatch_mmio_write", true));
	plan__free(plan);

	plan = plan__new(DEFAULT, false);
	assert_string_equal(find(plan, "dispatch_mmio_read", false)->program, "fe_dev_read_d");
	assert_null(find(plan, "kvm_io_bus_read", true));
	assert_null(find(plan, "kvm_exit", false));
	plan__free(plan);

	plan = plan__new(S(BUS) | S(RETURN), false);
	assert_string_equal(find(plan, "kvm_io_bus_read", true)->program, "fx_bus_read");
	assert_string_equal(find(plan, "dispatch_mmio_read", true)->program, "fx_dev_read");
	plan__free(plan);
}

static void a_vgic_ahead_of_the_bus_has_boundaries_of_its_own(void **state)
{
	struct plan *plan = plan__new(DEFAULT, false);

	(void)state;
	assert_null(find(plan, "vgic_handle_mmio", false));
	assert_null(find(plan, "call_range_handler", false));
	assert_null(find(plan, "call_range_handler", true));
	plan__set_vgic_ahead(plan);
	assert_string_equal(find(plan, "vgic_handle_mmio", false)->program, "fe_ahead_d");
	assert_string_equal(find(plan, "call_range_handler", false)->program, "fe_range_d");
	assert_string_equal(find(plan, "call_range_handler", true)->program, "fx_range_d");
	assert_null(find(plan, "kvm_io_bus_read", false));
	assert_null(find(plan, "kvm_io_bus_write", false));
	plan__free(plan);
}

static void what_stays_on_the_bus_is_seen_behind_a_vgic_ahead_of_it(void **state)
{
	struct plan *plan = plan__new(0, true);

	(void)state;
	plan__set_vgic_ahead(plan);
	assert_string_equal(find(plan, "call_range_handler", false)->program, "kc_range");
	assert_string_equal(find(plan, "dispatch_mmio_read", false)->program, "kc_dev_read");
	assert_string_equal(find(plan, "ioeventfd_write", true)->program, "kr_ioeventfd");
	plan__free(plan);
}

static void kprobes_need_the_entry_where_fentry_does_not(void **state)
{
	struct plan *plan = plan__new(S(BUS) | S(TRAP), true);
	char buf[64];

	(void)state;
	assert_string_equal(find(plan, "dispatch_mmio_read", false)->program, "kp_dev_read");
	assert_string_equal(find(plan, "dispatch_mmio_read", false)->why,
			    "fentry: asked to use kprobes");
	plan__summary(plan, buf, sizeof(buf));
	assert_string_equal(buf, "kprobe/kretprobe + tp_btf");
	plan__free(plan);
}

static void hooks_that_hand_on_state_fall_back_together(void **state)
{
	struct plan *plan = plan__new(DEFAULT, false);
	char buf[64];

	(void)state;
	assert_int_equal(plan__fail(plan, find(plan, "ioeventfd_write", true), -ENOENT), 0);
	assert_int_equal(find(plan, "ioeventfd_write", false)->method, PLAN_KPROBE);
	assert_int_equal(find(plan, "ioeventfd_write", true)->method, PLAN_KPROBE);
	assert_int_equal(find(plan, "dispatch_mmio_read", true)->method, PLAN_FENTRY);
	plan__summary(plan, buf, sizeof(buf));
	assert_string_equal(buf, "fentry/fexit + kprobe/kretprobe");
	plan__free(plan);
}

static void a_method_that_is_not_there_is_not_tried_again(void **state)
{
	struct plan *plan = plan__new(DEFAULT, false);

	(void)state;
	assert_int_equal(plan__fail(plan, find(plan, "ioeventfd_write", true), -524), 0);
	assert_false(plan__uses(plan, PLAN_FENTRY));
	assert_true(plan__uses(plan, PLAN_KPROBE));
	plan__free(plan);
}

static void what_can_be_done_without_is_left_out(void **state)
{
	struct plan *plan = plan__new(DEFAULT, true);

	(void)state;
	assert_int_equal(plan__fail(plan, find(plan, "coalesced_mmio_write", true), -ENOENT), 0);
	assert_int_equal(find(plan, "coalesced_mmio_write", true)->method, PLAN_NONE);
	assert_string_equal(find(plan, "coalesced_mmio_write", true)->program, "");
	assert_int_equal(plan__fail(plan, find(plan, "dispatch_mmio_read", true), -ENOENT),
			 -ENOENT);
	plan__free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_profile_hooks_no_more_than_it_needs),
		cmocka_unit_test(a_vgic_ahead_of_the_bus_has_boundaries_of_its_own),
		cmocka_unit_test(what_stays_on_the_bus_is_seen_behind_a_vgic_ahead_of_it),
		cmocka_unit_test(kprobes_need_the_entry_where_fentry_does_not),
		cmocka_unit_test(hooks_that_hand_on_state_fall_back_together),
		cmocka_unit_test(a_method_that_is_not_there_is_not_tried_again),
		cmocka_unit_test(what_can_be_done_without_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
