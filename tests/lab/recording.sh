#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Recordings of real runs: a replay prints what the live run printed; what a killed recorder, or one
# whose disk is full, leaves. On one kernel: nothing in them depends on it.
# shellcheck source=tests/lab/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

# Without the header, which says that it is a replay: in text up to the first empty line.
body() {
	case $(head -c 1 "$1") in
	'{') sed 1d "$1" ;;
	'#') sed '1,/^"StartTimestamp"/d' "$1" ;;
	i) cat "$1" ;; # CSV's
	*) sed '1,/^$/d' "$1" ;;
	esac
}

for kernel in $kernels; do
	if [ "$kernel" != bookworm-backports ]; then
		echo "skip - $kernel-recording (no code of it depends on the kernel)"
		continue
	fi
	name=$kernel-recording
	boot "$name" -k "$kernel" -t 500 -- sh /lab/files/cases.sh recording || continue
	dir=$results/$name
	for c in text intervals slices apart csv hlog counts exits exits-text stages; do
		if [ "$(cat "$dir/$c.rc" "$dir/$c-replay.rc")" = $'0\n0' ] && [ ! -s "$dir/$c-replay.err" ] &&
			[ "$(body "$dir/$c.out" | wc -l)" -gt 5 ] &&
			cmp -s <(body "$dir/$c.out") <(body "$dir/$c-replay.out"); then
			ok "$name $c: the replay prints what the live run printed"
		else
			not_ok "$name $c: the replay prints what the live run printed"
			diff <(body "$dir/$c.out") <(body "$dir/$c-replay.out") | head -20 | sed 's/^/# /'
			tail -5 "$dir/$c.err" "$dir/$c-replay.err" | sed 's/^/# /'
		fi
	done
	rm -f "$dir/killed.vgic-journal" # an empty one may be left there
	if ! compgen -G "$dir/*-journal" > /dev/null; then
		ok "$name: a recording that was ended is one file"
	else
		not_ok "$name: a recording that was ended is one file"
	fi
	claim "$name: killed with -9" "$dir/killed.rc" '. == [137]'
	cat "$dir/killed.out" "$dir/killed-replay.out" > "$dir/killed.both"
	claim "$name: what a killed run had reported is replayed, and at most one report more" "$dir/killed.both" '
		map(select(.type == "summary") | [.interval, .seen, .end_ns]) | length as $n
		| (length / 2 | floor) as $half
		| .[0:$half] as $live | (. - $live) as $more
		| if $live[0:3] == (.[$half:])[0:3] and ($live | length) >= 3 and ($more | length) <= 1 then true else . end'
	claim "$name: and it is said that it has no end" "$dir/killed-replay.rc" '. == [0]'
	grep -q 'has no end' "$dir/killed-replay.err" || not_ok "$name: a killed run: $(cat "$dir/killed-replay.err")"
	claim "$name: a full disk: status 1" "$dir/full.rc" '. == [1]'
	grep -q 'No space left on device; what was recorded before stays readable' "$dir/full.err" ||
		not_ok "$name: a full disk is said: $(cat "$dir/full.err")"
	claim "$name: a full disk: the measuring goes on, and what was recorded is replayed" <(
		cat "$dir/full.out" "$dir/full-replay.out") '
		map(select(.type == "summary").end_ns) | if length == 2 and .[1] < .[0] then true else . end'
done
exit $status
