// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* vgic-top without a terminal: rows, order, selection; what keys do; the lines that come of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake_sample.h"
#include "top_columns.h"
#include "top_ui.h"

static const struct view view = {
	.tool = "vgic-top",
	.host = &fake_host,
	.plan = &fake_plan,
	.calibration = &fake_calibration,
	.profile = "default",
	.stages = FAKE_STAGES,
	.per_vcpu = true,
	.per_device = true,
};

static struct top_model m;
static struct top_ui ui;

static int setup(void **state)
{
	(void)state;
	top_model__init(&m, &view);
	top_ui__init(&ui, &m, 1000000000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	top_model__free(&m);
	return 0;
}

static struct sample *new_sample(unsigned int seconds)
{
	struct sample *s = sample__new();

	assert_non_null(s);
	s->begin_ns = 1000000000;
	s->end_ns = s->begin_ns + seconds * 1000000000ULL;
	s->attached_ns = s->end_ns - s->begin_ns;
	return s;
}

static void add_vm(struct sample *s, const char *id, bool alive)
{
	struct sample_vm *vm = sample__vm(s, id);

	assert_non_null(vm);
	vm->pid = atoi(id);
	vm->alive = alive;
	vm->nr_vcpus = 2;
	snprintf(vm->name, sizeof(vm->name), "vm%.8s", id);
}

static void add(struct sample *s, uint32_t vm, uint32_t vcpu, uint8_t kind, uint8_t range,
		uint64_t count)
{
	struct sample_key key = { .vm = vm,
				  .vcpu = vcpu,
				  .target = SAMPLE_ALL,
				  .kind = kind,
				  .range = range,
				  .base = 0x8000000 };
	struct sample_series *series = sample__series(s, &key);

	assert_non_null(series);
	series->count += count;
}

static void add_ctlr(struct sample *s, uint32_t vm, uint32_t vcpu, uint64_t count)
{
	add(s, vm, vcpu, VGIC_DIST_V3, VGIC_RANGE_DIST_V3_CTLR, count);
}

static void take(struct sample *s)
{
	assert_int_equal(sample__sort(s), 0);
	assert_int_equal(top_model__take(&m, s), 0);
	sample__free(s);
}

static const char *cell(const char *column, size_t position)
{
	static char buf[TOP_CELL_SZ];

	top_column__cell(top_column__find(column), &m, top_model__row(&m, position), buf);
	return buf;
}

static double value(const char *column, size_t position)
{
	return top_column__value(top_column__find(column), &m, top_model__row(&m, position));
}

static void every_view_sums_to_what_the_sample_has(void **state)
{
	struct sample *s = fake__sample(FAKE_STAGES, true, true, 1);
	uint64_t wanted = 0, lat_wanted = 0;

	(void)state;
	for (size_t i = 0; i < s->nr_series; i++) {
		wanted += s->series[i].count;
		lat_wanted += s->series[i].lat[VGIC_BUS].count;
	}
	assert_int_equal(top_model__take(&m, s), 0);
	for (enum top_view v = 0; v < TOP_EXITS; v++) {
		uint64_t count = 0, lat = 0;

		assert_int_equal(top_model__show(&m, v), 0);
		for (size_t i = 0; i < m.nr_order; i++) {
			count += top_model__row(&m, i)->count;
			lat += top_model__row(&m, i)->lat[VGIC_BUS].count;
		}
		assert_int_equal(count, wanted);
		assert_int_equal(lat, lat_wanted);
	}
	sample__free(s);
}

static void a_row_has_the_figures_of_its_part(void **state)
{
	struct sample *s = new_sample(2);

	(void)state;
	add_vm(s, "7-1", true);
	add_ctlr(s, 0, 0, 300);
	add_ctlr(s, 0, 1, 100);
	add(s, 0, 1, VGIC_USER, VGIC_RANGE_USER, 100);
	take(s);
	assert_int_equal(m.nr_order, 1);
	assert_int_equal(value("count", 0), 500);
	assert_true(value("rate", 0) == 250);
	assert_true(value("user_pct", 0) == 20);
	top_model__show(&m, TOP_VCPUS);
	assert_int_equal(m.nr_order, 2);
	assert_int_equal(value("vcpu", 0), 0);
	assert_true(value("user_pct", 1) == 50);
	top_model__show(&m, TOP_RANGES);
	assert_string_equal(cell("range", 0), "GICD_CTLR");
	assert_int_equal(value("count", 0), 400);
	assert_string_equal(cell("range", 1), "user@0x8000000");
	assert_true(isnan(value("cpu_pct", 1)));
}

static void emulation_is_the_bus_without_the_hooks_share(void **state)
{
	struct sample *s = new_sample(1);

	(void)state;
	add_vm(s, "7-1", true);
	add_ctlr(s, 0, 0, 1000);
	/* 1000 times 10000 ns as measured; the share is 130.125 ns of each. */
	assert_int_equal(lat__record(&s->series[0].lat[VGIC_BUS], 10000, 1000), 0);
	s->series[0].lat[VGIC_BUS].sum_ns = 10000000;
	take(s);
	assert_true(fabs(value("cpu_pct", 0) - (10000 - 130.125) * 1000 / 1e9 * 100) < 1e-9);
	assert_true(fabs(top_model__totals(&m).cpu * 100 - value("cpu_pct", 0)) < 1e-9);
}

static void idle_vms_have_a_row_and_totals_stay(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, "7-1", true);
		if (i == 0)
			add_ctlr(s, 0, 0, 50);
		take(s);
	}
	assert_int_equal(m.nr_order, 1);
	assert_int_equal(value("count", 0), 0);
	assert_int_equal(value("total", 0), 50);
	assert_true(top_table__history(&m.tables[TOP_VMS], top_model__row(&m, 0), 2) == 50);
	assert_true(top_table__history(&m.tables[TOP_VMS], top_model__row(&m, 0), 1) == 0);
	assert_true(top_table__history(&m.tables[TOP_VMS], top_model__row(&m, 0), 3) == 0);
}

