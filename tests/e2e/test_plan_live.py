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

    def edit(self, text, by):
        file = self.twin.folder / "pipeline.yaml"
        self.assertIn(text, file.read_text())
        file.write_text(file.read_text().replace(text, by))

    def fields(self, text):
        """apps.delays has these fields too, in the place of those of the call before."""
        self.twin.write(1)
        self.edit("display_name: twin-delays,", f"display_name: twin-delays, {text},")

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
            r"      ~ num_executors = 7 -> 1 # changed outside of weir\n        # \(\d+ unchanged attributes hidden\)\n    \}\n\n"
            r"Plan: 0 to add, 1 to change, 0 to destroy\.\n$",
        )
        document = json.loads(self.weir("plan", "-o", "json").stdout)
        self.assertEqual([c["address"] for c in document["resource_changes"]], ["apps.delays"])
        self.assertEqual(
            document["resource_changes"][0]["changes"],
            [{"field": "num_executors", "action": "change", "was": 7, "now": 1, "reason": "drift"}],
        )
        self.assertEqual(
            document["summary"], {"add": 0, "change": 1, "remove": 0, "adopt": 0, "kept": 0, "unchanged": 9}
        )

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
        self.edit("display_name: twin-delays,", "display_name: twin-delays, freeform_tags: {cost: y},")
        self.weir("apply", "-y")
        tags = self.app("delays")["freeformTags"]
        self.assertRegex(tags.pop("weir-set"), r"^1[\w-]{5}")
        self.assertEqual(tags, {"weir": "twin/local/delays", "team": "x", "cost": "y"})


