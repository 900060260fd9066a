// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake_access.h"
#include "fake_sample.h"
#include "trace_chrome.h"
#include "trace_order.h"
#include "vgic_wire.h"

#define S(name) (1u << VGIC_##name)
#define SHORT (S(LOOKUP) | S(DEVICE) | S(BUS))
#define ALL (SHORT | S(DECODE) | S(HANDLER))

static struct view view = {
	.tool = "vgic-trace",
	.host = &fake_host,
	.plan = &fake_plan,
	.calibration = &fake_calibration,
	.profile = "trace",
	.base_s = 0,
};

static void make(struct trace_event *e, const struct vgic_access *a)
{
	trace_event__make(e, a, &view);
	e->vm_id = a->vm == 1 ? "155-4" : "155-5";
	e->vm_name = a->vm == 1 ? "we\"b" : "db";
}

/* All accesses in @ops's format, as text that the caller frees. */
static char *show_all(const struct trace_ops *ops, struct trace_show *show)
{
	struct trace_summary summary = { .tally = { .kernel = 4, .user = 1, .written = 5 },
					 .lines = 5,
					 .cmd_status = -1 };
	struct trace_event e;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	show->view = &view;
	show->begin_ns = FAKE_BEGIN_NS;
	assert_int_equal(ops->header(out, show), 0);
	for (size_t i = 0; fake__access(i); i++) {
		make(&e, fake__access(i));
		assert_int_equal(ops->event(out, show, &e), 0);
	}
	assert_int_equal(ops->summary(out, show, &summary), 0);
	fclose(out);
	return text;
}

static void text_is_a_line_an_access(void **state)
{
	struct trace_show show = { 0 };
	char *text;

	(void)state;
	view.stages = SHORT;
	text = show_all(&trace_text, &show);
	assert_non_null(strstr(text, "; without the probes' share: lookup 60 +-3, device 80 +-4, "
				     "bus 130 +-5\n"));
	/* clang-format off */
	assert_string_equal(strstr(text, "          TIME"),
"          TIME  VM          VCPU CPU  OP    SZ  REGISTER               lookup   device      bus  VALUE\n"
"   0.000001000  155-4          0   0  write  4  GICD_ISENABLER1           240      220      620  0x000000e4 INTID 34,37-39\n"
"   0.000002500  155-4          1   1  write  2  ioeventfd@0xa000e00       140      120      370  0x0000\n"
"   0.000002000  155-5          0   3  read   8  GICR_TYPER@1                0    49910    49970  0x0000000100000110 affinity=0.0.0.1 processor=1 Last\n"
"   0.000060000  155-4          0   0  read   4  user@0x9000018              -        -      400  -\n"
"   0.000070000  155-4          1   0  read   4  GICD_CTLR                   -        -        -  0x00000052 EnableGrp1 ARE DS\n");
	/* clang-format on */
	free(text);

	view.raw = true;
	view.stages = ALL;
	show = (struct trace_show){ .relative = true };
	text = show_all(&trace_text, &show);
	view.raw = false;
	assert_non_null(strstr(text, "times in ns, as measured, with the probes' share\n"));
	assert_non_null(strstr(text,
			       "GICD_ISENABLER1           300      300      100      200      "
			       "750  0x000000e4"));
	assert_non_null(strstr(text, "\n   0.000058000  155-4 "));
	free(text);
}

/* What is not known of the probes' share is said, and shown as measured. */
static void what_is_as_measured_is_said(void **state)
{
	const struct calibration none = { .why = "no test functions here" };
	struct trace_show show = { 0 };
	char *text;

	(void)state;
	view.stages = SHORT;
	view.calibration = &none;
	text = show_all(&trace_text, &show);
	view.calibration = &fake_calibration;
	assert_non_null(strstr(
		text, "times in ns; as measured, with the probes' share: lookup, device, bus "
		      "(no test functions here)\n"));
	assert_non_null(strstr(text, "GICD_ISENABLER1           300      300      750"));
	free(text);
}

static json_t *line_of(const char *text, unsigned int nr)
{
	json_t *json;

	while (nr--)
		text = strchr(text, '\n') + 1;
	json = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(json);
	return json;
}

