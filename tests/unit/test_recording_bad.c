// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Recordings that are none, are damaged, or mean harm: an error and a line, or a sample; never a
 * crash, and nothing of the file is executed. And what a long recording takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "delta.h"
#include "fake_sample.h"
#include "recording.h"

static char folder[64], path[96], journal[112];
static char *contents; /* of a good file */
static off_t size;

static int setup(void **state)
{
	(void)state;
	/* Memory, where there is some: a disk takes its time for each slice. */
	snprintf(folder, sizeof(folder), "%s/test_bad.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/x.vgic", folder);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	return 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	free(contents);
	contents = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static uint32_t seed = 1;
static uint32_t rnd(uint32_t max)
{
	seed = seed * 1664525 + 1013904223;
	return (uint64_t)(seed >> 4) * max >> 28;
}

static struct recorder *create(void)
{
	struct recording_info info = {
		.tool = "test",
		.host = fake_host,
		.plan = (struct plan *)&fake_plan,
		.stages = FAKE_STAGES,
	};
	struct recorder *r;

	if (recorder__create(path, &info, &r))
		fail_msg("%s", recording__error());
	return r;
}

static void write_one(unsigned int nr_slices)
{
	struct recorder *r = create();

	for (unsigned int i = 1; i <= nr_slices; i++) {
		struct sample *s = fake__sample(FAKE_STAGES, true, false, i);
		struct recording_mark mark = { .end_ns = s->end_ns, .interval = i };

		fake__add_exits(s, true, i);
		assert_int_equal(recorder__slice(r, s), 0);
		assert_int_equal(recorder__mark(r, &mark), 0);
		sample__free(s);
	}
	assert_int_equal(recorder__fact(r, "work", 7), 0);
	assert_int_equal(recorder__finish(r), 0);
	recorder__close(r);
}

static void load(void)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	size = st.st_size;
	contents = malloc(size);
	assert_int_equal(read(fd, contents, size), size);
	close(fd);
}

static void store(off_t nr)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_int_equal(write(fd, contents, nr), nr);
	close(fd);
}

/* Reads all that can be read. 0 or -errno; what is said has a line for it. */
static int read_all(void)
{
	struct recording *r;
	struct sample *s;
	int err = recording__open(path, &r), ret;

	if (err) {
		assert_true(recording__error()[0]);
		assert_null(strchr(recording__error(), '\n'));
		return err;
	}
	while ((ret = recording__next(r, &s)) > 0)
		sample__free(s);
	/* It stays so. */
	if (ret < 0)
		assert_true(recording__next(r, &s) < 0);
	if (!recording__whole(r, &s)) {
		assert_int_equal(sample__sort(s), 0);
		sample__free(s);
	}
	recording__close(r);
	return ret;
}

static void execute(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), 0);
	if (sqlite3_exec(db, sql, NULL, NULL, &why))
		fail_msg("%s: %s", sql, why);
	sqlite3_free(why);
	sqlite3_close(db);
}

/* A good one, changed by @sql: is not read, and @said says why. */
static void assert_refused(const char *sql, int err, const char *said)
{
	int is;

	store(size);
	assert_int_equal(read_all(), 0);
	execute(sql);
	is = read_all();
	if (is != err)
		fail_msg("%s: %d, not %d", sql, is, err);
	if (!strstr(recording__error(), said))
		fail_msg("'%s' does not say '%s'", recording__error(), said);
}

static void newer_recordings_are_told(void **state)
{
	(void)state;
	write_one(3);
	load();
	assert_refused("PRAGMA user_version=3", -ENOTSUP,
		       "its format 3 is newer than this program's, 2; use a newer");
	assert_refused("PRAGMA user_version=1", -EINVAL, "it is damaged or no recording");
	assert_refused("PRAGMA user_version=0", -EINVAL, "it is damaged or no recording");
	assert_refused("PRAGMA user_version=-1", -EINVAL, "it is damaged or no recording");
	assert_refused("PRAGMA application_id=5", -EINVAL, "it is no recording");
}

