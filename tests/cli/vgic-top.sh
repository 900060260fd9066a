#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# vgic-top's command line, its reports and its screen (in tmux), over a recording that never changes.
# shellcheck source=tests/cli/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"
tool=$(realpath "$1")/vgic-top
lat=$(realpath "$1")/vgic-lat
recording=$PWD/tests/top/three-vms.vgic

# --- the command line

usage_error() { # NAME PATTERN ARGS...: exit 2, nothing on stdout, stderr says PATTERN.
	local what=$1 pattern=$2
	shift 2
	run "$tool" "$@"
	if [ "$rc" -eq 2 ] && [ ! -s "$dir/out" ] && grep -qF -- "$pattern" "$dir/err"; then
		ok "$what"
	else
		not_ok "$what (status $rc)" "$(cat "$dir/err")"
	fi
}

run "$tool" --help
claim "--help is as in vgic-top.help" "$(cat "$dir/out")" "$(cat tests/cli/vgic-top.help)"
is "--help goes to stdout, exit 0" test "$rc" -eq 0 -a ! -s "$dir/err"
run "$tool" --version
is "--version names tool and version" grep -qE '^vgic-top [0-9]' "$dir/out"
usage_error "views have names" "views are vms, vcpus, devices, ranges, exits" --view nope
usage_error "columns have names" "columns are vm_name, vm, vcpus" -s nope
usage_error "a column belongs to views" "view vms has no column 'op'" -s op
usage_error "an interval is a time" "bad interval '0'" 0
usage_error "a count is a number" "bad number of intervals" -b 1 x
usage_error "a replay takes nothing of what is traced" "-r takes what was recorded" -r x -p 1
usage_error "only a replay has a speed" "goes with -r" --speed 2
usage_error "-T is for reports" "goes with -b" -T
usage_error "a pipe gets no screen, but a hint" "vgic-top -b" -r "$recording"
usage_error "what is no recording is told" "it is no recording" -b -r README.md
if [ "$(uname -m)" != aarch64 ]; then
	run "$tool" -b 1 1
	is "another machine is told in one line, exit 1" \
		test "$rc" -eq 1 -a "$(wc -l < "$dir/err")" -eq 1 -a ! -s "$dir/out"
fi

# --- reports

# What vgic-lat says of the recording: "interval KEY... count", of each key summed.
lat_counts() { # JQ-KEY
	"$lat" -r "$recording" --per-vcpu --per-device --json |
		jq -r "select(.type == \"range\") | [.interval, .vm, $1, .count] | @tsv" |
		awk -F'\t' -v OFS='\t' '{ n = $NF; $NF = ""; sum[$0] += n } END { for (k in sum) print k sum[k] }' | sort
}
top_counts() { # VIEW JQ-KEY
	"$tool" -r "$recording" --json --view "$1" |
		jq -r "select(.type == \"top\" and .count > 0) | [.interval, .vm, $2, .count] | @tsv" | sort
}
same_counts() { # NAME VIEW TOP-KEY LAT-KEY
	local got wanted
	got=$(top_counts "$2" "$3")
	wanted=$(lat_counts "$4")
	if [ -n "$wanted" ]; then claim "$1" "$got" "$wanted"; else not_ok "$1 (nothing to compare with)"; fi
}
same_counts "JSON: VMs have vgic-lat's counts, interval by interval" vms '"x"' '"x"'
same_counts "JSON: so have vCPUs" vcpus .vcpu .vcpu
same_counts "JSON: so have devices" devices '.device, .target // "-"' \
	'.device + "@" + (.base // .address), .target // "-"'
same_counts "JSON: so have ranges" ranges '.range, .op' \
	'.range + (if .address then "@" + .address else "" end), .op'
claim "JSON: totals are the sums of the counts" "$("$tool" -r "$recording" --json --view ranges |
	jq -rn 'reduce inputs as $o ({}; if $o.type == "top" then
		.sum[$o.vm + $o.range + $o.op] += $o.count | .total[$o.vm + $o.range + $o.op] = $o.total else . end) |
		.sum == .total and (.sum | length) > 10')" true
