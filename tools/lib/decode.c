// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "decode.h"
#include "regs.h"
#include "vgic_fields.h"

enum how {
	FLAG,
	NUM,
	HEX,
	PLUS1,
	IN_PLACE,
	AFF,
	CACHE,
	OUTER,
	SHARE,
	TABLE,
	PAGE,
	LINES,
	NUM_LPIS,
	IMPLEMENTER,
	SGI_FILTER,
	CPUS,
};

static const struct field {
	const char *name;
	uint8_t range, high, low, how;
} fields[] = {
#define X(kind, reg, name, high, low, how) { #name, VGIC_RANGE_##kind##_##reg, high, low, how },
	VGIC_FIELDS(X)
#undef X
};
#define NR_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Text that grows in a buffer; what has no room is told by its end. */
struct text {
	char *buf;
	size_t nr;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	size_t room = DECODE_SZ - t->nr;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->nr, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n < room) {
		t->nr += n < 0 ? 0 : n;
		return;
	}
	strcpy(t->buf + DECODE_SZ - 4, "...");
	t->nr = DECODE_SZ - 1;
}

static const char *separator(const struct text *t)
{
	return t->nr ? " " : "";
}

/* A set of numbers from a bitmap: "34,37-39". */
static void put_set(struct text *t, uint64_t bits, unsigned int nr, unsigned int first)
{
	const char *comma = "";

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int last = i;

		if (!(bits >> i & 1))
			continue;
		while (last + 1 < nr && bits >> (last + 1) & 1)
			last++;
		if (last > i)
			put(t, "%s%u-%u", comma, first + i, first + last);
		else
			put(t, "%s%u", comma, first + i);
		comma = ",";
		i = last;
	}
}

static void put_named(struct text *t, const char *name, const char *const *names, size_t nr,
		      uint64_t v)
{
	if (v < nr && names[v])
		put(t, "%s%s=%s", separator(t), name, names[v]);
	else
		put(t, "%s%s=%" PRIu64, separator(t), name, v);
}
#define PUT_NAMED(t, name, v, ...) \
	do { \
		static const char *const names[] = { __VA_ARGS__ }; \
		put_named(t, name, names, sizeof(names) / sizeof(names[0]), v); \
	} while (0)

/* IHI 0069, 12.9, GICD_TYPER: 32 for each line, at most 1020. */
static unsigned int nr_intids(uint64_t lines)
{
	return lines < 31 ? 32 * (lines + 1) : 1020;
}

static void put_memory(struct text *t, const struct field *f, uint64_t v)
{
	switch (f->how) {
	case OUTER:
		if (!v) {
			put(t, "%s%s=inner", separator(t), f->name);
			return;
		}
		/* fall through */
	case CACHE:
		PUT_NAMED(t, f->name, v, "device", "nC", "RaWt", "RaWb", "WaWt", "WaWb", "RaWaWt",
			  "RaWaWb");
		return;
	case SHARE:
		PUT_NAMED(t, f->name, v, "non", "inner", "outer");
		return;
	case TABLE:
		PUT_NAMED(t, f->name, v, "none", "devices", "vPEs", NULL, "collections");
		return;
	default:
		PUT_NAMED(t, f->name, v, "4K", "16K", "64K");
	}
}

static void put_special(struct text *t, const struct field *f, uint64_t v)
{
	switch (f->how) {
	case AFF:
		put(t, "%s%s=%u.%u.%u.%u", separator(t), f->name, (unsigned int)(v >> 24 & 0xff),
		    (unsigned int)(v >> 16 & 0xff), (unsigned int)(v >> 8 & 0xff),
		    (unsigned int)(v & 0xff));
		return;
	case LINES:
		put(t, "%s%s=%u", separator(t), f->name, nr_intids(v));
		return;
	case NUM_LPIS: /* 0: as many as IDbits says */
		if (v)
			put(t, "%s%s=%" PRIu64, separator(t), f->name, (uint64_t)1 << (v + 1));
		return;
	case IMPLEMENTER: /* JEP106; 0x43b is Arm */
		put(t, "%s%s=%s", separator(t), f->name, v == 0x43b ? "Arm" : "");
		if (v != 0x43b)
			put(t, "0x%" PRIx64, v);
		return;
	case SGI_FILTER:
		PUT_NAMED(t, f->name, v, "list", "others", "self");
		return;
	case CPUS:
		if (v) {
			put(t, "%s%s=", separator(t), f->name);
			put_set(t, v, 8, 0);
		}
		return;
	default:
		put_memory(t, f, v);
	}
}

