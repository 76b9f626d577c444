#!/usr/bin/env python3
"""weir-local's Data Flow, driven by Oracle's oci command line, which is given only endpoint and config file. In
Spark's place is a stand-in: what a run runs is a shell script."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, standin_spark, until


class CommandLine(unittest.TestCase):
    """One way through: a call of the command line takes a second."""

    @classmethod
    def setUpClass(cls):
        spark = tempfile.TemporaryDirectory()
        cls.addClassCleanup(spark.cleanup)
        cls.home = weirlocal.Home(env=standin_spark(spark.name))
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()
        cls.flow = Flow(cls.home)

    def oci(self, *args, status=0):
        done = self.home.oci("data-flow", *args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        if status:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def create(self, name, *more):
        return self.oci(
            "application", "create", "--compartment-id", self.home.tenancy, "--display-name", name,
            "--driver-shape", "VM.Standard.E4.Flex", "--executor-shape", "VM.Standard.E4.Flex", "--language", "PYTHON",
            "--num-executors", "1", "--spark-version", "3.5.0", "--type", "BATCH",
            "--driver-shape-config", '{"ocpus": 1, "memoryInGBs": 16}',
            "--executor-shape-config", '{"ocpus": 1, "memoryInGBs": 16}', *more)

    def test_pools(self):
        made = self.oci("pool", "create", "-c", self.home.tenancy, "--display-name", "p",
                        "--configurations", '[{"shape": "VM.Standard2.1", "min": 1, "max": 1}]', "--wait-for-state", "SUCCEEDED")
        pool = made["data"]["resources"][0]["identifier"] if "identifier" in made["data"]["resources"][0] else made["data"]["resources"][0]["resource-id"]
        self.assertEqual(self.oci("pool", "get", "--pool-id", pool)["data"]["lifecycle-state"], "ACTIVE")
        self.oci("pool", "stop", "--pool-id", pool, "--wait-for-state", "SUCCEEDED")
        listed = self.oci("pool", "list", "-c", self.home.tenancy, "--lifecycle-state", "STOPPED")
        self.assertEqual([p["id"] for p in listed["data"]["items"]], [pool])

    def test_all(self):
        uri = self.flow.put("code", "job.py", 'echo "hello $1"')
        made = self.create("my app", "--file-uri", uri, "--arguments", '["${who}"]',
                           "--parameters", '[{"name": "who", "value": "two words"}]')
        app = made["data"]
        self.assertEqual((app["display-name"], app["lifecycle-state"]), ("my app", "ACTIVE"))
        got = self.oci("application", "get", "--application-id", app["id"])
        self.assertEqual((got["data"], got["etag"]), (app, made["etag"]))

        new = self.oci("application", "update", "--application-id", app["id"], "--num-executors", "2",
                       "--if-match", made["etag"], "--force")
        self.assertEqual((new["data"]["num-executors"], new["data"]["arguments"]), (2, ["${who}"]))
        self.assertIn("NoEtagMatch", self.oci("application", "update", "--application-id", app["id"], "--num-executors",
                                              "3", "--if-match", made["etag"], "--force", status=1))
        for name in ("b", "c"):
            self.create(name, "--file-uri", uri)
        listed = self.oci("application", "list", "-c", self.home.tenancy, "--limit", "2")
        self.assertEqual([a["display-name"] for a in listed["data"]], ["c", "b"])
        rest = self.oci("application", "list", "-c", self.home.tenancy, "--limit", "2", "--page", listed["opc-next-page"])
        self.assertEqual([a["display-name"] for a in rest["data"]], ["my app"])
        every = self.oci("application", "list", "-c", self.home.tenancy, "--all", "--page-size", "1",
                         "--sort-by", "displayName", "--sort-order", "ASC")
        self.assertEqual([a["display-name"] for a in every["data"]], ["b", "c", "my app"])

        self.runs(app)
        self.oci("application", "delete", "--application-id", app["id"], "--force")
        self.assertEqual(self.oci("application", "get", "--application-id", app["id"])["data"]["lifecycle-state"],
                         "DELETED")

    def runs(self, app):
        run = self.oci("run", "create", "-c", self.home.tenancy, "--application-id", app["id"],
                       "--display-name", "first", "--wait-for-state", "SUCCEEDED", "--wait-interval-seconds", "1")["data"]
        self.assertEqual(run["lifecycle-state"], "SUCCEEDED")
        logs = self.oci("run", "list-logs", "--run-id", run["id"])["data"]
        self.assertEqual(sorted(log["type"] for log in logs), ["STDERR", "STDOUT"])
        done = self.home.oci("data-flow", "run", "get-log", "--run-id", run["id"], "--name",
                             "spark_application_stdout.log.gz", "--file", "-")
        self.assertEqual((done.returncode, done.stdout), (0, "hello two words\n"), done.stderr)

        self.flow.put("code", "job.py", "exec sleep 600")
        run = self.oci("run", "create", "-c", self.home.tenancy, "--application-id", app["id"],
                       "--display-name", "second")["data"]
        until(lambda: self.flow.get(run)["lifecycleState"] == "IN_PROGRESS")
        self.oci("run", "delete", "--run-id", run["id"], "--force")
        self.flow.reach(run, "CANCELED")
        self.assertIn("IncorrectState", self.oci("--no-retry", "run", "delete", "--run-id", run["id"], "--force", status=1))
        listed = self.oci("run", "list", "-c", self.home.tenancy, "--application-id", app["id"])["data"]
        self.assertEqual([r["lifecycle-state"] for r in listed], ["CANCELED", "SUCCEEDED"])

        self.flow.put("code", "other.py", "echo submitted $1")
        run = self.oci("run", "submit", "-c", self.home.tenancy, "--execute",
                       f"{self.flow.uri('code', 'other.py')} 'by hand'")["data"]
        run = self.flow.reach(run, "SUCCEEDED")
        self.assertEqual(self.flow.log(run, "stdout"), "submitted by hand\n")


if __name__ == "__main__":
    weirlocal.main()
