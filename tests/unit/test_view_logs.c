// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* CSV and HdrHistogram logs, as other programs read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include "fake_sample.h"
#include "view.h"

static const struct view plain = {
	.tool = "vgic-lat",
	.host = &fake_host,
	.plan = &fake_plan,
	.calibration = &fake_calibration,
	.profile = "default",
	.stages = FAKE_STAGES,
	.base_s = 1700000000.25,
};

/* Header and one report. The caller frees it. */
static char *print(const struct view_ops *ops, const struct view *view, const struct sample *sample)
{
	const struct report report = { .sample = sample, .interval = 3, .cmd_status = -1 };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(ops->header(out, view), 0);
	assert_int_equal(ops->report(out, view, &report), 0);
	fclose(out);
	return text;
}

/* After an intended change: GOLDEN_UPDATE=1 build/.../test_view_logs; read the difference. */
static void csv_is_as_it_was(void **state)
{
	static const char path[] = "tests/cli/golden/lat-default.csv";
	struct sample *sample = fake__sample(FAKE_STAGES, true, true, 1);
	struct view view = plain;
	char *text, *golden = calloc(1, 1 << 16);
	FILE *f;

	(void)state;
	view.per_vcpu = view.per_device = true;
	text = print(&view_csv, &view, sample);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		fputs(text, f);
		fclose(f);
	}
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(golden, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, golden);
	free(golden);
	free(text);
	sample__free(sample);
}

/* Fields of a line; quoted ones may hold commas. */
static unsigned int nr_fields(const char *line)
{
	unsigned int nr = 1;
	bool is_quoted = false;

	for (; *line && *line != '\n'; line++) {
		is_quoted ^= *line == '"';
		nr += *line == ',' && !is_quoted;
	}
	return nr;
}

static void csv_has_as_many_fields_in_each_line(void **state)
{
	struct sample *sample = fake__sample(FAKE_STAGES, false, false, 1);
	char *text = print(&view_csv, &plain, sample);
	unsigned int nr = nr_fields(text), nr_lines = 0;

	(void)state;
	for (char *line = text; *line; line = strchr(line, '\n') + 1, nr_lines++)
		assert_int_equal(nr_fields(line), nr);
	assert_true(nr_lines > 20);
	free(text);
	sample__free(sample);
}

static uint8_t *unpack(const char *text, size_t len, uLongf *nr_plain)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *packed = malloc(len), *to = malloc(*nr_plain);
	uint32_t bits = 0, nr_bits = 0;
	size_t nr = 0;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
		nr_bits += 6;
		if (nr_bits >= 8) {
			nr_bits -= 8;
			packed[nr++] = bits >> nr_bits;
		}
	}
	assert_int_equal(uncompress(to, nr_plain, packed + 8, nr - 8), Z_OK);
	free(packed);
	return to;
}

/* The sum of the counts of an encoded histogram (HdrHistogram's V2 payload, from byte 40 on). */
static uint64_t total(const char *text, size_t len)
{
	uLongf nr = 1 << 20;
	uint8_t *bytes = unpack(text, len, &nr);
	uint64_t sum = 0;

	for (uLongf at = 40; at < nr;) {
		uint64_t value = 0;
		int shift = 0;

		do
			value |= (uint64_t)(bytes[at] & 0x7f) << shift;
		while (shift += 7, bytes[at++] & 0x80);
		sum += value & 1 ? 0 : value >> 1; /* odd: a run of zeroes */
	}
	free(bytes);
	return sum;
}

static void hlog_holds_every_latency(void **state)
{
	struct sample *sample = fake__sample(FAKE_STAGES, false, false, 1);
	char *text = print(&view_hlog, &plain, sample), *line;

	(void)state;
	assert_non_null(strstr(text, "#[Histogram log format version 1.3]\n"
				     "#[BaseTime: 1700000000.250 (seconds since epoch)]\n"
				     "\"StartTimestamp\",\"Interval_Length\","));
	line = strchr(strstr(text, "\"StartTimestamp\""), '\n') + 1;
	for (size_t i = 0; i < sample->nr_series; i++)
		for (int stage = 0; stage < VGIC_NR_STAGES; stage++) {
			const struct lat *lat = &sample->series[i].lat[stage];
			char *end = strchr(line, '\n'), *data;

			if (!lat->count)
				continue;
			assert_non_null(end);
			*end = '\0';
			assert_non_null(strstr(line, ",5.000,1.250,"));
			data = strrchr(line, ',') + 1;
			assert_ptr_equal(strstr(data, "HISTF"), data);
			assert_true(total(data, end - data) == lat->count);
			line = end + 1;
		}
	assert_int_equal(*line, '\0');
	free(text);
	sample__free(sample);
}

static void hlog_tags_tell_series_apart(void **state)
{
	struct sample *sample = fake__sample(FAKE_STAGES, true, true, 1);
	struct view view = plain;
	char *text;

	(void)state;
	view.per_vcpu = view.per_device = true;
	text = print(&view_hlog, &view, sample);
	assert_non_null(strstr(text, "\nTag=977-9.vcpu0.dist-v2@0x8000000.GICD_SGIR.write.bus,"));
	assert_non_null(
		strstr(text, "\nTag=1234-11.vcpu0.redist@0x80a0000.GICR_TYPER.read.lookup,"));
	assert_non_null(strstr(text, "\nTag=1234-11.vcpu0.ioeventfd@0xa000e00.write.device,"));
	free(text);
	sample__free(sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_is_as_it_was),
		cmocka_unit_test(csv_has_as_many_fields_in_each_line),
		cmocka_unit_test(hlog_holds_every_latency),
		cmocka_unit_test(hlog_tags_tell_series_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
