// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifdef __aarch64__
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/psci.h>
#include "layout.h"
#include "program.h"

#define PAGE_WORDS 1024 /* a page of code, whatever the host's page size */
#define MAX_PAGE_SZ 65536
#define MAX_CODE_SZ (64u << 20) /* keeps every branch in reach */

/* Longest run of words that must not be torn apart: credit, stop, access. */
#define MAX_STEP_WORDS 9

extern const uint32_t guest_head[], guest_warm[], guest_measure[], guest_exception_stop[],
	guest_head_end[];
extern const uint32_t guest_page[], guest_page_end[];
extern const uint32_t guest_address[], guest_address_end[], guest_ops[];
extern const uint32_t guest_call[], guest_call_end[];
extern const uint32_t guest_credit[], guest_credit_end[];
extern const uint32_t guest_branch[];
extern const uint32_t guest_tail[], guest_tail_stop[], guest_tail_end[];

struct writer {
	uint32_t *code;
	size_t nr; /* words written */
	const struct bench_config *config;
};

static void put(struct writer *w, const uint32_t *words, const uint32_t *end)
{
	memcpy(w->code + w->nr, words, (end - words) * sizeof(*words));
	w->nr += end - words;
}

/* Sets the 32-bit constant of a movz, movk pair. */
static void set_constant(uint32_t *pair, uint32_t value)
{
	pair[0] |= (value & 0xffff) << 5;
	pair[1] |= (value >> 16) << 5;
}

static void put_call(struct writer *w, uint32_t function)
{
	uint32_t *at = w->code + w->nr;

	put(w, guest_call, guest_call_end);
	set_constant(at, function);
}

static void put_access(struct writer *w, uint32_t addr, bool own, enum vgic_op op,
		       unsigned int size)
{
	const uint32_t *insn = guest_ops + own * 8 + op * 4 + __builtin_ctz(size);
	uint32_t *at = w->code + w->nr;

	put(w, guest_address, guest_address_end);
	set_constant(at, addr);
	put(w, insn, insn + 1);
}

/* Hands the vCPU back to its thread. Three words, either way. */
static void put_stop(struct writer *w)
{
	if (w->config->mmio_stop)
		put_access(w, GUEST_DOORBELL, false, VGIC_WRITE, 4);
	else
		put_call(w, PSCI_1_0_FN_SYSTEM_SUSPEND);
}

static void put_step(struct writer *w, const struct access *a)
{
	if (w->config->rate) {
		put_stop(w);
	} else if (a->kind == VGIC_COALESCED) {
		put(w, guest_credit, guest_credit_end);
		put_stop(w);
	}
	if (a->kind == ACCESS_HVC)
		put_call(w, PSCI_0_2_FN_PSCI_VERSION);
	else
		put_access(w, a->addr, a->kind == VGIC_REDIST && a->target == ACCESS_OWN, a->op,
			   a->size);
}

/* To the word at @target, further on. */
static void put_branch(struct writer *w, size_t target)
{
	uint32_t *at = w->code + w->nr;
	uint32_t words = target - w->nr;

	if (!words)
		return;
	put(w, guest_branch, guest_branch + 1);
	*at |= words;
	w->nr = target;
}

static void put_page(struct writer *w, const struct access **next, const struct access *end)
{
	size_t page_end = w->nr + PAGE_WORDS;

	put(w, guest_page, guest_page_end);
	while (*next < end && w->nr + MAX_STEP_WORDS <= page_end)
		put_step(w, (*next)++);
	put_branch(w, page_end);
}

/* Copies a piece that holds a place for a stop. */
static void put_with_stop(struct writer *w, const uint32_t *piece, const uint32_t *stop,
			  const uint32_t *end)
{
	size_t start = w->nr;

	put(w, piece, end);
	w->nr = start + (stop - piece);
	put_stop(w);
	w->nr = start + (end - piece);
}

static void write_program(struct writer *w, const struct access_list *list)
{
	const struct access *next = list->items, *end = next + list->nr;

	put_with_stop(w, guest_head, guest_exception_stop, guest_head_end);
	w->nr = PAGE_WORDS;
	while (next < end)
		put_page(w, &next, end);
	put_with_stop(w, guest_tail, guest_tail_stop, guest_tail_end);
}

int program__build(struct program *program, const struct bench_config *config,
		   const struct access_list *list)
{
	size_t per_page = (PAGE_WORDS - (guest_page_end - guest_page)) / MAX_STEP_WORDS;
	size_t size = (list->nr / per_page + 3) * PAGE_WORDS * sizeof(uint32_t);
	struct writer w = { .config = config };

	size = (size + MAX_PAGE_SZ - 1) / MAX_PAGE_SZ * MAX_PAGE_SZ;
	if (size > MAX_CODE_SZ)
		return -E2BIG;
	w.code = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w.code == MAP_FAILED)
		return -ENOMEM;
	write_program(&w, list);
	*program = (struct program){
		.code = w.code,
		.size = size,
		.warm = GUEST_RAM + (guest_warm - guest_head) * sizeof(uint32_t),
		.measure = GUEST_RAM + (guest_measure - guest_head) * sizeof(uint32_t),
		.pages = GUEST_RAM + PAGE_WORDS * sizeof(uint32_t),
	};
	return 0;
}

void program__free(struct program *program)
{
	if (program->code)
		munmap(program->code, program->size);
	program->code = NULL;
}

#endif