static void history_forgets_after_a_minute(void **state)
{
	double sum = 0;

	(void)state;
	for (int i = 0; i < TOP_HISTORY + 1; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, "7-1", true);
		add_ctlr(s, 0, 0, i == 0 ? 1000 : 1);
		take(s);
	}
	for (int i = 0; i < TOP_HISTORY; i++)
		sum += top_table__history(&m.tables[TOP_VMS], top_model__row(&m, 0), i);
	assert_true(sum == TOP_HISTORY);
}

static void an_ended_vm_is_marked_and_then_goes(void **state)
{
	(void)state;
	for (int i = 0; i < TOP_ENDED_KEPT + 2; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, "7-1", true);
		add_vm(s, "8-1", i == 0);
		if (i == 0)
			add_ctlr(s, 1, 0, 10);
		take(s);
		if (i == TOP_ENDED_KEPT) {
			assert_int_equal(m.nr_order, 2);
			assert_int_equal(top_model__totals(&m).nr_ended, 1);
			assert_int_equal(top_model__filter(&m, "vm8"), 0);
			assert_string_equal(cell("vm_name", 0), "vm8-1 (ended)");
			assert_int_equal(top_model__filter(&m, ""), 0);
		}
	}
	assert_int_equal(m.nr_order, 1);
	assert_string_equal(cell("vm_name", 0), "vm7-1");
	for (int v = 0; v < TOP_NR_VIEWS; v++)
		for (size_t i = 0; i < m.tables[v].nr; i++)
			assert_string_equal(m.vms[m.tables[v].rows[i].key.vm].vm.name, "vm7-1");
}

static void a_vm_that_takes_a_number_again_has_a_total_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TOP_ENDED_KEPT + 3; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, i < TOP_ENDED_KEPT + 2 ? "8-1" : "9-1",
		       i == 0 || i == TOP_ENDED_KEPT + 2);
		if (i == 0 || i == TOP_ENDED_KEPT + 2)
			add_ctlr(s, 0, 0, 10);
		take(s);
	}
	assert_int_equal(m.nr_order, 1);
	assert_int_equal(value("total", 0), 10);
	assert_int_equal(m.nr_vms, 1);
}

/* Intervals in which 8-1 is as old as it gets, and gone. */
static void outlive_vm8(void)
{
	for (int i = 0; i < TOP_ENDED_KEPT + 2; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, "7-1", true);
		add_vm(s, "8-1", i == 0);
		if (i == 0)
			add_ctlr(s, 1, 0, 10);
		take(s);
		if (i > 0)
			continue;
		top_model__move(&m, 0);
		assert_int_equal(top_model__open(&m), 0);
	}
}

