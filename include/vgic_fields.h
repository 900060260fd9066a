/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the bits of the registers of vgic_regs.h mean, where they are fields. (Registers with so
 * many bits an INTID are decoded by rule: tools/lib/decode.c.)
 *
 * Sources: Arm IHI 0069 (GICv3/v4), sections 12.9 (GICD), 12.11 (GICR), 12.19 (GITS), and IHI 0048B
 * (GICv2), 4.3 (GICD), 4.4 (GICC). GICD_CTLR of GICv3 is as with one security state (DS = 1), which
 * is what KVM's guests have.
 *
 * X(kind, register, name, high, low, how): bits high to low, of the 64-bit register for those.
 * how: FLAG (named where set), NUM, HEX, PLUS1 (one more than the number), IN_PLACE (an address:
 * the bits where they are), AFF (Aff3.Aff2.Aff1.Aff0), CACHE, OUTER, SHARE, others by themselves.
 */
#ifndef VGIC_FIELDS_H
#define VGIC_FIELDS_H

/* clang-format off */
#define VGIC_IIDR_FIELDS(X, kind) \
	X(kind, IIDR, implementer, 11, 0, IMPLEMENTER) \
	X(kind, IIDR, product, 31, 24, HEX) \
	X(kind, IIDR, variant, 19, 16, NUM) \
	X(kind, IIDR, revision, 15, 12, NUM)

#define VGIC_STATUSR_FIELDS(X, kind) \
	X(kind, STATUSR, RRD, 0, 0, FLAG) \
	X(kind, STATUSR, WRD, 1, 1, FLAG) \
	X(kind, STATUSR, RWOD, 2, 2, FLAG) \
	X(kind, STATUSR, WROD, 3, 3, FLAG)

#define VGIC_SGIR_FIELDS(X, kind) \
	X(kind, SGIR, SGI, 3, 0, NUM) \
	X(kind, SGIR, to, 25, 24, SGI_FILTER) \
	X(kind, SGIR, CPU, 23, 16, CPUS) \
	X(kind, SGIR, NSATT, 15, 15, FLAG)

