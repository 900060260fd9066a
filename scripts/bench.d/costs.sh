# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck disable=SC2154 # $work is scripts/bench's
#
# The table of what vgic-lat adds to an access, by kernel, method, profile, number of vCPUs and of VMs.

costs__rows() {
	awk '
	NR == 1 { release = $1; next }
	$4 == "failed" { print "bench: " $0 > "/dev/stderr"; exit bad = 1 }
	{ key = $2 " x " $3; ns[$1, key] = $4; if (!(key in seen)) { seen[key]; keys[++n] = key } }
	function row(key, method, suffix) {
		printf "| %s | %s | %s | %.0f |", release, method, key, ns["bare", key]
		printf " +%.0f | +%.0f | +%.0f |\n", ns["counts" suffix, key] - ns["bare", key],
			ns["lite" suffix, key] - ns["bare", key], ns["default" suffix, key] - ns["bare", key]
	}
	END {
		if (bad || !n) exit 1
		for (i = 1; i <= n; i++) {
			row(keys[i], "best", "")
			if (("default-kprobes", keys[i]) in ns) row(keys[i], "kprobes", "-kprobes")
		}
	}'
}

# costs__table KERNEL...
costs__table() {
	local kernel

	echo "| kernel | attached | vCPUs x VMs | bare | counts | lite | default |"
	echo "|---|---|---|---|---|---|---|"
	for kernel in "$@"; do
		bench__note "costs on $kernel"
		scripts/lab run -k "$kernel" -i -s 1 -t 1200 --file scripts/bench.d/costs-guest.sh -- \
			sh costs-guest.sh 2> "$work/costs.err" > "$work/costs.raw" ||
			bench__die_lab "$work/costs.err" "the lab failed on $kernel"
		costs__rows < "$work/costs.raw"
	done
}
