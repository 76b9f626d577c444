#!/usr/bin/env bash
# weir and weir-local under valgrind's memcheck, through a few of the end-to-end tests: no bad access, no use of what was
# never set, no leak beyond what is still reachable. What is silenced is in tests/suppressions/valgrind.supp, with reasons.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

OUT=$ROOT/build/memcheck
rm -rf "$OUT"
mkdir -p "$OUT/bin" "$OUT/said"

# A program of its name that runs the real one under valgrind.
wrap() { # NAME
	cat >"$OUT/bin/$1" <<SCRIPT
#!/bin/sh
# The key of a home is made without valgrind, which takes ten seconds for it.
[ $1 = weir ] || [ -e "\$WEIR_LOCAL_HOME/key.pem" ] ||
	'$ROOT/build/debug/weir-local' serve --foreground --idle-minutes 0.0001 >'$OUT/made.log' 2>&1
exec valgrind --quiet --log-file='$OUT/said/$1.%p' --trace-children=no --child-silent-after-fork=no \\
	--leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible \\
	--suppressions='$ROOT/tests/suppressions/valgrind.supp' --error-exitcode=99 '$ROOT/build/debug/$1' "\$@"
SCRIPT
	chmod 755 "$OUT/bin/$1"
}
wrap weir
wrap weir-local
export WEIR=$OUT/bin/weir WEIR_LOCAL=$OUT/bin/weir-local WEIR_SOURCE=$ROOT PYTHONDONTWRITEBYTECODE=1

run() { # PROGRAM TEST...
	say "memcheck: $*"
	"$ROOT/tests/e2e/$1" "${@:2}" || die 1 "under valgrind: $*"
}
run test_smoke.py Smoke.test_the_whole_way Smoke.test_requests

found=$(find "$OUT/said" -type f -size +0)
[[ -z $found ]] || { cat $found; die 1 "valgrind found something"; }
say "memcheck: $(find "$OUT/said" -type f | wc -l) processes, nothing found"
