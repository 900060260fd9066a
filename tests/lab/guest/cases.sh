#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Runs in the lab's guest (busybox). Each case leaves /out/NAME.out, .err and .rc; the host judges.
mkdir -p /out
EVERY_STAGE=lookup,device,bus,decode,handler,return,trap,resume

# case NAME COMMAND...
case_() {
	name=$1
	shift
	echo "$(cut -d' ' -f1 /proc/uptime) $name" >&2
	"$@" > "/out/$name.out" 2> "/out/$name.err"
	echo $? > "/out/$name.rc"
}

# traced NAME "VGIC-LAT OPTIONS" BENCH-OPTIONS...
traced() {
	name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086 # options are words
	case_ "$name" vgic-lat --json $options -- vgic-bench --json "$@"
}

# Every register of the table, every index, both directions, by profile and by number of vCPUs and VMs.
exact() {
	gic=$1 most=$2
	traced all-1-default "" --gic "$gic" --vcpus 1 --iterations 2 --access all
	traced all-1-counts "--profile counts" --gic "$gic" --vcpus 1 --iterations 2 --access all
	traced all-1-lite "--profile lite" --gic "$gic" --vcpus 1 --iterations 2 --access all
	traced all-1-stages "--stages $EVERY_STAGE" --gic "$gic" --vcpus 1 --iterations 2 --access all
	traced all-4-default "" --gic "$gic" --vcpus 4 --iterations 1 --access all
	traced all-4-kprobes "--kprobes" --gic "$gic" --vcpus 4 --iterations 1 --access all
	traced all-most-default "" --gic "$gic" --vcpus "$most" --iterations 1 --access all
	traced vms-default "--per-vcpu --per-device" --gic "$gic" --vms 5 --vcpus 3 --iterations 1 --access all
	others=GICD_CTLR:r,ioeventfd:w,coalesced:w,unmapped:r,unmapped:w,hvc
	traced others-default "" --gic "$gic" --vcpus 2 --iterations 50 --ioeventfds 20 --access $others
	traced others-match "" --gic "$gic" --vcpus 2 --iterations 50 --ioeventfds 20 --ioeventfd-len 4 \
		--ioeventfd-match --access $others
	traced others-counts "--profile counts" --gic "$gic" --vcpus 2 --iterations 50 --access $others
	traced others-lite "--profile lite" --gic "$gic" --vcpus 2 --iterations 50 --ioeventfds 20 --access $others
	traced others-lite-match "--profile lite" --gic "$gic" --vcpus 2 --iterations 50 --ioeventfds 20 \
		--ioeventfd-len 4 --ioeventfd-match --access $others
	traced lite-kprobes "--profile lite --kprobes" --gic "$gic" --vcpus 4 --iterations 1 --access all
	traced others-lite-kprobes "--profile lite --kprobes" --gic "$gic" --vcpus 2 --iterations 50 --access $others
	traced others-stages "--stages $EVERY_STAGE" --gic "$gic" --vcpus 2 --iterations 50 --access $others
	traced others-kprobes "--stages $EVERY_STAGE --kprobes" --gic "$gic" --vcpus 2 --iterations 50 \
		--access $others
	traced issue-4 "" --gic "$gic" --vcpus 4 --iterations 250 --access GICD_CTLR:r,GICD_ISENABLER1:w
}

# Exits by reason, of guests whose exits are known; and of others, beside KVM's own counts.
exits() {
	gic=$1 most=$2
	list=GICD_CTLR:r,GICD_ISENABLER1:w,ioeventfd:w,unmapped:r,unmapped:w,hvc
	traced one "--exits" --gic "$gic" --vcpus 1 --iterations 400 --access $list
	traced four "--exits --per-vcpu --profile counts" --gic "$gic" --vcpus 4 --iterations 200 --access $list
	traced most "--exits --profile lite" --gic "$gic" --vcpus "$most" --iterations 20 --access $list
	[ "$gic" = 2 ] || exits_running
}

