/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The guest, in the pieces that program_arm64.c puts together in its memory: a head (vectors and
 * entry points), pages of straight-line accesses, a tail. It runs at EL1 with the MMU off, uses no
 * memory and no stack, and talks to its vCPU's thread by registers only: without the MMU, its view
 * of memory and the host's may differ by what is in the caches.
 *
 * x0-x3  scratch (hypercalls change them)
 * x18    coalesced stores this vCPU may make until its thread must empty the ring
 * x19    how many of them are left, plus 1
 * x20    0
 * x21    this vCPU's redistributor
 * x22    first page of accesses
 * x23    counter when the last pass ended; after an exception its syndrome
 * x24    counter when the first pass began; after an exception the address
 * x25    passes done
 * x26    passes to do, 0 at the end; the thread sets it to 1 to make this one the last
 * x27    0 measure, 1 only touch every page of code, 2 an exception was taken
 *
 * Data aborts must have a valid syndrome for KVM to emulate the access: so single registers and no
 * write-back.
 */

#define GUEST_PAGE_WORDS 1024

	.section .rodata.guest, "a", %progbits

	.macro label name
	.global \name
	.hidden \name
\name:
	.endm

	/* ---- The head: copied to the start of guest memory. ---- */
	.balign 4096
label guest_head
	.rept 16			/* vectors: 2K, 128 bytes each */
	b guest_exception
	.balign 128
	.endr

	/* Thread's first call. Leads through every page of code without making an access. */
label guest_warm
	nop			/* skipped if the last exit was a store: see vcpu__start() */
	adr x0, guest_head
	msr vbar_el1, x0
	mrs x0, sctlr_el1
	orr x0, x0, #(1 << 12)		/* SCTLR_EL1.I: fetch through the instruction cache */
	msr sctlr_el1, x0
	isb
	br x22

	/* Thread's second call. */
label guest_measure
	nop
	isb
	mrs x24, cntvct_el0
	br x22

guest_exception:
	mov x27, #2
	mov x26, #0
	mrs x23, esr_el1
	mrs x24, elr_el1
label guest_exception_stop
	.rept 3				/* becomes guest_call or a store to the doorbell */
	udf #0
	.endr
	b guest_exception_stop
label guest_head_end

	/* ---- What a page of accesses starts with: in touching mode, on to the next. ---- */
label guest_page
	cbz x27, 1f
	b guest_page + 4 * GUEST_PAGE_WORDS
1:
label guest_page_end

	/* ---- One access: address, then one of guest_ops. ---- */
label guest_address
	movz w1, #0
	movk w1, #0, lsl #16
label guest_address_end

	/* By [own redistributor][write][log2 of the size]. */
label guest_ops
	ldrb w0, [x20, x1]
	ldrh w0, [x20, x1]
	ldr w0, [x20, x1]
	ldr x0, [x20, x1]
	strb wzr, [x20, x1]
	strh wzr, [x20, x1]
	str wzr, [x20, x1]
	str xzr, [x20, x1]
	ldrb w0, [x21, x1]
	ldrh w0, [x21, x1]
	ldr w0, [x21, x1]
	ldr x0, [x21, x1]
	strb wzr, [x21, x1]
	strh wzr, [x21, x1]
	str wzr, [x21, x1]
	str xzr, [x21, x1]

	/* ---- One hypercall. ---- */
label guest_call
	movz w0, #0
	movk w0, #0, lsl #16
	hvc #0
label guest_call_end

	/* ---- Before a coalesced store: every so often, the stop that follows. ---- */
label guest_credit
	sub x19, x19, #1
	cbnz x19, guest_credit + 24
	mov x19, x18
label guest_credit_end

	/* ---- From the last access of a page to the next page. ---- */
label guest_branch
	b .

	/* ---- The tail: behind the last page of accesses. ---- */
label guest_tail
	cbnz x27, guest_tail_stop
	add x25, x25, #1
	sub x26, x26, #1
	cbz x26, 1f
	br x22
1:	isb
	mrs x23, cntvct_el0
label guest_tail_stop
	.rept 3
	udf #0
	.endr
	b guest_tail_stop
label guest_tail_end

	.section .note.GNU-stack, "", %progbits
