// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include "ftrace_range.h"
#include "regs.h"

/* All frames of a GICv3 are 64K pages; the devices of a GICv2 are 4K (distributor) and 8K. */
#define PAGE_SHIFT 16
#define NR_PAGES 16384
#define NR_SLOTS (2 * NR_PAGES)
#define UNKNOWN_SHIFT 12

struct page {
	uint64_t no;
	uint8_t in; /* mask of FTRACE_IN_*: what may lie there; 0: slot is free */
};

struct ftrace_pages {
	uint32_t nr;
	struct page slots[NR_SLOTS];
};

static const struct frame {
	uint8_t in, kind;
	uint32_t off; /* of the frame in its device */
} frames[] = {
	{ FTRACE_IN_DIST, VGIC_DIST_V3, 0 },
	{ FTRACE_IN_RD, VGIC_REDIST, 0 },
	{ FTRACE_IN_SGI, VGIC_REDIST, 0x10000 },
	{ FTRACE_IN_ITS, VGIC_ITS, 0 },
};
#define NR_FRAMES (sizeof(frames) / sizeof(frames[0]))

struct ftrace_pages *ftrace_pages__new(void)
{
	return calloc(1, sizeof(struct ftrace_pages));
}

void ftrace_pages__free(struct ftrace_pages *pages)
{
	free(pages);
}

static uint32_t slot_of(const struct ftrace_pages *pages, uint64_t no)
{
	uint32_t i = (no * 0x9e3779b97f4a7c15ULL >> 32) % NR_SLOTS;

	while (pages->slots[i].in && pages->slots[i].no != no)
		i = (i + 1) % NR_SLOTS;
	return i;
}

/* Whether @reg is one of those that @set, a range's name, says: "GICx_ISPENDR/ICPENDR". */
static bool is_among(const char *set, const char *reg)
{
	const char *p = strchr(set, '_');
	const char *name = strchr(reg, '_');
	size_t n;

	if (!p || !name)
		return false;
	name++;
	while (p) {
		p++;
		n = strcspn(p, "/");
		if (n == strlen(name) && !strncmp(p, name, n))
			return true;
		p = strchr(p, '/');
	}
	return false;
}

/* A handler of constant values serves registers of any name. */
static bool is_any(unsigned int range)
{
	return range == VGIC_WIDE_FIXED || range == VGIC_WIDE_ITS_FIXED;
}

/* In which frames there is a register of this handler at this address. */
static uint8_t where(const struct ftrace_name *handler, uint64_t gpa)
{
	uint32_t off = gpa & ((1u << PAGE_SHIFT) - 1);
	uint8_t in = 0;

	for (size_t i = 0; i < NR_FRAMES; i++) {
		const struct frame *f = &frames[i];
		unsigned int range = regs__classify(f->kind, f->off + off);

		if ((handler->in & f->in) &&
		    (is_any(handler->v3) || is_among(range__name(handler->v3), range__name(range))))
			in |= f->in;
	}
	return in;
}

void ftrace_pages__learn(struct ftrace_pages *pages, const struct ftrace_access *access)
{
	const struct ftrace_name *handler = access->handler;
	struct page *page;
	uint8_t in;

	if (!access->has_gpa || !handler || !handler->in)
		return;
	in = where(handler, access->gpa);
	page = &pages->slots[slot_of(pages, access->gpa >> PAGE_SHIFT)];
	if (!page->in && in && pages->nr < NR_PAGES) {
		page->no = access->gpa >> PAGE_SHIFT;
		page->in = in;
		pages->nr++;
	} else if (page->in & in) {
		page->in &= in;
	}
}

static void by_address(const struct ftrace_access *access, struct sample_key *key)
{
	bool exact = access->kind == VGIC_IOEVENTFD || access->kind == VGIC_COALESCED;

	key->kind = access->in_kernel ? access->kind : VGIC_USER;
	key->range = VGIC_RANGE_IOEVENTFD + (key->kind - VGIC_IOEVENTFD);
	if (!access->has_gpa)
		key->base = SAMPLE_NO_ADDRESS;
	else if (access->in_kernel && exact)
		key->base = access->gpa;
	else
		key->base = access->gpa >> UNKNOWN_SHIFT << UNKNOWN_SHIFT;
}

static void set_register(struct sample_key *key, unsigned int kind, uint64_t base, uint32_t off)
{
	key->kind = kind;
	key->range = regs__classify(kind, off);
	key->base = base;
}

/* As wide as the handler. */
static void by_handler(const struct ftrace_name *handler, unsigned int model,
		       struct sample_key *key)
{
	unsigned int range = VGIC_NR_RANGES;

	if (handler)
		range = model == 2 || handler->v3 == VGIC_NR_RANGES ? handler->v2 : handler->v3;
	if (range == VGIC_NR_RANGES)
		range = VGIC_WIDE_OTHER;
	key->range = range;
	key->kind = range__kind(range);
	key->base = SAMPLE_NO_ADDRESS;
}

static bool is_cpuif(const struct ftrace_name *handler)
{
	return handler && handler->v2 != VGIC_NR_RANGES && range__kind(handler->v2) == VGIC_CPUIF;
}

static void in_v2(const struct ftrace_access *access, struct sample_key *key)
{
	uint32_t size = kind__size(is_cpuif(access->handler) ? VGIC_CPUIF : VGIC_DIST_V2);
	uint32_t off = access->gpa & (size - 1);

	set_register(key, is_cpuif(access->handler) ? VGIC_CPUIF : VGIC_DIST_V2, access->gpa - off,
		     off);
}

static bool in_v3(const struct ftrace_pages *pages, const struct ftrace_access *access,
		  struct sample_key *key)
{
	const struct page *page = &pages->slots[slot_of(pages, access->gpa >> PAGE_SHIFT)];
	uint32_t off = access->gpa & ((1u << PAGE_SHIFT) - 1);

	for (size_t i = 0; i < NR_FRAMES; i++)
		if (page->in == frames[i].in && access->gpa - off >= frames[i].off) {
			set_register(key, frames[i].kind, access->gpa - off - frames[i].off,
				     frames[i].off + off);
			return true;
		}
	return false;
}

void ftrace_pages__classify(const struct ftrace_pages *pages, const struct ftrace_access *access,
			    unsigned int model, struct sample_key *key)
{
	if (access->handler && access->handler->model)
		model = access->handler->model;
	if (!access->in_kernel || kind__by_address(access->kind))
		by_address(access, key);
	else if (access->has_gpa && model == 2)
		in_v2(access, key);
	else if (!access->has_gpa || !in_v3(pages, access, key))
		by_handler(access->handler, model, key);
}
