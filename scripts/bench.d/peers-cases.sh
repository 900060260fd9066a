#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The peers, each set up for the question "what does a VGIC access cost?". A case has two functions:
# setup_NAME attaches it (spawn: a program that runs until SIGINT), seen_NAME prints how many of the
# accesses are in its result. clean() takes everything in tracefs back. Run by peers-guest.sh.
# shellcheck disable=SC2016 # $arg3 and the like are the tools' own

T=/sys/kernel/tracing

clean() {
	echo 0 > $T/tracing_on
	echo nop > $T/current_tracer
	echo > $T/set_ftrace_filter
	echo 0 > $T/events/enable
	# Those that use the variables of others go first.
	for trigger in "$T"/events/kvm/kvm_mmio/trigger "$T"/events/synthetic/*/trigger \
		"$T"/events/vg/*_end/trigger "$T"/events/vg/*/trigger; do
		[ -e "$trigger" ] || continue
		grep '^hist:' "$trigger" | sed 's/ \[.*//; s/^/!/' | while read -r line; do
			echo "$line" > "$trigger"
		done
	done
	echo > $T/synthetic_events
	echo > $T/kprobe_events
	echo > $T/trace
	echo 1 > $T/tracing_on
} 2> /dev/null

# --- vgic-lat itself

lat() { spawn vgic-lat --json "$@"; }
seen_lat() { sed -n 's/.*"type":"summary","seen":\([0-9]*\).*/\1/p' 1.out; }
setup_lat_counts() { lat --profile counts; }
setup_lat_lite() { lat --profile lite; }
setup_lat_default() { lat --profile default; }
setup_lat_lite_kprobes() { lat --profile lite --kprobes; }
setup_lat_default_kprobes() { lat --profile default --kprobes; }
seen_lat_counts() { seen_lat; }
seen_lat_lite() { seen_lat; }
seen_lat_default() { seen_lat; }
seen_lat_lite_kprobes() { seen_lat; }
seen_lat_default_kprobes() { seen_lat; }

# --- bpftrace

