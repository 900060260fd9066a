/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * The register table: every register range that a guest can name in a device KVM/arm64 puts on its
 * MMIO bus. One table for all: the in-kernel classifier's map, names and globs, vgic-bench's guest.
 *
 * Names and offsets: Arm IHI 0048B (GICv2), IHI 0069 (GICv3/v4, ITS); which of them KVM emulates:
 * arch/arm64/kvm/vgic/vgic-mmio-v2.c, vgic-mmio-v3.c, vgic-its.c. What the table does not name is
 * reserved; KVM answers it with read-as-zero, write-ignored.
 *
 * X(kind, prefix, register, offset, length, stride): offset and length in bytes from the device's
 * base (redistributor: RD frame at 0, SGI frame at 0x10000, also where older kernels register the
 * two frames as two devices). stride: bytes per index, and the natural access size: 8 = 64-bit.
 */
#ifndef VGIC_REGS_H
#define VGIC_REGS_H

/* clang-format off */
#define VGIC_REGS(X) \
	X(DIST_V2, GICD, CTLR,       0x0000, 4,      4) \
	X(DIST_V2, GICD, TYPER,      0x0004, 4,      4) \
	X(DIST_V2, GICD, IIDR,       0x0008, 4,      4) \
	X(DIST_V2, GICD, IGROUPR,    0x0080, 0x80,   4) \
	X(DIST_V2, GICD, ISENABLER,  0x0100, 0x80,   4) \
	X(DIST_V2, GICD, ICENABLER,  0x0180, 0x80,   4) \
	X(DIST_V2, GICD, ISPENDR,    0x0200, 0x80,   4) \
	X(DIST_V2, GICD, ICPENDR,    0x0280, 0x80,   4) \
	X(DIST_V2, GICD, ISACTIVER,  0x0300, 0x80,   4) \
	X(DIST_V2, GICD, ICACTIVER,  0x0380, 0x80,   4) \
	X(DIST_V2, GICD, IPRIORITYR, 0x0400, 0x400,  4) \
	X(DIST_V2, GICD, ITARGETSR,  0x0800, 0x400,  4) \
	X(DIST_V2, GICD, ICFGR,      0x0c00, 0x100,  4) \
	X(DIST_V2, GICD, NSACR,      0x0e00, 0x100,  4) \
	X(DIST_V2, GICD, SGIR,       0x0f00, 4,      4) \
	X(DIST_V2, GICD, CPENDSGIR,  0x0f10, 16,     4) \
	X(DIST_V2, GICD, SPENDSGIR,  0x0f20, 16,     4) \
	X(DIST_V3, GICD, CTLR,       0x0000, 4,      4) \
	X(DIST_V3, GICD, TYPER,      0x0004, 4,      4) \
	X(DIST_V3, GICD, IIDR,       0x0008, 4,      4) \
	X(DIST_V3, GICD, TYPER2,     0x000c, 4,      4) \
	X(DIST_V3, GICD, STATUSR,    0x0010, 4,      4) \
	X(DIST_V3, GICD, SETSPI_NSR, 0x0040, 4,      4) \
	X(DIST_V3, GICD, CLRSPI_NSR, 0x0048, 4,      4) \
	X(DIST_V3, GICD, SETSPI_SR,  0x0050, 4,      4) \
	X(DIST_V3, GICD, CLRSPI_SR,  0x0058, 4,      4) \
	X(DIST_V3, GICD, IGROUPR,    0x0080, 0x80,   4) \
	X(DIST_V3, GICD, ISENABLER,  0x0100, 0x80,   4) \
	X(DIST_V3, GICD, ICENABLER,  0x0180, 0x80,   4) \
	X(DIST_V3, GICD, ISPENDR,    0x0200, 0x80,   4) \
	X(DIST_V3, GICD, ICPENDR,    0x0280, 0x80,   4) \
	X(DIST_V3, GICD, ISACTIVER,  0x0300, 0x80,   4) \
	X(DIST_V3, GICD, ICACTIVER,  0x0380, 0x80,   4) \
	X(DIST_V3, GICD, IPRIORITYR, 0x0400, 0x400,  4) \
	X(DIST_V3, GICD, ITARGETSR,  0x0800, 0x400,  4) \
	X(DIST_V3, GICD, ICFGR,      0x0c00, 0x100,  4) \
	X(DIST_V3, GICD, IGRPMODR,   0x0d00, 0x80,   4) \
	X(DIST_V3, GICD, NSACR,      0x0e00, 0x100,  4) \
	X(DIST_V3, GICD, SGIR,       0x0f00, 4,      4) \
	X(DIST_V3, GICD, CPENDSGIR,  0x0f10, 16,     4) \
	X(DIST_V3, GICD, SPENDSGIR,  0x0f20, 16,     4) \
	X(DIST_V3, GICD, IROUTER,    0x6000, 0x2000, 8) \
	X(DIST_V3, GICD, IDREGS,     0xffd0, 0x30,   4) \
	X(REDIST,  GICR, CTLR,       0x0000, 4,      4) \
	X(REDIST,  GICR, IIDR,       0x0004, 4,      4) \
	X(REDIST,  GICR, TYPER,      0x0008, 8,      8) \
	X(REDIST,  GICR, STATUSR,    0x0010, 4,      4) \
	X(REDIST,  GICR, WAKER,      0x0014, 4,      4) \
	X(REDIST,  GICR, SETLPIR,    0x0040, 8,      8) \
	X(REDIST,  GICR, CLRLPIR,    0x0048, 8,      8) \
	X(REDIST,  GICR, PROPBASER,  0x0070, 8,      8) \
	X(REDIST,  GICR, PENDBASER,  0x0078, 8,      8) \
	X(REDIST,  GICR, INVLPIR,    0x00a0, 8,      8) \
	X(REDIST,  GICR, INVALLR,    0x00b0, 8,      8) \
	X(REDIST,  GICR, SYNCR,      0x00c0, 4,      4) \
	X(REDIST,  GICR, IDREGS,     0xffd0, 0x30,   4) \
	X(REDIST,  GICR, IGROUPR,    0x10080, 4,     4) \
	X(REDIST,  GICR, ISENABLER,  0x10100, 4,     4) \
	X(REDIST,  GICR, ICENABLER,  0x10180, 4,     4) \
	X(REDIST,  GICR, ISPENDR,    0x10200, 4,     4) \
	X(REDIST,  GICR, ICPENDR,    0x10280, 4,     4) \
	X(REDIST,  GICR, ISACTIVER,  0x10300, 4,     4) \
	X(REDIST,  GICR, ICACTIVER,  0x10380, 4,     4) \
	X(REDIST,  GICR, IPRIORITYR, 0x10400, 0x20,  4) \
	X(REDIST,  GICR, ICFGR,      0x10c00, 8,     4) \
	X(REDIST,  GICR, IGRPMODR,   0x10d00, 4,     4) \
	X(REDIST,  GICR, NSACR,      0x10e00, 4,     4) \
	X(ITS,     GITS, CTLR,       0x0000, 4,      4) \
	X(ITS,     GITS, IIDR,       0x0004, 4,      4) \
	X(ITS,     GITS, TYPER,      0x0008, 8,      8) \
	X(ITS,     GITS, CBASER,     0x0080, 8,      8) \
	X(ITS,     GITS, CWRITER,    0x0088, 8,      8) \
	X(ITS,     GITS, CREADR,     0x0090, 8,      8) \
	X(ITS,     GITS, BASER,      0x0100, 0x40,   8) \
	X(ITS,     GITS, IDREGS,     0xffd0, 0x30,   4) \
	X(ITS,     GITS, TRANSLATER, 0x10040, 4,     4) \
	X(CPUIF,   GICC, CTLR,       0x0000, 4,      4) \
	X(CPUIF,   GICC, PMR,        0x0004, 4,      4) \
	X(CPUIF,   GICC, BPR,        0x0008, 4,      4) \
	X(CPUIF,   GICC, ABPR,       0x001c, 4,      4) \
	X(CPUIF,   GICC, APR,        0x00d0, 16,     4) \
	X(CPUIF,   GICC, IIDR,       0x00fc, 4,      4) \
	X(CPUIF,   GICC, DIR,        0x1000, 4,      4)

/* Device kinds. The first five have registers; the others are named by address. */
#define VGIC_KINDS(X) \
	X(DIST_V2,   GICD, "dist-v2",   0x1000) \
	X(DIST_V3,   GICD, "dist-v3",   0x10000) \
	X(REDIST,    GICR, "redist",    0x20000) \
	X(ITS,       GITS, "its",       0x20000) \
	X(CPUIF,     GICC, "cpuif",     0x2000)

/* clang-format on */

#endif
