// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * vgic-cmp as its user sees it, from recordings to exit status. What it prints is held against
 * tests/cli/golden/; after an intended change write them anew:
 *
 *   GOLDEN_UPDATE=1 build/ARCH/san/test_vgic_cmp
 */
int vgic_cmp_main(int argc, char **argv);
#define main vgic_cmp_main
#include "../../tools/vgic-cmp.c"
#undef main

#define TOOL_MAIN vgic_cmp_main
#define TOOL_NAME "vgic-cmp"
#include <sqlite3.h>
#include "fake_runs.h"
#include "tool_harness.h"

static char folder[64];

static const struct fake_range ranges[] = {
	{ VGIC_DIST_V3, VGIC_RANGE_DIST_V3_CTLR, VGIC_READ, 20000, { 1000, 2000, 3000 }, 0.01 },
	{ VGIC_DIST_V3, VGIC_RANGE_DIST_V3_ISENABLER, VGIC_WRITE, 5000, { 900, 4000, 5000 }, 0.01 },
	{ VGIC_REDIST, VGIC_RANGE_REDIST_TYPER, VGIC_READ, 24, { 900, 50, 1000 }, 0.01 },
	{ VGIC_IOEVENTFD, VGIC_RANGE_IOEVENTFD, VGIC_WRITE, 3000, { 900, 700, 1700 }, 0.01 },
	{ VGIC_USER, VGIC_RANGE_USER, VGIC_READ, 40, { 0, 0, 0 }, 0 },
};

static struct recording_info info_of(const char *release)
{
	struct recording_info info = {
		.tool = "vgic-lat",
		.version = "0.1.0",
		.source = "bpf",
		.host = fake_host,
		.build_id = "0123456789abcdef",
		.attach = "fentry/fexit",
		.plan = (struct plan *)&fake_plan,
		.has_calibration = true,
		.calibration = fake_calibration,
		.profile = "default",
		.stages = FAKE_STAGES,
	};

	snprintf(info.host.release, sizeof(info.host.release), "%s", release);
	return info;
}

