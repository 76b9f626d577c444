#!/usr/bin/env python3
"""Row 10: a run has what its step and the flags say, the rest is its application's."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows

PIPELINE = """pipeline: ten
targets: {local: {type: local, compartment_id: COMPARTMENT}}
buckets: {scripts: {}, logs: {}, other-logs: {}, warehouse: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 1, memory_in_gbs: 16}
apps:
  tell:
    script: tell.py
    arguments: [--day, "${day}", --who, "${who}"]
    parameters: {day: monday, who: world}
    configuration: {spark.sql.shuffle.partitions: "7", spark.weir.kept: yes}
    freeform_tags: {team: data, cost: low}
sequences:
  nightly:
    parameters: {executors: {type: integer}}
    steps:
      tell:
        app: tell
        display_name: told-nightly
        compartment_id: OTHER
        parameters: {day: tuesday}
        configuration: {spark.sql.shuffle.partitions: 9}
        driver_shape_config: {ocpus: 2}
        num_executors: $<executors>
        logs_bucket: other-logs
        max_duration_in_minutes: 30
        freeform_tags: {cost: high, night: "1"}
  two:
    steps: {a: {app: tell}, b: {app: tell}}
"""
TELL = """
import json, sys
try:
    from pyspark.sql import SparkSession
    conf = SparkSession.builder.getOrCreate().conf
    told = {"partitions": conf.get("spark.sql.shuffle.partitions"), "kept": conf.get("spark.weir.kept")}
except ImportError:
    told = {}
