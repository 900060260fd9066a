#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The peers' Debian packages of one suite, as one uncompressed cpio archive for scripts/lab run
# --extra-cpio: each tool with the libraries that it is linked to, nothing else of its closure.
#
#   build/lab/peers/SUITE/root.cpio    /usr/... and ld.so
#   build/lab/peers/SUITE/packages     NAME VERSION of each package asked for
#   build/lab/peers/SUITE/missing      NAME REASON of what could not be had; tried again next time
#
#   scripts/bench.d/fetch.sh [--refresh] SUITE
set -Eeuo pipefail
LAB_SCRIPTS=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
LAB_ROOT=$(dirname -- "$LAB_SCRIPTS")
LAB_DIR=$(realpath -m -- "${LAB_DIR:-$LAB_ROOT/build/lab}")

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/common.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/archive.sh"

# PACKAGE FILE...: what of a package is wanted (shell patterns below its root). A package may be
# called otherwise in another suite: then it is missing there, and said so.
readonly PEERS='
bpftrace      usr/bin/bpftrace
linux-perf    usr/bin/perf usr/bin/perf_*
trace-cmd     usr/bin/trace-cmd
libbpf-tools  usr/sbin/*funclatency* usr/bin/*funclatency*
'

readonly LIBRARIES=usr/lib/aarch64-linux-gnu

# Downloads package $2 of suite $1 with all it depends on into folder $3. With the tree's empty
# status file nothing counts as installed.
fetch__closure() {
	local suite=$1 package=$2 into=$3

	mkdir -p "$into/partial"
	archive__apt "$suite" apt-get -qq -y --no-install-recommends --download-only \
		-o Debug::NoLocking=true -o "Dir::Cache::archives=$into" install "$package" >&2
}

# Unpacks the archives of folder $1 into $2, each once. Since trixie everything is below /usr.
fetch__unpack() {
	local deb

	for deb in "$1"/*.deb; do
		dpkg-deb -x "$deb" "$2"
		rm -f "$deb"
	done
}

# Prints the libraries that ELF file $1 names, and its loader.
fetch__needed() {
	readelf -dl "$1" 2>/dev/null |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p; s/.*program interpreter: \(.*\)\]/\1/p' | sed 's|.*/||'
}

# Copies file $2 of folder $1/tree to $1/root, as $3, with the libraries that it needs, and those that
# these need. A library's folder in its package may be one that only a link leads to.
fetch__copy() {
	local dir=$1 file=$2 to=$1/root/$3 name library

	[[ ! -e $to ]] || return 0
	mkdir -p "${to%/*}"
	cp -L "$dir/tree/$file" "$to"
	while read -r name; do
		library=$(cd "$dir/tree" && find . -name "$name" -printf '%P' -quit)
		if [[ -z $library ]]; then
			echo "${file##*/} needs $name, which no package brought" >>"$dir/missing"
			continue
		fi
		fetch__copy "$dir" "$library" "$LIBRARIES/$name"
	done < <(fetch__needed "$to")
}

# Adds package $2 of suite $1 to folder $3: work in $3/tree (all of it) and $3/root (what is wanted).
fetch__package() {
	local suite=$1 package=$2 dir=$3 pattern file nr=0
	shift 3

	if ! archive__apt "$suite" apt-cache show --no-all-versions "$package" >"$dir/show" 2>/dev/null; then
		echo "$package is not in the suite $suite" >>"$dir/missing"
		return
	fi
	lab__note "downloading $package and what it depends on ($suite)"
	if ! lab__retry fetch__closure "$suite" "$package" "$dir/debs"; then
		echo "$package cannot be downloaded" >>"$dir/missing"
		return
	fi
	fetch__unpack "$dir/debs" "$dir/tree"
	for pattern in "$@"; do
		while read -r file; do
			# A tool may be a script that picks the program: both are then in the patterns.
			fetch__copy "$dir" "$file" "$file"
			nr=$((nr + 1))
		done < <(cd "$dir/tree" && compgen -G "$pattern" | sort)
	done
	((nr)) || echo "$package has no ${*}" >>"$dir/missing"
	sed -n "s/^Version: /$package /p" "$dir/show" >>"$dir/packages"
}

fetch__suite() {
	local suite=$1 final=$LAB_DIR/peers/$1 dir package files

	archive__update "$suite"
	mkdir -p "$LAB_DIR/peers"
	rm -rf "$LAB_DIR/peers"/.new.*
	dir=$(mktemp -d "$LAB_DIR/peers/.new.XXXXXX")
	mkdir "$dir"/{debs,tree,root}
	: >"$dir/missing"
	: >"$dir/packages"
	while read -r package files; do
		[[ -n $package ]] || continue
		set -f
		# shellcheck disable=SC2086 # patterns are words
		set -- $files
		set +f
		fetch__package "$suite" "$package" "$dir" "$@"
	done <<<"$PEERS"
	# The loader is asked for as /lib/ld-linux-aarch64.so.1.
	[[ -e $dir/root/lib ]] || ln -s usr/lib "$dir/root/lib"
	find "$dir/root/$LIBRARIES" -name 'ld-linux-*' -exec mv -t "$dir/root/usr/lib" {} +
	(cd "$dir/root" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet -0 -o -H newc -R 0:0) >"$dir/root.cpio"
	rm -rf "$dir"/{debs,tree,root,show} "$final"
	mv "$dir" "$final"
	archive__trim "$suite"
}

fetch__ensure() {
	local suite=$1 dir=$LAB_DIR/peers/$1

	[[ ${2:-} == refresh || ! -f $dir/root.cpio || -s $dir/missing ]] || return 0
	fetch__suite "$suite"
}

refresh=
[[ ${1:-} != --refresh ]] || { refresh=refresh && shift; }
lab__need apt-get apt-cache dpkg-deb cpio readelf flock
lab__locked fetch fetch__ensure "$1" $refresh
