/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * Several registers that one handler of the kernel serves, for imports that know the handler and
 * not the address: X(id, kind, name). GICx: the distributor or a redistributor.
 */
#ifndef VGIC_WIDE_H
#define VGIC_WIDE_H

/* clang-format off */
#define VGIC_WIDES(X) \
	X(V2_MISC,    DIST_V2, "GICD_CTLR/TYPER/IIDR") \
	X(V2_ENABLE,  DIST_V2, "GICD_ISENABLER/ICENABLER") \
	X(V2_PENDING, DIST_V2, "GICD_ISPENDR/ICPENDR") \
	X(V2_ACTIVE,  DIST_V2, "GICD_ISACTIVER/ICACTIVER") \
	X(V2_SGIPEND, DIST_V2, "GICD_CPENDSGIR/SPENDSGIR") \
	X(V2_FIXED,   DIST_V2, "GICD_RAZ/WI") \
	X(V3_MISC,    DIST_V3, "GICD_CTLR/TYPER/IIDR") \
	X(IIDR,       GIC,     "GICx_IIDR") \
	X(IDREGS,     GIC,     "GICx_IDREGS") \
	X(IGROUPR,    GIC,     "GICx_IGROUPR") \
	X(ISENABLER,  GIC,     "GICx_ISENABLER") \
	X(ICENABLER,  GIC,     "GICx_ICENABLER") \
	X(ENABLE,     GIC,     "GICx_ISENABLER/ICENABLER") \
	X(ISPENDR,    GIC,     "GICx_ISPENDR") \
	X(ICPENDR,    GIC,     "GICx_ICPENDR") \
	X(PENDING,    GIC,     "GICx_ISPENDR/ICPENDR") \
	X(ISACTIVER,  GIC,     "GICx_ISACTIVER") \
	X(ICACTIVER,  GIC,     "GICx_ICACTIVER") \
	X(ACTIVE,     GIC,     "GICx_ISACTIVER/ICACTIVER") \
	X(IPRIORITYR, GIC,     "GICx_IPRIORITYR") \
	X(ICFGR,      GIC,     "GICx_ICFGR") \
	X(FIXED,      GIC,     "GICx_RAZ/WI") \
	X(OTHER,      GIC,     "GICx_OTHER") \
	X(ITS_FIXED,  ITS,     "GITS_RAZ/WI") \
	X(CPUIF_MISC, CPUIF,   "GICC_CTLR/PMR/BPR/ABPR/IIDR")

/* clang-format on */

#endif