static void what_is_no_recording_is_told(void **state)
{
	FILE *f;

	(void)state;
	assert_int_equal(read_all(), -ENOENT);
	f = fopen(path, "w");
	assert_int_equal(read_all(), -EINVAL);
	assert_non_null(strstr(recording__error(), "it is empty"));
	for (int i = 0; i < 5000; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	assert_int_equal(read_all(), -EINVAL);
	assert_non_null(strstr(recording__error(), "it is no recording"));
	unlink(path);
	execute("CREATE TABLE slices(x)"); /* another program's database */
	assert_int_equal(read_all(), -EINVAL);
	assert_non_null(strstr(recording__error(), "it is no recording"));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* would wait for a writer */
	assert_int_equal(read_all(), -EINVAL);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(read_all(), -EINVAL);
}

/* Nothing but the tables that a recording has, as it has them. */
static void foreign_schemas_are_refused(void **state)
{
	static const char *const harms[] = {
		"DROP TABLE slices; CREATE VIEW slices AS SELECT 1",
		"CREATE VIEW v AS SELECT load_extension('x')",
		"CREATE TRIGGER t AFTER INSERT ON slices BEGIN DELETE FROM slices; END",
		"CREATE INDEX i ON slices(end_ns)",
		"CREATE TABLE more(x)",
		"DROP TABLE facts",
		"ALTER TABLE facts ADD COLUMN x AS (hex(zeroblob(1000000000)))",
		"PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = 'CREATE TABLE "
		"slices(slice "
		"INTEGER PRIMARY KEY, end_ns AS (abs(-9223372036854775808)))' WHERE name='slices'",
		"PRAGMA writable_schema=ON; UPDATE sqlite_master SET type = 'view' WHERE "
		"name='slices'",
		"PRAGMA writable_schema=ON; UPDATE sqlite_master SET rootpage = 999 WHERE "
		"name='slices'",
	};

	(void)state;
	write_one(3);
	load();
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++)
		assert_refused(harms[i], -EINVAL, "cannot read '");
}

static void foreign_values_are_refused(void **state)
{
	static const char *const harms[] = {
		"UPDATE slices SET end_ns = 'x'",
		"UPDATE slices SET end_ns = -1",
		"UPDATE slices SET end_ns = 1",
		"UPDATE slices SET kvm_exits_low = 9223372036854775807",
		"UPDATE slices SET overhead_ns = 1e300",
		"UPDATE slices SET overhead_ns = NULL",
		"UPDATE slices SET stages = 1 << 40",
		"DELETE FROM slices WHERE slice = 1",
		"DELETE FROM slices WHERE slice = 3",
		"UPDATE increments SET series = 999",
		"UPDATE increments SET count = -1000000",
		"UPDATE increments SET count = 4611686018427387900 ",
		"UPDATE increments SET count = 1 << 50",
		"UPDATE increments SET untimed = 1 << 50",
		"UPDATE increments SET count = 1.5",
		"UPDATE slices SET latencies = randomblob(50)",
		"UPDATE slices SET latencies = zeroblob(2000000)",
		"UPDATE slices SET latencies = NULL",
		"UPDATE slices SET latencies = CAST(latencies || x'00' AS BLOB)",
		"UPDATE slices SET latencies_sz = latencies_sz - 1",
		"UPDATE slices SET latencies_sz = 1 << 30",
		"UPDATE slices SET latencies_sz = 2, latencies = x'78010200fdff0101020100040003'",
		"UPDATE increments SET slice = 4 - slice",
		"DELETE FROM vms",
		"UPDATE vms SET vm = 7",
		"UPDATE vms SET id = 'same'",
		"UPDATE vms SET id = NULL",
		"UPDATE vms SET is_present = 0",
		"UPDATE series SET range = 'GICD_NONE'",
		"UPDATE series SET device = 'its'",
		"UPDATE series SET op = 'execute'",
		"UPDATE series SET vm = 0",
		"UPDATE series SET vm = 70000",
		"UPDATE stages SET name = 'x'",
		"UPDATE stages SET share_ns = -1 WHERE stage = 2",
		"UPDATE stages SET share_error_ns = -0.5 WHERE stage = 2",
		"UPDATE info SET value = -1 WHERE name = 'access_ns'",
		"UPDATE info SET value = -1 WHERE name = 'access_error_ns'",
		"UPDATE stages SET stage = stage + 100",
		"UPDATE info SET value = 1 WHERE name = 'tool'",
		"UPDATE info SET value = 1e-300 WHERE name = 'tick_ns'",
		"DELETE FROM info WHERE name = 'kernel'",
		"UPDATE info SET value = zeroblob(1000000) WHERE name = 'kernel'",
		"UPDATE marks SET cmd_status = 1000",
		"UPDATE exits SET vm = 99",
		"UPDATE exits SET vm = 0",
		"UPDATE exits SET vcpu = -1",
		"UPDATE exits SET reason = 'NO_REASON'",
		"UPDATE exits SET reason = NULL",
		"UPDATE exits SET count = -1",
		"UPDATE exits SET count = 1 << 51",
		"UPDATE exits SET count = 1.5",
		"UPDATE exits SET slice = 4 - slice",
		"INSERT INTO exits VALUES(99, 1, 1, 'IRQ', 1)",
		"UPDATE kvm_exits SET vm = 99",
		"UPDATE kvm_exits SET low = -1",
		"UPDATE kvm_exits SET high = 1 << 51",
		"INSERT INTO kvm_exits VALUES(99, 1, 1, 1, 1)",
		"UPDATE exit_slices SET exits_ns = 'x'",
		"UPDATE exit_slices SET lost = -1",
		"UPDATE exit_slices SET kvm_user_low = NULL",
		"INSERT INTO exit_slices VALUES(99, 1, 0, 0, 0, 0)",
		"UPDATE facts SET value = 9e999",
		"WITH RECURSIVE n(i) AS (SELECT 100 UNION SELECT i + 1 FROM n WHERE i < 400)"
		" INSERT INTO hooks SELECT i, '', '', '', '', '', 0, 0, 0, '', '' FROM n",
	};

	(void)state;
	write_one(3);
	load();
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++)
		assert_refused(harms[i], -EINVAL, "it is damaged");
}

