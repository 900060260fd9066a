// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Recordings: what is written is what is read, whatever happens to the writer and to the file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "delta.h"
#include "fake_sample.h"
#include "recording.h"

static char folder[64], path[96], journal[112];

static struct recording_info fake_info(void)
{
	struct recording_info info = {
		.tool = "vgic-test",
		.version = "1.2.3",
		.source = "bpf",
		.host = fake_host,
		.build_id = "0123456789abcdef",
		.time_s = 1700000000,
		.attach = "fentry/fexit + kprobe",
		.plan = (struct plan *)&fake_plan,
		.has_calibration = true,
		.calibration = fake_calibration,
		.profile = "default",
		.stages = FAKE_STAGES,
		.per_vcpu = true,
		.range = "GICD_*",
		.command = "sleep \"1\"",
	};

	return info;
}

static struct recorder *create(void)
{
	struct recording_info info = fake_info();
	struct recorder *r;

	if (recorder__create(path, &info, &r))
		fail_msg("%s", recording__error());
	return r;
}

static struct recording *reopen(void)
{
	struct recording *r;

	if (recording__open(path, &r))
		fail_msg("%s", recording__error());
	return r;
}

/* A random number below @max, the same in each run. */
static uint32_t seed;
static uint32_t rnd(uint32_t max)
{
	seed = seed * 1664525 + 1013904223;
	return (uint64_t)(seed >> 4) * max >> 28;
}

/* One more VM or vCPU now and then, some accesses to some ranges. */
static void add_accesses(struct sample *s, unsigned int nr)
{
	static const uint8_t ranges[] = { VGIC_RANGE_DIST_V3_CTLR, VGIC_RANGE_DIST_V3_ISENABLER,
					  VGIC_RANGE_DIST_V3_SGIR, VGIC_RANGE_DIST_V3_RESERVED };

	for (unsigned int i = 0; i < nr; i++) {
		char id[16];
		struct sample_key key = {
			.vcpu = rnd(3),
			.target = SAMPLE_ALL,
			.kind = VGIC_DIST_V3,
			.range = ranges[rnd(4)],
			.op = rnd(2),
			.base = 0x8000000,
		};
		struct sample_series *series;

		snprintf(id, sizeof(id), "%u-11", 100 + rnd(3));
		key.vm = sample__vm(s, id) - s->vms;
		series = sample__series(s, &key);
		series->count += 3;
		series->nr_untimed++;
		for (int stage = 0; stage < 3; stage++)
			assert_int_equal(lat__record(&series->lat[stage], 1u << rnd(20) | rnd(200),
						     1 + rnd(3)),
					 0);
	}
}

/* Asked for with the third slice. */
static void add_exits(struct sample *s, unsigned int slice)
{
	if (slice < 2)
		return;
	s->has_exits = true;
	s->exits_ns = (slice - 1) * 1000000000ULL;
	s->lost_exits = slice / 4;
	s->kvm_user = (struct sample_kvm){ slice % 3, slice * 7, slice * 7 + rnd(3) };
	for (unsigned int i = 0; i < s->nr_vms * 2; i++) {
		struct sample_exits *e =
			sample__exits(s, rnd(s->nr_vms), i % 3 ? rnd(4) : SAMPLE_ALL);

		assert_non_null(e);
		e->count[rnd(VGIC_NR_EXITS)] += 1 + rnd(1000);
		e->kvm_low = exits__total(e) - rnd(2);
		e->kvm_high = exits__total(e) + rnd(2);
	}
}

/* The cumulative state after each slice: @nr of them. */
static struct sample *evolve(const struct sample *before, unsigned int slice)
{
	struct sample *s = sample__new();

	assert_non_null(s);
	if (before)
		assert_int_equal(sample__add(s, before), 0);
	add_accesses(s, rnd(12));
	for (size_t i = 0; i < s->nr_vms; i++) {
		snprintf(s->vms[i].name, sizeof(s->vms[i].name), "guest %zu", i);
		s->vms[i].pid = 1000 - i;
		s->vms[i].model = 3;
		s->vms[i].nr_vcpus = 1 + slice / 10;
		s->vms[i].alive = slice % 7;
	}
	s->begin_ns = 5000000000;
	s->end_ns = s->begin_ns + (slice + 1) * 1000000123ULL;
	s->attached_ns = s->end_ns - s->begin_ns - slice;
	s->overhead_ns = slice * 12345.6789;
	s->stages = FAKE_STAGES;
	s->in_flight = rnd(3);
	s->recursion_misses = slice / 3;
	s->has_kvm_exits = slice % 5 != 4;
	s->kvm_exits_low = slice * 100 + rnd(10);
	s->kvm_exits_high = slice * 100 + 10;
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = slice * i;
	add_exits(s, slice);
	return s;
}

