# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The cache of Debian's arm64 cloud kernels, of those that build-kernels.sh makes, and the busybox
# that runs in the lab. A cache entry is made beside its place and renamed into it, so it is whole or
# not there:
#
#   kernels/NAME/Image      what QEMU boots
#   kernels/NAME/config     the kernel's configuration
#   kernels/NAME/release    uname -r
#   kernels/NAME/version    the package's version
#   kernels/NAME/modules/   lib/modules/RELEASE/kernel, as packaged; empty in those that are built
#   kernels/NAME/key        of those: what it was made from
#   busybox                  static, arm64

readonly KERNEL_METAPACKAGE=linux-image-cloud-arm64
readonly KERNEL_BUSYBOX_SUITE=bookworm

# Is $1 among the rest of the arguments?
kernel__is_one_of() {
	local name=$1 other
	shift

	for other; do
		[[ $other != "$name" ]] || return 0
	done
	return 1
}

kernel__is_suite() { kernel__is_one_of "$1" "${LAB_SUITES[@]}"; }
kernel__is_built() { kernel__is_one_of "$1" "${LAB_BUILT[@]}"; }

kernel__dir() { echo "$LAB_DIR/kernels/$1"; }

# Prints the packages that hold suite $1's cloud kernel: what the metapackage leads to among
# the versioned linux-* packages. (Older: one linux-image. Newer: linux-binary, -modules, -base.)
kernel__packages() {
	local suite=$1 todo=("$KERNEL_METAPACKAGE") seen=' ' package name

	while ((${#todo[@]})); do
		package=${todo[0]}
		todo=("${todo[@]:1}")
		while read -r name; do
			[[ $name =~ ^linux-(image|binary|modules|base)-[0-9] ]] || continue
			[[ $seen != *" $name "* ]] || continue
			seen+="$name "
			todo+=("$name")
		done < <(archive__depends "$suite" "$package")
	done
	tr ' ' '\n' <<<"$seen" | sed '/^$/d'
}

# Prints the content of kernel module file $1.
kernel__module() {
	case $1 in
	*.xz) xz -dc -- "$1" ;;
	*.zst) zstd -qdc -- "$1" ;;
	*.gz) gzip -dc -- "$1" ;;
	*) cat -- "$1" ;;
	esac
}

# Unpacks the modules $3... of cache entry $1 into folder $2, named so that their order is that of
# loading. What is built in is no file, and left out.
kernel__copy_modules() {
	local dir=$1 into=$2 name file nr=0
	shift 2

	for name in "$@"; do
		file=$(find "$dir/modules" -name "$name.ko*")
		[[ -n $file ]] || continue
		nr=$((nr + 1))
		kernel__module "$file" >"$into/$nr-$name.ko"
	done
}

# Fills $2 from the packages unpacked in $1.
kernel__sort_out() {
	local tree=$1 into=$2 image release

	image=$(find "$tree" -type f -name 'vmlinuz*')
	[[ -f $image ]] || lab__die "not one kernel image in the packages, but: ${image:-none}"
	release=$(find "$tree" -path '*/lib/modules/*' -prune -printf '%f\n' | sort -u)
	mv "$image" "$into/Image"
	echo "$release" >"$into/release"
	find "$tree" -type f \( -name "config-$release" -o -path "*/$release/config" \) \
		-exec cp {} "$into/config" \;
	mv "$(find "$tree" -type d -path "*/lib/modules/$release/kernel")" "$into/modules"
}

kernel__fetch() {
	local suite=$1 dir tmp packages
	dir=$(kernel__dir "$suite")

	archive__update "$suite"
	mapfile -t packages < <(kernel__packages "$suite")
	((${#packages[@]})) || lab__die "$suite has no $KERNEL_METAPACKAGE"
	mkdir -p "$LAB_DIR/kernels"
	rm -rf "$LAB_DIR/kernels"/.new.*
	tmp=$(mktemp -d "$LAB_DIR/kernels/.new.XXXXXX")
	archive__unpack "$suite" "$tmp/tree" "${packages[@]}"
	mkdir "$tmp/entry"
	kernel__sort_out "$tmp/tree" "$tmp/entry"
	archive__apt "$suite" apt-cache show --no-all-versions "$KERNEL_METAPACKAGE" |
		sed -n 's/^Version: //p' >"$tmp/entry/version"
	rm -rf "$dir"
	mv "$tmp/entry" "$dir"
	rm -rf "$tmp"
	archive__trim "$suite"
	lab__note "$suite: kernel $(<"$dir/release")"
}

# Makes sure that suite $1 is in the cache; $2 = "refresh" asks the archive in any case.
kernel__ensure() {
	local dir
	dir=$(kernel__dir "$1")

	if kernel__is_built "$1"; then
		[[ -f $dir/Image ]] || lab__die "no kernel '$1': 'scripts/lab build-kernels $1' builds it"
		return 0
	fi
	[[ ${2:-} == refresh || ! -f $dir/Image ]] || return 0
	kernel__fetch "$1"
}

kernel__ensure_busybox() {
	local suite=$KERNEL_BUSYBOX_SUITE tmp

	[[ ! -x $LAB_DIR/busybox ]] || return 0
	rm -rf "$LAB_DIR"/.new.* # an interrupted fetch's; the lock is ours
	archive__update "$suite"
	tmp=$(mktemp -d "$LAB_DIR/.new.XXXXXX")
	archive__unpack "$suite" "$tmp/tree" busybox-static
	mv "$(find "$tmp/tree" -type f -path '*/bin/busybox')" "$LAB_DIR/busybox"
	rm -rf "$tmp"
	archive__trim "$suite"
}

# Everything that a run with suite $1 needs, under a lock. $2 as in kernel__ensure.
kernel__prepare() {
	lab__locked "fetch" kernel__ensure "$@"
	lab__locked "fetch" kernel__ensure_busybox
}
