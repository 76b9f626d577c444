#!/usr/bin/env python3
"""Row 5: every field that an application has in the contract, by its name; the defaults of ADS; what the service would
refuse is told before anything is sent."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows
import weirlocal

HEAD = """pipeline: five
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}, warehouse: {}}
"""
LEAST = HEAD + """apps:
  least:
    script: job.py
    script_bucket: scripts
    spark_version: 3.5.0
    driver_shape: VM.Standard.E4.Flex
    driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
"""
ALL = """
  all:
    compartment_id: DEV
    display_name: all of it
    description: Every field.
    language: JAVA
    type: STREAMING
    spark_version: 3.5.0
    script: job.jar
    script_bucket: scripts
    class_name: org.example.Job
    arguments: [--day, "${day}"]
    parameters: {day: monday}
    configuration: {spark.sql.shuffle.partitions: 7}
    archive: deps
    driver_shape: VM.Standard.E4.Flex
    driver_shape_config: {ocpus: 2, memory_in_gbs: 24.5}
    executor_shape: VM.Standard.E4.Flex
    executor_shape_config: {ocpus: 4, memory_in_gbs: 64}
    num_executors: 3
    logs_bucket: logs
    warehouse_bucket: warehouse
    metastore_id: ocid1.datacatalogmetastore.oc1.iad.a
    pool_id: POOL
    private_endpoint_id: ENDPOINT
    application_log_config: {log_group_id: ocid1.loggroup.oc1.iad.a, log_id: ocid1.log.oc1.iad.a}
    max_duration_in_minutes: 90
    idle_timeout_in_minutes: 30
    freeform_tags: {team: data}
    defined_tags: {ops: {cost: low}}
"""
LINE = """
  line: {execute: "--conf spark.x=1 oci://scripts@weirlocal/LINE a b", language: PYTHON, spark_version: 3.5.0,
         driver_shape: VM.Standard2.1}
archives: {deps: {path: deps.zip}}
"""
FILES = {"job.py": "print(1)\n", "job.jar": b"PK\x05\x06" + 18 * b"\0", "deps.zip": b"PK\x05\x06" + 18 * b"\0"}


class Fields(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(LEAST, FILES, standin=True)
        cls.addClassCleanup(cls.bench.close)

    def ask(self, method, path, body=b""):
        reply = self.bench.home.call(method, "/20200129" + path, body)
        self.assertEqual(reply.status // 100, 2, reply)
        return reply.json()

    def app(self, name, compartment=None):
        listed = self.ask("GET", f"/applications?compartmentId={compartment or self.bench.home.tenancy}")
        return self.ask("GET", f"/applications/{next(a['id'] for a in listed if a['displayName'] == name)}")

    def test_least(self):
        """What ADS does with as little: one executor, of the driver's shape, and logs in dataflow-logs."""
        app = self.app("five-least")
        size = {"ocpus": 1, "memoryInGBs": 16}
        self.assertEqual({k: app[k] for k in ("numExecutors", "executorShape", "executorShapeConfig", "language", "type",
                                              "logsBucketUri", "displayName")},
                         {"numExecutors": 1, "executorShape": "VM.Standard.E4.Flex", "executorShapeConfig": size,
                          "language": "PYTHON", "type": "BATCH", "logsBucketUri": "oci://dataflow-logs@weirlocal/",
                          "displayName": "five-least"})

    def test_all(self):
        home, dev = self.bench.home, self.bench.home.compartments["dev"]
        pool = self.ask("POST", "/pools", {"compartmentId": dev, "displayName": "p",
                                           "configurations": [{"shape": "VM.Standard2.1", "min": 1, "max": 1}]})["id"]
        endpoint = self.ask("POST", "/privateEndpoints", {"compartmentId": dev, "subnetId": "ocid1.subnet.oc1.iad.a",
                                                          "dnsZones": ["example.com"]})["id"]
        everything = ALL.replace("DEV", dev).replace("POOL", pool).replace("ENDPOINT", endpoint)
        self.bench.write(LEAST + everything + LINE)
        self.bench.weir("apply", "-y")
        app = self.app("all of it", dev)
        prefix = f"oci://scripts@{home.ns}/weir/five/local"
        self.assertEqual(app.pop("freeformTags").pop("team"), "data")
        for key in ("id", "lifecycleState", "timeCreated", "timeUpdated", "ownerPrincipalId", "ownerUserName"):
            self.assertTrue(app.pop(key))
        self.assertEqual(app, {
            "compartmentId": dev, "displayName": "all of it", "description": "Every field.", "language": "JAVA",
            "type": "STREAMING", "sparkVersion": "3.5.0", "fileUri": f"{prefix}/scripts/job.jar",
            "className": "org.example.Job", "arguments": ["--day", "${day}"],
            "parameters": [{"name": "day", "value": "monday"}], "configuration": {"spark.sql.shuffle.partitions": "7"},
            "archiveUri": f"{prefix}/archives/deps.zip", "driverShape": "VM.Standard.E4.Flex",
            "driverShapeConfig": {"ocpus": 2, "memoryInGBs": 24.5}, "executorShape": "VM.Standard.E4.Flex",
            "executorShapeConfig": {"ocpus": 4, "memoryInGBs": 64}, "numExecutors": 3, "execute": None,
            "logsBucketUri": f"oci://logs@{home.ns}/", "warehouseBucketUri": f"oci://warehouse@{home.ns}/",
            "metastoreId": "ocid1.datacatalogmetastore.oc1.iad.a", "poolId": pool, "privateEndpointId": endpoint,
            "applicationLogConfig": {"logGroupId": "ocid1.loggroup.oc1.iad.a", "logId": "ocid1.log.oc1.iad.a"},
            "maxDurationInMinutes": 90, "idleTimeoutInMinutes": 30, "definedTags": {"ops": {"cost": "low"}},
        })
        line = self.app("five-line")
        self.assertEqual((line["fileUri"], line["arguments"], line["configuration"]),
                         (f"oci://scripts@{home.ns}/LINE", ["a", "b"], {"spark.x": "1"}))
        self.assertIn("No changes.", self.bench.weir("plan").stdout)

    def test_refused_before_anything_is_sent(self):
        """Of shapes and identifiers it is told from the file alone (tests/cases/refused-by-service); of a bucket when
        what is live is read."""
        before = self.ask("GET", f"/applications?compartmentId={self.bench.home.tenancy}")
        for bucket in ("scripts", "logs", "warehouse"):
            text = LEAST.replace("least:", "new:").replace("apps:", "defaults: {logs_bucket: logs, warehouse_bucket: warehouse}\napps:")
            self.bench.write(text.replace(f"{bucket}: {{}}", f"other-{bucket}: {{}}").replace(f"bucket: {bucket}", f"bucket: no-{bucket}"))
            done = self.bench.weir("apply", "-y", status=3)
            self.assertIn(f"needs bucket no-{bucket}", done.stderr)
            self.assertIn(f"if it is not, declare bucket no-{bucket} under `buckets:`, or mend its name", done.stderr)
        self.bench.write(LEAST.replace("driver_shape_config", "executor_shape: VM.Standard3.Flex\n    executor_shape_config: "
                                       "{ocpus: 2, memory_in_gbs: 1}\n    driver_shape_config"))
        done = self.bench.weir("plan")
        self.assertIn("warning: driver and executors of apps.least are of different families", done.stderr)
        self.assertIn("= VM.Standard3.Flex takes from 2 to 128 GB with so many", done.stderr)
        self.assertEqual(self.ask("GET", f"/applications?compartmentId={self.bench.home.tenancy}"), before)


weirlocal.main()
