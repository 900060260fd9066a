#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-cmp run on a real kernel: against itself nothing changed; with 300 more devices on the VM's bus
# the lookup takes longer, and the register handlers do not.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

kernel=${LAB_KERNELS:-bookworm-backports}
kernel=${kernel%% *}
name=compare-$kernel
# shellcheck disable=SC2016 # for the guest's shell
boot "$name" -k "$kernel" -i -s 1 -t 500 -- sh -c '
	cd /tmp
	bench="vgic-bench --vcpus 1 --iterations 300 --access GICD_CTLR:r,GICD_ISENABLER1:w,GICR_TYPER:r,hvc --ioeventfds"
	for more in 300 3; do
		vgic-cmp run --base "$bench 3" --new "$bench $more" --pairs 7 -o /tmp/$more --json \
			> /out/$more.out 2> /out/$more.err
		echo $? > /out/$more.rc
	done' || exit 1
out=$results/$name

says() { # NAME FILE JQ-FILTER over the verdicts
	claim "$name: $1" "$out/$2.out" "[.[] | select(.type == \"verdict\")] | $3"
}

says "more devices: the lookup of each range is a regression" 300 '
	[.[] | select(.stage == "lookup" and .metric == "mean" and .address == null)] |
	length == 3 and all(.verdict == "regression" and .ratio_low > 1)'
says "more devices: no range's device stage is" 300 '
	[.[] | select(.stage == "device" and .metric == "mean" and .verdict == "regression")] == []'
claim "$name: more devices: the gate says so" "$out/300.out" '
	.[-1] | .type == "gate" and .verdict == "regression" and .exit_status == 1'
says "against itself: every verdict is equivalent or inconclusive" 3 '
	length > 10 and all(.verdict == "equivalent" or .verdict == "inconclusive")'
claim "$name: exit status as in the gate" <(
	paste "$out/300.rc" "$out/3.rc") '. == [1, 0] or . == [1, 3]'
exit $status
