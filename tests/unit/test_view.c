// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the views print, held against tests/cli/golden/. After an intended change
 * `GOLDEN_UPDATE=1 build/.../test_view` writes those files anew; read the difference.
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake_sample.h"
#include "version.h"
#include "view.h"

struct printed {
	FILE *out;
	char *text;
	size_t len;
	struct view view;
};

static void printed__begin(struct printed *p, uint32_t stages)
{
	p->out = open_memstream(&p->text, &p->len);
	assert_non_null(p->out);
	p->view = (struct view){
		.tool = "vgic-lat",
		.host = &fake_host,
		.plan = &fake_plan,
		.calibration = &fake_calibration,
		.profile = "default",
		.stages = stages,
		.width = 100,
	};
}

/* Header and report of @sample, which is used up. */
static void printed__report(struct printed *p, const struct view_ops *ops, struct sample *sample,
			    struct report report)
{
	report.sample = sample;
	if (report.interval <= 1)
		assert_int_equal(ops->header(p->out, &p->view), 0);
	assert_int_equal(ops->report(p->out, &p->view, &report), 0);
	sample__free(sample);
	fflush(p->out);
}

static void printed__end(struct printed *p)
{
	fclose(p->out);
	free(p->text);
}

static void unversion(char *text)
{
	char *at = strstr(text, VERSION), *rest = at ? at + strlen(VERSION) : NULL;

	if (!at)
		return;
	*at = 'V';
	memmove(at + 1, rest, strlen(rest) + 1);
}

static void assert_golden(struct printed *p, const char *name)
{
	char path[128], *golden = NULL;
	FILE *f;

	unversion(p->text);
	snprintf(path, sizeof(path), "tests/cli/golden/%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(p->text, f);
		fclose(f);
	}
	f = fopen(path, "r");
	assert_non_null(f);
	golden = calloc(1, 1 << 20);
	assert_non_null(golden);
	assert_true(fread(golden, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	assert_string_equal(p->text, golden);
	free(golden);
}

static void assert_no_line_longer_than(const char *text, size_t width)
{
	for (; *text; text += strcspn(text, "\n") + 1)
		assert_true(strcspn(text, "\n") <= width);
}

static const struct report whole = { .cmd_status = -1 };

static void text_of_the_default_profile(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	printed__report(&p, &view_text, fake__sample(FAKE_STAGES, false, false, 1), whole);
	assert_golden(&p, "lat-default.txt");
	assert_no_line_longer_than(p.text, 100);
	printed__end(&p);
}

static void text_of_counts_has_no_latencies(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, 0);
	p.view.profile = "counts";
	printed__report(&p, &view_text, fake__sample(0, false, false, 1), whole);
	assert_golden(&p, "lat-counts.txt");
	printed__end(&p);
}

static void exits_stand_below_the_ranges_beside_kvms_count(void **state)
{
	struct sample *s = fake__sample(0, false, false, 1);
	struct printed p;

	(void)state;
	fake__add_exits(s, false, 1);
	printed__begin(&p, 0);
	p.view.profile = "counts";
	printed__report(&p, &view_text, s, (struct report){ .cmd_status = -1 });
	assert_golden(&p, "lat-exits.txt");
	printed__end(&p);
}

static void exits_can_be_shown_vcpu_by_vcpu(void **state)
{
	struct sample *s = fake__sample(0, true, false, 2);
	struct printed p;

	(void)state;
	fake__add_exits(s, true, 2);
	printed__begin(&p, 0);
	p.view.per_vcpu = true;
	p.view.range = "GICD_SGIR";
	printed__report(&p, &view_text, s, (struct report){ .cmd_status = -1 });
	assert_golden(&p, "lat-exits-per-vcpu.txt");
	printed__end(&p);
}

static void exits_in_json_have_their_reasons_by_name(void **state)
{
	struct sample *s = fake__sample(0, true, false, 1);
	struct printed p;

	(void)state;
	fake__add_exits(s, true, 1);
	printed__begin(&p, 0);
	p.view.per_vcpu = true;
	printed__report(&p, &view_json, s, (struct report){ .interval = 1, .cmd_status = -1 });
	assert_golden(&p, "lat-exits.json");
	printed__end(&p);
}

static void text_of_vcpus_and_devices_on_a_narrow_screen(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	p.view.per_vcpu = p.view.per_device = p.view.summary = true;
	p.view.width = 72;
	printed__report(&p, &view_text, fake__sample(FAKE_STAGES, true, true, 1), whole);
	assert_golden(&p, "lat-per-device-narrow.txt");
	printed__end(&p);
}

static void text_of_one_range_with_fine_histograms(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	p.view.fine = true;
	p.view.range = "gicd_isen*";
	printed__report(&p, &view_text, fake__sample(FAKE_STAGES, false, false, 1), whole);
	assert_golden(&p, "lat-fine.txt");
	printed__end(&p);
}

static void text_as_measured(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	p.view.raw = true;
	p.view.range = "gicd_isen*";
	printed__report(&p, &view_text, fake__sample(FAKE_STAGES, false, false, 1), whole);
	assert_golden(&p, "lat-raw.txt");
	printed__end(&p);
}

static void text_says_why_nothing_was_calibrated(void **state)
{
	const struct calibration none = { .why = "another tool is calibrating" };
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES | 1u << VGIC_RETURN);
	p.view.calibration = &none;
	assert_int_equal(view_text.header(p.out, &p.view), 0);
	fflush(p.out);
	assert_non_null(strstr(p.text, "share in them is not known (another tool is calibrating)"));
	printed__end(&p);

	printed__begin(&p, FAKE_STAGES | 1u << VGIC_RETURN);
	assert_int_equal(view_text.header(p.out, &p.view), 0);
	fflush(p.out);
	assert_non_null(strstr(p.text, "as measured (*): return"));
	printed__end(&p);
}

