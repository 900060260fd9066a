#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# In the lab: what vgic-lat costs. The first line is the kernel's release; then a line a case:
# NAME VCPUS VMS NS_PER_ACCESS.
set -u
list=GICD_CTLR:r,GICD_TYPER:r,GICR_TYPER:r,GICD_ISENABLER1:w

cost() {
	name=$1 vcpus=$2 vms=$3
	shift 3
	n=$((16000 / vcpus / vms))
	ns=$("$@" vgic-bench --json --vcpus "$vcpus" --vms "$vms" --iterations $n --access $list 2>&1 |
		sed -n 's/.*"ns_per_access":\([0-9.]*\),"guest.*/\1/p' | head -1)
	echo "$name $vcpus $vms ${ns:-failed}"
}

all() {
	cost bare "$1" "$2"
	for profile in counts lite default; do
		cost $profile "$1" "$2" vgic-lat --profile $profile --
	done
	[ "${3:-}" = kprobes ] || return 0
	for profile in counts lite default; do
		cost $profile-kprobes "$1" "$2" vgic-lat --kprobes --profile $profile --
	done
}

uname -r | cut -d- -f1
all 1 1 kprobes
all 64 1
all 1 16
