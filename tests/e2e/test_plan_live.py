#!/usr/bin/env python3
"""The plan against a live service that others change too: what it shows, whose things it leaves alone, and what
happens when somebody is faster than the answer to its question."""
import json
import os
import pty
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from twin import Twin

NO_CHANGES = "No changes. Your infrastructure matches the configuration.\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.home.env["WEIR"] = os.environ["WEIR"]
        self.twin = Twin(self.home.scratch / "twin")
        self.live = self.twin.live(self.home)
        self.twin.write(1)

    def weir(self, *args, status=0):
        done = self.twin.weir(self.home, *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def app(self, key):
        return next(a for a in self.live.apps() if a["freeformTags"]["weir"] == f"twin/local/{key}")

    def update(self, ocid, body):
        reply = self.home.call("PUT", f"/20200129/applications/{ocid}", body)
        self.assertEqual(reply.status, 200, reply)

    def create(self, like, **changes):
        """An application made by somebody else."""
        fields = ("compartmentId", "displayName", "language", "sparkVersion", "fileUri", "driverShape",
                  "driverShapeConfig", "executorShape", "executorShapeConfig", "numExecutors", "freeformTags")
        body = {**{name: like[name] for name in fields}, **changes}
        reply = self.home.call("POST", "/20200129/applications", body)
        self.assertEqual(reply.status, 200, reply)
        return reply.json()["id"]


class Shown(Case):
    def test_only_what_differs(self):
        self.weir("plan", "--detailed-exitcode", status=2)
        self.weir("apply", "-y")
        self.assertEqual(self.weir("plan", "--detailed-exitcode").stdout, NO_CHANGES)

        script = self.twin.folder / "delays.py"
        script.write_text("import sys\nprint(2)\n")
        shown = self.weir("plan", "--detailed-exitcode", status=2).stdout
        self.assertEqual(shown.count("\n  # "), 0)
        self.assertTrue(shown.startswith("  # scripts.delays will be updated in-place\n"), shown)
        self.assertIn("        @@ -1 +1,2 @@\n        +import sys\n         print(2)\n    }\n", shown)
        self.assertTrue(shown.endswith("\nPlan: 0 to add, 1 to change, 0 to destroy.\n"), shown)
        script.write_text("print(2)\n")

        self.update(self.app("delays")["id"], {"numExecutors": 7})
        shown = self.weir("plan", "--detailed-exitcode", status=2).stdout
        self.assertRegex(
            shown,
            r'^  # apps\.delays will be updated in-place\n  ~ application "twin-delays" \{\n'
            r"      ~ num_executors = 7 -> 1\n        # \(\d+ unchanged attributes hidden\)\n    \}\n\n"
            r"Plan: 0 to add, 1 to change, 0 to destroy\.\n$",
        )
        document = json.loads(self.weir("plan", "-o", "json").stdout)
        self.assertEqual([c["address"] for c in document["resource_changes"]], ["apps.delays"])
        self.assertEqual(
            document["resource_changes"][0]["changes"],
            [{"field": "num_executors", "action": "change", "was": 7, "now": 1}],
        )
        self.assertEqual(document["summary"], {"add": 0, "change": 1, "remove": 0, "unchanged": 9})

    def test_touched_files_are_not_changes(self):
        self.weir("apply", "-y")
        for path in self.twin.folder.iterdir():
            os.utime(path, (1, 1))
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_tags_of_others_stay(self):
        self.weir("apply", "-y")
        app = self.app("delays")
        self.update(app["id"], {"freeformTags": {**app["freeformTags"], "team": "x"}})
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        (self.twin.folder / "pipeline.yaml").write_text(
            (self.twin.folder / "pipeline.yaml").read_text().replace(
                "display_name: twin-delays,", "display_name: twin-delays, freeform_tags: {cost: y},"))
        self.weir("apply", "-y")
        self.assertEqual(self.app("delays")["freeformTags"], {"weir": "twin/local/delays", "team": "x", "cost": "y"})


class Whose(Case):
    def test_two_with_one_identity(self):
        self.weir("apply", "-y")
        app = self.app("delays")
        twin = self.create(app, displayName="copy")
        done = self.weir("plan", status=4)
        self.assertIn(app["id"], done.stderr)
        self.assertIn(twin, done.stderr)
        self.assertIn("apps.delays is claimed by more than one live application", done.stderr)
        self.weir("apply", "-y", status=4)
        self.home.call("DELETE", f"/20200129/applications/{twin}")
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_a_name_that_another_has(self):
        self.weir("apply", "-y")
        app = self.app("delays")
        self.update(app["id"], {"freeformTags": {}})  # as if made by hand
        done = self.weir("apply", "-y", status=4)
        self.assertIn('an application with the display name "twin-delays" is there already', done.stderr)
        self.assertIn(app["id"], done.stderr)
        self.assertEqual(len(self.live.apps()), 2)
        # The first way out that it names: to adopt it.
        self.assertIn("set its freeform tag `weir` to `twin/local/delays`", done.stderr)
        self.update(app["id"], {"freeformTags": {"weir": "twin/local/delays"}, "numExecutors": 3})
        self.weir("apply", "-y")
        self.assertEqual(self.app("delays")["id"], app["id"])
        self.assertEqual(self.app("delays")["numExecutors"], 1)

    def test_an_object_that_another_put_there(self):
        self.home.bucket("twin-data")
        name = self.home.object("twin-data", "data/airports.csv")
        self.home.call("PUT", name, b"theirs\n")
        done = self.weir("apply", "-y", status=4)
        self.assertIn("oci://twin-data@", done.stderr)
        self.assertIn("was not put there by weir", done.stderr)
        self.assertEqual(self.home.call("GET", name).body, b"theirs\n")
        self.home.call("DELETE", name)
        self.weir("apply", "-y")

    def test_what_the_file_no_longer_has(self):
        self.weir("apply", "-y")
        self.home.call("PUT", self.home.object("twin-data", "lake/part-0.parquet"), b"data")
        self.home.call("PUT", self.home.object("twin-data", "weir/twin/local/_meta/x"), b"weir's own")
        self.twin.write(2)
        self.weir("apply", "-y")
        names = {name for _, name in self.live.objects()}
        self.assertNotIn("weir/twin/local/scripts/routes.sql", names)
        self.assertLessEqual({"lake/part-0.parquet", "weir/twin/local/_meta/x", "data/airports.csv"}, names)
        done = self.weir("destroy", "-y")
        self.assertTrue(done.stdout.endswith("\nDestroy complete! Resources: 7 destroyed.\n"), done.stdout)
        self.assertEqual(self.live.apps(), [])
        self.assertEqual(self.live.buckets(), {"twin-data", "twin-logs"})
        names = {name for _, name in self.live.objects()}
        self.assertEqual(names, {"lake/part-0.parquet", "weir/twin/local/_meta/x", "data/airports.csv"})


class Asked(Case):
    """weir asks on a terminal; meanwhile somebody else changes what the plan is about."""

    def answer(self, while_it_waits):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        argv = [str(a) for a in self.twin.argv(self.home, "apply")]
        apply = subprocess.Popen(argv, env=self.home.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(theirs)
        os.set_blocking(apply.stderr.fileno(), False)
        asked, deadline = b"", time.monotonic() + 60
        while b"Only `yes`" not in asked:
            self.assertLess(time.monotonic(), deadline, asked)
            asked += apply.stderr.read() or b""
            time.sleep(0.01)
        os.set_blocking(apply.stderr.fileno(), True)
        while_it_waits()
        os.write(ours, b"yes\n")
        stdout, stderr = apply.communicate(timeout=60)
        return apply.returncode, stdout.decode(), stderr.decode()

    def test_an_edit_meanwhile_is_kept(self):
        self.weir("apply", "-y")
        ocid = self.app("delays")["id"]
        self.update(ocid, {"numExecutors": 5})
        status, stdout, stderr = self.answer(lambda: self.update(ocid, {"numExecutors": 9}))
        self.assertEqual(status, 4, stdout + stderr)
        self.assertIn("Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed; 1 failed, 0 not begun.", stdout)
        self.assertEqual(self.app("delays")["numExecutors"], 9)

    def test_an_object_that_appears_meanwhile_is_kept(self):
        self.weir("apply", "-y")
        name = self.home.object("twin-data", "data/airports.csv")
        self.home.call("DELETE", name)
        status, stdout, stderr = self.answer(lambda: self.home.call("PUT", name, b"theirs"))
        self.assertEqual(status, 4, stdout + stderr)
        self.assertEqual(self.home.call("GET", name).body, b"theirs")

    def test_a_file_that_changes_meanwhile_is_not_sent(self):
        self.weir("apply", "-y")
        script = self.twin.folder / "delays.py"
        script.write_text("print('reviewed')\n")
        status, stdout, stderr = self.answer(lambda: script.write_text("print('not reviewed')\n"))
        self.assertEqual(status, 4, stdout + stderr)
        body = self.home.call("GET", self.home.object("twin-data", "weir/twin/local/scripts/delays.py")).body
        self.assertEqual(body, b"print(2)\n")


weirlocal.main()