static void assert_field(json_t *json, const char *key, const char *value)
{
	char *got = json_dumps(json_object_get(json, key), JSON_ENCODE_ANY | JSON_COMPACT);

	assert_non_null(got);
	assert_string_equal(got, value);
	free(got);
}

static void json_has_raw_and_corrected(void **state)
{
	struct trace_show show = { 0 };
	json_t *json;
	char *text;

	(void)state;
	view.stages = SHORT;
	text = show_all(&trace_json, &show);
	json = line_of(text, 0);
	assert_field(json, "type", "\"header\"");
	assert_field(json, "begin_ns", "1000000000");
	json_decref(json);
	json = line_of(text, 1);
	assert_field(json, "type", "\"access\"");
	assert_field(json, "time_ns", "1000");
	assert_field(json, "register", "\"GICD_ISENABLER1\"");
	assert_field(json, "range", "\"GICD_ISENABLER\"");
	assert_field(json, "index", "1");
	assert_field(json, "vm", "\"155-4\"");
	assert_field(json, "vm_name", "\"we\\\"b\"");
	assert_field(json, "value", "\"0xe4\"");
	assert_field(json, "decoded", "\"INTID 34,37-39\"");
	assert_field(json, "raw", "{\"lookup\":300,\"device\":300,\"bus\":750}");
	assert_field(json, "stages", "{\"lookup\":239.75,\"device\":220.0,\"bus\":619.875}");
	assert_field(json, "missed", "[]");
	json_decref(json);
	json = line_of(text, 3);
	assert_field(json, "target", "1");
	assert_field(json, "migrated", "true");
	json_decref(json);
	json = line_of(text, 4);
	assert_field(json, "handled", "\"user\"");
	assert_field(json, "value", "null");
	assert_field(json, "as_measured", "[\"bus\"]");
	assert_field(json, "address", "\"0x9000018\"");
	json_decref(json);
	json = line_of(text, 5);
	assert_field(json, "missed", "[\"T2\",\"T4\",\"T6\"]");
	assert_field(json, "raw", "{}");
	json_decref(json);
	json = line_of(text, 6);
	assert_field(json, "type", "\"summary\"");
	assert_field(json, "seen", "4");
	assert_field(json, "kvm_mmio_exit_kernel", "null");
	json_decref(json);
	free(text);
}

struct slice {
	int pid, tid;
	double begin, end;
};

static size_t slices_of(json_t *array, struct slice *slices)
{
	json_t *json;
	size_t i, nr = 0;

	json_array_foreach (array, i, json) {
		if (strcmp(json_string_value(json_object_get(json, "ph")), "X"))
			continue;
		slices[nr].pid = json_integer_value(json_object_get(json, "pid"));
		slices[nr].tid = json_integer_value(json_object_get(json, "tid"));
		slices[nr].begin = json_number_value(json_object_get(json, "ts"));
		slices[nr].end = slices[nr].begin + json_number_value(json_object_get(json, "dur"));
		nr++;
	}
	return nr;
}

/* Of one track: apart, or one within the other. A nanosecond's thousandth is for the arithmetic. */
static bool may_be(const struct slice *a, const struct slice *b)
{
	const double e = 1e-6;

	if (a->pid != b->pid || a->tid != b->tid)
		return true;
	return a->end <= b->begin + e || b->end <= a->begin + e ||
	       (a->begin >= b->begin - e && a->end <= b->end + e) ||
	       (b->begin >= a->begin - e && b->end <= a->end + e);
}

static char *chrome(bool is_ended)
{
	struct trace_show show = { .view = &view, .begin_ns = FAKE_BEGIN_NS };
	char *text = NULL, *cut = NULL;
	struct trace_chrome *c;
	struct trace_event e;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	c = trace_chrome__new(out, &show);
	assert_non_null(c);
	for (size_t i = 0; fake__access(i); i++) {
		make(&e, fake__access(i));
		assert_int_equal(trace_chrome__event(c, &e), 0);
	}
	fflush(out);
	cut = strdup(text);
	trace_chrome__end(c);
	fclose(out);
	if (is_ended) {
		free(cut);
		return text;
	}
	free(text);
	return cut;
}

