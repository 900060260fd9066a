# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2034 # $status is for the scripts that source this
#
# For the command line tests: where they stand, a folder that goes with them, and how a claim is told.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
status=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

ok() { echo "ok - $*"; }

# not_ok NAME [DETAIL]
not_ok() {
	echo "not ok - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
	status=1
}

claim() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got: $2
wanted: $3"; fi
}

# run TOOL ARGS...: leaves $rc, $dir/out and $dir/err.
run() {
	timeout 60 "$@" > "$dir/out" 2> "$dir/err" < /dev/null
	rc=$?
}

# is NAME CONDITION...: of the last run. CONDITION is a command.
is() {
	local what=$1
	shift
	if "$@"; then ok "$what"; else not_ok "$what" "$(cat "$dir/out" "$dir/err")"; fi
}
