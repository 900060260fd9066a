/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What was done, as text or as one JSON object. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>
#include "bench.h"

/* One row for each access that is different from the others, in access__compare()'s order. */
struct report_row {
	struct access access;
	uint64_t count;
};

struct report {
	const struct bench_config *config;
	const struct bench_result *result;
	struct report_row *rows;
	size_t nr_rows;
	uint64_t nr_kernel, nr_user, nr_hvc; /* their sums */
};

/* 0 or -ENOMEM. */
int report__create(struct report *report, const struct bench_config *config,
		   const struct access_list *list, const struct bench_result *result);
void report__free(struct report *report);

void report__print(const struct report *report, FILE *out);
/* Keys: see the head of report.c. 0 or -ENOMEM. */
int report__print_json(const struct report *report, FILE *out);

/*
 * Tells who records the run (facts.h): work, the accesses made; where all that was made is of one
 * sort, its mean cost by the guest's clock: baseline_ns for hvc, access_ns.RANGE.OP, or
 * access_ns.RANGE.user.OP where the kernel does not take it. (The guest times whole passes, not
 * single accesses.) 0 or -errno.
 */
int report__tell(const struct report *report);

/* Whether KVM counted the same, or does not count. */
bool report__is_exact(const struct report *report);

#endif
