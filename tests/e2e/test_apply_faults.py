#!/usr/bin/env python3
"""Each request of `weir apply` fails in turn, in each way, and `weir apply` is killed at each: what it says of it is
true, its exit status fits, and applying again ends as if nothing had happened, with nothing doubled."""
import concurrent.futures
import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from live import check_same
from torture import WAYS, check_truth, right_status, rule_now, set_rule
from twin import Twin

WORKERS = 3


class Place:
    """A service and a pipeline; one a worker, used for one scenario after the other."""

    def __init__(self):
        self.home = weirlocal.Home().start()
        self.home.env["WEIR"] = os.environ["WEIR"]
        self.twin = Twin(self.home.scratch / "twin")
        self.live = self.twin.live(self.home)
        self.number = 0

    def weir(self, *args, **options):
        return self.twin.weir(self.home, *args, **options)

    def faults(self, rule=None):
        set_rule(self.home, rule)

    def rule(self):
        return rule_now(self.home)

    def begin(self, version):
        """The state before a scenario that goes to this version, which is written."""
        self.number += 1
        note = f"scenario {self.number}"
        self.faults()
        self.live.clear()
        if version == 2:
            self.twin.write(1, note)
            done = self.weir("apply", "-y")
            assert done.returncode == 0, done.stderr
        self.twin.write(version, note)
        return self.live.state()

    def again(self, test, version, reference):
        """Applying once more ends in the same state, and then there is nothing left to do."""
        self.faults()
        done = self.weir("apply", "-y")
        test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        check_same(self.live.state(), reference[version])
        plan = self.weir("plan", "--detailed-exitcode")
        test.assertEqual(plan.returncode, 0, plan.stdout + plan.stderr)
        test.assertTrue(plan.stdout.startswith("No changes."), plan.stdout)


def identity(result):
    """The key in Twin.state of what a result is about."""
    kind, _, name = result["address"].partition(".")
    if result["type"] == "bucket":
        return "bucket", name
    if result["type"] == "application":
        return "application", name
    if result.get("id", "").startswith("oci://"):
        return "object", result["id"].partition("@")[2].partition("/")[2]
    return "object", NAMES[result["address"]]


