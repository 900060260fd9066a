#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Exits by reason: exact where the guest's are known, and always as many as KVM counts, on every kernel,
# with both GICs: for guests that start, run already, are stopped, end and are killed.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

# known NAME FILES: of a traced run of vgic-bench. It hands back by two hypercalls a vCPU; all its memory
# is there from the start, but for the code (IABT_LOW).
known() {
	local name=$1 base=$2
	grep '^{' "$base.err" > "$base.bench"
	jq -c 'select(.type == "exits" or .type == "summary")' "$base.out" > "$base.both"
	jq -c '. + {type: "bench"}' "$base.bench" >> "$base.both"
	claim "$name: data aborts are the accesses, HVC64 the hypercalls; the rest is IRQ, WFx, IABT_LOW" "$base.both" '
		(map(select(.type == "exits").reasons | to_entries[]) | group_by(.key)
			| map({key: .[0].key, value: (map(.value) | add)}) | from_entries) as $r
		| map(select(.type == "bench"))[0] as $b
		| ($b.counts | map(.count) | add) as $accesses
		| if $r.DABT_LOW == $accesses and $r.HVC64 == $b.hvc + 2 * $b.vcpus * $b.vms
			and ($r | del(.DABT_LOW, .HVC64, .IRQ, .WFx, .IABT_LOW)) == {}
		  then true else "\($r), accesses \($accesses), calls \($b.hvc), \($b.vms) VMs of \($b.vcpus)" end'
	same "$name" "$base"
}

# same NAME FILES: as many as KVM counts, of each VM or vCPU and in all; nothing lost.
same() {
	claim "$1: exits, mmio_exit_kernel and mmio_exit_user are KVM's, nothing lost" "$2.out" '
		(map(select(.type == "summary")) | last) as $s
		| [.[] | select(.type == "exits") | select(.count != .kvm_exits or .count != ([.reasons[]] | add))] as $off
		| if $off == [] and $s.exits.seen > 0 and $s.exits.seen == $s.exits.kvm_exits and $s.exits.lost == 0
			and $s.seen == $s.kvm_mmio_exit_kernel and $s.user == $s.exits.kvm_mmio_exit_user
		  then true else "\($off), \($s)" end'
}

built=${LAB_DIR:-build/lab}/arm64
if ! env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL make -s -j2 ARCH=arm64 STATIC=1 BUILD="$built" \
	"$built/tests/switcher" > "$results/make.out" 2>&1; then
	not_ok "switcher builds"
	tail -20 "$results/make.out" | sed 's/^/# /'
	exit 1
fi

for kernel in $kernels; do
	for gic in 3 2; do
		name=$kernel-gicv$gic
		most=$([ "$gic" = 2 ] && echo 8 || echo 64)
		boot "$name" -k "$kernel" -g "$gic" -t 300 --file "$built/tests/switcher:/lab/bin/switcher" -- sh /lab/files/cases.sh exits "$gic" "$most" || continue
		dir=$results/$name
		for c in one four most $([ "$gic" = 2 ] || echo vms kprobes); do
			known "$name $c" "$dir/$c"
		done
		claim "$name four: a line for each vCPU" "$dir/four.out" \
			'[.[] | select(.type == "exits").vcpu] == [0, 1, 2, 3]'
		[ "$gic" = 3 ] || continue
		claim "$name vms: a line for each VM" "$dir/vms.out" '
			[.[] | select(.type == "exits").vm] | if length == 2 and (unique | length) == 2 then true else . end'
		jq -s 'map(select(.type == "exits"))[0] | {count, seen: .kvm_exits}' "$dir/stopped.out" \
			> "$dir/stopped.both"
		cat "$dir/debugfs" >> "$dir/stopped.both"
		claim "$name: what a guest did between two stops is what debugfs says" "$dir/stopped.both" '
			.[0].count as $n | .[0].seen as $kvm | .[1] as $d
			| if $n == $kvm and $n == $d.exits and $n > 1000 then true else . end'
		claim "$name: and so are its accesses" "$dir/stopped.out" "
			map(select(.type == \"summary\"))[-1]
			| [.seen, .user] == [$(jq '.mmio_exit_kernel' "$dir/debugfs"), $(jq '.mmio_exit_user' "$dir/debugfs")]"
		claim "$name: of a guest that runs already each interval has all exits" "$dir/running.out" '
			[.[] | select(.type == "exits")]
			| if length == 8 and all(.count == .kvm_exits and .count > 100 and .count == ([.reasons[]] | add))
			  then true else . end'
		claim "$name: exits are switched on and off in a session that goes on" "$dir/switched.out" '
			def at($w): map(select(.when == $w))[0];
			# An access is an exit; one or two may be between the two when they are read.
			def whole: .more_accesses >= 400 and .more_exits >= .more_accesses - 4;
			if length == 5 and all(.seen == .kvm) and all(.more_accesses >= 400)
				and (at("before").has_exits | not) and (at("on") | whole) and (at("again") | whole)
				and at("off").more_exits == 0 and at("after").more_exits == 0
				and at("off").seen >= at("on").seen and at("again").seen > at("off").seen
				and (map(.accesses) | . == sort)
			  then true else . end'
		claim "$name: --vcpu leaves the others out" "$dir/one-vcpu.out" '
			[.[] | select(.type == "exits")]
			| if length == 1 and .[0].vcpu == 1 and .[0].count == .[0].kvm_exits then true else . end'
		same "$name two VMs, of one with -p" "$dir/one-vm"
		claim "$name: -p leaves the other VM out" "$dir/one-vm.out" \
			'[.[] | select(.type == "exits").vm] | if length == 1 then true else . end'
		same "$name killed in mid-run" "$dir/killed"
		claim "$name: VMs that come and go are counted whole" "$dir/churn.out" '
			(map(select(.type == "summary")) | last) as $s | [.[] | select(.type == "exits")] as $e
			| if ($e | length) == 6 and ($e | all(.count == .kvm_exits and .reasons.DABT_LOW == 400))
				and $s.exits.lost == 0 then true else "\($e), \($s)" end'
	done
done
exit $status
