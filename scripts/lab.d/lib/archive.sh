# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Debian arm64 packages of any suite, without touching the machine's own apt: one private apt tree
# per suite in the build folder. The archive's address and keyring are the machine's own
# (apt-get indextargets), or LAB_ARCHIVE and LAB_KEYRING.

readonly ARCHIVE_DEFAULT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# One line per configured index: release|codename|label|component|site|where it is configured.
# apt tells all of it once it has fetched its lists; before, the addresses that it would ask tell some.
archive__machine() {
	local indexes

	# shellcheck disable=SC2016 # apt's placeholders, not the shell's
	indexes=$(apt-get indextargets --format \
		'$(RELEASE)|$(CODENAME)|$(LABEL)|$(COMPONENT)|$(SITE)|$(SOURCESENTRY)' \
		'Created-By: Packages' 2>/dev/null | sed 's/\$([A-Z_]*)//g')
	[[ -n $indexes ]] || indexes=$(apt-get update --print-uris 2>/dev/null |
		sed -n "s,^'\(.*\)/dists/\([^/]*\)/\([^/]*\)/binary-.*/Packages.*,\2|||\3|\1|,p")
	sort -u <<<"$indexes"
}

# $1: "main" or "security". Prints site|sources-entry of the best candidate, or nothing. Where there
# are no labels, names decide.
archive__find() {
	archive__machine | awk -F'|' -v want="$1" -v id="$(lab__os_release ID)" \
		-v codename="$(lab__os_release VERSION_CODENAME)" '
		$4 != "main" { next }
		{
			named = $5 ~ /\/debian\/?$/
			debian = $3 ~ /^Debian/ || $3 == "" && (id == "debian" || named)
			security = $3 == "Debian-Security" || $3 == "" && $1 ~ /-security$/
			if (!debian || security != (want == "security"))
				next
			rank = 1 + named
			if ($1 == codename || $2 == codename)
				rank += 4
			if (rank > best) {
				best = rank
				line = $5 "|" $6
			}
		}
		END { if (best) print line }'
}

# $1: FILE:N as apt names it: line of a .list, stanza of a .sources. Prints its keyring's path.
archive__entry_keyring() {
	local file=${1%:*} number=${1##*:}

	[[ -r $file ]] || return 0
	case $file in
	*.sources)
		awk -v n="$number" 'BEGIN { RS = ""; IGNORECASE = 1 } NR == n' "$file" |
			sed -n 's/^[Ss]igned-[Bb]y:[[:space:]]*\(\/[^[:space:]]*\).*/\1/p'
		;;
	*)
		sed -n "${number}s/.*signed-by=\([^] ]*\).*/\1/p" "$file"
		;;
	esac
}

# $1: keyring or nothing. Prints it, or else Debian's own.
archive__keyring() {
	local keyring=$1

	[[ -n $keyring && -r $keyring ]] || keyring=$ARCHIVE_DEFAULT_KEYRING
	[[ -r $keyring ]] || lab__die "$keyring is missing (package debian-archive-keyring)"
	echo "$keyring"
}

# $1: site, $2: keyring or nothing, $3: suite
archive__source() {
	local keyring

	keyring=$(archive__keyring "$2")
	echo "deb [arch=arm64 signed-by=$keyring] $1 $3 main"
}

# Prints the sources.list of suite $1; with $2 = "no-security", without its security suite.
archive__sources() {
	local suite=$1 security=${2:-} site entry

	if [[ -n ${LAB_ARCHIVE:-} ]]; then
		archive__source "$LAB_ARCHIVE" "${LAB_KEYRING:-}" "$suite"
		return
	fi
	IFS='|' read -r site entry <<<"$(archive__find main)"
	[[ -n $site ]] || lab__die "this machine's apt knows no Debian archive to fetch arm64" \
		"kernels from: set LAB_ARCHIVE to a Debian mirror's address, and have Debian's keys" \
		"in $ARCHIVE_DEFAULT_KEYRING (package debian-archive-keyring) or in LAB_KEYRING"
	archive__source "$site" "$(archive__entry_keyring "$entry")" "$suite"

	[[ $security != no-security && $suite =~ ^(bookworm|trixie)$ ]] || return 0
	IFS='|' read -r site entry <<<"$(archive__find security)"
	[[ -z $site ]] ||
		archive__source "$site" "$(archive__entry_keyring "$entry")" "$suite-security"
}

