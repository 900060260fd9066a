# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: build the kernels before, after and linear
#
# Kernels that differ in how a guest's access finds its register, and in nothing else: see the
# patches in scripts/lab.d/kernels. One tree, patched and built in turns: what a patch does not
# touch is compiled once.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/archive.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"

# The patches are for this one.
readonly BUILD_SUITE=bookworm-backports BUILD_PACKAGE=linux-source-6.12

build_usage() {
	cat <<-EOU
		usage: scripts/lab build-kernels [-j JOBS] [KERNEL...]

		Builds those of the kernels named (all: ${LAB_BUILT[*]}) that are not in the
		cache, from Debian's $BUILD_PACKAGE. After that, 'scripts/lab run -k before' works.

		  after    the kernel as it is: the VGIC's devices on kvm_io_bus, found by binary search
		  before   the VGIC off the bus again, dispatched as Linux 4.0 did
		  linear   as after, but the bus is searched linearly

		Needs what 'scripts/setup kernels' installs, 3 GB of disk, and some ten minutes of two CPUs
		for the first one.

		  -j, --jobs JOBS    for make [$(nproc)]
	EOU
}

# Prints the files that kernel $1 is made from, beside the source.
build__inputs() {
	echo "$LAB_SCRIPTS/lab.d/kernels/config"
	[[ $1 == after ]] || echo "$LAB_SCRIPTS/lab.d/kernels/$1.patch"
}

# What kernel $1 is to be made from. Without a source, the one that it was made from will do.
build__key() {
	local inputs

	mapfile -t inputs < <(build__inputs "$1")
	cat "$BUILD_DIR/version" 2>/dev/null || cat "$(kernel__dir "$1")/version"
	"${BUILD_CROSS}gcc" --version | head -n 1
	sed 's/^#.*//' "${inputs[@]}" | sha256sum
}

# The source's folder, unpacked, once.
build__ensure_source() {
	local tmp

	[[ ! -f $BUILD_DIR/version ]] || return 0
	archive__update "$BUILD_SUITE"
	mkdir -p "$LAB_DIR/src"
	rm -rf "$LAB_DIR/src"/.new.* "$BUILD_DIR"
	tmp=$(mktemp -d "$LAB_DIR/src/.new.XXXXXX")
	archive__unpack "$BUILD_SUITE" "$tmp/tree" "$BUILD_PACKAGE"
	lab__note "unpacking $BUILD_PACKAGE"
	mkdir "$tmp/source"
	tar -xJf "$(find "$tmp/tree" -name "$BUILD_PACKAGE.tar.xz")" -C "$tmp/source" --strip-components 1
	rm -rf "$tmp/tree"
	archive__apt "$BUILD_SUITE" apt-cache show --no-all-versions "$BUILD_PACKAGE" |
		sed -n 's/^Version: //p' >"$tmp/source/version"
	mv "$tmp/source" "$BUILD_DIR"
	rm -rf "$tmp"
	archive__trim "$BUILD_SUITE"
}

build__patch() { patch -s -p1 -d "$BUILD_DIR" "$@"; }

# Takes back the patch that is in the source, if any; also that of a build that was interrupted.
build__unpatch() {
	local applied=$BUILD_DIR/.lab-patch

	[[ -f $applied ]] || return 0
	if build__patch -R --dry-run <"$applied" >/dev/null; then
		build__patch -R <"$applied"
	fi
	rm "$applied"
}

# The source as kernel $1 wants it.
build__make_source() {
	local patch=$LAB_SCRIPTS/lab.d/kernels/$1.patch applied=$BUILD_DIR/.lab-patch

	cmp -s "$patch" "$applied" && return 0
	build__unpatch
	[[ -f $patch ]] || return 0
	cp "$patch" "$applied"
	build__patch <"$patch" ||
		lab__die "$1.patch does not apply to $BUILD_PACKAGE $(<"$BUILD_DIR/version")"
}

# The rest of the arguments go to make. Same text on every machine, so that kernels can be compared.
build__make() {
	local name=$1
	shift

	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL KBUILD_BUILD_USER=lab \
		KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' \
		nice -n 5 make -s -C "$BUILD_DIR" ARCH=arm64 CROSS_COMPILE="$BUILD_CROSS" \
		LOCALVERSION="-$name" "$@"
}

# Every option that was asked for must be in the configuration: make drops silently what it cannot do.
build__configure() {
	local config=$LAB_SCRIPTS/lab.d/kernels/config missing

	build__make "$1" KCONFIG_ALLCONFIG="$config" allnoconfig >/dev/null 2>&1 ||
		lab__die "the kernel cannot be configured"
	missing=$(grep '^CONFIG_' "$config" | grep -vxFf "$BUILD_DIR/.config") || true
	[[ -z $missing ]] || lab__die "the kernel cannot be configured with" "$missing"
}

build__kernel() {
	local name=$1 dir tmp
	dir=$(kernel__dir "$name")

	if [[ -f $dir/key && $(<"$dir/key") == "$(build__key "$name")" ]]; then
		lab__note "$name: in the cache"
		return 0
	fi
	build__ensure_source
	build__make_source "$name"
	lab__note "$name: building (log: $LAB_DIR/src/$name.log)"
	build__configure "$name"
	build__make "$name" -j"$BUILD_JOBS" Image >"$LAB_DIR/src/$name.log" 2>&1 ||
		lab__die "$name cannot be built: $(tail -n 5 "$LAB_DIR/src/$name.log")"
	tmp=$(mktemp -d "$LAB_DIR/kernels/.new.XXXXXX")
	mkdir "$tmp/modules"
	cp "$BUILD_DIR/arch/arm64/boot/Image" "$tmp/Image"
	cp "$BUILD_DIR/.config" "$tmp/config"
	cp "$BUILD_DIR/version" "$tmp/version"
	cp "$BUILD_DIR/include/config/kernel.release" "$tmp/release"
	build__key "$name" >"$tmp/key"
	rm -rf "$dir"
	mv "$tmp" "$dir"
	lab__note "$name: kernel $(<"$dir/release")"
}

build__all() {
	local name

	mkdir -p "$LAB_DIR/kernels"
	for name; do
		build__kernel "$name"
	done
}

lab_build_kernels() {
	local names=()

	BUILD_JOBS=$(nproc) BUILD_DIR=$LAB_DIR/src/$BUILD_PACKAGE
	BUILD_CROSS=$([[ $(uname -m) == aarch64 ]] || echo aarch64-linux-gnu-)
	while (($#)); do
		case $1 in
		-h | --help) build_usage && return 0 ;;
		-j | --jobs)
			[[ ${2:-} =~ ^[1-9][0-9]{0,3}$ ]] ||
				lab__die_usage "--jobs wants a number, not '${2:-}'" "lab build-kernels"
			BUILD_JOBS=$2
			shift
			;;
		-*) lab__die_usage "unknown option '$1'" "lab build-kernels" ;;
		*)
			kernel__is_built "$1" || lab__die_usage "no kernel '$1' to build" "lab build-kernels"
			names+=("$1")
			;;
		esac
		shift
	done
	((${#names[@]})) || names=("${LAB_BUILT[@]}")
	lab__need_for kernels make "${BUILD_CROSS}gcc" bc bison flex pahole patch xz
	lab__locked build-kernels build__all "${names[@]}"
}
