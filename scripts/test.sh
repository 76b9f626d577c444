#!/usr/bin/env bash
# Installs what is missing, builds, and passes every test:
#
#   scripts/test.sh                 what tests/README.md lists under "What runs in the full run"
#   scripts/test.sh -L unit         what follows is ctest's: these tests of the release build only
#   scripts/test.sh -R spec -V
#
# The last lines are ctest's. A test that is skipped is a failure.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Spark is installed once, for the many homes of weir-local that the tests make.
export WEIR_LOCAL_SPARK=${WEIR_LOCAL_SPARK:-$ROOT/build/spark}

# run_ctest PRESET ARGUMENT...
run_ctest() {
	local preset=$1 log=$LOGS/ctest-$1.log
	shift
	say "testing $preset ..."
	ctest --test-dir "$ROOT/build/$preset" --output-on-failure --no-tests=error \
		--parallel "$(nproc)" "$@" 2>&1 | tee "$log"
	if grep -Eq '\*\*\*(Skipped|Not Run)|\(Disabled\)' "$log"; then
		die 1 "a test was skipped ($log)"
	fi
}

# race_free PATTERN: these tests of the tsan build; a report of ThreadSanitizer, of whatever process, is a failure. Nothing
# is silenced: libmicrohttpd and SQLite lock by what it knows.
race_free() {
	local said=$ROOT/build/tsan/said
	rm -rf "$said" && mkdir -p "$said"
	export TSAN_OPTIONS="log_path=$said/report exitcode=0"
	run_ctest tsan -R "$1"
	unset TSAN_OPTIONS
	if [[ -n $(ls "$said") ]]; then
		head -n 60 "$said"/*
		die 1 "ThreadSanitizer found something: $said"
	fi
}

ensure_packages build run azure test
use_java_17
ensure_test_venv
ensure_azurite
build release all
step "installing Spark" env WEIR_LOCAL_HOME="$ROOT/build/home" "$ROOT/build/release/weir" local setup --azure
step "fetching the flights" "$ROOT/pipelines/flights/fetch-data.sh"

if (($# > 0)); then
	run_ctest release "$@"
	exit
fi

# What fails fast comes first; the longest comes last.
run_ctest release -L 'style|unit|cases|fuzz'
build clang all
run_ctest clang -L unit
step "analysing" "$ROOT/scripts/analyse.sh"

build asan all
run_ctest asan -L 'unit|cases|fuzz'
run_ctest asan -R 'e2e\.(smoke|plan_live|local_malformed|local_concurrent|machine_faults|pages)$'

build tsan weir weir-local
race_free 'e2e\.(smoke|local_concurrent|local_crash|local_copies|cli_runs|pages)$|peers\.dataflow_sdk$'

build debug weir weir-local
step "memcheck" "$ROOT/scripts/memcheck.sh"

build fuzz fuzz
run_ctest fuzz -L fuzz
run_ctest release -LE 'style|unit|cases|fuzz'
