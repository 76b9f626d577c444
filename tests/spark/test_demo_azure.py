#!/usr/bin/env python3
"""scripts/demo-azure.sh as a new user runs it, in a folder of its own: all is copied and proved, files and a table; a second time
nothing is copied. It leaves no process behind."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import processes_with, until

SCRIPT = weirlocal.SOURCE / "scripts" / "demo-azure.sh"


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("WEIR") or k == "WEIR_LOCAL_SPARK"}
        self.env["WEIR_AZURE_DEMO"] = folder.name

    def demo(self):
        """What copy and verify told: of the files, then of the table."""
        done = subprocess.run([SCRIPT], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-5000:] + done.stderr[-5000:])
        until(lambda: not processes_with(f"WEIR_AZURE_DEMO={self.env['WEIR_AZURE_DEMO']}"), 10)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"summary"')]

    def test_twice(self):
        copy, verify, table, rows = self.demo()
        self.assertEqual((copy["copied"], copy["skipped"], verify["files"]), (34, 0, 34))
        self.assertEqual((table["copied"] > 0, rows["rows"]), (True, 15000))
        copy, verify, table, rows = self.demo()
        self.assertEqual((copy["copied"], copy["skipped"], verify["files"]), (0, 34, 34))
        self.assertEqual((table["copied"], rows["rows"]), (0, 15000))


if __name__ == "__main__":
    weirlocal.main()
