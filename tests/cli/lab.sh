#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# scripts/lab without an emulator: QEMU is a fake that unpacks the initial file system, runs the command
# in it here, and answers as the guest's init would.
#
# shellcheck disable=SC2016 # what looks like an expansion is meant for another shell
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tmp=$dir

if command -v shellcheck > /dev/null; then
	claim "shellcheck has nothing to say on the lab's parts" "$(
		shellcheck -x -f gcc scripts/lab.d/*.sh scripts/lab.d/*/*.sh scripts/lab.d/init 2>&1)" ""
else
	echo "skip - shellcheck has nothing to say on the lab's parts (not installed)"
fi

scripts/lab nosuch > /dev/null 2>&1
claim "an unknown subcommand is bad usage" $? 2
scripts/lab run > /dev/null 2>&1
claim "a run without a command is bad usage" $? 2
scripts/lab run -k nosuch -- true > /dev/null 2>&1
claim "a run with an unknown kernel is bad usage" $? 2
scripts/lab run -g 4 -- true > /dev/null 2>&1
claim "a run with an unknown GIC is bad usage" $? 2
scripts/lab run --guest nosuch -- true > /dev/null 2>&1
claim "a run with an unknown guest is bad usage" $? 2
for args in "--gic 4" "--vcpus two" "--io" "nosuch"; do
	# shellcheck disable=SC2086 # words
	sh scripts/lab.d/guest/linux-guest $args > /dev/null 2>&1
	claim "linux-guest $args is bad usage" $? 2
done
claim "help names every subcommand" "$(scripts/lab --help | grep -cE '^  (run|fetch|list|build-kernels|compare) ')" 5
for sub in run fetch list build-kernels compare; do
	claim "lab $sub --help goes to stdout" "$(scripts/lab $sub --help 2> /dev/null | head -c 6)" usage:
done
scripts/lab build-kernels sid > /dev/null 2>&1
claim "a kernel of Debian's is none to build" $? 2
for args in "before" "before after linear" "--runs 0 before after" "--vcpus 1,x before after"; do
	# shellcheck disable=SC2086 # words
	scripts/lab compare $args > /dev/null 2>&1
	claim "lab compare $args is bad usage" $? 2
done
scripts/lab compare --report docs/lab.md before after > /dev/null 2> "$tmp/err"
claim "lab compare asks for a place in the report before it boots anything" \
	"$? $(cat "$tmp/err")" "125 lab: docs/lab.md has no line '<!-- compare before after -->'"
table() {
	printf '%s\n' '1 base 1 hvc 1000' '1 base 1 GICD_CTLR:r 1400' '1 new 1 hvc 1010' '1 new 1 GICD_CTLR:r 1500' \
		'2 base 1 hvc 1000' '2 base 1 GICD_CTLR:r 1402' '2 new 1 hvc 1010' '2 new 1 GICD_CTLR:r 1504' '1 base 8 hvc 7' |
		jq -nRr --arg vcpus 1 --slurpfile verdicts "$1" -f scripts/lab.d/compare/table.jq | tail -n 1
}
cat > "$tmp/verdicts" << 'JSON'
{"type":"header"}
{"type":"verdict","range":"GICD_CTLR","op":"read","stage":"lookup","metric":"mean","base":1,"new":2,"ratio":2,"verdict":"regression"}
{"type":"verdict","range":"GICD_CTLR","op":"read","stage":"bus","metric":"mean","base":200.04,"new":290,"ratio":1.4497,"ratio_low":1.44,"ratio_high":1.46,"verdict":"regression"}
JSON
# Differences of 90 and 92: 91, and Student's t with one degree of freedom.
claim "the table takes HVC exits off and holds the bus stage beside what is left" "$(table "$tmp/verdicts")" \
	"| GICD_CTLR:r | 401 | 492 | +91 ±12.7 | 200 → 290, ratio 1.45 (1.44..1.46) | regression |"
: > "$tmp/verdicts"
claim "an access that no recording has is in the table without a verdict" "$(table "$tmp/verdicts")" \
	"| GICD_CTLR:r | 401 | 492 | +91 ±12.7 | - | - |"
LAB_DIR=$tmp/none scripts/lab run --no-build -k before -- true > /dev/null 2> "$tmp/err"
claim "a kernel that was not built is named, and what builds it" "$? $(tail -n 1 "$tmp/err")" \
	"125 lab: no kernel 'before': 'scripts/lab build-kernels before' builds it"
for patch in scripts/lab.d/kernels/*.patch; do
	claim "${patch##*/} is for a kernel that the lab builds" \
		"$(scripts/lab build-kernels --help | grep -c "^  $(basename "$patch" .patch) ")" 1
done
claim "an empty cache lists no kernel" "$(LAB_DIR=$tmp/empty scripts/lab list)" ""

if ! command -v cpio > /dev/null || ! command -v setpriv > /dev/null; then
	echo "skip - runs with a fake QEMU (no cpio or setpriv)"
	exit $status
fi

cat > "$tmp/qemu" << 'QEMU'
#!/bin/bash
mode=$(dirname "$0")/mode
for arg; do
	[[ $arg =~ ^file,id=([a-z]+),path=(.*) ]] && declare "port_${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
	[[ $previous != -initrd ]] || initrd=$arg
	previous=$arg
