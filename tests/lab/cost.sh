#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What the tool costs, in instructions per access: bars. On the instruction clock, where the same
# programs take the same on any machine, however loaded.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

# Instructions added to an access: counts, lite, default; and to any exit by --exits. Goals on 6.12; the others are held to what they came to
# (7.2: 207, 686, 1,054; exits: 153, 142, 249), with some room: sid's kernel moves.
bars() {
	case $1 in
	bookworm) echo 1050 2250 3550 165 ;;
	bookworm-backports) echo 300 700 1150 155 ;;
	*) echo 300 715 1085 265 ;;
	esac
}

jq_defs='def ns($p; $c; $m): map(select(.profile == $p and .vcpus == $c and .vms == $m).ns)[0];
	def added($p; $c; $m): ns($p; $c; $m) - ns("bare"; $c; $m);'

for kernel in $kernels; do
	name=$kernel-cost
	boot "$name" -k "$kernel" -i -s 1 -t 900 -- sh /lab/files/cases.sh cost || continue
	out=$results/$name/cost.out
	read -r counts lite default exits <<< "$(bars "$kernel")"
	for bar in counts:"$counts" lite:"$lite" default:"$default"; do
		claim "$name: ${bar%:*} adds ${bar#*:} instructions at most" "$out" "$jq_defs"'
			added("'"${bar%:*}"'"; 1; 1) | if . > 0 and . <= '"${bar#*:}"' then true else . end'
		for size in "64; 1" "1; 16"; do
			claim "$name: ${bar%:*} costs the same within 5 % with ${size%;*} vCPUs, ${size#*; } VMs" "$out" \
				"$jq_defs"'(added("'"${bar%:*}"'"; '"$size"') / added("'"${bar%:*}"'"; 1; 1))
				| if . > 0.95 and . < 1.05 then true else . end'
		done
		claim "$name: ${bar%:*}: what vgic-info says of the cost is what it is, within 3 %" "$out" "$jq_defs"'
			(added("'"${bar%:*}"'"; 1; 1) / '"$(jq -s 'map(select(.profile == "'"${bar%:*}"'")
				.calibration.access.share_ns)[0]' "$results/$name/info.out")"')
			| if . > 0.97 and . < 1.03 then true else . end'
	done
	claim "$name: --exits adds $exits instructions to an exit at most" "$results/$name/exits-cost.out" '
		(map(select(.profile == "exits").ns)[0] - map(select(.profile == "bare").ns)[0])
		| if . > 50 and . <= '"$exits"' then true else . end'
	claim "$name: once detached it costs nothing" "$out" "$jq_defs"'
		added("again"; 1; 1) | if fabs < 5 then true else . end'
	claim "$name: calibration takes less than 200 ms" "$results/$name/info.out" '
		map(.calibration.took_ns) | if length == 3 and all(. > 0 and . < 200000000) then true else . end'
	claim "$name: a calibration that was not recorded whole is none" "$results/$name/few.out" '
		.[0].calibration | if .why == "not every run was recorded" and .stages == {} and .access == null
		  then true else . end'
	# Once attached; reading the kernel's BTF takes more for a moment (VmHWM).
	rss=$(awk '/VmRSS/ { print $2 }' "$results/$name/rss.txt")
	if [ "${rss:-0}" -gt 0 ] && [ "$rss" -lt 16384 ]; then
		ok "$name: vgic-lat stays below 16 MiB ($rss KiB)"
	else
		not_ok "$name: vgic-lat stays below 16 MiB ($rss KiB)"
	fi
	maps=$(sed -n 's/.*, \([0-9]*\) KiB of maps.*/\1/p' "$results/$name/maps.err")
	if [ "${maps:-0}" -gt 0 ] && [ "$maps" -lt 32768 ]; then
		ok "$name: the maps take less than 32 MiB ($maps KiB)"
	else
		not_ok "$name: the maps take less than 32 MiB ($maps KiB)"
	fi
	jq -c . "$out" | sed 's/^/# /'
done
exit $status
