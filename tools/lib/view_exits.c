// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "names.h"
#include "table.h"
#include "view_exits.h"

struct row {
	const struct sample_exits *exits;
	int reason;
	uint64_t total; /* of all reasons */
};

struct rows {
	const struct view *view;
	const struct sample *sample;
	struct row *rows;
	size_t nr;
};

enum { VCPU, REASON, COUNT, RATE, PART };

/* Per second, of the time in which they were counted; negative: there was none. */
static double rate(const struct sample *sample, uint64_t count)
{
	return sample->exits_ns ? count * 1e9 / sample->exits_ns : -1;
}

static void cell(const void *ctx, size_t n, int id, char *buf)
{
	const struct rows *rows = ctx;
	const struct row *row = &rows->rows[n];
	uint64_t count = row->exits->count[row->reason];

	if (id == VCPU && row->exits->vcpu != SAMPLE_ALL)
		snprintf(buf, TABLE_CELL_SZ, "%u", row->exits->vcpu);
	else if (id == REASON)
		snprintf(buf, TABLE_CELL_SZ, "%s", exit__name(row->reason));
	else if (id == COUNT)
		snprintf(buf, TABLE_CELL_SZ, "%" PRIu64, count);
	else if (id == RATE && rate(rows->sample, count) >= 0)
		snprintf(buf, TABLE_CELL_SZ, "%.1f", rate(rows->sample, count));
	else if (id == PART)
		snprintf(buf, TABLE_CELL_SZ, "%.2f", 100.0 * count / row->total);
	else
		snprintf(buf, TABLE_CELL_SZ, "-");
}

static bool is_wanted(const void *ctx, int id)
{
	(void)id;
	return ((const struct rows *)ctx)->view->per_vcpu;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t nx = x->exits->count[x->reason], ny = y->exits->count[y->reason];

	if (x->exits->vcpu != y->exits->vcpu)
		return x->exits->vcpu < y->exits->vcpu ? -1 : 1;
	if (nx != ny)
		return nx > ny ? -1 : 1;
	return x->reason - y->reason;
}

static int rows__fill(struct rows *rows, const struct sample *sample, size_t vm)
{
	rows->rows = calloc(sample->nr_exits * VGIC_NR_EXITS + 1, sizeof(*rows->rows));
	if (!rows->rows)
		return -ENOMEM;
	for (size_t i = 0; i < sample->nr_exits; i++) {
		const struct sample_exits *e = &sample->exits[i];
		uint64_t total = exits__total(e);

		for (int reason = 0; e->vm == vm && reason < VGIC_NR_EXITS; reason++)
			if (e->count[reason])
				rows->rows[rows->nr++] = (struct row){ e, reason, total };
	}
	qsort(rows->rows, rows->nr, sizeof(*rows->rows), compare_rows);
	return 0;
}

int view_exits__table(FILE *out, const struct view *view, const struct sample *sample, size_t vm)
{
	static const struct table_column columns[] = {
		{ "VCPU", false, 0, VCPU, cell, is_wanted },
		{ "EXIT", true, 0, REASON, cell, NULL },
		{ "COUNT", false, 0, COUNT, cell, NULL },
		{ "PER SECOND", false, 0, RATE, cell, NULL },
		{ "%", false, 0, PART, cell, NULL },
	};
	struct rows rows = { .view = view, .sample = sample };
	int err = rows__fill(&rows, sample, vm);

	if (!err && rows.nr)
		table__print(out, columns, sizeof(columns) / sizeof(columns[0]), rows.nr, &rows,
			     view->width);
	free(rows.rows);
	return err;
}

bool view_exits__any(const struct sample *sample, size_t vm)
{
	for (size_t i = 0; i < sample->nr_exits; i++)
		if (sample->exits[i].vm == vm && exits__total(&sample->exits[i]))
			return true;
	return false;
}

static uint64_t kvm_count(const struct sample_exits *e)
{
	return sample__nearest(exits__total(e), e->kvm_low, e->kvm_high);
}

struct view_exits view_exits__totals(const struct sample *sample)
{
	struct view_exits totals = { 0 };

	for (size_t i = 0; i < sample->nr_exits; i++) {
		totals.seen += exits__total(&sample->exits[i]);
		totals.kvm += kvm_count(&sample->exits[i]);
	}
	return totals;
}

static void print_seen(FILE *out, const struct sample *s)
{
	struct view_exits totals = view_exits__totals(s);

	fprintf(out, "exits: seen %" PRIu64 " of %" PRIu64 " (KVM's exits)", totals.seen,
		totals.kvm);
	/* Switched on later than the rest. */
	if (s->exits_ns < (s->end_ns - s->begin_ns) * 0.99)
		fprintf(out, ", in %.3f s", s->exits_ns / 1e9);
	fputc('\n', out);
}

static void print_user(FILE *out, const struct sample *s, uint64_t user)
{
	if (!user && !(s->has_exits && s->kvm_user.high))
		return;
	fprintf(out, "left to user space: %" PRIu64, user);
	if (s->has_exits && s->kvm_user.is_known)
		fprintf(out, " of %" PRIu64 " (KVM's mmio_exit_user)",
			sample__nearest(user, s->kvm_user.low, s->kvm_user.high));
	fputc('\n', out);
}

void view_exits__print_totals(FILE *out, const struct sample *s, uint64_t user)
{
	print_user(out, s, user);
	if (s->has_exits)
		print_seen(out, s);
}

static int print_json(FILE *out, const struct report *report, const struct sample_exits *e)
{
	const struct sample_vm *vm = &report->sample->vms[e->vm];
	struct json json = json__new("exits"), reasons = json__new(NULL);

	if (report->interval)
		json__u64(&json, "interval", report->interval);
	json__str(&json, "vm", vm->id);
	json__u64(&json, "vm_pid", vm->pid);
	json__str(&json, "vm_name", vm->name);
	json__set(&json, "vcpu", e->vcpu == SAMPLE_ALL ? json_null() : json_integer(e->vcpu));
	json__u64(&json, "count", exits__total(e));
	json__u64(&json, "kvm_exits", kvm_count(e));
	for (int i = 0; i < VGIC_NR_EXITS; i++)
		if (e->count[i])
			json__u64(&reasons, exit__name(i), e->count[i]);
	json__nest(&json, "reasons", &reasons);
	return json__emit(&json, out);
}

int view_exits__json(FILE *out, const struct report *report)
{
	int err = 0;

	for (size_t i = 0; i < report->sample->nr_exits && !err; i++)
		err = print_json(out, report, &report->sample->exits[i]);
	return err;
}

void view_exits__summary(struct json *json, const struct sample *sample)
{
	struct view_exits totals = view_exits__totals(sample);
	uint64_t user = view__totals(sample).user;
	struct json exits;

	if (!sample->has_exits)
		return;
	exits = json__new(NULL);
	json__u64(&exits, "seen", totals.seen);
	json__u64(&exits, "kvm_exits", totals.kvm);
	if (sample->kvm_user.is_known)
		json__u64(&exits, "kvm_mmio_exit_user",
			  sample__nearest(user, sample->kvm_user.low, sample->kvm_user.high));
	else
		json__set(&exits, "kvm_mmio_exit_user", json_null());
	json__u64(&exits, "lost", sample->lost_exits);
	json__u64(&exits, "counted_ns", sample->exits_ns);
	json__nest(json, "exits", &exits);
}
