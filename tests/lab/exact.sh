#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Exact counts of every register the bench can name, on real kernels; the conservation laws.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	for gic in 3 2; do
		name=$kernel-gicv$gic
		most=$([ "$gic" = 2 ] && echo 8 || echo 64)
		boot "$name" -k "$kernel" -g "$gic" -t 500 -- sh /lab/files/cases.sh exact "$gic" "$most" || continue
		for c in all-1-default all-1-counts all-1-lite all-1-stages all-4-default all-4-kprobes \
			all-most-default vms-default others-default others-match others-lite others-lite-match \
			lite-kprobes others-lite-kprobes others-counts others-stages others-kprobes issue-4; do
			sleepers=
			[[ $c != all-most-default && $c != vms-default ]] || sleepers=sleepers
			laws "$name $c" "$results/$name/$c" $sleepers
		done
		claim "$name issue-4: count 1000 for each" "$results/$name/issue-4.out" \
			'[.[] | select(.type == "range" and .handled == "kernel") | .count] == [1000, 1000]'
	done
done
exit $status
