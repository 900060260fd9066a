#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# One run of 'scripts/lab compare', in the lab's guest (busybox): a recording for each number of vCPUs,
# and what each access takes with no tracer there.
#
# usage: compare.sh "VCPUS..." ACCESS,... N
# Leaves in /out: VCPUS.vgic and VCPUS.txt (what vgic-lat said); bare.txt, a line each: VCPUS ACCESS NS
set -eu

vcpus=$1 list=$2 n=$3
mkdir -p /out

# The guests of 64 vCPUs make as many accesses as those of one.
each() { echo $(((n + $1 - 1) / $1)); }

bare() {
	vgic-bench --json --vcpus "$1" -n "$(each "$1")" -a "$2" |
		sed -n "s/.*\"ns_per_access\":\([0-9.]*\).*/$1 $2 \1/p"
}

for v in $vcpus; do
	for access in hvc $(echo "$list" | tr , ' '); do
		bare "$v" "$access"
	done
done >/out/bare.txt
for v in $vcpus; do
	vgic-lat -o "/out/$v.vgic" -- vgic-bench --vcpus "$v" -n "$(each "$v")" -a "$list,hvc" \
		>"/out/$v.txt" 2>&1
done