static const char *path_of(const char *name)
{
	static char paths[32][96];
	static unsigned int next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* The runs from @from up to @to, as slices of one recording, with their facts. */
static void record(const char *name, const struct recording_info *info, const struct fake_side *s,
		   size_t from, size_t to)
{
	struct sample *cumulative = sample__new();
	struct recorder *r;
	int err = recorder__create(path_of(name), info, &r);

	if (err)
		fail_msg("%s", recording__error());
	for (size_t i = from; i < to; i++) {
		assert_int_equal(sample__add(cumulative, s->runs[i].sample), 0);
		cumulative->end_ns = (i - from + 1) * 1000000000ULL;
		assert_int_equal(recorder__slice(r, cumulative), 0);
	}
	for (size_t i = 0; i < s->runs[from].nr_facts; i++)
		assert_int_equal(recorder__fact(r, s->facts[from][i].name, s->facts[from][i].value),
				 0);
	assert_int_equal(recorder__finish(r), 0);
	recorder__close(r);
	sample__free(cumulative);
}

/* base0... and new0..., @nr of each; the last as slices, too: base.vgic, new.vgic. */
static void record_sides(size_t nr, double slower, bool with_facts)
{
	struct fake_side *base = fake__side(ranges, 5, nr, 1, 1);
	struct fake_side *new = fake__side(ranges, 5, nr, slower, 2);
	struct recording_info of_base = info_of("6.12.0-base"), of_new = info_of("6.13.0-new");
	char name[32];

	for (size_t i = 0; i < nr; i++) {
		for (int is_new = 0; is_new < 2 && with_facts; is_new++) {
			struct fake_side *s = is_new ? new : base;

			fake_side__fact(s, i, "work", 1000);
			fake_side__fact(s, i, "baseline_ns", is_new ? 1100 + i : 1000 + i);
			fake_side__fact(s, i, "access_ns.GICD_CTLR.read",
					(is_new ? 1100 + 3000 * slower : 4000) + 2 * i);
		}
		snprintf(name, sizeof(name), "base%zu", i);
		record(name, &of_base, base, i, i + 1);
		snprintf(name, sizeof(name), "new%zu", i);
		record(name, &of_new, new, i, i + 1);
	}
	record("base.vgic", &of_base, base, 0, nr);
	record("new.vgic", &of_new, new, 0, nr);
	fake_side__free(base);
	fake_side__free(new);
}

/* vgic-cmp OPTION base0... -- new0..., @nr of each. @option: NULL, one, or two with a blank. */
static void compare_sides(size_t nr, const char *option)
{
	const char *args[64] = { NULL };
	char name[32], first[64] = "";
	size_t n = 0;

	if (option) {
		snprintf(first, sizeof(first), "%s", option);
		args[n++] = strtok(first, " ");
		args[n] = strtok(NULL, " ");
		n += args[n] != NULL;
	}
	for (int is_new = 0; is_new < 2; is_new++) {
		for (size_t i = 0; i < nr; i++) {
			snprintf(name, sizeof(name), "%s%zu", is_new ? "new" : "base", i);
			args[n++] = strdup(path_of(name));
		}
		if (!is_new)
			args[n++] = strdup("--");
	}
	run_tool(args);
	for (size_t i = 0; i < n; i++)
		if (args[i] < first || args[i] >= first + sizeof(first))
			free((char *)args[i]);
}

/* Of @text, which is changed. */
static void assert_golden(char *text, const char *name)
{
	char path[128], *golden = calloc(1, 1 << 20), *version = strstr(text, VERSION);
	FILE *f;

	if (version) {
		memmove(version + 1, version + strlen(VERSION),
			strlen(version + strlen(VERSION)) + 1);
		*version = 'V';
	}
	snprintf(path, sizeof(path), "tests/cli/golden/%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	f = fopen(path, "r");
	assert_true(f && golden);
	assert_true(fread(golden, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, golden);
	free(golden);
}

/* Exit status 2, one line on stderr that holds @said, nothing on stdout: no verdict. */
static void assert_no_verdict(const char *said)
{
	assert_status(2);
	assert_string_equal(ran.out, "");
	if (!strstr(ran.err, said))
		fail_msg("says: %s", ran.err);
	assert_int_equal(count(ran.err, "\n"), 1);
}

static void a_regression_is_reported_with_status_1(void **state)
{
	(void)state;
	record_sides(10, 1.1, false);
	compare_sides(10, NULL);
	assert_status(1);
	assert_string_equal(ran.err, "");
	assert_golden(ran.out, "cmp-regression.txt");
	compare_sides(10, "--markdown");
	assert_status(1);
	assert_golden(ran.out, "cmp-regression.md");
	compare_sides(10, "--json");
	assert_status(1);
	assert_int_equal(strncmp(ran.out, "{\"type\":\"header\",\"schema\":\"2.", 29), 0);
	assert_non_null(strstr(ran.out, "\"base\":{\"kernel\":\"6.12.0-base\",\"build_id\":"
					"\"0123456789abcdef\",\"recordings\":10}"));
	assert_golden(strchr(ran.out, '\n') + 1, "cmp-regression.json");
}

static void no_regression_is_status_0(void **state)
{
	(void)state;
	record_sides(10, 0.9, false);
	compare_sides(10, NULL);
	assert_status(0);
	assert_non_null(strstr(ran.out, "verdict: improvement\n"));
}

static void a_kernel_against_itself_is_equivalent_or_inconclusive(void **state)
{
	(void)state;
	record_sides(10, 1, false);
	compare_sides(10, "--json");
	assert_int_equal(count(ran.out, "\"verdict\":\"regression\""), 0);
	assert_int_equal(count(ran.out, "\"verdict\":\"improvement\""), 0);
	assert_true(ran.status == 0 || ran.status == 3);
	compare_sides(10, "--margin 20");
	assert_status(0);
	assert_non_null(strstr(ran.out, "verdict: equivalent\n"));
}

static void too_few_runs_are_inconclusive_with_status_3(void **state)
{
	(void)state;
	record_sides(3, 1.1, false);
	compare_sides(3, NULL);
	assert_status(3);
	assert_non_null(strstr(ran.out, "runs a side can show "));
	assert_non_null(strstr(ran.out, "verdict: inconclusive\n"));
}

static void facts_are_compared_beside(void **state)
{
	(void)state;
	record_sides(10, 1.1, true);
	compare_sides(10, NULL);
	assert_status(1);
	assert_golden(ran.out, "cmp-facts.txt");
	compare_sides(10, "--metric access");
	assert_status(1);
	assert_non_null(strstr(ran.out, "gate: access, 1 range,"));
}

static void one_recording_a_side_is_compared_by_slices(void **state)
{
	(void)state;
	record_sides(120, 1.2, true);
	run_tool(ARGS(path_of("base.vgic"), "--", path_of("new.vgic")));
	assert_status(1);
	assert_golden(ran.out, "cmp-slices.txt");
	run_tool(ARGS("--json", path_of("base.vgic"), "--", path_of("new.vgic")));
	assert_int_equal(count(ran.out, "\"within_one_run\":false"), 0);
	/* A pair is no more than that, and --aa of two neither. */
	run_tool(ARGS("--pairs", path_of("base.vgic"), path_of("new.vgic")));
	assert_non_null(strstr(ran.out, "verdict: regression within one run\n"));
	run_tool(ARGS("--aa", path_of("base.vgic"), path_of("new.vgic")));
	assert_non_null(strstr(ran.out, "verdict: regression within one run\n"));
}

static void pairs_alternate(void **state)
{
	const char *args[64] = { "--pairs" };
	char names[20][96];

	(void)state;
	record_sides(10, 1.1, false);
	for (int i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/%s%d", folder, i % 2 ? "new" : "base",
			 i / 2);
		args[i + 1] = names[i];
	}
	run_tool(args);
	assert_status(1);
	assert_non_null(strstr(ran.out, "pairs of runs\nbase: Linux 6.12.0-base,"));
	assert_non_null(strstr(ran.out, "new: Linux 6.13.0-new, build 0123456789ab, 10 rec"));
	args[20] = NULL;
	run_tool(args);
	assert_no_verdict("--pairs wants as many files of base as of new; there are 19");
}

static void base_against_itself_gives_the_floor(void **state)
{
	const char *args[16] = { "--aa", "--json" };

	(void)state;
	record_sides(8, 1.1, false);
	for (int i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "base%d", i);
		args[i + 2] = path_of(name);
	}
	run_tool(args);
	assert_int_equal(count(ran.out, "\"verdict\":\"regression\""), 0);
	assert_int_equal(count(ran.out, "\"kernel\":\"6.13.0-new\""), 0);
	compare_sides(8, "--aa --json");
	assert_true(count(ran.out, "\"floor\":0.0") > 0);
}

static void a_floor_that_base_does_not_give_is_told(void **state)
{
	(void)state;
	record_sides(8, 1.1, false);
	compare_sides(6, "--aa");
	assert_int_not_equal(ran.status, 2);
	assert_non_null(strstr(ran.err, "--aa raised no margin of 3 of the 3 ranges: the noise of "
					"base takes 8 runs of it\n"));
	compare_sides(8, "--aa");
	assert_string_equal(ran.err, "");
}

static void what_nothing_can_decide_is_told_with_what_can(void **state)
{
	(void)state;
	record_sides(6, 1.1, false);
	compare_sides(6, "--stage=handler");
	assert_no_verdict("no range has a mean of stage handler on both sides; there are lookup, "
			  "device, bus\n");
	compare_sides(6, "--metric=access");
	assert_no_verdict("there is no access in all the recordings; metrics there are: count, "
			  "mean, p50, p90, p99\n");
	record_sides(6, 1.1, true);
	compare_sides(6, "--metric=access");
	assert_status(1);
}

static void an_import_does_not_tell_what_it_does_not_know(void **state)
{
	struct recording_info info = info_of("");
	struct fake_side *side = fake__side(ranges, 5, 2, 1, 3);

	(void)state;
	memset(&info.host, 0, sizeof(info.host));
	info.has_calibration = false;
	record("import0", &info, side, 0, 1);
	record("import1", &info, side, 1, 2);
	fake_side__free(side);
	run_tool(ARGS(path_of("import0"), "--", path_of("import1")));
	assert_non_null(strstr(ran.out, "\nprofile default (lookup, device, bus), attached by "));
	assert_int_equal(count(ran.out, "CPU"), 0);
}

static void change(const char *name, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of(name), &db), 0);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
	sqlite3_close(db);
}

