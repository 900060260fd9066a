/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only OR BSD-2-Clause */
/*
 * Why a vCPU left the guest, as the hardware says and KVM passes on (kvm_exit): for a trap the
 * exception class, ESR_EL2.EC (names: ESR_ELx_EC_* in the kernel's arch/arm64/include/asm/esr.h;
 * classes without one are EC_xx), else KVM's own exception code (ARM_EXCEPTION_*,
 * arch/arm64/include/asm/kvm_asm.h).
 */
#ifndef VGIC_EXITS_H
#define VGIC_EXITS_H

/* clang-format off */

#define VGIC_NR_CLASSES 64

/* X(number, name): all classes, in order. */
#define VGIC_EXIT_CLASSES(X) \
	X(0x00, UNKNOWN)	X(0x01, WFx)		X(0x02, EC_02)		X(0x03, CP15_32) \
	X(0x04, CP15_64)	X(0x05, CP14_MR)	X(0x06, CP14_LS)	X(0x07, FP_ASIMD) \
	X(0x08, CP10_ID)	X(0x09, PAC)		X(0x0a, OTHER)		X(0x0b, EC_0b) \
	X(0x0c, CP14_64)	X(0x0d, BTI)		X(0x0e, ILL)		X(0x0f, EC_0f) \
	X(0x10, EC_10)		X(0x11, SVC32)		X(0x12, HVC32)		X(0x13, SMC32) \
	X(0x14, SYSREG128)	X(0x15, SVC64)		X(0x16, HVC64)		X(0x17, SMC64) \
	X(0x18, SYS64)		X(0x19, SVE)		X(0x1a, ERET)		X(0x1b, EC_1b) \
	X(0x1c, FPAC)		X(0x1d, SME)		X(0x1e, EC_1e)		X(0x1f, IMP_DEF) \
	X(0x20, IABT_LOW)	X(0x21, IABT_CUR)	X(0x22, PC_ALIGN)	X(0x23, EC_23) \
	X(0x24, DABT_LOW)	X(0x25, DABT_CUR)	X(0x26, SP_ALIGN)	X(0x27, MOPS) \
	X(0x28, FP_EXC32)	X(0x29, EC_29)		X(0x2a, EC_2a)		X(0x2b, EC_2b) \
	X(0x2c, FP_EXC64)	X(0x2d, GCS)		X(0x2e, EC_2e)		X(0x2f, SERROR) \
	X(0x30, BREAKPT_LOW)	X(0x31, BREAKPT_CUR)	X(0x32, SOFTSTP_LOW)	X(0x33, SOFTSTP_CUR) \
	X(0x34, WATCHPT_LOW)	X(0x35, WATCHPT_CUR)	X(0x36, EC_36)		X(0x37, EC_37) \
	X(0x38, BKPT32)		X(0x39, EC_39)		X(0x3a, VECTOR32)	X(0x3b, EC_3b) \
	X(0x3c, BRK64)		X(0x3d, EC_3d)		X(0x3e, EC_3e)		X(0x3f, EC_3f)

/* X(code, name): the other reasons, numbered on behind the classes. */
#define VGIC_EXIT_CODES(X) \
	X(0, IRQ)		/* an interrupt of the host's: no instruction of the guest's */ \
	X(1, EL1_SERROR) \
	X(3, IL)		/* illegal execution state */ \
	X(0xbadca11, HYP_GONE) \
	X(~0u, NEW_CODE)	/* none of these: a kernel newer than this table */

enum vgic_exit {
#define X(ec, name) VGIC_EXIT_##name = (ec),
	VGIC_EXIT_CLASSES(X)
#undef X
	VGIC_EXIT_LAST_CLASS = VGIC_NR_CLASSES - 1,
#define X(code, name) VGIC_EXIT_##name,
	VGIC_EXIT_CODES(X)
#undef X
	VGIC_NR_EXITS,
};

/* ARM_EXCEPTION_TRAP: the class says more. ARM_EXIT_WITH_SERROR_BIT: an SError is pending besides. */
#define VGIC_CODE_TRAP 2
#define VGIC_CODE_SERROR_BIT (1u << 31)

/* clang-format on */

#endif
