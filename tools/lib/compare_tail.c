// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "bootstrap.h"
#include "compare_tail.h"

#define SEED 1

static struct bootstrap_run *runs_of(const struct run_sums *sums, const struct figure *f)
{
	static const struct lat none;
	struct bootstrap_run *runs = calloc(sums->nr_runs + 1, sizeof(*runs));

	for (size_t i = 0; runs && i < sums->nr_runs; i++) {
		const struct sample_series *series = sample__find(sums->runs[i].sum, &f->key);
		const struct calibration_share *share =
			calibration__share(sums->runs[i].run->calibration, f->stage);

		runs[i].lat = series ? &series->lat[f->stage] : &none;
		runs[i].share_ns = share->is_known ? share->ns : 0;
	}
	return runs;
}

int making__tail(const struct making *m, const struct figure *f, struct trial *t,
		 struct compare_row *row)
{
	struct bootstrap_run *base = runs_of(&m->base, f), *new = runs_of(&m->new, f);
	struct bootstrap_opts opts = {
		.q = compare_metric__quantile(f->metric),
		.level = 1 - t->alpha,
		.paired = t->is_paired,
		.seed = SEED,
	};
	struct bootstrap_ratio tail = { .ratio = row->ratio, .high = INFINITY };
	int err = -ENOMEM;

	if (base && new)
		err = bootstrap__tail(&(struct bootstrap_side){ base, m->base.nr_runs },
				      &(struct bootstrap_side){ new, m->new.nr_runs }, &opts,
				      &tail);
	if (!err || err == -ENODATA) {
		row->ratio = tail.ratio;
		row->low = tail.low;
		row->high = tail.high;
		/* Wider than that of level 1 - 2 alpha: on the safe side. */
		t->tost_low = log(tail.low);
		t->tost_high = log(tail.high);
	}
	free(base);
	free(new);
	return err == -ENODATA ? 0 : err;
}
