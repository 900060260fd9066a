#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-info as built, on a machine that need not be able to trace.
set -uo pipefail
tool=$1/vgic-info
name=vgic-info
status=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# run ARGS...: leaves $rc, $dir/out and $dir/err.
run() {
	timeout 60 "$tool" "$@" > "$dir/out" 2> "$dir/err" < /dev/null
	rc=$?
}

# is NAME CONDITION...: CONDITION is a command.
is() {
	local what=$1
	shift
	if "$@"; then
		echo "ok - $name: $what"
	else
		echo "not ok - $name: $what"
		sed 's/^/# /' "$dir/out" "$dir/err"
		status=1
	fi
}

run --help
is "--help goes to stdout, exit 0" test "$rc" -eq 0 -a -s "$dir/out" -a ! -s "$dir/err"
is "--help fits 80 columns" test "$(awk '{ if (length > m) m = length } END { print m }' "$dir/out")" -lt 80
run --version
is "--version names tool and version" grep -qE '^vgic-info [0-9]' "$dir/out"
run 12
is "arguments are refused, exit 2" test "$rc" -eq 2 -a ! -s "$dir/out"

run
is "it shows the kernel, whatever can be attached" grep -qF "$(uname -r), $(uname -m)" "$dir/out"
is "exit 1 where nothing can be attached, else 0" \
	test "$rc" -eq "$(grep -c '^attach .*nothing' "$dir/out")"
if [ "$rc" -ne 0 ]; then
	is "one line says why, with a hint" \
		test "$(wc -l < "$dir/err")" -eq 1 -a "$(grep -c ': cannot .*; ' "$dir/err")" -eq 1
else
	is "nothing to be said on stderr" test ! -s "$dir/err"
fi
run --json
is "--json begins with a header of a known schema" \
	grep -qE '^\{"type":"header","schema":"1\.[0-9]+","tool":"vgic-info",' "$dir/out"
is "--json has objects only" test "$(grep -cvE '^\{.*\}$' "$dir/out")" -eq 0
exit $status
