#!/usr/bin/env bash
# Installs what is missing, builds, and passes every test:
#
#   scripts/test.sh                 gcc release: everything; gcc with ASan and UBSan: units, golden cases,
#                                   what fuzzers found; clang: builds without a warning, units; fuzz: a
#                                   minute for each target
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

ensure_packages build run test
use_java_17
ensure_test_venv
build release all
step "installing Spark" env WEIR_LOCAL_HOME="$ROOT/build/home" "$ROOT/build/release/weir" local setup
step "fetching the flights" "$ROOT/pipelines/flights/fetch-data.sh"

if (($# > 0)); then
	run_ctest release "$@"
	exit
fi

build clang all
build asan all
run_ctest clang -L unit
run_ctest asan -L 'unit|cases|fuzz'
step "configuring fuzz" cmake -S "$ROOT" --preset fuzz
step "building fuzz" cmake --build --preset fuzz
run_ctest fuzz -L fuzz
run_ctest release
