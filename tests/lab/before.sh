#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-lat on a kernel that asks the VGIC ahead of the bus, as Linux did before 4.1: exact counts, and
# stages as the emulator counts them. Where 'scripts/lab build-kernels' has made that kernel.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

if [ ! -f "${LAB_DIR:-build/lab}/kernels/before/Image" ]; then
	echo "skip - vgic-lat on a VGIC ahead of the bus (no kernel 'before': scripts/lab build-kernels)"
	exit 0
fi

for gic in 3 2; do
	name=before-gicv$gic
	most=$([ "$gic" = 2 ] && echo 8 || echo 64)
	boot "$name" -k before -g "$gic" -t 500 -- sh /lab/files/cases.sh ahead "$gic" "$most" || continue
	for c in all-1-default all-1-counts all-1-lite all-1-stages all-4-kprobes all-4-counts-kprobes \
		all-most-default vms-default others-default others-counts others-stages; do
		sleepers=
		[[ $c != all-most-default && $c != vms-default ]] || sleepers=sleepers
		laws "$name $c" "$results/$name/$c" $sleepers
	done
	claim "$name: the boundaries are the VGIC's own" "$results/$name/all-1-default.out" '
		[.[] | select(.type == "header").hooks[] | select(.boundary | startswith("T2")).function] |
		if . == ["vgic_handle_mmio"] then true else . end'
done
LAB_KERNELS=before bash tests/lab/truth.sh || status=1
exit $status
