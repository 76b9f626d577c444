#!/usr/bin/env python3
"""Row 16: third-party libraries as an archive: one that two applications share is uploaded once, in parts and with a bar
where it is large, and what is in it is there for the job, on driver and executors."""
import json
import os
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows
import terminal
import weirlocal
from jar import jar

PIPELINE = """pipeline: sixteen
targets: {local: {type: local}}
buckets: {code: {}, logs: {}}
defaults: {script_bucket: code, logs_bucket: logs, spark_version: 3.5.0, driver_shape: VM.Standard2.1}
archives: {deps: {path: deps.zip}}
apps:
  one: {script: job.py, archive: deps}
  two: {script: other.py, archive: deps}
"""
JOB = """
import json, greeting
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
workers = spark.sparkContext.parallelize([1, 2], 2).map(lambda n: __import__("greeting").text(n)).collect()
print(json.dumps([greeting.text(0), workers, spark.sparkContext._jvm.org.example.Greeting.text()]))
"""
PACKAGE = "def text(n):\n    return f'package {n}'\n"
GREETING = """
package org.example;
public class Greeting {
    public static String text() { return "jar"; }
}
"""
LARGE = 129 << 20  # over 128 MiB it goes in parts


def write_archive(path, java):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        z.writestr("python/lib/python3.11/site-packages/greeting.py", PACKAGE)
        z.writestr("java/greeting.jar", java)
        z.writestr("version.txt", "1\n")
        with z.open("python/lib/python3.11/site-packages/large.bin", "w") as out:
            for _ in range(LARGE >> 20):
                out.write(bytes(1 << 20))


class Archive(unittest.TestCase):
    def test_row(self):
        bench = rows.Bench("pipeline: sixteen\n", {})
        self.addCleanup(bench.close)
        home = bench.home
        write_archive(bench.folder / "deps.zip", jar(home.scratch / "java", GREETING, "Greeting"))
        bench.write(PIPELINE, **{"job.py": JOB, "other.py": JOB})
        # Each part comes late, so that there is something to draw.
        slow = {"method": "PUT", "path": "/n/*/u/*", "action": "delay", "delayMs": 400, "count": 0}
        self.assertEqual(home.call("POST", "/weir/faults", slow).status // 100, 2)
        status, drawn = terminal.run([os.environ["WEIR"], "-C", bench.folder, "apply", "-y"], home.env, 100)
        self.assertEqual(status, 0, drawn)
        self.assertRegex(drawn, r"archives/deps\.zip \[#+-+\] [1-9][0-9]?% of 129\.0 MiB\n")
        self.assertNotIn("MiB", drawn[drawn.index("created in", drawn.rindex("% of")):])  # gone when it is there
        faults = home.call("GET", "/weir/faults").json()
        self.assertEqual(faults[0]["acted"], 9, faults)  # parts of 16 MiB
        home.call("DELETE", "/weir/faults")

        objects = home.call("GET", f"/n/{home.ns}/b/code/o?prefix=weir%2Fsixteen%2Flocal%2Farchives").json()["objects"]
        self.assertEqual([o["name"] for o in objects], ["weir/sixteen/local/archives/deps.zip"])
        apps = home.call("GET", f"/20200129/applications?compartmentId={home.tenancy}").json()
        uris = {home.call("GET", f"/20200129/applications/{a['id']}").json()["archiveUri"] for a in apps}
        self.assertEqual((len(apps), uris), (2, {f"oci://code@{home.ns}/weir/sixteen/local/archives/deps.zip"}))
        self.assertIn("No changes.", bench.weir("plan").stdout)

        run = bench.json("run", "one")["steps"][0]["run"]["id"]
        self.assertEqual(json.loads(bench.weir("logs", run).stdout), ["package 0", ["package 1", "package 2"], "jar"])


weirlocal.main()
