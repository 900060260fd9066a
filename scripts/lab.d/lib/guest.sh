# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# A guest that nobody here wrote, for the emulated host: Debian's QEMU for arm64 and one of Debian's kernels.
# QEMU comes from the archive once, as an archive of what it needs to run and nothing else:
#
#   guest/qemu.cpio   /usr/bin/qemu-system-aarch64, its dynamic linker and libraries, where they belong
#   guest/version     the package's version
#
# The rest (kernel, the guest's own initial file system, linux-guest) is made anew for each run.

readonly GUEST_QEMU_SUITE=trixie GUEST_QEMU_PACKAGE=qemu-system-arm
readonly GUEST_KERNEL_SUITE=bookworm-backports
# What the guest loads, dependencies first; what its kernel has built in is left out.
readonly GUEST_MODULES=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_mmio
	virtio_blk failover net_failover virtio_net virtio-rng)

# Prints the names that ELF file $1 asks for: its dynamic linker's and its libraries'.
guest__needed() {
	readelf -l -d -W -- "$1" |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p; s,.*interpreter: .*/\([^]/]*\)\]$,\1,p'
}

# Copies library $3 of the unpacked packages in $1 to where the dynamic linker looks for it in tree $2.
guest__copy_library() {
	local from=$1 into=$2 name=$3 file dir=usr/lib/aarch64-linux-gnu

	file=$(find "$from" \( -path '*/lib/*' -o -path '*/lib64/*' \) -name "$name" ! -type d -print -quit)
	[[ -n $file ]] || lab__die "no package that $GUEST_QEMU_PACKAGE depends on has $name"
	[[ $name != ld-linux-* ]] || dir=lib
	mkdir -p "$into/$dir"
	cp -L -- "$(guest__follow "$from" "$file")" "$into/$dir/$name"
}

# Prints what file $2 in tree $1 is, links followed within the tree.
guest__follow() {
	local root=$1 file=$2 link

	while [[ -L $file ]]; do
		link=$(readlink -- "$file")
		if [[ $link == /* ]]; then file=$root$link; else file=$(dirname -- "$file")/$link; fi
	done
	echo "$file"
}

# Fills tree $2 with QEMU from the unpacked packages in $1, and all that it needs to start.
guest__sort_out() {
	local from=$1 into=$2 todo=(usr/bin/qemu-system-aarch64) seen=' ' file name

	mkdir -p "$into/usr/bin"
	cp -- "$from/${todo[0]}" "$into/${todo[0]}"
	while ((${#todo[@]})); do
		file=${todo[0]}
		todo=("${todo[@]:1}")
		while read -r name; do
			[[ $seen != *" $name "* ]] || continue
			seen+="$name "
			guest__copy_library "$from" "$into" "$name"
			[[ $name == ld-linux-* ]] || todo+=("usr/lib/aarch64-linux-gnu/$name")
		done < <(guest__needed "$into/$file")
	done
}

guest__fetch() {
	local suite=$GUEST_QEMU_SUITE package=$GUEST_QEMU_PACKAGE tmp

	lab__need readelf
	archive__update "$suite"
	rm -rf "$LAB_DIR"/guest.new.* # an interrupted fetch's; the lock is ours
	tmp=$(mktemp -d "$LAB_DIR/guest.new.XXXXXX")
	archive__unpack_closure "$suite" "$tmp/all" "$package"
	guest__sort_out "$tmp/all" "$tmp/tree"
	mkdir "$tmp/guest"
	initrd__pack "$tmp/tree" >"$tmp/guest/qemu.cpio"
	archive__apt "$suite" apt-cache show --no-all-versions "$package" |
		sed -n 's/^Version: //p' >"$tmp/guest/version"
	rm -rf "$LAB_DIR/guest"
	mv "$tmp/guest" "$LAB_DIR/guest"
	rm -rf "$tmp"
	archive__trim "$suite"
	lab__note "$suite: QEMU $(<"$LAB_DIR/guest/version") for the emulated host"
}

# $1: "refresh" asks the archive in any case.
guest__ensure() {
	[[ ${1:-} == refresh || ! -f $LAB_DIR/guest/qemu.cpio ]] || return 0
	guest__fetch
}

# Everything that a run with a guest needs, under a lock. $1 as in guest__ensure.
guest__prepare() {
	kernel__prepare "$GUEST_KERNEL_SUITE" "${1:-}"
	lab__locked fetch guest__ensure "${1:-}"
}

# The guest's own initial file system: busybox, virtio's modules and guest/init.
guest__pack_initrd() {
	local tree=$1

	mkdir -p "$tree"/{bin,dev,proc,sys,modules}
	cp "$LAB_DIR/busybox" "$tree/bin/busybox"
	cp "$LAB_SCRIPTS/lab.d/guest/init" "$tree/init"
	chmod 755 "$tree/init" "$tree/bin/busybox"
	kernel__copy_modules "$(kernel__dir "$GUEST_KERNEL_SUITE")" "$tree/modules" "${GUEST_MODULES[@]}"
	initrd__pack "$tree"
}

# Adds the guest to the run's tree $1; $2 is a folder to work in.
guest__add() {
	local tree=$1 work=$2

	mkdir -p "$tree/lab/guest"
	cp "$(kernel__dir "$GUEST_KERNEL_SUITE")/Image" "$tree/lab/guest/Image"
	guest__pack_initrd "$work" >"$tree/lab/guest/initrd"
	rm -rf "$work"
	cp "$LAB_SCRIPTS/lab.d/guest/linux-guest" "$tree/lab/bin/linux-guest"
	chmod 755 "$tree/lab/bin/linux-guest"
}
