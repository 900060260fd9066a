#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# VMs that start, stop and die while they are traced; attaching to a running one.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	name=$kernel-churn
	boot "$name" -k "$kernel" -g 3 -t 600 -- sh /lab/files/cases.sh churn 3 || continue
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
	claim "$name: attaching to a running VM sees it and agrees with KVM" "$dir/attach.out" '
		map(select(.type == "summary"))[-1] as $s
		| if $s.seen > 0 and $s.seen == $s.kvm_mmio_exit_kernel and ([$s.lost[]] | add) == 0
		  then true else $s end'
	claim "$name: a process that is no VM is refused" "$dir/attach-wrong.rc" '. == [1]'
	claim "$name: intervals are reported one by one" "$dir/interval.out" '
		map(select(.type == "summary")) | if length == 3 and all(.seen > 0) then true else . end'
done
exit $status