/* The share is taken out once, never below 0, and the measured figures stay as they were. */
static void figures_are_corrected(void **state)
{
	struct view view = { .host = &fake_host, .calibration = &fake_calibration };
	struct view_figures f, raw;
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 48, 10), 0);
	assert_int_equal(lat__record(&lat, 160, 30), 0);
	f = view__figures(&view, VGIC_LOOKUP, &lat);
	assert_true(f.mean_ns == 132 - 60.25);
	assert_int_equal(f.min_ns, 0);
	assert_int_equal(f.max_ns, 100);
	assert_int_equal(f.quantile_ns[0], 100);
	assert_true(f.mean_error_ns > 3);
	view.raw = true;
	raw = view__figures(&view, VGIC_LOOKUP, &lat);
	assert_true(raw.mean_ns == 132 && raw.min_ns == 48 && raw.max_ns == 160);
	assert_int_equal(raw.quantile_ns[0], 160);
	assert_true(raw.mean_error_ns < f.mean_error_ns);
	lat__free(&lat);
}

static void overhead_is_told_per_access_and_as_a_share(void **state)
{
	struct view view = { .host = &fake_host, .calibration = &fake_calibration };
	struct sample *sample = sample__new();
	struct sample_key key = { .kind = VGIC_DIST_V3, .vcpu = SAMPLE_ALL, .target = SAMPLE_ALL };
	struct sample_series *series;
	struct view_overhead o;

	(void)state;
	assert_non_null(sample);
	assert_non_null(sample__vm(sample, "1-1"));
	series = sample__series(sample, &key);
	assert_non_null(series);
	series->count = 1000;
	assert_int_equal(lat__record(&series->lat[VGIC_BUS], 530, 1000), 0);
	sample->end_ns = 10665000;
	sample->attached_ns = 2666250;
	sample->overhead_ns = 1066500;
	o = view__overhead(&view, sample);
	assert_true(o.is_known && o.access_ns == 1066.5);
	assert_true(o.cpu > 0.0999 && o.cpu < 0.1001);
	assert_true(o.emulation > 2.666 && o.emulation < 2.668); /* 1066.5 / (530 - 130.125) */
	assert_true(o.duty == 0.25);
	assert_true(o.rate > 375058 && o.rate < 375060); /* 1000 in 2.66625 ms */
	view.calibration = NULL;
	assert_false(view__overhead(&view, sample).is_known);
	sample__free(sample);
}

