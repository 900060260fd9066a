#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-info --devices: VMs and what is on their buses, against what is known to have been made.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

cc=aarch64-linux-gnu-gcc
[ "$(uname -m)" != aarch64 ] || cc=cc
if ! $cc -O2 -Wall -Werror -static tests/lab/guest/holder.c -o "$results/holder"; then
	not_ok "the program that holds VMs compiles"
	exit 1
fi

# The devices of VM $vm, by kind: {"dist": 1, ...}.
defs='def vms: map(select(.type == "vm"));
	def devices($vm): map(select(.type == "device" and .vm == $vm.vm and .pid == $vm.pid));
	def kinds: group_by(.kind) | map({key: .[0].kind, value: length}) | from_entries;
	def is($what): if . == $what then true else {got: ., wanted: $what} end;'

# What a VM of $1 vCPUs and $2 ITSs has on this kernel ($name): kinds, as an object.
vgic() {
	case $name in
	*-gicv3) echo "({dist: 1, redist: $1} + if $2 > 0 then {its: $2} else {} end)" ;;
	sid-*) echo '{dist: 1, cpuif: 1}' ;;
	*) echo '{dist: 1}' ;;
	esac
}

judge() { # MOST ITS
	local most=$1 its=$2 vcpus
	claim "$name: without a VM it says so, and succeeds" "$dir/none.out" 'map(.type) == ["header"]'
	claim "$name: with status 0" "$dir/none.rc" '. == [0]'
	if [ "$(cat "$dir/none-text.out")" = "no VM" ]; then
		ok "$name: as text too"
	else
		not_ok "$name: as text too"
	fi
	claim "$name: every VM is there, once" "$dir/all.out" "$defs"'
		[vms | sort_by(.vcpus)[].vcpus] | is([1, 2, 2, 2, 4, '"$most"'] | sort)'
	for vcpus in 1 4 "$most"; do
		claim "$name: $vcpus vCPU: the VGIC has what it should have, and nothing else is on the bus" \
			"$dir/all.out" "$defs"'(vms | map(select(.vcpus == '"$vcpus"')))[0] as $vm
			| '"$(vgic "$vcpus" 0)"' as $kinds
			| {kinds: devices($vm) | kinds, expected: $vm.devices_expected,
			   registered: $vm.devices_registered, bus: $vm.bus_devices, remark: $vm.remark,
			   gic: $vm.gic}
			| is(([$kinds[]] | add) as $n | {$kinds, expected: $n, registered: $n, bus: $n,
				remark: null, gic: "GICv'"$gic"'"})'
		[ "$gic" = 2 ] || claim "$name: $vcpus vCPU: each has its redistributor, 128K apart" "$dir/all.out" \
			"$defs"'(vms | map(select(.vcpus == '"$vcpus"')))[0] as $vm
			| devices($vm) | map(select(.kind == "redist"))
			| [map(.vcpu), (map(.len) | unique), (map(.base) | unique | length)]
			| is([[range('"$vcpus"')], [131072], '"$vcpus"'])'
	done
	claim "$name: VMs of one process are told apart, with all that is on their buses" "$dir/one.out" "$defs"'
		. as $all | [vms[] | . as $vm | {vcpus, devices_expected, devices_registered, bus_devices,
			kinds: ($all | devices($vm) | kinds)}]
		| '"$(vgic 2 "$its")"' as $vgic | ([$vgic[]] | add) as $n
		| is([range(3) | {vcpus: 2, devices_expected: $n, devices_registered: $n, bus_devices: ($n + 6),
			kinds: ($vgic + {ioeventfd: 5, coalesced: 1})}])'
	claim "$name: -p shows that process and no other" "$dir/one.out" "$defs"'
		[(vms | map(.vm) | unique | length), (vms | map(.pid) | unique | length)] | is([3, 1])'
	claim "$name: addresses and sizes are as they were made" "$dir/one.out" "$defs"'
		vms[0] as $vm | devices($vm) | map(select(.kind | IN("ioeventfd", "coalesced", "dist")) | [.base, .len])
		| is([["0x8000000", '"$([ "$gic" = 2 ] && echo 4096 || echo 65536)"'], ["0x11000000", 4],
			["0x12000000", 4096], ["0x20000000", 4], ["0x20001000", 4], ["0x20002000", 4],
			["0x20003000", 4]])'
	claim "$name: a process without a VM is refused" "$dir/wrong.rc" '. == [1]'
	claim "$name: -g shows the VM of that name and no other" "$dir/named.out" "$defs"'
		vms | map([.name, .vcpus]) | is([["web1", 4]])'
	claim "$name: a name that is none, or that of several VMs, is refused" \
		<(cat "$dir/misnamed.rc" "$dir/ambiguous.rc") '. == [1, 1]'
	claim "$name: vgic-info alone has the VMs too, without devices" "$dir/alone.out" "$defs"'
		[(vms | length), (map(select(.type == "hook")) | length > 0),
		 (map(select(.type == "device")) | length)] | is([6, true, 0])'
}

