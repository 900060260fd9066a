// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Where no arm64 guest can run: everything parses, nothing runs. */
#ifndef __aarch64__
#include <errno.h>
#include "bench.h"
#include "fail.h"

int bench__default_gic(void)
{
	return fail(-ENOSYS, "needs an arm64 host with KVM; try 'scripts/lab run -- vgic-bench'");
}

bool bench__has_gicc_dir(void)
{
	return true;
}

int bench__run(const struct bench_config *config, const struct access_list *list,
	       struct bench_result *result)
{
	(void)config;
	(void)list;
	(void)result;
	return bench__default_gic();
}

void bench_result__free(struct bench_result *result)
{
	(void)result;
}

#endif
