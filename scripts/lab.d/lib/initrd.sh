# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The initial RAM file system of a run: busybox and init, the kernel's channel modules, the toolkit's
# arm64 tools, the command with its files, and whatever archives the caller adds. A few megabytes,
# made anew for each run in some 50 ms, so there is nothing to go stale.

# Packs folder $1.
initrd__pack() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet -0 -o -H newc -R 0:0)
}

# Quotes its arguments for a POSIX shell, on one logical line: newlines stay as they are.
initrd__quote() {
	local argument

	for argument in "$@"; do
		printf " '%s'" "${argument//\'/\'\\\'\'}"
	done
}

# Copies PATH[:NAME] ($2) for the guest into tree $1. NAME is relative to the command's working
# folder, or absolute.
initrd__add_file() {
	local tree=$1 path=${2%%:*} name=
	[[ $2 != *:* ]] || name=${2#*:}

	[[ -e $path ]] || lab__die "no file '$path'"
	name=${name:-$(basename -- "$path")}
	[[ $name == /* ]] || name=lab/files/$name
	mkdir -p -- "$(dirname -- "$tree/$name")"
	cp -RL -- "$path" "$tree/$name"
}

# Appends archive $2 (cpio, compressed or not) to $1. The kernel wants each to start at a multiple of 4.
initrd__append() {
	cat -- "$2" >>"$1"
	truncate -s %512 -- "$1"
}
