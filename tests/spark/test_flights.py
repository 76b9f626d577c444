#!/usr/bin/env python3
"""pipelines/flights as a user has it: planned, applied and run on real Spark, over the real data; what its applications
print is what Python's csv module makes of the same files. Then there is nothing left to change, and it runs again."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

FLIGHTS = weirlocal.SOURCE / "pipelines" / "flights"


class Flights(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()

    def weir(self, *args, status=0):
        done = self.home.weir("-C", FLIGHTS, *args)
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}\n{self.home.log()}")
        return done.stdout

    def daily(self, *args):
        """Runs the sequence; the OCID of each step's run."""
        steps = json.loads(self.weir("run", "daily", "-o", "json", *args))["steps"]
        return {step["name"]: step["run"]["id"] for step in steps}

    def check(self, runs, name, *args):
        expected = subprocess.run([FLIGHTS / "reference.py", name, *args], check=True, capture_output=True).stdout
        printed = self.home.scratch / name
        printed.write_text(self.weir("logs", runs[name]))
        done = subprocess.run([FLIGHTS / "check.py", "-", printed], input=expected, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_planned_applied_run_and_run_again(self):
        self.weir("plan", "--detailed-exitcode", status=2)
        self.assertIn("Apply complete! Resources: 15 added, 0 changed, 0 destroyed.", self.weir("apply", "-y"))
        runs = self.daily()
        self.check(runs, "ingest")
        self.check(runs, "delays")
        self.check(runs, "routes", "--origin", "JFK", "--top", "10")
        self.assertTrue(self.weir("plan", "--detailed-exitcode").startswith("No changes."))
        again = self.daily("-p", "origin=LGA")
        self.assertEqual(set(again.values()) & set(runs.values()), set())
        self.check(again, "ingest")
        self.check(again, "delays")
        self.check(again, "routes", "--origin", "LGA", "--top", "10")


weirlocal.main()