print(json.dumps({"arguments": sys.argv[1:], **told}))
"""
# Every field of CreateRunDetails that a run of an application can have for itself: the flag, its value, what the
# service then has.
FLAGS = [
    (["--display-name", "a name / of mine"], "displayName", "a name / of mine"),
    (["--type", "BATCH"], "type", "BATCH"),
    (["--argument", "a b", "--argument", ""], "arguments", ["a b", ""]),
    (["--param", "who=moon"], "parameters", [{"name": "day", "value": "monday"}, {"name": "who", "value": "moon"}]),
    (["--configuration", "spark.x=a=b"], "configuration",
     {"spark.sql.shuffle.partitions": "7", "spark.weir.kept": "yes", "spark.x": "a=b"}),
    (["--driver-shape", "VM.Standard2.1"], "driverShape", "VM.Standard2.1"),
    (["--driver-shape-config", "ocpus=2"], "driverShapeConfig", {"ocpus": 2, "memoryInGBs": 16}),
    (["--executor-shape", "VM.Standard2.1"], "executorShape", "VM.Standard2.1"),
    (["--executor-shape-config", "ocpus=2,memory_in_gbs=20.5"], "executorShapeConfig",
     {"ocpus": 2, "memoryInGBs": 20.5}),
    (["--num-executors", "3"], "numExecutors", 3),
    (["--logs-bucket-uri", "oci://other-logs@weirlocal/"], "logsBucketUri", "oci://other-logs@weirlocal/"),
    (["--warehouse-bucket-uri", "oci://warehouse@weirlocal/w"], "warehouseBucketUri", "oci://warehouse@weirlocal/w"),
    (["--metastore-id", "ocid1.datacatalogmetastore.oc1.iad.a"], "metastoreId", "ocid1.datacatalogmetastore.oc1.iad.a"),
    (["--application-log-config", "log_group_id=ocid1.loggroup.oc1.iad.a,log_id=ocid1.log.oc1.iad.b"],
     "applicationLogConfig", {"logGroupId": "ocid1.loggroup.oc1.iad.a", "logId": "ocid1.log.oc1.iad.b"}),
    (["--max-duration-in-minutes", "11"], "maxDurationInMinutes", 11),
    (["--idle-timeout-in-minutes", "12"], "idleTimeoutInMinutes", 12),
    (["--defined-tag", "ops.cost=1"], "definedTags", {"ops": {"cost": "1"}}),
]


def pipeline(home):
    return PIPELINE.replace("COMPARTMENT", home.compartments["dev"]).replace("OTHER", home.compartments["prod"])


class Row10(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = rows.Bench(pipeline, {"tell.py": TELL})
        cls.addClassCleanup(cls.spark.close)
        cls.dev, cls.prod = cls.spark.home.compartments["dev"], cls.spark.home.compartments["prod"]

    def test_a_step_on_spark(self):
        """Overrides of the file and of the command line, as the job itself sees them; and as the service has them."""
        bench = self.spark
        doc = bench.json("run", "nightly", "-p", "executors=2", "--param", "who=a 'b' \"$c\"\nd", "--configuration",
                         "spark.weir.kept=no")
        run = doc["steps"][0]["run"]
        told = json.loads(bench.weir("logs", run["id"]).stdout)
        self.assertEqual(told, {"arguments": ["--day", "tuesday", "--who", "a 'b' \"$c\"\nd"], "partitions": "9",
                                "kept": "no"})
        live = bench.run_of(run["id"])
        self.assertEqual({key: live[key] for key in (
            "displayName", "compartmentId", "driverShapeConfig", "executorShapeConfig", "numExecutors", "logsBucketUri",
            "maxDurationInMinutes")}, {
            "displayName": "told-nightly", "compartmentId": self.prod,
            "driverShapeConfig": {"ocpus": 2.0, "memoryInGBs": 16.0},
            "executorShapeConfig": {"ocpus": 1.0, "memoryInGBs": 16.0}, "numExecutors": 2,
            "logsBucketUri": "oci://other-logs@weirlocal/", "maxDurationInMinutes": 30})
        tags = live["freeformTags"]
        self.assertEqual((tags["team"], tags["cost"], tags["night"]), ("data", "high", "1"))
        self.assertTrue(tags["weir"].startswith("ten/local/nightly/"))
        # It is found in the compartment that only the step names.
        for name in ("last", "told-nightly", run["id"]):
            self.assertEqual(bench.json("status", name)["id"], run["id"])
        self.assertIn(run["id"], bench.weir("list", "runs").stdout)

    def launched(self, *args):
        doc = self.spark.json("run", "tell", "--detach", *args)
        run = doc["steps"][0]["run"]["id"]
        live = self.spark.run_of(run)
        self.spark.weir("cancel", run)
        return live

    def test_every_field_has_a_flag(self):
        whole = self.launched(*[word for words, _, _ in FLAGS for word in words])
        for _, field, value in FLAGS:
            with self.subTest(field=field):
                have = whole[field]
                if field == "parameters":
                    have = sorted(have, key=lambda p: p["name"])
                self.assertEqual(have, value)

    def test_what_is_not_given_is_inherited(self):
        plain, app = self.launched(), self.spark.json("list", "apps")["apps"][0]
        live = self.spark.home.call("GET", f"/20200129/applications/{app['id']}").json()
        for field in ("arguments", "parameters", "configuration", "driverShape", "driverShapeConfig", "executorShape",
                      "executorShapeConfig", "numExecutors", "logsBucketUri"):
            self.assertEqual(plain[field], live[field])
        self.assertRegex(plain["displayName"], r"^ten-tell-\d{8}T\d{6}Z$")
        self.assertEqual(plain["compartmentId"], self.dev)

    def test_wrong_flags(self):
        """Told by their names; nothing is launched, status 1."""
        for words, text in (
                (["--num-executors", "0"], "`--num-executors`: `num_executors` must be between 1 and 10000, not 0"),
                (["--num-executors", "two"], "`--num-executors`: `num_executors` must be"),
                (["--driver-shape-config", "ocpus=x"], "`--driver-shape-config`: `ocpus` must be a number"),
                (["--driver-shape-config", "ocpu=1"], "did you mean `ocpus`?"),
                (["--driver-shape-config", "2"], "`--driver-shape-config 2`: not KEY=VALUE,..."),
                (["--configuration", "spark.x"], "`--configuration spark.x`: not KEY=VALUE"),
                (["--configuration", "spark.master=local"], "which is the service's"),
                (["--freeform-tag", "weir=mine"], "the tag `weir` is weir's own"),
                (["--logs-bucket-uri", "logs"], "must be a bucket's address: oci://bucket@namespace/"),
                (["--type", "BATHC"], "did you mean `BATCH`?"),
                (["--pool-id", ""], "`--pool-id` is given nothing"),
                (["--num-executor", "2"], "did you mean `--num-executors`?"),
                (["--spark-version", "3.5.0"], "unknown option `--spark-version`")):
            with self.subTest(words=words):
                done = self.spark.weir("run", "tell", *words, status=1)
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")
        done = self.spark.weir("run", "two", "--display-name", "x", status=1)
        self.assertIn("names one run, and two has 2", done.stderr)
        done = self.spark.weir("run", "tell", "--pool-id", "ocid1.dataflowpool.oc1.iad.none", status=3)
        self.assertIn("ocid1.dataflowpool.oc1.iad.none", done.stderr)

    def test_wrong_steps(self):
        for step, text in (
                ("spark_version: 3.5.0", "unknown key `spark_version`"),
                ("num_executors: two", "`num_executors` must be an integer"),
                ("logs_bucket: a, logs_bucket_uri: oci://a@b/", "exclude each other in sequences.two.steps.a"),
                ("driver_shape: VM.Standard3.Flex, freeform_tags: {weir: x}", "the tag `weir` is weir's own"),
                ("parameters: [a]", "must be a map of strings")):
            with self.subTest(step=step):
                self.spark.write(self.spark.pipeline.replace("{a: {app: tell}", f"{{a: {{app: tell, {step}}}"))
                self.addCleanup(self.spark.write)
                self.assertIn(text, self.spark.weir("run", "two", status=1).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
