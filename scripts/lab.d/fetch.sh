# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: download kernels and the Linux guest ahead of use
#
# After this, 'scripts/lab run' with these needs no network.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/archive.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/initrd.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/guest.sh"

fetch_usage() {
	cat <<-EOU
		usage: scripts/lab fetch [--refresh] [SUITE|guest...]

		Downloads the kernels of the suites named (all: ${LAB_SUITES[*]}),
		or what 'scripts/lab run --guest' takes along (guest), if not in the cache; with --refresh, the
		newest in any case.
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
			[[ $1 == guest ]] || kernel__is_suite "$1" || lab__die_usage "no suite '$1'" "lab fetch"
			suites+=("$1")
			;;
		esac
		shift
	done
	((${#suites[@]})) || suites=("${LAB_SUITES[@]}" guest)
	for suite in "${suites[@]}"; do
		if [[ $suite == guest ]]; then
			guest__prepare "$refresh"
		else
			kernel__prepare "$suite" "$refresh"
		fi
	done
}
