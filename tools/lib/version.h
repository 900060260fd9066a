/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The version: the Makefile's; this one where a file is compiled without it. */
#ifndef VERSION_H
#define VERSION_H

#ifndef VERSION
#define VERSION "0-unknown"
#endif

#endif