done
echo $$ > "$(dirname "$0")/pid"
[[ $(< "$mode") != hang ]] || exec sleep 60
tree=$(dirname "$initrd")/guest
mkdir "$tree"
# One archive behind the other, each read to its end, until there is no more.
(cd "$tree" && while cpio -idm --quiet 2> /dev/null; do :; done < "$initrd")
cp -r "$tree" "$(dirname "$0")/guest"
echo ready > "$port_status"
(cd "$tree/lab/files" && exec sh "$tree/lab/cmd") > "$port_stdout" 2> "$port_stderr"
code=$?
[[ $(< "$mode") != splat ]] || printf '[ 1.0] WARNING: CPU: 0\r\n' >> "$port_console"
[[ $(< "$mode") != down ]] || exit 0
[[ ! -e $tree/lab/want-out ]] || tar -C "$tree/lab/files" -cf - . > "$port_out"
echo "exit $code" >> "$port_status"
QEMU
chmod +x "$tmp/qemu"
mkdir "$tmp/lab"
echo busybox > "$tmp/lab/busybox"
chmod +x "$tmp/lab/busybox"
: > "$tmp/Image"

# run MODE OPTIONS...: sets $code; stdout and stderr in $tmp/out, $tmp/err
run() {
	echo "$1" > "$tmp/mode"
	rm -rf "$tmp/guest"
	shift
	LAB_DIR=$tmp/lab QEMU=$tmp/qemu scripts/lab run --no-build -k "$tmp/Image" "$@" \
		> "$tmp/out" 2> "$tmp/err"
	code=$?
}

run fine -- sh -c 'echo out; echo err >&2; exit 7'
claim "the command's status, stdout and stderr are passed through, and nothing else" \
	"$code $(cat "$tmp/out") $(cat "$tmp/err")" "7 out err"

args=('a b' "it's" $'two\nlines' '' '$HOME' '*' '\n' '"' '-x' $'\xff')
run fine -- printf '<%s>' "${args[@]}"
claim "arguments arrive as they are" "$(cat "$tmp/out" && echo .)" "$(printf '<%s>' "${args[@]}" && echo .)"

run fine -- sh -c 'printf "a\\0b\\r\\n\\n"'
claim "output is exact to the byte" "$(od -An -c "$tmp/out")" "$(printf 'a\0b\r\n\n' | od -An -c)"

mkdir "$tmp/folder"
echo deep > "$tmp/folder/x"
run fine -f "$tmp/folder" -f "$tmp/folder/x:other name" -f "$tmp/folder/x:/etc/y" -o "$tmp/back" \
	-- cat folder/x 'other name'
claim "files come along" "$(paste -sd' ' "$tmp/out") $(cat "$tmp/guest/etc/y")" "deep deep deep"
claim "what is left for --out comes back" "$(cat "$tmp/back/folder/x")" deep

kernel=$tmp/lab/kernels/bookworm-backports
mkdir -p "$tmp/lab/guest" "$kernel/modules" "$tmp/qemu-tree/usr/bin"
echo qemu > "$tmp/qemu-tree/usr/bin/qemu-system-aarch64"
(cd "$tmp/qemu-tree" && find . -mindepth 1 | cpio --quiet -o -H newc) > "$tmp/lab/guest/qemu.cpio"
echo kernel > "$kernel/Image"
echo blk | xz > "$kernel/modules/virtio_blk.ko.xz"
run fine --guest linux -- sh ../bin/linux-guest --help
mkdir "$tmp/guest-tree"
(cd "$tmp/guest-tree" && cpio -idm --quiet) < "$tmp/guest/lab/guest/initrd"
claim "--guest brings QEMU, the guest's kernel and its launcher along" \
	"$code $(cat "$tmp/guest/usr/bin/qemu-system-aarch64" "$tmp/guest/lab/guest/Image" | paste -sd' ') $(
		head -n 1 "$tmp/out")" "0 qemu kernel usage: linux-guest [OPTIONS] [-- QEMU-ARGUMENTS]"
claim "and the guest's file system, with the modules that its kernel has" \
	"$(cd "$tmp/guest-tree" && echo bin/* init modules/*)" "bin/busybox init modules/1-virtio_blk.ko"
claim "a module is unpacked" "$(cat "$tmp/guest-tree/modules/1-virtio_blk.ko")" blk

run splat -- true
claim "a kernel's warning fails the run, and is shown" \
	"$code $(grep -c '^\[ 1.0\] WARNING: CPU: 0$' "$tmp/err")" "125 1"
run splat --ignore 'CPU: 0' -- true
claim "a warning that was to be ignored does not" "$code" 0
run down -- true
claim "a lab that goes down fails the run" "$code" 125
run hang -t 1 -- true
claim "a run that takes too long is ended" "$code" 124
claim "runs leave nothing behind" "$(ls "$tmp/lab/run")" ""

echo hang > "$tmp/mode"
rm "$tmp/pid"
(LAB_DIR=$tmp/lab QEMU=$tmp/qemu exec scripts/lab run --no-build -k "$tmp/Image" -- true) &
pid=$!
while [ ! -s "$tmp/pid" ] && kill -0 "$pid"; do sleep 0.1; done
kill -TERM "$pid"
wait "$pid"
code=$?
kill -0 "$(cat "$tmp/pid")" 2> /dev/null
claim "SIGTERM ends a run, its emulator and its folder" "$code $? $(ls "$tmp/lab/run")" "143 1 "
exit $status
