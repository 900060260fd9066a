#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Many more vCPU threads than CPUs, down to one CPU: in-flight state is kept per vCPU, not per CPU.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	name=$kernel-1cpu
	boot "$name" -k "$kernel" -g 3 --smp 1 -t 900 -- sh /lab/files/cases.sh exact 3 64 || continue
	for c in all-1-stages all-4-default all-most-default vms-default others-stages; do
		laws "$name $c" "$results/$name/$c"
	done
done
exit $status