NAMES = {
    "scripts.ingest": "weir/twin/local/scripts/ingest.py",
    "scripts.delays": "weir/twin/local/scripts/delays.py",
    "scripts.routes": "weir/twin/local/scripts/routes.sql",
    "scripts.late": "weir/twin/local/scripts/late.py",
    "objects.airlines": "weir/twin/local/objects/airlines/airlines.csv",
    "objects.planes": "weir/twin/local/objects/planes/airlines.csv",
    "objects.airports": "data/airports.csv",
}


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.places = queue.Queue()
        cls.closing = contextlib.ExitStack()
        cls.addClassCleanup(cls.closing.close)
        for _ in range(WORKERS):
            place = Place()
            cls.closing.push(place.home)
            cls.places.put(place)
        cls.reference, cls.requests = {}, {}
        for version in (1, 2):
            cls.reference[version], cls.requests[version] = cls.without_faults(version)

    @classmethod
    def without_faults(cls, version):
        """The state that undisturbed applying ends in, and how many requests it makes."""
        place = cls.places.get()
        place.begin(version)
        place.faults({"action": "hang", "nth": 1_000_000})
        done = place.weir("apply", "-y")
        assert done.returncode == 0, done.stdout + done.stderr
        requests = place.rule()["seen"]
        place.faults()
        state = place.live.state()
        cls.places.put(place)
        return state, requests

    def each_request(self, scenario, versions=(1, 2), ways=WAYS):
        """scenario(place, version, nth, way) for every request in every way, some side by side."""

        def one(version, nth, way):
            place = self.places.get()
            try:
                scenario(place, version, nth, way)
            except AssertionError as error:
                return f"{way} at request {nth} to version {version}: {error}"
            finally:
                self.places.put(place)
            return None

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            jobs = [
                pool.submit(one, version, nth, way)
                for version in versions
                for nth in range(1, self.requests[version] + 1)
                for way in ways
            ]
            failures = [failure for job in jobs if (failure := job.result())]
        if failures:
            self.fail("\n\n".join(failures[:5]) + f"\n{len(failures)} of {len(jobs)} scenarios")

    # -- a failure that no retry mends

    def refused_for_good(self, place, version, nth, way):
        before = place.begin(version)
        place.faults({**WAYS[way], "nth": nth, "count": 1})
        done = place.weir("apply", "-y", "-o", "json", "--retries", "0")
        acted = place.rule()["acted"]
        place.faults()
        now = place.live.state()
        if done.stdout:
            document = json.loads(done.stdout)
            self.assertEqual(done.returncode, right_status(document["results"]), done.stderr)
            check_truth(document["results"], before, now, self.reference[version], identity)
            # One request, so one reason; but all creates of applications hang on one list.
            reasons = {json.dumps(r["error"]) for r in document["results"] if r["state"] == "failed"}
            self.assertLessEqual(len(reasons), 1, done.stdout)
            self.assertEqual(document["error"] is None, done.returncode == 0)
        else:
            # Nothing was begun: what is live could not be read.
            self.assertEqual(done.returncode, 3, done.stderr)
            check_same(now, before)
        self.assertEqual(acted, 1)
        place.again(self, version, self.reference)

    def test_each_request_fails(self):
        self.each_request(self.refused_for_good)

    # -- a failure that a retry mends

    def mended_by_retry(self, place, version, nth, way):
        place.begin(version)
        place.faults({**WAYS[way], "nth": nth, "count": 1})
        done = place.weir("apply", "-y")
        acted = place.rule()["acted"]
        place.faults()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(acted, 1)
        self.assertRegex(done.stdout, r"\nApply complete! Resources: \d+ added, \d+ changed, \d+ destroyed\.\n$")
        check_same(place.live.state(), self.reference[version])

    def test_each_request_fails_once(self):
        self.each_request(self.mended_by_retry, versions=(2,), ways=("503", "lost"))
        self.each_request(self.mended_by_retry, versions=(1,), ways=("reset",))

    # -- kill -9

    def killed(self, place, version, nth, way):
        place.begin(version)
        place.faults({"action": way, "nth": nth, "count": 0})
        apply = subprocess.Popen(
            [str(a) for a in place.twin.argv(place.home, "apply", "-y")], env=place.home.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 60
            while place.rule()["acted"] == 0:
                self.assertIsNone(apply.poll(), "it ended before it was killed")
                self.assertLess(time.monotonic(), deadline, "the request was not made")
                time.sleep(0.002)
        finally:
            apply.kill()
            apply.wait()
        place.again(self, version, self.reference)

    def test_killed_at_each_request(self):
        """From this request on none gets a reply; what the last ones asked for was not done, or was."""
        self.each_request(self.killed, ways=("hang", "hang-after"))


class Summary(unittest.TestCase):
    """The closing lines, as people read them."""

    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.home.__exit__)

    def test_in_part(self):
        self.place.begin(1)
        self.place.faults({**WAYS["500"], "method": "PUT", "path": "*scripts*delays.py", "count": 0})
        done = self.place.weir("apply", "-y", "--retries", "0")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertRegex(
            done.stdout,
            r"(?s)\nDone:\n.*  apps\.ingest: created\n.*"
            r"\nNot done:\n  scripts\.delays: create failed after [^\n]*: [^\n]*InternalServerError[^\n]*\n"
            r"  apps\.delays: not begun, since scripts\.delays failed\n\n"
            r"Apply incomplete\. Resources: 8 added, 0 changed, 0 destroyed; 1 failed, 1 not begun\.\n$",
        )
        self.assertIn("8 of 10 changes were made, 1 failed, 1 were not begun", done.stderr)

    def test_nothing_done(self):
        self.place.begin(1)
        self.place.faults({**WAYS["429"], "method": "POST", "count": 0})
        done = self.place.weir("apply", "-y", "--retries", "0")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed; 2 failed, 8 not begun.", done.stdout)
        self.assertEqual(self.place.live.state(), {})

    def test_perhaps_done(self):
        """The service is gone after it made a change, and nobody can look."""
        self.place.begin(1)
        self.place.faults({"action": "exit-after", "method": "POST", "path": "/n/*/b"})
        done = self.place.weir("apply", "-y", "--retries", "0")
        self.place.home.wait_killed()
        # The other bucket was made at the same time, before or after it.
        counts = re.search(r"([01]) added, 0 changed, 0 destroyed; ([12]) failed \([12] perhaps done\), 8 not begun\.\n$", done.stdout)
        self.assertTrue(counts, done.stdout)
        self.assertEqual(int(counts[1]) + int(counts[2]), 2)
        self.assertEqual(done.returncode, 5 if counts[1] == "1" else 3, done.stderr)
        self.assertIn("it may have been done all the same: the next plan tells", done.stdout)
        self.place.home.start()
        self.assertGreaterEqual(len(self.place.live.buckets()), 1)
        done = self.place.weir("apply", "-y")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_interrupted(self):
        """Ctrl-C: what is under way may end, nothing more is begun."""
        self.place.begin(1)
        self.place.faults({"action": "hang-after", "method": "PUT", "path": "*airlines*", "count": 0})
        apply = subprocess.Popen(
            [str(a) for a in self.place.twin.argv(self.place.home, "apply", "-y", "-o", "json")],
            env=self.place.home.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        deadline = time.monotonic() + 60
        while self.place.rule()["acted"] == 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        apply.terminate()
        time.sleep(0.5)
        self.place.faults()  # the reply comes after all, within the time that is given
        stdout, stderr = apply.communicate(timeout=60)
        self.assertEqual(apply.returncode, 130, stderr)
        self.assertRegex(stderr, r"interrupted: \d+ under way, given 10 s to end; once more ends weir at once")
        results = {r["address"]: r["state"] for r in json.loads(stdout)["results"]}
        self.assertIn(results["objects.airlines"], ("done", "failed"))
        now = self.place.live.state()
        for address in ("scripts.ingest", "scripts.delays", "scripts.routes"):
            self.assertEqual(results[address] == "done", ("object", NAMES[address]) in now)
        self.assertNotIn("begun", re.sub(r"not begun", "", stdout))


weirlocal.main()
