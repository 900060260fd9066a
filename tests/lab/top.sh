#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-top on real kernels: counts that are exact whatever comes and goes; the screen in a terminal while
# its VM is killed; what it takes itself, on the instruction clock.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

cc=aarch64-linux-gnu-gcc
[ "$(uname -m)" != aarch64 ] || cc=cc
if ! $cc -O2 -Wall -Werror -static tests/lab/guest/pty.c -o "$results/pty"; then
	not_ok "the program that makes a terminal compiles"
	exit 1
fi
for terminfo in /lib/terminfo/x/xterm /usr/share/terminfo/x/xterm /etc/terminfo/x/xterm; do
	[ ! -e "$terminfo" ] || break
done

# The screen's claims: $dir has what was written to the terminal.
screen_claims() {
	local out=$dir/screen.out
	claim "$name: the screen ends with status 0 at q" "$dir/screen.rc" '. == [0]'
	if grep -q 'modes restored' "$dir/screen.err"; then ok "$name: the terminal is left as it was"; else
		not_ok "$name: the terminal is left as it was"; fi
	for text in 'no VM is running here' 'vgic-bench' '(ended)' 'GICD_TYPER' DABT; do
		if grep -qaF "$text" "$out"; then ok "$name: the screen shows '$text'"; else
			not_ok "$name: the screen shows '$text'"
			tail -c 3000 "$out" | cat -v | sed 's/^/# /'
		fi
	done
	if tail -c 200 "$out" | grep -qaF $'\e[?1049l'; then ok "$name: the old screen comes back"; else
		not_ok "$name: the old screen comes back"; fi
}

for kernel in $kernels; do
	name=$kernel-top
	boot "$name" -k "$kernel" -t 300 --file tests/lab/guest/top.sh --file "$results/pty" \
		--file "$terminfo:/usr/share/terminfo/x/xterm" -- sh /lab/files/top.sh live || continue
	dir=$results/$name
	for view in ranges vcpus exits; do
		claim "$name: $view: ends with status 0 at SIGINT" "$dir/$view.rc" '. == [0]'
		jq -c '. + {type: "bench"}' "$dir/$view.bench" | cat - "$dir/$view.out" > "$dir/$view.both.out"
	done
	for view in ranges vcpus; do
		claim "$name: $view: the intervals' counts add up to what was made" "$dir/$view.both.out" '
			(map(select(.type == "top").count) | add) as $seen
			| (map(select(.type == "bench"))[0].counts | map(.count) | add) as $made
			| if $seen == $made and $made == 9000 then true else "seen \($seen), made \($made)" end'
		claim "$name: $view: so do the totals, as long as a VM has rows" "$dir/$view.both.out" '
			[.[] | select(.type == "top")] | group_by([.vm, .vcpu, .range, .op])
			| map(select((map(.count) | add) != .[-1].total)) | if . == [] then true else . end'
		claim "$name: $view: summaries: seen is what was made in the kernel, nothing lost" "$dir/$view.both.out" '
			map(select(.type == "summary")) as $s
			| if ($s | map(.seen) | add) == 7200 and ($s | map(.user) | add) == 1800
				and ($s | map(.lost | del(.no_end) | [.[]] | add) | add) == 0
				and ($s | all(.kvm_mmio_exit_kernel == null or .kvm_mmio_exit_kernel == .seen))
			  then true else $s end'
	done
	claim "$name: ranges: register by register" "$dir/ranges.both.out" '
		(map(select(.type == "top")) | group_by(.range) | map({key: (.[0].range | sub("@.*"; "")), value: (map(.count) | add)})
			| from_entries) as $seen
		| (map(select(.type == "bench"))[0].counts | map(select(.count > 0)) | group_by(.range)
			| map({key: .[0].range, value: (map(.count) | add)}) | from_entries) as $made
		| if $seen == $made then true else {$seen, $made} end'
	claim "$name: exits: reasons add up to the summaries, and to KVM's own" "$dir/exits.both.out" '
		(map(select(.type == "top").count) | add) as $rows
		| (map(select(.type == "summary").exits)) as $s
		| if $rows == ($s | map(.seen) | add) and $rows >= 9000
			and ($s | all(.kvm_exits == null or .kvm_exits == .seen)) then true else [$rows, $s] end'
	screen_claims
done

for kernel in $kernels; do
	[ "$kernel" = bookworm-backports ] || continue
	name=$kernel-top-cost
	boot "$name" -k "$kernel" -i -s 1 -t 500 --file tests/lab/guest/top.sh -- sh /lab/files/top.sh cost || continue
	dir=$results/$name
	sed 's/^/# /' "$dir/cost.out"
	# 2 % of a core that does 3 instructions a ns; here 1 ns is one.
	claim "$name: 100 VMs of 8 vCPUs, busy or idle: a refresh takes less than 60 million instructions" \
		"$dir/cost.out" 'map({name, instructions: (.cpu_ns / .refreshes), rows})
			| if length == 2 and all(.instructions > 1e6 and .instructions < 60e6 and .rows == 100)
			  then true else . end'
	claim "$name: the busy ones are, the idle ones are not" "$dir/cost.out" '
		map(.last.seen) | if .[0] >= 1600 and .[1] == 0 then true else . end'
done
exit $status
