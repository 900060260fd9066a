#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Many more vCPU threads than CPUs, down to one CPU: in-flight state is kept per vCPU, not per CPU.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	for cpus in 1 2; do
		name=$kernel-${cpus}cpu
		boot "$name" -k "$kernel" -g 3 --smp $cpus -t 500 -- sh /lab/files/cases.sh preempted || continue
		for c in many-default many-lite many-stages many-counts many-vms; do
			laws "$name $c" "$results/$name/$c" sleepers
		done
	done
done
exit $status
