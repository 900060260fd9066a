#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-info as built, on a machine that need not be able to trace.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tool=$1/vgic-info

run "$tool" --help
is "--help goes to stdout, exit 0" test "$rc" -eq 0 -a -s "$dir/out" -a ! -s "$dir/err"
is "--help fits 80 columns" test "$(awk '{ if (length > m) m = length } END { print m }' "$dir/out")" -lt 80
run "$tool" --version
is "--version names tool and version" grep -qE '^vgic-info [0-9]' "$dir/out"
run "$tool" 12
is "arguments are refused, exit 2" test "$rc" -eq 2 -a ! -s "$dir/out"

run "$tool"
is "it shows the kernel, whatever can be attached" grep -qF "$(uname -r), $(uname -m)" "$dir/out"
is "exit 1 where nothing can be attached, else 0" \
	test "$rc" -eq "$(grep -c '^attach .*nothing' "$dir/out")"
if [ "$rc" -ne 0 ]; then
	is "one line says why, with a hint" \
		test "$(wc -l < "$dir/err")" -eq 1 -a "$(grep -c ': cannot .*; ' "$dir/err")" -eq 1
else
	is "nothing to be said on stderr" test ! -s "$dir/err"
fi
run "$tool" --json
is "--json begins with a header of a known schema" \
	grep -qE '^\{"type":"header","schema":"2\.[0-9]+","tool":"vgic-info",' "$dir/out"
is "--json has objects only" test "$(grep -cvE '^\{.*\}$' "$dir/out")" -eq 0

run "$tool" --devices
if [ "$rc" -ne 0 ]; then
	is "--devices: where VMs cannot be looked at, one line says why" \
		test ! -s "$dir/out" -a "$(grep -c ': cannot .*; ' "$dir/err")" -eq 1
else
	is "--devices shows VMs, or that there is none" grep -qE '^(VM |no VM$)' "$dir/out"
fi
run "$tool" --devices --json
is "--devices --json begins with a header without a profile" test \
	"$(head -1 "$dir/out" | grep -c '^{"type":"header".*"tool":"vgic-info"')" -eq 1 -a \
	"$(grep -c '"profile"' "$dir/out")" -eq 0
is "--devices --json says with the error what is wrong, exit 1; else 0" \
	test "$rc" -eq "$(grep -c '"error"' "$dir/out")"
run "$tool" --devices -p 1 -g x
is "-p and -g exclude each other, exit 2" test "$rc" -eq 2 -a ! -s "$dir/out"
exit $status
