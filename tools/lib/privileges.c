// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <sys/prctl.h>
#include <stddef.h>
#include <sys/capability.h>
#include "privileges.h"

/* Capabilities that libcap or its headers are too old to know. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

static bool has(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value;

	return !cap_get_flag(caps, cap, CAP_EFFECTIVE, &value) && value == CAP_SET;
}

unsigned int privileges__missing(void)
{
	unsigned int missing = PRIVILEGE_BPF | PRIVILEGE_PERFMON;
	cap_t caps = cap_get_proc();

	if (!caps)
		return missing;
	if (has(caps, CAP_BPF) || has(caps, CAP_SYS_ADMIN))
		missing &= ~PRIVILEGE_BPF;
	if (has(caps, CAP_PERFMON) || has(caps, CAP_SYS_ADMIN))
		missing &= ~PRIVILEGE_PERFMON;
	cap_free(caps);
	return missing;
}

const char *privileges__name(unsigned int mask)
{
	static const char *const names[] = { "", "CAP_BPF", "CAP_PERFMON",
					     "CAP_BPF and CAP_PERFMON" };

	return names[mask & 3];
}

static bool is_permitted(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value;

	return !cap_get_flag(caps, cap, CAP_PERMITTED, &value) && value == CAP_SET;
}

/* The capability that lets read maps, CAP_BPF, else CAP_SYS_ADMIN, if we have one. */
static const cap_value_t *map_capability(void)
{
	static const cap_value_t wanted[] = { CAP_BPF, CAP_SYS_ADMIN };
	const cap_value_t *found = NULL;
	cap_t caps = cap_get_proc();

	for (int i = 0; caps && i < 2 && !found; i++)
		if (is_permitted(caps, wanted[i]))
			found = &wanted[i];
	cap_free(caps);
	return found;
}

/* Keeps @cap (NULL: nothing) in the permitted set, and if @active in the effective one. */
static int keep(const cap_value_t *cap, bool active)
{
	cap_t caps = cap_init();
	int err = 0;

	if (!caps)
		return -ENOMEM;
	if (cap && cap_set_flag(caps, CAP_PERMITTED, 1, cap, CAP_SET))
		err = -errno;
	if (cap && active && cap_set_flag(caps, CAP_EFFECTIVE, 1, cap, CAP_SET))
		err = -errno;
	if (!err && cap_set_proc(caps))
		err = -errno;
	cap_free(caps);
	return err;
}

int privileges__drop(int (*works)(void *arg), void *arg)
{
	const cap_value_t *cap = map_capability();
	int err = keep(cap, false);

	if (err)
		return err;
	/* Else user 0 would get them back by running a program. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	err = works(arg);
	if (err != -EPERM || !cap)
		return err ? err : keep(NULL, false);
	err = keep(cap, true);
	return err ? err : works(arg);
}
