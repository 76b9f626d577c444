#!/usr/bin/env python3
"""Runs on a Spark cluster of this machine: a real standalone master and two workers."""
import io
import json
import os
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from cluster import Cluster
from dataflow import Flow, processes, until
from jar import jar

# A Python package and a Java class of the archive, each on the driver and in executors; a UDF, and Parquet on oci://.
JOB = """
import json, os, sys, greeting
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

where = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext

@udf("struct<text:string,driver:boolean,setting:string,home:string,principal:string,secret:string>")
def look(n):
    import greeting, os, sys
    print("in a worker", file=sys.stderr, flush=True)
    return (greeting.text(), os.getppid() == DRIVER, os.environ.get("GREETING"), os.environ.get("HOME"),
            os.environ.get("OCI_RESOURCE_PRINCIPAL_RPST"), os.environ.get("SECRET_OF_THE_SHELL"))

DRIVER = os.getppid()
spark.udf.registerJavaFunction("greet", "org.example.Greet", "string")
seen = spark.range(8).repartition(4).select(look("id").alias("s")).select("s.*").distinct().collect()
spark.range(100).selectExpr("id", "greet(cast(id as string)) as text").write.parquet(where)
read = spark.read.parquet(where)
print(json.dumps({
    "python": [greeting.text(), sorted({r.text for r in seen})],
    "java": [sc._jvm.org.example.Greet().call("driver"), read.where("id = 7").first().text],
    "rows": read.count(),
    "in the driver": sorted({r.driver for r in seen}),
    "environment": sorted({f"{r.setting} {r.secret} {r.home == os.environ['HOME']} "
                           f"{r.principal == os.environ['OCI_RESOURCE_PRINCIPAL_RPST']}" for r in seen}),
    "master": sc.master,
}))
"""

GREET = """
package org.example;
import org.apache.spark.sql.api.java.UDF1;
public class Greet implements UDF1<String, String> {
    public String call(String who) { return "hello " + who; }
}
"""

LONG = """
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print("at work", flush=True)
spark.sparkContext.parallelize([1, 2], 2).map(lambda n: time.sleep(600)).collect()
"""

PIPELINE = """
pipeline: clustered
buckets: {dataflow-logs: {}, code: {}}
defaults:
  script_bucket: code
  logs_bucket: dataflow-logs
  spark_version: 3.5.0
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 1, memory_in_gbs: 16}
  num_executors: 2
apps:
  job:
    script: job.py
    archive_uri: oci://code@weirlocal/archive.zip
    arguments: [oci://data@weirlocal/numbers]
    configuration: {spark.executorEnv.GREETING: good day}
"""


class OnACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home(start=False, env={"SECRET_OF_THE_SHELL": "x"})
        cls.addClassCleanup(cls.home.__exit__)
        cls.cluster = Cluster(cls.home.scratch / "cluster")
        cls.addClassCleanup(cls.cluster.__exit__)
        cls.cluster.__enter__()
        cls.home.start("--spark-master", cls.cluster.master, "--max-runs", "1")
        cls.flow = Flow(cls.home)
        cls.home.bucket("data")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as z:
            z.writestr("python/lib/python3.11/site-packages/greeting.py", "def text(): return 'hello from a package'")
            z.writestr("java/greet.jar", jar(cls.home.scratch / "greet", GREET, "Greet"))
            z.writestr("version.txt", "1\n")
        cls.flow.put("code", "archive.zip", archive.getvalue())
        cls.flow.put("code", "long.py", LONG)

    def so_far(self, run):
        try:
            return self.flow.log(run, "stdout")
        except RuntimeError:
            return ""

    def logs(self, run):
        return [log["name"] for log in self.flow.ask("GET", f"/runs/{run['id']}/logs")]

    def test_states_archive_and_executors(self):
        """weir run sees each state: the only place is taken by another run at first, which is cancelled."""
        first = self.flow.run(self.flow.application("code", "long.py"))
        self.flow.reach(first, "IN_PROGRESS")
        until(lambda: len(self.cluster.executors()) == 2, 120)
        until(lambda: "at work" in self.so_far(first), 60)
        # Their environment says so: it is the driver's.
        self.assertLessEqual(set(self.cluster.executors()), set(processes(first["id"])))

        folder = self.home.scratch / "pipeline"
        folder.mkdir()
        (folder / "pipeline.yaml").write_text(PIPELINE)
        (folder / "job.py").write_text(JOB)
        applied = self.home.weir("-C", folder, "apply", "-y")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        running = subprocess.Popen([os.environ["WEIR"], "-C", folder, "run", "job"], env=self.home.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        listed = f"/runs?compartmentId={self.home.tenancy}"
        until(lambda: any(r["lifecycleState"] == "ACCEPTED" for r in self.flow.ask("GET", listed)), 60)
        self.flow.cancel(first)
        self.flow.reach(first, "CANCELED", seconds=60)
        self.assertEqual(processes(first["id"]), [])
        out, err = running.communicate(timeout=300)
        self.assertEqual(running.returncode, 0, f"{out}{err}")
        told = [line.split()[2].rstrip(":") for line in err.splitlines() if line[:2] == "20"]
        self.assertEqual(told, ["ACCEPTED", "IN_PROGRESS", "SUCCEEDED"], err)
        run = self.flow.ask("GET", listed)[0]
        said = json.loads(self.flow.log(run, "stdout").splitlines()[-1])
        self.assertEqual(said, {
            "python": ["hello from a package", ["hello from a package"]],
            "java": ["hello driver", "hello 7"],
            "rows": 100,
            "in the driver": [False],
            "environment": ["good day None True True"],
            "master": self.cluster.master})
        logs = self.logs(run)
        executors = sorted(name.rsplit("_", 1)[0] for name in logs if name.startswith("spark_executor"))
        self.assertEqual(executors, [f"spark_executor_{n}_{stream}" for n in (0, 1) for stream in ("stderr", "stdout")])
        told = self.home.weir("-C", folder, "logs", run["id"], "--source", "executor", "--stderr")
        self.assertIn("in a worker\n", told.stdout, told.stderr)
        until(lambda: not self.cluster.executors(), 60)


if __name__ == "__main__":
    weirlocal.main()
