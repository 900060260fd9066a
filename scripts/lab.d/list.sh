# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: list the kernels that are in the cache
#
# One line a kernel: suite (or its name, if built here), package version, kernel release.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"

lab_list() {
	local suite dir

	case ${1:-} in
	'') ;;
	-h | --help) echo "usage: scripts/lab list" && return 0 ;;
	*) lab__die_usage "unknown argument '$1'" "lab list" ;;
	esac
	for suite in "${LAB_SUITES[@]}" "${LAB_BUILT[@]}"; do
		dir=$(kernel__dir "$suite")
		[[ -f $dir/Image ]] || continue
		printf '%-20s %-24s %s\n' "$suite" "$(<"$dir/version")" "$(<"$dir/release")"
	done
}
