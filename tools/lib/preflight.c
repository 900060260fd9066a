// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "preflight.h"
#include "privileges.h"

void preflight__look(struct preflight *p)
{
	struct utsname uts;

	memset(p, 0, sizeof(*p));
	if (!uname(&uts))
		snprintf(p->machine, sizeof(p->machine), "%s", uts.machine);
	/* A container may see KVM without its device file, and trace all the same. */
	p->has_kvm = !access("/dev/kvm", F_OK) || !access("/sys/class/misc/kvm", F_OK);
	p->has_btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	p->missing = privileges__missing();
}

int preflight__judge(const struct preflight *p, char *line, size_t size)
{
	if (strcmp(p->machine, "aarch64")) {
		snprintf(line, size,
			 "cannot trace on %s: the VGIC is arm64's; "
			 "run this on an arm64 KVM host, such as the one of scripts/lab",
			 p->machine);
		return -EOPNOTSUPP;
	}
	if (!p->has_kvm) {
		snprintf(line, size,
			 "cannot trace: this kernel has no KVM (no /dev/kvm); "
			 "KVM needs a host that was started in EL2");
		return -ENODEV;
	}
	if (p->missing) {
		snprintf(line, size,
			 "cannot trace: %s missing; "
			 "run as root, or with CAP_BPF and CAP_PERFMON",
			 privileges__name(p->missing));
		return -EPERM;
	}
	if (!p->has_btf) {
		snprintf(line, size,
			 "cannot trace: the kernel has no BTF (/sys/kernel/btf/vmlinux); "
			 "it takes one with CONFIG_DEBUG_INFO_BTF");
		return -ENOENT;
	}
	line[0] = '\0';
	return 0;
}

int preflight__check(char *line, size_t size)
{
	struct preflight p;

	preflight__look(&p);
	return preflight__judge(&p, line, size);
}