# Makes the private tree of suite $1, empty of lists. What the machine's apt has to say on how to
# reach the network (proxies) is taken over; its hooks are not. Signatures are checked, dates are not:
# a mirror that stands still, or a snapshot, is as good for kernels to test with.
archive__tree() {
	local dir=$LAB_DIR/apt/$1

	mkdir -p "$dir"/{lists/partial,cache/archives/partial,empty.d}
	: >"$dir/empty"
	: >"$dir/status"
	{
		apt-config dump | grep '^Acquire::' |
			grep -vE '^Acquire::(IndexTargets|Languages|Gzip|Changelogs|CompressionT|cdrom)' || true
		cat <<-EOC
			Dir::Etc::Main "$dir/empty";
			Dir::Etc::Parts "$dir/empty.d";
			Dir::Etc::SourceList "$dir/sources.list";
			Dir::Etc::SourceParts "$dir/empty.d";
			Dir::Etc::Preferences "$dir/empty";
			Dir::Etc::PreferencesParts "$dir/empty.d";
			Dir::State "$dir";
			Dir::State::Lists "$dir/lists";
			Dir::State::Status "$dir/status";
			Dir::Cache "$dir/cache";
			APT::Architecture "arm64";
			APT::Architectures { "arm64"; };
			APT::Sandbox::User "root";
			APT::Update::Error-Mode "any";
			Acquire::Check-Valid-Until "false";
			Acquire::Languages "none";
			Acquire::Retries "2";
		EOC
	} >"$dir/apt.conf"
}

# Runs an apt command ($2...) in the private tree of suite $1.
archive__apt() {
	local dir=$LAB_DIR/apt/$1
	shift

	APT_CONFIG=$dir/apt.conf "$@"
}

# Fetches the lists of suite $1. A security suite that cannot be had costs a warning, no more.
archive__update() {
	local suite=$1 dir=$LAB_DIR/apt/$1

	lab__need apt-get apt-cache dpkg-deb
	archive__tree "$suite"
	archive__sources "$suite" >"$dir/sources.list"
	lab__note "fetching the package lists of $suite"
	lab__retry archive__apt "$suite" apt-get -qq update >&2 && return 0
	if grep -q -e '-security ' "$dir/sources.list"; then
		lab__note "trying without $suite-security"
		archive__sources "$suite" no-security >"$dir/sources.list"
		archive__apt "$suite" apt-get -qq update >&2 && return 0
	fi
	lab__die "cannot fetch the package lists of $suite"
}

# Prints the newest version's dependencies of package $2 in suite $1, one name a line.
archive__depends() {
	archive__apt "$1" apt-cache show --no-all-versions "$2" |
		sed -n 's/^\(Pre-\)\?Depends: //p' | tr '|' , | tr , '\n' | sed 's/[[:space:]]*\([^ (]*\).*/\1/'
}

# Removes what apt can make again: its binary caches are ten times the size of the lists.
archive__trim() { rm -f "$LAB_DIR/apt/$1"/cache/*.bin; }

# Downloads packages $3... of suite $1 and unpacks them into folder $2. The machine's own
# package database knows nothing of it.
archive__unpack() {
	local suite=$1 into debs deb
	into=$(realpath -m -- "$2")
	shift 2

	debs=$into.debs
	rm -rf "$debs"
	mkdir -p "$into" "$debs"
	lab__note "downloading $* ($suite)"
	(cd "$debs" && lab__retry archive__apt "$suite" apt-get -qq download "$@" >&2) ||
		lab__die "cannot download $*"
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$into"
	done
	rm -rf "$debs"
}

# The same of package $3 and all that it depends on.
archive__unpack_closure() {
	local suite=$1 into=$2 package=$3 cache=$LAB_DIR/apt/$1/cache/archives deb

	rm -f "$cache"/*.deb
	lab__note "downloading $package and what it depends on ($suite)"
	lab__retry archive__apt "$suite" apt-get -qq -y --no-install-recommends --download-only install \
		"$package" >&2 || lab__die "cannot download $package"
	mkdir -p "$into"
	for deb in "$cache"/*.deb; do
		dpkg-deb -x "$deb" "$into"
	done
	rm -f "$cache"/*.deb
}