judge_states() {
	claim "$name: VMs open many times and in a child are shown once" "$dir/states.out" "$defs"'
		[(vms | length), (vms | map(.pid) | unique | length)] | is([2, 1])'
	claim "$name: a VM without a GIC has no devices, and none are expected" "$dir/states.out" "$defs"'
		vms[0] | [.gic, .devices_expected, .devices_registered, .remark] | is([null, 0, 0, null])'
	claim "$name: one that has not started is said to be so; redistributors are there already" \
		"$dir/states.out" "$defs"'vms[1]
		| [.gic, .vcpus, .started, .devices_expected, .devices_registered, .remark]
		| is(["GICv'"$gic"'", 2, false, null, '"$([ "$gic" = 2 ] && echo 0 || echo 2)"', "not started"])'
}

judge_races() {
	cat "$dir/pids.out" "$dir/taken.out" > "$dir/taken.both"
	claim "$name: a VM is its maker's, whoever else has it open" "$dir/taken.both" "$defs"'
		map(select(.type == "pids"))[0] as $pids | vms | map(.pid) | is([$pids.child])'
	cat "$dir/pids.out" "$dir/left.out" > "$dir/left.both"
	claim "$name: or that of who has it, when its maker is gone" "$dir/left.both" "$defs"'
		map(select(.type == "pids"))[0] as $pids | vms | map(.pid) | is([$pids.parent])'
	claim "$name: where there is more than room at first, all of it is shown" "$dir/many.out" "$defs"'
		[(vms | length), (map(select(.type == "device" and .kind == "ioeventfd" and .len == 4)) | length),
		 (vms | map(.bus_devices) | unique)] | is([66, 1056, [16]])'
	claim "$name: a bus that changes is shown as it was before or after, or said to have changed" \
		"$dir/changing.out" "$defs"'
		[(map(select(.type == "header")) | length),
		 (. as $all | vms | map(select(.remark == "changed while it was read" or .remark == null
			and (.bus_devices | IN(16, 17)) and . as $vm
			| ($all | devices($vm) | map([.kind, .len]) | unique) == [["ioeventfd", 4]]))
			| length)] | is([4, 4])'
	claim "$name: VMs that end meanwhile do no harm" "$dir/ending.out" "$defs"'
		[(map(select(.type == "header")) | length), (vms | map(select(.vcpus > 4)) | length),
		 (map(select(.failed)) | length)] | is([4, 0, 0])'
	claim "$name: and are gone then" "$dir/ended.out" 'map(.type) == ["header"]'
}

for kernel in $kernels; do
	for gic in 3 2; do
		name=$kernel-gicv$gic
		dir=$results/$name
		most=$([ $gic = 2 ] && echo 8 || echo 64)
		boot "$name" -k "$kernel" -g $gic -t 300 --file "$results/holder:/lab/bin/holder" -- \
			sh /lab/files/cases.sh inventory $gic "$most" || continue
		judge "$most" $((gic == 3))
		judge_states
		[ $gic = 2 ] || judge_races
	done
done
exit $status
