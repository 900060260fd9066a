# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: boot the lab, run a command in it, pass its output and status on
#
# One run is one boot. Everything it makes is in one folder under run/ that goes with it.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/archive.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/initrd.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/channel.sh"
# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/guest.sh"

# What a kernel says when something is wrong with it. A run that says it fails.
readonly RUN_SPLATS='WARNING:|BUG:|kernel BUG at|Oops|Kernel panic|Internal error:|Unable to handle|'\
'detected stall|self-detected|rcu.*kthread starved|soft lockup|hard LOCKUP|blocked for more than|UBSAN:|KASAN:'

run_usage() {
	cat <<-EOU
		usage: scripts/lab run [OPTIONS] -- COMMAND [ARGUMENTS]

		Boots an emulated arm64 KVM host, runs COMMAND there as root with the toolkit's tools in
		PATH, and passes on its stdout, stderr and exit status.

		  -k, --kernel KERNEL    ${LAB_SUITES[*]},
		                         one that was built here (${LAB_BUILT[*]}),
		                         or the path of an Image (has a '/') [$LAB_DEFAULT_SUITE]
		  -g, --gic 2|3          version of the host's GIC [3]
		  -i, --icount           time counts instructions: 1 instruction is 1 ns
		  -s, --smp CPUS         [2]
		  -m, --memory SIZE      [3G]
		  -c, --cpu MODEL        QEMU's CPU model [max,pauth-impdef=on]
		  -t, --timeout SECONDS  for the whole run [600]
		      --boot-timeout SECONDS  until the command starts [180]
		  -f, --file PATH[:NAME] copy a file or folder into the command's working folder
		                         /lab/files (or to NAME, if that is absolute); repeatable
		  -o, --out DIR          copy what the command leaves in /out to DIR
		      --log FILE         keep the console's and kernel's log
		      --guest linux      take Debian's QEMU and kernel along: 'linux-guest --help' there
		      --extra-cpio FILE  append an archive to the initial file system; repeatable
		  -a, --append TEXT      add to the kernel's command line; repeatable
		      --qemu-arg ARG     add to QEMU's; repeatable
		      --ignore REGEX     kernel messages that are no failure; repeatable
		      --channel pci|mmio|console  what carries the output [pci]
		      --refresh          look for a newer kernel in the archive
		      --no-build         take the tools as they are, without make
		  -v, --verbose          show the console, live, on stderr
		  -h, --help

		Exit status: the command's; ${LAB_EXIT_TIMEOUT}: time is up; ${LAB_EXIT_TROUBLE}: trouble with the lab, or a WARNING,
		BUG, Oops, panic or stall in the kernel's log; ${LAB_EXIT_USAGE}: bad usage.

		EXAMPLES
		  scripts/lab run -- uname -a
		  scripts/lab run -k sid -g 2 -- vgic-lat -- vgic-bench --vcpus 4
		  scripts/lab run -f test.sh -o results -- sh test.sh
		  scripts/lab run --guest linux -- vgic-lat -- linux-guest --vcpus 2
	EOU
}

run__defaults() {
	RUN_KERNEL=$LAB_DEFAULT_SUITE RUN_GIC=3 RUN_ICOUNT='' RUN_SMP=2 RUN_MEMORY=3G
	RUN_CPU=max,pauth-impdef=on RUN_TIMEOUT=600 RUN_BOOT_TIMEOUT=180 RUN_OUT='' RUN_LOG=''
	RUN_CHANNEL=pci RUN_REFRESH='' RUN_BUILD=1 RUN_VERBOSE='' RUN_APPEND='' RUN_GUEST=''
	RUN_FILES=() RUN_CPIOS=() RUN_QEMU_ARGS=() RUN_IGNORE=() RUN_COMMAND=()
}