static void text_is_fit_to_be_printed(void **state)
{
	struct recording *r;
	struct sample *s;

	(void)state;
	write_one(1);
	execute("UPDATE vms SET name = char(27) || '[2J' || char(10) || 'x' WHERE vm = 1;"
		" UPDATE info SET value = char(8238) || 'k' WHERE name = 'kernel'");
	assert_int_equal(recording__open(path, &r), 0);
	assert_string_equal(recording__info(r)->host.release, "?k");
	assert_int_equal(recording__whole(r, &s), 0);
	assert_string_equal(s->vms[0].name, "?[2J?x");
	sample__free(s);
	recording__close(r);
}

/* Its super-journal would be deleted by a rollback. */
static void a_journal_that_names_another_file_is_not_applied(void **state)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char header[512] = { 0 };
	FILE *f;

	(void)state;
	write_one(2);
	memcpy(header, magic, 8);
	header[11] = 1; /* one page */
	header[19] = 2;
	header[22] = 2;  /* sectors of 512 */
	header[26] = 16; /* pages of 4096 */
	f = fopen(journal, "w");
	fwrite(header, 1, sizeof(header), f);
	fwrite(magic, 1, 8, f);
	fclose(f);
	assert_int_equal(read_all(), -EACCES);
	assert_non_null(strstr(recording__error(), "-journal' cannot be applied"));
	assert_int_equal(access(journal, F_OK), 0);
}

static void whatever_is_cut_off_it_is_read_or_refused(void **state)
{
	unsigned int nr_read = 0, nr = 0;

	(void)state;
	write_one(10);
	load();
	for (off_t end = 0; end < size; end += end < 4096 ? 97 : 1501, nr++) {
		store(end);
		nr_read += read_all() == 0;
	}
	/* The last page: SQLite reads what is missing of it as zeros. */
	for (off_t cut = 1; cut < 4096; cut += cut < 8 ? 1 : 511, nr++) {
		store(size - cut);
		nr_read += read_all() == 0;
	}
	assert_true(nr > 50);
	assert_int_equal(nr_read, 0);
}

static void whatever_bytes_are_changed_it_is_read_or_refused(void **state)
{
	unsigned int nr_read = 0;

	(void)state;
	write_one(10);
	load();
	for (int i = 0; i < 800; i++) {
		char *copy = malloc(size);

		memcpy(copy, contents, size);
		for (uint32_t n = 1 + rnd(4); n; n--)
			contents[rnd(2) ? rnd(size) : rnd(size / 4096) * 4096 + rnd(16)] ^=
				1 << rnd(8);
		store(size);
		nr_read += read_all() == 0;
		memcpy(contents, copy, size);
		free(copy);
	}
	assert_true(nr_read > 10 && nr_read < 790);
}

