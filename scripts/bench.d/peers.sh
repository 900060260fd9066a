# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck disable=SC2154 # $work and $refresh are scripts/bench's
#
# The table of the peers on one kernel: other tools, asked the same question, each in its turn in one
# boot. What cannot be had or run is in the table too, with the reason.

readonly PEERS_TABLE=scripts/bench.d/peers.table

# The suite whose packages go with a kernel.
peers__suite() {
	case $1 in
	bookworm-backports) echo trixie ;; # its kernel is built from trixie's
	*) echo "$1" ;;
	esac
}

peers__cases() { sed -n 's/^\([a-z][a-z_]*\)|.*/\1/p' "$PEERS_TABLE"; }

# peers__run KERNEL CPIO: runs all cases; results in $work/peers. A case that takes the lab down is
# said to, and the others run in another boot.
peers__run() {
	local kernel=$1 cpio=$2 cases=() left case status

	mapfile -t cases < <(peers__cases)
	: > "$work/peers"
	while ((${#cases[@]})); do
		status=0
		scripts/lab run -k "$kernel" -i -s 1 -t 1500 ${cpio:+--extra-cpio "$cpio"} \
			--file scripts/bench.d/peers-guest.sh --file scripts/bench.d/peers-cases.sh -- \
			sh peers-guest.sh "${cases[@]}" > "$work/boot" 2> "$work/peers.err" || status=$?
		grep -a '|' "$work/boot" >> "$work/peers" || true
		((status == 0)) || bench__note "the lab said: $(grep -a '^lab: ' "$work/peers.err" | tail -1)"
		left=()
		for case in "${cases[@]}"; do
			grep -q "^$case|" "$work/peers" || left+=("$case")
		done
		if ((${#left[@]})); then
			# The boot's very first case: it is the lab that does not work.
			((${#left[@]} < ${#cases[@]})) || bench__die_lab "$work/peers.err" "the lab failed on $kernel"
			echo "${left[0]}||||||||the lab went down in it (status $status)" >> "$work/peers"
			left=("${left[@]:1}")
		fi
		cases=("${left[@]}")
	done
}

peers__rows() {
	awk -F'|' '
	/^#/ { next }
	NR == FNR { order[++n] = $1; label[$1] = $2; like[$1] = $3; keys[$1] = $4; reports[$1] = $5; next }
	{ bare[$1] = $2; ns[$1] = $3; guest[$1] = $4; rss[$1] = $5; made[$1] = $6; seen[$1] = $7
	  why[$1] = $9; added[$1] = $3 - $2 }
	function ratio(name, profile) {
		profile = "lat_" profile
		sub(/ /, "_", profile)
		return ns[profile] != "" && added[profile] > 0 ? sprintf("%.2f", added[name] / added[profile]) : "?"
	}
	function lost(name) {
		if (seen[name] == "" || made[name] <= 0) return "?"
		if (seen[name] + 0 == made[name] + 0) return "0"
		return sprintf("%.1f %%", 100 - 100 * seen[name] / made[name])
	}
	END {
		for (i = 1; i <= n; i++) {
			name = order[i]
			if (ns[name] == "") {
				printf "| %s | not measured | | | | %s | | | |\n", label[name], why[name]
				continue
			}
			if (!first) first = bare[name]
			if (bare[name] > 1.01 * first || bare[name] < 0.99 * first)
				printf("bench: %s: %s bare, %s at first: something was left attached\n", name,
					bare[name], first) > "/dev/stderr"
			printf("| %s | +%.0f | +%.0f | %s | %s (%s) | %s | %s | %s | %s |\n", label[name],
				added[name], guest[name] - bare[name], ratio(name, "default"),
				ratio(name, like[name]), like[name], keys[name], reports[name], lost(name),
				rss[name] > 0 ? sprintf("%.0f", rss[name] / 1024) : "none")
		}
	}' "$PEERS_TABLE" "$work/peers"
}

# What vgic-lat says of itself, beside what it was measured to add.
peers__says() {
	awk -F'|' '$8 != "" { sub(/^lat_/, "", $1); sub(/_/, " ", $1)
			printf "%s %s: +%.0f, measured +%.0f", n++ ? ";" : "", $1, $8, $3 - $2 }
		END { print "." }' "$work/peers"
}

# peers__table KERNEL
peers__table() {
	local kernel=$1 suite cpio packages='' missing=''
	suite=$(peers__suite "$kernel")
	cpio=${LAB_DIR:-build/lab}/peers/$suite/root.cpio

	bench__note "peers on $kernel: packages"
	if ! scripts/bench.d/fetch.sh ${refresh:+--refresh} "$suite" 2> "$work/fetch.err"; then
		missing="The packages could not be fetched: $(tail -1 "$work/fetch.err")."
		cat "$work/fetch.err" >&2
	fi
	if [[ -f $cpio ]]; then
		packages=$(paste -sd, "${cpio%/*}/packages" | sed 's/,/, /g')
		[[ ! -s ${cpio%/*}/missing ]] || missing="Not to be had: $(paste -sd';' "${cpio%/*}/missing")."
	else
		cpio=
	fi
	bench__note "peers on $kernel: measuring"
	peers__run "$kernel" "$cpio"
	echo "Kernel $(bench__release "$kernel"), packages of $suite: ${packages:-none}. $missing"
	echo
	echo "| attached | added | with readers | x default | x its like | tells apart | reports | lost | RSS MB |"
	echo "|---|---|---|---|---|---|---|---|---|"
	peers__rows
	echo
	echo "vgic-lat's own word (\`overhead\` in its JSON):$(peers__says)"
}
