// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "regs.h"

static const struct vgic_reg regs[] = {
#define X(kind_, prefix_, reg_, off_, len_, stride_) \
	{ #prefix_ "_" #reg_, off_, len_, stride_, VGIC_##kind_ },
	VGIC_REGS(X)
#undef X
};
#define NR_REGS (sizeof(regs) / sizeof(regs[0]))

static const struct {
	const char *name, *reserved;
	__u32 size;
} gic_kinds[] = {
#define X(kind, prefix, name, size) { name, #prefix "_RESERVED", size },
	VGIC_KINDS(X)
#undef X
};

static const char *const other_kinds[] = { "ioeventfd", "coalesced", "unknown", "user", "gic" };

static const struct {
	const char *name;
	enum vgic_kind kind;
} wides[] = {
#define X(id, kind, name) { name, VGIC_##kind },
	VGIC_WIDES(X)
#undef X
};
#define FIRST_WIDE (VGIC_RANGE_USER + 1)

const struct vgic_reg *regs__get(unsigned int range)
{
	return range < NR_REGS ? &regs[range] : NULL;
}

unsigned int reg__nr(const struct vgic_reg *reg)
{
	return reg->len / reg->stride;
}

const struct vgic_reg *regs__find(enum vgic_kind kind, const char *name, unsigned int *index)
{
	for (size_t i = 0; i < NR_REGS; i++) {
		size_t n = strlen(regs[i].name);
		unsigned long v = 0;
		char *end;

		if (regs[i].kind != kind || strncmp(name, regs[i].name, n))
			continue;
		if (name[n]) {
			if (name[n] < '0' || name[n] > '9')
				continue;
			errno = 0;
			v = strtoul(name + n, &end, 10);
			if (*end || errno || v >= reg__nr(&regs[i]))
				continue;
		}
		*index = v;
		return &regs[i];
	}
	return NULL;
}

unsigned int regs__classify(enum vgic_kind kind, __u32 off)
{
	for (size_t i = 0; i < NR_REGS; i++)
		if (regs[i].kind == kind && off - regs[i].off < regs[i].len)
			return i;
	return NR_REGS + kind;
}

const char *range__name(unsigned int range)
{
	if (range < NR_REGS)
		return regs[range].name;
	if (range < VGIC_RANGE_IOEVENTFD)
		return gic_kinds[range - NR_REGS].reserved;
	if (range < FIRST_WIDE)
		return other_kinds[range - VGIC_RANGE_IOEVENTFD];
	if (range < VGIC_NR_RANGES)
		return wides[range - FIRST_WIDE].name;
	return "?";
}

enum vgic_kind range__kind(unsigned int range)
{
	if (range < NR_REGS)
		return regs[range].kind;
	if (range < FIRST_WIDE)
		return range - NR_REGS;
	return range < VGIC_NR_RANGES ? wides[range - FIRST_WIDE].kind : VGIC_NO_KIND;
}

const char *kind__name(enum vgic_kind kind)
{
	if (kind < VGIC_NR_GIC_KINDS)
		return gic_kinds[kind].name;
	return kind < VGIC_NR_KINDS ? other_kinds[kind - VGIC_NR_GIC_KINDS] : "?";
}

__u32 kind__size(enum vgic_kind kind)
{
	return kind < VGIC_NR_GIC_KINDS ? gic_kinds[kind].size : 0;
}

bool kind__by_address(enum vgic_kind kind)
{
	return kind >= VGIC_NR_GIC_KINDS && kind != VGIC_GIC;
}

bool kind__in_kernel(enum vgic_kind kind)
{
	return kind != VGIC_USER;
}

void regs__fill_map(struct vgic_range_map *map)
{
	memset(map, VGIC_RANGE_UNKNOWN, sizeof(*map));
	for (unsigned int kind = 0; kind < VGIC_NR_GIC_KINDS; kind++)
		memset(&map->range[kind << VGIC_WORDS_SHIFT], NR_REGS + kind, VGIC_NR_WORDS);
	for (size_t i = 0; i < NR_REGS; i++)
		memset(&map->range[(regs[i].kind << VGIC_WORDS_SHIFT) + regs[i].off / 4], i,
		       regs[i].len / 4);
}
