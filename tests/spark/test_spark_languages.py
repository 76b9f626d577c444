#!/usr/bin/env python3
"""One pipeline in all four languages, by `execute`, in a published conda environment and as a stream, from the file to
what the runs say."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import conda
import rows
import weirlocal
from dataflow import processes, until
from jar import jar, scala_jar

PIPELINE = """pipeline: languages
targets: {local: {type: local}}
buckets: {code: {}, logs: {}, lake: {}}
defaults: {script_bucket: code, logs_bucket: logs, spark_version: 3.5.0, driver_shape: VM.Standard2.1}
objects:
  line: {path: line.py, bucket: code, object: line.py}
  conda: {path: greeting.tar.gz, bucket: code, object: envs/greeting.tar.gz}
apps:
  python: {script: count.py, arguments: ["${n}"], parameters: {n: "7"}}
  sql: {script: count.sql, parameters: {n: "7", word: "it is \\"a=b\\", 100%"}}
  java: {script: count-java.jar, language: JAVA, class_name: org.example.CountJava, arguments: ["7"]}
  scala: {script: count-scala.jar, language: SCALA, class_name: org.example.CountScala, arguments: ["7"]}
  line:
    language: PYTHON
    execute: --conf spark.sql.shuffle.partitions=5 oci://code@$<oci.namespace>/line.py --day "1 May" 'it''s'
  conda:
    script: conda.py
    configuration: {spark.archives: "oci://code@$<oci.namespace>/envs/greeting.tar.gz#conda"}
  stream:
    script: stream.py
    type: STREAMING
    arguments: [oci://lake@$<oci.namespace>/]
sequences:
  all:
    steps: {python: {app: python}, sql: {app: sql}, java: {app: java}, scala: {app: scala}, line: {app: line},
            conda: {app: conda}}
"""
PYTHON = """
import sys
from pyspark.sql import SparkSession
print("count", SparkSession.builder.getOrCreate().range(int(sys.argv[1])).count())
"""
SQL = """SELECT 'count', count(*) FROM range(${n});
SELECT '${word}';
"""
JAVA = """
package org.example;
public class CountJava {
    public static void main(String[] args) {
        var spark = org.apache.spark.sql.SparkSession.builder().getOrCreate();
        System.out.println("count " + spark.range(Long.parseLong(args[0])).count());
    }
}
"""
SCALA = """
package org.example
object CountScala {
  def main(args: Array[String]): Unit = {
    val spark = org.apache.spark.sql.SparkSession.builder().getOrCreate()
    println("count " + spark.range(args(0).toLong).count())
  }
}
"""
LINE = """
import json, sys
from pyspark.sql import SparkSession
print(json.dumps([*sys.argv[1:], SparkSession.builder.getOrCreate().conf.get("spark.sql.shuffle.partitions")]))
"""
CONDA = """
import json, os, sys
import greeting
from pyspark.sql import SparkSession

def here(_):
    import greeting, sys
    return [greeting.TEXT, sys.prefix]

workers = SparkSession.builder.getOrCreate().sparkContext.parallelize([1]).map(here).first()
print(json.dumps([greeting.TEXT, sys.prefix == os.path.abspath("conda"), workers == [greeting.TEXT, sys.prefix]]))
"""
STREAM = """
import sys
from pyspark.sql import SparkSession

where = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
words = spark.readStream.schema("word string").json(where + "in/")
(words.writeStream.foreachBatch(lambda rows, n: print("batch", n, sorted(r.word for r in rows.collect()), flush=True))
 .option("checkpointLocation", where + "checkpoint").start().awaitTermination())
"""


class Languages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench("pipeline: languages\n", {})
        cls.addClassCleanup(cls.bench.close)
        scratch = cls.bench.home.scratch
        cls.bench.files = {
            "count.py": PYTHON, "count.sql": SQL, "line.py": LINE, "conda.py": CONDA, "stream.py": STREAM,
            "count-java.jar": jar(scratch / "java", JAVA, "CountJava"),
            "count-scala.jar": scala_jar(scratch / "scala", SCALA, "CountScala"),
            "greeting.tar.gz": conda.packed(),
        }
        cls.bench.write(PIPELINE)
        cls.bench.weir("apply", "-y")

    def test_each(self):
        self.assertIn("No changes.", self.bench.weir("plan").stdout)
        steps = self.bench.json("run", "all")["steps"]
        said = {step["name"]: self.bench.weir("logs", step["run"]["id"]).stdout for step in steps}
        self.assertEqual({k: said[k] for k in ("python", "sql", "java", "scala")},
                         {"python": "count 7\n", "sql": "count\t7\nit is \"a=b\", 100%\n", "java": "count 7\n", "scala": "count 7\n"})
        self.assertEqual(json.loads(said["line"]), ["--day", "1 May", "its", "5"])
        self.assertEqual(json.loads(said["conda"]), ["from the environment", True, True])

    def test_conda_environment_that_is_none(self):
        """Both end before Spark begins."""
        where = f"spark.archives=oci://code@{self.bench.home.ns}"
        for name, why in (("none.tar.gz", "spark.archives: there is no object `none.tar.gz` in the bucket `code`"),
                          ("line.py", "  | tar: This does not look like a tar archive\n")):
            done = self.bench.weir("run", "conda", "--configuration", f"{where}/{name}#conda", status=6)
            self.assertIn(why, done.stderr)

    def put(self, name, text):
        home = self.bench.home
        self.assertEqual(home.call("PUT", home.object("lake", name), text.encode()).status, 200)

    def test_stream(self):
        """It goes on until it is cancelled, and there is one at a time."""
        self.put("in/1.json", '{"word": "one"}\n')
        run = self.bench.json("run", "stream", "--detach")["steps"][0]["run"]["id"]

        def said():
            return self.bench.home.weir("-C", self.bench.folder, "logs", run).stdout

        until(lambda: "batch 0 ['one']\n" in said(), 120)
        self.put("in/2.json", '{"word": "two"}\n')
        until(lambda: "batch 1 ['two']\n" in said(), 60)
        told = self.bench.weir("run", "stream", status=4).stderr
        self.assertIn("A STREAMING application has one run at a time, and one has not ended.", told)
        self.bench.write(PIPELINE.replace("type: STREAMING", "type: STREAMING\n    num_executors: 2"))
        told = self.bench.weir("apply", "-y", status=4).stderr
        self.assertIn("A STREAMING application is changed when its run has ended.", told)
        self.bench.weir("cancel", run)
        until(lambda: self.bench.run_of(run)["lifecycleState"] == "CANCELED")
        self.assertEqual(processes(run), [])
        self.bench.weir("apply", "-y")


weirlocal.main()