static void what_was_opened_does_not_become_another_vms(void **state)
{
	struct sample *s = new_sample(1);

	(void)state;
	outlive_vm8();
	assert_int_equal(m.detail.count, 10);
	add_vm(s, "7-1", true);
	add_vm(s, "9-1", true);
	add_ctlr(s, 1, 0, 500);
	take(s);
	assert_int_equal(m.nr_order, 2);
	assert_int_equal(m.detail.count, 10);
	assert_null(top_table__find(&m.tables[TOP_VMS], &m.detail.key));
	assert_null(top_table__find(&m.tables[TOP_VMS], &m.selected));
}

static void a_vm_that_came_and_went_is_shown_whichever_number_it_takes(void **state)
{
	(void)state;
	outlive_vm8();
	top_model__close(&m);
	top_model__show(&m, TOP_VMS);
	for (int i = 0; i < 3; i++) {
		struct sample *s = new_sample(1);

		add_vm(s, "7-1", true);
		add_vm(s, "9-1", false);
		if (i == 0)
			add_ctlr(s, 1, 0, 5);
		take(s);
		assert_int_equal(m.nr_order, 2);
	}
	assert_int_equal(m.nr_vms, 2);
}

/* Of many that end, the last accesses of some are in a sum only: rows still have all of them. */
static void what_the_sum_of_old_vms_gains_is_in_a_row(void **state)
{
	struct sample *s;

	(void)state;
	for (int i = 0; i < TOP_ENDED_KEPT + 5; i++) {
		s = new_sample(1);
		add_vm(s, "7-1", true);
		add_vm(s, SAMPLE_ENDED, false);
		if (i % 2)
			add_ctlr(s, 1, 0, 100);
		take(s);
		assert_int_equal(m.nr_order, i ? 2 : 1);
	}
	assert_int_equal(value("count", 0), 100);
	assert_int_equal(value("total", 0), (TOP_ENDED_KEPT + 5) / 2 * 100);
	assert_string_equal(cell("vm", 0), SAMPLE_ENDED);
}

static void take_three(const uint64_t counts[3])
{
	struct sample *s = new_sample(1);

	add_vm(s, "7-1", true);
	add_vm(s, "8-1", true);
	add_vm(s, "9-1", true);
	for (int i = 0; i < 3; i++)
		add_ctlr(s, i, 0, counts[i]);
	take(s);
}

static const char *order(void)
{
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < m.nr_order; i++)
		strncat(text, cell("vm_name", i) + 2, 1);
	return text;
}

static void rows_are_sorted_by_any_column_both_ways(void **state)
{
	(void)state;
	take_three((const uint64_t[]){ 100, 300, 200 });
	assert_string_equal(order(), "897");
	top_model__sort(&m, top_column__find("rate"), true);
	assert_string_equal(order(), "798");
	top_model__sort(&m, top_column__find("vm_name"), false);
	assert_string_equal(order(), "789");
	top_model__sort(&m, top_column__find("vm_name"), true);
	assert_string_equal(order(), "987");
	/* Equal ones by PID; the unknown last, both ways. */
	top_model__sort(&m, top_column__find("bus_p99_ns"), false);
	assert_string_equal(order(), "789");
}

static void the_selection_follows_its_row(void **state)
{
	(void)state;
	take_three((const uint64_t[]){ 300, 200, 100 });
	assert_int_equal(m.position, 0);
	take_three((const uint64_t[]){ 100, 200, 300 });
	assert_int_equal(m.position, 0); /* nobody selected anything */
	top_model__move(&m, 1);
	assert_string_equal(cell("vm_name", m.position), "vm8-1");
	take_three((const uint64_t[]){ 100, 900, 300 });
	assert_int_equal(m.position, 0);
	take_three((const uint64_t[]){ 100, 9, 300 });
	assert_int_equal(m.position, 2);
	top_model__move(&m, 99);
	assert_int_equal(m.position, 2);
	top_model__move(&m, -99);
	assert_int_equal(m.position, 0);
	top_model__filter(&m, "vm7*");
	assert_int_equal(m.nr_order, 1);
	assert_int_equal(m.position, 0);
}

