#!/usr/bin/env python3
"""How runs on real Spark end before they are done, and that no process of theirs stays."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, processes, until

# Tells that Spark and a Python worker are at work, then never ends.
LONG = """
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

def slow(n):
    time.sleep(600)
    return n

print("at work", flush=True)
spark.sparkContext.parallelize([1], 1).map(slow).collect()
"""


class Ends(unittest.TestCase):
    def setUp(self):
        # A minute is a second and a half.
        self.home = weirlocal.Home(env={"WEIR_LOCAL_MINUTE_MS": "1500"})
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.flow = Flow(self.home)
        self.flow.put("code", "long.py", LONG)
        self.app = self.flow.application("code", "long.py")

    def at_work(self, **fields):
        """A run in the middle of its work: driver, daemon and a Python worker are there."""
        run = self.flow.run(self.app, **fields)
        self.flow.reach(run, "IN_PROGRESS")
        until(lambda: "at work" in self.so_far(run), 120)
        until(lambda: len(processes(run["id"])) >= 4, 60)
        return run

    def so_far(self, run):
        try:
            return self.flow.log(run, "stdout")
        except RuntimeError:
            return ""

    def test_cancel(self):
        run = self.at_work()
        self.flow.cancel(run)
        self.assertIn(self.flow.get(run)["lifecycleState"], ("CANCELING", "CANCELED"))
        run = self.flow.reach(run, "CANCELED", seconds=30)
        self.assertEqual(processes(run["id"]), [])
        self.assertIn("at work", self.flow.log(run, "stdout"))
        self.flow.cancel(run, status=409)

    def test_maximum_duration(self):
        run = self.flow.run(self.app, maxDurationInMinutes=1)
        run = self.flow.reach(run, "STOPPED", seconds=60)
        self.assertIn("maximum duration", run["lifecycleDetails"])
        self.assertEqual(processes(run["id"]), [])

    def test_kill_of_the_service(self):
        run = self.at_work()
        self.home.kill9()
        # Its processes die with it, before anyone looks.
        until(lambda: not processes(run["id"]), 15)
        self.home.start()
        ended = self.flow.get(run)
        self.assertEqual(ended["lifecycleState"], "FAILED")
        self.assertIn("weir-local ended while the run was in progress", ended["lifecycleDetails"])
        self.assertGreater(ended["runDurationInMilliseconds"], 0)
        self.assertIn("at work", self.flow.log(ended, "stdout"))
        self.assertEqual(list((self.home.path / "runs").iterdir()), [])

    def test_stop_of_the_service(self):
        run = self.at_work()
        self.assertEqual(self.home.stop(), 0)
        self.assertEqual(processes(run["id"]), [])
        self.home.start()
        ended = self.flow.get(run)
        self.assertEqual(ended["lifecycleState"], "FAILED")
        self.assertIn("weir-local was stopped", ended["lifecycleDetails"])


if __name__ == "__main__":
    weirlocal.main()