static void text_of_nothing_says_so(void **state)
{
	struct sample *nothing = sample__new();
	struct printed p;

	(void)state;
	assert_non_null(nothing);
	printed__begin(&p, FAKE_STAGES);
	printed__report(&p, &view_text, nothing, whole);
	assert_golden(&p, "lat-nothing.txt");
	printed__end(&p);
}

static void json_of_the_default_profile(void **state)
{
	struct report report = { .cmd_status = 3 };
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	printed__report(&p, &view_json, fake__sample(FAKE_STAGES, false, false, 1), report);
	assert_golden(&p, "lat-default.json");
	printed__end(&p);
}

static void json_of_intervals_by_vcpu_and_device(void **state)
{
	struct report report = { .interval = 1, .time = 1767225600, .cmd_status = -1 };
	uint32_t bus = 1u << VGIC_BUS;
	struct sample *one = fake__sample(bus, true, true, 1);
	struct sample *two = fake__sample(bus, true, true, 2);
	struct printed p;

	(void)state;
	two->has_kvm_exits = false;
	printed__begin(&p, bus);
	p.view.profile = "lite";
	p.view.per_vcpu = p.view.per_device = true;
	printed__report(&p, &view_json, sample__between(one, two), report);
	report.interval = 2;
	printed__report(&p, &view_json, sample__between(two, two), report);
	assert_golden(&p, "lat-intervals.json");
	sample__free(one);
	sample__free(two);
	printed__end(&p);
}

/* Sums the counts of the lines of one type; every line has to be valid JSON. */
static uint64_t sum_of(const char *text, const char *type, const char *key)
{
	uint64_t sum = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(object);
		if (!strcmp(json_string_value(json_object_get(object, "type")), type))
			sum += json_integer_value(json_object_get(object, key));
		json_decref(object);
		text += len + 1;
	}
	return sum;
}

static void json_ranges_add_up_to_the_summary(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	printed__report(&p, &view_json, fake__sample(FAKE_STAGES, true, true, 3), whole);
	assert_int_equal(sum_of(p.text, "range", "count"),
			 sum_of(p.text, "summary", "seen") + sum_of(p.text, "summary", "user"));
	printed__end(&p);
}

static void a_range_filter_hides_rows_but_not_totals(void **state)
{
	struct printed p;

	(void)state;
	printed__begin(&p, FAKE_STAGES);
	p.view.range = "ioeventfd@0xa*";
	printed__report(&p, &view_json, fake__sample(FAKE_STAGES, false, false, 1), whole);
	assert_int_equal(sum_of(p.text, "range", "count"), 400);
	assert_int_equal(sum_of(p.text, "summary", "seen"), 23686);
	printed__end(&p);
}

static void globs_match_names_of_ranges_whatever_their_case(void **state)
{
	static const char *const good[] = { "GICD_*", "gicr_typer",    "*",
					    "user",   "USER@0x9*",     "ioeventfd*",
					    "*@*",    "GICD_RESERVED", "GICD_[IT]*" };
	static const char *const bad[] = {
		"", "GICD", "foo*", "foo@*", "GICD_CTLR@*", "gicd_ctlr0"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(view__range_exists(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(view__range_exists(bad[i]));
}

static void percentiles_need_ten_events_beyond(void **state)
{
	static const uint64_t least[] = { 1, 100, 1000, 10000 };
	struct lat lat = { 0 };

	(void)state;
	for (int i = 0; i < VIEW_NR_QUANTILES; i++) {
		lat.count = least[i] - 1;
		assert_false(view__quantile_holds(&lat, &view_quantiles[i]));
		lat.count = least[i];
		assert_true(view__quantile_holds(&lat, &view_quantiles[i]));
	}
}

/* The rows of a histogram, without the stars: "0 -> 15 : 2". */
static void assert_rows(const struct lat *lat, const struct view *view, const char *rows)
{
	char *text = NULL, got[2048] = "", low[32], high[32], count[32];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	view__histogram(out, view, VGIC_LOOKUP, lat);
	fclose(out);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (sscanf(line, "%31s -> %31s : %31s", low, high, count) == 3)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s-%s:%s ", low,
				 high, count);
	free(text);
	assert_string_equal(got, rows);
}

static void histograms_are_trimmed_and_have_no_gaps(void **state)
{
	struct host host = { 0 };
	struct view view = { .host = &host };
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 5, 2), 0);
	assert_int_equal(lat__record(&lat, 40, 1), 0);
	assert_int_equal(lat__record(&lat, 63, 7), 0);
	assert_rows(&lat, &view, "4-7:2 8-15:0 16-31:0 32-63:8 ");
	lat__free(&lat);
	assert_rows(&lat, &view, "");
}

