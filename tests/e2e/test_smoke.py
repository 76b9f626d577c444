#!/usr/bin/env python3
"""The whole way once, in a minute even under valgrind (scripts/memcheck.sh): a service, a pipeline that is wrong, then
validated, planned, applied, changed, destroyed; requests that are refused; the service's end."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from twin import Twin


class Smoke(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.home.env["WEIR"] = os.environ["WEIR"]
        self.twin = Twin(self.home.scratch / "twin")
        self.twin.write(1)

    def weir(self, *args, status=0):
        offline = args[0] == "validate"
        done = self.home.weir(*args, "-C", self.twin.folder) if offline else self.twin.weir(self.home, *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_the_whole_way(self):
        self.weir("validate")
        self.weir("plan", "--detailed-exitcode", status=2)
        self.weir("apply", "-y")
        self.assertIn("No changes.", self.weir("plan").stdout)
        self.twin.write(2)
        self.weir("plan", "-o", "json")
        self.weir("apply", "-y")
        self.weir("list", "apps")
        self.weir("destroy", "-y")
        self.assertEqual(self.twin.live(self.home).apps(), [])
        self.assertEqual(self.home.stop(), 0)

    def test_what_is_wrong(self):
        file = self.twin.folder / "pipeline.yaml"
        file.write_text(file.read_text().replace("num_executors: 1", "num_executor: $<nobody>"))
        self.assertIn("num_executors", self.weir("validate", status=1).stderr)
        self.weir("apply", "--no-such-option", status=1)

    def test_requests(self):
        home = self.home
        home.bucket("b")
        target = home.object("b", "a/b")
        self.assertEqual(home.call("PUT", target, b"hello").status, 200)
        self.assertEqual(home.call("GET", target, fields=[("range", "bytes=1-2")]).body, b"el")
        self.assertEqual(home.call("GET", home.object("b", "none")).status, 404)
        self.assertEqual(home.call("POST", "/20200129/applications", {"numExecutors": "x"}).status, 400)
        self.assertEqual(home.call("DELETE", target).status, 204)
        self.assertEqual(home.stop(), 0)


weirlocal.main()
