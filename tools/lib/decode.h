/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the value of an access means, by the register: fields (include/vgic_fields.h has them and
 * their sources), or INTIDs where a register has some bits for each. Values may be of one half of a
 * 64-bit register, or of single bytes: only what was accessed is decoded.
 */
#ifndef DECODE_H
#define DECODE_H

#include <stddef.h>
#include <stdint.h>
#include "vgic_ids.h"

/* The longest of all: 32 INTIDs, every other one, below 1,020; longer ones end in "...". */
#define DECODE_SZ 256

/*
 * @at: byte offset of the access from the begin of @range; @size: 1, 2, 4 or 8 bytes. "" = there is
 * nothing to be said of it.
 */
void decode__value(enum vgic_range range, uint32_t at, unsigned int size, uint64_t value,
		   char buf[DECODE_SZ]);

/*
 * The register: "GICD_ISENABLER3", "GICD_CTLR", "GICD_PIDR2"; a part of one has its byte behind it
 * ("GICD_IPRIORITYR9+1", "GICR_TYPER+4"). Reserved places are "GICD+0x40".
 */
#define DECODE_NAME_SZ 40
void decode__name(enum vgic_kind kind, uint32_t offset, unsigned int size,
		  char buf[DECODE_NAME_SZ]);

#endif
