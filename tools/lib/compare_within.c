// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "compare_within.h"
#include "stats.h"

/* The log figures of all slices that have one; their number, or -ENOMEM. */
static ssize_t slices(const struct run_sums *sums, const struct figure *f, double *x)
{
	size_t n = 0;

	for (size_t i = 0; i < sums->nr_runs; i++) {
		double value;

		if (run_sums__figure(sums, i, i + 1, f, &value))
			return -ENOMEM;
		if (!isnan(value))
			x[n++] = log(value);
	}
	return n;
}

/* Slices a batch, long enough for both sides; 0: one of the runs is too short. 0 or -ENOMEM. */
static int batch_length(const struct run_sums *base, const struct run_sums *new,
			const struct figure *f, size_t *length)
{
	size_t most = base->nr_runs > new->nr_runs ? base->nr_runs : new->nr_runs;
	double *x = calloc(most + 1, sizeof(*x));
	size_t of[2] = { 0, 0 };
	ssize_t n = x ? 0 : -ENOMEM;

	for (int side = 0; side < 2 && n >= 0; side++) {
		n = slices(side ? new : base, f, x);
		of[side] = n > 0 ? stats__batch_length(x, n) : 0;
	}
	free(x);
	*length = of[0] && of[1] ? (of[0] > of[1] ? of[0] : of[1]) : 0;
	return n < 0 ? n : 0;
}

/* The slices that have an event of the figure's range; a slice may have none. NULL: no memory. */
static size_t *present(const struct run_sums *sums, const struct figure *f, size_t *nr)
{
	size_t *which = calloc(sums->nr_runs + 1, sizeof(*which));

	*nr = 0;
	for (size_t i = 0; which && i < sums->nr_runs; i++)
		if (run_sums__has(sums, i, f))
			which[(*nr)++] = i;
	return which;
}

/* None where one has no figure: to leave out the least would make it look like more. */
static int batches(const struct run_sums *sums, size_t length, const struct figure *f,
		   double **figures, size_t *nr)
{
	size_t nr_slices, nr_batches, *which = present(sums, f, &nr_slices);
	double value = 0;
	int err = 0;

	*nr = 0;
	nr_batches = which ? nr_slices / length : 0;
	*figures = calloc(nr_batches + 1, sizeof(**figures));
	if (!*figures || !which)
		err = -ENOMEM;
	for (; *nr < nr_batches && !err && !isnan(value); ++*nr) {
		/* In equal parts, so that the slices left over are spread. */
		size_t from = *nr * nr_slices / nr_batches;
		size_t to = (*nr + 1) * nr_slices / nr_batches;

		from += (to - from) / STATS_BATCH_GAP;
		err = run_sums__figure(sums, which[from], which[to - 1] + 1, f, &value);
		(*figures)[*nr] = value;
	}
	if (isnan(value))
		*nr = 0;
	free(which);
	return err;
}

int within__fill(struct trial *t, const struct run_sums *base, const struct run_sums *new,
		 const struct figure *f)
{
	size_t length;
	int err = batch_length(base, new, f, &length);

	if (!err && length)
		err = batches(base, length, f, &t->base, &t->nr_base);
	if (!err && length)
		err = batches(new, length, f, &t->new, &t->nr_new);
	t->share_error = run_sums__share_doubt(base, new, f);
	return err;
}