# KVM's own counters of the only VM of process $1.
kvm_counters() {
	for c in exits mmio_exit_kernel mmio_exit_user; do
		cat /sys/kernel/debug/kvm/"$1"-*/$c
	done
}

exits_running() {
	traced vms "--exits" --vms 2 --vcpus 2 --iterations 100 --access "$list"
	traced kprobes "--exits --kprobes" --vcpus 2 --iterations 100 --access "$list"
	list=GICD_CTLR:r,hvc,unmapped:r
	vgic-bench --json --vcpus 2 --duration 300 --access $list > /dev/null &
	bench=$!
	sleep 0.5
	case_ running vgic-lat --json --exits --per-vcpu --profile counts 0.3 4
	case_ one-vcpu vgic-lat --json --exits --per-vcpu --vcpu 1 -d 0.3
	case_ switched switcher
	# Between two stops it makes what KVM's counters grow by.
	kill -STOP $bench
	sleep 0.3
	before=$(kvm_counters $bench)
	vgic-lat --json --exits > /out/stopped.out 2> /out/stopped.err &
	lat=$!
	wait_attached /out/stopped.err
	kill -CONT $bench
	sleep 0.7
	kill -STOP $bench
	sleep 0.3
	kill -INT $lat
	wait $lat
	# shellcheck disable=SC2046,SC2086 # words
	echo $before $(kvm_counters $bench) | awk '{
		printf "{\"exits\":%d,\"mmio_exit_kernel\":%d,\"mmio_exit_user\":%d}\n", $4 - $1, $5 - $2, $6 - $3
	}' > /out/debugfs

	vgic-lat --json --exits -p $bench > /out/one-vm.out 2> /out/one-vm.err &
	lat=$!
	wait_attached /out/one-vm.err
	vgic-bench --iterations 50 --access $list > /dev/null
	kill -CONT $bench
	sleep 0.3
	kill -STOP $bench
	sleep 0.3
	kill -INT $lat
	wait $lat

	vgic-lat --json --exits > /out/killed.out 2> /out/killed.err &
	lat=$!
	wait_attached /out/killed.err
	kill -CONT $bench
	sleep 0.3
	kill -9 $bench
	wait $bench
	sleep 0.5
	kill -INT $lat
	wait $lat
	case_ churn vgic-lat --json --exits --profile counts -- sh -c 'for i in 1 2 3 4 5 6; do
			vgic-bench --vcpus 4 --iterations 50 --access GICD_CTLR:r,unmapped:r
		done'
}

# recorded NAME "OPTIONS" "LOOK" BENCH-OPTIONS...: live into NAME.out, the replay into NAME-replay.out.
recorded() {
	name=$1 options=$2 look=$3
	shift 3
	# shellcheck disable=SC2086 # options are words
	case_ "$name" vgic-lat $look -o "/out/$name.vgic" $options -- vgic-bench --json "$@"
	# shellcheck disable=SC2086
	case_ "$name-replay" vgic-lat $look -r "/out/$name.vgic"
}