# The sum of all histograms' rows, each of which has a bar.
seen_bars() { sed -n 's/.*[])] *\([0-9]*\) |.*/\1/p; s/.*-> [0-9]* *: \([0-9]*\) *|.*/\1/p' ./*.out | awk '{ n += $1 } END { print n + 0 }'; }
key='args.vcpu->kvm->userspace_pid, args.vcpu->vcpu_idx, args.addr'

setup_bpftrace_counts() {
	spawn bpftrace -e "fentry:vmlinux:kvm_io_bus_read { @r[$key] = count(); }
		fentry:vmlinux:kvm_io_bus_write { @w[$key] = count(); }"
}
seen_bpftrace_counts() { sed -n 's/^@[rw]\[.*: //p' 1.out | awk '{ n += $1 } END { print n + 0 }'; }

# bpftrace_pair METHOD RETURN-METHOD FUNCTION...: a histogram of each function's duration
bpftrace_pair() {
	entry=$1 return=$2 program=
	shift 2
	for function in "$@"; do
		program="$program $entry$function { @t_${function}[tid] = nsecs; }
			$return$function /@t_${function}[tid]/ { @$function = hist(nsecs - @t_${function}[tid]); }"
	done
	spawn bpftrace -e "$program END { $(printf 'clear(@t_%s); ' "$@") }"
}
setup_bpftrace_bus() { bpftrace_pair fentry:vmlinux: fexit:vmlinux: kvm_io_bus_read kvm_io_bus_write; }
setup_bpftrace_both() {
	bpftrace_pair fentry:vmlinux: fexit:vmlinux: kvm_io_bus_read kvm_io_bus_write \
		dispatch_mmio_read dispatch_mmio_write
}
setup_bpftrace_kprobes() { bpftrace_pair kprobe: kretprobe: kvm_io_bus_read kvm_io_bus_write; }
seen_bpftrace_bus() { seen_bars; }
seen_bpftrace_both() { echo $(($(seen_bars) / 2)); }
seen_bpftrace_kprobes() { seen_bars; }

# The same answer as vgic-lat's by default: lookup and device, by VM, vCPU, address and direction, in
# histograms with 16 rows an octave.
setup_bpftrace_keyed() {
	program='fentry:vmlinux:kvm_io_bus_read, fentry:vmlinux:kvm_io_bus_write { @t[tid] = nsecs; }'
	for op in read write; do
		program="$program
			fentry:vmlinux:dispatch_mmio_$op { \$now = nsecs; @d[tid] = \$now;
				@lookup_${op}[$key] = hist(\$now - @t[tid], 4); }
			fexit:vmlinux:dispatch_mmio_$op { @device_${op}[$key] = hist(nsecs - @d[tid], 4); }"
	done
	spawn bpftrace -e "$program END { clear(@t); clear(@d); }"
}
seen_bpftrace_keyed() { echo $(($(seen_bars) / 2)); }

# --- funclatency of bcc's libbpf-tools: a process a function

latency_of() {
	program=$(command -v funclatency-libbpf || command -v funclatency-bpfcc || command -v funclatency) ||
		{ fail "funclatency: not found" || return; }
	option=$1
	shift
	for function in "$@"; do
		# shellcheck disable=SC2086 # no option, no word
		spawn $program $option "$function"
	done
}
setup_funclatency_bus() { latency_of '' kvm_io_bus_read kvm_io_bus_write; }
setup_funclatency_both() {
	latency_of '' kvm_io_bus_read kvm_io_bus_write dispatch_mmio_read dispatch_mmio_write
}
setup_funclatency_kprobes() { latency_of -k kvm_io_bus_read kvm_io_bus_write; }
seen_funclatency_bus() { seen_bars; }
seen_funclatency_both() { echo $(($(seen_bars) / 2)); }
seen_funclatency_kprobes() { seen_bars; }

# --- perf

# kvm_mmio comes twice for a read, once for a write: 7 for the load's 4 accesses.
mmio() { echo $(($1 * 4 / 7)); }
setup_perf_stat() { spawn perf stat -a -x, -e kvm:kvm_mmio; }
seen_perf_stat() { mmio "$(sed -n 's/^\([0-9]*\),.*kvm:kvm_mmio.*/\1/p' 1.err)"; }

# All classes of exits other than interrupts, WFx and hypercalls: data aborts.
setup_perf_kvm_record() { spawn perf kvm --host stat record -a -m 2048 -o perf.data; }
seen_perf_kvm_record() {
	perf kvm --host -i perf.data stat report 2>&1 | tee report | awk '$1 == "DABT_LOW" { print $2 }'
}
setup_perf_kvm_live() { spawn perf kvm --host stat live -a -m 2048 -d 1; }
seen_perf_kvm_live() { cat 1.out 1.err | awk '$1 == "DABT_LOW" { n += $2 } END { print n + 0 }'; }

setup_perf_record() {
	spawn perf record -q -a -m 2048 -e kvm:kvm_mmio,kvm:kvm_exit,kvm:kvm_entry -o perf.data
}
# The samples of the events whose names begin so.
perf_samples() {
	perf report --stats -i perf.data 2> /dev/null |
		awk -v event="$1" '/ stats:/ { mine = index($1, event) == 1 }
			mine && $1 == "SAMPLE" { n += $3 } END { print n + 0 }'
}
seen_perf_record() { mmio "$(perf_samples kvm:kvm_mmio)"; }

setup_perf_probe() {
	perf probe -q -a 'bus_read=kvm_io_bus_read addr=%x2' -a 'bus_read_end=kvm_io_bus_read%return' \
		-a 'bus_write=kvm_io_bus_write addr=%x2' -a 'bus_write_end=kvm_io_bus_write%return' \
		2> probe.err || { fail "perf probe fails" || return; }
	spawn perf record -q -a -m 2048 -e 'probe:bus_*' -o perf.data
}
seen_perf_probe() { echo $(($(perf_samples probe:bus) / 2)); }

# One function at a time, so reads only.
setup_perf_latency_reads() { spawn perf ftrace latency -a -T kvm_io_bus_read; }
seen_perf_latency_reads() { awk -F'|' '$2 ~ /^ *[0-9]+ *$/ { n += $2 } END { print n + 0 }' 1.out; }

# --- trace-cmd

setup_trace_cmd_events() {
	spawn trace-cmd record -b 8192 -o trace.dat -e kvm:kvm_mmio -e kvm:kvm_exit -e kvm:kvm_entry
}
seen_trace_cmd_events() { mmio "$(trace-cmd report -i trace.dat | grep -c ' kvm_mmio: ')"; }
trace_cmd_graph() {
	options=
	for function in "$@"; do
		options="$options -l $function"
	done
	# shellcheck disable=SC2086 # options are words
	spawn trace-cmd record -b 8192 -o trace.dat -p function_graph $options
}
setup_trace_cmd_bus() { trace_cmd_graph kvm_io_bus_read kvm_io_bus_write; }
setup_trace_cmd_both() {
	trace_cmd_graph kvm_io_bus_read kvm_io_bus_write dispatch_mmio_read dispatch_mmio_write
}
seen_trace_cmd_bus() { trace-cmd report -i trace.dat | grep -cE 'funcgraph_entry:.* kvm_io_bus_'; }
seen_trace_cmd_both() { seen_trace_cmd_bus; }

# --- tracefs by hand: rings of 8 MB, which keep the newest

ring() { echo 8192 > $T/buffer_size_kb; }
setup_tracefs_events() {
	ring
	for event in kvm_mmio kvm_exit kvm_entry; do
		echo 1 > "$T/events/kvm/$event/enable" || { fail "no event $event" || return; }
	done
}
seen_tracefs_events() { mmio "$(grep -c ' kvm_mmio: ' $T/trace)"; }
graph() {
	ring
	for function in "$@"; do
		echo "$function" >> $T/set_ftrace_filter || { fail "ftrace does not know $function" || return; }
	done
	echo function_graph > $T/current_tracer || fail "no function_graph"
}
setup_graph_bus() { graph kvm_io_bus_read kvm_io_bus_write; }
setup_graph_both() { graph kvm_io_bus_read kvm_io_bus_write dispatch_mmio_read dispatch_mmio_write; }
seen_graph_bus() { grep -cE 'kvm_io_bus_(read|write)\(\)' $T/trace; }
seen_graph_both() { seen_graph_bus; }

# --- hist triggers and synthetic events

hits() { cat "$@" | sed -n 's/.*hitcount: *\([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n + 0 }'; }
setup_hist_counts() {
	echo 'hist:keys=common_pid,gpa.hex,type:size=8192' > $T/events/kvm/kvm_mmio/trigger ||
		fail "no hist triggers"
}
seen_hist_counts() { mmio "$(hits $T/events/kvm/kvm_mmio/hist)"; }

# synthetic FUNCTION...: duration by vCPU's thread, address, power of two
synthetic() {
	for f in "$@"; do
		synthetic_one "$f" || { fail "$(tail -1 $T/error_log)" || return; }
	done
}
synthetic_one() (
	set -e
	event=events/vg/$1
	cd $T
	echo "p:vg/$1 $1 addr=\$arg3" >> kprobe_events
	echo "r:vg/${1}_end $1" >> kprobe_events
	echo "${1}_lat u64 addr; u64 lat" >> synthetic_events
	echo "hist:keys=common_pid:ts_$1=common_timestamp:a_$1=addr" > "$event/trigger"
	echo "hist:keys=common_pid:lat_$1=common_timestamp-\$ts_$1:b_$1=\$a_$1:onmatch(vg.$1).trace(${1}_lat,\$b_$1,\$lat_$1)" \
		> "${event}_end/trigger"
	echo 'hist:keys=common_pid,addr.hex,lat.log2:size=8192' > "events/synthetic/${1}_lat/trigger"
)
setup_synthetic_bus() { synthetic kvm_io_bus_read kvm_io_bus_write; }
setup_synthetic_both() {
	synthetic kvm_io_bus_read kvm_io_bus_write dispatch_mmio_read dispatch_mmio_write
}
seen_synthetic_bus() { hits "$T"/events/synthetic/kvm_io_bus_*_lat/hist; }
seen_synthetic_both() { seen_synthetic_bus; }
