// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "symbols.h"

#define MAX_FUNCTION 0x100000

struct symbol {
	uint64_t addr;
	char *name;
};

struct symbols {
	struct symbol *all; /* sorted by address */
	size_t nr, room;
};

static int symbols__add(struct symbols *s, uint64_t addr, const char *name)
{
	if (s->nr == s->room) {
		size_t room = s->room ? 2 * s->room : 4096;
		struct symbol *all = reallocarray(s->all, room, sizeof(*all));

		if (!all)
			return -ENOMEM;
		s->all = all;
		s->room = room;
	}
	s->all[s->nr].addr = addr;
	s->all[s->nr].name = strdup(name);
	return s->all[s->nr++].name ? 0 : -ENOMEM;
}

/* Functions only, of the kernel and its modules. */
static int symbols__read(struct symbols *s, FILE *in)
{
	char line[512], name[256], type;
	uint64_t addr;
	int err = 0;

	while (!err && fgets(line, sizeof(line), in))
		if (sscanf(line, "%" SCNx64 " %c %255s", &addr, &type, name) == 3 && addr &&
		    strchr("tTwW", type) && name[0] != '$')
			err = symbols__add(s, addr, name);
	return err ? err : s->nr ? 0 : -EACCES;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

struct symbols *symbols__new(FILE *in)
{
	struct symbols *s = calloc(1, sizeof(*s));
	FILE *file = in ? in : fopen("/proc/kallsyms", "re");
	int err = !s ? -ENOMEM : !file ? -errno : symbols__read(s, file);

	if (file && !in)
		fclose(file);
	if (err) {
		symbols__free(s);
		errno = -err;
		return NULL;
	}
	qsort(s->all, s->nr, sizeof(*s->all), compare);
	return s;
}

void symbols__free(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nr; i++)
		free(s->all[i].name);
	free(s->all);
	free(s);
}

/* The last one at or below @addr, unless that is too far for a function. */
static const struct symbol *find(const struct symbols *s, uint64_t addr)
{
	size_t low = 0, high = s ? s->nr : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->all[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low && addr - s->all[low - 1].addr < MAX_FUNCTION ? &s->all[low - 1] : NULL;
}

void symbols__name(const struct symbols *s, uint64_t addr, char buf[SYMBOL_SZ])
{
	const struct symbol *symbol = find(s, addr);

	if (symbol)
		snprintf(buf, SYMBOL_SZ, "%.70s+0x%" PRIx64, symbol->name, addr - symbol->addr);
	else
		snprintf(buf, SYMBOL_SZ, "0x%" PRIx64, addr);
}

static bool is_tracer(const char *name)
{
	static const char *const parts[] = { "bpf_", "trampoline", "kprobe", "rethook", "trace" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

unsigned int symbols__skip(const struct symbols *s, const __u64 *stack, unsigned int nr)
{
	unsigned int first = 0;

	for (unsigned int i = 0; i < nr; i++) {
		const struct symbol *symbol = find(s, stack[i]);

		if (symbol && is_tracer(symbol->name))
			first = i + 1;
	}
	return first < nr ? first : 0;
}
