#!/usr/bin/env python3
"""The value of a sensitive parameter reaches the service, and nothing that weir prints."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

PIPELINE = """pipeline: guarded
parameters:
  key: {sensitive: true, pattern: 'k-.*'}
  keys: {type: list, default: [], sensitive: true}
buckets: {scripts: {}, logs: {}}
defaults: {script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps:
  copy:
    script: copy.py
    arguments: [--key, $<key>, "--url=https://user:$<key>@host"]
    configuration: {spark.keys: "$<key>"}
    description: plain
"""
SECRET = 'k-7"q\\z'
home = folder = None


def setUpModule():
    global home, folder
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    folder = home.scratch / "guarded"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE)
    (folder / "copy.py").write_text("print(1)\n")


class Sensitive(unittest.TestCase):
    def weir(self, *args, status=0):
        done = home.weir("-C", folder, *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        printed = done.stdout + done.stderr
        for form in (SECRET, json.dumps(SECRET)[1:-1]):
            self.assertNotIn(form, printed)
        return done

    def test_plan_apply_and_again(self):
        given = ("-p", f"key={SECRET}")
        plan = self.weir("plan", *given).stdout
        self.assertIn("--url=https://user:(sensitive)@host", plan)
        self.assertIn("plain", plan)
        self.assertIn("sensitive, and can be read by all", self.weir("validate", *given).stderr)
        document = json.loads(self.weir("plan", *given, "-o", "json").stdout)
        self.assertIn("(sensitive)", json.dumps(document))
        self.weir("apply", "-y", *given)
        self.weir("apply", "-y", *given, "-o", "json")
        compartment = home.tenancy
        listed = home.call("GET", f"/20200129/applications?compartmentId={compartment}").json()
        app = home.call("GET", f"/20200129/applications/{listed[0]['id']}").json()
        self.assertEqual(app["arguments"], ["--key", SECRET, f"--url=https://user:{SECRET}@host"])
        self.assertEqual(app["configuration"], {"spark.keys": SECRET})

    def test_mistakes_do_not_tell(self):
        done = home.weir("-C", folder, "validate", "-p", "key=wrong-secret")
        self.assertEqual(done.returncode, 1)
        self.assertIn("parameter `key` must match `k-.*`, unlike `(sensitive)`", done.stderr)
        self.assertNotIn("wrong-secret", done.stdout + done.stderr)

    def test_too_short_to_hide(self):
        done = home.weir("-C", folder, "validate", "-p", "key=k-1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a sensitive value has at least 4 characters", done.stderr)
        done = home.weir("-C", folder, "validate", "-p", "key=k-12", "-p", 'keys=["ok-it-is", "no"]')
        self.assertEqual(done.returncode, 1)
        self.assertIn("the value of `keys` is too short", done.stderr)


if __name__ == "__main__":
    weirlocal.main()
