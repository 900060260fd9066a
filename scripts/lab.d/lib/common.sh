# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# What every part of the lab uses: messages, locks, retries. Sourced by scripts/lab.

# shellcheck disable=SC2034 # the readers are in other files

# Exit statuses of the lab itself; anything else is the command's own.
readonly LAB_EXIT_USAGE=2 LAB_EXIT_TIMEOUT=124 LAB_EXIT_TROUBLE=125

# The suites whose kernels the lab knows, newest last.
readonly LAB_SUITES=(bookworm bookworm-backports trixie sid)
readonly LAB_DEFAULT_SUITE=bookworm-backports
# The kernels that it builds, in the order of building.
readonly LAB_BUILT=(after before linear)

lab__note() { printf 'lab: %s\n' "$*" >&2; }

# The command's own exit status is never mistaken for this one: docs/lab.md.
lab__die() {
	lab__note "$*"
	exit "$LAB_EXIT_TROUBLE"
}

# $1: exit status, $2: where
lab__unforeseen() {
	(($1 == LAB_EXIT_TROUBLE)) || lab__note "$2: failed with status $1"
	exit "$LAB_EXIT_TROUBLE"
}

# $1: what is wrong, $2: the command whose --help helps
lab__die_usage() {
	printf "lab: %s\ntry 'scripts/%s --help'\n" "$1" "$2" >&2
	exit "$LAB_EXIT_USAGE"
}

# Prints field $1 of /etc/os-release, or nothing.
lab__os_release() { sed -n "s/^$1=\"\?\([^\"]*\)\"\?\$/\1/p" /etc/os-release 2>/dev/null || true; }

# Dies unless all the programs named are there.
lab__need() { lab__need_for lab "$@"; }

# $1: what scripts/setup calls the lot
lab__need_for() {
	local group=$1 program missing=()
	shift

	for program in "$@"; do
		command -v "$program" >/dev/null || missing+=("$program")
	done
	((${#missing[@]} == 0)) ||
		lab__die "not found: ${missing[*]} (run 'scripts/setup $group')"
}

# Three tries, with pauses: networks hiccup.
lab__retry() {
	local try

	for try in 1 2 3; do
		"$@" && return 0
		((try == 3)) || sleep "$((try * 5))"
	done
	return 1
}

# Runs the rest of the arguments while holding the lock named $1. Not reentrant. What dies in it
# releases the lock by ending.
lab__locked() {
	local lock=$LAB_DIR/locks/$1
	shift

	mkdir -p "$LAB_DIR/locks"
	exec 9>"$lock"
	if ! flock -n 9; then
		lab__note "waiting for another run's ${lock##*/}"
		flock 9
	fi
	"$@"
	exec 9>&-
}