static void filters_are_globs_or_parts_of_names(void **state)
{
	(void)state;
	take_three((const uint64_t[]){ 1, 2, 3 });
	top_model__filter(&m, "VM[78]*");
	assert_string_equal(order(), "87");
	top_model__filter(&m, "9-");
	assert_string_equal(order(), "9");
	top_model__filter(&m, "m9");
	assert_string_equal(order(), "9");
	top_model__filter(&m, "m?");
	assert_string_equal(order(), "");
	top_model__move(&m, 1);
	assert_null(top_model__selected(&m));
	top_model__show(&m, TOP_RANGES);
	top_model__filter(&m, "gicd_c");
	assert_int_equal(m.nr_order, 3);
}

static void paused_nothing_is_taken(void **state)
{
	(void)state;
	take_three((const uint64_t[]){ 1, 2, 3 });
	top_ui__press(&ui, 'p', 24);
	take_three((const uint64_t[]){ 10, 20, 30 });
	assert_int_equal(value("count", 0), 3);
	top_ui__press(&ui, 'p', 24);
	take_three((const uint64_t[]){ 10, 20, 30 });
	assert_int_equal(value("count", 0), 30);
}

static void an_opened_row_adds_up_from_then_on(void **state)
{
	struct sample *s = fake__sample(FAKE_STAGES, true, true, 1);
	uint64_t count;

	(void)state;
	assert_int_equal(top_model__take(&m, s), 0);
	assert_int_equal(top_ui__press(&ui, TOP_KEY_ENTER, 24), TOP_NOTHING);
	assert_true(m.detail.is_open);
	count = m.detail.count;
	assert_int_equal(count, top_model__row(&m, 0)->count);
	assert_int_equal(m.detail.lat[VGIC_BUS].count, top_model__row(&m, 0)->lat[VGIC_BUS].count);
	assert_int_equal(top_model__take(&m, s), 0);
	assert_int_equal(m.detail.count, 2 * count);
	assert_int_equal(m.detail.lat[VGIC_BUS].count,
			 2 * top_model__row(&m, 0)->lat[VGIC_BUS].count);
	top_ui__press(&ui, TOP_KEY_ENTER, 24);
	assert_int_equal(ui.page, TOP_LIST);
	assert_false(m.detail.is_open);
	sample__free(s);
}

static void a_range_leaves_the_others_out(void **state)
{
	struct view narrow = view;
	struct sample *s = fake__sample(FAKE_STAGES, true, true, 1);

	(void)state;
	narrow.range = "GICR_*";
	m.view = &narrow;
	m.shown = TOP_RANGES;
	assert_int_equal(top_model__take(&m, s), 0);
	assert_int_equal(m.nr_order, 1);
	assert_string_equal(cell("range", 0), "GICR_TYPER");
	assert_int_equal(value("count", 0), 70);
	sample__free(s);
}

static void exits_are_rows_by_vm_and_reason(void **state)
{
	struct sample *s = new_sample(1);
	struct sample_exits *exits;

	(void)state;
	add_vm(s, "7-1", true);
	s->has_exits = true;
	s->exits_ns = 500000000;
	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		exits = sample__exits(s, 0, vcpu);
		assert_non_null(exits);
		exits->count[1] = 10;
	}
	m.shown = TOP_EXITS;
	take(s);
	assert_int_equal(m.nr_order, 1);
	assert_string_equal(cell("reason", 0), exit__name(1));
	assert_true(value("rate", 0) == 40);
	assert_true(top_model__totals(&m).kernel == 0);
}

static void columns_are_found_with_and_without_unit(void **state)
{
	(void)state;
	for (size_t i = 0; top_column__get(i); i++)
		assert_ptr_equal(top_column__find(top_column__get(i)->name), top_column__get(i));
	assert_string_equal(top_column__find("cpu")->name, "cpu_pct");
	assert_string_equal(top_column__find("bus_p50")->name, "bus_p50_ns");
	assert_null(top_column__find(""));
	assert_null(top_column__find("bus"));
	assert_null(top_column__find("cpu_pct_"));
}

static void next_column_goes_round_in_each_view(void **state)
{
	(void)state;
	for (enum top_view v = 0; v < TOP_NR_VIEWS; v++) {
		const struct top_column *first = top_column__next(NULL, v), *c = first;
		size_t nr = 0, wanted = 0;

		for (size_t i = 0; top_column__get(i); i++)
			wanted += top_column__is_in(top_column__get(i), v);
		do {
			assert_true(top_column__is_in(c, v));
			c = top_column__next(c, v);
			nr++;
		} while (c != first);
		assert_int_equal(nr, wanted);
	}
}