# Recordings: replayed, killed in the act, on a disk that gets full.
recording() {
	list=GICD_CTLR:r,GICD_ISENABLER1:w,GICR_TYPER:r,ioeventfd:w,unmapped:r
	recorded text "" "" --vcpus 2 --iterations 300 --access $list
	recorded intervals "0.2" "-T --summary" --vcpus 2 --duration 1.5 --access $list
	recorded slices "--slice 50ms" "--json -T --raw" --vcpus 2 --duration 1 --access $list
	recorded apart "0.3 3 --slice 100ms" "--json --per-vcpu --per-device" --vms 2 --vcpus 2 \
		--duration 3 --access $list
	recorded csv "0.3" "--csv" --vcpus 2 --duration 1 --access $list
	recorded hlog "0.3" "--hlog" --vcpus 2 --duration 1 --access $list
	recorded counts "--profile counts --max-overhead 50" "--json" --vcpus 1 --iterations 50 --access all
	recorded exits "0.3 --exits" "--json --per-vcpu" --vms 2 --vcpus 2 --duration 1 --access $list
	recorded exits-text "--exits" "" --vcpus 2 --iterations 300 --access $list,hvc
	recorded stages "--stages $EVERY_STAGE" "--json" --vcpus 1 --iterations 2 --access all

	vgic-bench --json --duration 600 --vcpus 2 --access $list > /dev/null &
	bench=$!
	vgic-lat --json 0.5 -o /out/killed.vgic --slice 20ms > /out/killed.out 2> /out/killed.err &
	lat=$!
	n=0
	until [ "$(grep -c summary /out/killed.out)" -ge 3 ] || [ $n -ge 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	kill -9 $lat
	wait $lat
	echo $? > /out/killed.rc
	case_ killed-replay vgic-lat --json -r /out/killed.vgic

	mkdir -p /full && mount -t tmpfs -o size=112k none /full
	case_ full vgic-lat --json -o /full/x.vgic --slice 10ms -d 3
	case_ full-replay vgic-lat --json -r /full/x.vgic
	umount /full
	kill -INT $bench
	wait $bench
}

# The same where the VGIC is asked ahead of the bus, which knows no stages decode and handler.
ahead() {
	gic=$1 most=$2
	stages=lookup,device,bus,return,trap,resume
	traced all-1-default "" --gic "$gic" --vcpus 1 --iterations 3 --access all
	traced all-1-counts "--profile counts" --gic "$gic" --vcpus 1 --iterations 3 --access all
	traced all-1-lite "--profile lite" --gic "$gic" --vcpus 1 --iterations 3 --access all
	traced all-1-stages "--stages $stages" --gic "$gic" --vcpus 1 --iterations 3 --access all
	traced all-4-kprobes "--kprobes --stages $stages" --gic "$gic" --vcpus 4 --iterations 1 --access all
	traced all-4-counts-kprobes "--kprobes --profile counts" --gic "$gic" --vcpus 4 --iterations 1 --access all
	traced all-most-default "" --gic "$gic" --vcpus "$most" --iterations 1 --access all
	traced vms-default "--per-vcpu --per-device" --gic "$gic" --vms 5 --vcpus 3 --iterations 1 --access all
	others=GICD_CTLR:r,ioeventfd:w,coalesced:w,unmapped:r,unmapped:w,hvc
	traced others-default "" --gic "$gic" --vcpus 2 --iterations 50 --ioeventfds 20 --access $others
	traced others-counts "--profile counts" --gic "$gic" --vcpus 2 --iterations 50 --access $others
	traced others-stages "--stages $stages" --gic "$gic" --vcpus 2 --iterations 50 --access $others
}

# Far more vCPU threads than CPUs, in handlers that sleep (the ACTIVE registers halt the guest).
preempted() {
	list=GICD_CTLR:r,GICD_ISACTIVER1:r,GICD_ISACTIVER1:w,GICD_IROUTER40:r,GICR_TYPER:r,GICR_TYPER@63:r
	list=$list,GICR_ICACTIVER0:w,GICD_IPRIORITYR9:w,unmapped:w,ioeventfd:w
	traced many-default "" --vcpus 64 --iterations 20 --access $list
	traced many-stages "--stages $EVERY_STAGE" --vcpus 64 --iterations 10 --access $list
	traced many-lite "--profile lite" --vcpus 64 --iterations 20 --access $list
	traced many-counts "--profile counts" --vcpus 64 --iterations 20 --access $list
	traced many-vms "--per-vcpu" --vms 16 --vcpus 8 --iterations 10 --access \
		GICD_CTLR:r,GICD_ISACTIVER1:w,GICR_TYPER:r,unmapped:r
}

# VMs that come, go and are killed while one vgic-lat looks at all of them.
churn() {
	gic=$1
	vgic-lat --json > /out/churn.out 2> /out/churn.err &
	lat=$!
	wait_attached /out/churn.err
	for i in 1 2 3 4 5 6; do
		vgic-bench --json --gic "$gic" --vcpus 4 --iterations 1 --access all > "/out/churn-$i.bench"
	done
	vgic-bench --json --gic "$gic" --vcpus 2 --duration 600 --access GICD_IIDR:r,GICD_CTLR:r > /dev/null &
	victim=$!
	sleep 1
	kill -9 $victim
	wait $victim
	sleep 1
	kill -INT $lat
	wait $lat
	echo $? > /out/churn.rc

	# Far more VMs than there is room for at a time: what dead ones held must be used again.
	case_ recycle vgic-lat --json --max-vcpus 8 --max-cells 400 --max-blocks 4000 -- \
		sh -c "for i in 1 2 3 4 5 6 7 8; do
			vgic-bench --json --gic $gic --vcpus 4 --iterations 5 --access \
				GICD_CTLR:r,GICD_TYPER:r,GICD_IPRIORITYR9:w,GICD_ISACTIVER1:w,unmapped:w
			sleep 2
		done"
	# Intervals that end while VMs are being taken apart.
	case_ ends vgic-lat --json 100ms -- sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do
			vgic-bench --json --gic $gic --vcpus 8 --iterations 20 --access GICD_CTLR:r,unmapped:r
		done"
	vgic-bench --json --gic "$gic" --vcpus 32 --duration 300 --access GICD_IIDR:r > /dev/null &
	victim=$!
	vgic-lat --json > /out/killed.out 2> /out/killed.err &
	lat=$!
	wait_attached /out/killed.err
	sleep 1
	kill -9 $victim
	kill -INT $lat
	wait $lat
	echo $? > /out/killed.rc
	# No room: what is not counted must be said.
	case_ no-vcpus vgic-lat --json --max-vcpus 2 -- \
		vgic-bench --json --gic "$gic" --vcpus 4 --iterations 50 --access GICD_CTLR:r,GICD_TYPER:r
	case_ no-cells vgic-lat --json --max-cells 5 -- \
		vgic-bench --json --gic "$gic" --vcpus 4 --iterations 50 --access GICD_CTLR:r,GICD_TYPER:r
	case_ no-blocks vgic-lat --json --max-blocks 9 -- \
		vgic-bench --json --gic "$gic" --vcpus 4 --iterations 50 --access GICD_CTLR:r,GICD_TYPER:r

	# A VM that is already running, made by a thread whose id is not the VMM's.
	vgic-bench --vm-thread --json --gic "$gic" --vcpus 4 --duration 300 --access GICD_CTLR:r > /out/attach.bench &
	bench=$!
	sleep 1
	case_ attach vgic-lat --json -p $bench -d 2s
	case_ attach-wrong vgic-lat --json -p 1 -d 1s
	case_ interval vgic-lat --json -p $bench 1 3
	kill -INT $bench
	wait $bench
}

# The accesses that scripts/truth counts by default. A timer interrupt of the host's comes once in some
# 1,200 accesses and stays in the mean of what it hits, so there are many; but no vCPU of 64 may use up
# its time slice.
truth() {
	gic=$1
	list=GICD_CTLR:r,GICD_TYPER:r,$([ "$gic" = 2 ] && echo GICD_IIDR || echo GICR_TYPER):r,GICD_ISENABLER1:w
	for vcpus in $2; do
		for profile in default lite; do
			traced "truth-$profile-$vcpus" "--profile $profile" --gic "$gic" --vcpus "$vcpus" \
				--iterations "$((vcpus < 64 ? 16384 / vcpus : 192))" --access "$list"
		done
	done
}

# What an access costs, with and without the tool, and when it is gone again: an object a line.
cost() {
	list=GICD_CTLR:r,GICD_TYPER:r,GICR_TYPER:r,GICD_ISENABLER1:w
	for size in 1:1 64:1 1:16; do
		vcpus=${size%:*} vms=${size#*:}
		for profile in bare counts lite default again; do
			traced="vgic-lat --profile $profile --"
			[ $profile != bare ] && [ $profile != again ] || traced=
			# The kernel gives the maps back later: a millisecond of work, once (6.1).
			[ $profile != again ] || sleep 1
			# shellcheck disable=SC2086 # words
			ns=$($traced vgic-bench --json --vcpus "$vcpus" --vms "$vms" \
				--iterations $((16000 / vcpus / vms)) --access $list 2>&1 |
				sed -n 's/.*"ns_per_access":\([0-9.]*\).*/\1/p' | head -1)
			echo "{\"profile\":\"$profile\",\"vcpus\":$vcpus,\"vms\":$vms,\"ns\":${ns:-null}}"
		done
	done > /out/cost.out
	# What counting exits adds to one: a hypercall passes no other hook.
	for profile in bare exits; do
		traced="vgic-lat --profile counts --exits --"
		[ $profile != bare ] || traced=
		# shellcheck disable=SC2086 # words
		ns=$($traced vgic-bench --json --iterations 16000 --access hvc 2>&1 |
			sed -n 's/.*"ns_per_access":\([0-9.]*\).*/\1/p' | head -1)
		echo "{\"profile\":\"$profile\",\"ns\":${ns:-null}}"
	done > /out/exits-cost.out
	# What the tool itself takes, once attached.
	vgic-lat -v -d 2s > /dev/null 2> /out/maps.err &
	lat=$!
	wait_attached /out/maps.err
	sleep 0.2
	grep -E 'VmRSS|VmHWM' /proc/$lat/status > /out/rss.txt
	wait $lat
	for profile in counts lite default; do
		vgic-info --json --profile $profile | head -1
	done > /out/info.out
	# Histograms that find no room: the calibration must notice.
	vgic-info --json --max-blocks 2 | head -1 > /out/few.out
}

# A guest that makes an access every 2,000 to 3,000 instructions, on the instruction clock.
overhead() {
	vgic-bench --json --duration 300 --access GICD_CTLR:r,GICD_TYPER:r > /dev/null &
	bench=$!
	sleep 0.2
	case_ enough vgic-lat --json --max-overhead 60 -d 1s
	case_ lower vgic-lat --json --max-overhead 20 -d 2s
	case_ pause vgic-lat --json --max-overhead 2 -d 5s
	kill -INT $bench
	wait $bench
	# By the guest's clock, on the only CPU: it knows nothing of what the tool says of itself.
	case_ bare vgic-bench --json --duration 1 --access GICD_CTLR:r,GICD_TYPER:r
	case_ guest vgic-lat --json --profile counts --max-overhead 2 -- \
		vgic-bench --json --duration 5 --access GICD_CTLR:r,GICD_TYPER:r
	case_ wrong vgic-lat --max-overhead 0 -d 1s
}

# Every VM and what is on its bus, while it is there: $2 is the largest number of vCPUs.
inventory() {
	gic=$1 most=$2
	case_ none vgic-info --devices --json
	case_ none-text vgic-info --devices
	pids=
	ln -s /lab/bin/vgic-bench /tmp/web1
	held "/tmp/web1 --gic $gic --vcpus 4 --rate 5 --duration 300 --access GICD_CTLR:r"
	for vcpus in 1 "$most"; do
		held "vgic-bench --gic $gic --vcpus $vcpus --rate 5 --duration 300 --access GICD_CTLR:r"
	done
	list=GICD_CTLR:r,ioeventfd:w,coalesced:w$([ "$gic" = 2 ] || echo ,GITS_CREADR:r)
	held "vgic-bench --gic $gic --vms 3 --vcpus 2 --rate 5 --duration 300 --ioeventfds 4 \
		--ioeventfd-len 4 --access $list"
	wait_for 6 '"started":true'
	case_ all vgic-info --devices --json
	case_ one vgic-info --devices --json -p "$held"
	case_ wrong vgic-info --devices -p 1
	case_ named vgic-info --devices --json -g web1
	case_ misnamed vgic-info --devices -g no-such-vm
	case_ ambiguous vgic-info --devices -g vgic-bench
	case_ alone vgic-info --json --profile counts
	# shellcheck disable=SC2086 # words
	kill -9 $pids
	held "holder states $gic"
	case_ states vgic-info --devices --json
	kill -9 "$held"
	[ "$gic" = 2 ] || inventory_races
}

# What does not depend on the GIC: who holds a VM, VMs that change and end, many of them.
inventory_races() {
	held "holder taken"
	read -r parent child < /out/held.out
	echo "{\"type\":\"pids\",\"parent\":$parent,\"child\":$child}" > /out/pids.out
	case_ taken vgic-info --devices --json
	kill -9 "$child"
	sleep 0.2
	case_ left vgic-info --devices --json
	kill -9 "$held"

	# More than there is room for at first.
	held "holder many 66 16"
	case_ many vgic-info --devices --json
	kill -9 "$held"

	held "holder changing"
	for i in 1 2 3 4; do
		vgic-info --devices --json || echo "{\"failed\":$?}"
	done > /out/changing.out
	kill -9 "$held"
	for i in 1 2 3 4; do
		held "vgic-bench --vcpus 4 --vms 4 --rate 5 --duration 300" $((i * 120000))
		(usleep $((i * 15000)) && kill -9 "$held") &
		vgic-info --devices --json || echo "{\"failed\":$?}"
	done > /out/ending.out
	wait
	case_ ended vgic-info --devices --json
}

# function_graph text of the functions on the path (docs/importing.md), with the kvm events and without.
ftrace() {
	gic=$1
	mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
	cd /sys/kernel/tracing || exit 1
	path='io_mem_abort|__kvm_io_bus_write|kvm_io_bus_(read|write|get_first_dev)|kvm_handle_mmio_return'
	path="$path|ioeventfd_write|coalesced_mmio_write|dispatch_mmio_(read|write)"
	path="$path|vgic_mmio_(read|write)_.*|its_mmio_write_wi"
	grep -E "^($path)\$" available_filter_functions > set_ftrace_filter
	echo io_mem_abort > set_graph_function
	echo 16384 > buffer_size_kb
	echo function_graph > current_tracer
	traced_by_ftrace plain "$gic"
	for o in abstime proc tail; do echo 1 > options/funcgraph-$o; done
	for e in exit entry mmio userspace_exit; do echo 1 > events/kvm/kvm_$e/enable; done
	traced_by_ftrace events "$gic"
}

traced_by_ftrace() {
	echo > trace
	echo 1 > tracing_on
	case_ "$1" vgic-bench --json --gic "$2" --vcpus 2 --iterations 20 --ioeventfds 3 --access \
		GICD_CTLR:r,GICD_ISENABLER1:w,GICD_IPRIORITYR9:r,GICD_ICFGR2:w,unmapped:r,ioeventfd:w
	echo 0 > tracing_on
	cat per_cpu/cpu*/stats > "/out/$1.stats"
	dd if=trace bs=256k 2> /dev/null | gzip -c > "/out/$1.txt.gz"
}

# followed NAME "VGIC-TRACE OPTIONS" BENCH-OPTIONS...
followed() {
	name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086 # options are words
	case_ "$name" vgic-trace --json $options -- vgic-bench --json "$@"
}

# On the instruction clock: the same accesses by vgic-lat and by vgic-trace.
trace_cost() {
	list=GICD_CTLR:r,GICD_TYPER:r,GICD_ISENABLER1:w,GICR_TYPER:r
	traced lat "" --vcpus 1 --iterations 50 --access "$list"
	followed trace "--chrome /out/trace.chrome" --vcpus 1 --iterations 50 --access "$list"
	followed slow "--slower-than 450ns" --vcpus 1 --iterations 50 --access "$list"
	followed raw "--raw --slower-than 450ns" --vcpus 1 --iterations 50 --access "$list"
	traced lat-kprobes "--kprobes" --vcpus 1 --iterations 50 --access "$list"
	followed trace-kprobes "--kprobes" --vcpus 1 --iterations 50 --access "$list"
}

# Accesses one by one, held against what was made, KVM's counter, and the kernel's own trace event.
trace() {
	gic=$1 most=$2
	if [ "$gic" = 2 ]; then
		list=GICD_CTLR:r,GICD_TYPER:r,GICD_IIDR:r,GICD_ISENABLER1:w,GICD_ITARGETSR0:r,GICD_IPRIORITYR9:r1
	else
		list=GICD_CTLR:r,GICD_TYPER:r,GICD_IIDR:r,GICD_ISENABLER1:w,GICR_TYPER:r,GICR_TYPER@1:r,GICD_IROUTER40:w
	fi
	list=$list,ioeventfd:w,coalesced:w,unmapped:r,unmapped:w
	mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
	echo 1 > /sys/kernel/tracing/events/kvm/kvm_mmio/enable
	followed values "" --stop mmio --gic "$gic" --vcpus 4 --iterations 5 --ioeventfds 3 --access "$list"
	echo 0 > /sys/kernel/tracing/events/kvm/kvm_mmio/enable
	sed -n 's/.*kvm_mmio: mmio \(.*\)/\1/p' /sys/kernel/tracing/trace > /out/values.kvm
	followed all "--stages decode,handler --chrome /out/all.chrome" --gic "$gic" --vcpus 1 --iterations 1 \
		--access all
	followed kprobes "--kprobes --chrome /out/kprobes.chrome" --gic "$gic" --vcpus 4 --iterations 20 --access "$list"
	followed most "--chrome /out/most.chrome" --gic "$gic" --vcpus "$most" --iterations 10 --access "$list"
	followed tiny "--buffer 4K" --gic "$gic" --vcpus 4 --iterations 500 --access "$list"
	followed writes "--op write" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed range "--range GICD_I*" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed address "--range user@0x1000*" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed elsewhere "--range user@0x2*" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed user "--user-only" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed slow "--slower-than 1ns --stack" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed never "--slower-than 1h" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed vcpu "--vcpu 1" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	followed count "-c 7" --gic "$gic" --vcpus 2 --iterations 5 --access "$list"
	case_ text vgic-trace -- vgic-bench --gic "$gic" --iterations 2 --access GICD_IIDR:r,unmapped:r

	mkdir -p /full && mount -t tmpfs -o size=64k none /full
	case_ full vgic-trace -q --chrome /full/x -- vgic-bench --gic "$gic" --iterations 2000
	umount /full
	vgic-bench --json --gic "$gic" --vcpus 4 --duration 300 --access "$list" > /dev/null &
	bench=$!
	sleep 1
	case_ running vgic-trace --json -p $bench -d 500ms
	vgic-trace -p $bench -q --chrome /out/cut.chrome 2> /out/cut.err &
	trace=$!
	wait_attached /out/cut.err
	sleep 1
	kill -9 $trace
	wait $trace
	vgic-trace --json -p $bench > /out/killed.out 2> /out/killed.err &
	trace=$!
	wait_attached /out/killed.err
	sleep 0.3
	kill -9 $bench
	wait $trace
	echo $? > /out/killed.rc
	wait $bench || true
}

# Starts the command $1 in the background: its pid in $held, and with the others in $pids. Waits until a
# holder is ready, or for $2 us.
held() {
	# shellcheck disable=SC2086 # words
	$1 > /out/held.out 2>> /out/held.err &
	held=$!
	pids="$pids $held"
	usleep "${2:-0}"
	n=0
	until [ "${1#holder}" = "$1" ] || grep -q ready /out/held.out || [ $n -ge 300 ]; do
		usleep 50000
		n=$((n + 1))
	done
}

# Until the inventory has $1 lines with the text $2.
wait_for() {
	n=0
	until [ "$(vgic-info --devices --json | grep -c "$2")" -ge "$1" ] || [ $n -ge 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}

# Until the vgic-lat that writes its messages to FILE is attached.
wait_attached() {
	n=0
	until grep -qE "Tracing|attached by" "$1" || [ $n -ge 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}

"$@"
