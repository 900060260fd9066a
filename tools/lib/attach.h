/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Attaches a BPF object by a plan: loads what the plan uses, attaches hook by hook, and where that
 * fails lets the plan fall back and tries again. Whose object it is, its owner knows.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include <stdbool.h>
#include "plan.h"

struct bpf_object;
struct bpf_link;
struct btf;

struct attach {
	struct plan *plan; /* NULL: there was no memory for it */
	bool verbose;      /* libbpf's own log goes to stderr */
	/* Opens and loads the object, with attach__select() in between. 0 or -errno. */
	int (*load)(struct attach *a);
	/* Drops it, loaded or not. */
	void (*unload)(struct attach *a);
	/* All of these may be NULL: */
	void (*has_types)(struct attach *a, const struct btf *btf); /* before the first try */
	void (*loaded)(struct attach *a);                           /* before attaching */
	void (*attached)(struct attach *a);
	const char *less_memory; /* "; hint" how to do with less; NULL: there is no way */
	void *arg;               /* the owner's */

	struct bpf_object *object; /* set by load */
	struct bpf_link **links;   /* one per hook of the plan; NULL = not attached */
};

/* 0, or -errno and a line for the user in attach__error() ("cannot ...: reason; hint"). */
int attach__run(struct attach *a);
const char *attach__error(void);
/* Only what the plan uses, and what @also names, will be loaded: the rest may not even verify. */
int attach__select(const struct attach *a,
		   bool (*also)(const struct attach *a, const char *program));
/* Detaches, in the order of the plan, and waits until no program runs any more. */
void attach__detach(struct attach *a);
/*
 * The same of those hooks only that accesses to the VGIC pay for, and attaches them again. 0 or
 * -errno.
 */
void attach__pause(struct attach *a);
int attach__resume(struct attach *a);
/* And unloads. The plan stays the caller's. */
void attach__end(struct attach *a);
/* How often programs were left out because they were running already. 0 or -errno. */
int attach__recursion_misses(const struct attach *a, uint64_t *misses);

#endif
