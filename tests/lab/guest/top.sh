#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# vgic-top in the lab's guest (busybox); the host judges what is left in /out.
mkdir -p /out
LIST=GICD_CTLR:r,GICD_ISENABLER1:w,GICR_TYPER:r,ioeventfd:w,unmapped:r

# Until FILE has N lines with PATTERN.
wait_lines() {
	n=0
	until [ "$(grep -c -e "$3" "$1" 2> /dev/null)" -ge "$2" ] || [ $n -ge 300 ]; do
		usleep 100000
		n=$((n + 1))
	done
}

# exact VIEW: three VMs come, make known accesses and go, while intervals go by.
exact() {
	vgic-top --json --view "$1" 0.3 > "/out/$1.out" 2> "/out/$1.err" &
	top=$!
	wait_lines "/out/$1.out" 1 '"summary"'
	vgic-bench --json --vms 3 --vcpus 2 --iterations 300 --access "$LIST" > "/out/$1.bench"
	kill -INT $top
	wait $top
	echo $? > "/out/$1.rc"
}

# The screen in a terminal, whose VM is killed while it is shown, and another one comes.
killed() {
	export TERM=xterm LC_ALL=C.UTF-8
	mkfifo /tmp/keys
	/lab/files/pty vgic-top 0.5 < /tmp/keys > /out/screen.out 2> /out/screen.err &
	top=$!
	exec 3> /tmp/keys
	wait_lines /out/screen.out 1 'no VM is running here'
	vgic-bench --duration 600 --vcpus 2 --rate 100 --access "$LIST" > /dev/null &
	victim=$!
	wait_lines /out/screen.out 1 'vgic-bench'
	kill -9 $victim
	wait $victim
	wait_lines /out/screen.out 1 '(ended)'
	vgic-bench --duration 600 --vcpus 2 --rate 100 --access GICD_TYPER:r > /dev/null &
	victim=$!
	printf 4 >&3
	wait_lines /out/screen.out 1 'GICD_TYPER'
	printf 5 >&3
	wait_lines /out/screen.out 1 'DABT'
	printf q >&3
	exec 3>&-
	wait $top
	echo $? > /out/screen.rc
	kill -9 $victim
	wait $victim
}

cpu_ns() { cut -d' ' -f1 "/proc/$1/schedstat"; }

# measured NAME: CPU time that five refreshes of vgic-top ($top) take, one a second.
measured() {
	# What was not there before takes longer once.
	from=$(grep -c '"summary"' /tmp/top.out)
	wait_lines /tmp/top.out $((from + 2)) '"summary"'
	from=$(grep -c '"summary"' /tmp/top.out) from_ns=$(cpu_ns $top)
	wait_lines /tmp/top.out $((from + 5)) '"summary"'
	to=$(grep -c '"summary"' /tmp/top.out) to_ns=$(cpu_ns $top)
	rows=$(tail -n 150 /tmp/top.out | grep -c "\"interval\":$to,\"view\"")
	echo "{\"name\":\"$1\",\"refreshes\":$((to - from)),\"cpu_ns\":$((to_ns - from_ns)),\"rows\":$rows," \
		"\"last\":$(tail -n 1 /tmp/top.out)}" >> /out/cost.out
}

# 100 VMs of 8 vCPUs, each of which accesses three registers once a second in turn; then none does.
cost() {
	benches=
	for i in 0 1 2 3 4 5 6 7 8 9; do
		vgic-bench --vms 10 --vcpus 8 --rate 3 --duration 900 \
			--access GICD_TYPER:r,GICR_TYPER:r,GICD_ISENABLER1:w > /dev/null 2>> "/out/bench-$i.err" &
		benches="$benches $!"
	done
	vgic-top --json 1 > /tmp/top.out 2> /out/cost.err &
	top=$!
	# Each VM has a row once it has made an access.
	until [ "$(tail -n 101 /tmp/top.out | grep -c '"count":[1-9]')" -eq 100 ]; do
		usleep 100000
	done
	measured busy
	# shellcheck disable=SC2086 # words
	kill -STOP $benches
	measured idle
	kill -INT $top
	wait $top
	# shellcheck disable=SC2086
	kill -KILL $benches
}

case $1 in
live)
	exact ranges
	exact vcpus
	exact exits
	killed
	;;
cost)
	cost
	;;
esac
exit 0
