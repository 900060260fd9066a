#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# VMs that start, stop and die while they are traced; attaching to a running one.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	name=$kernel-churn
	boot "$name" -k "$kernel" -g 3 -t 500 -- sh /lab/files/cases.sh churn 3 || continue
	dir=$results/$name
	jq -c 'select(.type == "range" or .type == "summary")' "$dir/churn.out" > "$dir/churn.both"
	cat "$dir"/churn-?.bench | jq -c '. + {type: "bench"}' >> "$dir/churn.both"
	claim "$name: nothing is lost when VMs come and go" "$dir/churn.both" '
		map(select(.type == "summary"))[-1] as $s
		| if $s.seen == $s.kvm_mmio_exit_kernel and $s.seen > 0 and ([$s.lost[]] | add) == 0
		  then true else $s end'
	claim "$name: counts of six VMs one after the other are exact" "$dir/churn.both" '
		(map(select(.type == "range" and .range != "GICD_IIDR" and .range != "GICD_CTLR"
			and .handled == "kernel") | .count) | add) as $seen
		| ([.[] | select(.type == "bench").counts[] | select(.handled == "kernel"
			and .range != "GICD_IIDR" and .range != "GICD_CTLR") | .count] | add) as $made
		| if $seen == $made then true else "seen \($seen), made \($made)" end'
	claim "$name: the report comes after SIGINT, status 0" "$dir/churn.rc" '. == [0]'

	jq -c 'select(.type == "range" or .type == "summary")' "$dir/recycle.out" > "$dir/recycle.both"
	grep '^{' "$dir/recycle.err" | jq -c '. + {type: "bench"}' >> "$dir/recycle.both"
	claim "$name: records of dead VMs are used again, and counts stay exact" "$dir/recycle.both" '
		([.[] | select(.type == "range").count] | add) as $seen
		| ([.[] | select(.type == "bench").counts[].count] | add) as $made
		| map(select(.type == "summary"))[-1] as $s
		| if $seen == $made and $made == 800 and ($s.lost | del(.no_end) | [.[]] | add) == 0
		  then true else "seen \($seen), made \($made), \($s)" end'
	claim "$name: intervals agree with KVM while VMs come and go" "$dir/ends.out" '
		map(select(.type == "summary")) as $s
		| [$s[] | select(.kvm_mmio_exit_kernel != null and .seen != .kvm_mmio_exit_kernel)] as $wrong
		| if $wrong == [] and ($s | map(.seen) | add) == 1600 and ($s | map(.user) | add) == 1600
		  then true else {seen: ($s | map(.seen) | add), $wrong} end'
	claim "$name: a report made while a VM is taken apart does not miscount" "$dir/killed.out" '
		map(select(.type == "summary"))[-1] as $s
		| if $s.seen > 0 and $s.kvm_mmio_exit_kernel == null or $s.seen == $s.kvm_mmio_exit_kernel
		  then true else $s end'
	for c in no-vcpus:no_slot no-cells:no_cell; do
		claim "$name: ${c%:*}: what there is no room for is counted as lost, access by access" \
			"$dir/${c%:*}.out" "map(select(.type == \"summary\"))[-1]
			| if .seen + .lost.${c#*:} == 400 and .lost.${c#*:} > 0 and .seen > 0 then true else . end"
	done
	claim "$name: no-blocks: accesses are counted, lost latencies too" "$dir/no-blocks.out" '
		map(select(.type == "summary"))[-1] as $s
		| ([.[] | select(.type == "range").stages[].count] | add) as $timed
		| if $s.seen == 400 and $s.lost.no_block > 0
			and $timed + $s.lost.no_block + 3 * $s.untimed == 1200
		  then true else "timed \($timed), \($s)" end'

	claim "$name: attaching to a running VM sees it, and nothing is lost" "$dir/attach.out" '
		map(select(.type == "summary"))[-1] as $s
		| if $s.seen > 100 and ($s.lost | del(.no_start, .no_end) | [.[]] | add) == 0
			and ($s.seen - $s.kvm_mmio_exit_kernel | fabs) <= 8
		  then true else $s end'
	claim "$name: a process that is no VM is refused" "$dir/attach-wrong.rc" '. == [1]'
	claim "$name: intervals are reported one by one" "$dir/interval.out" '
		map(select(.type == "summary")) | if length == 3 and all(.seen > 0) then true else . end'
done
exit $status
