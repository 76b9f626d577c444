#!/usr/bin/env bash
# From a fresh clone to results: installs what is missing, builds weir, and runs the pipeline of
# pipelines/flights on real Spark behind weir-local. What the applications print is compared with the same
# figures computed without Spark; the status is 0 only if all of them are right.
# Run it again, and its plan says "No changes.", since nothing differs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

flights=$ROOT/pipelines/flights
results=$ROOT/build/quickstart
weir() { "$ROOT/build/release/weir" -C "$flights" "$@"; }

tell() { # a command of weir as the reader would type it, then what it prints
	say "weir -C pipelines/flights $*"
	weir "$@"
}

# The OCID of a step's run, from what `run -o json` printed.
run_of() {
	python3 -c '
import json, sys
steps = json.load(open(sys.argv[1]))["steps"]
print(next(step["run"]["id"] for step in steps if step["name"] == sys.argv[2]))' "$results/daily.json" "$1"
}

# check STEP [ARGUMENT...]: prints what the step's run printed, and says whether it is right.
check() {
	local name=$1
	weir logs "$(run_of "$name")" >"$results/$name"
	printf '\n## %s\n\n' "$name"
	cat "$results/$name"
	"$flights/reference.py" "$@" | "$flights/check.py" - "$results/$name" >&2 ||
		die 6 "$name: not the figures computed without Spark"
}

ensure_packages build run
use_java_17
build release weir weir-local
say "weir local setup"
"$ROOT/build/release/weir" local setup
"$flights/fetch-data.sh"
mkdir -p "$results"

tell plan
tell apply -y
say "weir -C pipelines/flights run daily"
weir run daily -o json >"$results/daily.json"

check ingest
check delays
check routes --origin JFK --top 10
echo
weir plan --detailed-exitcode >"$results/plan" || die $? "after the run the plan is not empty: $(<"$results/plan")"
say "done: the results are those computed without Spark, and there is nothing left to change"
