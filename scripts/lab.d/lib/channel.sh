# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# What comes back from the lab. Each stream is a file in the run's folder: QEMU writes it (virtio-serial
# port), or it is taken from the console's text afterwards. See scripts/lab.d/init for the other end.

readonly CHANNEL_STREAMS=(status stdout stderr out log)

# Prints the modules that channel $1 needs where they are not built in (6.1), dependencies first.
channel__modules() {
	case $1 in
	pci) echo virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_console ;;
	mmio) echo virtio_ring virtio virtio_mmio virtio_console ;;
	esac
}

# Prints QEMU's arguments, one a line, for channel $2, whose data go to files in folder $1.
# ioeventfd=off has the writing vCPU do the work, so that the instruction clock waits for no thread.
channel__qemu_args() {
	local dir=$1 stream

	case $2 in
	pci) printf '%s\n' -device virtio-serial-pci,ioeventfd=off ;;
	mmio) printf '%s\n' -device virtio-serial-device ;;
	console) return ;;
	esac
	for stream in "${CHANNEL_STREAMS[@]}"; do
		: >"$dir/$stream"
		printf '%s\n' -chardev "file,id=$stream,path=${dir//,/,,}/$stream"
		printf '%s\n' -device "virtserialport,chardev=$stream,name=lab.$stream"
	done
}

# Passes on, live, what arrives in file $1 while process $2 lives, then the rest: tail's --pid does a
# last pass after the process is gone. In the background; adds itself to CHANNEL_RELAYS.
channel__relay() {
	setpriv --pdeathsig KILL tail -q -c +1 -f -s 0.1 --pid="$2" -- "$1" &
	CHANNEL_RELAYS+=($!)
}

# Does the console log in folder $1 hold a run without virtio-serial?
channel__is_console() { grep -aq '^@lab ready' "$1/console"; }

# Writes section $2 of folder $1's console log, as init's send_text() wrote it, to its stream file.
channel__unpack_section() {
	local dir=$1 stream=$2

	grep -aq "^@lab begin $stream" "$dir/console" || return 0
	tr -d '\r' <"$dir/console" |
		sed -n "/^@lab begin $stream\$/,/^@lab end $stream\$/{/^@lab/d;p}" |
		base64 -d 2>/dev/null | gzip -dc >"$dir/$stream" 2>/dev/null ||
		lab__die "$stream did not come through the console intact"
}

# Moves the sections of folder $1's console log into the stream files, and shows the command's.
channel__pass_on() {
	local dir=$1 stream

	for stream in stdout stderr out log; do
		: >"$dir/$stream"
		channel__unpack_section "$dir" "$stream"
	done
	tr -d '\r' <"$dir/console" | sed -n 's/^@lab exit/exit/p' >"$dir/status"
	sed -i '/^@lab begin/,/^@lab end/d' "$dir/console"
	# Whoever reads this may have had enough.
	cat "$dir/stdout" || true
	cat "$dir/stderr" >&2 || true
}

# The command's exit status, or nothing.
channel__status() { sed -n 's/^exit \([0-9]*\)$/\1/p' "$1/status"; }
