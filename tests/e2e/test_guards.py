#!/usr/bin/env python3
"""What must not be lost: applications that are renamed, taken over, moved or protected, and objects of others."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from small import Small

NO_CHANGES = "No changes. Your infrastructure matches the configuration.\n"
SCRIPTS = "weir/small/local/scripts/"


class Case(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.home.env["WEIR"] = os.environ["WEIR"]
        self.small = Small(self.home.scratch / "small", self.home)
        self.small.files = {"copy.py": "print('copy')\n", "join.py": "print('join')\n"}
        self.apps = self.small.spec["apps"]
        self.apps.update(copy={"script": "copy.py"}, join={"script": "join.py"})

    def weir(self, *args, status=0):
        done = self.small.weir(*args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def apply(self, *args):
        """Applies, and sees that nothing is left to do."""
        done = self.weir("apply", "-y", *args)
        self.assertEqual(self.weir("plan", "--detailed-exitcode").stdout, NO_CHANGES)
        return done

    def fault(self, **rule):
        self.assertEqual(self.home.call("POST", "/weir/faults", rule).status, 204)

    def tags(self):
        return sorted(a["freeformTags"].get("weir", "-") for a in self.small.apps())


class Renamed(Case):
    def test_app(self):
        self.apply()
        ocid = self.small.tagged("small/local/copy")["id"]
        self.apps["transfer"] = {**self.apps.pop("copy"), "was": "copy"}
        shown = self.weir("plan").stdout
        self.assertIn("  # apps.transfer will be updated in-place (was apps.copy)\n", shown)
        self.assertIn('freeform_tags.weir = "small/local/copy" -> "small/local/transfer"\n', shown)
        self.assertTrue(shown.endswith("\nPlan: 0 to add, 1 to change, 0 to destroy.\n"), shown)
        change = json.loads(self.weir("plan", "-o", "json").stdout)["resource_changes"][0]
        self.assertEqual((change["address"], change["previous_address"]), ("apps.transfer", "apps.copy"))
        self.apply()
        app = self.small.tagged("small/local/transfer")
        self.assertEqual((app["id"], app["displayName"]), (ocid, "small-transfer"))
        self.assertEqual(self.tags(), ["small/local/join", "small/local/transfer"])
        # The key may be used again, and so may `was` stay as long as it is not.
        del self.apps["transfer"]["was"]
        self.apps["copy"] = {"script": "copy.py"}
        self.apply()
        self.assertNotEqual(self.small.tagged("small/local/copy")["id"], ocid)
        self.assertEqual(self.small.tagged("small/local/transfer")["id"], ocid)

    def test_pipeline_and_target(self):
        self.small.spec["objects"]["own"] = {"path": "copy.py", "bucket": "data", "object": "own/copy.py"}
        self.apply()
        before = {a["id"] for a in self.small.apps()}
        self.small.spec.update(pipeline="big", was="small", targets={"here": {"type": "local", "was": "local"}})
        self.apps["transfer"] = {**self.apps.pop("copy"), "was": "copy"}
        shown = self.weir("plan").stdout
        # Two scripts and an object are sent, two scripts go when the applications run the new ones.
        self.assertTrue(shown.endswith("\nPlan: 2 to add, 3 to change, 2 to destroy.\n"), shown)
        self.apply()
        self.assertEqual(self.tags(), ["big/here/join", "big/here/transfer"])
        self.assertEqual({a["id"] for a in self.small.apps()}, before)
        self.assertEqual(set(self.small.objects()),
                         {"own/copy.py", "weir/big/here/scripts/copy.py", "weir/big/here/scripts/join.py"})
        own = self.home.call("HEAD", self.home.object("data", "own/copy.py"))
        self.assertEqual(own.field("opc-meta-weir-owner"), "big/here")
        # And once more, by the target alone.
        del self.small.spec["was"]
        self.small.spec["targets"] = {"there": {"type": "local", "was": "here"}}
        self.apply()
        self.assertEqual({a["id"] for a in self.small.apps()}, before)

    def test_an_update_that_fails_leaves_the_script_that_is_in_use(self):
        self.apply()
        ocid = self.small.tagged("small/local/copy")["id"]
        self.small.spec.update(pipeline="big", was="small")
        self.fault(action="status", status=400, method="PUT", path=f"/20200129/applications/{ocid}")
        self.weir("apply", "-y", status=5)
        self.assertIn(SCRIPTS + "copy.py", self.small.objects())
        self.home.call("DELETE", "/weir/faults")
        self.apply()
        self.assertNotIn(SCRIPTS + "copy.py", self.small.objects())

    def test_both_are_live(self):
        self.apply()
        old = self.small.tagged("small/local/copy")["id"]
        self.apps["transfer"] = self.apps["copy"]
        self.apply()
        new = self.small.tagged("small/local/transfer")["id"]
        self.apps["transfer"] = {**self.apps.pop("copy"), "was": "copy"}
        for command in (("plan",), ("apply", "-y")):
            done = self.weir(*command, status=4)
            self.assertIn(f"{new} (small/local/transfer) and {old} (small/local/copy)", done.stderr)
        self.assertEqual(len(self.small.apps()), 3)
        del self.apps["transfer"]["was"]
        self.apply()
        self.assertEqual(self.tags(), ["small/local/join", "small/local/transfer"])


class Adopted(Case):
    def setUp(self):
        super().setUp()
        del self.apps["copy"]
        self.apply()
        self.ocid = self.small.create(displayName="by hand", freeformTags={"team": "x"})

    def adopt(self, **fields):
        self.apps["copy"] = {"file_uri": f"oci://data@{self.home.ns}/x.py", "driver_shape": "VM.Standard2.1",
                             "executor_shape": "VM.Standard2.1", "driver_shape_config": None,
                             "executor_shape_config": None, "display_name": "by hand",
                             "logs_bucket": "dataflow-logs", "adopt": self.ocid, **fields}
        self.small.spec["buckets"]["dataflow-logs"] = {}

    def test_tags_only(self):
        self.adopt()
        self.weir("apply", "-y")  # the bucket, too
        self.small.update(self.ocid, freeformTags={"team": "x"})
        shown = self.weir("plan", "--detailed-exitcode", status=2).stdout
        self.assertIn('  # apps.copy will be adopted (tags only)\n <= application "by hand" {\n', shown)
        self.assertTrue(
            shown.endswith("\nNo changes. Your infrastructure matches the configuration, 1 to adopt.\n"), shown)
        change = json.loads(self.weir("plan", "-o", "json").stdout)["resource_changes"][0]
        self.assertEqual((change["action"], change["adopts"]), ("adopt", True))
        done = self.apply()
        self.assertTrue(done.stdout.endswith("0 added, 0 changed, 0 destroyed, 1 adopted.\n"), done.stdout)
        tags = self.small.app(self.ocid)["freeformTags"]
        self.assertEqual((tags["team"], tags["weir"]), ("x", "small/local/copy"))

    def test_with_changes(self):
        self.adopt(num_executors=3)
        shown = self.weir("plan", "--detailed-exitcode", status=2).stdout
        self.assertIn("  # apps.copy will be updated in-place (adopted)\n", shown)
        self.apply()
        self.assertEqual(self.small.tagged("small/local/copy")["numExecutors"], 3)
        # The key may stay, and go.
        del self.apps["copy"]["adopt"]
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)
        del self.apps["copy"]
        self.apply()
        self.assertEqual(self.tags(), ["small/local/join"])

    def test_the_display_name_leads_here(self):
        self.adopt()
        del self.apps["copy"]["adopt"]
        done = self.weir("apply", "-y", status=4)
        self.assertIn(f"to take it over, give apps.copy `adopt: {self.ocid}`", done.stderr)
        self.adopt()
        self.apply()

    def test_not_to_be_had(self):
        self.adopt(adopt=self.ocid[:-3] + "aaa")
        done = self.weir("plan", status=3)
        self.assertIn("which it adopts, is not there, or not for this user to see", done.stderr)
        self.assertIn("give `adopt` the OCID of an application that is live", done.stderr)
        self.adopt(adopt=self.small.tagged("small/local/join")["id"])
        self.assertIn("is weir's `small/local/join`\n  to rename an app of this pipeline give it `was: KEY`",
                      self.weir("plan", status=4).stderr)
        self.adopt()
        self.small.update(self.ocid, freeformTags={"weir": "other/prod/copy"})
        self.assertIn("is weir's `other/prod/copy`\n  take its freeform tag `weir` away first",
                      self.weir("apply", "-y", status=4).stderr)
        self.small.delete(self.ocid)
        self.assertIn("which it adopts, is deleted", self.weir("plan", status=3).stderr)

    def test_there_is_one_already(self):
        self.adopt(display_name="mine")
        self.apply()
        other = self.small.create(displayName="other")
        self.adopt(adopt=other, display_name="mine")
        done = self.weir("apply", "-y", status=4)
        self.assertIn(f"{self.ocid} (small/local/copy) and {other} (adopted)", done.stderr)


class Protected(Case):
    def test_target(self):
        self.small.target["protect"] = ["delete"]
        self.apply()
        del self.apps["copy"]
        self.apps["join"]["num_executors"] = 2
        shown = self.weir("plan").stdout
        self.assertIn("  # apps.copy is kept: protected (target local has `protect: [delete]`)\n", shown)
        self.assertTrue(shown.endswith("0 to destroy; 2 kept: protected.\n"), shown)
        document = json.loads(self.weir("plan", "-o", "json").stdout)
        self.assertEqual([c["action"] for c in document["resource_changes"]], ["update", "keep", "keep"])
        self.assertEqual((document["summary"]["remove"], document["summary"]["kept"]), (0, 2))
        self.weir("apply", "-y")
        self.assertEqual(self.small.tagged("small/local/join")["numExecutors"], 2)
        self.assertEqual(self.tags(), ["small/local/copy", "small/local/join"])
        self.assertIn(SCRIPTS + "copy.py", self.small.objects())
        shown = self.weir("plan", "--detailed-exitcode").stdout
        self.assertTrue(
            shown.endswith("matches the configuration, but for 2 kept: protected.\n"), shown)
        shown = self.weir("destroy", "-y").stdout
        self.assertIn("4 kept: protected", shown)
        self.assertEqual(len(self.small.apps()), 2)
        del self.small.target["protect"]
        self.apply()
        self.assertEqual(self.tags(), ["small/local/join"])

    def test_app(self):
        self.apps["copy"]["prevent_delete"] = True
        self.small.spec["objects"]["table"] = {"path": "join.py", "bucket": "data", "prevent_delete": True}
        self.apply()
        shown = self.weir("destroy", "-y").stdout
        self.assertIn("  # apps.copy is kept: protected (prevent_delete)\n", shown)
        self.assertIn("  # scripts.copy is kept: protected (apps.copy uses it)\n", shown)
        self.assertTrue(shown.endswith("\nDestroy complete! Resources: 2 destroyed.\n"), shown)
        self.assertEqual(self.tags(), ["small/local/copy"])
        self.assertEqual(set(self.small.objects()),
                         {SCRIPTS + "copy.py", "weir/small/local/objects/table/join.py"})
        self.apply()
        # A replacement deletes too. It is refused, and nothing is done.
        self.apps["copy"]["type"] = "STREAMING"
        self.apps["join"]["num_executors"] = 2
        done = self.weir("apply", "-y", status=1)
        self.assertIn("type can only change by deleting and creating it, and it is protected (prevent_delete)",
                      done.stderr)
        self.assertEqual(self.small.tagged("small/local/join")["numExecutors"], 1)
        self.apps["copy"]["prevent_delete"] = False
        self.apply()

    def test_app_that_the_file_no_longer_has(self):
        self.apply()
        self.apps["copy"]["prevent_delete"] = True
        self.assertIn("+ prevent_delete = true\n", self.weir("plan").stdout)
        self.apply()
        copy = self.apps.pop("copy")
        shown = self.weir("apply", "-y").stdout
        self.assertIn("  # apps.copy is kept: protected (prevent_delete, when it was applied last)\n", shown)
        self.assertIn("  # scripts.copy is kept: protected (apps.copy uses it)\n" if "scripts.copy" in shown else
                      "copy.py is kept: protected (apps.copy uses it)\n", shown)
        self.assertEqual(self.tags(), ["small/local/copy", "small/local/join"])
        self.weir("destroy", "-y")
        self.assertEqual(self.tags(), ["small/local/copy"])
        # The way to be rid of it: to say so first.
        self.apps["copy"] = {**copy, "prevent_delete": False}
        self.apply()
        del self.apps["copy"]
        self.apply()
        self.assertEqual(self.tags(), ["small/local/join"])

    def test_max_delete(self):
        self.apply()
        self.apps["copy"]["type"] = "STREAMING"
        del self.apps["join"]
        shown = self.weir("plan", "--max-delete", "3").stdout
        self.assertTrue(shown.endswith("\nPlan: 1 to add, 0 to change, 3 to destroy.\n"), shown)
        for command in (("plan",), ("apply", "-y")):
            done = self.weir(*command, "--max-delete", "2", status=1)
            self.assertTrue(done.stdout.endswith("3 to destroy.\n"), done.stdout)
            self.assertEqual(done.stderr.split("\n")[:2], [
                "error: 3 would be destroyed, and --max-delete allows 2",
                "  see that all of it is to go; then give --max-delete 3"])
        document = json.loads(self.weir("plan", "--max-delete", "2", "-o", "json", status=1).stdout)
        self.assertEqual([p["kind"] for p in document["problems"]], ["guard"])
        self.assertEqual(len(self.small.apps()), 2)
        self.weir("destroy", "-y", "--max-delete", "0", status=1)
        self.assertEqual(len(self.small.apps()), 2)
        self.apply("--max-delete", "3")
        self.weir("destroy", "-y", "--max-delete", "2")
        self.assertEqual(self.small.apps(), [])

    def test_max_delete_is_a_number(self):
        for wrong in ("-1", "x", ""):
            done = self.weir("apply", "-y", f"--max-delete={wrong}", status=1)
            self.assertIn("--max-delete", done.stderr)


class Overwritten(Case):
    def test_an_object_that_another_put_there(self):
        self.small.spec["objects"]["table"] = {"path": "copy.py", "bucket": "data", "object": "table.csv"}
        self.home.bucket("data")
        name = self.home.object("data", "table.csv")
        self.home.call("PUT", name, b"theirs\n")
        done = self.weir("apply", "-y", status=4)
        self.assertIn("was not put there by weir", done.stderr)
        self.assertIn("or write over it by `overwrite: true` or --overwrite", done.stderr)
        self.assertEqual(self.home.call("GET", name).body, b"theirs\n")
        self.small.spec["objects"]["table"]["overwrite"] = True
        self.apply()
        self.assertEqual(self.home.call("GET", name).body, b"print('copy')\n")
        del self.small.spec["objects"]["table"]["overwrite"]
        self.small.files["copy.py"] = "print('more')\n"
        self.apply()  # it is ours now


class Compartments(Case):
    def setUp(self):
        super().setUp()
        self.dev, self.prod = self.home.compartments["dev"], self.home.compartments["prod"]

    def compartment(self, key):
        return self.small.tagged(f"small/local/{key}")["compartmentId"]

    def test_each_where_it_is_wanted(self):
        self.small.spec["defaults"]["compartment_id"] = self.dev
        self.apps["join"]["compartment_id"] = self.prod
        self.apply()
        self.assertEqual((self.compartment("copy"), self.compartment("join")), (self.dev, self.prod))
        listed = self.weir("list", "apps").stdout
        self.assertIn("small-copy", listed)
        self.assertIn("small-join", listed)
        self.weir("destroy", "-y")
        self.assertEqual(self.small.apps(), [])

    def test_moved(self):
        self.apply()
        ocid = self.small.tagged("small/local/copy")["id"]
        self.apps["copy"]["compartment_id"] = self.dev
        shown = self.weir("plan").stdout
        self.assertIn("  # apps.copy will be moved\n", shown)
        self.assertIn(f'~ compartment_id = "{self.home.tenancy}" -> "{self.dev}"\n', shown)
        self.assertTrue(shown.endswith("\nPlan: 0 to add, 1 to change, 0 to destroy.\n"), shown)
        self.assertTrue(json.loads(self.weir("plan", "-o", "json").stdout)["resource_changes"][0]["moves"])
        self.apply()
        self.assertEqual(self.small.tagged("small/local/copy")["id"], ocid)
        self.assertEqual(self.compartment("copy"), self.dev)
        # With more that changes, renamed at that, and back.
        self.apps["transfer"] = {**self.apps.pop("copy"), "was": "copy", "num_executors": 4}
        del self.apps["transfer"]["compartment_id"]
        self.small.target["also_look_in"] = [self.dev, self.home.tenancy]
        self.assertIn("  # apps.transfer will be updated in-place and moved (was apps.copy)\n", self.weir("plan").stdout)
        self.apply()
        app = self.small.tagged("small/local/transfer")
        self.assertEqual((app["id"], app["numExecutors"], app["compartmentId"]), (ocid, 4, self.home.tenancy))

    def test_somebody_else_moved_it(self):
        self.apply()
        ocid = self.small.tagged("small/local/copy")["id"]
        self.small.move(ocid, self.prod)
        self.small.target["also_look_in"] = [self.prod]
        self.assertIn("will be moved", self.weir("plan").stdout)
        self.apply()
        self.assertEqual(self.compartment("copy"), self.home.tenancy)

    def test_one_that_is_not_there(self):
        nowhere = self.home.tenancy.replace("tenancy", "compartment")
        self.small.target["also_look_in"] = [self.dev, nowhere]
        done = self.weir("plan", status=3)
        self.assertIn(f"error: read the live service: compartment {nowhere}: list applications", done.stderr)
        self.assertIn("Allow group <group> to", done.stderr)

    def test_the_command_line_says_where(self):
        self.small.target["compartment_id"] = self.prod
        self.weir("apply", "-y", "--compartment-id", self.dev)
        self.assertEqual({a["compartmentId"] for a in self.small.apps()}, {self.dev})
        self.assertEqual(self.weir("plan", "--compartment-id", self.dev).stdout, NO_CHANGES)

    def test_two_with_one_identity(self):
        self.apply()
        one = self.small.tagged("small/local/copy")
        fields = ("displayName", "fileUri", "driverShape", "driverShapeConfig", "executorShape", "executorShapeConfig",
                  "freeformTags")
        other = self.small.create(compartmentId=self.dev, **{f: one[f] for f in fields})
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)  # nobody looks there
        self.small.target["also_look_in"] = [self.dev]
        for command in (("plan",), ("apply", "-y"), ("destroy", "-y")):
            done = self.weir(*command, status=4)
            self.assertIn("is claimed by more than one live application", done.stderr)
            self.assertIn(one["id"], done.stderr)
            self.assertIn(other, done.stderr)
        self.small.delete(other)
        self.assertEqual(self.weir("plan").stdout, NO_CHANGES)  # what is deleted does not count

    def test_a_move_whose_reply_is_lost(self):
        self.apply()
        ocid = self.small.tagged("small/local/copy")["id"]
        self.apps["copy"]["compartment_id"] = self.dev
        self.fault(action="lose", method="POST", path=f"/20200129/applications/{ocid}/actions/*")
        self.apply()
        self.assertEqual(self.compartment("copy"), self.dev)


weirlocal.main()