# $1: name, $2: value
run__number() {
	[[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || lab__die_usage "$1 wants a number, not '$2'" "lab run"
}

# $1: name, $2: value, $3...: what it may be
run__choice() {
	local name=$1 value=$2 choice
	shift 2

	for choice in "$@"; do
		[[ $choice != "$value" ]] || return 0
	done
	lab__die_usage "$name is one of: $*; not '$value'" "lab run"
}

run__parse() {
	local long parsed
	long=kernel:,gic:,guest:,icount,smp:,memory:,cpu:,timeout:,boot-timeout:,file:,out:,log:,extra-cpio:
	long+=,append:,qemu-arg:,ignore:,channel:,refresh,no-build,verbose,help

	run__defaults
	parsed=$(getopt -n lab -o +k:g:is:m:c:t:f:o:a:vh --long "$long" -- "$@") ||
		lab__die_usage "bad option" "lab run"
	eval "set -- $parsed"
	while [[ $1 != -- ]]; do
		case $1 in
		-k | --kernel) RUN_KERNEL=$2 ;;
		-g | --gic) RUN_GIC=$2 ;;
		-s | --smp) RUN_SMP=$2 ;;
		-m | --memory) RUN_MEMORY=$2 ;;
		-c | --cpu) RUN_CPU=$2 ;;
		-t | --timeout) RUN_TIMEOUT=$2 ;;
		--boot-timeout) RUN_BOOT_TIMEOUT=$2 ;;
		-f | --file) RUN_FILES+=("$2") ;;
		-o | --out) RUN_OUT=$2 ;;
		--log) RUN_LOG=$2 ;;
		--extra-cpio) RUN_CPIOS+=("$2") ;;
		-a | --append) RUN_APPEND+=" $2" ;;
		--qemu-arg) RUN_QEMU_ARGS+=("$2") ;;
		--ignore) RUN_IGNORE+=(-e "$2") ;;
		--channel) RUN_CHANNEL=$2 ;;
		--guest) RUN_GUEST=$2 ;;
		-i | --icount) RUN_ICOUNT=1 && set -- - "$@" ;;
		--refresh) RUN_REFRESH=refresh && set -- - "$@" ;;
		--no-build) RUN_BUILD='' && set -- - "$@" ;;
		-v | --verbose) RUN_VERBOSE=1 && set -- - "$@" ;;
		-h | --help) run_usage && exit 0 ;;
		esac
		shift 2
	done
	shift
	RUN_COMMAND=("$@")
	run__check
}

