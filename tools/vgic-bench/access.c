// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "access.h"
#include "args.h"
#include "layout.h"

/* Where a list is read into, and what about it can be wrong. */
struct parser {
	struct access_list *list;
	const struct access_host *host;
	size_t room;
	char *why;
};

#define NAME_SZ 64

__attribute__((format(printf, 3, 4))) static int explain(struct parser *p, int err, const char *fmt,
							 ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why, ACCESS_WHY_SZ, fmt, args);
	va_end(args);
	return err;
}

static int add(struct parser *p, const struct access *access)
{
	struct access_list *list = p->list;

	if (list->nr == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		struct access *items = realloc(list->items, room * sizeof(*items));

		if (!items)
			return explain(p, -ENOMEM, "out of memory");
		list->items = items;
		p->room = room;
	}
	list->items[list->nr++] = *access;
	list->uses[access->kind] = true;
	return 0;
}

static const struct {
	const char *prefix;
	unsigned int gic;
	enum vgic_kind kind;
	uint32_t base;
} devices[] = {
	{ "GICD", 2, VGIC_DIST_V2, GUEST_GICD }, { "GICC", 2, VGIC_CPUIF, GUEST_GICC },
	{ "GICD", 3, VGIC_DIST_V3, GUEST_GICD }, { "GICR", 3, VGIC_REDIST, GUEST_GICR },
	{ "GITS", 3, VGIC_ITS, GUEST_GITS },
};
#define NR_DEVICES (sizeof(devices) / sizeof(devices[0]))
#define PREFIX_LEN 4

/* The row of @name's device in a VM with GICv@gic; -1: it has none of that name. */
static int find_device(unsigned int gic, const char *name)
{
	for (size_t i = 0; i < NR_DEVICES; i++)
		if (devices[i].gic == gic && !strncmp(name, devices[i].prefix, PREFIX_LEN))
			return i;
	return -1;
}

/* Sets what follows from kind, offset and target. */
static void access__place(struct access *a, uint32_t base)
{
	const struct vgic_reg *reg;

	a->range = regs__classify(a->kind, a->offset);
	reg = regs__get(a->range);
	a->index = reg ? (a->offset - reg->off) / reg->stride : 0;
	a->addr = a->offset;
	if (a->kind != VGIC_REDIST)
		a->addr += base;
	else if (a->target != ACCESS_OWN)
		a->addr += base + a->target * GUEST_GICR_SZ;
}

/*
 * KVM maps the first 4K of the GICv2 CPU interface to the hardware's: no exit, nothing to count.
 * Linux 6.19 put the second 4K (GICC_DIR) on the bus.
 */
static int check_cpuif(struct parser *p, const struct access *a, const char *name)
{
	if (a->offset < 0x1000)
		return explain(p, -EINVAL, "%s: the guest reaches it in hardware, without KVM",
			       name);
	if (!p->host->has_gicc_dir)
		return explain(p, -ENODEV, "%s: KVM emulates it from Linux 6.19 on, not here",
			       name);
	return 0;
}

/* "@3": somebody else's redistributor. Cuts it off @name. */
static int parse_target(struct parser *p, char *name, struct access *a)
{
	char *at = strchr(name, '@');
	uint64_t target;

	a->target = ACCESS_OWN;
	if (!at)
		return 0;
	if (a->kind != VGIC_REDIST)
		return explain(p, -EINVAL, "%s: only redistributors (GICR_*) have a vCPU", name);
	if (args__u64(at + 1, 0, p->host->nr_vcpus - 1, &target))
		return explain(p, -EINVAL, "%s: no such vCPU (0..%u)", name, p->host->nr_vcpus - 1);
	*at = '\0';
	a->target = target;
	return 0;
}

/* "GICD_ISENABLER1" or "GICD+0x104". Stores the offset and the natural size. */
static int parse_place(struct parser *p, const char *name, struct access *a)
{
	const struct vgic_reg *reg;
	unsigned int index;
	uint64_t offset;

	a->size = 4;
	if (name[PREFIX_LEN] == '+') {
		if (args__u64(name + PREFIX_LEN + 1, 0, kind__size(a->kind) - 1, &offset))
			return explain(p, -EINVAL, "%s: the device has bytes 0..0x%x", name,
				       kind__size(a->kind) - 1);
		a->offset = offset;
		return 0;
	}
	reg = regs__find(a->kind, name, &index);
	if (!reg)
		return explain(p, -EINVAL, "%s: no such register in a GICv%u guest", name,
			       p->host->gic);
	a->offset = reg->off + index * reg->stride;
	a->size = reg->stride;
	return 0;
}

static int parse_device(struct parser *p, char *name, struct access *a)
{
	int device = find_device(p->host->gic, name), err;

	if (device < 0)
		return explain(p, -EINVAL, "%s: no such register or device in a GICv%u guest", name,
			       p->host->gic);
	a->kind = devices[device].kind;
	err = parse_target(p, name, a);
	if (!err)
		err = parse_place(p, name, a);
	if (err)
		return err;
	access__place(a, devices[device].base);
	return a->kind == VGIC_CPUIF ? check_cpuif(p, a, name) : 0;
}

/* What is not in the GIC. */
static const struct {
	const char *name;
	enum vgic_kind kind;
	enum vgic_range range;
	uint32_t addr;
	bool writes_only;
} places[] = {
	{ "ioeventfd", VGIC_IOEVENTFD, VGIC_RANGE_IOEVENTFD, GUEST_IOEVENTFD, true },
	{ "coalesced", VGIC_COALESCED, VGIC_RANGE_COALESCED, GUEST_COALESCED, true },
	{ "unmapped", VGIC_USER, VGIC_RANGE_USER, GUEST_UNMAPPED, false },
};
#define NR_PLACES (sizeof(places) / sizeof(places[0]))

