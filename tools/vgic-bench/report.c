// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The JSON object:
 *
 * gic, vms, vcpus      the guests; vcpus per VM
 * iterations           of each vCPU, whole ones; null where an early end left some vCPUs behind
 * interrupted          ended early by a signal
 * accesses             MMIO accesses of all vCPUs: the sum of all counts
 * hvc                  hypercalls
 * ns_per_access        CPU time of the vCPUs' threads / (accesses + hvc): the same however many
 *                      vCPUs share a CPU
 * guest_ns_per_access  mean over vCPUs of time by the guest's clock / (accesses + hvc): what the
 *                      guest sees, waiting for a CPU included
 * wall_ns_per_access   from the first vCPU's start to the last one's end / (accesses + hvc)
 * kvm_mmio_exit_kernel, kvm_mmio_exit_user
 *                      KVM's counters of these VMs; null where it has none (before Linux 5.14)
 * counts[]
 *   range, index       as in the register table; index null where the range is not registers
 *   device             the device's kind
 *   target             vCPU whose redistributor was named; null: none, or each vCPU its own
 *   offset             bytes from the device's base; null where the range is an address
 *   addr               guest address; null where there is an offset
 *   op                 "read", "write"
 *   size               bytes
 *   handled            "kernel", "user"
 *   count
 *
 * Doorbell stores (--stop mmio) are in accesses and counts, but times are not divided by them.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "facts.h"
#include "layout.h"
#include "report.h"

#define NR_ADDED_ROWS 2

static int compare_rows(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;

	return access__compare(&x->access, &y->access);
}

/* Joins rows of the same access. */
static void report__merge(struct report *r)
{
	size_t nr = 0;

	qsort(r->rows, r->nr_rows, sizeof(r->rows[0]), compare_rows);
	for (size_t i = 0; i < r->nr_rows; i++) {
		if (nr && !compare_rows(&r->rows[nr - 1], &r->rows[i]))
			r->rows[nr - 1].count += r->rows[i].count;
		else
			r->rows[nr++] = r->rows[i];
	}
	r->nr_rows = nr;
}

static void report__add_user_stores(struct report *r, uint32_t addr, uint64_t count)
{
	if (!count)
		return;
	r->rows[r->nr_rows++] = (struct report_row){
		.access = {
			.addr = addr,
			.target = ACCESS_OWN,
			.range = VGIC_RANGE_USER,
			.kind = VGIC_USER,
			.op = VGIC_WRITE,
			.size = 4,
		},
		.count = count,
	};
}

/* Coalesced stores that found the ring full were completed by user space. */
static void report__add_overflows(struct report *r, uint64_t nr_overflows)
{
	report__add_user_stores(r, GUEST_COALESCED, nr_overflows);
	for (size_t i = 0; i < r->nr_rows; i++) {
		struct report_row *row = &r->rows[i];
		uint64_t n = row->count < nr_overflows ? row->count : nr_overflows;

		if (row->access.kind != VGIC_COALESCED)
			continue;
		row->count -= n;
		nr_overflows -= n;
	}
}

int report__create(struct report *r, const struct bench_config *config,
		   const struct access_list *list, const struct bench_result *result)
{
	*r = (struct report){ .config = config, .result = result };
	r->rows = calloc(list->nr + NR_ADDED_ROWS, sizeof(r->rows[0]));
	if (!r->rows)
		return -ENOMEM;
	for (size_t i = 0; i < list->nr; i++) {
		if (list->items[i].kind == ACCESS_HVC)
			r->nr_hvc += result->counts[i];
		else
			r->rows[r->nr_rows++] =
				(struct report_row){ list->items[i], result->counts[i] };
	}
	report__add_overflows(r, result->nr_overflows);
	report__add_user_stores(r, GUEST_DOORBELL, result->nr_doorbells);
	report__merge(r);
	for (size_t i = 0; i < r->nr_rows; i++)
		*(access__in_kernel(&r->rows[i].access) ? &r->nr_kernel : &r->nr_user) +=
			r->rows[i].count;
	return 0;
}

void report__free(struct report *r)
{
	free(r->rows);
	r->rows = NULL;
}

bool report__is_exact(const struct report *r)
{
	return !r->result->has_kvm_counts || (r->nr_kernel == r->result->kvm_exits_kernel &&
					      r->nr_user == r->result->kvm_exits_user);
}

static double per_op(const struct report *r, uint64_t ns)
{
	return r->result->nr_ops ? (double)ns / r->result->nr_ops : 0;
}

static const char *op_name(const struct access *a)
{
	return a->op == VGIC_WRITE ? "write" : "read";
}

static const char *handled_name(const struct access *a)
{
	return access__in_kernel(a) ? "kernel" : "user";
}

/* ---- Text ---- */

/* As --access takes it, or a range and its address. */
static void access__name(const struct access *a, char *buf, size_t size)
{
	const struct vgic_reg *reg = regs__get(a->range);
	const char *range = range__name(a->range);
	char target[16] = "", index[16] = "";

	if (a->target != ACCESS_OWN)
		snprintf(target, sizeof(target), "@%d", a->target);
	if (reg && reg__nr(reg) > 1)
		snprintf(index, sizeof(index), "%u", a->index);
	if (kind__by_address(a->kind))
		snprintf(buf, size, "%s 0x%x", range, a->addr);
	else if (reg && (a->offset - reg->off) % reg->stride == 0)
		snprintf(buf, size, "%s%s%s", range, index, target);
	else
		snprintf(buf, size, "%.4s+0x%x%s", range, a->offset, target);
}

