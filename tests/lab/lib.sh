# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
#
# For the lab tests: one boot runs a script of cases in the guest (tests/lab/guest/), each case leaves
# NAME.out, NAME.err and NAME.rc; the claims about them are made here, on the host, with jq.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
kernels=${LAB_KERNELS:-bookworm bookworm-backports sid}
status=0
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT

ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; status=1; }

# boot NAME LAB-OPTIONS... -- COMMAND...: runs it, results in $results/NAME. Fails the test by itself.
boot() {
	local name=$1 try
	shift
	# Now and then an emulated CPU stops for good (hard LOCKUP in the console, seen on Linux 7.2 under
	# QEMU 7.2): nothing was measured then, and the boot is made once more, and said.
	for try in 1 2; do
		rm -rf "${results:?}/$name"
		mkdir -p "$results/$name"
		if scripts/lab run --out "$results/$name" --file tests/lab/guest/cases.sh "$@" \
			> "$results/$name/lab.out" 2> "$results/$name/lab.err"; then
			return 0
		fi
		[ $try = 1 ] && grep -q 'hard LOCKUP' "$results/$name/lab.err" || break
		echo "# $name: an emulated CPU locked up; once more"
	done
	not_ok "$name: the lab run succeeds"
	tail -60 "$results/$name/lab.err" | sed 's/^/# /'
	return 1
}

# claim NAME FILE JQ-FILTER: the filter, over all objects of the file (slurped), yields true.
claim() {
	local name=$1 file=$2 filter=$3 got
	got=$(jq -s -r "$filter" "$file" 2>&1)
	if [ "$got" = true ]; then
		ok "$name"
		return
	fi
	not_ok "$name"
	printf '%s\n' "got: $got" "from: $(head -c 1500 "$file")" | sed 's/^/# /'
	tail -5 "${file%.out}.err" 2> /dev/null | sed 's/^/# /'
}

# The conservation laws of one traced run of vgic-bench --json under vgic-lat --json. CMD's stdout goes
# to vgic-lat's stderr, where the bench's object is the line that starts with a brace.
#
# laws NAME FILES [sleepers]: a kretprobe has two instances a CPU (10 at least), and a vCPU that sleeps
# in a handler holds one; where there are more sleepers than that, returns are missed. Those accesses
# are counted all the same, and said to be without latencies. How many they are depends on how long
# the others sleep, which is to say on the load of this machine: 2 to 27 % were seen.
laws() {
	local name=$1 base=$2 sleepers=${3:+true}
	if [ "$(cat "$base.rc" 2> /dev/null)" != 0 ]; then
		not_ok "$name: vgic-lat succeeds"
		tail -20 "$base.err" | sed 's/^/# /'
		return
	fi
	grep '^{' "$base.err" > "$base.bench"
	jq -c 'select(.type == "range" or .type == "summary" or .type == "header")' "$base.out" > "$base.both"
	jq -c '. + {type: "bench"}' "$base.bench" >> "$base.both"
	claim "$name: every count is exact" "$base.both" '
		def by: group_by([.range, .op, .handled])
			| map({key: "\(.[0].range) \(.[0].op) \(.[0].handled)", value: (map(.count) | add)})
			| from_entries;
		(map(select(.type == "range")) | by) as $seen
		| (map(select(.type == "bench"))[0].counts | map(select(.count > 0 and .range != "hvc")) | by) as $made
		| if $seen == $made and ($made | length) > 0 then true else
			"seen but not made: \($seen | to_entries - ($made | to_entries)), made but not seen: \($made | to_entries - ($seen | to_entries))" end'
	claim "$name: seen == KVM's mmio_exit_kernel == made, nothing lost" "$base.both" '
		(map(select(.type == "summary")) | last) as $s
		| (map(select(.type == "header"))[0].attach | contains("kretprobe") and '"${sleepers:-false}"') as $misses
		| (map(select(.type == "bench"))[0].counts | map(select(.handled == "kernel").count) | add // 0) as $made
		| if $s.seen == $made and $s.kvm_mmio_exit_kernel == $made
			and ($s.lost | if $misses then del(.no_end) else . end | [.[]] | add) == 0
			and $s.untimed <= $s.lost.no_end and $s.in_flight == 0
			and $s.untimed < $made * (if $misses then 0.5 else 0.2 end)
		  then true else "\($s), made \($made)" end'
	claim "$name: every stage of the profile has a latency for each timed access; sums fit" "$base.both" '
		(map(select(.type == "header"))[0].stages) as $stages
		| (map(select(.type == "summary"))[-1] | .lost.no_end - .untimed) as $late
		| [.[] | select(.type == "range") | . as $r | .count as $n | (.untimed // 0) as $u
		   | select(.handled == "kernel")
		   | ($stages - if .device | IN("ioeventfd", "coalesced", "unknown")
				then ["decode", "handler"] else [] end)[] as $k
		   | (if $r.stages[$k] then $r.stages[$k].raw + {count: $r.stages[$k].count} else
			{count: 0, buckets: [[0, 0, 0]], sum_ns: 0, min_ns: 0, p50_ns: 0, p90_ns: 0, max_ns: 0} end)
		   | select(([.buckets[][2]] | add) != .count
			or ($k != "resume" and $k != "trap" and ($late == 0 or ($k | IN("bus", "return") | not))
				and .count != $n - $u)
			or .count > $n - $u or .count < $n - $u - $late - 600
			or (([.buckets[] | .[0] * .[2]] | add) > .sum_ns)
			or (([.buckets[] | .[1] * .[2]] | add) < .sum_ns)
			or .min_ns > .p50_ns or .p50_ns > .p90_ns or .p90_ns > .max_ns)
		   | "\($r.range) \($r.op) \($k): \(.count) of \($n)"] | if . == [] then true else . end'
}
