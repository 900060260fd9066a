// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "values.h"

#define MAX_VALUES 4096

int values__add(struct values *values, uint64_t ns)
{
	if (values->nr == MAX_VALUES)
		return 0;
	/* Grows at 0, 16, 32, 64, ... */
	if (!values->nr || (values->nr >= 16 && !(values->nr & (values->nr - 1)))) {
		uint32_t nr = values->nr ? values->nr * 2 : 16;
		uint32_t *v = reallocarray(values->v, nr, sizeof(*v));

		if (!v)
			return -ENOMEM;
		values->v = v;
	}
	values->v[values->nr++] = ns < UINT32_MAX ? ns : UINT32_MAX;
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double values__mean(const struct values *values, double times)
{
	double sum = 0;
	uint32_t n = 0, median;

	if (values->nr < VALUES_MIN)
		return NAN;
	qsort(values->v, values->nr, sizeof(*values->v), compare);
	median = values->v[values->nr / 2];
	for (; n < values->nr && values->v[n] <= times * median; n++)
		sum += values->v[n];
	return sum / n;
}

void values__free(struct values *values)
{
	free(values->v);
	values->v = NULL;
	values->nr = 0;
}