static void put_field(struct text *t, const struct field *f, uint64_t v, uint64_t in_place)
{
	switch (f->how) {
	case FLAG:
		if (v)
			put(t, "%s%s", separator(t), f->name);
		return;
	case NUM:
		put(t, "%s%s=%" PRIu64, separator(t), f->name, v);
		return;
	case HEX:
		put(t, "%s%s=0x%" PRIx64, separator(t), f->name, v);
		return;
	case PLUS1:
		put(t, "%s%s=%" PRIu64, separator(t), f->name, v + 1);
		return;
	case IN_PLACE:
		put(t, "%s%s=0x%" PRIx64, separator(t), f->name, in_place);
		return;
	default:
		put_special(t, f, v);
	}
}

static uint64_t ones(unsigned int nr)
{
	return nr < 64 ? ((uint64_t)1 << nr) - 1 : ~(uint64_t)0;
}

/* Fields that lie in what was accessed; of an address, also a part. Whether the register has any.
 */
static bool put_fields(struct text *t, unsigned int range, unsigned int shift, unsigned int bits,
		       uint64_t value)
{
	uint64_t seen = ones(bits) << shift;
	bool is_known = false;

	for (size_t i = 0; i < NR_FIELDS; i++) {
		const struct field *f = &fields[i];
		uint64_t mask = ones(f->high - f->low + 1) << f->low;

		if (f->range != range)
			continue;
		is_known = true;
		if ((mask & seen) == mask || (f->how == IN_PLACE && mask & seen))
			put_field(t, f, (value << shift & mask) >> f->low, value << shift & mask);
	}
	return is_known;
}

/* One line per value among the INTIDs (bytes): "INTID 36-38 0xa0, 39 0x80". */
static void put_bytes(struct text *t, const char *what, unsigned int first, unsigned int nr,
		      uint64_t value, bool are_cpus)
{
	put(t, "%s", what);
	for (unsigned int i = 0, last; i < nr; i = last + 1) {
		unsigned int v = value >> 8 * i & 0xff;

		for (last = i; last + 1 < nr && (value >> 8 * (last + 1) & 0xff) == v;)
			last++;
		put(t, last > i ? "%s%u-%u" : "%s%u", i ? ", " : " ", first + i, first + last);
		if (!are_cpus) {
			put(t, " 0x%02x", v);
		} else if (v) {
			put(t, " CPU ");
			put_set(t, v, 8, 0);
		} else {
			put(t, " no CPU");
		}
	}
}

/* Two bits an INTID, the upper one of which says edge. IHI 0069, 12.9, GICD_ICFGR. */
static void put_triggers(struct text *t, unsigned int first, unsigned int nr, uint64_t value)
{
	uint64_t edge = 0;

	for (unsigned int i = 0; i < nr; i++)
		edge |= (value >> (2 * i + 1) & 1) << i;
	if (edge) {
		put(t, "edge ");
		put_set(t, edge, nr, first);
	}
	if (edge != ones(nr)) {
		put(t, "%slevel ", separator(t));
		put_set(t, ~edge, nr, first);
	}
}

/* IHI 0069, 12.9, GICD_IROUTER: where the SPI goes. The upper half has Aff3 only. */
static void put_route(struct text *t, unsigned int intid, unsigned int shift, unsigned int size,
		      uint64_t value)
{
	const unsigned int aff3 = (shift ? value : value >> 32) & 0xff;

	if (size < 4 || shift % 32)
		return;
	put(t, "INTID %u ", intid);
	if (shift)
		put(t, "Aff3=%u", aff3);
	else if (value >> 31 & 1)
		put(t, "to any CPU");
	else if (size == 8)
		put(t, "to %u.%u.%u.%u", aff3, (unsigned int)(value >> 16 & 0xff),
		    (unsigned int)(value >> 8 & 0xff), (unsigned int)(value & 0xff));
	else
		put(t, "to %u.%u.%u", (unsigned int)(value >> 16 & 0xff),
		    (unsigned int)(value >> 8 & 0xff), (unsigned int)(value & 0xff));
}

