#!/usr/bin/env bash
# From a fresh clone to a copied and proved data lake: installs what is missing, builds weir, starts Azurite (for Azure), a token endpoint
# and a weir-local of its own (for OCI), makes data, and runs pipelines/azure-copy on real Spark: files as they are, then a table. Prints what
# copy and verify printed last. The status is 0 only if all of it was proved equal.
# Run it again, and it copies nothing. What it started is ended; what it made is in build/azure-demo, or WEIR_AZURE_DEMO.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pipeline=$ROOT/pipelines/azure-copy
demo=${WEIR_AZURE_DEMO:-$ROOT/build/azure-demo}
azure=$demo/azure
export WEIR_LOCAL_HOME=$demo/home WEIR_LOCAL_SPARK=${WEIR_LOCAL_SPARK:-$ROOT/build/spark}
weir() { "$ROOT/build/release/weir" -C "$pipeline" "$@"; }

ended() {
	"$ROOT/build/release/weir" local down >/dev/null 2>&1 || true
	[[ -z ${azure_pid:-} ]] || kill "$azure_pid" 2>/dev/null || true
	wait
}

told() { # a word of azure.json
	python3 -c 'import json, sys; sys.stdout.write(str(json.load(open(sys.argv[1]))[sys.argv[2]]))' "$azure/azure.json" "$1"
}

start_azure() {
	local waited
	rm -f "$azure/azure.json"
	python3 "$pipeline/local/local_azure.py" "$azure" "$WEIR_TEST_AZURITE" "$WEIR_LOCAL_SPARK/azure" >"$LOGS/azure.log" 2>&1 &
	azure_pid=$!
	for ((waited = 0; waited < 600; waited++)); do
		[[ ! -e $azure/azure.json ]] || return 0
		kill -0 "$azure_pid" 2>/dev/null || break
		sleep 0.1
	done
	die 3 "Azurite did not start: $(tail -n 5 "$LOGS/azure.log")"
}

tell() { # a command of weir as the reader would type it, then what it prints
	say "weir -C pipelines/azure-copy $*"
	weir "$@" "${parameters[@]}"
}

# What each step's run printed last: its summary.
summaries() {
	local run
	for run in $(python3 -c 'import json, sys; print(*[s["run"]["id"] for s in json.load(sys.stdin)["steps"]])'); do
		weir output "$run" | tail -n 1
	done
}

ensure_packages build run azure
use_java_17
build release weir weir-local
say "weir local setup --azure"
"$ROOT/build/release/weir" local setup --azure
ensure_azurite

trap ended EXIT
mkdir -p "$demo"
start_azure
python3 "$pipeline/local/make_data.py" "$azure"
"$ROOT/build/release/weir" local up >/dev/null
cp "$azure/spark-defaults.conf" "$WEIR_LOCAL_HOME/spark-defaults.conf"
secret_ocid=$(told secret | "$ROOT/build/release/weir" local secret put azure-client-secret)
parameters=(-p account="$(told account)" -p tenant_id="$(told tenant_id)" -p client_id="$(told client_id)" -p secret_ocid="$secret_ocid")

tell archive build
tell plan
tell apply -y
say "weir -C pipelines/azure-copy run nightly"
weir run nightly -o json "${parameters[@]}" >"$demo/nightly.json"

table=(--param directory=table --param format=csv)
for app in copy verify; do
	say "weir -C pipelines/azure-copy run apps.$app ${table[*]} ..."
	weir run "apps.$app" "${table[@]}" --param "target=oci://azure-landing@weirlocal/table" -o json "${parameters[@]}" >"$demo/$app.json"
done

for steps in nightly copy verify; do
	summaries <"$demo/$steps.json"
done
weir plan --detailed-exitcode "${parameters[@]}" >"$demo/plan" || die $? "after the runs the plan is not empty: $(<"$demo/plan")"
say "done: what is in Object Storage is what is in Azure, and there is nothing left to change"
