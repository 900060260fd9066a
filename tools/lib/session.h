/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A session: the BPF programs loaded, attached by the best plan the kernel takes, and read as
 * samples. Who calls it: vgic-lat, vgic-info (and the tools to come); what it must not know: how
 * anything is printed, or which maps there are.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "calibration.h"
#include "plan.h"
#include "sample.h"

#define SESSION_MAX_VCPU_ID 1024

struct session_opts {
	uint32_t stages;       /* mask of enum vgic_stage; 0: exact counts only, no clock is read */
	uint32_t pid;          /* trace only this VMM's VMs; 0 = all */
	const uint64_t *vcpus; /* bitmap of vcpu_ids, SESSION_MAX_VCPU_ID bits; NULL = all */
	bool per_vcpu;         /* samples keep vCPUs apart */
	bool per_device;       /* samples keep devices of a kind apart (base, target) */
	bool exits;            /* count exits by reason, too: every exit pays */
	bool only_kprobes;     /* do not use fentry (tests, comparisons) */
	bool verbose;          /* libbpf's own log goes to stderr */
	uint32_t max_vcpus;    /* bounds of the pools; 0 = default */
	uint32_t max_cells;
	uint32_t max_blocks;
};

struct session;

/*
 * Loads and attaches. On failure returns -errno, nothing stays attached, and session__error() has a
 * line for the user ("cannot ...: reason; hint"), valid until the next call.
 */
int session__open(const struct session_opts *opts, struct session **session);
const char *session__error(void);

/* The resolved plan: per hook the method taken and why not a better one. Lives with the session. */
const struct plan *session__plan(const struct session *s);

/* What the hooks add to the stages and to an access, as measured before. Lives with the session. */
const struct calibration *session__calibration(const struct session *s);

/*
 * Everything since the session was opened. Cheap enough to call every second; call it at least so
 * often that VMs that come and go do not fill the pools (their records are recycled here).
 * 0 or -errno; the caller frees the sample.
 */
int session__snapshot(struct session *s, struct sample **sample);

/*
 * Stops and goes on; without stages only (-EINVAL). The accesses in between are in no snapshot
 * (sample.attached_ns tells how long that was not so), and cost nothing. Snapshots still work. 0 or
 * -errno.
 */
int session__pause(struct session *s);
int session__resume(struct session *s);

/*
 * Counts exits by reason (sample.has_exits) from now on, and no more; while nobody does they cost
 * nothing. Takes the privileges that opening took. What is counted while others pause is left out.
 * 0, or -errno: of the first with session__error().
 */
int session__start_exits(struct session *s);
int session__stop_exits(struct session *s);

/* Stops counting: detaches all and waits until no program runs any more. Snapshots still work. */
void session__detach(struct session *s);
/* Bytes of kernel memory that the maps hold. */
size_t session__map_bytes(const struct session *s);
void session__close(struct session *s); /* NULL: no-op */

#endif
