"""A stand-in for Spark: runs that end in a moment, in the way a test wants. What `weir` and weir-local do with
runs is then tested quickly; that real Spark runs is for tests/spark.

    home = weirlocal.Home(env=standin.install(folder))
    home = standin.module_home()            # in setUpModule: it is up, and goes when the module's tests have ended

The stand-in's spark-submit runs the application's script with plain Python, its spark-sql prints the settings.
"""
import hashlib
import pathlib
import tempfile
import unittest

import weirlocal

SUBMIT = """#!/bin/sh
# spark-submit --properties-file FILE [OPTION VALUE]... SCRIPT [ARGUMENT...]
while [ $# -gt 0 ]; do
	case $1 in
	--*) shift 2 ;;
	*) break ;;
	esac
done
echo "log4j: started $1" >&2
exec python3 "$@" 2>&1
"""
SQL = """#!/bin/sh
# spark-sql --properties-file FILE [-d NAME=VALUE]... -f SCRIPT
while [ $# -gt 0 ]; do
	case $1 in
	-d | --define | --hivevar) echo "$2"; shift 2 ;;
	*) shift ;;
	esac
done
"""
JAVA = """#!/bin/sh
echo 'openjdk version "17.0.15" 2025-04-15' >&2
"""


def _program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def install(folder, spark=True, java=True):
    """Makes the stand-in in folder; the environment that a weir-local needs to find it. Without java no folder of
    PATH has one."""
    folder = pathlib.Path(folder)
    tools = folder / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    for name in ("sh", "python3", "env", "cat", "sleep"):
        target = next(p for d in ("/usr/bin", "/bin") if (p := pathlib.Path(d, name)).exists())
        (tools / name).symlink_to(target)
    if java:
        _program(tools / "java", JAVA)
    if spark:
        home = folder / "spark" / "venv" / "lib" / "python3.11" / "site-packages" / "pyspark"
        _program(home / "bin" / "spark-submit", SUBMIT)
        _program(home / "bin" / "spark-sql", SQL)
        (folder / "spark" / "venv" / "bin").mkdir(parents=True)
        (folder / "spark" / "venv" / "bin" / "python").symlink_to("/usr/bin/python3")
        (folder / "spark" / "jars").mkdir()
        pins = (weirlocal.SOURCE / "src" / "local" / "command" / "spark.pins").read_bytes()
        (folder / "spark" / "stamp").write_text(hashlib.sha256(pins).hexdigest() + "\n")
    return {"PATH": str(tools), "WEIR_LOCAL_SPARK": str(folder / "spark"), "JAVA_HOME": ""}


def module_home(**env):
    scratch = tempfile.TemporaryDirectory(prefix="weir-standin-", ignore_cleanup_errors=True)
    unittest.addModuleCleanup(scratch.cleanup)
    home = weirlocal.Home(env={**install(scratch.name), **env})
    unittest.addModuleCleanup(home.__exit__)
    return home.start()
