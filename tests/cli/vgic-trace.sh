#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-trace's command line as built, on a machine that need not be able to trace. (What it does with
# accesses: tests/unit/test_vgic_trace.c; on real kernels: tests/lab/trace.sh.)
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tool=$1/vgic-trace

for option in --help -h; do
	run "$tool" "$option"
	is "$option prints the help" diff -u "$here/vgic-trace.help" "$dir/out"
	is "$option goes to stdout, exit 0" test "$rc" -eq 0 -a ! -s "$dir/err"
done
is "the help fits 80 columns" test "$(awk '{ if (length > m) m = length } END { print m }' "$dir/out")" -lt 80
run "$tool" --version
is "--version names tool and version" grep -qE '^vgic-trace [0-9]' "$dir/out"
run "$tool" --range 'NO_SUCH*'
is "unknown ranges are refused, exit 2" \
	test "$rc" -eq 2 -a ! -s "$dir/out" -a "$(grep -c "no register range matches" "$dir/err")" -eq 1
run "$tool" -d 1ms -- sh -c 'echo it ran'
if [ "$(uname -m)" != aarch64 ]; then
	is "another machine is told in one line, exit 1" \
		test "$rc" -eq 1 -a "$(wc -l < "$dir/err")" -eq 1 -a ! -s "$dir/out"
	is "the command does not run then" test "$(grep -c 'it ran' "$dir/err")" -eq 0
else
	echo "skip - another machine is told in one line (this is aarch64)"
fi
exit $status
