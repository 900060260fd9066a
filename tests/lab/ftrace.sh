#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# function_graph text of today's kernels, imported: the counts are those that vgic-bench made. (Of kernels
# too old for the lab: tests/ftrace/.)
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
tool=${BUILD:-build/$(uname -m | sed s/aarch64/arm64/)}/bin/vgic-lat
kernels=${LAB_KERNELS:-bookworm bookworm-backports}

# imported NAME FILES FILTER: vgic-bench's counts (.out) against the import's, each put through FILTER.
imported() {
	local name=$1 base=$2 filter=$3 lost
	lost=$(grep -E '^(overrun|dropped events): ' "$base.stats" | awk '{ n += $NF } END { print n + 0 }')
	if [ "$(cat "$base.rc" 2> /dev/null)" != 0 ] || [ "$lost" != 0 ]; then
		not_ok "$name: is recorded whole (vgic-bench, and $lost events lost)"
		return
	fi
	if ! "$tool" --import-ftrace "$base.txt.gz" -o "$base.vgic" 2> "$base.said"; then
		not_ok "$name: is imported: $(cat "$base.said")"
		return
	fi
	"$tool" -r "$base.vgic" --json | jq -c 'select(.type == "range" or .type == "summary")' > "$base.both"
	jq -c '. + {type: "bench"}' "$base.out" >> "$base.both"
	claim "$name: every count is exact" "$base.both" "
		def by: map($filter) | group_by([.range, .op, .handled])
			| map({key: \"\(.[0].range) \(.[0].op) \(.[0].handled)\", value: (map(.count) | add)}) | from_entries;
		(map(select(.type == \"range\")) | by) as \$seen
		| (map(select(.type == \"bench\"))[0].counts | map(select(.count > 0)) | by) as \$made
		| if \$seen == \$made and (\$made | length) > 0 then true else \"seen \(\$seen), made \(\$made)\" end"
	claim "$name: nothing is lost" "$base.both" \
		'map(select(.type == "summary"))[0] | .lost.cut == 0 and .in_flight == 0'
}

for kernel in $kernels; do
	for gic in 3 2; do
		name=$kernel-gicv$gic
		boot "$name" -k "$kernel" -g "$gic" -t 200 -- sh /lab/files/cases.sh ftrace "$gic" || continue
		imported "$name with events" "$results/$name/events" '.'
		imported "$name without events" "$results/$name/plain" '
			if .handled == "kernel" and .range != "ioeventfd" then .range = "GIC" else . end'
	done
done
exit $status
