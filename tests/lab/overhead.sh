#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# --max-overhead: what the tool takes, and what it does to take less. On the instruction clock, on one
# kernel: a busy guest makes each second of it minutes of ours (and detaching on 7.2 many more).
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

for kernel in $kernels; do
	if [ "$kernel" != bookworm-backports ]; then
		echo "skip - $kernel-overhead (it takes minutes, and does the same as on bookworm-backports)"
		continue
	fi
	name=$kernel-overhead
	boot "$name" -k "$kernel" -i -s 1 -t 500 -- sh /lab/files/cases.sh overhead || continue
	dir=$results/$name
	claim "$name: what costs less than allowed is left as it is" "$dir/enough.out" '
		map(select(.type == "header").profile) as $p | map(select(.type == "summary"))[-1] as $s
		| if $p == ["default"] and $s.duty_cycle == 1 and $s.overhead.cpu_pct > 15
			and $s.overhead.cpu_pct < 60 then true else [$p, $s] end'
	claim "$name: stages are left out first" "$dir/lower.out" '
		map(select(.type == "header").profile) as $p
		| if $p[0] == "default" and ($p | length) > 1 and $p[-1] != "default"
		  then true else $p end'
	for c in lower:20 pause:2; do
		claim "$name: ${c%:*}: the average stays below ${c#*:} % of a CPU" "$dir/${c%:*}.out" '
			map(select(.type == "summary")) as $s
			| (($s | map(.overhead.cpu_pct * .duration_ns) | add) / ($s[-1].end_ns - $s[0].begin_ns)) as $pct
			| if $pct > 0 and $pct <= '"${c#*:}"' then true else $pct end'
		claim "$name: ${c%:*}: seen is what KVM counted, in the time attached" "$dir/${c%:*}.out" '
			map(select(.type == "summary") | [.seen, .kvm_mmio_exit_kernel])
			| if all(.[]; .[1] != null and ((.[0] - .[1]) | fabs) <= 1) and (map(.[0]) | add) > 0
			  then true else . end'
	done
	claim "$name: counts only, for a part of the time, which is said" "$dir/pause.out" '
		map(select(.type == "header").profile)[-1] as $p | map(select(.type == "summary"))[-1] as $s
		| ($s.seen / ($s.attached_ns / 1e9)) as $rate
		| if $p == "counts" and $s.duty_cycle > 0.02 and $s.duty_cycle < 0.9
			and ($s.rate_per_s - $rate | fabs) < 1 then true else [$p, $s] end'
	grep '^{' "$dir/guest.err" | cat "$dir/bare.out" - > "$dir/both.out"
	claim "$name: what the guest lacks of the only CPU is less than 2 %, and not nothing" "$dir/both.out" '
		(.[1].wall_ns_per_access - .[0].wall_ns_per_access) * .[1].accesses / 5e9 * 100
		| if . > 0.2 and . <= 2 then true else . end'
	claim "$name: a bad percentage is refused" "$dir/wrong.rc" '. == [2]'
done
exit $status