run__check() {
	local file

	((${#RUN_COMMAND[@]})) || lab__die_usage "no command" "lab run"
	run__choice --gic "$RUN_GIC" 2 3
	run__choice --channel "$RUN_CHANNEL" pci mmio console
	[[ -z $RUN_GUEST ]] || run__choice --guest "$RUN_GUEST" linux
	run__number --smp "$RUN_SMP"
	run__number --timeout "$RUN_TIMEOUT"
	run__number --boot-timeout "$RUN_BOOT_TIMEOUT"
	if [[ $RUN_KERNEL != */* ]]; then
		run__choice --kernel "$RUN_KERNEL" "${LAB_SUITES[@]}" "${LAB_BUILT[@]}"
	fi
	for file in "${RUN_CPIOS[@]}"; do
		[[ -f $file ]] || lab__die "no file '$file'"
	done
}

# The toolkit's own tools, for the lab. A make above this one must not lend its variables. What it says
# is of interest where it fails: the linker warns that SQLite, in a static program, could load extensions.
run__make_tools() {
	local log

	log=$(env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL \
		make -s -j"$(nproc)" -C "$LAB_ROOT" ARCH=arm64 STATIC=1 \
		BUILD="${LAB_DIR#"$LAB_ROOT"/}/arm64" tools 2>&1) || {
		printf '%s\n' "$log" >&2
		lab__die "the arm64 tools cannot be built"
	}
}

# Sets RUN_IMAGE, and RUN_KERNEL_DIR if it is one of the cache's.
run__find_kernel() {
	RUN_IMAGE=$RUN_KERNEL RUN_KERNEL_DIR=''
	if [[ $RUN_KERNEL == */* ]]; then
		[[ -f $RUN_KERNEL ]] || lab__die "no kernel image '$RUN_KERNEL'"
		lab__locked fetch kernel__ensure_busybox
		return
	fi
	kernel__prepare "$RUN_KERNEL" "$RUN_REFRESH"
	RUN_KERNEL_DIR=$(kernel__dir "$RUN_KERNEL")
	RUN_IMAGE=$RUN_KERNEL_DIR/Image
}

# Makes the run's folder and removes those of runs that were killed hard.
run__make_dir() {
	local dir

	mkdir -p "$LAB_DIR/run"
	for dir in "$LAB_DIR"/run/*; do
		[[ ! -d $dir || -d /proc/${dir##*.} ]] || rm -rf "$dir"
	done
	RUN_DIR=$LAB_DIR/run/run.$$
	mkdir "$RUN_DIR"
	RUN_QEMU_PID='' RUN_WATCH_PID=''
	CHANNEL_RELAYS=()
	trap run__clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

run__clean_up() {
	local pid

	for pid in "$RUN_WATCH_PID" "$RUN_QEMU_PID" "${CHANNEL_RELAYS[@]}"; do
		run__reap "$pid"
	done
	rm -rf "$RUN_DIR"
}

run__make_initrd() {
	local tree=$RUN_DIR/tree initrd=$RUN_DIR/initrd file

	mkdir -p "$tree"/lab/{bin,channel,files}
	cp "$LAB_DIR/busybox" "$tree/lab/busybox"
	cp "$LAB_SCRIPTS/lab.d/init" "$tree/init"
	chmod 755 "$tree/init" "$tree/lab/busybox"
	[[ ! -d $LAB_DIR/arm64/bin ]] || cp -RL "$LAB_DIR/arm64/bin/." "$tree/lab/bin"
	if [[ -n $RUN_KERNEL_DIR ]]; then
		# shellcheck disable=SC2046 # names are words
		kernel__copy_modules "$RUN_KERNEL_DIR" "$tree/lab/channel" $(channel__modules "$RUN_CHANNEL")
	fi
	[[ $RUN_CHANNEL == console ]] || : >"$tree/lab/virtio"
	[[ -z $RUN_OUT ]] || : >"$tree/lab/want-out"
	printf 'exec%s\n' "$(initrd__quote "${RUN_COMMAND[@]}")" >"$tree/lab/cmd"
	[[ -z $RUN_GUEST ]] || guest__add "$tree" "$RUN_DIR/guest-tree"
	for file in "${RUN_FILES[@]}"; do
		initrd__add_file "$tree" "$file"
	done
	: >"$initrd"
	[[ -z $RUN_GUEST ]] || initrd__append "$initrd" "$LAB_DIR/guest/qemu.cpio"
	# The caller's archives first: where both have a file, the lab's own wins.
	for file in "${RUN_CPIOS[@]}"; do
		initrd__append "$initrd" "$file"
	done
	initrd__pack "$tree" >>"$initrd"
	rm -rf "$tree"
}

# Fills the array RUN_QEMU.
run__qemu_args() {
	local channel level=5

	# 5 shows warnings, which a splat is to the kernel; each character takes time.
	[[ -z $RUN_VERBOSE ]] || level=7
	mapfile -t channel < <(channel__qemu_args "$RUN_DIR" "$RUN_CHANNEL")
	RUN_QEMU=("${QEMU:-qemu-system-aarch64}" -nodefaults -display none -no-reboot -nic none
		-M "virt,virtualization=on,gic-version=$RUN_GIC" -cpu "$RUN_CPU"
		-smp "$RUN_SMP" -m "$RUN_MEMORY" -kernel "$RUN_IMAGE" -initrd "$RUN_DIR/initrd"
		-append "console=ttyAMA0 earlycon loglevel=$level panic=-1 cryptomgr.notests$RUN_APPEND"
		-chardev "file,id=console,path=${RUN_DIR//,/,,}/console" -serial chardev:console
		"${channel[@]}")
	[[ -z $RUN_ICOUNT ]] || RUN_QEMU+=(-icount "shift=0,sleep=off")
	RUN_QEMU+=("${RUN_QEMU_ARGS[@]}")
}

run__is_ready() {
	[[ -s $RUN_DIR/status ]] || channel__is_console "$RUN_DIR"
}

# Ends the run when its time is up. A process of its own; it goes within a second of the run's shell,
# and sleeps without a child that would have to be ended too.
run__watch() {
	local begin=$SECONDS never

	mkfifo "$RUN_DIR/never"
	exec {never}<>"$RUN_DIR/never"
	while kill -0 $$ 2>/dev/null; do
		read -rt 1 -u "$never" || true
		((SECONDS - begin < RUN_TIMEOUT)) ||
			run__time_is_up "COMMAND did not end within $RUN_TIMEOUT s"
		((SECONDS - begin < RUN_BOOT_TIMEOUT)) || run__is_ready ||
			run__time_is_up "COMMAND did not start within $RUN_BOOT_TIMEOUT s"
	done
}

run__time_is_up() {
	echo "$1" >"$RUN_DIR/timeout"
	kill -KILL "$RUN_QEMU_PID"
	exit 0
}

run__boot() {
	: >"$RUN_DIR/console"
	: >"$RUN_DIR/status"
	# If this shell is killed hard, QEMU goes too.
	setpriv --pdeathsig KILL "${RUN_QEMU[@]}" </dev/null >"$RUN_DIR/qemu.log" 2>&1 &
	RUN_QEMU_PID=$!
	run__watch </dev/null >/dev/null &
	RUN_WATCH_PID=$!
	if [[ $RUN_CHANNEL != console ]]; then
		channel__relay "$RUN_DIR/stdout" "$RUN_QEMU_PID"
		channel__relay "$RUN_DIR/stderr" "$RUN_QEMU_PID" >&2
	fi
	[[ -z $RUN_VERBOSE ]] || channel__relay "$RUN_DIR/console" "$RUN_QEMU_PID" >&2
	# The shell itself would say on stderr who was killed.
	{ wait "$RUN_QEMU_PID" || true; } 2>/dev/null
	RUN_QEMU_PID=''
	run__reap "$RUN_WATCH_PID"
	RUN_WATCH_PID=''
	wait "${CHANNEL_RELAYS[@]}" || true
	CHANNEL_RELAYS=()
}

# Kills process $1 (if any) and waits for it.
run__reap() {
	[[ -n $1 ]] || return 0
	{ kill -KILL "$1" || true; } 2>/dev/null
	{ wait "$1" || true; } 2>/dev/null
}

# Shows what the console said, and why: $*
run__show_log() {
	lab__note "$*; the console's last lines:"
	{
		cat "$RUN_DIR/qemu.log"
		tail -n 200 "$RUN_DIR/console"
	} | tr -d '\r' | sed 's/^/  | /' >&2
}

# Prints the kernel's complaints, each once.
run__splats() {
	cat "$RUN_DIR/console" "$RUN_DIR/log" 2>/dev/null | tr -d '\r' | grep -aE "$RUN_SPLATS" |
		if ((${#RUN_IGNORE[@]})); then grep -avE "${RUN_IGNORE[@]}"; else cat; fi |
		awk '!seen[$0]++'
}

# What the command left in /out is useful even, or most, when the run failed.
run__collect_out() {
	[[ -n $RUN_OUT && -s $RUN_DIR/out ]] || return 0
	mkdir -p -- "$RUN_OUT"
	tar -C "$RUN_OUT" -xf "$RUN_DIR/out" 2>/dev/null || lab__note "/out did not come through whole"
}

run__keep_log() {
	[[ -n $RUN_LOG ]] || return 0
	cat "$RUN_DIR"/{qemu.log,console,log} 2>/dev/null >"$RUN_LOG" || true
}

# Exits as the run did.
run__report() {
	local code splats

	if [[ -e $RUN_DIR/timeout ]]; then
		run__show_log "$(<"$RUN_DIR/timeout")"
		exit "$LAB_EXIT_TIMEOUT"
	fi
	code=$(channel__status "$RUN_DIR")
	splats=$(run__splats) || true
	if [[ -n $splats ]]; then
		run__show_log "the kernel complains"
		lab__note "the complaints:"
		printf '%s\n' "$splats" >&2
		exit "$LAB_EXIT_TROUBLE"
	fi
	if [[ -z $code ]]; then
		run__show_log "the lab went down before COMMAND ended"
		exit "$LAB_EXIT_TROUBLE"
	fi
	exit "$code"
}

lab_run() {
	run__parse "$@"
	lab__need cpio flock getopt setpriv "${QEMU:-qemu-system-aarch64}"
	[[ -z $RUN_BUILD ]] || lab__locked make run__make_tools
	run__find_kernel
	[[ -z $RUN_GUEST ]] || guest__prepare "$RUN_REFRESH"
	run__make_dir
	run__make_initrd
	run__qemu_args
	run__boot
	if [[ ! -e $RUN_DIR/timeout ]] && channel__is_console "$RUN_DIR"; then
		channel__pass_on "$RUN_DIR"
	fi
	run__collect_out
	run__keep_log
	run__report
}
