#!/usr/bin/env bash
# How much of src/ the tests run, by room, and the lines of plan, apply, http and spec that none of them does:
#
#   scripts/coverage.sh                all units, the golden cases, and the end-to-end tests of plan and apply
#   scripts/coverage.sh -R PATTERN     what follows is ctest's
#
# What those lines are is in docs/explanation/uncovered.md.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD=$ROOT/build/coverage
build coverage all
find "$BUILD" -name '*.gcda' -delete
(($# > 0)) || set -- -R '^(unit|cases)\.|^e2e\.(smoke|plan_live|apply_faults)$'
step "testing for coverage" ctest --test-dir "$BUILD" --parallel "$(nproc)" --no-tests=error "$@"
cd "$ROOT"
gcovr --root . --object-directory "$BUILD" --filter 'src/' --exclude-throw-branches --json-summary "$BUILD/summary.json" \
	--json "$BUILD/lines.json" >/dev/null
python3 - "$BUILD/lines.json" <<'PYTHON'
import collections, json, sys

rooms, missed = collections.defaultdict(lambda: [0, 0]), []
for file in json.load(open(sys.argv[1]))["files"]:
    room = file["file"].split("/")[1]
    for line in file["lines"]:
        if line.get("gcovr/noncode"):
            continue
        rooms[room][0] += 1
        rooms[room][1] += line["count"] > 0
        if not line["count"] and room in ("plan", "apply", "http", "spec"):
            missed.append((file["file"], line["line_number"]))
print(f"{'room':10} {'lines':>6} {'run':>6} {'%':>6}")
for room, (lines, run) in sorted(rooms.items()):
    print(f"{room:10} {lines:6} {run:6} {100 * run / lines:6.1f}")
print()
for file, number in missed:
    with open(file) as f:
        print(f"{file}:{number}: {f.readlines()[number - 1].rstrip()}")
PYTHON
