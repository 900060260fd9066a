# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# lab-help: measure two kernels against each other
#
# Both are booted in turns, ABBA, on the instruction clock. Each boot makes two kinds of figures that
# know nothing of each other: recordings, which vgic-cmp compares, and what accesses take with no
# tracer there. docs/before-after.md has what came of it.

# shellcheck source=/dev/null
source "$LAB_SCRIPTS/lab.d/lib/kernel.sh"

# From the first register of a table to its last, and what no device takes.
readonly COMPARE_LIST=GICD_CTLR:r,GICD_TYPER:r,GICD_ISENABLER1:r,GICD_ISENABLER1:w,GICD_IPRIORITYR9:r,\
GICD_ICFGR2:r,GICD_IROUTER40:r,GICR_CTLR:r,GICR_TYPER:r,GICR_ISENABLER0:r,GICR_ICFGR1:r,unmapped:r

compare_usage() {
	cat <<-EOU
		usage: scripts/lab compare [OPTIONS] BASE NEW

		Boots kernels BASE and NEW (as for scripts/lab run -k) in turns, and tells for each access
		what it takes on both, in instructions, with no tracer attached; and vgic-cmp's verdict on
		recordings made in the same boots. Markdown on stdout.

		  -r, --runs N         pairs of boots [10]
		  -c, --vcpus LIST     numbers of vCPUs, each measured in every boot [1,8,64]
		  -a, --access LIST    as for vgic-bench [$COMPARE_LIST]
		  -n, --iterations N   of the whole list, by all vCPUs together [1024]
		  -g, --gic 2|3        version of the GIC [3]
		  -o, --out DIR        keep the recordings in DIR; boots whose recordings are there already are
		                       not made again
		      --report FILE    put the tables into FILE too, where it has the line
		                       '<!-- compare BASE NEW -->'; they replace what follows, up to '<!-- end -->'
		  -h, --help

		Then both are booted once more without the instruction clock, on two CPUs, where accesses run at
		the same time: times mean nothing there, but no access must be missed.

		Exit status: vgic-cmp's: 0 no regression, 1 regression, 3 inconclusive; 2: bad usage;
		${LAB_EXIT_TROUBLE}: trouble.
	EOU
}

