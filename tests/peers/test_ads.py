#!/usr/bin/env python3
"""Oracle's ADS and ocifs against weir-local with real Spark: a Data Flow job as a notebook has it, from a local script and
archive to its logs, and the files of the lake. Nothing is patched: they are given the config file and the endpoint. The oci
command line, ADS and ocifs then read what weir made, and weir sees what ADS made."""
import contextlib
import io
import json
import os
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import conda
from dataflow import Flow, until

SCRIPT = """
import json, os, sys
import greeting
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
where = sys.argv[1]
flights = spark.read.option("header", True).csv(where + "/in/*.csv")
late = flights.selectExpr("origin", "cast(delay as int) as delay").groupBy("origin").sum("delay")
late.coalesce(1).write.mode("overwrite").json(where + "/out")
said = spark.sparkContext.parallelize([1]).map(lambda _: __import__("greeting").text()).first()
print(json.dumps({"arguments": sys.argv[1:], "driver": greeting.text(), "executor": said,
                  "partitions": spark.conf.get("spark.sql.shuffle.partitions"), "conda": sys.prefix == os.path.abspath("conda")}))
"""

PIPELINE = """
pipeline: made
defaults:
  spark_version: 3.5.0
  script_bucket: code
  logs_bucket: logs
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 1, memory_in_gbs: 16}
  num_executors: 1
objects:
  table: {path: table.csv, bucket: lake, object: from weir/table.csv}
apps:
  report:
    display_name: report by weir
    script: report.py
    arguments: [--day, "${day}"]
    parameters: {day: "2013-01-01"}
"""


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("python/lib/python3.11/site-packages/greeting.py", "def text(): return 'from the archive'\n")
    return packed.getvalue()


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home()
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()
        cls.flow = Flow(cls.home)
        for name in ("code", "logs", "lake"):
            cls.home.bucket(name)
        cls.folder = cls.home.scratch / "work"
        cls.folder.mkdir()
        (cls.folder / "late.py").write_text(SCRIPT)
        (cls.folder / "deps.zip").write_bytes(archive())
        # What `eval "$(weir local env)"` does; fsspec reads its variable when it is imported.
        told = cls.home.run(["sh", "-c", 'eval "$("$WEIR_LOCAL" env)"; env -0'])
        for line in told.stdout.split("\0"):
            name, _, value = line.partition("=")
            if name.startswith(("OCI", "FSSPEC")):
                os.environ[name] = value
        global ads, jobs, ocifs, pandas, yaml
        import ads
        import ocifs
        import pandas
        import yaml
        from ads import jobs

        ads.set_auth(client_kwargs={"service_endpoint": os.environ["OCI_CLI_ENDPOINT"]})

    def infrastructure(self):
        return (jobs.DataFlow()
                .with_compartment_id(self.home.tenancy)
                .with_language("PYTHON")
                .with_spark_version("3.5.0")
                .with_num_executors(1)
                .with_driver_shape("VM.Standard.E4.Flex")
                .with_driver_shape_config(ocpus=1, memory_in_gbs=16)
                .with_executor_shape("VM.Standard.E4.Flex")
                .with_executor_shape_config(ocpus=1, memory_in_gbs=16)
                .with_logs_bucket_uri(f"oci://logs@{self.home.ns}/"))

    def job(self, name, **more):
        runtime = (jobs.DataFlowRuntime()
                   .with_script_uri(str(self.folder / "late.py"))
                   .with_script_bucket(f"oci://code@{self.home.ns}/of ads")
                   .with_archive_uri(str(self.folder / "deps.zip"))
                   .with_archive_bucket(f"oci://code@{self.home.ns}/of ads")
                   .with_configuration({"spark.sql.shuffle.partitions": "3"})
                   .with_custom_conda(f"oci://code@{self.home.ns}/envs/env.tar.gz")
                   .with_argument(f"oci://lake@{self.home.ns}/flights", "two words"))
        if more:
            runtime = runtime.with_overwrite(True)
        return jobs.Job(name=name).with_infrastructure(self.infrastructure()).with_runtime(runtime)

    def test_job_of_ads(self):
        fs = ocifs.OCIFileSystem()
        lake = f"oci://lake@{self.home.ns}/flights"
        pandas.DataFrame({"origin": ["JFK", "LGA", "JFK"], "delay": [3, 5, 4]}).to_csv(f"{lake}/in/a.csv", index=False)
        with fs.open(f"{lake}/in/b.csv", "w") as out:
            out.write("origin,delay\nEWR,7\n")
        self.assertEqual(sorted(fs.glob(f"{lake}/in/*.csv")), [f"lake@{self.home.ns}/flights/in/{n}.csv" for n in "ab"])

        self.flow.put("code", "envs/env.tar.gz", conda.packed())
        job = self.job("late by ads").create()
        self.assertTrue(job.id.startswith("ocid1.dataflowapplication."))
        self.assertEqual(self.flow.names("code", "of ads/"), ["of ads/deps.zip", "of ads/late.py"])
        app = self.flow.ask("GET", f"/applications/{job.id}")
        self.assertEqual((app["fileUri"], app["archiveUri"]),
                         (f"oci://code@{self.home.ns}/of ads/late.py", f"oci://code@{self.home.ns}/of ads/deps.zip"))

        with contextlib.redirect_stdout(io.StringIO()):
            run = job.run(name="first", args=[lake, "of the run"], freeform_tags={"who": "ads"}).watch(interval=1)
        self.assertEqual(run.status, "SUCCEEDED", run.lifecycle_details)
        said = json.loads(run.logs.application.stdout.tail(1))
        self.assertEqual(said, {"arguments": [lake, "of the run"], "driver": "from the archive",
                                "executor": "from the archive", "partitions": "3", "conda": True})
        self.assertNotEqual(run.logs.application.stderr.head(1), "")
        self.assertEqual([r.id for r in job.run_list()], [run.id])
        self.assertEqual(self.flow.get({"id": run.id})["freeformTags"], {"who": "ads"})

        part = fs.glob(f"{lake}/out/part-*.json")
        read = pandas.read_json(f"oci://{part[0]}", lines=True)
        self.assertEqual(dict(zip(read["origin"], read["sum(delay)"])), {"JFK": 7, "LGA": 5, "EWR": 7})
        self.assertIn(f"lake@{self.home.ns}/flights/out/_SUCCESS", fs.ls(f"{lake}/out", detail=False))
        self.loaded(job)
        self.cancelled(job)
        job.delete()
        self.assertEqual(self.flow.ask("GET", f"/applications/{job.id}")["lifecycleState"], "DELETED")

    def loaded(self, job):
        """By its OCID, and from YAML: what ADS then makes is the same application."""
        told = yaml.safe_load(job.to_yaml())["spec"]
        self.assertEqual((told["id"], told["name"]), (job.id, "late by ads"))
        same = jobs.Job.from_dataflow_job(job.id)
        self.assertEqual((same.name, same.infrastructure.driver_shape, same.runtime.script_uri),
                         ("late by ads", "VM.Standard.E4.Flex", f"oci://code@{self.home.ns}/of ads/late.py"))
        self.assertIn(job.id, [j.id for j in jobs.Job.dataflow_job(self.home.tenancy)])
        again = jobs.Job.from_yaml(job.to_yaml())
        again.infrastructure.with_id(None)
        again.create(overwrite=True)
        one, two = (self.flow.ask("GET", f"/applications/{j.id}") for j in (job, again))
        differ = {key for key in one if one[key] != two[key]}
        self.assertEqual(differ, {"id", "timeCreated", "timeUpdated"})
        again.delete()

    def cancelled(self, job):
        (self.folder / "late.py").write_text("import time\ntime.sleep(600)\n")
        slow = self.job("slow by ads", overwrite=True).create()
        run = slow.run(name="to be cancelled")
        until(lambda: run.status == "IN_PROGRESS")
        with contextlib.redirect_stdout(io.StringIO()):
            run.cancel()
        self.assertEqual(run.status, "CANCELED")
        slow.delete()

    # ---- what weir made ---------------------------------------------------------------------------------------

    def weir(self, *args):
        done = self.home.weir("-C", self.folder, "--endpoint", self.home.endpoint, "--config-file",
                              self.home.config_file, *args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def oci(self, *args):
        done = self.home.oci(*args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)["data"]

    def test_made_by_weir(self):
        """Each reads it by itself; ADS runs it, and weir tells of that run."""
        (self.folder / "pipeline.yaml").write_text(PIPELINE)
        (self.folder / "report.py").write_text("import sys\nprint(*sys.argv[1:])\n")
        (self.folder / "table.csv").write_text("n,word\n1,one\n2,zwölf\n")
        self.weir("apply", "-y")

        listed = self.oci("data-flow", "application", "list", "-c", self.home.tenancy, "--display-name", "report by weir")
        app = self.oci("data-flow", "application", "get", "--application-id", listed[0]["id"])
        self.assertEqual((app["arguments"], app["parameters"], app["freeform-tags"]["weir"]),
                         (["--day", "${day}"], [{"name": "day", "value": "2013-01-01"}], "made/local/report"))
        self.assertEqual([o["name"] for o in self.oci("os", "object", "list", "-bn", "code", "--prefix", "weir/")],
                         [app["file-uri"].partition(f"@{self.home.ns}/")[2]])
        head = self.home.oci("os", "object", "get", "-bn", "lake", "--name", "from weir/table.csv", "--file", "-")
        self.assertEqual(head.stdout, "n,word\n1,one\n2,zwölf\n", head.stderr)

        fs = ocifs.OCIFileSystem()
        self.assertEqual(fs.ls(f"lake@{self.home.ns}/from weir", detail=False), [f"lake@{self.home.ns}/from weir/table.csv"])
        self.assertEqual(fs.cat(app["file-uri"]), b"import sys\nprint(*sys.argv[1:])\n")
        table = pandas.read_csv(f"oci://lake@{self.home.ns}/from weir/table.csv")
        self.assertEqual(table.to_dict("list"), {"n": [1, 2], "word": ["one", "zwölf"]})

        job = jobs.Job.from_dataflow_job(app["id"])
        self.assertEqual((job.name, job.runtime.script_uri), ("report by weir", app["file-uri"]))
        with contextlib.redirect_stdout(io.StringIO()):
            run = job.run(name="weir's, by ads").watch(interval=1)
        self.assertEqual((run.status, run.logs.application.stdout.tail(1)), ("SUCCEEDED", "--day 2013-01-01"))
        self.assertEqual(self.weir("logs", run.id), "--day 2013-01-01\n")
        self.assertIn("No changes.", self.weir("plan"))


if __name__ == "__main__":
    weirlocal.main()
