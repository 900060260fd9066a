/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Command line values: the one place where text becomes a number. Every parser takes the whole
 * string or fails: 0, -EINVAL where it is not such a value, -ERANGE where it is out of bounds.
 * The result is stored on success only.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal, or hexadecimal after 0x; no sign, no blanks. */
int args__u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* A count: 1 or more. */
int args__count(const char *s, uint64_t *out);

/*
 * A time in ns, below 2^63: a decimal number, a fraction allowed, followed by ns, us, ms, s, m or h
 * ("1.5ms"); without a unit seconds. What is left below 1 ns is cut off.
 */
int args__time_ns(const char *s, uint64_t *ns);

/* A percentage above 0 and up to 1000000, a fraction allowed, % or not behind it; as a ratio. */
int args__percent(const char *s, double *ratio);

/* A set of numbers from a list such as "0,2-5". */
struct args_list;

/* Numbers up to @max; an empty item or a range upside down is -EINVAL. -ENOMEM. */
int args__list(const char *s, uint32_t max, struct args_list **out);
void args_list__free(struct args_list *list);
bool args_list__has(const struct args_list *list, uint32_t number);
/* How many different numbers there are. */
uint64_t args_list__count(const struct args_list *list);
/*
 * The set as ranges from low to high that neither touch nor overlap: 0 and range number @i, or
 * -ENOENT behind the last.
 */
int args_list__range(const struct args_list *list, unsigned int i, uint32_t *first, uint32_t *last);

#endif
