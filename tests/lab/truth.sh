#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What vgic-lat reports against what the emulator counts without it: the bars of docs/measuring.md.
# On the instruction clock, so no load on this machine can change the outcome.
#
# Kernel by kernel: tests/run.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

# say OK NAME DETAILS
say() {
	if [ "$1" = 0 ]; then
		ok "$2"
	else
		not_ok "$2"
	fi
	# shellcheck disable=SC2001 # every line
	sed 's/^/# /' <<< "$3"
}

# The latencies of a case in /out, a line each: RANGE OP STAGE MEAN P50
reported() {
	jq -r 'select(.type == "range" and .handled == "kernel") | . as $r | .stages | to_entries[]
		| "\($r.range) \($r.op) \(.key) \(.value.mean_ns) \(.value.p50_ns)"' "$1"
}

# The truth of one number of vCPUs: the same columns.
counted() {
	awk -v vcpus="$2" '$3 == vcpus && $5 ~ /^(lookup|device|bus)$/ {
		split($4, access, ":")
		sub(/[0-9]+$/, "", access[1])
		print access[1], access[2] == "r" ? "read" : "write", $5, $7, $9
	}' "$1"
}

# within NAME PERCENT TRUTH REPORTED [SLACK]: every mean within PERCENT (or SLACK ns), every median within
# that or a tick.
within() {
	local out failed=0
	out=$(awk -v percent="$2" -v tick=16 -v slack="${5:-0}" '
		function off(got, want) { return got > want ? got - want : want - got }
		NR == FNR { mean[$1, $2, $3] = $4; median[$1, $2, $3] = $5; wanted++; next }
		($1, $2, $3) in mean {
			m = mean[$1, $2, $3]; p = median[$1, $2, $3]; seen++
			verdict = "ok"
			if (off($4, m) > m * percent / 100 && off($4, m) > slack) verdict = "MEAN"
			if (off($5, p) > p * percent / 100 && off($5, p) > tick) verdict = "MEDIAN"
			if (verdict != "ok") bad++
			printf "%s %s %s: mean %.1f, counted %.1f (%+.1f %%); p50 %d, counted %d: %s\n",
				$1, $2, $3, $4, m, ($4 - m) * 100 / m, $5, p, verdict
		}
		END { if (!wanted || seen != wanted) { print "compared " seen + 0 " of " wanted + 0; exit 1 } exit bad > 0 }
		' "$3" "$4") || failed=1
	say $failed "$1" "$out"
}

# The growth of the lookup with the number of devices, by the mean of all reads of the distributor.
growth() {
	local out failed=0
	out=$(awk -v percent="$2" '
		$3 == "lookup" && $2 == "read" && $1 ~ /^GICD/ { sum[FILENAME] += $4; n[FILENAME]++ }
		END {
			want = sum[ARGV[2]] / n[ARGV[2]] - sum[ARGV[1]] / n[ARGV[1]]
			got = sum[ARGV[4]] / n[ARGV[4]] - sum[ARGV[3]] / n[ARGV[3]]
			printf "grows by %.1f, counted %.1f (%+.1f %%)\n", got, want, (got - want) * 100 / want
			exit !(want > 0 && got - want < want * percent / 100 && want - got < want * percent / 100)
		}' "$3" "$4" "$5" "$6") || failed=1
	say $failed "$1" "$out"
}

for kernel in $kernels; do
	percent=$([ "$kernel" = bookworm ] && echo 20 || echo 5)
	# Its stages are so short (tests/lab/before.sh) that half a tick is more; and the lookup does not grow.
	slack=$([ "$kernel" = before ] && echo 8 || echo 0)
	for gic in 3 2; do
		name=$kernel-gicv$gic
		vcpus="1 8$([ "$gic" = 2 ] || [ "$kernel" = before ] || echo ' 64')"
		if ! scripts/truth -k "$kernel" -g "$gic" -c "${vcpus// /,}" > "$results/$name.truth" 2> "$results/$name.err"; then
			not_ok "$name: the truth can be counted"
			sed 's/^/# /' "$results/$name.err"
			continue
		fi
		boot "$name" -k "$kernel" -g "$gic" -i -s 1 -t 500 -- sh /lab/files/cases.sh truth "$gic" "$vcpus" ||
			continue
		for n in $vcpus; do
			counted "$results/$name.truth" "$n" > "$results/$name.want-$n"
			for profile in default lite; do
				got=$results/$name.got-$profile-$n
				reported "$results/$name/truth-$profile-$n.out" > "$got"
				if [ $profile = lite ]; then
					grep ' bus ' "$results/$name.want-$n" > "$results/$name.want"
				else
					cp "$results/$name.want-$n" "$results/$name.want"
				fi
				within "$name, $n vCPUs, profile $profile: means and medians are within $percent % of the truth" \
					"$percent" "$results/$name.want" "$got" "$slack"
			done
		done
		[ "$gic" = 2 ] || [ "$kernel" = before ] || growth "$name: lookup grows with the devices as it does without the tool" 5 \
			"$results/$name.want-1" "$results/$name.want-64" \
			"$results/$name.got-default-1" "$results/$name.got-default-64"
	done
done
exit $status
