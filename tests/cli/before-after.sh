#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# vgic-cmp on recordings of kernels that differ in how an access finds its register
# (tests/recordings/README.md), held against what the same accesses took with no tracer there.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cmp=$1/vgic-cmp
recordings=tests/recordings

# pairs BASE NEW: their recordings, in turns.
pairs() {
	local i
	for i in 01 02 03 04 05 06 07 08 09 10; do
		echo "$recordings/$i.$1.vgic" "$recordings/$i.$2.vgic"
	done
}

# verdicts NAME...: lines "RANGE OP VERDICT" of the bus stage's mean; sets $rc.
verdicts() {
	# shellcheck disable=SC2046 # words
	run "$cmp" --json --stage bus --metric mean --pairs $(pairs "$@")
	jq -r 'select(.type == "verdict" and .stage == "bus" and .metric == "mean")
		| "\(.range) \(.op) \(.verdict) \(.new - .base)"' "$dir/out"
}

verdicts before after > "$dir/series"
claim "before and after: a regression is found, and the exit status says so" "$rc" 1
claim "before and after: every range has a verdict" "$(wc -l < "$dir/series")" 11

# What accesses took without a tracer, less an HVC exit: "RANGE OP BEFORE AFTER". Where that is more than
# 2 % and 10 instructions apart, the verdict must say so, and in which direction.
claim "before and after: each verdict is what the counts without a tracer say" "$(
	awk '
	function name(access) { sub(/:.*/, "", access); sub(/[0-9]+$/, "", access); return access }
	FNR == NR { verdict[$1 " " $2] = $3; next }
	/^#/ || $1 == "unmapped:r" { next }
	{
		key = name($1) " " ($1 ~ /:w$/ ? "write" : "read")
		by = $3 - $2
		size = by < 0 ? -by : by
		if (!(key in verdict))
			print key ": no verdict"
		else if (size > 10 && size > $2 / 50 && verdict[key] != (by > 0 ? "regression" : "improvement"))
			print key ": " $2 " -> " $3 " is no " verdict[key]
		else if (verdict[key] == "regression" && by <= 0 || verdict[key] == "improvement" && by >= 0)
			print key ": " $2 " -> " $3 " is no " verdict[key]
	}' "$dir/series" $recordings/bare.txt)" ""

verdicts once again > "$dir/itself"
claim "a kernel against itself: every range has a verdict" "$(wc -l < "$dir/itself")" 11
claim "a kernel against itself: equivalent or inconclusive, every range" \
	"$(grep -vE ' (equivalent|inconclusive) ' "$dir/itself")" ""
claim "a kernel against itself: no regression by the exit status" "$([[ $rc = [03] ]] && echo no)" no
exit $status
