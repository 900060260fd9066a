#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Guests that nobody here wrote: Debian's kernel under Debian's QEMU. Counts are held against those of a witness
# in the same boot, the kernel's own tracing (tests/lab/guest/linux.sh), and against KVM's counters.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016,SC2317
. "$(dirname "$0")/lib.sh"

# histogram WHAT FILE: what the kernel printed, as an object a line.
histogram() {
	tr -d '{},' < "$2" | while read -r key tid _ gpa _ value _ n; do
		[ "$key" = common_pid: ] || continue
		printf '{"type":"%s","tid":%d,"gpa":%d,"value":"%s","n":%d}\n' "$1" "$tid" "$((16#$gpa))" "$value" "$n"
	done
	awk '$1 == "Dropped:" { print "{\"type\":\"dropped\",\"n\":" $2 "}" }' "$2"
}

# Where QEMU's machine "virt" has what (hw/arm/virt.c), and the registers' offsets by the GIC's specifications
# (IHI 0048, IHI 0069): [name, first, bytes]. No table of the tools' is looked at.
addresses='
	def spi: [["IGROUPR", 128, 128], ["ISENABLER", 256, 128], ["ICENABLER", 384, 128], ["ISPENDR", 512, 128],
		["ICPENDR", 640, 128], ["ISACTIVER", 768, 128], ["ICACTIVER", 896, 128], ["IPRIORITYR", 1024, 1024],
		["ICFGR", 3072, 256], ["CTLR", 0, 4], ["TYPER", 4, 4], ["IIDR", 8, 4]];
	def dist: if $gic == 2 then spi + [["ITARGETSR", 2048, 1024], ["SGIR", 3840, 4], ["CPENDSGIR", 3856, 16],
			["SPENDSGIR", 3872, 16]]
		else spi + [["TYPER2", 12, 4], ["IGRPMODR", 3328, 128], ["IROUTER", 24576, 8192], ["IDREGS", 65488, 48]] end;
	def redist: [["CTLR", 0, 4], ["IIDR", 4, 4], ["TYPER", 8, 8], ["WAKER", 20, 4], ["PROPBASER", 112, 8],
		["PENDBASER", 120, 8],
		["INVLPIR", 160, 8], ["INVALLR", 176, 8], ["SYNCR", 192, 4], ["IDREGS", 65488, 48]]
		+ (spi | map([.[0], .[1] + 65536, if .[0] == "IPRIORITYR" then 32 elif .[0] == "ICFGR" then 8 else 4 end]));
	def its: [["CTLR", 0, 4], ["IIDR", 4, 4], ["TYPER", 8, 8], ["CBASER", 128, 8], ["CWRITER", 136, 8],
		["CREADR", 144, 8], ["BASER", 256, 64], ["IDREGS", 65488, 48]];
	def register($prefix; $table; $at): $prefix + ([$table[] | select($at >= .[1] and $at < .[1] + .[2])[0]][-1]
		// "RESERVED");
	# Whose an address is: what "where" says of it is what the tool must say.
	def where: if . < 134217728 or . >= 150994944 then null
		elif . < 134217728 + (if $gic == 2 then 4096 else 65536 end) then
			{device: "dist-v\($gic)", range: register("GICD_"; dist; . - 134217728)}
		elif $gic == 2 then null
		elif . < 134873088 then {device: "its", range: register("GITS_"; its; . - 134742016)}
		else (. - 134873088) as $at | {device: "redist", target: ($at / 131072 | floor),
			range: register("GICR_"; redist; $at % 131072)} end;
	def hex: if . < 16 then "0123456789abcdef"[.:. + 1] else (. / 16 | floor | hex) + (. % 16 | hex) end;
'
# By guest, device, register and direction, who did it, and how many: the tool's and the witness.
counts=$addresses'
	def total: group_by(.[0]) | map({key: .[0][0], value: (map(.[1]) | add)}) | from_entries;
	def guests: map(select(.type == "guest"));
	def mine($g): select(.tid as $tid | $g.tids | index($tid));
	def tool: [.[] | select(.type == "range") | [([.vm_name, .device, .target, .range, .address, .op, .handled]
		| map(tostring) | join(" ")), .count]] | total;
	def outcome: if .value == "0" then "kernel" else "user" end;
	def witness: guests as $guests | [.[] | select(.type == "read" or .type == "write") | . as $w
		| $guests[] as $g | $w | mine($g)
		| (.gpa | where) as $reg
		| (if outcome == "user" then {device: "user", range: "user", address: "0x\(.gpa - .gpa % 4096 | hex)"}
		   elif $reg then $reg else {device: "ioeventfd", range: "ioeventfd", address: "0x\(.gpa | hex)"} end) as $to
		| [([$g.name, $to.device, $to.target, $to.range, $to.address, .type, outcome]
			| map(tostring) | join(" ")), .n]] | total;
	def differ($a; $b): [($a | to_entries) - ($b | to_entries), ($b | to_entries) - ($a | to_entries)];
'

# counted NAME FILTER: of the case at hand.
counted() { claim "$name $case: $1" "$dir/$case.both" "$gic as \$gic | $counts$2"; }

# Every count of the tool's is the witness's, and KVM's.
judge_counts() {
	local base=$dir/$case what
	{
		jq -c 'select(.type == "range" or .type == "summary")' "$base.out"
		cat "$base.guests"
		for what in mmio read write; do
			histogram $what "$base-$what.hist"
		done
	} > "$base.both"
	claim "$name $case: vgic-lat succeeds" "$base.rc" '. == [0]'
	counted "the witness lost nothing, and saw each access begin and end" '
		([.[] | select(.type == "mmio" and .value != "1").n] | add) as $begun
		| ([.[] | select(.type == "read" or .type == "write").n] | add) as $ended
		| [$begun == $ended, $ended > 500, ([.[] | select(.type == "dropped").n] == [0, 0, 0])]
		| if all then true else [$begun, $ended] end'
	counted "counts by guest, device, register and direction are the witness's" '
		tool as $tool | witness as $witness
		| if $tool == $witness and ($tool | length) > 40 then true else differ($tool; $witness) end'
	counted "nothing is lost, and the sum is KVM's" '
		map(select(.type == "summary"))[-1] as $s | witness as $w
		| ([$w | to_entries[] | select(.key | endswith(" kernel")).value] | add) as $kernel
		| ([$w | to_entries[] | select(.key | endswith(" user")).value] | add) as $user
		| if $s.seen == $kernel and $s.kvm_mmio_exit_kernel == $kernel and $s.user == $user
			and ([$s.lost[]] | add) == 0 and $s.in_flight == 0 and $s.untimed == 0
		  then true else "\($s), witness \([$kernel, $user])" end'
	if [ ! -s "$base.left" ]; then
		ok "$name $case: nothing is left behind"
	else
		not_ok "$name $case: nothing is left behind"
		sed 's/^/# /' "$base.left"
	fi
}

judge_whole() {
	local n
	grep -q '^linux-guest: done, 2 vCPUs, 80 blocks, 20 frames' <(tr -d '\r' < "$dir/whole.err")
	claim "$name whole: the guest did its work" <(echo $?) '. == [0]'
	claim "$name whole: KVM's final counters of the VM are what was seen" "$dir/whole.both" '
		map(select(.type == "summary"))[-1] as $s | map(select(.type == "guest"))[0] as $g
		| if [$s.seen, $s.user] == [$g.kernel, $g.user] then true else [$s, $g] end'
	counted "kicks are under the devices that they belong to" '
		[.[] | select(.type == "range" and .device == "ioeventfd") | [.address[:-3], .count]]
		| total as $pages # of a device: its queues, a page; in the order of the command line, and virtio-mmio
		| [$pages["0x8000003"] >= 20, $pages["0x8000007"] >= 40, $pages["0xa003"] >= 40]
		| if all then true else $pages end'
	n=$([ "$gic" = 2 ] && echo 1 || echo 4)
	claim "$name whole: the inventory of a running guest has what the VGIC registers" "$dir/whole-inventory.out" '
		map(select(.type == "vm")) as $vms | map(select(.type == "device")) as $devices
		| ($devices | group_by(.kind) | map({key: .[0].kind, value: length}) | from_entries) as $kinds
		| [($vms | length) == 1, $vms[0].name == "web1", $vms[0].gic == "GICv'"$gic"'", $vms[0].vcpus == 2,
			$vms[0].devices_expected == $vms[0].devices_registered, $vms[0].remark == null,
			$vms[0].bus_devices == ($devices | length), $kinds.dist == 1, $kinds.ioeventfd >= 10,
			($devices | map(select(.kind == "dist").base)) == ["0x8000000"],
			'"$gic"' == 2 or ($kinds.redist == 2 and $kinds.its == 1
				and ($devices | map(select(.kind == "its").base)) == ["0x8080000"]
				and ($devices | map(select(.kind == "redist") | [.base, .vcpu]))
					== [["0x80a0000", 0], ["0x80c0000", 1]]),
			([$kinds | del(.ioeventfd)[]] | add) - '"$n"' <= 1]
		| if all then true else [., $kinds, $vms] end'
	claim "$name whole: every kick went to an ioeventfd of the inventory" <(
		cat "$dir/whole-inventory.out" "$dir/whole.both") '
		[.[] | select(.type == "device" and .kind == "ioeventfd").base] as $there
		| ([.[] | select(.type == "range" and .device == "ioeventfd").address] | unique) - $there
		| if . == [] then true else . end'
}

judge_killed() {
	claim "$name killed: one guest ended as it should, one by SIGKILL" <(
		cat "$dir/web1.rc" "$dir/web2.rc") '. == [0, 137]'
	counted "both guests were traced" '
		[.[] | select(.type == "range" and .handled == "kernel")] | group_by(.vm_name)
		| map([.[0].vm_name, (map(.count) | add)]) as $by
		| if ($by | map(.[0])) == ["web1", "web2"] and all($by[]; .[1] >= 200) then true else $by end'
}

# Kernel, GIC and cases: where two guests share the host, and one is killed, nothing depends on the GIC.
for run in bookworm-backports:3:whole,killed bookworm-backports:2:whole bookworm:3:whole sid:3:whole; do
	IFS=: read -r kernel gic cases <<< "$run"
	[[ " $kernels " == *" $kernel "* ]] || continue
	name=$kernel-gicv$gic
	dir=$results/$name
	boot "$name" -k "$kernel" -g "$gic" -t 500 --guest linux --file tests/lab/guest/linux.sh -- \
		sh /lab/files/linux.sh "$cases" || continue
	for case in ${cases//,/ }; do
		judge_counts
		"judge_$case"
	done
done
exit $status
