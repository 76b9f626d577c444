# Shared by quickstart.sh and test.sh, which source it: packages, the test environment, steps with their
# time. stdout is the caller's result; what is said here goes to stderr. No `set -e` is in force inside a
# function that something tests (`f || ...`), so functions chain what must not go on with &&.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOGS=$ROOT/build/logs
export WEIR_TEST_VENV=${WEIR_TEST_VENV:-$ROOT/build/venv}
export WEIR_TEST_AZURITE=${WEIR_TEST_AZURITE:-$ROOT/build/azurite}
mkdir -p "$LOGS"

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

die() { # STATUS TEXT...
	local status=$1
	shift
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$status"
}

# step NAME COMMAND...: quiet while all is well; a failure shows the end of its log and ends the script.
step() {
	local name=$1 log began=$SECONDS status=0
	log=$LOGS/$(tr -c 'a-zA-Z0-9\n' - <<<"$name").log
	shift
	say "$name ..."
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if ((status != 0)); then
		tail -n 40 "$log" >&2
		die "$status" "$name failed after $((SECONDS - began)) s; all of it is in $log"
	fi
}

# What comes over the network may fail once and work the next time.
retry() {
	local attempt
	for attempt in 1 2 3; do
		"$@" && return 0
		((attempt == 3)) || sleep $((attempt * 5))
	done
	return 1
}

# The names under [GROUP]... of packages.txt, one a line.
packages_of() {
	local line group=
	while read -r line; do
		case $line in
		'' | '#'*) ;;
		'['*']') group=${line:1:-1} ;;
		*) [[ " $* " != *" $group "* ]] || echo "$line" ;;
		esac
	done <"$ROOT/scripts/packages.txt" | sort -u
}

java_is_there() {
	local version
	version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || return 1
	[[ $version == 17 ]]
}

# Spark 3.5.0 wants Java 17, which may be there without being the machine's default.
use_java_17() {
	local home
	java_is_there && return
	for home in /usr/lib/jvm/java-17-*; do
		if [[ -x $home/bin/java ]]; then
			export JAVA_HOME=$home PATH=$home/bin:$PATH
			return
		fi
	done
	say "Java 17 is not there: runs will not start"
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Those of the groups' packages that this machine lacks, alternatives and all.
missing_packages() {
	local names name
	while read -r names; do
		if [[ $names == openjdk-* ]] && java_is_there; then
			continue
		fi
		# Node's own packages bring npm, and don't go together with Debian's.
		if [[ $names == nodejs || $names == npm ]] && command -v node npm >/dev/null; then
			continue
		fi
		for name in ${names//|/ }; do
			! installed "$name" || continue 2
		done
		echo "$names"
	done < <(packages_of "$@")
}

apt_get() { "${SUDO[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }

apt_install() {
	local names name wanted=()
	retry apt_get update || return
	for names in "$@"; do
		for name in ${names//|/ }; do
			if apt-cache show "$name" >/dev/null 2>&1; then
				break
			fi
		done
		wanted+=("$name")
	done
	retry apt_get install --yes --no-install-recommends "${wanted[@]}"
}

# ensure_packages GROUP...: installs what is missing, or says what to install.
ensure_packages() {
	local missing
	if ! command -v apt-get >/dev/null; then
		say "not Debian or Ubuntu; install what they call: $(packages_of "$@" | tr '\n' ' ')"
		return
	fi
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]} > 0)) || return 0
	SUDO=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null ||
			die 3 "neither root nor sudo; install these yourself: ${missing[*]%%|*}"
		SUDO=(sudo)
		sudo -v || die 3 "sudo refused; install these yourself: ${missing[*]%%|*}"
	fi
	step "installing packages (${#missing[@]})" apt_install "${missing[@]}"
}

make_test_venv() {
	if [[ -d $WEIR_TEST_VENV && ! -e $WEIR_TEST_VENV/pyvenv.cfg ]]; then
		echo "$WEIR_TEST_VENV is there and is no virtual environment"
		return 1
	fi
	python3 -m venv "$WEIR_TEST_VENV" &&
		retry "$WEIR_TEST_VENV/bin/python" -m pip --quiet --disable-pip-version-check install --no-input \
			--requirement "$ROOT/tests/peers/requirements.txt" &&
		cp "$ROOT/tests/peers/requirements.txt" "$WEIR_TEST_VENV/requirements.txt"
}

# The copy of the requirements is put there last: it is there when all of the rest is. One that has others is completed.
ensure_test_venv() {
	if ! cmp -s "$ROOT/tests/peers/requirements.txt" "$WEIR_TEST_VENV/requirements.txt"; then
		step "installing Oracle's clients" make_test_venv
	fi
}

install_azurite() {
	mkdir -p "$WEIR_TEST_AZURITE" &&
		cp "$ROOT"/pipelines/azure-copy/local/package{,-lock}.json "$WEIR_TEST_AZURITE" &&
		retry npm ci --prefix "$WEIR_TEST_AZURITE" --ignore-scripts --no-audit --no-fund &&
		cp "$WEIR_TEST_AZURITE/package-lock.json" "$WEIR_TEST_AZURITE/installed.json"
}

# npm checks each package against its hash in package-lock.json. The copy of that is put there last.
ensure_azurite() {
	if ! cmp -s "$ROOT/pipelines/azure-copy/local/package-lock.json" "$WEIR_TEST_AZURITE/installed.json"; then
		step "installing Azurite" install_azurite
	fi
}

# build PRESET TARGET...
build() {
	local preset=$1
	shift
	step "configuring $preset" cmake -S "$ROOT" --preset "$preset"
	step "building $preset" cmake --build "$ROOT/build/$preset" --target "$@"
}
