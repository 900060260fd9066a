# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: download kernels ahead of use
#
# After this, 'scripts/lab run' with these kernels needs no network.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/archive.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"

fetch_usage() {
	cat <<-EOU
		usage: scripts/lab fetch [--refresh] [SUITE...]

		Downloads the kernels of the suites named (all: ${LAB_SUITES[*]})
		that are not in the cache; with --refresh, the newest of each in any case.
	EOU
}

lab_fetch() {
	local refresh='' suites=() suite

	while (($#)); do
		case $1 in
		-h | --help) fetch_usage && return 0 ;;
		--refresh) refresh=refresh ;;
		-*) lab__die_usage "unknown option '$1'" "lab fetch" ;;
		*)
			kernel__is_suite "$1" || lab__die_usage "no suite '$1'" "lab fetch"
			suites+=("$1")
			;;
		esac
		shift
	done
	((${#suites[@]})) || suites=("${LAB_SUITES[@]}")
	for suite in "${suites[@]}"; do
		kernel__prepare "$suite" "$refresh"
	done
}
