/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* vgic-top -r: a recording as the source of what is shown, as fast as it happened. */
#ifndef TOP_PLAY_H
#define TOP_PLAY_H

#include "top_show.h"

/* Messages are printed. The exit status. */
int top_play__run(struct top_show *show);

#endif
