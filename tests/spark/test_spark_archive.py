#!/usr/bin/env python3
"""An archive that weir builds from the real indexes: the same bytes wherever it is built, and a job that imports its Python package and
calls its Java class on driver and executors, in one process and on a cluster of two workers."""
import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from cluster import Cluster

PIPELINE = """pipeline: packed
buckets: {code: {}, dataflow-logs: {}}
archives:
  deps: {packages: packages.txt, requirements: requirements.txt}
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
  job: {script: job.py, archive: deps}
"""
# Spark's own Jetty has another package, so that the class is the archive's.
JOB = """
import json, humanize
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext

def there(n):
    import humanize
    return humanize.intcomma(n * 1000000)

encode = "reflect('org.eclipse.jetty.util.URIUtil', 'encodePath', concat('a b', id))"
print(json.dumps({
    "python": [humanize.intcomma(1000), sorted(sc.parallelize([1, 2], 2).map(there).collect())],
    "java": [sc._jvm.org.eclipse.jetty.util.URIUtil.encodePath("a b"),
             sorted(r[0] for r in spark.range(2).repartition(2).selectExpr(encode).collect())],
    "master": sc.master.split(":")[0].split("[")[0]}))
"""
FILES = {"pipeline.yaml": PIPELINE, "job.py": JOB, "requirements.txt": "humanize==4.17.0\n",
         "packages.txt": "org.eclipse.jetty:jetty-util:9.4.57.v20241219\n"}


class Archive(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home(start=False)
        self.addCleanup(self.home.__exit__)

    def folder(self, name):
        folder = self.home.scratch / name
        folder.mkdir()
        for path, text in FILES.items():
            (folder / path).write_text(text)
        return folder

    def weir(self, folder, *args, cache="one"):
        done = self.home.run([os.environ["WEIR"], "-C", folder, *args], env={"XDG_CACHE_HOME": str(self.home.scratch / cache)})
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def ran(self, folder):
        run = json.loads(self.weir(folder, "run", "job", "-o", "json"))["steps"][0]["run"]["id"]
        return json.loads(self.weir(folder, "output", run).splitlines()[-1])

    def test_from_the_index_to_the_executors(self):
        first, second = self.folder("first"), self.folder("second")
        self.weir(first, "archive", "build")
        shutil.copy(first / "deps.lock", second)
        self.weir(second, "archive", "build", cache="two")
        self.assertEqual((first / ".weir/deps.zip").read_bytes(), (second / ".weir/deps.zip").read_bytes())
        self.assertNotIn("error", self.weir(first, "archive", "check"))
        expected = {"python": ["1,000", ["1,000,000", "2,000,000"]], "java": ["a%20b", ["a%20b0", "a%20b1"]]}
        self.home.start()
        self.weir(first, "apply", "-y")
        self.assertEqual(self.ran(first), {**expected, "master": "local"})
        self.home.stop()
        with Cluster(self.home.scratch / "cluster") as cluster:
            self.home.start("--spark-master", cluster.master)
            self.assertEqual(self.ran(first), {**expected, "master": "spark"})


if __name__ == "__main__":
    weirlocal.main()
