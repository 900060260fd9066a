/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The guest's code, made from the access list and the pieces in guest.S: three instructions an
 * access, four a pass. The same for all vCPUs of all VMs.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stddef.h>
#include <stdint.h>
#include "bench.h"

struct program {
	uint32_t *code;   /* page-aligned, ready to be guest memory at GUEST_RAM */
	size_t size;      /* bytes, whole pages of any size that arm64 knows */
	uint64_t warm;    /* entry: touches every page of code, then stops */
	uint64_t measure; /* entry: goes through the list, then stops */
	uint64_t pages;   /* for x22 */
};

/* 0, -ENOMEM, or -E2BIG: the list is too long. */
int program__build(struct program *program, const struct bench_config *config,
		   const struct access_list *list);
void program__free(struct program *program);

#endif