class ThreeWays(Case):
    """The file, the live application, and what weir set last."""

    def pool(self):
        """A pool that is there: the service looks."""
        reply = self.home.call("POST", "/20200129/pools", {
            "compartmentId": self.home.tenancy, "displayName": "p",
            "configurations": [{"shape": "VM.Standard.E4.Flex", "min": 1, "max": 2}]})
        self.assertIn(reply.status, (200, 202), reply)
        return reply.json()["id"]

    def changes(self, status=0):
        """Of apps.delays: field to (action, was, now, reason)."""
        document = json.loads(self.weir("plan", "-o", "json", status=status).stdout)
        found = [c for c in document["resource_changes"] if c["address"] == "apps.delays"]
        return {c["field"]: (c["action"], c["was"], c["now"], c["reason"]) for x in found for c in x["changes"]}

    def test_whose_doing_it_is(self):
        self.fields("description: first, num_executors: 1, configuration: {spark.x: '1'}")
        self.weir("apply", "-y")
        ocid = self.app("delays")["id"]
        self.update(ocid, {"description": "theirs", "configuration": {"spark.x": "2"}, "className": ""})
        self.fields("description: ours, num_executors: 2, configuration: {spark.x: '1'}")
        self.assertEqual(self.changes(), {
            "description": ("change", "theirs", "ours", "both"),
            "num_executors": ("change", 1, 2, "file"),
            "configuration.spark.x": ("change", "2", "1", "drift"),
        })
        shown = self.weir("plan").stdout
        self.assertIn("~ description           = \"theirs\" -> \"ours\" # changed in the file and outside of weir\n", shown)
        self.assertIn("~ num_executors         = 1 -> 2\n", shown)
        self.assertIn("~ configuration.spark.x = \"2\" -> \"1\" # changed outside of weir\n", shown)
        self.weir("apply", "-y")
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_what_the_file_leaves_out_is_the_services(self):
        self.weir("apply", "-y")
        ocid = self.app("delays")["id"]
        theirs = {"poolId": self.pool(), "maxDurationInMinutes": 30,
                  "metastoreId": "ocid1.datacatalogmetastore.oc1..theirs", "warehouseBucketUri": "oci://w@ns/"}
        self.update(ocid, theirs)
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        self.fields("num_executors: 2")
        self.assertEqual(list(self.changes()), ["num_executors"])
        self.weir("apply", "-y")
        app = self.app("delays")
        self.assertEqual({name: app[name] for name in theirs}, theirs)
        self.assertEqual(app["numExecutors"], 2)

    def test_what_leaves_the_file_is_reset(self):
        ours = self.pool()
        self.fields(f"pool_id: {ours}, metastore_id: ocid1.datacatalogmetastore.oc1..ours, "
                    "freeform_tags: {team: x, cost: y}, defined_tags: {ns.owner: me}, "
                    "executor_shape_config: {ocpus: 2, memory_in_gbs: 32}, max_duration_in_minutes: 60")
        self.weir("apply", "-y")
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        app = self.app("delays")
        self.assertEqual(app["poolId"], ours)
        self.update(app["id"], {"freeformTags": {**app["freeformTags"], "theirs": "1"},
                                "definedTags": {"ns": {"owner": "me", "theirs": "1"}},
                                "metastoreId": "ocid1.datacatalogmetastore.oc1..theirs"})
        self.fields("freeform_tags: {cost: y}")
        self.assertEqual(self.changes(), {
            "pool_id": ("remove", ours, None, "file"),
            "metastore_id": ("remove", "ocid1.datacatalogmetastore.oc1..theirs", None, "both"),
            "freeform_tags.team": ("remove", "x", None, "file"),
            "defined_tags.ns.owner": ("remove", "me", None, "file"),
            "executor_shape_config.ocpus": ("change", 2, 1, "file"),
            "executor_shape_config.memory_in_gbs": ("change", 32, 16, "file"),
        })
        done = self.weir("apply", "-y")
        self.assertIn("`max_duration_in_minutes` is no longer in the file, and the service can't clear it: it stays 60",
                      done.stderr)
        app = self.app("delays")
        self.assertFalse(app["poolId"] or app["metastoreId"])
        self.assertEqual(app["maxDurationInMinutes"], 60)
        self.assertEqual(app["definedTags"], {"ns": {"theirs": "1"}})
        del app["freeformTags"]["weir-set"]
        self.assertEqual(app["freeformTags"], {"weir": "twin/local/delays", "cost": "y", "theirs": "1"})
        # It is told until the next update, and not again: now it is the service's.
        done = self.weir("plan")
        self.assertEqual((done.stdout, done.stderr.count("can't clear")), (NO_CHANGES, 0))

    def test_without_what_weir_set(self):
        """As a weir that knew no weir-set left it, and as somebody spoilt it."""
        ours = self.pool()
        self.fields(f"pool_id: {ours}")
        self.weir("apply", "-y")
        app = self.app("delays")
        remembered = app["freeformTags"].pop("weir-set")
        self.fields("num_executors: 1")
        for tags, warned in (({}, 0), ({"weir-set": ""}, 1), ({"weir-set": remembered[:-1]}, 1),
                             ({"weir-set": "2" + remembered}, 1), ({"weir-set": "\u001b[31m\u202e"}, 1)):
            self.update(app["id"], {"freeformTags": {**app["freeformTags"], **tags}})
            done = self.weir("plan")
            self.assertEqual(done.stdout, NO_CHANGES, tags)
            self.assertEqual(done.stderr.count("the freeform tag `weir-set` of " + app["id"]), warned, done.stderr)
            self.assertNotIn("\u001b[31m", done.stderr)
        # The next update writes it again, and resets nothing.
        self.fields("num_executors: 2")
        self.assertEqual(self.changes(), {"num_executors": ("change", 1, 2, "unknown")})
        self.weir("apply", "-y")
        app = self.app("delays")
        self.assertEqual(app["poolId"], ours)
        self.assertRegex(app["freeformTags"]["weir-set"], r"^1[\w-]{5}")
        self.fields("num_executors: 3")
        self.assertEqual(self.changes(), {"num_executors": ("change", 2, 3, "file")})

    def test_ten_tags_and_no_more(self):
        self.weir("apply", "-y")
        app = self.app("delays")
        theirs = {f"theirs{i}": "x" for i in range(8)}
        self.update(app["id"], {"freeformTags": {**app["freeformTags"], **theirs}})
        reply = self.home.call("PUT", f"/20200129/applications/{app['id']}",
                               {"freeformTags": {**app["freeformTags"], **theirs, "eleventh": "x"}})
        self.assertEqual(reply.status, 400, reply)
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        before = self.home.call("GET", f"/20200129/applications/{app['id']}").json()
        self.fields("freeform_tags: {a: x, b: x}")
        done = self.weir("apply", "-y", status=3)
        self.assertIn("apps.delays would have 11 freeform tags, of which the service takes 10", done.stderr)
        self.assertIn("`theirs7`, which others set", done.stderr)
        self.assertEqual(self.home.call("GET", f"/20200129/applications/{app['id']}").json(), before)
        # Ten without weir-set: it gives way.
        self.fields("freeform_tags: {a: x}")
        done = self.weir("apply", "-y")
        self.assertIn("there is no room for `weir-set`", done.stderr)
        self.assertEqual(self.app("delays")["freeformTags"], {"weir": "twin/local/delays", "a": "x", **theirs})
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_canonical_forms(self):
        """What is written in another way is no difference."""
        self.fields("driver_shape_config: {ocpus: 1.0, memory_in_gbs: 16}, "
                    "logs_bucket: twin-logs, archive_uri: '', configuration: {}")
        self.edit("parameters: {lake: lake}}", "parameters: {lake: lake, b: '', a: x}}")
        self.weir("apply", "-y")
        app = self.app("delays")
        self.update(app["id"], {
            "logsBucketUri": app["logsBucketUri"].rstrip("/"), "parameters": app["parameters"][::-1],
            "driverShapeConfig": {"memoryInGBs": 16.0, "ocpus": 1}, "archiveUri": "", "poolId": "",
            "configuration": {}})
        self.assertEqual(self.weir("plan", "--detailed-exitcode").stdout, NO_CHANGES)

    def test_an_empty_logs_bucket_is_the_services(self):
        self.fields("logs_bucket: null, logs_bucket_uri: ''")
        self.weir("apply", "-y")
        self.assertEqual(self.app("delays")["logsBucketUri"], f"oci://dataflow-logs@{self.home.ns}/")
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_from_execute_to_a_script(self):
        """What the service derived from `execute` is not somebody else's doing, and neither is it left."""
        line = next(x for x in (self.twin.folder / "pipeline.yaml").read_text().splitlines() if "  delays:" in x)
        uri = f"oci://twin-data@{self.home.ns}/weir/twin/local/scripts/ingest.py"
        self.edit(line, f"  delays: {{display_name: twin-delays, language: PYTHON, execute: \"--conf spark.x=1 {uri} a b\"}}")
        self.weir("apply", "-y")
        self.assertEqual(self.app("delays")["arguments"], ["a", "b"])
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        self.twin.write(1)
        changes = self.changes()
        self.assertEqual({c[3] for c in changes.values()}, {"file"}, changes)
        self.weir("apply", "-y")
        app = self.app("delays")
        self.assertEqual((app["arguments"], app["execute"] or ""), (["${lake}"], ""))
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)

    def test_the_deleted_are_gone(self):
        self.weir("apply", "-y")
        first = self.app("delays")["id"]
        self.home.call("DELETE", f"/20200129/applications/{first}")
        shown = self.weir("plan", "--detailed-exitcode", status=2).stdout
        self.assertTrue(shown.endswith("\nPlan: 1 to add, 0 to change, 0 to destroy.\n"), shown)
        self.weir("apply", "-y")
        self.assertNotEqual(self.app("delays")["id"], first)
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)


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
        self.assertIn(f"to take it over, give apps.delays `adopt: {app['id']}`", done.stderr)
        self.update(app["id"], {"numExecutors": 3})
        file = self.twin.folder / "pipeline.yaml"
        file.write_text(file.read_text().replace("delays: {", f"delays: {{adopt: {app['id']}, "))
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