static void assert_same_lat(const struct lat *a, const struct lat *b)
{
	assert_true(a->count == b->count && a->sum_ns == b->sum_ns);
	assert_true(a->min_ns == b->min_ns && a->max_ns == b->max_ns);
	for (unsigned int i = 0; i < VGIC_NR_BUCKETS; i++)
		assert_true(lat__bucket(a, i) == lat__bucket(b, i));
}

static void assert_same_series(const struct sample_series *a, const struct sample_series *b)
{
	assert_true(a->key.vm == b->key.vm && a->key.vcpu == b->key.vcpu);
	assert_true(a->key.target == b->key.target && a->key.base == b->key.base);
	assert_true(a->key.kind == b->key.kind && a->key.range == b->key.range &&
		    a->key.op == b->key.op);
	assert_true(a->count == b->count && a->nr_untimed == b->nr_untimed);
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		assert_same_lat(&a->lat[i], &b->lat[i]);
}

/* Both are sorted for it: the order of a sample says nothing. */
static void assert_same_exits(const struct sample *a, const struct sample *b)
{
	assert_int_equal(a->has_exits, b->has_exits);
	assert_int_equal(a->exits_ns, b->exits_ns);
	assert_int_equal(a->lost_exits, b->lost_exits);
	assert_int_equal(a->nr_exits, b->nr_exits);
	for (size_t i = 0; i < a->nr_exits; i++) {
		const struct sample_exits *x = &a->exits[i], *y = &b->exits[i];

		assert_true(x->vm == y->vm && x->vcpu == y->vcpu);
		assert_memory_equal(x->count, y->count, sizeof(x->count));
		assert_true(x->kvm_low == y->kvm_low && x->kvm_high == y->kvm_high);
	}
	assert_int_equal(a->kvm_user.is_known, b->kvm_user.is_known);
	assert_int_equal(a->kvm_user.low, b->kvm_user.low);
	assert_int_equal(a->kvm_user.high, b->kvm_user.high);
}

static void assert_same(struct sample *a, struct sample *b)
{
	assert_int_equal(sample__sort(a), 0);
	assert_int_equal(sample__sort(b), 0);
	assert_int_equal(a->nr_vms, b->nr_vms);
	for (size_t i = 0; i < a->nr_vms; i++) {
		assert_string_equal(a->vms[i].id, b->vms[i].id);
		assert_string_equal(a->vms[i].name, b->vms[i].name);
		assert_int_equal(a->vms[i].pid, b->vms[i].pid);
		assert_int_equal(a->vms[i].model, b->vms[i].model);
		assert_int_equal(a->vms[i].nr_vcpus, b->vms[i].nr_vcpus);
		assert_int_equal(a->vms[i].alive, b->vms[i].alive);
	}
	assert_int_equal(a->nr_series, b->nr_series);
	for (size_t i = 0; i < a->nr_series; i++)
		assert_same_series(&a->series[i], &b->series[i]);
	assert_true(a->begin_ns == b->begin_ns && a->end_ns == b->end_ns);
	assert_true(a->attached_ns == b->attached_ns && a->overhead_ns == b->overhead_ns);
	assert_int_equal(a->stages, b->stages);
	assert_memory_equal(a->lost, b->lost, sizeof(a->lost));
	assert_int_equal(a->recursion_misses, b->recursion_misses);
	assert_int_equal(a->in_flight, b->in_flight);
	assert_int_equal(a->has_kvm_exits, b->has_kvm_exits);
	assert_int_equal(a->kvm_exits_low, b->kvm_exits_low);
	assert_int_equal(a->kvm_exits_high, b->kvm_exits_high);
	assert_same_exits(a, b);
}

#define MAX_SLICES 200
static struct sample *states[MAX_SLICES];

static void make_states(unsigned int nr)
{
	seed = 1;
	for (unsigned int i = 0; i < nr; i++)
		states[i] = evolve(i ? states[i - 1] : NULL, i);
}

static void free_states(void)
{
	for (unsigned int i = 0; i < MAX_SLICES; i++) {
		sample__free(states[i]);
		states[i] = NULL;
	}
}

static void write_states(unsigned int nr)
{
	struct recorder *r = create();

	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(recorder__slice(r, states[i]), 0);
	assert_int_equal(recorder__finish(r), 0);
	recorder__close(r);
}

