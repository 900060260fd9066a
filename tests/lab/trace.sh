#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-trace on real kernels: every access one line, with its register, size and value; what is
# filtered, dropped and missed adds up to KVM's count; Chrome traces nest; times are vgic-lat's.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

# adds_up NAME BASE: seen == written + filtered + dropped, == KVM's == made, and nothing was missed.
# (A kretprobe whose instances run out misses ends: those are said.)
adds_up() {
	local name=$1 base=$2
	if [ "$(cat "$base.rc" 2> /dev/null)" != 0 ]; then
		not_ok "$name: vgic-trace succeeds"
		tail -20 "$base.err" | sed 's/^/# /'
		return
	fi
	{ cat "$base.out"; grep '^{' "$base.err" | jq -c '. + {type: "bench"}'; } > "$base.both"
	claim "$name: seen == written + filtered + dropped == KVM's count == made" "$base.both" '
		(map(select(.type == "summary"))[0]) as $s
		| (map(select(.type == "header"))[0].attach | contains("kretprobe")) as $misses
		| (map(select(.type == "access")) | length) as $lines
		| (map(select(.type == "bench"))[0].counts | map(select(.range != "hvc"))) as $made
		| ($made | map(select(.handled == "kernel").count) | add // 0) as $kernel
		| ($made | map(select(.handled == "user").count) | add // 0) as $user
		| ($s.lost.no_end + $s.lost.untold) as $lost
		| if $s.seen + $s.user == $s.written + $s.filtered + $s.dropped and $s.written == $lines
			and $s.seen + $s.user + $lost == $kernel + $user and $kernel > 0
			and $s.kvm_mmio_exit_kernel == $kernel and $s.seen <= $kernel
			and ([$s.lost[]] | add) <= (if $misses then ($kernel / 2) else 0 end)
		  then true else "\($s), made \($kernel) and \($user), \($lines) lines" end'
}

# told NAME BASE: and every one of them is told, register by register.
told() {
	claim "$1: as many lines of each register as accesses were made" "$2.both" '
		def by: map({key: "\(.range) \(.op) \(.handled)", value: .count}) | group_by(.key)
			| map({key: .[0].key, value: (map(.value) | add)}) | from_entries;
		(map(select(.type == "access") + {count: 1}) | by) as $seen
		| (map(select(.type == "bench"))[0].counts | map(select(.count > 0 and .range != "hvc")) | by) as $made
		| if $seen == $made then true else
			"\($seen | to_entries - ($made | to_entries)), \($made | to_entries - ($seen | to_entries))" end'
	claim "$1: in the order of their begin, but for those that are said to be late" "$2.both" '
		(map(select(.type == "summary")) | last).late as $late
		| reduce (.[] | select(.type == "access").time_ns) as $t ({max: 0, late: 0};
			if $t < .max then .late += 1 else .max = $t end)
		| if .late == $late then true else "\(.), \($late) said to be late" end'
}

# nests NAME FILE: slices of a track lie apart or within each other; a track for each vCPU.
nests() {
	claim "$1: the Chrome trace has a track for each of $3 vCPUs" "$2" '
		flatten | map(select(.ph == "M" and .name == "thread_name")) | length == '"$3"
	claim "$1: its slices nest" "$2" '
		flatten | map(select(.ph == "X")) | group_by([.pid, .tid])
		| map(sort_by([.ts, -.dur]) | reduce .[] as $s ({stack: [], bad: 0};
			until((.stack | length) == 0 or .stack[-1] > $s.ts + 0.0001; .stack |= .[:-1])
			| if (.stack | length) > 0 and $s.ts + $s.dur > .stack[-1] + 0.0005 then .bad += 1 else . end
			| .stack += [$s.ts + $s.dur]) | .bad) | length > 0 and add == 0'
}

# Size, address and value of each access against the kernel event kvm_mmio, in any order.
values() {
	local base=$1 got wanted
	got=$(jq -r 'select(.type == "access" and (.handled == "kernel" or .op == "write"))
		| "\(.op) len \(.size) gpa \(.address) val \(.value)"' "$base.out" | sort | uniq -c)
	wanted=$(grep -E '^(read|write) ' "$base.kvm" | tr -d '\r' |
		grep -vE '^read .*gpa 0x10000000 ' | sed 's/val 0x0*\([0-9a-f]\)/val 0x\1/' | sort | uniq -c)
	if [ "$got" = "$wanted" ] && grep -q 'val 0x4b00' <<< "$got"; then
		ok "$2: sizes, addresses and values are those of the event kvm_mmio"
	else
		not_ok "$2: sizes, addresses and values are those of the event kvm_mmio"
		diff <(echo "$got") <(echo "$wanted") | head -40 | sed 's/^/# /'
	fi
}

# same_times NAME LAT TRACE STAGES: each stage's mean is vgic-lat's, within 10 % or a tick.
same_times() {
	jq -c 'select(.type == "range" or .type == "access")' "$2" "$3" > "$3.means"
	claim "$1: the means of $4 are vgic-lat's" "$3.means" '
		def means: group_by(.key) | map({key: .[0].key, value: (map(.ns) | add / length)}) | from_entries;
		("'"$4"'" | split(" ")) as $stages
		| (map(select(.type == "range" and .count >= 50) | . as $r | $stages[]
			| {key: "\($r.range) \($r.op) \(.)", ns: $r.stages[.].mean_ns}) | means) as $lat
		| (map(select(.type == "access" and .as_measured == []) | . as $a | $stages[]
			| {key: "\($a.range) \($a.op) \(.)", ns: $a.stages[.]}) | means) as $trace
		| ([$lat | to_entries[] | . + {trace: $trace[.key]}
			| select(.trace == null or (.trace - .value | fabs) > ([16, .value / 10] | max))]) as $off
		| if ($lat | length) >= 4 * ($stages | length) and $off == [] then true else "\($off)" end'
}

# On the instruction clock; once, as the method is the same everywhere.
if [[ " $kernels " == *" bookworm-backports "* ]] &&
	boot times -k bookworm-backports -i -s 1 -t 300 -- sh /lab/files/cases.sh trace_cost; then
	at=$results/times
	same_times times "$at/lat.out" "$at/trace.out" "lookup device bus"
	same_times "times by kprobes" "$at/lat-kprobes.out" "$at/trace-kprobes.out" "lookup device bus"
	nests times "$at/trace.chrome" 1
	claim "times: --slower-than is of the time without the probes' share" "$at/slow.out" '
		map(select(.type == "access")) | length > 0 and length < 200 and all(.stages.bus >= 450)'
	claim "times: --raw has it of the time as measured" "$at/raw.out" '
		map(select(.type == "access")) | length >= 200 and all(.stages == .raw)'
fi

for kernel in $kernels; do
	for gic in 3 2; do
		[ $gic = 3 ] || [ "$kernel" = bookworm-backports ] || continue
		name=$kernel-gicv$gic
		most=$([ "$gic" = 2 ] && echo 8 || echo 64)
		boot "$name" -k "$kernel" -g "$gic" -t 500 -- sh /lab/files/cases.sh trace "$gic" "$most" || continue
		at=$results/$name
		for c in values all kprobes most tiny writes range address elsewhere user slow never; do
			adds_up "$name $c" "$at/$c"
		done
		told "$name values" "$at/values"
		told "$name all" "$at/all"
		values "$at/values" "$name"
		nests "$name all" "$at/all.chrome" 1
		nests "$name most" "$at/most.chrome" "$most"
		(cat "$at/cut.chrome" && echo ']') > "$at/cut.json"
		nests "$name killed in the act" "$at/cut.json" 4
		claim "$name: registers have their index, and values their meaning" "$at/values.out" '
			(map(select(.register == "GICD_ISENABLER1" and .index == 1 and .decoded == "none")) | length > 0)
			and (map(select(.register == "GICD_IIDR" and (.decoded | startswith("implementer=Arm product=0x4b")))) | length > 0)
			and (map(select(.register == "GICD_TYPER" and (.decoded | startswith("INTIDs=288")))) | length > 0)'
		[ $gic = 2 ] || claim "$name: each vCPU finds its own redistributor" "$at/values.out" '
			map(select(.range == "GICR_TYPER" and .register == "GICR_TYPER@\(.vcpu)"
				and .decoded[0:35] == "affinity=0.0.0.\(.vcpu) processor=\(.vcpu)"[0:35])) | length >= 20'
		claim "$name: a full buffer drops, and says of whom" "$at/tiny.out" '
			map(select(.type == "summary"))[0] | .dropped > 0 and .written > 0
			and .dropped == (.dropped_by_vm | map(.dropped) | add)'
		claim "$name: filters let through what they say" "$at/writes.out" '
			map(select(.type == "access")) | length > 0 and all(.op == "write")'
		claim "$name: ranges" "$at/range.out" '
			map(select(.type == "access")) | length > 0 and all(.range | startswith("GICD_I"))'
		claim "$name: addresses" "$at/address.out" '
			map(select(.type == "access")) | length == 20 and all(.register == "user@0x10000000")'
		claim "$name: what there is not" "$at/elsewhere.out" 'map(select(.type == "access")) == []'
		claim "$name: user accesses only" "$at/user.out" '
			map(select(.type == "access")) | length == 20 and all(.handled == "user")'
		claim "$name: nothing takes an hour" "$at/never.out" 'map(select(.type == "access")) == []'
		claim "$name: stacks come from io_mem_abort" "$at/slow.out" '
			map(select(.type == "access")) | length > 0
			and all(.stack | map(startswith("io_mem_abort+")) | any)'
		claim "$name: one vCPU" "$at/vcpu.out" '
			map(select(.type == "access")) | length > 0 and all(.vcpu == 1)'
		claim "$name: seven lines" "$at/count.out" '
			(map(select(.type == "access")) | length == 7) and .[-1].cut'
		claim "$name: boundaries lie in order, stages within the bus" "$at/all.out" '
			map(select(.type == "access" and .missed == []) | .raw) | length > 100
			and all((.lookup // 0) + (.device // 0) <= .bus
				and (.decode // 0) + (.handler // 0) <= (.device // 0))'
		claim "$name: on guests that go on" "$at/running.out" '
			.[-1] | .type == "summary" and .seen > 0 and .written > 0
			and .kvm_mmio_exit_kernel >= .seen - 4'
		claim "$name: a VMM killed in the act" "$at/killed.out" '
			.[-1] | .type == "summary" and .seen > 0 and .seen + .user == .written + .filtered + .dropped'
		for c in full:1 killed:0 text:0; do
			if [ "$(cat "$at/${c%:*}.rc")" = "${c#*:}" ]; then
				ok "$name ${c%:*}: status ${c#*:}"
			else
				not_ok "$name ${c%:*}: status ${c#*:}"
				tail -5 "$at/${c%:*}.err" | sed 's/^/# /'
			fi
		done
		if grep -q 'cannot write to /full/x: No space left on device' "$at/full.err"; then
			ok "$name: a full disk is said"
		else
			not_ok "$name: a full disk is said"
			sed 's/^/# /' "$at/full.err"
		fi
	done
done
exit $status
