// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "top_table.h"

static uint32_t *slot_of(const struct top_table *t, const struct sample_key *key)
{
	size_t mask = t->index_sz - 1, i = sample_key__hash(key) & mask;

	while (t->index[i] && !sample_key__equal(&t->rows[t->index[i] - 1].key, key))
		i = (i + 1) & mask;
	return &t->index[i];
}

static int reindex(struct top_table *t, size_t size)
{
	uint32_t *index = calloc(size, sizeof(*index));

	if (!index)
		return -ENOMEM;
	free(t->index);
	t->index = index;
	t->index_sz = size;
	for (size_t i = 0; i < t->nr; i++)
		*slot_of(t, &t->rows[i].key) = i + 1;
	return 0;
}

struct top_row *top_table__find(const struct top_table *t, const struct sample_key *key)
{
	uint32_t n = t->index_sz ? *slot_of(t, key) : 0;

	return n ? &t->rows[n - 1] : NULL;
}

static int grow(struct top_table *t)
{
	size_t max = t->max ? t->max * 2 : 16;
	struct top_row *rows = reallocarray(t->rows, max, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	t->rows = rows;
	t->max = max;
	return 0;
}

struct top_row *top_table__row(struct top_table *t, const struct sample_key *key)
{
	struct top_row *row = top_table__find(t, key);

	if (row)
		return row;
	if (t->nr * 2 >= t->index_sz && reindex(t, t->index_sz ? t->index_sz * 2 : 64))
		return NULL;
	if (t->nr == t->max && grow(t))
		return NULL;
	row = &t->rows[t->nr++];
	memset(row, 0, sizeof(*row));
	row->key = *key;
	*slot_of(t, key) = t->nr;
	return row;
}

void top_row__clear_latencies(struct top_row *row)
{
	for (int i = 0; i < VGIC_NR_STAGES; i++)
		lat__free(&row->lat[i]);
	memset(row->lat, 0, sizeof(row->lat));
}

void top_table__begin(struct top_table *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct top_row *row = &t->rows[i];

		row->count = row->user = row->untimed = 0;
		row->busy_ns = 0;
		top_row__clear_latencies(row);
	}
}

void top_table__end(struct top_table *t, double seconds)
{
	t->head = (t->head + 1) % TOP_HISTORY;
	for (size_t i = 0; i < t->nr; i++) {
		struct top_row *row = &t->rows[i];

		row->total += row->count;
		row->history[t->head] = seconds > 0 ? row->count / seconds : 0;
	}
}

double top_table__history(const struct top_table *t, const struct top_row *row, unsigned int ago)
{
	return row->history[(t->head + TOP_HISTORY - ago) % TOP_HISTORY];
}

int top_table__sweep(struct top_table *t, bool (*is_gone)(const void *ctx, const struct top_row *),
		     const void *ctx)
{
	size_t nr = 0;

	for (size_t i = 0; i < t->nr; i++) {
		if (is_gone(ctx, &t->rows[i]))
			top_row__clear_latencies(&t->rows[i]);
		else
			t->rows[nr++] = t->rows[i];
	}
	if (nr == t->nr)
		return 0;
	t->nr = nr;
	return reindex(t, t->index_sz);
}

void top_table__free(struct top_table *t)
{
	for (size_t i = 0; i < t->nr; i++)
		top_row__clear_latencies(&t->rows[i]);
	free(t->rows);
	free(t->index);
	memset(t, 0, sizeof(*t));
}
