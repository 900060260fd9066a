# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Counts the instructions between the boundaries of each access in QEMU's log of single-stepped
# execution (-singlestep -d in_asm,exec,nochain); for scripts/truth, which says how to read it.
#
# First file: the kernel's symbols ("ADDRESS TYPE NAME"); then the log. Output, a line per bench run
# and stage: RUN STAGE N MEAN MIN P50 MAX. Stands on its own feet: a call out of the traced ranges
# between two boundaries, whose instructions are missing from the count, is an error.

function die(what) {
	print "scripts/truth: " what > "/dev/stderr"
	failed = 1
	exit 1
}

# "function (address)", for a message: the symbols are in no order.
function where(pc,    name, best) {
	best = ""
	for (name in names)
		if (names[name] <= pc && (best == "" || names[name] > names[best]))
			best = name
	return best " (" pc ")"
}

# What "bl #0xffff..." goes to.
function target(pc,    hex) {
	hex = texts[pc]
	sub(/.*0x/, "", hex)
	return where(substr(hex, 1, 16))
}

# The lower half of an address is enough to tell where it is in the kernel's text.
function low(pc,    i, n) {
	if (!(pc in numbers)) {
		n = 0
		for (i = 9; i <= 16; i++)
			n = n * 16 + index("0123456789abcdef", substr(pc, i, 1)) - 1
		numbers[pc] = n
	}
	return numbers[pc]
}

function follows(pc, last) { return low(pc) == low(last) + 4 }

# An interrupt, or another thread: this access is not counted.
function drop() {
	if (in_bus)
		nr_dropped[run]++
	in_bus = in_dev = depth = 0
}

# From @last, an instruction of kind @kind, execution came to @pc. Keeps the stack of return addresses.
function step(last, pc,    kind) {
	kind = kinds[last]
	if (kind == "call") {
		if (follows(pc, last))
			die("run " run ": the call in " where(last) " to " target(last) " leaves the ranges that are counted")
		stack[++depth] = low(last) + 4
		return
	}
	if (kind == "ret") {
		if (!depth || low(pc) != stack[depth])
			return drop()
		depth--
		return
	}
	if (follows(pc, last))
		return
	if (kind != "jump")
		return drop()
	if (depth && low(pc) == stack[depth])
		die("run " run ": the jump in " where(last) " to " target(last) " leaves the ranges that are counted")
}

function add(stage, n) {
	key = run " " stage
	if (!(key in count))
		order[++nr_keys] = key
	count[key]++
	sum[key] += n
	times[key, n]++
	if (n > most[key])
		most[key] = n
}

# Boundaries: entries are addresses of functions, exits where the call came from.
function boundary(pc) {
	if (pc in is_bus && kinds[last] == "call") {
		in_bus = 1
		in_dev = at_region = at_t6 = 0
		t2 = n
		bus_depth = depth
		return
	}
	if (!in_bus)
		return
	if (pc in is_dev && !in_dev) {
		in_dev = 1
		dev_depth = depth
		t4 = n
		t5 = 0
	} else if (pc in is_region && in_dev == 1 && !t5) {
		at_region = depth
	} else if (at_region && depth < at_region) {
		t5 = n
		at_region = 0
	} else if (in_dev == 1 && depth < dev_depth) {
		in_dev = 2
		t6 = n
	}
	if (depth < bus_depth) {
		if (in_dev == 2) {
			add("lookup", t4 - t2)
			add("device", t6 - t4)
			add("bus", n - t2)
			if (t5) {
				add("decode", t5 - t4)
				add("handler", t6 - t5)
			}
			add("return", n - t6)
		}
		in_bus = 0
	}
}

BEGIN { run = 0 }

FNR == 1 && ++nr_files == 2 && !("vgic_handle_mmio" in names) {
	for (pc in on_bus)
		is_bus[pc]
}

nr_files == 1 {
	names[$3] = $1
	if ($3 ~ /^kvm_io_bus_(read|write)$/)
		on_bus[$1]
	else if ($3 == "vgic_handle_mmio")
		is_bus[$1]
	else if ($3 ~ /^(dispatch_mmio_(read|write)|call_range_handler)$/)
		is_dev[$1]
	else if ($3 == "vgic_get_mmio_region")
		is_region[$1]
	else if ($3 == "kvm_destroy_vm")
		end_of_run = $1
	next
}

# 0xffff8000800601b0:  aa1e03e9  mov      x9, x30
/^0x/ {
	pc = substr($1, 3, 16)
	texts[pc] = $3 " " $4 " " $5
	kinds[pc] = $3 ~ /^(bl|blr|blra.*)$/ ? "call" : $3 ~ /^ret/ ? "ret" : \
		$3 ~ /^(b|b\..*|cbn?z|tbn?z|br|bra.*)$/ ? "jump" : $3 == "" ? die("QEMU cannot disassemble") : "plain"
	next
}

# The step that was announced last did not take place; it will be announced again.
/^Stopped/ {
	is_again = 1
	next
}

# Trace 0: 0x7f52629f9b40 [0000000000207109/ffff8000800601b0/00000231/ff020201]
/^Trace/ {
	pc = substr($4, 19, 16)
	if (is_again && pc == last) {
		is_again = 0
		next
	}
	is_again = 0
	if (in_bus || pc in is_bus) {
		if (!in_bus)
			depth = 0
		if (last != "")
			step(last, pc)
		boundary(pc)
	}
	if (pc == end_of_run)
		run++
	n++
	last = pc
}

END {
	if (failed)
		exit 1
	for (i = 1; i <= nr_keys; i++) {
		key = order[i]
		split(key, part, " ")
		if (nr_dropped[part[1]] > count[key] / 5)
			die("run " part[1] ": " nr_dropped[part[1]] " accesses were interrupted, " count[key] " not")
		below = 0
		low_n = p50 = -1
		for (v = 0; v <= most[key]; v++) {
			if (!((key, v) in times))
				continue
			if (low_n < 0)
				low_n = v
			below += times[key, v]
			if (p50 < 0 && below * 2 >= count[key])
				p50 = v
		}
		printf "%s %d %.2f %d %d %d\n", key, count[key], sum[key] / count[key], low_n, p50, most[key]
	}
	if (!nr_keys)
		die("no access in the log")
}