static void report__print_rows(const struct report *r, FILE *out)
{
	char name[64];

	if (r->nr_rows)
		fprintf(out, "%-24s %-5s %4s  %-7s %14s\n", "register", "op", "size", "handled",
			"count");
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct access *a = &r->rows[i].access;

		access__name(a, name, sizeof(name));
		fprintf(out, "%-24s %-5s %4u  %-7s %14" PRIu64 "\n", name, op_name(a), a->size,
			handled_name(a), r->rows[i].count);
	}
}

static void report__print_guests(const struct report *r, FILE *out)
{
	const struct bench_config *c = r->config;
	const struct bench_result *res = r->result;

	fprintf(out, "GICv%u, %u VM%s of %u vCPU%s, %" PRIu64, c->gic, c->nr_vms,
		c->nr_vms == 1 ? "" : "s", c->nr_vcpus, c->nr_vcpus == 1 ? "" : "s",
		res->passes_min);
	if (res->passes_min != res->passes_max)
		fprintf(out, " to %" PRIu64, res->passes_max);
	fprintf(out, " iterations%s\n\n", res->interrupted ? ", interrupted" : "");
}

void report__print(const struct report *r, FILE *out)
{
	const struct bench_result *res = r->result;

	report__print_guests(r, out);
	report__print_rows(r, out);
	fprintf(out, "\naccesses    %" PRIu64 ": kernel %" PRIu64 ", user %" PRIu64,
		r->nr_kernel + r->nr_user, r->nr_kernel, r->nr_user);
	if (res->has_kvm_counts)
		fprintf(out, "; KVM counted kernel %" PRIu64 ", user %" PRIu64 "\n",
			res->kvm_exits_kernel, res->kvm_exits_user);
	else
		fprintf(out, "; this kernel has no counters to check them by\n");
	if (r->nr_hvc)
		fprintf(out, "hypercalls  %" PRIu64 "\n", r->nr_hvc);
	fprintf(out, "ns/access   %.1f CPU time, %.1f guest time, %.1f wall clock\n",
		per_op(r, res->cpu_ns), res->guest_ns_per_op, per_op(r, res->wall_ns));
}

/* ---- JSON ---- */

static json_t *integer_or_null(bool is_integer, uint64_t value)
{
	return is_integer ? json_integer(value) : json_null();
}

static json_t *row__json(const struct report_row *row)
{
	const struct access *a = &row->access;
	bool by_address = kind__by_address(a->kind);

	/* clang-format off */
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:s, s:i, s:s, s:I}",
			 "range", range__name(a->range),
			 "index", integer_or_null(regs__get(a->range), a->index),
			 "device", kind__name(a->kind),
			 "target", integer_or_null(a->target != ACCESS_OWN, a->target),
			 "offset", integer_or_null(!by_address, a->offset),
			 "addr", integer_or_null(by_address, a->addr),
			 "op", op_name(a),
			 "size", a->size,
			 "handled", handled_name(a),
			 "count", (json_int_t)row->count);
	/* clang-format on */
}

static json_t *report__json(const struct report *r)
{
	const struct bench_config *c = r->config;
	const struct bench_result *res = r->result;
	json_t *counts = json_array();

	for (size_t i = 0; i < r->nr_rows; i++)
		json_array_append_new(counts, row__json(&r->rows[i]));
	/* clang-format off */
	return json_pack("{s:i, s:i, s:i, s:o, s:b, s:I, s:I, s:f, s:f, s:f, s:o, s:o, s:o}",
			 "gic", c->gic,
			 "vms", c->nr_vms,
			 "vcpus", c->nr_vcpus,
			 "iterations", integer_or_null(res->passes_min == res->passes_max,
						       res->passes_min),
			 "interrupted", res->interrupted,
			 "accesses", (json_int_t)(r->nr_kernel + r->nr_user),
			 "hvc", (json_int_t)r->nr_hvc,
			 "ns_per_access", per_op(r, res->cpu_ns),
			 "guest_ns_per_access", res->guest_ns_per_op,
			 "wall_ns_per_access", per_op(r, res->wall_ns),
			 "kvm_mmio_exit_kernel", integer_or_null(res->has_kvm_counts,
								 res->kvm_exits_kernel),
			 "kvm_mmio_exit_user", integer_or_null(res->has_kvm_counts,
							       res->kvm_exits_user),
			 "counts", counts);
	/* clang-format on */
}

int report__print_json(const struct report *r, FILE *out)
{
	json_t *json = report__json(r);

	if (!json)
		return -ENOMEM;
	json_dumpf(json, out, JSON_COMPACT | JSON_REAL_PRECISION(10));
	fputc('\n', out);
	json_decref(json);
	return 0;
}

/* ---- Facts ---- */

/* The only row with a count; NULL: there are several, or none. */
static const struct report_row *only_row(const struct report *r)
{
	const struct report_row *only = NULL;

	for (size_t i = 0; i < r->nr_rows; i++) {
		if (!r->rows[i].count)
			continue;
		if (only)
			return NULL;
		only = &r->rows[i];
	}
	return only;
}

int report__tell(const struct report *r)
{
	const uint64_t nr_accesses = r->nr_kernel + r->nr_user;
	const struct report_row *row = only_row(r);
	char name[64];
	int err;

	if (r->nr_hvc && !nr_accesses)
		return facts__tell("baseline_ns", r->result->guest_ns_per_op);
	err = facts__tell("work", nr_accesses);
	if (err || r->nr_hvc || !row || r->result->nr_doorbells)
		return err;
	snprintf(name, sizeof(name), "access_ns.%s%s.%s", range__name(row->access.range),
		 access__in_kernel(&row->access) ? "" : ".user", op_name(&row->access));
	return facts__tell(name, r->result->guest_ns_per_op);
}
