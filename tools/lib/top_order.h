/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Which rows of vgic-top's shown view are listed, and in which order. */
#ifndef TOP_ORDER_H
#define TOP_ORDER_H

#include "top_model.h"

/* Makes the model's order anew, and finds what is selected in it. 0 or -ENOMEM. */
int top_order__make(struct top_model *m);

#endif
