/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-ins: the bodies of access.bpf.c on the kernel's own empty functions, so that user space
 * (tools/lib/calibrate.c, which has the method) can measure what the hooks themselves take.
 *
 * bpf_fentry_test1 to 8 are called one after the other by BPF_PROG_TEST_RUN of any fentry program,
 * always with the same arguments: test4 gets 7, 8, 9, 10; test5 11, 12, 13, 14, 15; test6 16, 17,
 * 18, 19, 20, 21. With the offset added, all of them are arguments 0, 1 and 2 of one access: vCPU
 * 11, device 12, address 13 (include/vgic_wire.h names them), whose slot and cell user space has
 * prepared so that the programs go the way of every access and follow no pointer.
 */
#ifndef CALIBRATE_BPF_H
#define CALIBRATE_BPF_H

#include "stubs.bpf.h"

#define OFF4 (VGIC_CAL_VCPU - 7)
#define OFF5 (VGIC_CAL_VCPU - 11)
#define OFF6 (VGIC_CAL_VCPU - 16)

__u64 clock_ns[3]; /* when test3, 7, 8 were last entered */

/* Runs the test functions; never attached. */
SEC("fentry/bpf_fentry_test1") int cal_run(__u64 *ctx)
{
	return 0;
}

/* Clocks before and behind the stand-ins. */
#define CLOCK(name, section, function, i) \
	SEC(section "/" function) int name(void *ctx) \
	{ \
		clock_ns[i] = bpf_ktime_get_ns(); \
		return 0; \
	}
CLOCK(ce_clock3, "fentry", "bpf_fentry_test3", 0)
CLOCK(ce_clock7, "fentry", "bpf_fentry_test7", 1)
CLOCK(ce_clock8, "fentry", "bpf_fentry_test8", 2)
CLOCK(cp_clock3, "kprobe", "bpf_fentry_test3", 0)
CLOCK(cp_clock7, "kprobe", "bpf_fentry_test7", 1)
CLOCK(cp_clock8, "kprobe", "bpf_fentry_test8", 2)

FENTRY_BUS(ce_bus, "bpf_fentry_test4", VGIC_READ, STAGES_ASKED, OFF4)
FENTRY_BUS(ce_bus_l, "bpf_fentry_test4", VGIC_READ, STAGES_LITE, OFF4)
FENTRY_BUS(ce_bus_d, "bpf_fentry_test4", VGIC_READ, STAGES_DEFAULT, OFF4)
FENTRY_DEV(ce_dev, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED, OFF5)
FENTRY_DEV(ce_dev_d, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT, OFF5)
FENTRY_COUNT(cc_dev, "bpf_fentry_test5", VGIC_READ, OFF5)
FEXIT_DEV(cx_dev, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, STAGES_ASKED, 0, OFF5)
FEXIT_DEV(cx_dev_l, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, STAGES_LITE, 0, OFF5)
FEXIT_DEV(cx_dev_d, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, STAGES_DEFAULT, 0, OFF5)
/* The device that is handed on is the one inside its vgic_io_device. */
FEXIT_REGION(cx_region, "bpf_fentry_test6", OFF6,
	     OFF6 - (__u64)bpf_core_field_offset(struct vgic_io_device, dev))
FEXIT_BUS(cx_bus, "bpf_fentry_test6", VGIC_READ, OFF6)
FEXIT_END(cx_end, "bpf_fentry_test4", VGIC_READ, 0, OFF4)

/* Their directions are even numbers among the arguments: reads. */
FENTRY_BUS(ce_ahead, "bpf_fentry_test4", ctx[1] & 1, STAGES_ASKED, OFF4)
FENTRY_BUS(ce_ahead_l, "bpf_fentry_test4", ctx[1] & 1, STAGES_LITE, OFF4)
FENTRY_BUS(ce_ahead_d, "bpf_fentry_test4", ctx[1] & 1, STAGES_DEFAULT, OFF4)
FENTRY_DEV(ce_range, "bpf_fentry_test5", ctx[3] & 1, VGIC_NO_KIND, STAGES_ASKED, OFF5)
FENTRY_DEV(ce_range_d, "bpf_fentry_test5", ctx[3] & 1, VGIC_NO_KIND, STAGES_DEFAULT, OFF5)
FENTRY_COUNT(cc_range, "bpf_fentry_test5", ctx[3] & 1, OFF5)
FEXIT_DEV(cx_range, "bpf_fentry_test5", ctx[3] & 1, VGIC_NO_KIND, STAGES_ASKED, 0, OFF5)
FEXIT_DEV(cx_range_l, "bpf_fentry_test5", ctx[3] & 1, VGIC_NO_KIND, STAGES_LITE, 0, OFF5)
FEXIT_DEV(cx_range_d, "bpf_fentry_test5", ctx[3] & 1, VGIC_NO_KIND, STAGES_DEFAULT, 0, OFF5)
FEXIT_AHEAD(cx_ahead, "bpf_fentry_test6", VGIC_READ, OFF6)

KPROBE_BUS(cp_bus, "bpf_fentry_test4", VGIC_READ, OFF4)
KPROBE_DEV(cp_dev, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, OFF5)
KPROBE_COUNT(ck_dev, "bpf_fentry_test5", VGIC_READ, OFF5)
KRETPROBE_DEV(cr_dev, "bpf_fentry_test5", VGIC_READ, VGIC_NO_KIND, 0)
KRETPROBE_REGION(cr_region, "bpf_fentry_test6")
KRETPROBE_BUS(cr_bus, "bpf_fentry_test6", VGIC_READ)
KPROBE_BUS(cp_ahead, "bpf_fentry_test4", PT_REGS_PARM2(ctx) & 1, OFF4)
KPROBE_DEV(cp_range, "bpf_fentry_test5", PT_REGS_PARM4(ctx) & 1, VGIC_NO_KIND, OFF5)
KPROBE_COUNT(ck_range, "bpf_fentry_test5", PT_REGS_PARM4(ctx) & 1, OFF5)
KRETPROBE_DEV(cr_range, "bpf_fentry_test5", op_of(s->addr), VGIC_NO_KIND, 0)
KRETPROBE_AHEAD(cr_ahead, "bpf_fentry_test6")
KRETPROBE_END(cr_end, "bpf_fentry_test4", VGIC_READ, 0)

#endif
