#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# In the lab: what one access costs with each of the peers attached, one after the other, in one boot.
# Prints a line a case: NAME|BARE|NS|GUEST_NS|RSS_KB|MADE|SEEN|SAYS|REASON
#
#   BARE      CPU time of the vCPU's thread per access before the tool is attached
#   NS        the same while it is attached
#   GUEST_NS  by the guest's clock: also what else ran on that CPU meanwhile, as the tools' consumers
#   RSS_KB    peak of the tool's processes, together
#   MADE      accesses made
#   SEEN      those that the tool's result has in it
#   SAYS      what vgic-lat itself says that it adds
#   REASON    why there are no figures
#
#   peers-guest.sh CASE...
set -u
load=GICD_CTLR:r,GICD_TYPER:r,GICR_TYPER:r,GICD_ISENABLER1:w
reads=GICD_CTLR:r,GICD_TYPER:r,GICR_TYPER:r
iterations=4000
# shellcheck source=scripts/bench.d/peers-cases.sh
. /lab/files/peers-cases.sh

# Starts a tool; stdout and stderr go to $dir/N.out, $dir/N.err. Its stdin never has
# anything: perf kvm stat live spins at an end of file.
spawn() {
	nr=$((nr + 1))
	"$@" < /tmp/stdin > "$dir/$nr.out" 2> "$dir/$nr.err" &
	pids="$pids $!"
}

# The reason why the case failed: the last thing that its tools said.
fail() {
	reason=$*
	said=$(cat "$dir"/*.err "$dir"/*.out 2> /dev/null | grep -v '^[[:space:]]*$' | tail -1 |
		sed 's/^peers-guest.sh: line [0-9]*: //' | cut -c1-160)
	[ -z "$said" ] || reason="$reason: $said"
	return 1
}

# The ticks that a tool has run for.
ticks() {
	total=0
	for pid in $pids; do
		read -r stat < "/proc/$pid/stat" 2> /dev/null || return 1
		# shellcheck disable=SC2086 # fields are words
		set -- ${stat##*) }
		[ "$1" != Z ] || return 1
		total=$((total + ${12} + ${13}))
	done
}

# Waits until the tools are attached: until they have been at rest for a second, 60 s at most. (On the
# instruction clock rest costs nothing.)
settle() {
	before=-1
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		sleep 2
		ticks || { fail "ended by itself" && return; } || return
		[ $((total - before)) -gt 2 ] || return 0
		before=$total
	done
}

# The peak of all tools and their children, in kB.
peak() {
	rss=0
	for status in /proc/[0-9]*/status; do
		kb=$(awk -v pids=" $pids " '$1 == "Pid:" || $1 == "PPid:" { mine += index(pids, " " $2 " ") > 0 }
			$1 == "VmHWM:" { kb = $2 } END { print mine ? kb + 0 : 0 }' "$status" 2> /dev/null)
		rss=$((rss + ${kb:-0}))
	done
}

bench() {
	vgic-bench --json --iterations $iterations --access "$1" > "$dir/bench" 2> "$dir/bench.err"
	ns=$(sed -n 's/.*"ns_per_access":\([0-9.]*\),"guest.*/\1/p' "$dir/bench")
	guest=$(sed -n 's/.*"guest_ns_per_access":\([0-9.]*\).*/\1/p' "$dir/bench")
	made=$(sed -n 's/.*"accesses":\([0-9]*\).*/\1/p' "$dir/bench")
	[ -n "$ns" ] || fail "vgic-bench failed"
}

# Ends the tools as Ctrl-C does, and by force after 60 s.
finish() {
	for pid in $pids; do
		kill -INT "$pid" 2> /dev/null
	done
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		alive=
		for pid in $pids; do
			! grep -q '^State:.*[^Z] ' "/proc/$pid/status" 2> /dev/null || alive=1
		done
		[ -n "$alive" ] || break
		sleep 2
	done
	for pid in $pids; do
		kill -KILL "$pid" 2> /dev/null
		wait "$pid" 2> /dev/null
	done
}

# $1: case; $2: its accesses
run_case() {
	dir=/tmp/case.$1 pids='' nr=0 bare='' ns='' guest='' rss='' made='' seen='' reason=''
	mkdir "$dir"
	cd "$dir" || return
	bench "$2"
	bare=$ns ns=''
	if "setup_$1" && settle; then
		bench "$2" && peak
		sleep 3 # some show what they have every second
	fi
	finish
	[ -z "$ns" ] || seen=$("seen_$1" 2> /dev/null)
	says=$(sed -n 's/.*"overhead":{"access_ns":\([0-9.]*\).*/\1/p' 1.out 2> /dev/null)
	clean
	echo "$1|$bare|$ns|$guest|$rss|$made|$seen|$says|$(printf %s "$reason" | tr '|\n' '/ ')"
	[ -z "${KEEP:-}" ] || { mkdir -p /out && cp -r "$dir" /out; }
	cd /
	rm -rf "$dir"
}

mkfifo /tmp/stdin
exec 9<> /tmp/stdin
for name in "$@"; do
	case $name in
	*_reads) run_case "$name" $reads ;;
	*) run_case "$name" $load ;;
	esac
done