static void the_same_recording_counts_once(void **state)
{
	char command[256];

	(void)state;
	record_sides(3, 1.1, false);
	run_tool(ARGS(path_of("base0"), "--", path_of("base0")));
	assert_no_verdict("they are the same recording");
	link(path_of("base0"), path_of("hard"));
	run_tool(ARGS(path_of("base0"), path_of("hard"), "--", path_of("new0")));
	assert_no_verdict("they are the same recording");
	snprintf(command, sizeof(command), "cp %s %s", path_of("new0"), path_of("copy"));
	assert_int_equal(system(command), 0);
	run_tool(ARGS("--force", path_of("base0"), "--", path_of("new0"), path_of("copy")));
	assert_no_verdict("they are the same recording");
	change("copy", "PRAGMA page_size=1024; VACUUM");
	snprintf(command, sizeof(command), "cmp -s %s %s", path_of("new0"), path_of("copy"));
	assert_int_not_equal(system(command), 0);
	run_tool(ARGS("--force", path_of("base0"), "--", path_of("new0"), path_of("copy")));
	assert_no_verdict("they are the same recording");
	/* The next run, were it the same to the last digit. */
	change("copy", "UPDATE info SET value = value + 60 WHERE name = 'time_s'");
	run_tool(ARGS("--force", path_of("base0"), "--", path_of("new0"), path_of("copy")));
	assert_int_not_equal(ran.status, 2);
}

