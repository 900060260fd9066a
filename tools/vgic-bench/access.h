/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the guest is to do: "--access LIST" as a list of accesses, each fully known before the guest
 * runs. Every write stores 0: no register of the table takes harm from it, nor does the guest.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "regs.h"

/* The device kind of a hypercall (PSCI_VERSION): an exit that does not pass the MMIO bus. */
#define ACCESS_HVC ((enum vgic_kind)VGIC_NR_KINDS)

struct access {
	uint32_t addr;   /* guest address; own redistributor: bytes from its base */
	uint32_t offset; /* bytes from the device's base; 0 where the range is an address */
	int32_t target;  /* vCPU whose redistributor it is; ACCESS_OWN: the one accessing */
	uint16_t index;  /* register number in its range */
	uint8_t range;   /* enum vgic_range */
	uint8_t kind;    /* enum vgic_kind, or ACCESS_HVC */
	uint8_t op;      /* enum vgic_op */
	uint8_t size;    /* bytes */
};
#define ACCESS_OWN (-1)

/* What LIST is read for. */
struct access_host {
	unsigned int gic;           /* 2 or 3 */
	unsigned int nr_vcpus;      /* per VM: the redistributors that there are */
	unsigned int ioeventfd_len; /* bytes; 0 = any */
	bool has_gicc_dir;          /* KVM emulates GICC_DIR (Linux 6.19) */
};

struct access_list {
	struct access *items;
	size_t nr;
	bool uses[VGIC_NR_KINDS + 1]; /* by device kind */
};

#define ACCESS_WHY_SZ 160

/*
 * Reads "NAME:OP[SIZE],...". 0; -EINVAL: no such list; -ENODEV: this host does not do it; -ENOMEM.
 * On failure @why says what is wrong (ACCESS_WHY_SZ bytes) and @list is empty.
 */
int access_list__parse(struct access_list *list, const char *text, const struct access_host *host,
		       char *why);
void access_list__free(struct access_list *list);

/* Whether KVM completes it, or user space. False for ACCESS_HVC, which is no access. */
bool access__in_kernel(const struct access *access);

/* Orders by device, target, place, size and direction; 0: the same access. */
int access__compare(const struct access *a, const struct access *b);

#endif
