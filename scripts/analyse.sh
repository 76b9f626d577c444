#!/usr/bin/env bash
# What reads the code without running it; whatever one of them says is an error:
#
#   scripts/analyse.sh                 all of them
#   scripts/analyse.sh gcc|tidy|cppcheck
#
# gcc is -fanalyzer, tidy clang-tidy by .clang-tidy, cppcheck by scripts/cppcheck.suppress: what is silenced is there, with
# its reason. (gcc 12 takes a copied struct for one that was never set: that check is off, and memcheck's.) Only what has changed is read again (build/analyse).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

OUT=$ROOT/build/analyse
JOBS=${WEIR_JOBS:-$(nproc)}
cd "$ROOT"
mkdir -p "$OUT/tidied"
mapfile -t SOURCES < <(find src -name '*.c' | sort)

# The flags of a file are those of the clang build, which has them in compile_commands.json.
configure() { cmake -S "$ROOT" --preset "$1" >"$LOGS/analyse-$1.log" 2>&1 || { cat "$LOGS/analyse-$1.log"; return 1; }; }

analyse_gcc() {
	configure analyse && cmake --build build/analyse --target weir weir-local --parallel "$JOBS" -- -k 0 || return
	echo "gcc -fanalyzer: ${#SOURCES[@]} files, nothing found"
}

# A file whose preprocessed text was clean is clean.
tidy_one() {
	local file=$1 key
	key=$({ cat .clang-tidy; clang -E -P -D_GNU_SOURCE -Isrc -Ibuild/clang/gen -I/usr/include/libsmartcols -I/usr/include/uuid \
		'-DWEIR_VERSION=""' "$file"; } | sha256sum | cut -c1-32)
	[[ ! -e $OUT/tidied/$key ]] || return 0
	if ! "$TIDY" -p build/clang --quiet "$file" >"$OUT/tidied/$key.log" 2>&1; then
		grep -v -e 'warnings generated' -e 'Suppressed' "$OUT/tidied/$key.log"
		rm "$OUT/tidied/$key.log"
		return 1
	fi
	mv "$OUT/tidied/$key.log" "$OUT/tidied/$key"
}

analyse_tidy() {
	TIDY=$(command -v clang-tidy-14 || command -v clang-tidy) || die 3 "clang-tidy is not installed"
	export -f tidy_one
	export TIDY OUT
	configure clang || return
	printf '%s\0' "${SOURCES[@]}" | xargs -0 -P"$JOBS" -I{} bash -c 'tidy_one "$1"' tidy {} || return
	echo "clang-tidy: ${#SOURCES[@]} files, nothing found"
}

analyse_cppcheck() {
	mkdir -p "$OUT/cppcheck"
	grep -v -e '^#' -e '^$' scripts/cppcheck.suppress >"$OUT/suppress"
	cppcheck --enable=warning,style,performance,portability --inline-suppr --std=c11 --library=posix,gnu \
		--cppcheck-build-dir="$OUT/cppcheck" -j "$JOBS" --quiet --error-exitcode=1 \
		--suppressions-list="$OUT/suppress" --template='{file}:{line}: {severity}: {message} [{id}]' \
		-Isrc -Ibuild/clang/gen -D_GNU_SOURCE '-DWEIR_VERSION=""' src || return
	echo "cppcheck: ${#SOURCES[@]} files, nothing found"
}

(($# > 0)) || set -- cppcheck gcc tidy
failed=0
for one in "$@"; do
	began=$SECONDS
	"analyse_$one" || failed=1
	say "$one: $((SECONDS - began)) s"
done
exit "$failed"
