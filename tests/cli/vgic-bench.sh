#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-bench's command line: help, bad options, bad lists. Nothing here needs KVM or arm64.
# $1: the folder with the tools
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
bench=$1/vgic-bench
here=tests/cli
work=$dir

# fails STATUS "FIRST LINE OF STDERR" ARGUMENTS...
fails() {
	local want=$1 line=$2 got first
	shift 2
	"$bench" "$@" > "$work/out" 2> "$work/err" < /dev/null
	got=$?
	first=$(head -1 "$work/err")
	if [ "$got" -ne "$want" ]; then
		not_ok "vgic-bench $*" "status $got, not $want: $first"
	elif [ "$first" != "vgic-bench: $line" ]; then
		not_ok "vgic-bench $*" "says: $first"
	elif [ -s "$work/out" ]; then
		not_ok "vgic-bench $*" "writes to stdout: $(head -1 "$work/out")"
	else
		ok "vgic-bench $*"
	fi
}

for option in --help -h; do
	if "$bench" $option > "$work/out" 2>&1 &&
		diff -u "$here/vgic-bench.help" "$work/out" > "$work/diff"; then
		ok "$option prints the help"
	else
		not_ok "$option prints the help" "$(cat "$work/diff")"
	fi
done

for option in --version -V; do
	if [[ $("$bench" $option) =~ ^vgic-bench\ [0-9]+\.[0-9]+ ]]; then
		ok "$option prints the version"
	else
		not_ok "$option prints the version" "$("$bench" $option)"
	fi
done

"$bench" --bogus > "$work/out" 2> "$work/err"
got=$?
if [ $got -eq 2 ] && [ ! -s "$work/out" ] && grep -q "unrecognized option '--bogus'" "$work/err"; then
	ok "an unknown option is bad usage"
else
	not_ok "an unknown option is bad usage" "$(cat "$work/err")"
fi

fails 2 "--gic 4: wants a number from 2 to 3" --gic 4
fails 2 "--gic v3: wants a number from 2 to 3" --gic v3
fails 2 "--vcpus 0: wants a number from 1 to 512" --vcpus 0
fails 2 "--vcpus 513: wants a number from 1 to 512" --vcpus 513
fails 2 "--vcpus -1: wants a number from 1 to 512" --vcpus=-1
fails 2 "--vcpus 9: a GICv2 has at most 8" --gic 2 --vcpus 9
fails 2 "--vms 1x: wants a number from 1 to 64" --vms 1x
fails 2 "--iterations 0: wants a number, 1 or more" --iterations 0
fails 2 "--iterations 1e3: wants a number, 1 or more" -n 1e3
fails 2 "--duration 5parsecs: wants a time such as 10s or 500ms" --duration 5parsecs
fails 2 "--duration 0: wants a time such as 10s or 500ms" -d 0
fails 2 "--rate 0: wants a number from 1 to 1000000000" --rate 0
fails 2 "--ioeventfds 4097: wants a number from 0 to 4096" --ioeventfds 4097
fails 2 "--ioeventfd-len 3: wants 0, 1, 2, 4 or 8" --ioeventfd-len 3
fails 2 "--ioeventfd-match: wants --ioeventfd-len 1, 2, 4 or 8" --ioeventfd-match
fails 2 "--ioeventfds 256: a byte tells only 255 apart" \
	--ioeventfd-match --ioeventfd-len 1 --ioeventfds 256
fails 2 "--stop now: wants hvc or mmio" --stop now
fails 2 "surplus: there are no arguments" surplus

fails 2 "--access: an empty item in the list" -a ""
fails 2 "--access: an empty item in the list" -a GICD_CTLR:r,
fails 2 "--access: GICD_CTLR: wants a direction, such as GICD_CTLR:r" -a GICD_CTLR
fails 2 "--access: GICD_CTLR:x: wants :r or :w, perhaps with a size (:r1 :r2 :r4 :r8)" \
	-a GICD_CTLR:x
fails 2 "--access: GICD_FOO: no such register in a GICv3 guest" -a GICD_CTLR:r,GICD_FOO:r
fails 2 "--access: GICD_ISENABLER32: no such register in a GICv3 guest" -a GICD_ISENABLER32:r
fails 2 "--access: FOO: no such register or device in a GICv3 guest" -a FOO:r
fails 2 "--access: GICR_TYPER: no such register or device in a GICv2 guest" --gic 2 -a GICR_TYPER:r
fails 2 "--access: GICR_TYPER@4: no such vCPU (0..3)" --vcpus 4 -a GICR_TYPER@4:r
fails 2 "--access: GICD_CTLR@0: only redistributors (GICR_*) have a vCPU" -a GICD_CTLR@0:r
fails 2 "--access: GICD+0x10000: the device has bytes 0..0xffff" --gic 3 -a GICD+0x10000:r
fails 2 "--access: GICD_TYPER:r8: not aligned to its size" -a GICD_TYPER:r8
fails 2 "--access: GICC_CTLR: the guest reaches it in hardware, without KVM" -a GICC_CTLR:r
fails 2 "--access: ioeventfd:r: there is nothing to read, use ioeventfd:w" -a ioeventfd:r

case $(uname -m) in
aarch64) echo "skip - a foreign host is told so (this is no foreign host)" ;;
*) fails 1 "needs an arm64 host with KVM; try 'scripts/lab run -- vgic-bench'" --gic 3 -a all ;;
esac

exit $status
