/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * Identifiers that both sides and every tool use: device kinds, ranges, directions, stages, losses,
 * reasons of exits.
 */
#ifndef VGIC_IDS_H
#define VGIC_IDS_H

#include "vgic_exits.h"
#include "vgic_regs.h"
#include "vgic_wide.h"

/* clang-format off */
enum vgic_kind {
#define X(kind, prefix, name, size) VGIC_##kind,
	VGIC_KINDS(X)
#undef X
	VGIC_NR_GIC_KINDS,
	VGIC_IOEVENTFD = VGIC_NR_GIC_KINDS,	/* range = exact address */
	VGIC_COALESCED,				/* range = exact address */
	VGIC_UNKNOWN,		/* the kernel took it, no hooked device did; range = 4K page */
	VGIC_USER,		/* no device took it: completed by the VMM; range = 4K page */
	VGIC_GIC,		/* imports: a device of the VGIC, not known which */
	VGIC_NR_KINDS,
	VGIC_NO_KIND = 0xff,
};

/*
 * Range ids: one per table row, one "reserved" per GIC device, one per kind named by address, one
 * per set of registers that an import cannot tell apart.
 */
enum vgic_range {
#define X(kind, prefix, reg, off, len, stride) VGIC_RANGE_##kind##_##reg,
	VGIC_REGS(X)
#undef X
#define X(kind, prefix, name, size) VGIC_RANGE_##kind##_RESERVED,
	VGIC_KINDS(X)
#undef X
	VGIC_RANGE_IOEVENTFD,
	VGIC_RANGE_COALESCED,
	VGIC_RANGE_UNKNOWN,
	VGIC_RANGE_USER,
#define X(id, kind, name) VGIC_WIDE_##id,
	VGIC_WIDES(X)
#undef X
	VGIC_NR_RANGES,
};

enum vgic_op { VGIC_READ, VGIC_WRITE, VGIC_NR_OPS };

/* DESIGN.md 3. T2 = bus entry, T4 = device entry, T5 = handler, T6 = device exit, T7 = bus exit. */
enum vgic_stage {
	VGIC_LOOKUP,	/* T2..T4 */
	VGIC_DEVICE,	/* T4..T6 */
	VGIC_BUS,	/* T2..T6; shown with the rest up to T7, which the calibration knows */
	VGIC_DECODE,	/* T4..T5 */
	VGIC_HANDLER,	/* T5..T6 */
	VGIC_RETURN,	/* T6..T7 */
	VGIC_TRAP,	/* kvm_exit..T2 */
	VGIC_RESUME,	/* T6 or T7..kvm_entry */
	VGIC_NR_STAGES,
};

enum vgic_loss {
	VGIC_LOST_NO_SLOT,	/* access not counted: more vCPUs at once than slots or records */
	VGIC_LOST_NO_CELL,	/* access not counted: cell pool used up */
	VGIC_LOST_NO_BLOCK,	/* counted, one latency left out: histogram pool used up */
	VGIC_LOST_NO_START,	/* counted, without latencies: entry boundary missed */
	VGIC_LOST_NO_END,	/* counted, without latencies: exit boundary missed */
	VGIC_LOST_NO_TASK,	/* counted, without latencies: no task storage */
	VGIC_LOST_CUT,		/* not counted: the imported recording has a part of it only */
	VGIC_NR_LOSSES,
};

/* clang-format on */

#endif
