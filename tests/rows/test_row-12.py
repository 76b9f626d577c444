#!/usr/bin/env python3
"""Row 12: status, configuration, folder and console page of a run, in every state of the contract."""
import http.server
import json
import os
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import hostile
import rows

PIPELINE = """pipeline: twelve
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 2
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 2, memory_in_gbs: 32.5}
apps:
  hello: {script: hello.py, parameters: {day: monday}}
  fails: {script: fails.py}
  slow: {script: slow.py}
"""
FILES = {
    "hello.py": "try:\n    from pyspark.sql import SparkSession\n    print(SparkSession.builder.getOrCreate().range(5).count())\n"
                "except ImportError:\n    print(5)\n",
    "fails.py": "raise SystemExit('it broke')\n",
    "slow.py": "import time\nprint('waiting', flush=True)\ntime.sleep(600)\n",
}
SIZE = ("driver VM.Standard.E4.Flex (1 OCPU, 16 GB), 2 executors VM.Standard.E4.Flex (2 OCPUs, 32.5 GB); "
        "5 OCPUs in all")
# Every state of the contract, what it means, the status of --exit-code; and one that nobody knows.
STATES = [
    ("ACCEPTED", "it waits for its machines", 5),
    ("IN_PROGRESS", "it runs", 5),
    ("CANCELING", "it is being cancelled", 5),
    ("CANCELED", "somebody cancelled it", 7),
    ("FAILED", "it has ended with an error", 6),
    ("SUCCEEDED", "it has ended well", 0),
    ("STOPPING", "the service is stopping it", 5),
    ("STOPPED", "the service stopped it before its end", 7),
    ("PAUSED", "a state that weir does not know", 5),
]
RUN = "ocid1.dataflowrun.oc1.iad.anwtwelve"


def head(text):
    """The lines before the configuration, by their names."""
    return {line[:24].strip(): line[25:] for line in text.split("\n\n")[0].splitlines()}


class Played(http.server.BaseHTTPRequestHandler):
    """A service that knows one run, in the state that a test wants."""
    state = details = None

    def do_GET(self):
        run = {"id": RUN, "displayName": "played", "lifecycleState": self.state, "lifecycleDetails": self.details,
               "applicationId": "ocid1.dataflowapplication.oc1.iad.anwapp", "compartmentId": "ocid1.compartment.oc1..c",
               "timeCreated": "2026-11-20T15:36:39.000Z", "totalOCpu": 4, "runDurationInMilliseconds": 1800000}
        body = json.dumps(run if self.path == f"/20200129/runs/{RUN}" else []).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Spark(unittest.TestCase):
    def test_all_of_a_run(self):
        bench = rows.Bench(PIPELINE, FILES)
        self.addCleanup(bench.close)
        step = bench.json("run", "hello", "--param", "day=friday")["steps"][0]
        run = step["run"]["id"]
        told = bench.weir("status", run).stdout
        top = head(told)
        self.assertEqual((top["state"], top["that is"], top["size"]), ("SUCCEEDED", "it has ended well", SIZE))
        live = bench.run_of(run)
        hours = live["totalOCpu"] * live["runDurationInMilliseconds"] / 3600e3
        self.assertAlmostEqual(float(top["ocpu_hours"]), hours, places=3)
        self.assertEqual(top["folder"], step["folder"])
        self.assertTrue(pathlib.Path(top["folder"], "stdout.log").exists())
        self.assertIn('parameters               {"day":"friday"}\n', told)
        self.assertIn(f"id                       {run}\n", told)
        doc = bench.json("status", run)
        self.assertEqual((doc["folder"], doc["lifecycle_state"], doc["num_executors"]), (step["folder"], "SUCCEEDED", 2))


class Row12(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(PIPELINE, FILES, standin=True, env={"WEIR_LOCAL_MINUTE_MS": "1500"})
        cls.addClassCleanup(cls.bench.close)

    def test_a_failure_in_words(self):
        self.bench.weir("run", "fails", status=6)
        top = head(self.bench.weir("status", "last").stdout)
        details = self.bench.json("status", "last")["lifecycle_details"]
        self.assertEqual(top["that is"], f"it has ended with an error: {details}")
        self.bench.weir("status", "last", "--exit-code", status=6)

    def test_stopped_is_the_end(self):
        done = self.bench.weir("run", "slow", "--max-duration-in-minutes", "1", status=7)
        self.assertIn("STOPPED", done.stdout)
        top = head(self.bench.weir("status", "last", "--exit-code", status=7).stdout)
        self.assertEqual(top["state"], "STOPPED")
        self.assertRegex(top["that is"], "^the service stopped it before its end: .*maximum duration")

    def test_going_on(self):
        run = self.bench.json("run", "slow", "--detach", "--no-save-logs")["steps"][0]["run"]["id"]
        self.bench.until(lambda: self.bench.run_of(run)["lifecycleState"] == "IN_PROGRESS", "it does not begin")
        top = head(self.bench.weir("status", run, "--exit-code", status=5).stdout)
        self.assertEqual((top["state"], top["that is"]), ("IN_PROGRESS", "it runs"))
        self.assertNotIn("folder", top)
        self.assertRegex(top["time"], r"^[\d.ms]+$")
        self.bench.until(lambda: self.bench.home.weir("-C", self.bench.folder, "logs", run).returncode == 0, "no log")
        self.assertIn("folder", head(self.bench.weir("status", run).stdout))
        self.bench.weir("cancel", run)
        self.bench.until(lambda: self.bench.run_of(run)["lifecycleState"] == "CANCELED", "not cancelled")
        self.bench.weir("status", run, "--exit-code", status=7)

    def test_every_state(self):
        """Of a service in a region: with the page of the console."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Played)
        context, pem = hostile.certificate(self.bench.home.scratch)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for state, words, status in STATES:
            for details in (None, "why \033[31m it is so"):
                with self.subTest(state=state, details=details):
                    Played.state, Played.details = state, details
                    told = self.bench.home.weir(
                        "status", RUN, "--exit-code", "--endpoint", f"https://127.0.0.1:{server.server_port}", "--cert-bundle", pem,
                        "--config-file", self.bench.home.config_file, cwd=self.bench.home.scratch)
                    self.assertEqual(told.returncode, status, told.stderr)
                    top = head(told.stdout)
                    self.assertEqual(top["state"], state)
                    self.assertEqual(top["that is"], words + (": why \\x1B[31m it is so" if details else ""))
                    self.assertEqual(top["console"],
                                     f"https://cloud.oracle.com/data-flow/runs/details/{RUN}?region=us-ashburn-1")
                    if status in (0, 6, 7):
                        self.assertEqual((top["time"], top["ocpu_hours"]), ("30m0s", "2.000"))

    def test_no_run(self):
        for what, text in (("ocid1.dataflowrun.oc1.iad.anwgone", "anwgone"), ("nobody", "no run called `nobody`"),
                           ("ocid1.dataflowapplication.oc1.iad.anwapp", "application")):
            with self.subTest(what=what):
                done = self.bench.home.weir("-C", self.bench.folder, "status", what)
                self.assertIn(done.returncode, (1, 3))
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
