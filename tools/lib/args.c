// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"

/* Reads the digits at *s and moves it behind them. */
static int parse_digits(const char **s, int base, uint64_t *out)
{
	char *end;

	if (base == 16 ? !isxdigit((unsigned char)**s) : !isdigit((unsigned char)**s))
		return -EINVAL;
	errno = 0;
	*out = strtoull(*s, &end, base);
	*s = end;
	return -errno;
}

int args__u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	uint64_t value;
	int err;

	s += hex ? 2 : 0;
	err = parse_digits(&s, hex ? 16 : 10, &value);
	if (err == -EINVAL || *s)
		return -EINVAL;
	if (err || value < min || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int args__count(const char *s, uint64_t *out)
{
	return args__u64(s, 1, UINT64_MAX, out);
}

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "", 1000000000 },
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
	{ "m", 60 * 1000000000ULL },
	{ "h", 3600 * 1000000000ULL },
};

static uint64_t unit__ns(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, name))
			return units[i].ns;
	return 0;
}

/* The fraction behind the point, in billionths of a billionth; further digits are dropped. */
static int parse_fraction(const char **s, uint64_t *out)
{
	uint64_t scale = 1000000000000000000;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	for (*out = 0; isdigit((unsigned char)**s); (*s)++) {
		scale /= 10;
		*out += scale * (**s - '0');
	}
	return 0;
}

int args__time_ns(const char *s, uint64_t *ns)
{
	uint64_t whole, fraction = 0, unit;
	unsigned __int128 total;
	int err, frac_err = 0;

	err = parse_digits(&s, 10, &whole);
	if (err == -EINVAL)
		return err;
	if (*s == '.') {
		s++;
		frac_err = parse_fraction(&s, &fraction);
	}
	unit = unit__ns(s);
	if (frac_err || !unit)
		return -EINVAL;
	total = (unsigned __int128)whole * unit +
		(unsigned __int128)fraction * unit / 1000000000000000000;
	if (err || total > INT64_MAX)
		return -ERANGE;
	*ns = total;
	return 0;
}

int args__percent(const char *s, double *ratio)
{
	uint64_t whole, fraction = 0;
	double percent;
	int err;

	err = parse_digits(&s, 10, &whole);
	if (!err && *s == '.') {
		s++;
		err = parse_fraction(&s, &fraction);
	}
	if (err == -EINVAL || strcmp(s, *s == '%' ? "%" : ""))
		return -EINVAL;
	percent = whole + fraction / 1e18;
	if (err || percent <= 0 || percent > 1000000)
		return -ERANGE;
	*ratio = percent / 100;
	return 0;
}

struct args_range {
	uint32_t first, last;
};

struct args_list {
	unsigned int nr;
	struct args_range ranges[];
};

/* Reads "N" or "N-M" and moves *s to what follows. */
static int parse_range(const char **s, uint32_t max, struct args_range *out)
{
	uint64_t first, last;
	int err, last_err = 0;

	err = parse_digits(s, 10, &first);
	if (err == -EINVAL)
		return err;
	last = first;
	if (**s == '-') {
		(*s)++;
		last_err = parse_digits(s, 10, &last);
	}
	if (last_err == -EINVAL || (**s && **s != ','))
		return -EINVAL;
	if (err || last_err || first > max || last > max)
		return -ERANGE;
	if (first > last)
		return -EINVAL;
	*out = (struct args_range){ first, last };
	return 0;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct args_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Sorts, then joins what touches or overlaps. */
static void args_list__join(struct args_list *list)
{
	struct args_range *r = list->ranges;
	unsigned int nr = 0;

	qsort(r, list->nr, sizeof(*r), compare_ranges);
	for (unsigned int i = 0; i < list->nr; i++) {
		if (nr && r[i].first <= (uint64_t)r[nr - 1].last + 1)
			r[nr - 1].last = r[i].last > r[nr - 1].last ? r[i].last : r[nr - 1].last;
		else
			r[nr++] = r[i];
	}
	list->nr = nr;
}

int args__list(const char *s, uint32_t max, struct args_list **out)
{
	struct args_list *list;
	size_t nr = 1;
	int err;

	for (const char *c = s; *c; c++)
		nr += *c == ',';
	list = calloc(1, sizeof(*list) + nr * sizeof(list->ranges[0]));
	if (!list)
		return -ENOMEM;
	do {
		err = parse_range(&s, max, &list->ranges[list->nr++]);
		if (err) {
			args_list__free(list);
			return err;
		}
	} while (*s++);
	args_list__join(list);
	*out = list;
	return 0;
}

void args_list__free(struct args_list *list)
{
	free(list);
}

bool args_list__has(const struct args_list *list, uint32_t number)
{
	for (unsigned int i = 0; i < list->nr; i++)
		if (number >= list->ranges[i].first && number <= list->ranges[i].last)
			return true;
	return false;
}

uint64_t args_list__count(const struct args_list *list)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < list->nr; i++)
		count += (uint64_t)list->ranges[i].last - list->ranges[i].first + 1;
	return count;
}

int args_list__range(const struct args_list *list, unsigned int i, uint32_t *first, uint32_t *last)
{
	if (i >= list->nr)
		return -ENOENT;
	*first = list->ranges[i].first;
	*last = list->ranges[i].last;
	return 0;
}
