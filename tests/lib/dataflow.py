"""Data Flow of a test's weir-local: applications, runs to their ends, logs; and a stand-in for Spark.

    from dataflow import Flow, standin_spark

    with Home(env=standin_spark(folder)) as home:    # runs are shell scripts, and take milliseconds
        flow = Flow(home)
        flow.put("code", "job.py", "echo hello")
        run = flow.finish(flow.run(flow.application("code", "job.py")))
        flow.log(run, "stdout")                      # "hello\\n"

With real Spark leave the stand-in out; WEIR_LOCAL_SPARK says where that is installed.
"""
import gzip
import hashlib
import os
import pathlib
import time

import weirlocal

ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "STOPPED")
FINISH_SECONDS = 300  # a Spark job on a busy machine

_SUBMIT = """#!/bin/sh
# spark-submit --properties-file FILE [--class CLASS] PROGRAM ARGUMENT...
shift 2
[ "$1" = --class ] && shift 2
exec /bin/sh "$@"
"""
_SQL = """#!/bin/sh
# spark-sql --properties-file FILE -f PROGRAM -d NAME=VALUE...
cat "$4"
shift 4
echo "$@"
"""


def _program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def standin_spark(folder):
    """An installation in folder whose spark-submit runs shell scripts; the environment that names it."""
    folder = pathlib.Path(folder)
    spark = folder / "venv" / "lib" / "python3.11" / "site-packages" / "pyspark" / "bin"
    _program(spark / "spark-submit", _SUBMIT)
    _program(spark / "spark-sql", _SQL)
    _program(folder / "jdk" / "bin" / "java", "#!/bin/sh\n")
    pins = (weirlocal.SOURCE / "src" / "local" / "command" / "spark.pins").read_bytes()
    (folder / "stamp").write_text(hashlib.sha256(pins).hexdigest() + "\n")
    return {"WEIR_LOCAL_SPARK": str(folder), "JAVA_HOME": str(folder / "jdk")}


def processes(run_id):
    """Pids of the processes that belong to the run."""
    return processes_with(f"WEIR_LOCAL_RUN={run_id}")


def processes_with(variable):
    """Pids of the processes that have NAME=VALUE in their environment."""
    mark, found = variable.encode(), []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def until(what, seconds=60):
    """Waits until what() is true, and returns it."""
    deadline = time.monotonic() + seconds
    while not (value := what()):
        if time.monotonic() > deadline:
            raise RuntimeError("it did not come to that")
        time.sleep(0.05)
    return value


class Flow:
    def __init__(self, home):
        self.home = home

    def ask(self, method, path, body=b"", status=200, **signing):
        """A request of the Data Flow API; its reply's JSON, None where there is no body."""
        reply = self.home.call(method, "/20200129" + path, body, **signing)
        if reply.status != status:
            raise RuntimeError(f"{method} {path}: {reply}")
        return reply.json() if reply.body else None

    def uri(self, bucket, name=""):
        return f"oci://{bucket}@{self.home.ns}/{name}"

    def put(self, bucket, name, data):
        """An object, and its bucket if that is missing."""
        if self.home.call("HEAD", f"/n/{self.home.ns}/b/{bucket}").status == 404:
            self.home.bucket(bucket)
        data = data.encode() if isinstance(data, str) else data
        reply = self.home.call("PUT", self.home.object(bucket, name), data)
        if reply.status != 200:
            raise RuntimeError(f"put {name}: {reply}")
        return self.uri(bucket, name)

    def names(self, bucket, prefix=""):
        reply = self.home.call("GET", f"/n/{self.home.ns}/b/{bucket}/o?prefix={weirlocal.quote(prefix)}")
        return [o["name"] for o in reply.json()["objects"]]

    def application(self, bucket, name, language="PYTHON", **fields):
        """An application of that program, as the API's reply. fields: in the API's names."""
        shape = {"ocpus": 1, "memoryInGBs": 16}
        body = {
            "compartmentId": self.home.tenancy,
            "displayName": name,
            "language": language,
            "sparkVersion": "3.5.0",
            "driverShape": "VM.Standard.E4.Flex",
            "driverShapeConfig": shape,
            "executorShape": "VM.Standard.E4.Flex",
            "executorShapeConfig": shape,
            "numExecutors": 2,
            "fileUri": self.uri(bucket, name),
        }
        return self.ask("POST", "/applications", {**body, **fields})

    def run(self, application, **fields):
        body = {"compartmentId": self.home.tenancy, "applicationId": application["id"]}
        return self.ask("POST", "/runs", {**body, **fields})

    def get(self, run):
        return self.ask("GET", f"/runs/{run['id']}")

    def reach(self, run, *states, seconds=FINISH_SECONDS):
        """The run as it is in one of the states."""

        def look():
            now = self.get(run)
            if now["lifecycleState"] in states:
                return now
            if now["lifecycleState"] in ENDED:
                raise RuntimeError(f"not {states}: {now}\n{self.home.log()}")
            return None

        return until(look, seconds)

    def finish(self, run, seconds=FINISH_SECONDS):
        return self.reach(run, *ENDED, seconds=seconds)

    def cancel(self, run, status=204):
        return self.ask("DELETE", f"/runs/{run['id']}", status=status)

    def log(self, run, stream):
        """The text of "stdout" or "stderr"."""
        path = f"/20200129/runs/{run['id']}/logs/spark_application_{stream}.log.gz"
        reply = self.home.call("GET", path)
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply}")
        packed = reply.field("content-encoding") == "gzip"
        return (gzip.decompress(reply.body) if packed else reply.body).decode()
