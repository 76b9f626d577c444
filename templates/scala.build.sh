#!/bin/sh
# Compiles @CLASS@.scala into @KEY@.jar: by the Scala compiler that Spark brings along, in SPARK_HOME or that of weir-local.
set -eu
cd "$(dirname "$0")"
spark=${SPARK_HOME:-$("${WEIR:-weir}" local status -o json | sed -n 's/.*"spark_home": "\(.*\)".*/\1/p')}
[ -d "$spark/jars" ] || { echo "no Spark: run 'weir local setup', or set SPARK_HOME" >&2; exit 3; }
java -cp "$spark/jars/*" scala.tools.nsc.Main -usejavacp -d @KEY@.jar @CLASS@.scala
echo "made @KEY@.jar"
