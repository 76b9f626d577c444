#!/usr/bin/env python3
"""scripts/quickstart.sh as a new user runs it, in a state folder of its own: the results are printed and right, and a second
time there is nothing to change."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

SCRIPT = weirlocal.SOURCE / "scripts" / "quickstart.sh"


class Quickstart(unittest.TestCase):
    def setUp(self):
        state = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(state.cleanup)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("WEIR")}
        self.env["XDG_STATE_HOME"] = state.name
        self.home = pathlib.Path(state.name, "weir", "local")
        self.addCleanup(self.down)

    def down(self):
        subprocess.run([weirlocal.SOURCE / "build" / "release" / "weir-local", "down"], env=self.env, check=True,
                       stdout=subprocess.DEVNULL)

    def quickstart(self):
        done = subprocess.run([SCRIPT], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-5000:] + done.stderr[-5000:])
        return done

    def test_twice(self):
        first = self.quickstart()
        self.assertIn("Plan: 15 to add, 0 to change, 0 to destroy.", first.stdout)
        self.assertIn("72 lines, all as computed without Spark", first.stderr)
        self.assertIn('"flights": 336776', first.stdout)
        self.assertTrue((self.home / "spark" / "stamp").is_file())
        second = self.quickstart()
        self.assertIn("setup: already installed", second.stderr)
        self.assertTrue(second.stdout.startswith("No changes."), second.stdout[:500])
        self.assertIn("72 lines, all as computed without Spark", second.stderr)


if __name__ == "__main__":
    weirlocal.main()
