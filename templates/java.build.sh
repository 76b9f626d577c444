#!/bin/sh
# Compiles @CLASS@.java into @KEY@.jar: by the javac of a JDK, against the Spark in SPARK_HOME or that of weir-local.
set -eu
cd "$(dirname "$0")"
spark=${SPARK_HOME:-$("${WEIR:-weir}" local status -o json | sed -n 's/.*"spark_home": "\(.*\)".*/\1/p')}
[ -d "$spark/jars" ] || { echo "no Spark: run 'weir local setup', or set SPARK_HOME" >&2; exit 3; }
command -v javac >/dev/null || { echo "no javac: on Debian and Ubuntu, apt-get install openjdk-17-jdk-headless" >&2; exit 3; }
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac --release 11 -Xlint:-options -cp "$spark/jars/*" -d "$classes" @CLASS@.java
jar --create --file @KEY@.jar -C "$classes" .
echo "made @KEY@.jar"
