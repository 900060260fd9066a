#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-lat --import-ftrace, as built. What is in which recording: tests/ftrace/, and
# tests/unit/test_import_ftrace.c. With VGIC_FTRACE_DIR also every recording of that folder's README.md.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tool=$1/vgic-lat
samples=$(cd "$(dirname "$0")/../ftrace" && pwd)

# counts FILE: "KERNEL USER" of a recording, by replaying it.
counts() {
	"$tool" -r "$1" --json | jq -s -r '[.[] | select(.type == "range")]
		| "\(map(select(.handled == "kernel").count) | add // 0) \(map(select(.handled == "user").count) | add // 0)"'
}

refused() {
	local what=$1 pattern=$2
	shift 2
	rm -f "$dir/r.vgic"
	run "$tool" "$@"
	is "$what" test "$rc" -eq 2 -a ! -s "$dir/out" -a ! -e "$dir/r.vgic" -a "$(grep -cF -- "$pattern" "$dir/err")" -ge 1
}

file=$samples/v4.1-gicv2-path-plain-1x200-icount.txt.gz
run "$tool" --import-ftrace "$file" -o "$dir/a.vgic"
is "an import makes a recording, stdout stays empty" test "$rc" -eq 0 -a -s "$dir/a.vgic" -a ! -s "$dir/out"
is "it says what it took out" grep -q 'taken out of latencies' "$dir/err"
is "the replay has its counts" test "$(counts "$dir/a.vgic")" = "200 2"
is "the replay says where it is from" test \
	"$("$tool" -r "$dir/a.vgic" --json | head -1 | jq -r '.attach, .tick_ns == 16, .profile' | paste -sd' ')" \
	= "function_graph true ftrace"
gzip -dc "$file" | "$tool" --import-ftrace - -o "$dir/b.vgic" 2> /dev/null
"$tool" --import-ftrace - -o "$dir/c.vgic" < "$file" 2> /dev/null
is "stdin will do, plain or compressed" test "$(counts "$dir/b.vgic") $(counts "$dir/c.vgic")" = "200 2 200 2"
"$tool" --import-ftrace "$samples/v4.1-gicv3-path-8x48-smp4.txt.gz" -o "$dir/d.vgic" 2> /dev/null
is "each task is a vCPU" test \
	"$("$tool" -r "$dir/d.vgic" --json --per-vcpu | jq -s -c '[.[] | select(.handled == "kernel")]
	| group_by(.vcpu) | map([.[0].vcpu, (map(.count) | add)])')" \
	= "[[0,48],[1,48],[2,48],[3,48],[4,48],[5,48],[6,48],[7,48]]"
run "$tool" --import-ftrace "$samples/v4.0-gicv2-path-overrun-1x2000-icount.txt.gz" -o "$dir/e.vgic"
is "a recording that overran is imported, and that is said" test "$rc" -eq 0 -a \
	"$(grep -c 'in the middle of calls\|1 accesses are not whole' "$dir/err")" -eq 2

refused "one that was copied with short reads is refused" "missing or repeated" \
	--import-ftrace "$samples/v4.0-gicv2-path-ev-1x200-badread.txt.gz" -o "$dir/r.vgic"
refused "what is no function_graph text is refused" "is no function_graph text" \
	--import-ftrace "$0" -o "$dir/r.vgic"
refused "what is not there is refused" "cannot open" --import-ftrace "$dir/none" -o "$dir/r.vgic"
refused "an import wants -o" "goes with -o" --import-ftrace "$file"
for option in --json --csv --per-vcpu --per-device --raw --summary --fine -T -v; do
	refused "an import prints nothing: $option" "goes with -o" --import-ftrace "$file" -o "$dir/r.vgic" $option
done
refused "an import has no --slice" "goes with -o" --import-ftrace "$file" -o "$dir/r.vgic" --slice 1s
refused "an import does not trace" "goes with -o" --import-ftrace "$file" -o "$dir/r.vgic" -d 1

# Text without times, too, is compared: v4.0 and v4.1 with the same accesses.
for what in plain ev-user; do
	for kernel in v4.0 v4.1; do
		"$tool" --import-ftrace "$samples/$kernel-gicv2-path-$what-1x200-icount.txt.gz" \
			-o "$dir/$kernel-$what.vgic" 2> /dev/null
	done
	run "$1/vgic-cmp" --json "$dir/v4.0-$what.vgic" -- "$dir/v4.1-$what.vgic"
	is "v4.1's bus is found dearer than v4.0's dispatcher: $what" test "$(jq -r 'select(.stage == "bus" and
		.metric == "mean" and .verdict == "regression").range' "$dir/out" | wc -l)" -ge 1
done

# Where it goes is looked at before what comes: there is no end to this text.
echo 'a text' > "$dir/text"
mkfifo "$dir/fifo"
for out in "$dir" "$dir/text" "$dir/fifo" /dev/full "$dir/none/r.vgic"; do
	yes '#' | timeout 20 "$tool" --import-ftrace - -o "$out" > "$dir/out" 2> "$dir/err"
	rc=${PIPESTATUS[1]}
	is "a bad -o is told at once: ${out##*/}" test "$rc" -eq 1 -a ! -s "$dir/out" -a \
		"$(grep -cE 'cannot (make|replace)' "$dir/err")" -eq 1
done
is "and what was there stays" test "$(cat "$dir/text")" = 'a text'
printf ' 0) 9000000000000.0 us |  vgic_handle_mmio();\n' > "$dir/long"
refused "a call longer than an hour is damage" "line 1 is no" --import-ftrace "$dir/long" -o "$dir/r.vgic"

if [ -z "${VGIC_FTRACE_DIR:-}" ]; then
	echo "skip - every recording of a folder has its counts (VGIC_FTRACE_DIR does not name one)"
	exit $status
fi
# Columns: file, bytes, vcpus, iters, pattern, accesses, reads, writes, user, expected, found, match.
while IFS='|' read -r _ name _ vcpus _ _ accesses _ _ user _ found match _; do
	name=${name// /} found=${found// /} want="$((accesses - user)) $((user + 2 * vcpus))"
	run "$tool" --import-ftrace "$VGIC_FTRACE_DIR/$name.gz" -o "$dir/f.vgic"
	case $name in
	*badread*) is "$name is refused" test "$rc" -eq 2 ;;
	*) if [ "${match// /}" = yes ]; then
		is "$name: $want" test "$(counts "$dir/f.vgic")" = "$want"
	else
		is "$name: $found in all" test "$(counts "$dir/f.vgic" | awk '{ print $1 + $2 }')" = "$found"
	fi ;;
	esac
done < <(grep '^| v[0-9]' "$VGIC_FTRACE_DIR/README.md")
exit $status