static int parse_named(struct parser *p, char *name, struct access *a)
{
	for (size_t i = 0; i < NR_PLACES; i++) {
		if (strcmp(name, places[i].name))
			continue;
		if (places[i].writes_only && a->op == VGIC_READ)
			return explain(p, -EINVAL, "%s:r: there is nothing to read, use %s:w", name,
				       name);
		a->kind = places[i].kind;
		a->range = places[i].range;
		a->addr = places[i].addr;
		a->target = ACCESS_OWN;
		a->size = 4;
		if (a->kind == VGIC_IOEVENTFD && p->host->ioeventfd_len)
			a->size = p->host->ioeventfd_len;
		return 0;
	}
	return parse_device(p, name, a);
}

/* "r", "w8" */
static int parse_op(struct parser *p, const char *item, const char *op, struct access *a,
		    unsigned int *size)
{
	a->op = op[0] == 'w' ? VGIC_WRITE : VGIC_READ;
	*size = 0;
	if (op[0] && strchr("rw", op[0]) && !op[1])
		return 0;
	if (op[0] && strchr("rw", op[0]) && strchr("1248", op[1]) && !op[2]) {
		*size = op[1] - '0';
		return 0;
	}
	return explain(p, -EINVAL, "%s: wants :r or :w, perhaps with a size (:r1 :r2 :r4 :r8)",
		       item);
}

/*
 * KVM finds an ioeventfd of another length on the bus, but it does not take the access, and nobody
 * else does.
 */
static void access__resize(struct access *a, unsigned int size, unsigned int ioeventfd_len)
{
	if (size)
		a->size = size;
	if (a->kind == VGIC_IOEVENTFD && ioeventfd_len && a->size != ioeventfd_len) {
		a->kind = VGIC_USER;
		a->range = VGIC_RANGE_USER;
	}
}

static int parse_access(struct parser *p, const char *item)
{
	char name[NAME_SZ];
	const char *colon = strrchr(item, ':');
	struct access a = { 0 };
	unsigned int size;
	int err;

	if (!colon)
		return explain(p, -EINVAL, "%s: wants a direction, such as %s:r", item, item);
	err = parse_op(p, item, colon + 1, &a, &size);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%.*s", (int)(colon - item), item);
	err = parse_named(p, name, &a);
	if (err)
		return err;
	if (a.kind == VGIC_IOEVENTFD)
		p->list->uses[VGIC_IOEVENTFD] = true;
	access__resize(&a, size, p->host->ioeventfd_len);
	if (a.addr % a.size)
		return explain(p, -EINVAL, "%s: not aligned to its size", item);
	return add(p, &a);
}

static int add_register(struct parser *p, const struct vgic_reg *reg, uint32_t base)
{
	for (unsigned int i = 0; i < reg__nr(reg); i++) {
		struct access a = {
			.kind = reg->kind,
			.size = reg->stride,
			.offset = reg->off + i * reg->stride,
			.target = ACCESS_OWN,
		};
		int err;

		access__place(&a, base);
		for (a.op = VGIC_READ; a.op < VGIC_NR_OPS; a.op++) {
			err = add(p, &a);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Every register that KVM emulates for this GIC, both directions. */
static int add_all(struct parser *p)
{
	const struct vgic_reg *reg;

	for (unsigned int range = 0; (reg = regs__get(range)); range++) {
		int device = find_device(p->host->gic, reg->name), err;

		if (device < 0 || devices[device].kind != reg->kind)
			continue;
		if (reg->kind == VGIC_CPUIF && (reg->off < 0x1000 || !p->host->has_gicc_dir))
			continue;
		err = add_register(p, reg, devices[device].base);
		if (err)
			return err;
	}
	return 0;
}

static int parse_item(struct parser *p, const char *item)
{
	struct access hvc = { .kind = ACCESS_HVC, .target = ACCESS_OWN };

	if (!item[0])
		return explain(p, -EINVAL, "an empty item in the list");
	if (strlen(item) >= NAME_SZ)
		return explain(p, -EINVAL, "%.20s...: no such register", item);
	if (!strcmp(item, "all"))
		return add_all(p);
	if (!strcmp(item, "hvc"))
		return add(p, &hvc);
	return parse_access(p, item);
}

int access_list__parse(struct access_list *list, const char *text, const struct access_host *host,
		       char *why)
{
	struct parser p = { .list = list, .host = host, .why = why };
	char *copy = strdup(text), *rest = copy, *item;
	int err = copy ? 0 : explain(&p, -ENOMEM, "out of memory");

	memset(list, 0, sizeof(*list));
	while (!err && (item = strsep(&rest, ",")))
		err = parse_item(&p, item);
	free(copy);
	if (err)
		access_list__free(list);
	return err;
}

void access_list__free(struct access_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

bool access__in_kernel(const struct access *access)
{
	return access->kind != ACCESS_HVC && kind__in_kernel(access->kind);
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int access__compare(const struct access *a, const struct access *b)
{
	int order = compare(a->kind, b->kind);

	if (!order)
		order = compare(a->target + 1, b->target + 1);
	if (!order)
		order = compare(a->addr, b->addr);
	if (!order)
		order = compare(a->op, b->op);
	return order ? order : compare(a->size, b->size);
}