/* Reads all slices and holds them to states; returns how many. */
static unsigned int read_states(struct recording *r)
{
	unsigned int nr = 0;
	struct sample *s;
	int ret;

	while ((ret = recording__next(r, &s)) > 0) {
		assert_true(nr < MAX_SLICES && states[nr]);
		assert_same(s, states[nr++]);
		sample__free(s);
	}
	assert_int_equal(ret, 0);
	return nr;
}

static void every_slice_is_read_as_it_was_written(void **state)
{
	struct recording *r;
	struct sample *whole;

	(void)state;
	make_states(60);
	write_states(60);
	r = reopen();
	assert_true(recording__is_complete(r));
	assert_int_equal(recording__nr_slices(r), 60);
	assert_int_equal(read_states(r), 60);
	recording__rewind(r);
	assert_int_equal(read_states(r), 60);
	assert_int_equal(recording__whole(r, &whole), 0);
	assert_same(whole, states[59]);
	sample__free(whole);
	recording__close(r);
}

static void reports_of_a_replay_are_those_of_the_live_run(void **state)
{
	struct sample *replayed[2], *live, *between;
	struct recording *r;

	(void)state;
	make_states(20);
	write_states(20);
	r = reopen();
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(recording__next(r, &replayed[i % 2]), 1);
		if (i) {
			live = sample__between(states[i - 1], states[i]);
			between = sample__between(replayed[(i + 1) % 2], replayed[i % 2]);
			assert_same(between, live);
			sample__free(live);
			sample__free(between);
			sample__free(replayed[(i + 1) % 2]);
		}
	}
	sample__free(replayed[1]);
	recording__close(r);
}

/* Worked out by hand from docs/recording.md. */
static void increments_are_encoded_as_documented(void **state)
{
	static const uint8_t first[] = {
		0x82,       /* stage 2, with extremes */
		0x9e, 0x08, /* 3 + 3 + 4 + 20 + 1024 = 1054 */
		0x03,       /* minimum */
		0x80, 0x08, /* maximum 1024 */
		0x04,       /* buckets: */
		0x05, 0x03, /* 2 of bucket 3, after 3 others */
		0x02,       /* 1 of bucket 4 */
		0x03, 0x0f, /* 1 of bucket 20 */
		0x03, 0x5b, /* 1 of bucket 112, after 91 others */
	};
	struct lat none = { 0 }, a = { 0 }, b = { 0 };
	struct delta d = { 0 };

	(void)state;
	assert_int_equal(lat__record(&a, 3, 2), 0);
	assert_int_equal(lat__record(&a, 4, 1), 0);
	assert_int_equal(lat__record(&a, 20, 1), 0);
	assert_int_equal(lat__record(&a, 1024, 1), 0);
	assert_int_equal(delta__put(&d, 2, &none, &a), 0);
	assert_int_equal(d.nr, sizeof(first));
	assert_memory_equal(d.bytes, first, sizeof(first));
	/* The same again: nothing. */
	assert_int_equal(delta__put(&d, 2, &a, &a), 0);
	assert_int_equal(d.nr, sizeof(first));
	/* 1 of bucket 4 less: taken out, extremes as they are. */
	assert_int_equal(lat__add(&b, &a), 0);
	d.nr = 0;
	assert_int_equal(lat__record(&b, 4, 1), 0);
	assert_int_equal(delta__put(&d, 5, &b, &a), 0);
	assert_int_equal(d.nr, 5);
	assert_memory_equal(d.bytes, "\x45\x04\x01\x03\x04", 5);
	lat__free(&a);
	lat__free(&b);
	delta__free(&d);
}

static void what_shrinks_or_goes_away_is_read_so(void **state)
{
	struct recording *r;

	(void)state;
	seed = 7;
	for (unsigned int i = 0; i < 12; i++)
		states[i] = evolve(i % 4 ? states[i - 1] : NULL, i);
	write_states(12);
	r = reopen();
	assert_int_equal(read_states(r), 12);
	recording__close(r);
}

/* What version 1 had, without the exits' tables. */
static void older_recordings_are_read(void **state)
{
	struct recording *r;
	sqlite3 *db;

	(void)state;
	make_states(2); /* none has exits */
	write_states(2);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "DROP TABLE exits; DROP TABLE kvm_exits;"
				      " DROP TABLE exit_slices; PRAGMA user_version=1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	r = reopen();
	assert_int_equal(read_states(r), 2);
	recording__close(r);
}

