#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What holds of the source tree: include arrows, licences, shell scripts, sizes of names.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
status=0

claim() { # NAME, then what speaks against it (nothing = holds)
	if [ -z "$2" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		status=1
	fi
}

files() {
	if [ -d .git ] && command -v git > /dev/null; then
		git ls-files -co --exclude-standard -- "$@"
	else
		find . -path ./build -prune -o -type f -print | sed 's|^\./||' | grep -E "$(printf '%s\n' "$@" |
			sed 's/\./\\./g; s/\*/.*/g; s/^/^/; s/$/$/' | paste -sd'|')"
	fi | while read -r f; do [ -f "$f" ] && echo "$f"; done
}

# Quoted includes of the files in $1 that match none of the headers of the folders $2...
foreign_includes() {
	local from=$1 f h d found
	shift
	files "$from" | while read -r f; do
		sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f" | while read -r h; do
			found=
			for d in "$(dirname "$f")" "$@"; do
				[ -f "$d/$h" ] && found=1
			done
			[ -n "$found" ] || echo "$f includes $h"
		done
	done
}

claim "include/ includes <linux/types.h> and itself only" "$(
	foreign_includes 'include/*.h' include
	files 'include/*.h' | xargs grep -n '#include <' | grep -v '<linux/types.h>')"
claim "bpf/ includes include/ only" "$(foreign_includes 'bpf/*' include)"
# The one module that may include each skeleton.
skeletons='tools/lib/programs.c includes access.skel.h
tools/lib/inventory_read.c includes inventory.skel.h
tools/lib/exits.c includes exits.skel.h
tools/lib/trace_programs.c includes trace.skel.h'
claim "tools/lib/ includes include/ only, but for one module per skeleton" "$(
	foreign_includes 'tools/lib/*.[ch]' include | grep -vxF "$skeletons")"
claim "tools/ includes tools/lib/ and include/ only" "$(foreign_includes ':(glob)tools/*.c' tools/lib include)"
claim "vgic-bench includes tools/lib/ and include/ only" "$(
	foreign_includes 'tools/vgic-bench/*' tools/lib include)"
claim "unit tests include tools/ and include/ only" "$(
	foreign_includes 'tests/unit/*.[ch]' tools/lib tools/vgic-bench include)"
claim "nothing but that module uses a skeleton" "$(
	files '*.c' '*.h' | xargs grep -H 'skel\.h"' | sed 's/:#include "/ includes /; s/"$//' |
	grep -vxF "$skeletons")"

claim "every source file names its licence in its first two lines" "$(
	files '*.c' '*.h' '*.S' '*.sh' '*.mk' Makefile 'scripts/*' tests/run .ci/run |
	while read -r f; do head -2 "$f" | grep -q SPDX-License-Identifier || echo "$f"; done)"

claim "names of BPF programs and maps have at most 15 characters" "$(
	grep -hoE '^(FENTRY|FEXIT|KPROBE|KRETPROBE)_[A-Z]+\([a-z_]+|^SEC\("[^"]*"\) int [a-z_]+' bpf/*.bpf.c |
	sed 's/.*[( ]//' | awk 'length > 15'
	sed -n 's/^} \([a-z_]*\) SEC("\.maps").*/\1/p' bpf/*.h | awk 'length > 15')"

claim "library modules do not print to stdout" "$(
	grep -nE '\b(printf|puts|putchar)\(' tools/lib/*.c | grep -vE 'v?s?n?f?printf\((buf|stderr)|_printf')"

if command -v shellcheck > /dev/null; then
	claim "shellcheck has nothing to say" "$(
		{ files '*.sh'; files 'scripts/*' tests/run .ci/run; } | sort -u | while read -r f; do
			head -1 "$f" | grep -qE '^#!.*\b(ba)?sh' && echo "$f"
		done | xargs -r shellcheck -x -f gcc 2>&1)"
else
	echo "skip - shellcheck has nothing to say (not installed)"
fi

if clang-format --version 2> /dev/null | grep -q 'version 14\.'; then
	claim "the sources are as .clang-format has them" "$(
		files '*.c' '*.h' | xargs clang-format --dry-run 2>&1 | grep warning: | head)"
else
	echo "skip - the sources are as .clang-format has them (clang-format 14 is not installed)"
fi
exit $status