static void assert_unlike(struct recording_info info, const char *said)
{
	struct fake_side *new = fake__side(ranges, 5, 1, 1.1, 3);

	record("unlike", &info, new, 0, 1);
	fake_side__free(new);
	run_tool(ARGS(path_of("base0"), "--", path_of("unlike")));
	assert_no_verdict(said);
	run_tool(ARGS("--force", path_of("base0"), "--", path_of("unlike")));
	assert_int_not_equal(ran.status, 2);
	assert_non_null(strstr(ran.err, " are unlike: "));
}

static void unlike_recordings_are_refused_by_field(void **state)
{
	struct recording_info info = info_of("6.12.0-base");

	(void)state;
	record_sides(1, 1.1, false);
	snprintf(info.attach, sizeof(info.attach), "kprobe/kretprobe");
	assert_unlike(info,
		      "attach method unlike (fentry/fexit against kprobe/kretprobe); --force");
	info = info_of("");
	info.host.clock_hz = 25000000;
	info.host.tick_ns = 40;
	assert_unlike(info, "clock unlike (62.5 MHz against 25 MHz)");
	info = info_of("");
	snprintf(info.host.gic, sizeof(info.host.gic), "GICv2");
	assert_unlike(info, "host's GIC unlike (GICv3 against GICv2)");
	info = info_of("");
	snprintf(info.profile, sizeof(info.profile), "lite");
	assert_unlike(info, "profile unlike (default against lite)");
	info = info_of("");
	snprintf(info.source, sizeof(info.source), "ftrace");
	assert_unlike(info, "source unlike (bpf against ftrace)");
	info = info_of("");
	snprintf(info.range, sizeof(info.range), "GICD_*");
	assert_unlike(info, "--range unlike (all against GICD_*)");
	info = info_of("");
	info.calibration.stages[VGIC_LOOKUP].is_known = false;
	assert_unlike(info, "calibration unlike (lookup, device, bus against device, bus)");
	info.has_calibration = false;
	assert_unlike(info, "calibration unlike (lookup, device, bus against none)");
	/* --raw does not need it. */
	run_tool(ARGS("--raw", path_of("base0"), "--", path_of("unlike")));
	assert_int_not_equal(ran.status, 2);
}