static void what_is_below_the_tick_is_one_row(void **state)
{
	struct host host = { .tick_ns = 40 };
	struct view view = { .host = &host };
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 0, 2), 0);
	assert_int_equal(lat__record(&lat, 20, 3), 0);
	assert_int_equal(lat__record(&lat, 80, 1), 0);
	assert_rows(&lat, &view, "0-31:5 32-63:0 64-127:1 ");
	lat__free(&lat);
}

static void fine_rows_are_quarters_of_an_octave(void **state)
{
	struct host host = { 0 };
	struct view view = { .host = &host, .fine = true };
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 0, 1), 0);
	assert_int_equal(lat__record(&lat, 9, 1), 0);
	assert_rows(&lat, &view, "0-1:1 2-3:0 4-4:0 5-5:0 6-6:0 7-7:0 8-9:1 ");
	lat__free(&lat);
}

static void the_last_row_ends_at_the_maximum(void **state)
{
	struct host host = { 0 };
	struct view view = { .host = &host };
	struct lat lat = { 0 };

	(void)state;
	assert_int_equal(lat__record(&lat, 100000000000, 1), 0);
	assert_rows(&lat, &view, "17179869184-100000000000:1 ");
	lat__free(&lat);
}

static void corrected_rows_hold_all_there_is(void **state)
{
	struct view view = { .host = &fake_host, .calibration = &fake_calibration };
	struct lat lat = { 0 };

	(void)state;
	/* The share is 60.25 ns, the tick 16 ns. */
	assert_int_equal(lat__record(&lat, 16, 1), 0);
	assert_int_equal(lat__record(&lat, 64, 2), 0);
	assert_int_equal(lat__record(&lat, 96, 4), 0);
	assert_int_equal(lat__record(&lat, 256, 8), 0);
	assert_rows(&lat, &view, "0-15:3 16-31:0 32-63:4 64-127:0 128-255:8 ");
	view.raw = true;
	assert_rows(&lat, &view, "16-31:1 32-63:0 64-127:6 128-255:0 256-511:8 ");
	lat__free(&lat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_stand_below_the_ranges_beside_kvms_count),
		cmocka_unit_test(exits_can_be_shown_vcpu_by_vcpu),
		cmocka_unit_test(exits_in_json_have_their_reasons_by_name),
		cmocka_unit_test(text_of_the_default_profile),
		cmocka_unit_test(text_of_counts_has_no_latencies),
		cmocka_unit_test(text_of_vcpus_and_devices_on_a_narrow_screen),
		cmocka_unit_test(text_of_one_range_with_fine_histograms),
		cmocka_unit_test(text_as_measured),
		cmocka_unit_test(text_says_why_nothing_was_calibrated),
		cmocka_unit_test(figures_are_corrected),
		cmocka_unit_test(overhead_is_told_per_access_and_as_a_share),
		cmocka_unit_test(text_of_nothing_says_so),
		cmocka_unit_test(json_of_the_default_profile),
		cmocka_unit_test(json_of_intervals_by_vcpu_and_device),
		cmocka_unit_test(json_ranges_add_up_to_the_summary),
		cmocka_unit_test(a_range_filter_hides_rows_but_not_totals),
		cmocka_unit_test(globs_match_names_of_ranges_whatever_their_case),
		cmocka_unit_test(percentiles_need_ten_events_beyond),
		cmocka_unit_test(histograms_are_trimmed_and_have_no_gaps),
		cmocka_unit_test(what_is_below_the_tick_is_one_row),
		cmocka_unit_test(fine_rows_are_quarters_of_an_octave),
		cmocka_unit_test(the_last_row_ends_at_the_maximum),
		cmocka_unit_test(corrected_rows_hold_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