static void put_bitmap(struct text *t, const char *what, unsigned int first, unsigned int nr,
		       uint64_t value)
{
	if (!(value & ones(nr))) {
		put(t, "none");
		return;
	}
	put(t, "%s ", what);
	put_set(t, value, nr, first);
}

/* IHI 0069, 12.1.3: the identification registers, from 0xffd0 on. */
static const char *const id_names[] = { "PIDR4", "PIDR5", "PIDR6", "PIDR7", "PIDR0", "PIDR1",
					"PIDR2", "PIDR3", "CIDR0", "CIDR1", "CIDR2", "CIDR3" };

/* Which registers, of all devices, have so many bits an INTID. */
static bool put_by_intid(struct text *t, const char *reg, uint32_t at, unsigned int size,
			 uint64_t value)
{
	const unsigned int bits = 8 * size;

	if (!strcmp(reg, "IGROUPR"))
		put_bitmap(t, "group 1: INTID", 8 * at, bits, value);
	else if (!strcmp(reg, "ISENABLER") || !strcmp(reg, "ICENABLER") ||
		 !strcmp(reg, "ISPENDR") || !strcmp(reg, "ICPENDR") || !strcmp(reg, "ISACTIVER") ||
		 !strcmp(reg, "ICACTIVER") || !strcmp(reg, "IGRPMODR"))
		put_bitmap(t, "INTID", 8 * at, bits, value);
	else if (!strcmp(reg, "IPRIORITYR"))
		put_bytes(t, "INTID", at, size, value, false);
	else if (!strcmp(reg, "ITARGETSR"))
		put_bytes(t, "INTID", at, size, value, true);
	else if (!strcmp(reg, "CPENDSGIR") || !strcmp(reg, "SPENDSGIR"))
		put_bytes(t, "SGI", at, size, value, true);
	else if (!strcmp(reg, "ICFGR"))
		put_triggers(t, 4 * at, bits / 2, value);
	else if (!strcmp(reg, "IROUTER"))
		put_route(t, at / 8, 8 * (at % 8), size, value);
	else
		return false;
	return true;
}

void decode__value(enum vgic_range range, uint32_t at, unsigned int size, uint64_t value,
		   char buf[DECODE_SZ])
{
	const struct vgic_reg *reg = regs__get(range);
	struct text t = { .buf = buf };
	unsigned int shift;

	buf[0] = '\0';
	if (!reg || !size || size > 8 || at >= reg->len)
		return;
	value &= ones(8 * size);
	shift = 8 * (at % reg->stride);
	if (put_by_intid(&t, strchr(reg->name, '_') + 1, at, size, value))
		return;
	if (!strcmp(strchr(reg->name, '_') + 1, "IDREGS")) {
		if (at / 4 == 6 && at % 4 == 0) /* PIDR2, bits 7 to 4 */
			put(&t, "ArchRev=GICv%u", (unsigned int)(value >> 4 & 15));
		return;
	}
	if (put_fields(&t, range, shift, 8 * size, value) && !t.nr)
		put(&t, "none");
}

void decode__name(enum vgic_kind kind, uint32_t offset, unsigned int size, char buf[DECODE_NAME_SZ])
{
	unsigned int range = regs__classify(kind, offset);
	const struct vgic_reg *reg = regs__get(range);
	uint32_t at = reg ? offset - reg->off : 0;
	size_t n;

	if (!reg) {
		snprintf(buf, DECODE_NAME_SZ, "%.4s+0x%x", range__name(range), offset);
		return;
	}
	if (!strcmp(reg->name + 4, "_IDREGS"))
		n = snprintf(buf, DECODE_NAME_SZ, "%.4s_%s", reg->name, id_names[at / 4]);
	else if (reg__nr(reg) > 1)
		n = snprintf(buf, DECODE_NAME_SZ, "%s%u", reg->name, at / reg->stride);
	else
		n = snprintf(buf, DECODE_NAME_SZ, "%s", reg->name);
	if (at % reg->stride || size < reg->stride)
		snprintf(buf + n, DECODE_NAME_SZ - n, "+%u", at % reg->stride);
}