static void chrome_slices_nest(void **state)
{
	struct slice slices[64];
	char *text;
	json_t *array;
	size_t nr;

	(void)state;
	view.stages = ALL;
	text = chrome(true);
	array = json_loads(text, 0, NULL);
	assert_true(json_is_array(array));
	nr = slices_of(array, slices);
	/* Two with decode and handler, one without, one of the bus alone; none without a begin. */
	assert_int_equal(nr, 5 + 3 + 5 + 1);
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(may_be(&slices[i], &slices[j]));
	/* Every slice within an access's. */
	assert_true(slices[0].begin == 1.0 && slices[0].end == 1.75);
	/* Of decode and handler the share is not known, so that all of that access is as measured.
	 */
	assert_non_null(strstr(text, "\"raw_ns\":750,\"as_measured\":true"));
	json_decref(array);
	assert_int_equal(strstr(text, "\"name\":\"VM 155-4 we\\\"b\"") != NULL, true);
	assert_int_equal(strstr(text, "\"name\":\"vCPU 1\"") != NULL, true);
	free(text);
}

static void chrome_slices_are_without_the_share(void **state)
{
	struct slice slices[64];
	char *text;
	json_t *array;
	size_t nr;

	(void)state;
	view.stages = SHORT;
	text = chrome(true);
	array = json_loads(text, 0, NULL);
	nr = slices_of(array, slices);
	/* An access's, its lookup, its device. */
	assert_int_equal(nr, 3 * 3 + 1);
	assert_true(fabs(slices[0].end - slices[0].begin - .620) < 1e-6);
	assert_true(fabs(slices[1].end - slices[1].begin - .240) < 1e-6);
	assert_true(fabs(slices[2].begin - slices[1].end) < 1e-6);
	assert_true(fabs(slices[2].end - slices[2].begin - .220) < 1e-6);
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(may_be(&slices[i], &slices[j]));
	assert_non_null(strstr(text, "\"raw_ns\":750,\"as_measured\":false"));
	/* The VMM's: its share is not known. */
	assert_non_null(strstr(text, "\"raw_ns\":400,\"as_measured\":true"));
	json_decref(array);
	free(text);
}

/* Killed in the act: what is missing is the closing bracket, and nothing else. */
static void chrome_is_whole_but_for_its_bracket(void **state)
{
	char *text, *closed = NULL;
	json_t *array;

	(void)state;
	view.stages = SHORT;
	text = chrome(false);
	assert_null(json_loads(text, 0, NULL));
	assert_true(asprintf(&closed, "%s]", text) > 0);
	array = json_loads(closed, 0, NULL);
	assert_true(json_array_size(array) > 5);
	json_decref(array);
	free(closed);
	free(text);
}

static uint64_t order_seen[16];
static unsigned int nr_order_seen;

static int seen(const struct vgic_access *a, void *arg)
{
	(void)arg;
	order_seen[nr_order_seen++] = (a->t_bus ? a->t_bus : a->t_end) - FAKE_BEGIN_NS;
	return 0;
}

static void lines_come_in_the_order_of_their_begin(void **state)
{
	static const uint64_t wanted[] = { 1000, 2000, 2500, 60000, 70000 };
	struct trace_order *o = trace_order__new(1000, 8);
	struct vgic_access late = *fake__access(0);

	(void)state;
	nr_order_seen = 0;
	for (size_t i = 0; fake__access(i); i++)
		assert_int_equal(trace_order__add(o, fake__access(i)), 0);
	/* Held back: what began less than the window ago. */
	assert_int_equal(trace_order__release(o, FAKE_BEGIN_NS + 3200, seen, NULL), 0);
	assert_int_equal(nr_order_seen, 2);
	assert_int_equal(trace_order__release_all(o, seen, NULL), 0);
	assert_int_equal(nr_order_seen, 5);
	assert_memory_equal(order_seen, wanted, sizeof(wanted));
	assert_int_equal(trace_order__nr_late(o), 0);
	assert_int_equal(trace_order__add(o, &late), 0);
	assert_int_equal(trace_order__release_all(o, seen, NULL), 0);
	assert_int_equal(trace_order__nr_late(o), 1);
	for (int i = 0; i < 8; i++)
		assert_int_equal(trace_order__add(o, &late), 0);
	assert_int_equal(trace_order__add(o, &late), -ENOBUFS);
	trace_order__free(o);
}

