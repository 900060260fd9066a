#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# scripts/lab compare, live: vgic-cmp's verdicts on two kernels against what the same accesses took with no
# tracer there. Where 'scripts/lab build-kernels' has made them; tests/cli/before-after.sh has recordings.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

for kernel in before after; do
	if [ ! -f "${LAB_DIR:-build/lab}/kernels/$kernel/Image" ]; then
		echo "skip - two kernels compared (no kernel '$kernel': scripts/lab build-kernels)"
		exit 0
	fi
done

scripts/lab compare -c 8 -o "$results/compare" before after > "$results/table" 2> "$results/err"
rc=$?
if [ $rc -eq 1 ]; then
	ok "before and after: a regression is found, and the exit status says so"
else
	not_ok "before and after: a regression is found, and the exit status says so (status $rc)"
	tail -20 "$results/err" | sed 's/^/# /'
	exit $status
fi

# Where counts without a tracer are more than 2 % and 10 instructions apart, the verdict must say so.
wrong=$(awk -F' *[|] *' '
	$2 !~ /:[rw]/ || $7 == "-" { next }
	{
		n++
		by = $4 - $3
		size = by < 0 ? -by : by
		if (size > 10 && size > $3 / 50 && $7 != (by > 0 ? "regression" : "improvement"))
			print
	}
	END { if (n != 11) print n + 0 " verdicts" }' "$results/table")
if [ -z "$wrong" ]; then
	ok "before and after: each verdict is what the counts without a tracer say"
else
	not_ok "before and after: each verdict is what the counts without a tracer say"
	printf '%s\n' "$wrong" | sed 's/^/# /'
fi
exit $status
