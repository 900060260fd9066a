#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Linux guests, traced, beside a witness that is no part of the tools: histograms, kept by the kernel's own
# tracing, of every MMIO access of a guest (kvm:kvm_mmio) and of what KVM's bus made of it (kprobe events).
# Runs in the lab's guest; tests/lab/linux.sh judges.
#
# shellcheck disable=SC2086,SC2317 # it cannot see that the last lines call all of it
linux_case=$1
set -- # or cases.sh would run it
# shellcheck source=/dev/null
. /lab/files/cases.sh
TRACING=/sys/kernel/tracing KVM=/sys/kernel/debug/kvm

# Event and trigger, in the order in which they refer to each other. An address is known where the bus is entered,
# the outcome where it is left: a synthetic event has both.
triggers() {
	for op in read write; do
		echo "kprobes/$op hist:keys=common_pid:gpa=gpa"
		echo "kprobes/${op}_end hist:keys=common_pid:gpa=\$gpa:onmatch(kprobes.$op).bus_$op(\$gpa,rc)"
		echo "synthetic/bus_$op hist:keys=common_pid,gpa.hex,rc:size=16384"
	done
	echo 'kvm/kvm_mmio hist:keys=common_pid,gpa.hex,type:size=16384'
}

witness_on() {
	for op in read write; do
		echo "p:$op kvm_io_bus_$op gpa=%x2:u64" # vcpu, bus, address, ...
		echo "r:${op}_end kvm_io_bus_$op rc=\$retval:s32"
		echo "bus_$op u64 gpa; s32 rc" >> $TRACING/synthetic_events
	done > $TRACING/kprobe_events
	triggers | while read -r event trigger; do
		echo "$trigger" > "$TRACING/events/$event/trigger"
	done
}

# witness_off NAME: what the witness saw since witness_on, and it is gone.
witness_off() {
	cat $TRACING/events/kvm/kvm_mmio/hist > "/out/$1-mmio.hist"
	for op in read write; do
		cat $TRACING/events/synthetic/bus_$op/hist > "/out/$1-$op.hist"
	done
	triggers | tac | while read -r event trigger; do
		echo "!$trigger" > "$TRACING/events/$event/trigger"
	done
	echo > $TRACING/synthetic_events
	echo > $TRACING/kprobe_events
}

# The pids of the processes whose command line begins with $1.
pids_of() {
	for dir in /proc/[0-9]*; do
		case "$(tr '\0' ' ' < "$dir/cmdline") " in "$1 "*) echo "${dir#/proc/}" ;; esac
	done 2> /dev/null
}

has_vm() { ls -d "$KVM/$(pids_of "qemu-system-aarch64 -name $1")"-*; }

# The pid of the QEMU whose guest is called $1, as soon as there is one.
qemu_of() {
	wait_until 300 has_vm "$1"
	pids_of "qemu-system-aarch64 -name $1"
}

# wait_until TENTHS COMMAND...: until it succeeds, or the time is up.
wait_until() {
	left=$1
	shift
	until "$@" > /dev/null 2>&1 || [ "$left" -eq 0 ]; do
		left=$((left - 1))
		usleep 100000
	done
}

# KVM's own counter $2 of the VM that process $1 made.
kvm_counter() { cat $KVM/"$1"-*/"$2"; }

has_made() { [ "$(kvm_counter "$1" mmio_exit_kernel)" -ge "$2" ]; }

# Which threads make the accesses of guest $1, made by process $2, and what KVM counts at this moment.
tell_guest() {
	echo "{\"type\":\"guest\",\"name\":\"$1\",\"pid\":$2,\"tids\":[$(find "/proc/$2/task" -mindepth 1 -maxdepth 1 |
		sed 's,.*/,,' | paste -sd,)],"
	echo "\"kernel\":$(kvm_counter "$2" mmio_exit_kernel),\"user\":$(kvm_counter "$2" mmio_exit_user)}"
}

# What is left of tracers and guests once they have ended.
tell_left() {
	{
		grep -E 'kvm_io_bus|dispatch_mmio|ioeventfd_write|vcpu_put' $TRACING/enabled_functions
		cat /sys/kernel/debug/kprobes/list
		pids_of qemu-system-aarch64
		pids_of vgic-lat
		ls -d /tmp/linux-guest.* $KVM/*-* 2> /dev/null
	} > "/out/$1.left"
}

# A guest from its first instruction to its last. With -no-shutdown QEMU keeps the VM when the guest has powered off,
# so that KVM's counters can be read when they are final.
whole() {
	witness_on
	mkfifo /tmp/stdin
	exec 4<> /tmp/stdin
	vgic-lat --json --per-device -- linux-guest --name web1 --vcpus 2 --hold -- -no-shutdown \
		<&4 > /out/whole.out 2> /out/whole.err &
	lat=$!
	qemu=$(qemu_of web1)
	wait_until 2400 grep -q '^linux-guest: ' /out/whole.err
	case_ whole-inventory vgic-info --devices --json
	case_ whole-devices vgic-info --devices
	echo >&4
	wait_until 300 grep -q 'Power down' /out/whole.err
	sleep 1
	tell_guest web1 "$qemu" > /out/whole.guests
	kill -TERM "$qemu"
	wait $lat
	echo $? > /out/whole.rc
	witness_off whole
	tell_left whole
}

# Two guests at once, one killed in the middle of its boot, which makes some 600 accesses.
killed() {
	witness_on
	vgic-lat --json --per-device > /out/killed.out 2> /out/killed.err &
	lat=$!
	wait_attached /out/killed.err
	linux-guest --name web1 --vcpus 1 2> /out/web1.err &
	whole=$!
	linux-guest --name web2 --vcpus 2 2> /out/web2.err &
	victim=$!
	qemu=$(qemu_of web2)
	wait_until 2400 has_made "$qemu" 200
	tell_guest web1 "$(qemu_of web1)" > /out/killed.guests
	tell_guest web2 "$qemu" >> /out/killed.guests
	kill -KILL "$qemu"
	wait $victim
	echo $? > /out/web2.rc
	wait $whole
	echo $? > /out/web1.rc
	kill -INT $lat
	wait $lat
	echo $? > /out/killed.rc
	witness_off killed
	tell_left killed
}

for one in $(echo "$linux_case" | tr , ' '); do
	$one
done
exit 0
