// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include "ftrace_names.h"

#define NONE VGIC_NR_RANGES
#define ANY VGIC_NR_OPS
#define R VGIC_READ
#define W VGIC_WRITE
#define V2(reg) VGIC_RANGE_DIST_V2_##reg
#define V3(reg) VGIC_RANGE_DIST_V3_##reg
#define RD(reg) VGIC_RANGE_REDIST_##reg
#define ITS(reg) VGIC_RANGE_ITS_##reg
#define WIDE(set) VGIC_WIDE_##set
#define D FTRACE_IN_DIST
#define G FTRACE_IN_RD
#define S FTRACE_IN_SGI
#define I FTRACE_IN_ITS

/* clang-format off */

/* Sorted. */
static const struct ftrace_name names[] = {
#define FUNCTION(name, role, model, op, kind) { #name, FTRACE_##role, model, op, kind, NONE, NONE, 0 },
#define HANDLER(name, model, op, v2, v3, in) { #name, FTRACE_HANDLER, model, op, 0, v2, v3, in },
	FUNCTION(__kvm_io_bus_read, BUS_INNER, 0, R, 0)
	FUNCTION(__kvm_io_bus_write, BUS_INNER, 0, W, 0)
	FUNCTION(coalesced_mmio_write, DEVICE_MAYBE, 0, W, VGIC_COALESCED)
	FUNCTION(dispatch_mmio_read, DEVICE, 0, R, 0)
	FUNCTION(dispatch_mmio_write, DEVICE, 0, W, 0)
	HANDLER(handle_mmio_cfg_reg, 2, ANY, V2(ICFGR), NONE, 0)
	HANDLER(handle_mmio_cfg_reg_dist, 3, ANY, NONE, V3(ICFGR), D)
	HANDLER(handle_mmio_cfg_reg_redist, 3, ANY, NONE, RD(ICFGR), S)
	HANDLER(handle_mmio_clear_active_reg, 2, ANY, V2(ICACTIVER), NONE, 0)
	HANDLER(handle_mmio_clear_active_reg_dist, 3, ANY, NONE, V3(ICACTIVER), D)
	HANDLER(handle_mmio_clear_active_reg_redist, 3, ANY, NONE, RD(ICACTIVER), S)
	HANDLER(handle_mmio_clear_enable_reg, 2, ANY, V2(ICENABLER), NONE, 0)
	HANDLER(handle_mmio_clear_enable_reg_dist, 3, ANY, NONE, V3(ICENABLER), D)
	HANDLER(handle_mmio_clear_enable_reg_redist, 3, ANY, NONE, RD(ICENABLER), S)
	HANDLER(handle_mmio_clear_pending_reg, 2, ANY, V2(ICPENDR), NONE, 0)
	HANDLER(handle_mmio_clear_pending_reg_dist, 3, ANY, NONE, V3(ICPENDR), D)
	HANDLER(handle_mmio_clear_pending_reg_redist, 3, ANY, NONE, RD(ICPENDR), S)
	HANDLER(handle_mmio_ctlr, 3, ANY, NONE, V3(CTLR), D)
	HANDLER(handle_mmio_ctlr_redist, 3, ANY, NONE, RD(CTLR), G)
	HANDLER(handle_mmio_idregs, 3, ANY, NONE, WIDE(IDREGS), D | G)
	HANDLER(handle_mmio_iidr, 3, ANY, NONE, WIDE(IIDR), D | G)
	HANDLER(handle_mmio_misc, 2, ANY, WIDE(V2_MISC), NONE, 0)
	HANDLER(handle_mmio_priority_reg, 2, ANY, V2(IPRIORITYR), NONE, 0)
	HANDLER(handle_mmio_priority_reg_dist, 3, ANY, NONE, V3(IPRIORITYR), D)
	HANDLER(handle_mmio_priority_reg_redist, 3, ANY, NONE, RD(IPRIORITYR), S)
	HANDLER(handle_mmio_rao_wi, 3, ANY, NONE, WIDE(IGROUPR), D | S)
	HANDLER(handle_mmio_raz_wi, 0, ANY, WIDE(V2_FIXED), WIDE(FIXED), D | G | S)
	HANDLER(handle_mmio_route_reg, 3, ANY, NONE, V3(IROUTER), D)
	HANDLER(handle_mmio_set_active_reg, 2, ANY, V2(ISACTIVER), NONE, 0)
	HANDLER(handle_mmio_set_active_reg_dist, 3, ANY, NONE, V3(ISACTIVER), D)
	HANDLER(handle_mmio_set_active_reg_redist, 3, ANY, NONE, RD(ISACTIVER), S)
	HANDLER(handle_mmio_set_enable_reg, 2, ANY, V2(ISENABLER), NONE, 0)
	HANDLER(handle_mmio_set_enable_reg_dist, 3, ANY, NONE, V3(ISENABLER), D)
	HANDLER(handle_mmio_set_enable_reg_redist, 3, ANY, NONE, RD(ISENABLER), S)
	HANDLER(handle_mmio_set_pending_reg, 2, ANY, V2(ISPENDR), NONE, 0)
	HANDLER(handle_mmio_set_pending_reg_dist, 3, ANY, NONE, V3(ISPENDR), D)
	HANDLER(handle_mmio_set_pending_reg_redist, 3, ANY, NONE, RD(ISPENDR), S)
	HANDLER(handle_mmio_sgi_clear, 2, ANY, V2(CPENDSGIR), NONE, 0)
	HANDLER(handle_mmio_sgi_reg, 2, ANY, V2(SGIR), NONE, 0)
	HANDLER(handle_mmio_sgi_set, 2, ANY, V2(SPENDSGIR), NONE, 0)
	HANDLER(handle_mmio_target_reg, 2, ANY, V2(ITARGETSR), NONE, 0)
	HANDLER(handle_mmio_typer, 3, ANY, NONE, V3(TYPER), D)
	HANDLER(handle_mmio_typer_redist, 3, ANY, NONE, RD(TYPER), G)
	FUNCTION(io_mem_abort, ABORT, 0, ANY, 0)
	FUNCTION(ioeventfd_write, DEVICE_MAYBE, 0, W, VGIC_IOEVENTFD)
	HANDLER(its_mmio_write_wi, 3, W, NONE, WIDE(ITS_FIXED), I)
	FUNCTION(kvm_handle_mmio_return, RETURN, 0, ANY, 0)
	FUNCTION(kvm_inject_dabt, INJECT, 0, ANY, 0)
	FUNCTION(kvm_io_bus_get_first_dev, LOOKUP, 0, ANY, 0)
	FUNCTION(kvm_io_bus_read, BUS, 0, R, 0)
	FUNCTION(kvm_io_bus_write, BUS, 0, W, 0)
	FUNCTION(vgic_handle_mmio, DISPATCH, 0, ANY, 0)
	FUNCTION(vgic_handle_mmio_range, DEVICE_MAYBE, 0, ANY, VGIC_GIC)
	FUNCTION(vgic_handle_mmio_read, DEVICE_MAYBE, 0, R, VGIC_GIC)
	FUNCTION(vgic_handle_mmio_write, DEVICE_MAYBE, 0, W, VGIC_GIC)
	FUNCTION(vgic_kick_vcpus, CHANGED, 0, ANY, 0)
	HANDLER(vgic_mmio_read_active, 0, R, WIDE(V2_ACTIVE), WIDE(ACTIVE), D | S)
	HANDLER(vgic_mmio_read_apr, 2, R, VGIC_RANGE_CPUIF_APR, NONE, 0)
	HANDLER(vgic_mmio_read_config, 0, R, V2(ICFGR), WIDE(ICFGR), D | S)
	HANDLER(vgic_mmio_read_enable, 0, R, WIDE(V2_ENABLE), WIDE(ENABLE), D | S)
	HANDLER(vgic_mmio_read_group, 0, R, V2(IGROUPR), WIDE(IGROUPR), D | S)
	HANDLER(vgic_mmio_read_irouter, 3, R, NONE, V3(IROUTER), D)
	HANDLER(vgic_mmio_read_its_baser, 3, R, NONE, ITS(BASER), I)
	HANDLER(vgic_mmio_read_its_cbaser, 3, R, NONE, ITS(CBASER), I)
	HANDLER(vgic_mmio_read_its_creadr, 3, R, NONE, ITS(CREADR), I)
	HANDLER(vgic_mmio_read_its_ctlr, 3, R, NONE, ITS(CTLR), I)
	HANDLER(vgic_mmio_read_its_cwriter, 3, R, NONE, ITS(CWRITER), I)
	HANDLER(vgic_mmio_read_its_idregs, 3, R, NONE, ITS(IDREGS), I)
	HANDLER(vgic_mmio_read_its_iidr, 3, R, NONE, ITS(IIDR), I)
	HANDLER(vgic_mmio_read_its_typer, 3, R, NONE, ITS(TYPER), I)
	HANDLER(vgic_mmio_read_pendbase, 3, R, NONE, RD(PENDBASER), G)
	HANDLER(vgic_mmio_read_pending, 0, R, WIDE(V2_PENDING), WIDE(PENDING), D | S)
	HANDLER(vgic_mmio_read_priority, 0, R, V2(IPRIORITYR), WIDE(IPRIORITYR), D | S)
	HANDLER(vgic_mmio_read_propbase, 3, R, NONE, RD(PROPBASER), G)
	HANDLER(vgic_mmio_read_rao, 0, R, WIDE(V2_FIXED), WIDE(FIXED), D | G | S)
	HANDLER(vgic_mmio_read_raz, 0, R, WIDE(V2_FIXED), WIDE(FIXED), D | G | S)
	HANDLER(vgic_mmio_read_sgipend, 2, R, WIDE(V2_SGIPEND), NONE, 0)
	HANDLER(vgic_mmio_read_sync, 3, R, NONE, RD(SYNCR), G)
	HANDLER(vgic_mmio_read_target, 2, R, V2(ITARGETSR), NONE, 0)
	HANDLER(vgic_mmio_read_v2_misc, 2, R, WIDE(V2_MISC), NONE, 0)
	HANDLER(vgic_mmio_read_v3_idregs, 3, R, NONE, WIDE(IDREGS), D | G)
	HANDLER(vgic_mmio_read_v3_misc, 3, R, NONE, WIDE(V3_MISC), D)
	HANDLER(vgic_mmio_read_v3r_ctlr, 3, R, NONE, RD(CTLR), G)
	HANDLER(vgic_mmio_read_v3r_iidr, 3, R, NONE, RD(IIDR), G)
	HANDLER(vgic_mmio_read_v3r_typer, 3, R, NONE, RD(TYPER), G)
	HANDLER(vgic_mmio_read_vcpuif, 2, R, WIDE(CPUIF_MISC), NONE, 0)
	HANDLER(vgic_mmio_write_apr, 2, W, VGIC_RANGE_CPUIF_APR, NONE, 0)
	HANDLER(vgic_mmio_write_cactive, 0, W, V2(ICACTIVER), WIDE(ICACTIVER), D | S)
	HANDLER(vgic_mmio_write_cenable, 0, W, V2(ICENABLER), WIDE(ICENABLER), D | S)
	HANDLER(vgic_mmio_write_config, 0, W, V2(ICFGR), WIDE(ICFGR), D | S)
	HANDLER(vgic_mmio_write_cpending, 0, W, V2(ICPENDR), WIDE(ICPENDR), D | S)
	HANDLER(vgic_mmio_write_dir, 2, W, VGIC_RANGE_CPUIF_DIR, NONE, 0)
	HANDLER(vgic_mmio_write_group, 0, W, V2(IGROUPR), WIDE(IGROUPR), D | S)
	HANDLER(vgic_mmio_write_invall, 3, W, NONE, RD(INVALLR), G)
	HANDLER(vgic_mmio_write_invlpi, 3, W, NONE, RD(INVLPIR), G)
	HANDLER(vgic_mmio_write_irouter, 3, W, NONE, V3(IROUTER), D)
	HANDLER(vgic_mmio_write_its_baser, 3, W, NONE, ITS(BASER), I)
	HANDLER(vgic_mmio_write_its_cbaser, 3, W, NONE, ITS(CBASER), I)
	HANDLER(vgic_mmio_write_its_ctlr, 3, W, NONE, ITS(CTLR), I)
	HANDLER(vgic_mmio_write_its_cwriter, 3, W, NONE, ITS(CWRITER), I)
	HANDLER(vgic_mmio_write_pendbase, 3, W, NONE, RD(PENDBASER), G)
	HANDLER(vgic_mmio_write_priority, 0, W, V2(IPRIORITYR), WIDE(IPRIORITYR), D | S)
	HANDLER(vgic_mmio_write_propbase, 3, W, NONE, RD(PROPBASER), G)
	HANDLER(vgic_mmio_write_sactive, 0, W, V2(ISACTIVER), WIDE(ISACTIVER), D | S)
	HANDLER(vgic_mmio_write_senable, 0, W, V2(ISENABLER), WIDE(ISENABLER), D | S)
	HANDLER(vgic_mmio_write_sgipendc, 2, W, V2(CPENDSGIR), NONE, 0)
	HANDLER(vgic_mmio_write_sgipends, 2, W, V2(SPENDSGIR), NONE, 0)
	HANDLER(vgic_mmio_write_sgir, 2, W, V2(SGIR), NONE, 0)
	HANDLER(vgic_mmio_write_spending, 0, W, V2(ISPENDR), WIDE(ISPENDR), D | S)
	HANDLER(vgic_mmio_write_target, 2, W, V2(ITARGETSR), NONE, 0)
	HANDLER(vgic_mmio_write_v2_misc, 2, W, WIDE(V2_MISC), NONE, 0)
	HANDLER(vgic_mmio_write_v3_misc, 3, W, NONE, WIDE(V3_MISC), D)
	HANDLER(vgic_mmio_write_v3r_ctlr, 3, W, NONE, RD(CTLR), G)
	HANDLER(vgic_mmio_write_vcpuif, 2, W, WIDE(CPUIF_MISC), NONE, 0)
	HANDLER(vgic_mmio_write_wi, 0, W, WIDE(V2_FIXED), WIDE(FIXED), D | G | S)
	FUNCTION(vgic_update_state, CHANGED, 0, ANY, 0)
	FUNCTION(vgic_v2_handle_mmio, MODEL, 2, ANY, 0)
	FUNCTION(vgic_v3_handle_mmio, MODEL, 3, ANY, 0)
#undef FUNCTION
#undef HANDLER
};
#define NR_NAMES (sizeof(names) / sizeof(names[0]))

/* clang-format on */

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct ftrace_name *)row)->name);
}

const struct ftrace_name *ftrace_names__find(const char *name)
{
	return bsearch(name, names, NR_NAMES, sizeof(names[0]), compare);
}

const struct ftrace_name *ftrace_names__get(unsigned int i)
{
	return i < NR_NAMES ? &names[i] : NULL;
}

unsigned int ftrace_name__no(const struct ftrace_name *name)
{
	return name - names;
}