static void a_percentile_without_enough_behind_it_is_not_shown(void **state)
{
	struct sample *s = new_sample(1);

	(void)state;
	add_vm(s, "7-1", true);
	add_ctlr(s, 0, 0, 999);
	assert_int_equal(lat__record(&s->series[0].lat[VGIC_BUS], 1600, 999), 0);
	take(s);
	assert_string_equal(cell("bus_p99_ns", 0), "-");
	assert_string_equal(cell("lookup_p50_ns", 0), "-");
	assert_false(isnan(value("bus_p99_ns", 0)));
	assert_int_equal((int)value("bus_p50_ns", 0), (int)(1600 - 130.125 + 0.5));
	assert_string_equal(cell("bus_p50_ns", 0), "1472"); /* whole ticks of 16 ns */
}

static void keys_change_the_interval_within_bounds(void **state)
{
	(void)state;
	assert_int_equal(top_ui__press(&ui, '+', 24), TOP_INTERVAL);
	assert_int_equal(ui.interval_ns, 2000000000);
	for (int i = 0; i < 20; i++)
		top_ui__press(&ui, '+', 24);
	assert_int_equal(ui.interval_ns, 60000000000);
	for (int i = 0; i < 20; i++)
		top_ui__press(&ui, '-', 24);
	assert_int_equal(ui.interval_ns, 100000000);
	assert_int_equal(top_ui__press(&ui, '-', 24), TOP_NOTHING);
	ui.interval_ns = 1500000000;
	top_ui__press(&ui, '-', 24);
	assert_int_equal(ui.interval_ns, 1000000000);
}

static void type(const char *text)
{
	for (; *text; text++)
		assert_int_equal(top_ui__press(&ui, *text, 24), TOP_NOTHING);
}

static void a_prompt_takes_the_keys(void **state)
{
	(void)state;
	take_three((const uint64_t[]){ 1, 2, 3 });
	type("/qp8");
	assert_string_equal(ui.input, "qp8");
	assert_false(m.is_paused);
	assert_int_equal(m.nr_order, 0);
	top_ui__press(&ui, TOP_KEY_BACKSPACE, 24);
	top_ui__press(&ui, 'u' & 0x1f, 24);
	type("8-");
	assert_string_equal(order(), "8"); /* while it is typed */
	top_ui__press(&ui, TOP_KEY_ENTER, 24);
	assert_int_equal(ui.prompt, TOP_NO_PROMPT);
	top_ui__press(&ui, TOP_KEY_ESCAPE, 24);
	assert_int_equal(m.nr_order, 3);
	type("P");
	top_ui__press(&ui, 'u' & 0x1f, 24);
	assert_int_equal(top_ui__press(&ui, TOP_KEY_ENTER, 24), TOP_NOTHING); /* no name */
	type("P");
	top_ui__press(&ui, 'u' & 0x1f, 24);
	type("a.vgic");
	assert_int_equal(top_ui__press(&ui, TOP_KEY_ENTER, 24), TOP_RECORD);
	assert_string_equal(ui.input, "a.vgic");
	for (int i = 0; i < 2 * TOP_INPUT_SZ; i++)
		type(i ? "x" : "P");
	assert_int_equal(strlen(ui.input), TOP_INPUT_SZ - 1);
	assert_int_equal(top_ui__press(&ui, TOP_KEY_ESCAPE, 24), TOP_NOTHING);
	assert_int_equal(top_ui__press(&ui, 'q', 24), TOP_QUIT);
}

