// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "top_columns.h"
#include "top_order.h"

/* What a row is sorted by, taken once. */
struct item {
	size_t row;
	double value; /* NAN comes last, whichever way */
	char *text;   /* NULL: it is a number */
};

struct sorting {
	const struct top_model *m;
	bool is_descending;
};

static int compare_keys(const struct top_model *m, const struct sample_key *x,
			const struct sample_key *y)
{
	const struct sample_vm *a = &m->vms[x->vm].vm, *b = &m->vms[y->vm].vm;

#define BY(l, r) \
	if ((l) != (r)) \
	return (l) < (r) ? -1 : 1
	BY(a->pid, b->pid);
	BY(x->vm, y->vm);
	BY(x->vcpu, y->vcpu);
	BY(x->kind, y->kind);
	BY(x->range, y->range);
	BY(x->op, y->op);
	BY(x->base, y->base);
	BY(x->target, y->target);
#undef BY
	return 0;
}

static int compare_values(const struct item *a, const struct item *b, bool is_descending)
{
	int order;

	if (a->text)
		order = strcmp(a->text, b->text);
	else if (isnan(a->value) || isnan(b->value))
		return isnan(a->value) - isnan(b->value);
	else
		order = (a->value > b->value) - (a->value < b->value);
	return is_descending ? -order : order;
}

static int compare(const void *x, const void *y, void *ctx)
{
	const struct item *a = x, *b = y;
	const struct sorting *s = ctx;
	const struct top_row *rows = s->m->tables[s->m->shown].rows;
	int order = compare_values(a, b, s->is_descending);

	return order ? order : compare_keys(s->m, &rows[a->row].key, &rows[b->row].key);
}

/* Part of a name is a filter as well as a glob is. */
static void to_glob(const char *filter, char *glob, size_t size)
{
	const bool is_glob = strpbrk(filter, "*?[");

	snprintf(glob, size, is_glob ? "%s" : "*%s*", filter);
}

static bool is_wanted(const struct top_model *m, const struct top_row *row, const char *glob)
{
	char text[TOP_CELL_SZ];

	for (size_t i = 0; top_column__get(i); i++) {
		const struct top_column *c = top_column__get(i);

		if (c->unit != TOP_TEXT || !top_column__is_in(c, m->shown))
			continue;
		top_column__cell(c, m, row, text);
		if (!fnmatch(glob, text, FNM_CASEFOLD))
			return true;
	}
	return false;
}

static int item__fill(struct item *item, const struct top_model *m, size_t n)
{
	const struct top_column *c = m->sort[m->shown];
	const struct top_row *row = &m->tables[m->shown].rows[n];
	char text[TOP_CELL_SZ];

	*item = (struct item){ .row = n };
	if (c->unit != TOP_TEXT) {
		item->value = top_column__value(c, m, row);
		return 0;
	}
	top_column__cell(c, m, row, text);
	item->text = strdup(text);
	return item->text ? 0 : -ENOMEM;
}

static void find_selected(struct top_model *m)
{
	if (!m->is_selected)
		m->position = 0;
	for (size_t i = 0; i < m->nr_order && m->is_selected; i++)
		if (sample_key__equal(&top_model__row(m, i)->key, &m->selected)) {
			m->position = i;
			return;
		}
	/* It is gone, or filtered out: what stands in its place. */
	if (m->position >= m->nr_order)
		m->position = m->nr_order ? m->nr_order - 1 : 0;
}

static int fill(struct top_model *m, struct item *items)
{
	const struct top_table *t = &m->tables[m->shown];
	char glob[TOP_FILTER_SZ + 2];
	int err = 0;

	to_glob(m->filter, glob, sizeof(glob));
	m->nr_order = 0;
	for (size_t i = 0; i < t->nr && !err; i++)
		if (!m->filter[0] || is_wanted(m, &t->rows[i], glob))
			err = item__fill(&items[m->nr_order++], m, i);
	return err;
}

int top_order__make(struct top_model *m)
{
	const size_t max = m->tables[m->shown].nr + 1;
	size_t *order = reallocarray(m->order, max, sizeof(*order));
	struct item *items = calloc(max, sizeof(*items));
	struct sorting sorting = {
		.m = m,
		/* Who does most comes first, and names from a to z. */
		.is_descending = (m->sort[m->shown]->unit == TOP_TEXT) == m->reverse[m->shown],
	};
	int err = order && items ? 0 : -ENOMEM;

	m->order = order ? order : m->order;
	m->nr_order = 0;
	if (!err)
		err = fill(m, items);
	if (!err)
		qsort_r(items, m->nr_order, sizeof(*items), compare, &sorting);
	for (size_t i = 0; i < m->nr_order; i++) {
		m->order[i] = items[i].row;
		free(items[i].text);
	}
	free(items);
	if (!err)
		find_selected(m);
	return err;
}
