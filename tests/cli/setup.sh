#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# scripts/setup on machines that are made up: its package tools are fakes that keep a log.
#
# shellcheck disable=SC2016 # what looks like an expansion is meant for another shell
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tmp=$dir

fake() { # NAME BODY
	printf '#!/bin/bash\n%s\n' "$2" > "$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# Runs scripts/setup with the fakes; sets $out, $err, $code and $log (what apt-get was asked for).
setup() {
	: > "$tmp/log"
	out=$(PATH=$tmp/bin:$PATH LOG=$tmp/log scripts/setup "$@" 2> "$tmp/err")
	code=$?
	err=$(cat "$tmp/err")
	log=$(cat "$tmp/log")
}

mkdir "$tmp/bin"
fake dpkg 'case $1 in --print-architecture) echo amd64 ;; --print-foreign-architectures) echo arm64 ;; esac'
fake apt-cache 'echo "  Candidate: 1"'
fake apt-get 'while [[ $1 == -* ]]; do shift $((1 + ($# > 1 && ${#1} == 2))); done; echo "$*" >> "$LOG"'
fake sleep ''
fake sudo 'exec "$@"'
fake bpftool 'exit 1'

fake dpkg-query 'exit 1'
setup --dry-run build
claim "setup --dry-run prints what is missing, one a line" "$code $(head -n 2 <<< "$out" | paste -sd' ')" "0 make gcc"
claim "setup --dry-run installs nothing" "$log" ""
setup --dry-run build lab
claim "setup's groups include those before them" "$(grep -cxE 'make|jq|cpio' <<< "$out")" 3

fake dpkg-query 'shift 3; for p; do [[ $p == clang ]] || echo "<installed $p:amd64>"; done'
setup build
claim "setup updates the lists, then installs what is missing only" "$code $log" "$(
	echo "0 update"
	echo "install -y --no-install-recommends clang")"
fake apt-get 'echo >> "$LOG"; (($(wc -l < "$LOG") >= 3))'
setup build
claim "setup tries three times" "$code $(wc -l < "$tmp/log")" "0 4"
fake apt-get 'echo >> "$LOG"; exit 100'
setup build
claim "setup says when it could not install" "$code $(tail -n 1 <<< "$err")" "1 setup: apt-get install failed"

fake dpkg-query 'shift 3; for p; do [[ $p == *:* ]] || p+=:amd64; echo "<installed $p>"; done'
setup
claim "setup does nothing, and says so in one line, when all is there" \
	"$code $log$(wc -l <<< "$err")" "0 1"
fake dpkg-query 'shift 3; for p; do [[ $p == *:* ]] || p+=:amd64; echo "<not-installed $p>"; done'
setup --dry-run build
claim "setup is not taken in by packages that are known, but not installed" "$(grep -cx make <<< "$out")" 1

setup --dry-run
claim "what only kernels are built with is not part of the default" "$code $(grep -cx dwarves <<< "$out")" "0 0"
setup --dry-run kernels build
claim "setup kernels includes all the rest" "$code $(grep -cxE 'dwarves|make|qemu-system-arm' <<< "$out")" "0 3"
setup nosuch
claim "setup refuses what it does not know" "$code $(head -n 1 <<< "$err")" "2 setup: unknown argument 'nosuch'"
setup --help
claim "setup --help goes to stdout" "$code $err" "0 "

mkdir "$tmp/bare"
for program in bash sed uname cat; do
	ln -s "$(command -v "$program")" "$tmp/bare/$program"
done
out=$(PATH=$tmp/bare bash scripts/setup build 2>&1)
claim "setup lists what is missing where there is no apt" "$? $(grep -c 'program clang' <<< "$out")" "1 1"
exit $status