static unsigned int columns_of(const char *s)
{
	unsigned int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* Every size, every page: as many lines as asked for, the rows not wider than the screen. */
static void frames_fit_any_terminal(void **state)
{
	struct sample *s = fake__sample(FAKE_STAGES, true, true, 1);
	struct top_frame frame;

	(void)state;
	assert_int_equal(top_model__take(&m, s), 0);
	sample__free(s);
	for (unsigned int i = 0; i < 5 * 3 * 4 * 4; i++) {
		static const unsigned int widths[] = { 1, 60, 80, 200 },
					  heights[] = { 1, 8, 24, 60 };
		struct top_look look = { widths[i % 4], heights[i / 4 % 4], i % 2 };
		unsigned int wide = i / 16 % 5;

		top_ui__press(&ui, '1' + wide, look.height);
		if (i / 80 == 1)
			top_ui__press(&ui, TOP_KEY_ENTER, look.height);
		else if (i / 80 == 2)
			top_ui__press(&ui, 'h', look.height);
		for (int n = 0; n < 5; n++)
			top_ui__press(&ui, 'j', look.height);
		assert_int_equal(top_frame__make(&frame, &ui, &look), 0);
		for (unsigned int y = 0; y < look.height; y++) {
			assert_non_null(frame.lines[y].text);
			if (look.width >= 80 && wide < 4 && i / 80 == 0 && y >= 4)
				assert_true(columns_of(frame.lines[y].text) <= look.width + 10);
		}
		top_frame__free(&frame);
	}
}

static void the_screen_tells_why_it_is_empty(void **state)
{
	struct top_look look = { 80, 24, true };
	struct top_frame frame;

	(void)state;
	assert_int_equal(top_frame__make(&frame, &ui, &look), 0);
	assert_string_equal(frame.lines[6].text, "the first interval is under way");
	top_frame__free(&frame);
	take(new_sample(1));
	assert_int_equal(top_frame__make(&frame, &ui, &look), 0);
	assert_string_equal(frame.lines[6].text, "no VM is running here: waiting for one");
	top_frame__free(&frame);
	take_three((const uint64_t[]){ 1, 1, 1 });
	top_model__filter(&m, "nobody");
	assert_int_equal(top_frame__make(&frame, &ui, &look), 0);
	assert_string_equal(frame.lines[6].text, "no row like 'nobody'; Esc shows all");
	top_frame__free(&frame);
}

static void the_selected_row_is_on_the_screen(void **state)
{
	struct sample *s = new_sample(1);
	struct top_look look = { 80, 12, true };
	struct top_frame frame;
	char id[32];

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		snprintf(id, sizeof(id), "%u-1", 100 + i);
		add_vm(s, id, true);
		add_ctlr(s, i, 0, 1000 - i);
	}
	take(s);
	for (int i = 0; i < 49; i++) {
		unsigned int nr_selected = 0;

		top_ui__press(&ui, 'j', look.height);
		assert_int_equal(top_frame__make(&frame, &ui, &look), 0);
		snprintf(id, sizeof(id), "vm%d-1 ", 101 + i);
		for (unsigned int y = 0; y < look.height; y++) {
			if (frame.lines[y].attr != TOP_SELECTED)
				continue;
			nr_selected++;
			assert_memory_equal(frame.lines[y].text, id, strlen(id));
		}
		assert_int_equal(nr_selected, 1);
		top_frame__free(&frame);
	}
}

static void a_held_sample_outlives_its_first_owner(void **state)
{
	struct sample *s = fake__sample(FAKE_STAGES, true, true, 1), *held = sample__hold(s);
	uint64_t seen = sample__seen(s);

	(void)state;
	sample__free(s);
	assert_int_equal(sample__seen(held), seen);
	sample__free(held);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_view_sums_to_what_the_sample_has),
		TEST(a_row_has_the_figures_of_its_part),
		TEST(emulation_is_the_bus_without_the_hooks_share),
		TEST(idle_vms_have_a_row_and_totals_stay),
		TEST(history_forgets_after_a_minute),
		TEST(an_ended_vm_is_marked_and_then_goes),
		TEST(what_was_opened_does_not_become_another_vms),
		TEST(a_vm_that_came_and_went_is_shown_whichever_number_it_takes),
		TEST(a_vm_that_takes_a_number_again_has_a_total_of_its_own),
		TEST(what_the_sum_of_old_vms_gains_is_in_a_row),
		TEST(rows_are_sorted_by_any_column_both_ways),
		TEST(the_selection_follows_its_row),
		TEST(filters_are_globs_or_parts_of_names),
		TEST(paused_nothing_is_taken),
		TEST(an_opened_row_adds_up_from_then_on),
		TEST(a_range_leaves_the_others_out),
		TEST(exits_are_rows_by_vm_and_reason),
		TEST(columns_are_found_with_and_without_unit),
		TEST(next_column_goes_round_in_each_view),
		TEST(a_percentile_without_enough_behind_it_is_not_shown),
		TEST(keys_change_the_interval_within_bounds),
		TEST(a_prompt_takes_the_keys),
		TEST(frames_fit_any_terminal),
		TEST(the_screen_tells_why_it_is_empty),
		TEST(the_selected_row_is_on_the_screen),
		TEST(a_held_sample_outlives_its_first_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