static void nothing_in_common_is_no_verdict(void **state)
{
	struct fake_side *new = fake__side(ranges + 1, 1, 2, 1.1, 3);
	struct fake_side *none = fake__side(ranges, 0, 1, 1, 3);
	struct recording_info info = info_of("6.13.0");

	(void)state;
	record_sides(1, 1, false);
	record("other", &info, new, 0, 2);
	record("empty", &info, none, 0, 1);
	record("no-slices", &info, none, 0, 0);
	fake_side__free(new);
	fake_side__free(none);
	run_tool(ARGS("--range", "GICD_CTLR", path_of("base0"), "--", path_of("other")));
	assert_no_verdict("have no range in common that --range leaves");
	run_tool(ARGS("--range", "GICR_*", path_of("base.vgic"), "--", path_of("other")));
	assert_no_verdict("have no range in common that --range leaves");
	run_tool(ARGS(path_of("base0"), "--", path_of("empty")));
	assert_no_verdict("/empty: there are no accesses in it");
	run_tool(ARGS(path_of("base0"), "--", path_of("no-slices")));
	assert_no_verdict("/no-slices: there are no accesses in it");
}

static void what_is_no_recording_is_no_verdict(void **state)
{
	static const char *const damage[] = {
		"head -c 5000 base0 > bad",  /* truncated */
		": > bad",                   /* nothing */
		"echo RANGE OP COUNT > bad", /* foreign */
		"{ head -c 60 base0; printf '\\0\\0\\377\\377'; tail -c +65 base0; "
		"} > bad", /* newer
			    */
		"{ head -c 4096 base0; head -c 90000 /dev/zero; } > bad",
		"rm -f bad; mkdir bad",
		"rmdir bad",
	};

	(void)state;
	record_sides(1, 1, false);
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		char command[256];

		snprintf(command, sizeof(command), "cd %s && %s", folder, damage[i]);
		assert_int_equal(system(command), 0);
		run_tool(ARGS(path_of("base0"), "--", path_of("bad")));
		assert_no_verdict("/bad");
		run_tool(ARGS("--force", path_of("bad"), "--", path_of("base0")));
		assert_no_verdict("/bad");
	}
}

static int make_folder(void **state)
{
	(void)state;
	/* In memory: recordings wait for the disk. */
	snprintf(folder, sizeof(folder), "%s/vgic-cmp-test-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_regression_is_reported_with_status_1),
		TEST(no_regression_is_status_0),
		TEST(a_kernel_against_itself_is_equivalent_or_inconclusive),
		TEST(too_few_runs_are_inconclusive_with_status_3),
		TEST(facts_are_compared_beside),
		TEST(one_recording_a_side_is_compared_by_slices),
		TEST(pairs_alternate),
		TEST(base_against_itself_gives_the_floor),
		TEST(a_floor_that_base_does_not_give_is_told),
		TEST(what_nothing_can_decide_is_told_with_what_can),
		TEST(an_import_does_not_tell_what_it_does_not_know),
		TEST(the_same_recording_counts_once),
		TEST(unlike_recordings_are_refused_by_field),
		TEST(nothing_in_common_is_no_verdict),
		TEST(what_is_no_recording_is_no_verdict),
	};

	share_what_it_did();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