static void the_circumstances_are_read_as_they_were_written(void **state)
{
	const struct recording_info was = fake_info(), *is;
	struct recorder *w = create();
	struct recording *r;
	struct sample *empty;

	(void)state;
	recorder__close(w);
	r = reopen();
	is = recording__info(r);
	assert_false(recording__is_complete(r));
	assert_int_equal(recording__nr_slices(r), 0);
	assert_string_equal(is->tool, was.tool);
	assert_string_equal(is->version, was.version);
	assert_string_equal(is->source, was.source);
	assert_memory_equal(&is->host, &was.host, sizeof(was.host));
	assert_string_equal(is->build_id, was.build_id);
	assert_int_equal(is->time_s, was.time_s);
	assert_string_equal(is->attach, was.attach);
	assert_true(is->has_calibration);
	assert_memory_equal(&is->calibration, &was.calibration, sizeof(was.calibration));
	assert_string_equal(is->profile, was.profile);
	assert_int_equal(is->stages, was.stages);
	assert_true(is->per_vcpu && !is->per_device);
	assert_string_equal(is->range, was.range);
	assert_string_equal(is->command, was.command);
	assert_int_equal(recording__whole(r, &empty), 0);
	assert_int_equal(empty->nr_series, 0);
	sample__free(empty);
	recording__close(r);
}

static void the_plan_is_read_as_it_was_written(void **state)
{
	struct recorder *w = create();
	struct recording *r;
	const struct plan *is;

	(void)state;
	recorder__close(w);
	r = reopen();
	is = recording__info(r)->plan;
	assert_int_equal(is->stages, fake_plan.stages);
	assert_int_equal(is->nr_hooks, fake_plan.nr_hooks);
	for (size_t i = 0; i < is->nr_hooks; i++) {
		const struct plan_hook *a = &is->hooks[i], *b = &fake_plan.hooks[i];

		assert_string_equal(a->boundary, b->boundary);
		assert_string_equal(a->function, b->function);
		assert_string_equal(a->without ?: "(none)", b->without ?: "(none)");
		assert_string_equal(a->program, b->program);
		assert_string_equal(a->why, b->why);
		assert_int_equal(a->at_exit, b->at_exit);
		assert_int_equal(a->is_costly, b->is_costly);
		assert_int_equal(a->needed, b->needed);
		assert_int_equal(a->group, b->group);
		assert_int_equal(a->method, b->method);
	}
	recording__close(r);
}

static void marks_and_facts_are_read_as_they_were_written(void **state)
{
	const struct recording_mark marks[] = { { 5, 1, 0, -1 }, { 9, 2, 1700000000, 143 } };
	const struct recording_mark *is_marks;
	const struct recording_fact *is_facts;
	struct recorder *w = create();
	struct recording *r;
	size_t nr;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(recorder__mark(w, &marks[i]), 0);
	assert_int_equal(recorder__fact(w, "work", 1e6), 0);
	assert_int_equal(recorder__fact(w, "access_ns.GICD_CTLR.read", 1234.5), 0);
	assert_int_equal(recorder__fact(w, "work", 2e6), 0); /* the last one holds */
	assert_int_equal(recorder__fact(w, "", 1), -EINVAL);
	assert_int_equal(recorder__fact(w, "x", 1 / 0.0), -EINVAL);
	recorder__close(w);
	r = reopen();
	is_marks = recording__marks(r, &nr);
	assert_int_equal(nr, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(is_marks[i].end_ns, marks[i].end_ns);
		assert_int_equal(is_marks[i].interval, marks[i].interval);
		assert_int_equal(is_marks[i].time_s, marks[i].time_s);
		assert_int_equal(is_marks[i].cmd_status, marks[i].cmd_status);
	}
	is_facts = recording__facts(r, &nr);
	assert_int_equal(nr, 2);
	assert_string_equal(is_facts[0].name, "access_ns.GICD_CTLR.read");
	assert_true(is_facts[0].value == 1234.5);
	assert_string_equal(is_facts[1].name, "work");
	assert_true(is_facts[1].value == 2e6);
	recording__close(r);
}

static void an_import_needs_neither_plan_nor_calibration(void **state)
{
	struct recording_info info = { .tool = "vgic-cmp", .source = "ftrace" };
	struct recorder *w;
	struct recording *r;

	(void)state;
	assert_int_equal(recorder__create(path, &info, &w), 0);
	recorder__close(w);
	r = reopen();
	assert_null(recording__info(r)->plan);
	assert_false(recording__info(r)->has_calibration);
	recording__close(r);
}

