/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-top -b: the shown view as text or JSON, interval by interval. */
#ifndef TOP_BATCH_H
#define TOP_BATCH_H

#include <stdio.h>
#include "top_model.h"

/* Both return 0 or -ENOMEM; whether @out took it all is for the caller to ask. */
struct top_batch_ops {
	int (*header)(FILE *out, const struct view *view);
	/* Of what the model took last, which @report tells about. */
	int (*interval)(FILE *out, const struct top_model *m, const struct report *report);
};
extern const struct top_batch_ops top_batch_text, top_batch_json;

#endif