/* Two pages that lead to each other, or many times to the same one. */
static void pages_in_a_circle_come_to_an_end(void **state)
{
	(void)state;
	write_one(60);
	load();
	for (off_t page = 1; page < size / 4096; page++) {
		unsigned char *p = (unsigned char *)contents + page * 4096;

		if (p[0] != 5) /* a table's inner page: all its children become the first */
			continue;
		for (int cell = 1; cell < (p[3] << 8 | p[4]); cell++) {
			unsigned int first = p[12] << 8 | p[13];
			unsigned int at = p[12 + 2 * cell] << 8 | p[13 + 2 * cell];

			memcpy(p + at, p + first, 4);
		}
	}
	store(size);
	assert_int_equal(read_all(), -EINVAL);
}

static void random_increments_are_applied_or_refused(void **state)
{
	uint8_t stages[DELTA_NR_STAGES], bytes[40];
	unsigned int nr_applied = 0;

	(void)state;
	memset(stages, VGIC_NR_STAGES, sizeof(stages));
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		stages[i] = i;
	for (int i = 0; i < 100000; i++) {
		struct lat lats[VGIC_NR_STAGES] = { 0 };
		size_t nr = rnd(sizeof(bytes));

		for (size_t n = 0; n < nr; n++)
			bytes[n] = rnd(3) ? rnd(8) : rnd(256);
		nr_applied += !delta__apply(bytes, nr, stages, lats);
		for (int n = 0; n < VGIC_NR_STAGES; n++) {
			uint64_t sum = 0;

			for (unsigned int b = 0; b < VGIC_NR_BUCKETS; b++)
				sum += lat__bucket(&lats[n], b);
			assert_true(sum == lats[n].count);
			lat__free(&lats[n]);
		}
	}
	assert_true(nr_applied > 100);
}

#define NR_VMS 16
#define NR_RANGES 15

/* What a busy second adds to one range of one VM: @nr accesses, two octaves wide with a long tail.
 */
static void add_second(struct sample_series *series, unsigned int nr)
{
	series->count += nr;
	for (unsigned int i = 0; i < nr; i++)
		for (int stage = VGIC_LOOKUP; stage <= VGIC_BUS; stage++) {
			uint64_t ns = 150 + stage * 200 + rnd(200) + (rnd(8) ? 0 : rnd(400));

			if (!rnd(500))
				ns *= 1 + rnd(60);
			assert_int_equal(lat__record(&series->lat[stage], ns, 1), 0);
		}
}

/* Ten minutes are 600 slices; they are all alike, so what 40 of them add stands for the rest. */
static void ten_minutes_of_sixteen_vms_take_less_than_20_mb(void **state)
{
	struct recorder *r = create();
	struct sample *s = sample__new();
	struct stat half = { 0 }, full = { 0 };

	(void)state;
	s->stages = FAKE_STAGES;
	for (unsigned int slice = 1; slice <= 60; slice++) {
		for (unsigned int vm = 0; vm < NR_VMS; vm++)
			for (unsigned int range = 0; range < NR_RANGES; range++) {
				char id[16];
				struct sample_key key = {
					.vcpu = SAMPLE_ALL,
					.target = SAMPLE_ALL,
					.kind = VGIC_DIST_V3,
					.range = VGIC_RANGE_DIST_V3_CTLR + range,
				};

				snprintf(id, sizeof(id), "%u-9", 1000 + vm);
				key.vm = sample__vm(s, id) - s->vms;
				add_second(sample__series(s, &key), 2000);
			}
		s->end_ns += 1000000000;
		assert_int_equal(recorder__slice(r, s), 0);
		if (slice == 20)
			stat(path, &half);
	}
	recorder__close(r);
	stat(path, &full);
	print_message("%.1f KB a slice, %.2f MB in ten minutes\n",
		      (full.st_size - half.st_size) / 40e3,
		      (half.st_size + (full.st_size - half.st_size) / 40 * 580) / 1e6);
	assert_true(half.st_size + (full.st_size - half.st_size) / 40 * 580 < 20000000);
	sample__free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newer_recordings_are_told),
		TEST(what_is_no_recording_is_told),
		TEST(foreign_schemas_are_refused),
		TEST(foreign_values_are_refused),
		TEST(text_is_fit_to_be_printed),
		TEST(a_journal_that_names_another_file_is_not_applied),
		TEST(whatever_is_cut_off_it_is_read_or_refused),
		TEST(whatever_bytes_are_changed_it_is_read_or_refused),
		TEST(pages_in_a_circle_come_to_an_end),
		TEST(random_increments_are_applied_or_refused),
		TEST(ten_minutes_of_sixteen_vms_take_less_than_20_mb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
