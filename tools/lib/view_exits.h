/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Exits by reason, as reports show them: a part of view_text and view_json. */
#ifndef VIEW_EXITS_H
#define VIEW_EXITS_H

#include <stddef.h>
#include <stdio.h>
#include "json.h"
#include "view.h"

/* Whether VM number @vm has any to show. */
bool view_exits__any(const struct sample *sample, size_t vm);
/* A VM's table, most frequent reasons first. 0 or -ENOMEM. */
int view_exits__table(FILE *out, const struct view *view, const struct sample *sample, size_t vm);

/* What there was of all VMs, beside KVM's own count of them. */
struct view_exits {
	uint64_t seen, kvm;
};
struct view_exits view_exits__totals(const struct sample *sample);

/* Text: the lines of the exits, and before them that of @user, the accesses left to user space. */
void view_exits__print_totals(FILE *out, const struct sample *sample, uint64_t user);

/* A line per VM, or vCPU. 0 or -ENOMEM. */
int view_exits__json(FILE *out, const struct report *report);
/* As "exits", for the summary; nothing where none were counted. */
void view_exits__summary(struct json *json, const struct sample *sample);

#endif