static void a_recording_that_is_written_is_one_file_and_is_not_read(void **state)
{
	struct recorder *w = create();
	struct recording *r;
	struct stat st = { 0 };

	(void)state;
	make_states(1);
	assert_int_equal(recorder__slice(w, states[0]), 0);
	assert_true(stat(journal, &st) || !st.st_size);
	assert_int_equal(recording__open(path, &r), -EBUSY);
	assert_non_null(strstr(recording__error(), "it is being written"));
	recorder__close(w);
	assert_int_equal(stat(journal, &st), -1);
	recording__close(reopen());
}

static void only_recordings_and_empty_files_are_replaced(void **state)
{
	struct recording_info info = fake_info();
	struct recorder *w = create();
	FILE *f;

	(void)state;
	recorder__close(w);
	recorder__close(create());
	assert_int_equal(truncate(path, 0), 0);
	recorder__close(create());
	f = fopen(path, "w");
	fputs("a file of the user's that is no recording at all, and longer than a header of one "
	      "is,"
	      " which it has to be",
	      f);
	fclose(f);
	assert_int_equal(recorder__create(path, &info, &w), -EEXIST);
	assert_non_null(strstr(recording__error(), "it is no recording"));
	assert_int_equal(recorder__create("/", &info, &w), -EEXIST);
	assert_int_equal(recorder__create("/no/such/folder/x", &info, &w), -ENOENT);
	assert_non_null(strstr(recording__error(), "No such file or directory"));
}