#define VGIC_FIELDS(X) \
	X(DIST_V2, CTLR, EnableGrp0, 0, 0, FLAG) \
	X(DIST_V2, CTLR, EnableGrp1, 1, 1, FLAG) \
	X(DIST_V2, TYPER, INTIDs, 4, 0, LINES) \
	X(DIST_V2, TYPER, CPUs, 7, 5, PLUS1) \
	X(DIST_V2, TYPER, SecurityExtn, 10, 10, FLAG) \
	X(DIST_V2, TYPER, LSPI, 15, 11, NUM) \
	VGIC_IIDR_FIELDS(X, DIST_V2) \
	VGIC_SGIR_FIELDS(X, DIST_V2) \
	X(DIST_V3, CTLR, EnableGrp0, 0, 0, FLAG) \
	X(DIST_V3, CTLR, EnableGrp1, 1, 1, FLAG) \
	X(DIST_V3, CTLR, ARE, 4, 4, FLAG) \
	X(DIST_V3, CTLR, DS, 6, 6, FLAG) \
	X(DIST_V3, CTLR, E1NWF, 7, 7, FLAG) \
	X(DIST_V3, CTLR, nASSGIreq, 8, 8, FLAG) \
	X(DIST_V3, CTLR, RWP, 31, 31, FLAG) \
	X(DIST_V3, TYPER, INTIDs, 4, 0, LINES) \
	X(DIST_V3, TYPER, CPUs, 7, 5, PLUS1) \
	X(DIST_V3, TYPER, ESPI, 8, 8, FLAG) \
	X(DIST_V3, TYPER, NMI, 9, 9, FLAG) \
	X(DIST_V3, TYPER, SecurityExtn, 10, 10, FLAG) \
	X(DIST_V3, TYPER, LPIs, 15, 11, NUM_LPIS) \
	X(DIST_V3, TYPER, MBIS, 16, 16, FLAG) \
	X(DIST_V3, TYPER, LPIS, 17, 17, FLAG) \
	X(DIST_V3, TYPER, DVIS, 18, 18, FLAG) \
	X(DIST_V3, TYPER, IDbits, 23, 19, PLUS1) \
	X(DIST_V3, TYPER, A3V, 24, 24, FLAG) \
	X(DIST_V3, TYPER, No1N, 25, 25, FLAG) \
	X(DIST_V3, TYPER, RSS, 26, 26, FLAG) \
	VGIC_IIDR_FIELDS(X, DIST_V3) \
	X(DIST_V3, TYPER2, VID, 4, 0, NUM) \
	X(DIST_V3, TYPER2, VIL, 7, 7, FLAG) \
	X(DIST_V3, TYPER2, nASSGIcap, 8, 8, FLAG) \
	VGIC_STATUSR_FIELDS(X, DIST_V3) \
	X(DIST_V3, SETSPI_NSR, INTID, 12, 0, NUM) \
	X(DIST_V3, CLRSPI_NSR, INTID, 12, 0, NUM) \
	X(DIST_V3, SETSPI_SR, INTID, 12, 0, NUM) \
	X(DIST_V3, CLRSPI_SR, INTID, 12, 0, NUM) \
	VGIC_SGIR_FIELDS(X, DIST_V3) \
	X(REDIST, CTLR, EnableLPIs, 0, 0, FLAG) \
	X(REDIST, CTLR, CES, 1, 1, FLAG) \
	X(REDIST, CTLR, IR, 2, 2, FLAG) \
	X(REDIST, CTLR, RWP, 3, 3, FLAG) \
	X(REDIST, CTLR, DPG0, 24, 24, FLAG) \
	X(REDIST, CTLR, DPG1NS, 25, 25, FLAG) \
	X(REDIST, CTLR, DPG1S, 26, 26, FLAG) \
	X(REDIST, CTLR, UWP, 31, 31, FLAG) \
	VGIC_IIDR_FIELDS(X, REDIST) \
	X(REDIST, TYPER, affinity, 63, 32, AFF) \
	X(REDIST, TYPER, processor, 23, 8, NUM) \
	X(REDIST, TYPER, PLPIS, 0, 0, FLAG) \
	X(REDIST, TYPER, VLPIS, 1, 1, FLAG) \
	X(REDIST, TYPER, Dirty, 2, 2, FLAG) \
	X(REDIST, TYPER, DirectLPI, 3, 3, FLAG) \
	X(REDIST, TYPER, Last, 4, 4, FLAG) \
	X(REDIST, TYPER, DPGS, 5, 5, FLAG) \
	X(REDIST, TYPER, MPAM, 6, 6, FLAG) \
	X(REDIST, TYPER, RVPEID, 7, 7, FLAG) \
	X(REDIST, TYPER, VSGI, 26, 26, FLAG) \
	VGIC_STATUSR_FIELDS(X, REDIST) \
	X(REDIST, WAKER, ProcessorSleep, 1, 1, FLAG) \
	X(REDIST, WAKER, ChildrenAsleep, 2, 2, FLAG) \
	X(REDIST, SETLPIR, LPI, 31, 0, NUM) \
	X(REDIST, CLRLPIR, LPI, 31, 0, NUM) \
	X(REDIST, PROPBASER, address, 51, 12, IN_PLACE) \
	X(REDIST, PROPBASER, IDbits, 4, 0, PLUS1) \
	X(REDIST, PROPBASER, inner, 9, 7, CACHE) \
	X(REDIST, PROPBASER, outer, 58, 56, OUTER) \
	X(REDIST, PROPBASER, share, 11, 10, SHARE) \
	X(REDIST, PENDBASER, address, 51, 16, IN_PLACE) \
	X(REDIST, PENDBASER, inner, 9, 7, CACHE) \
	X(REDIST, PENDBASER, outer, 58, 56, OUTER) \
	X(REDIST, PENDBASER, share, 11, 10, SHARE) \
	X(REDIST, PENDBASER, PTZ, 62, 62, FLAG) \
	X(REDIST, INVLPIR, INTID, 31, 0, NUM) \
	X(REDIST, INVLPIR, V, 63, 63, FLAG) \
	X(REDIST, INVALLR, V, 63, 63, FLAG) \
	X(REDIST, SYNCR, Busy, 0, 0, FLAG) \
	X(ITS, CTLR, Enabled, 0, 0, FLAG) \
	X(ITS, CTLR, ImDe, 1, 1, FLAG) \
	X(ITS, CTLR, ITS_Number, 7, 4, NUM) \
	X(ITS, CTLR, UMSIirq, 8, 8, FLAG) \
	X(ITS, CTLR, Quiescent, 31, 31, FLAG) \
	VGIC_IIDR_FIELDS(X, ITS) \
	X(ITS, TYPER, Physical, 0, 0, FLAG) \
	X(ITS, TYPER, Virtual, 1, 1, FLAG) \
	X(ITS, TYPER, CCT, 2, 2, FLAG) \
	X(ITS, TYPER, ITT_entry_size, 7, 4, PLUS1) \
	X(ITS, TYPER, ID_bits, 12, 8, PLUS1) \
	X(ITS, TYPER, Devbits, 17, 13, PLUS1) \
	X(ITS, TYPER, SEIS, 18, 18, FLAG) \
	X(ITS, TYPER, PTA, 19, 19, FLAG) \
	X(ITS, TYPER, HCC, 31, 24, NUM) \
	X(ITS, TYPER, CIDbits, 35, 32, PLUS1) \
	X(ITS, TYPER, CIL, 36, 36, FLAG) \
	X(ITS, TYPER, VMOVP, 37, 37, FLAG) \
	X(ITS, TYPER, MPAM, 38, 38, FLAG) \
	X(ITS, TYPER, VSGI, 39, 39, FLAG) \
	X(ITS, TYPER, VMAPP, 40, 40, FLAG) \
	X(ITS, CBASER, Valid, 63, 63, FLAG) \
	X(ITS, CBASER, address, 51, 12, IN_PLACE) \
	X(ITS, CBASER, pages, 7, 0, PLUS1) \
	X(ITS, CBASER, inner, 61, 59, CACHE) \
	X(ITS, CBASER, outer, 55, 53, OUTER) \
	X(ITS, CBASER, share, 11, 10, SHARE) \
	X(ITS, CWRITER, offset, 19, 5, IN_PLACE) \
	X(ITS, CWRITER, Retry, 0, 0, FLAG) \
	X(ITS, CREADR, offset, 19, 5, IN_PLACE) \
	X(ITS, CREADR, Stalled, 0, 0, FLAG) \
	X(ITS, BASER, Valid, 63, 63, FLAG) \
	X(ITS, BASER, Indirect, 62, 62, FLAG) \
	X(ITS, BASER, type, 58, 56, TABLE) \
	X(ITS, BASER, entry_size, 52, 48, PLUS1) \
	X(ITS, BASER, address, 47, 12, IN_PLACE) \
	X(ITS, BASER, page, 9, 8, PAGE) \
	X(ITS, BASER, pages, 7, 0, PLUS1) \
	X(ITS, BASER, inner, 61, 59, CACHE) \
	X(ITS, BASER, outer, 55, 53, OUTER) \
	X(ITS, BASER, share, 11, 10, SHARE) \
	X(ITS, TRANSLATER, event, 31, 0, NUM) \
	X(CPUIF, PMR, priority, 7, 0, HEX) \
	X(CPUIF, BPR, point, 2, 0, NUM) \
	X(CPUIF, ABPR, point, 2, 0, NUM) \
	X(CPUIF, IIDR, implementer, 11, 0, IMPLEMENTER) \
	X(CPUIF, IIDR, product, 31, 20, HEX) \
	X(CPUIF, IIDR, architecture, 19, 16, NUM) \
	X(CPUIF, IIDR, revision, 15, 12, NUM) \
	X(CPUIF, DIR, INTID, 9, 0, NUM) \
	X(CPUIF, DIR, CPU, 12, 10, NUM)

/* clang-format on */

#endif
