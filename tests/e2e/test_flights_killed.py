#!/usr/bin/env python3
"""`kill -9` of `weir apply` at each of its requests, with pipelines/flights and its data: applying again ends in the
same state, with no second application."""
import concurrent.futures
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from live import Live, check_same

FLIGHTS = weirlocal.SOURCE / "pipelines" / "flights"
BUCKETS = ("flights-landing", "flights-lake", "flights-scripts", "dataflow-logs")
WORKERS = 2


def argv(home, *args):
    return [os.environ["WEIR"], "-C", str(FLIGHTS), "--endpoint", home.endpoint, "--config-file",
            str(home.config_file), *args]


def apply_well(home):
    done = home.run(argv(home, "apply", "-y"))
    if done.returncode != 0:
        raise AssertionError(f"status {done.returncode}: {done.stdout}{done.stderr}")


def state(home):
    return Live(home, "flights", BUCKETS).state()


class Killed(unittest.TestCase):
    def killed_at(self, nth, way, expected):
        """A service of its own, since all of the pipeline is made anew."""
        with weirlocal.Home() as home:
            home.call("POST", "/weir/faults", {"action": way, "nth": nth, "count": 0})
            apply = subprocess.Popen(argv(home, "apply", "-y"), env=home.env, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                deadline = time.monotonic() + 120
                while home.call("GET", "/weir/faults").json()[0]["acted"] == 0:
                    if apply.poll() is not None or time.monotonic() > deadline:
                        raise AssertionError("it was not there to be killed")
                    time.sleep(0.005)
            finally:
                apply.kill()
                apply.wait()
            home.call("DELETE", "/weir/faults")
            apply_well(home)
            check_same(state(home), expected)
            plan = home.run(argv(home, "plan", "--detailed-exitcode"))
            if plan.returncode != 0 or not plan.stdout.startswith("No changes."):
                raise AssertionError(f"status {plan.returncode}: {plan.stdout}{plan.stderr}")

    def test_killed_at_each_request(self):
        with weirlocal.Home() as home:
            home.call("POST", "/weir/faults", {"action": "hang", "nth": 1_000_000})
            apply_well(home)
            requests = home.call("GET", "/weir/faults").json()[0]["seen"]
            expected = state(home)
        self.assertEqual(len([key for key in expected if key[0] == "application"]), 3)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            jobs = {
                (nth, way): pool.submit(self.killed_at, nth, way, expected)
                for nth in range(1, requests + 1)
                for way in ("hang", "hang-after")
            }
        for (nth, way), job in jobs.items():
            with self.subTest(request=nth, way=way):
                job.result()


weirlocal.main()