compare__parse() {
	local parsed

	COMPARE_RUNS=10 COMPARE_VCPUS=1,8,64 COMPARE_ACCESSES=$COMPARE_LIST COMPARE_N=1024 COMPARE_GIC=3
	COMPARE_DIR='' COMPARE_REPORT=''
	parsed=$(getopt -n lab -o r:c:a:n:g:o:h \
		--long runs:,vcpus:,access:,iterations:,gic:,out:,report:,help -- "$@") ||
		lab__die_usage "bad option" "lab compare"
	eval "set -- $parsed"
	while [[ $1 != -- ]]; do
		case $1 in
		-r | --runs) COMPARE_RUNS=$2 ;;
		-c | --vcpus) COMPARE_VCPUS=$2 ;;
		-a | --access) COMPARE_ACCESSES=$2 ;;
		-n | --iterations) COMPARE_N=$2 ;;
		-g | --gic) COMPARE_GIC=$2 ;;
		-o | --out) COMPARE_DIR=$2 ;;
		--report) COMPARE_REPORT=$2 ;;
		-h | --help) compare_usage && exit 0 ;;
		esac
		shift 2
	done
	shift
	(($# == 2)) || lab__die_usage "two kernels, BASE and NEW, are compared" "lab compare"
	COMPARE_BASE=$1 COMPARE_NEW=$2
	compare__check
}

compare__check() {
	local number='[1-9][0-9]{0,5}'

	[[ $COMPARE_RUNS =~ ^$number$ ]] ||
		lab__die_usage "--runs wants a number, not '$COMPARE_RUNS'" "lab compare"
	[[ $COMPARE_N =~ ^$number$ ]] ||
		lab__die_usage "--iterations wants a number, not '$COMPARE_N'" "lab compare"
	[[ $COMPARE_VCPUS =~ ^$number(,$number)*$ ]] ||
		lab__die_usage "--vcpus wants numbers such as 1,8, not '$COMPARE_VCPUS'" "lab compare"
	[[ -z $COMPARE_REPORT ]] || grep -qF "$(compare__mark)" "$COMPARE_REPORT" ||
		lab__die "$COMPARE_REPORT has no line '$(compare__mark)'"
}

compare__mark() { echo "<!-- compare $COMPARE_BASE $COMPARE_NEW -->"; }

# Boots $2 (base or new), for run $1; the rest are options for 'lab run'.
compare__boot() {
	local run=$1 side=$2 kernel=$COMPARE_BASE
	[[ $side == base ]] || kernel=$COMPARE_NEW
	shift 2

	[[ ! -f $COMPARE_DIR/$run.$side/bare.txt ]] || return 0
	# The first boot builds the guest's tools; the same ones serve all others.
	[[ $run$side == 1base ]] || set -- --no-build "$@"
	lab__note "run $run: $side, $kernel"
	"$LAB_SCRIPTS/lab" run -k "$kernel" -g "$COMPARE_GIC" -t 1500 "$@" \
		--out "$COMPARE_DIR/$run.$side" --file "$LAB_SCRIPTS/lab.d/compare/guest.sh:compare.sh" \
		-- sh compare.sh "${COMPARE_VCPUS//,/ }" "$COMPARE_ACCESSES" "$COMPARE_N" >&2
	compare__check_run "$COMPARE_DIR/$run.$side"
}

# Every recording in $1 must hold every access that KVM counted.
compare__check_run() {
	local vcpus

	for vcpus in ${COMPARE_VCPUS//,/ }; do
		grep -qE '^seen ([0-9]+) of \1 in-kernel' "$1/$vcpus.txt" ||
			lab__die "accesses were missed: $(grep -h '^seen' "$1/$vcpus.txt")"
	done
}

compare__boots() {
	local run

	for ((run = 1; run <= COMPARE_RUNS; run++)); do
		if ((run % 2)); then
			compare__boot "$run" base -i -s 1
			compare__boot "$run" new -i -s 1
		else
			compare__boot "$run" new -i -s 1
			compare__boot "$run" base -i -s 1
		fi
	done
	compare__boot clock base -s 2
	compare__boot clock new -s 2
}

# Prints vgic-cmp's JSON on the recordings with $1 vCPUs. Its exit status says regression or not,
# which is no failure of ours.
compare__verdicts() {
	local run pairs=() code=0

	for ((run = 1; run <= COMPARE_RUNS; run++)); do
		pairs+=("$COMPARE_DIR/$run.base/$1.vgic" "$COMPARE_DIR/$run.new/$1.vgic")
	done
	"$COMPARE_CMP" --json --stage bus --metric mean --pairs "${pairs[@]}" || code=$?
	[[ $code =~ ^[013]$ ]] || lab__die "vgic-cmp failed on the recordings with $1 vCPUs"
	((code == 1)) && COMPARE_STATUS=1
	((code != 3 || COMPARE_STATUS == 1)) || COMPARE_STATUS=3
}

# RUN SIDE VCPUS ACCESS NS, of all boots on the instruction clock.
compare__bare() {
	local run side

	for ((run = 1; run <= COMPARE_RUNS; run++)); do
		for side in base new; do
			sed "s/^/$run $side /" "$COMPARE_DIR/$run.$side/bare.txt"
		done
	done
}

compare__tables() {
	local vcpus

	echo
	printf 'Pairs of boots: %s. Of each access in a boot: %s. GICv%s. Base is %s, new is %s.\n' \
		"$COMPARE_RUNS" "$COMPARE_N" "$COMPARE_GIC" "$COMPARE_BASE" "$COMPARE_NEW"
	for vcpus in ${COMPARE_VCPUS//,/ }; do
		compare__bare | jq -nRr --arg vcpus "$vcpus" \
			--slurpfile verdicts "$COMPARE_DIR/$vcpus.json" -f "$LAB_SCRIPTS/lab.d/compare/table.jq"
	done
}

# Puts file $1 between the marks of the report.
compare__insert() {
	awk -v mark="$(compare__mark)" -v tables="$1" '
		!skip { print }
		$0 == mark { while ((getline line < tables) > 0) print line; skip = 1 }
		skip && $0 == "<!-- end -->" { print; skip = 0 }' "$COMPARE_REPORT" >"$1.report"
	cat "$1.report" >"$COMPARE_REPORT"
}

lab_compare() {
	local vcpus

	compare__parse "$@"
	lab__need jq
	make -s -C "$LAB_ROOT" tools >&2 || lab__die "the tools cannot be built"
	COMPARE_CMP=$LAB_ROOT/build/$(uname -m | sed s/aarch64/arm64/)/bin/vgic-cmp COMPARE_STATUS=0
	COMPARE_TMP=$(mktemp -d)
	trap 'rm -rf "$COMPARE_TMP"' EXIT
	: "${COMPARE_DIR:=$COMPARE_TMP}"
	mkdir -p "$COMPARE_DIR"
	compare__boots
	for vcpus in ${COMPARE_VCPUS//,/ }; do
		compare__verdicts "$vcpus" >"$COMPARE_DIR/$vcpus.json"
	done
	compare__tables >"$COMPARE_TMP/tables"
	[[ -z $COMPARE_REPORT ]] || compare__insert "$COMPARE_TMP/tables"
	cat "$COMPARE_TMP/tables"
	exit "$COMPARE_STATUS"
}
