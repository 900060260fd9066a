/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The exits' part of recordings, written and read. Only recorder.c and recording*.c include this.
 */
#ifndef RECORDING_EXITS_H
#define RECORDING_EXITS_H

#include "recording_db.h"
#include "recording_reader.h"

/* The statements that write them. */
struct exits_writer {
	sqlite3_stmt *count, *kvm, *slice;
};

int exits_writer__prepare(struct exits_writer *w, sqlite3 *db); /* 0 or -EIO */
/*
 * What @s has other than @written, which is brought to it. @vms: the numbers of @s' VMs in
 * @written. 0, -ENOMEM or -EIO.
 */
int exits_writer__slice(struct exits_writer *w, uint64_t slice, const struct sample *s,
			const uint32_t *vms, struct sample *written);
void exits_writer__close(struct exits_writer *w);

/* Brings the state to the end of the slice that the cursor stands at. 0 or -errno. */
int recording_exits__read(struct recording *r);
int recording_exits__prepare(struct recording *r);
int recording_exits__rewind(struct recording *r);
/* Whether there are more, behind the last slice. */
bool recording_exits__has_more(const struct recording *r);
void recording_exits__close(struct recording *r);
/* The state's, to @to; @vms: its VMs there, UINT32_MAX: not there. 0 or -errno. */
int recording_exits__copy(const struct recording *r, struct sample *to, const uint32_t *vms);

#endif