static void stacks_are_named(void **state)
{
	char kallsyms[] =
		"ffff800080010000 T _stext\nffff8000800100a0 t io_mem_abort\n"
		"ffff800080010300 D a_variable\nffff800080010200 t kvm_handle_guest_abort\t[kvm]\n"
		"ffff800080010400 t bpf_prog_123_tx_bus_read\t[bpf]\n";
	char hidden[] = "0000000000000000 T _stext\n0000000000000000 t io_mem_abort\n";
	const __u64 stack[] = { 0xffff800080010410, 0xffff8000800100b0, 0xffff800080010210 };
	FILE *in = fmemopen(kallsyms, strlen(kallsyms), "r");
	struct symbols *s = symbols__new(in);
	char name[SYMBOL_SZ];

	(void)state;
	assert_non_null(s);
	symbols__name(s, 0xffff8000800100b0, name);
	assert_string_equal(name, "io_mem_abort+0x10");
	symbols__name(s, 0xffff800080010304, name);
	assert_string_equal(name, "kvm_handle_guest_abort+0x104");
	symbols__name(s, 0x1000, name);
	assert_string_equal(name, "0x1000");
	symbols__name(s, 0xffff900000000000, name);
	assert_string_equal(name, "0xffff900000000000");
	assert_int_equal(symbols__skip(s, stack, 3), 1);
	assert_int_equal(symbols__skip(s, stack + 1, 2), 0);
	assert_int_equal(symbols__skip(NULL, stack, 3), 0);
	symbols__name(NULL, 0x1000, name);
	assert_string_equal(name, "0x1000");
	symbols__free(s);
	fclose(in);
	in = fmemopen(hidden, strlen(hidden), "r");
	assert_null(symbols__new(in));
	assert_int_equal(errno, EACCES);
	fclose(in);
}

static void globs_pick_ranges_and_the_addresses_of_the_rest(void **state)
{
	bool ranges[TRACE_NR_RANGES];
	struct trace_event e;

	(void)state;
	trace__pick_ranges("gicr_*", ranges);
	assert_true(ranges[VGIC_RANGE_REDIST_TYPER] && ranges[VGIC_RANGE_REDIST_RESERVED]);
	assert_false(ranges[VGIC_RANGE_DIST_V3_CTLR] || ranges[VGIC_RANGE_USER]);
	/* The kernel knows no addresses: it lets all of the kind through. */
	trace__pick_ranges("user@0x9*", ranges);
	assert_true(ranges[VGIC_RANGE_USER]);
	assert_false(ranges[VGIC_RANGE_IOEVENTFD] || ranges[VGIC_RANGE_DIST_V3_CTLR]);
	make(&e, fake__access(3));
	assert_true(trace_event__matches(&e, "user@0x9*"));
	assert_true(trace_event__matches(&e, "user"));
	assert_false(trace_event__matches(&e, "user@0xa*"));
	make(&e, fake__access(0));
	assert_true(trace_event__matches(&e, "GICD_IS*"));
}

/* Whatever is in the buffer: names and texts stay within their bounds. */
static void no_record_does_harm(void **state)
{
	struct vgic_access a;
	struct trace_event e;

	(void)state;
	view.stages = ALL;
	for (int i = 0; i < 200000; i++) {
		for (size_t j = 0; j < sizeof(a); j++)
			((unsigned char *)&a)[j] = rand() >> 7;
		a.kind %= VGIC_NR_KINDS;
		if (i % 2)
			a.base = a.addr - rand() % 0x20000;
		trace_event__make(&e, &a, &view);
		assert_true(strlen(e.label) < sizeof(e.label));
		assert_true(strlen(e.decoded) < sizeof(e.decoded));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_a_line_an_access),
		cmocka_unit_test(what_is_as_measured_is_said),
		cmocka_unit_test(json_has_raw_and_corrected),
		cmocka_unit_test(chrome_slices_nest),
		cmocka_unit_test(chrome_slices_are_without_the_share),
		cmocka_unit_test(chrome_is_whole_but_for_its_bracket),
		cmocka_unit_test(lines_come_in_the_order_of_their_begin),
		cmocka_unit_test(stacks_are_named),
		cmocka_unit_test(globs_pick_ranges_and_the_addresses_of_the_rest),
		cmocka_unit_test(no_record_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