claim "JSON: header first, a summary per interval" "$("$tool" -r "$recording" --json | jq -r .type | uniq | paste -sd' ')" \
	"header $(printf 'top summary %.0s' {1..13} | sed 's/ $//')"
claim "JSON: the VM that ended is marked so" "$("$tool" -r "$recording" --json |
	jq -r 'select(.type == "top" and .vm_name == "build" and .interval == 13).ended')" true
claim "JSON: sorted and filtered" "$("$tool" -r "$recording" --json --view ranges -s range -R --filter 'GICR_*' 1 1 |
	jq -r 'select(.type == "top").range' | paste -sd' ')" "GICR_TYPER GICR_PENDBASER"
claim "JSON: the share of a CPU is the bus's time" "$(
	"$tool" -r "$recording" --json --view vms | jq -c 'select(.type == "top" and .vm_name == "web" and .interval == 2) |
		.cpu_pct * 100 | round'
)" "$("$lat" -r "$recording" --json | jq -cs '(map(select(.type == "summary" and .interval == 2))[0].duration_ns) as $ns |
	map(select(.type == "range" and .vm_name == "web" and .interval == 2).stages.bus | .mean_ns * .count) |
	add / $ns * 10000 | round')"
run "$tool" -b -r "$recording" --filter build
is "text: a filter leaves one VM, its end is marked" grep -q '^build (ended) ' "$dir/out"
is "text: no other" test "$(grep -cE '^(web|db)' "$dir/out")" -eq 0
is "text: before it begins there is nothing" grep -q '^nothing to show$' "$dir/out"
run "$tool" -b -r "$recording" 5 2
is "text: an interval and a count" test "$(grep -c '^interval' "$dir/out")" -eq 2 -a "$rc" -eq 0
if [ -e /dev/full ]; then
	"$tool" -b -r "$recording" > /dev/full 2> "$dir/err"
	claim "what cannot be written is told" "$? $(grep -c 'cannot write to stdout: No space left' "$dir/err")" "1 1"
fi

# --- the screen

if ! command -v tmux > /dev/null; then
	echo "skip - the screen (no tmux)"
	exit $status
fi
tm() { tmux -S "$dir/tmux" -f /dev/null "$@"; }
trap 'tm kill-server 2> /dev/null; rm -rf "$dir"' EXIT
tm new-session -d -x 80 -y 24 cat

# screen ENVIRONMENT ARGS...: vgic-top in a terminal of 80x24, its whole recording over at once.
screen() {
	local environment=$1
	shift
	rm -f "$dir/status" "$dir/after"
	cat > "$dir/session" <<-EOF
		stty -g > "$dir/before"
		export LC_ALL=C.UTF-8
		env $environment "$tool" -r "$recording" $* 2> "$dir/err"
		echo \$? > "$dir/status.tmp"
		stty -g > "$dir/after"
		mv "$dir/status.tmp" "$dir/status"
		exec cat
	EOF
	tm resize-window -x 80 -y 24
	tm respawn-pane -k "sh $dir/session"
}
shot() { tm capture-pane -p "$@"; }
keys() { tm send-keys "$@"; }
pid() { pgrep -P "$(tm display -p '#{pane_pid}')"; }

# within NAME COMMAND...: it comes true; a loaded machine gets its time.
within() {
	local what=$1
	shift
	for _ in {1..300}; do
		"$@" && ok "$what" && return
		sleep 0.1
	done
	not_ok "$what" "$(shot)"
}
shows() { shot | grep -qE -- "$1"; }
shows_not() { ! shows "$1"; }
has_ended() { [ -s "$dir/status" ]; }
waits() { "$@" > /dev/null || within "waited for $*" "$@"; }

# restored NAME STATUS: it has ended, and the terminal is as it was.
restored() {
	within "$1: it ends" has_ended
	claim "$1: exit status" "$(cat "$dir/status")" "$2"
	claim "$1: the terminal's modes are as before" "$(cat "$dir/after")" "$(cat "$dir/before")"
	claim "$1: the old screen is back, with its cursor" "$(tm display -p '#{alternate_on} #{cursor_flag}')" "0 1"
}

screen '' --speed 1000000
within "the replay comes to its end and stays" shows 'vgic: END'
within "VMs: those that ended are marked" shows '^web \(ended\) .*[▁▂▃▄▅▆▇█]$'
claim "80x24: titles, then a line a row" "$(shot | sed -n '5,9s/ .*//p' | paste -sd' ')" "VM web db build"
claim "VMs: the most frequent first" "$(shot | awk 'NR > 5 && $2 == "(ended)" { print $1 }' | paste -sd' ')" "web db build"
is "the alternate screen is used" test "$(tm display -p '#{alternate_on} #{cursor_flag}')" = "1 0"
keys 2
within "2: vCPUs" shows '^VM .*VCPU .*RATEv'
claim "2: all of them" "$(shot | grep -c '(ended)')" 7
keys 3
within "3: devices" shows '^web \(ended\) +redist@0x'
keys 4
within "4: ranges" shows '^db \(ended\) +GICD_IROUTER +write '
keys 5
within "5: exits, which this recording does not have" shows 'no exits were counted'
keys 4
waits shows GICD_IROUTER
keys s
within "s: by the next column" shows 'by count'
keys r
within "r: the other way round" shows 'by count reversed'
claim "r: the least first" "$(shot | sed -n '6p' | cut -d' ' -f1)" "build"
keys / 'GICR_*' Enter
within "filter: rows like it" shows "like 'GICR_"
within "filter: no others" shows_not 'GICD_'
claim "filter: all of those" "$(shot | grep -c '^[a-z].*GICR_')" 3
keys Escape
within "Esc: all rows again" shows 'GICD_IROUTER'
keys f web Enter
within "filter: a part of a name will do" shows_not '^db '
keys j j k Enter
within "Enter: the row's latencies" shows '^web \(ended\) .*- [0-9]+ accesses in'
within "Enter: a histogram" shows 'nsecs +: count +distribution'
claim "Enter: as many as the row has" "$(shot | sed -n 's/.*- \([0-9]*\) accesses.*/\1/p')" \
	"$(shot | awk '/nsecs/ { seen = 1 } seen && /->/ { n += $5 } seen && NF == 0 { exit } END { print n }')"
keys G j j
keys Enter
within "Enter: back to the rows" shows '^VM .*RANGE'
keys h
within "h: help" shows 'Up k, Down j'
keys '?'
within "?: back" shows '^VM .*RANGE'
keys +
within "+: a longer interval" shows 'every 2 s'
keys - -
within "-: a shorter one" shows 'every 500 ms'
tm resize-window -x 40 -y 10
within "40x10: the rows are still there" shows '^web \(ended'
claim "40x10: titles, then a line a row" "$(shot | sed -n '5,8s/ .*//p' | paste -sd' ')" "VM web web web"
tm resize-window -x 20 -y 5
within "20x5: too small is said" shows 'too small: 20x5'
tm resize-window -x 132 -y 40
within "132x40: back, with more columns" shows 'TOTAL'
keys P C-u "$dir/new.vgic" Enter
within "P: recording is shown" shows 'RECORDING new.vgic'
keys P
within "P again: it is complete" shows "recorded into"
keys q
restored "q" 0
claim "nothing was written to stderr" "$(cat "$dir/err")" ""

# What P records from the middle of the replay on, against the replay's own later intervals.
screen '' --speed 4
waits shows '^web '
keys p
within "p: paused" shows PAUSED
keys P "$dir/part.vgic" Enter # in place of the name suggested
within "P: while it is paused" shows RECORDING
sleep 4 # longer than all of the rest takes
claim "p: nothing goes on" "$(shot | grep -c 'vgic: END')" 0
seen=$(shot | awk '/^web/ { print $1; exit }')
keys p
within "p again: goes on to the end" shows 'vgic: END'
keys q
restored "q while recording" 0
claim "the recording begins where it was asked for, and is whole" \
	"$seen $("$lat" -r "$dir/part.vgic" --json 2>&1 | jq -rs 'map(select(.type == "range").count) | add')" \
	"web $("$lat" -r "$recording" --json | jq -rs --argjson n "$("$lat" -r "$dir/part.vgic" --json |
		jq -s 'map(select(.type == "summary")) | length')" \
		'(map(.interval // 0) | max - $n) as $from | map(select(.type == "range" and .interval > $from).count) | add')"

screen '' --speed 1000000
waits shows 'vgic: END'
keys P C-u "$dir/nowhere/x.vgic" Enter
within "P: where there is no folder, that is said" shows "cannot .*nowhere/x.vgic"
keys 2
within "P: and it goes on" shows '^VM .*VCPU '
keys P C-u "$PWD/README.md" Enter
within "P: no other file is replaced" shows "cannot .*README.md"
kill -TERM "$(pid)"
restored "SIGTERM" 0

full=$dir/full
mkdir "$full"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=40k tmpfs "$full" 2> /dev/null; then
	trap 'tm kill-server 2> /dev/null; umount "$full"; rm -rf "$dir"' EXIT
	screen '' --speed 8
	waits shows '^web '
	keys P C-u "$full/x.vgic" Enter
	within "P: a full disk is told" shows 'cannot .*(full|No space)'
	within "P: and it goes on" shows 'vgic: END'
	keys q
	within "a full disk: it ends" has_ended
	claim "a full disk: the terminal is as before" "$(tm display -p '#{alternate_on} #{cursor_flag}') $(cat "$dir/after")" \
		"0 1 $(cat "$dir/before")"
	mount -o remount,ro "$full"
	screen '' --speed 1000000
	waits shows 'vgic: END'
	keys P C-u "$full/y.vgic" Enter
	within "P: a read-only folder is told" shows 'cannot .*y.vgic'
	keys q
	restored "after a read-only folder" 0
	umount "$full"
	trap 'tm kill-server 2> /dev/null; rm -rf "$dir"' EXIT
else
	echo "skip - a full disk, a read-only folder (cannot mount)"
fi

for signal in INT HUP; do
	screen '' --speed 1000000
	waits shows 'vgic: END'
	kill -$signal "$(pid)"
	restored "SIG$signal" 0
done
for signal in SEGV ABRT QUIT USR1; do
	screen '' --speed 1000000
	waits shows 'vgic: END'
	(ulimit -c 0; kill -$signal "$(pid)")
	restored "a crash by SIG$signal" $((128 + $(kill -l $signal)))
done
screen 'prlimit --fsize=16384' --speed 8
waits shows '^web '
keys P C-u "$dir/limited.vgic" Enter
within "P: a limit of a file's size is told" shows 'cannot write .*limited.vgic'
keys q
within "a limit of a file's size: it ends" has_ended

screen LC_ALL=C --speed 1000000
within "C locale: the last minute in ASCII" shows '^web \(ended\) .*[:=+*#@]$'
claim "C locale: ASCII only" "$(shot | LC_ALL=C grep -c '[^ -~]')" 0
claim "colours are used" "$(shot -e | grep -c $'\e\\[[0-9;]*4[26]m')" 2
screen NO_COLOR=1 --speed 1000000
waits shows 'vgic: END'
claim "NO_COLOR: none are" "$(shot -e | grep -cE $'\e\\[[0-9;]*[34][0-7]m')" 0
screen TERM=vt100 --speed 1000000
within "vt100" shows '^web \(ended\)'
keys q
restored "vt100" 0
screen TERM=dumb --speed 1000000
restored "TERM=dumb" 2
is "TERM=dumb: the reason and a hint" grep -q "'dumb' cannot move its cursor; vgic-top -b" "$dir/err"
screen '-u TERM' --speed 1000000
restored "without TERM" 2
is "without TERM: the reason and a hint" grep -q 'TERM is not set; vgic-top -b' "$dir/err"
screen TERM=nonesuch --speed 1000000
restored "an unknown TERM" 2
exit $status