static void a_recording_that_is_written_is_not_replaced(void **state)
{
	struct recording_info info = fake_info();
	struct recorder *w;
	int fds[2], status;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		struct recording_info child_info = fake_info();

		if (!recorder__create(path, &child_info, &w) && write(fds[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]); /* a child that ends is then the end of the pipe */
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(recorder__create(path, &info, &w), -EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	recorder__close(create());
	close(fds[0]);
}

static unsigned int nr_files(void)
{
	DIR *dir = opendir(folder);
	unsigned int nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2; /* itself and the one above */
}

/* Whatever it is that fails: there is no room for the tables, or for what comes after them. */
static void a_recording_that_cannot_be_replaced_stays(void **state)
{
	unsigned int nr_failed = 0;
	struct recording *r;

	(void)state;
	make_states(5);
	write_states(5);
	for (rlim_t room = 0; room < 65536; room += 4096) {
		struct recording_info info = fake_info();
		int status;
		pid_t pid = fork();

		if (!pid) {
			struct rlimit limit = { room, room };
			struct recorder *w;

			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &limit);
			_exit(!recorder__create(path, &info, &w)             ? 0
			      : strstr(recording__error(), "cannot write '") ? 1
									     : 2);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		if (!WEXITSTATUS(status))
			break;
		nr_failed++;
		assert_int_equal(nr_files(), 1);
		r = reopen();
		assert_int_equal(read_states(r), 5);
		recording__close(r);
	}
	assert_true(nr_failed > 2 && nr_failed < 16);
}

/* The command line is in it. */
static void a_recording_is_for_its_owner_only(void **state)
{
	struct stat st;

	(void)state;
	recorder__close(create());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(nr_files(), 1);
}

static void a_killed_recorder_leaves_all_but_the_slice_in_progress(void **state)
{
	(void)state;
	make_states(60);
	for (unsigned int try = 0; try < 40; try++) {
		struct recording *r;
		unsigned int nr, told = 0;
		int fds[2], status;
		pid_t pid;
		char c;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (!pid) {
			struct recording_info info = fake_info();
			struct recorder *w;

			if (recorder__create(path, &info, &w))
				_exit(1);
			for (unsigned int i = 0; i < 60; i++)
				if (recorder__slice(w, states[i]) || write(fds[1], "", 1) != 1)
					_exit(1);
			pause();
		}
		close(fds[1]);
		/* It says when a slice is safe; it is killed at any time after one of the first. */
		while (told < 1 + try && read(fds[0], &c, 1) == 1)
			told++;
		usleep(rnd(1000));
		kill(pid, SIGKILL);
		while (read(fds[0], &c, 1) == 1)
			told++;
		close(fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		r = reopen();
		assert_false(recording__is_complete(r));
		nr = read_states(r);
		assert_true(nr == told || nr == told + 1);
		recording__close(r);
	}
}

/* What a kill between two writes to the file leaves, of 30 slices. */
static void write_half(void)
{
	char before[112], command[800];
	sqlite3 *db;

	make_states(30);
	write_states(30);
	snprintf(before, sizeof(before), "%s.copy", path);
	/* With a cache of one page SQLite writes to the file before the transaction ends. */
	assert_int_equal(sqlite3_open(path, &db), 0);
	assert_int_equal(sqlite3_exec(db,
				      "PRAGMA cache_size=1; BEGIN; UPDATE increments SET count=7;"
				      " UPDATE slices SET in_flight=0",
				      NULL, NULL, NULL),
			 0);
	snprintf(command, sizeof(command), "cp %s %s && cp %s %s-journal", path, before, journal,
		 before);
	assert_int_equal(system(command), 0);
	sqlite3_close(db);
	snprintf(command, sizeof(command), "cmp -s %s %s", path, before);
	assert_int_not_equal(system(command), 0);
	snprintf(command, sizeof(command), "mv %s %s && mv %s-journal %s", before, path, before,
		 journal);
	assert_int_equal(system(command), 0);
}

static void a_slice_that_was_half_written_is_taken_out(void **state)
{
	struct recording *r;

	(void)state;
	write_half();
	r = reopen();
	assert_int_equal(read_states(r), 30);
	recording__close(r);
}

/* It could be another one by the time that SQLite opens it. */
static void a_journal_that_others_can_change_is_not_applied(void **state)
{
	struct recording *r;

	(void)state;
	write_half();
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(recording__open(path, &r), -EACCES);
	assert_non_null(strstr(recording__error(), "it must be yours, writable, and in a folder"));
	assert_int_equal(chmod(folder, 01777), 0);
	if (!geteuid()) {
		struct stat st;

		assert_int_equal(chown(journal, 65534, -1), 0);
		assert_int_equal(recording__open(path, &r), -EACCES);
		/* SQLite would have made it the recording's owner's. */
		assert_int_equal(stat(journal, &st), 0);
		assert_int_equal(st.st_uid, 65534);
		assert_int_equal(chown(journal, 0, -1), 0);
		assert_int_equal(chown(folder, 65534, -1), 0);
		assert_int_equal(recording__open(path, &r), -EACCES);
		assert_int_equal(chown(folder, 0, -1), 0);
	}
	r = reopen();
	assert_int_equal(read_states(r), 30);
	recording__close(r);
}

static void a_write_that_fails_leaves_what_was_written_before(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	make_states(200);
	pid = fork();
	if (!pid) {
		struct rlimit limit = { 70000, 70000 };
		struct recording_info info = fake_info();
		struct recorder *w;
		int err = 0;

		if (recorder__create(path, &info, &w))
			_exit(1);
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		for (unsigned int i = 0; i < 200 && !err; i++)
			err = recorder__slice(w, states[i]);
		if (!err || !strstr(recording__error(), "cannot write "))
			_exit(1);
		/* It stays failed. */
		_exit(recorder__slice(w, states[199]) == err && recorder__finish(w) ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	{
		struct recording *r = reopen();
		unsigned int nr;

		assert_false(recording__is_complete(r));
		nr = read_states(r);
		assert_true(nr > 5 && nr < 200);
		recording__close(r);
	}
}

static int setup(void **state)
{
	(void)state;
	/* Memory, where there is some: a disk takes its time for each slice. */
	snprintf(folder, sizeof(folder), "%s/test_recording.XXXXXX",
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
	free_states();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_slice_is_read_as_it_was_written),
		TEST(reports_of_a_replay_are_those_of_the_live_run),
		TEST(increments_are_encoded_as_documented),
		TEST(what_shrinks_or_goes_away_is_read_so),
		TEST(older_recordings_are_read),
		TEST(the_circumstances_are_read_as_they_were_written),
		TEST(the_plan_is_read_as_it_was_written),
		TEST(marks_and_facts_are_read_as_they_were_written),
		TEST(an_import_needs_neither_plan_nor_calibration),
		TEST(a_recording_that_is_written_is_one_file_and_is_not_read),
		TEST(only_recordings_and_empty_files_are_replaced),
		TEST(a_recording_that_is_written_is_not_replaced),
		TEST(a_recording_that_cannot_be_replaced_stays),
		TEST(a_recording_is_for_its_owner_only),
		TEST(a_killed_recorder_leaves_all_but_the_slice_in_progress),
		TEST(a_slice_that_was_half_written_is_taken_out),
		TEST(a_journal_that_others_can_change_is_not_applied),
		TEST(a_write_that_fails_leaves_what_was_written_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
