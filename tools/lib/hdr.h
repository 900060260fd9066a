/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * HdrHistogram's own encoding of a histogram: version 2, compressed, base64, as its logs have it.
 * Source: HdrHistogram (Java), AbstractHistogram.encodeIntoCompressedByteBuffer() and
 * ZigZagEncoding; three significant digits, lowest value 1, so that values below 2048 are exact.
 */
#ifndef HDR_H
#define HDR_H

#include <stdint.h>

struct hdr;

struct hdr *hdr__new(void); /* NULL: no memory */
/* @value up to 2^62. 0 or -ENOMEM. */
int hdr__record(struct hdr *h, uint64_t value, uint64_t count);
/* The caller frees it. NULL: no memory. */
char *hdr__encode(const struct hdr *h);
void hdr__free(struct hdr *h); /* NULL: no-op */

#endif
