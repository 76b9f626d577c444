#!/usr/bin/env bash
# Runs a fuzz target of the preset `fuzz`, built before with `cmake --build --preset fuzz`:
#
#   scripts/fuzz.sh TARGET [SECONDS]       a minute, or as long as said; ARGUMENTS of libFuzzer may follow
#   scripts/fuzz.sh --keep TARGET          what of its grown corpus adds an edge, into tests/fuzz/corpus/TARGET
#
# What it learns stays in build/fuzz/corpus/TARGET; what breaks it comes into build/fuzz/found. WEIR_FUZZ_SEED: where it
# begins, else somewhere new each time.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${WEIR_FUZZ_BUILD:-$ROOT/build/fuzz}
keep=0
if [[ ${1:-} == --keep ]]; then
	keep=1
	shift
fi
(($# > 0)) || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 1; }
target=$1 seconds=${2:-${WEIR_FUZZ_SECONDS:-60}}
exe=$BUILD/tests/fuzz/fuzz_$target kept=$ROOT/tests/fuzz/corpus/$target grown=$BUILD/corpus/$target
[[ -x $exe ]] || { echo "$exe is not built: cmake --preset fuzz && cmake --build --preset fuzz"; exit 1; }
mkdir -p "$grown" "$BUILD/found" "$kept"

options=(-timeout=120 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1 "-artifact_prefix=$BUILD/found/$target-")
case $target in
zip) options+=(-max_len=8192) ;;
*) options+=(-max_len=4096) ;;
esac
[[ -z ${WEIR_FUZZ_SEED:-} ]] || options+=("-seed=$WEIR_FUZZ_SEED")
dict=$ROOT/tests/fuzz/$target.dict
[[ ! -e $dict ]] || options+=("-dict=$dict")
# Reports end the process; what libraries keep for themselves is no leak of ours.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:handle_abort=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

if ((keep)); then
	"$exe" "${options[@]}" -merge=1 -use_counters=0 "$kept" "$grown"
	exit
fi
status=0
"$exe" "${options[@]}" -max_total_time="$seconds" "${@:3}" "$grown" "$kept" || status=$?
if ((status != 0)); then
	cat >&2 <<TEXT

fuzz.$target found something; what broke it is the newest build/fuzz/found/$target-*:
$(ls -t "$BUILD/found/$target-"* 2>/dev/null | head -1)
To see it again:  build/fuzz/tests/fuzz/fuzz_$target FILE
Keep it as tests/fuzz/corpus/$target/NAME-OF-THE-MISTAKE: every build replays it from then on.
TEXT
fi
exit "$status"
