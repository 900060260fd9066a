/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-ins: the bodies of trace.bpf.c on the kernel's own empty functions, as bpf/calibrate.bpf.h
 * has them of access.bpf.c; tools/lib/trace_calibrate.c has the method. The vCPU is VGIC_CAL_VCPU
 * in all of them; what is in flight hangs on the task that runs the test functions, and user space
 * has prepared it.
 */
#ifndef TRACE_CAL_BPF_H
#define TRACE_CAL_BPF_H

/* The first arguments of bpf_fentry_test4 and 6 are 7 and 16. */
#define OFF4 (VGIC_CAL_VCPU - 7)

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
/* The last one: behind it nothing counts any more, and the access comes to its end. */
#define CLOCK_END(name, section, function) \
	SEC(section "/" function) int name(void *ctx) \
	{ \
		struct vgic_flight *f; \
\
		clock_ns[2] = bpf_ktime_get_ns(); \
		f = flight_get(false); \
		if (f) { \
			globals.cal_bus = f->t_bus; \
			globals.cal_dev = f->t_dev; \
			globals.cal_reg = f->t_reg; \
			globals.cal_out = f->t_out; \
			f->t_bus = 0; \
		} \
		return 0; \
	}
CLOCK(ce_clock3, "fentry", "bpf_fentry_test3", 0)
CLOCK(ce_clock7, "fentry", "bpf_fentry_test7", 1)
CLOCK_END(ce_clock8, "fentry", "bpf_fentry_test8")
CLOCK(cp_clock3, "kprobe", "bpf_fentry_test3", 0)
CLOCK(cp_clock7, "kprobe", "bpf_fentry_test7", 1)
CLOCK_END(cp_clock8, "kprobe", "bpf_fentry_test8")

FENTRY_BUS(ce_bus, "bpf_fentry_test4", VGIC_READ, OFF4, 3)
FENTRY_DEV(ce_dev, "bpf_fentry_test5", VGIC_NO_KIND)
FEXIT_DEV(cx_dev, "bpf_fentry_test5", VGIC_NO_KIND, 0)
FEXIT_REGION(cx_region, "bpf_fentry_test6")
/* T7 up to its clock reading; what it does behind that is in no stage. */
#define BUS_END(name, section, function) \
	SEC(section "/" function) int name(void *ctx) \
	{ \
		globals.cal_end = bpf_ktime_get_ns(); \
		return 0; \
	}
BUS_END(cx_bus, "fexit", "bpf_fentry_test4")

KPROBE_BUS(cp_bus, "bpf_fentry_test4", VGIC_READ, OFF4)
KPROBE_DEV(cp_dev, "bpf_fentry_test5", VGIC_NO_KIND)
KRETPROBE_DEV(cr_dev, "bpf_fentry_test5", VGIC_NO_KIND, 0)
KRETPROBE_REGION(cr_region, "bpf_fentry_test6")
BUS_END(cr_bus, "kretprobe", "bpf_fentry_test4")

#endif
