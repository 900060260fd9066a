#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-cmp's command line as built, and how `vgic-cmp run` makes its recordings. (What it does with
# recordings: tests/unit/test_vgic_cmp.c.)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tool=$1/vgic-cmp
here=tests/cli

# trouble NAME PATTERN ARGS...: exit 2, nothing on stdout, stderr says PATTERN.
trouble() {
	local what=$1 pattern=$2
	shift 2
	run "$tool" "$@"
	if [ "$rc" -eq 2 ] && [ ! -s "$dir/out" ] && grep -qF -- "$pattern" "$dir/err"; then
		ok "$what"
	else
		not_ok "$what (status $rc)" "$(cat "$dir/out" "$dir/err")"
	fi
}

for option in --help -h; do
	run "$tool" "$option"
	is "$option prints the help" diff -u "$here/vgic-cmp.help" "$dir/out"
	run "$tool" run "$option"
	is "run $option prints its help" diff -u "$here/vgic-cmp-run.help" "$dir/out"
done
run "$tool" --help
is "--help fits 80 columns" test "$(awk '{ if (length > m) m = length } END { print m }' "$dir/out")" -lt 80
for option in --version -V; do
	run "$tool" "$option"
	is "$option names tool and version" grep -qE '^vgic-cmp [0-9]' "$dir/out"
done

echo text > "$dir/text"
: > "$dir/nothing"
trouble "no arguments" "nothing to compare with"
trouble "one side only" "nothing to compare with" "$dir/text"
trouble "nothing behind --" "too few recordings" "$dir/text" --
trouble "nothing before --" "too few recordings" -- "$dir/text"
trouble "--pairs of an odd number" "as many files of base as of new; there are 3" --pairs a b c
trouble "--pairs with --" "--pairs takes all files before any --" --pairs a -- b
trouble "--aa of one recording" "--aa wants two recordings of base at least" --aa a
trouble "--json with --markdown" "--json and --markdown do not go together" --json --markdown a -- b
trouble "an unknown metric" "metrics are mean, count" --metric average a -- b
trouble "an unknown stage" "stages are such as lookup" --stage all a -- b
trouble "an unknown range" "names are such as GICD_CTLR" --range 'NO_SUCH*' a -- b
trouble "a margin that is none" "bad margin '2x'" --margin 2x a -- b
trouble "an alpha above 49 %" "bad alpha '50'" --alpha 50 a -- b
trouble "an unknown option" "unrecognized option" --frobnicate a -- b
trouble "a file that is not there" "$dir/none" "$dir/none" -- "$dir/text"
trouble "a file that is no recording" "$dir/text" "$dir/text" -- "$dir/nothing"
trouble "an empty file" "$dir/nothing" "$dir/nothing" -- "$dir/text"

trouble "run without --base" "--base and --new are needed" run --new true
trouble "run with no workload" "no workload after --" run --base true --new true --
trouble "run of no pairs" "bad number of pairs '0'" run --base true --new true --pairs 0
trouble "run with a file" "a workload comes after --" run --base true --new true a

# A recorder that tells what it was asked for, and in which state: -o FILE -- CMD.
cat > "$dir/recorder" <<-EOS
	echo "\$(basename "\$2") \$(cat "$dir/state") \$4" >> "$dir/log"
	echo "no recording" > "\$2"
	shift 3
	exec "\$@"
EOS
trouble "what was recorded is compared" "$dir/kept/001-base.vgic" run \
	--base "echo A > $dir/state" --new "echo B > $dir/state" --pairs 3 -o "$dir/kept" \
	--vgic-lat "sh $dir/recorder" -- echo "it's quoted"
claim "runs are made in the order ABBA, each in its state" "$(cat "$dir/log")" "\
001-base.vgic A echo
001-new.vgic B echo
002-new.vgic B echo
002-base.vgic A echo
003-base.vgic A echo
003-new.vgic B echo"
is "what the workload writes goes to stderr" \
	test "$(grep -c "^it's quoted$" "$dir/err")" -eq 6 -a ! -s "$dir/out"
is "what is done is said" grep -qx 'pair 2 of 3: new' "$dir/err"
trouble "recordings are not overwritten" "there is a $dir/kept/001-base.vgic already" run \
	--base true --new true --pairs 2 -o "$dir/kept" --vgic-lat "sh $dir/recorder"

: > "$dir/log"
trouble "a command that fails ends it, with its status" "--new 'exit 7' failed with status 7" run \
	--base true --new 'exit 7' --pairs 3 -o "$dir/failed" --vgic-lat "sh $dir/recorder" -- true
claim "and nothing is run after it" "$(wc -l < "$dir/log")" 1
trouble "so does a workload" "recording of 'false' failed with status 1" run --base true --new true \
	-o "$dir/failed2" --vgic-lat "sh $dir/recorder" -- false
trouble "without a workload the commands are recorded" "--base 'exit 3' failed with status 3" run \
	--base 'exit 3' --new true -o "$dir/failed3" --vgic-lat "sh $dir/recorder"
trouble "a folder that cannot be made" "cannot make $dir/no/such" run --base true --new true \
	-o "$dir/no/such" --vgic-lat "sh $dir/recorder"
exit $status
