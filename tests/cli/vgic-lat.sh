#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-lat's command line as built, on a machine that need not be able to trace. (What it does with a
# session: tests/unit/test_vgic_lat.c; with a real one: tests/lab/.)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tool=$1/vgic-lat

# usage_error NAME PATTERN ARGS...: exit 2, nothing on stdout, stderr says PATTERN.
usage_error() {
	local what=$1 pattern=$2
	shift 2
	run "$tool" "$@"
	if [ "$rc" -eq 2 ] && [ ! -s "$dir/out" ] && grep -qF -- "$pattern" "$dir/err"; then
		ok "$what"
	else
		not_ok "$what (status $rc)"
	fi
}

for option in --help -h; do
	run "$tool" "$option"
	is "$option goes to stdout, exit 0" test "$rc" -eq 0 -a -s "$dir/out" -a ! -s "$dir/err"
	is "$option fits 80 columns" test "$(awk '{ if (length > m) m = length } END { print m }' "$dir/out")" -lt 80
	is "$option has examples" grep -q '^EXAMPLES:' "$dir/out"
done
for option in --version -V; do
	run "$tool" "$option"
	is "$option goes to stdout, exit 0" test "$rc" -eq 0 -a ! -s "$dir/err"
	is "$option names tool and version" grep -qE '^vgic-lat [0-9]' "$dir/out"
done
usage_error "unknown options are refused" "unrecognized option" --frobnicate
usage_error "unknown ranges are refused, with a hint" "names are such as GICD_CTLR" --range 'NO_SUCH*'
usage_error "unknown stages are refused, with their names" "stages are lookup, device, bus" --stages x
usage_error "a pid is a number" "bad process id" -p 12abc
usage_error "what cannot hold a limit is refused with it" "cannot hold what --exits costs" --exits --max-overhead 2
usage_error "-- wants a command" "no command after --" --

run "$tool" -d 1ms -- sh -c 'echo it ran'
if [ "$(uname -m)" != aarch64 ]; then
	is "another machine is told in one line, exit 1" \
		test "$rc" -eq 1 -a "$(wc -l < "$dir/err")" -eq 1 -a ! -s "$dir/out"
	is "the line names the machine and has a hint" grep -q "$(uname -m).*; " "$dir/err"
	is "the command does not run then" test "$(grep -c 'it ran' "$dir/err")" -eq 0
else
	echo "skip - another machine is told in one line (this is aarch64)"
fi
exit $status
