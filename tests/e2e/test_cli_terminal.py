#!/usr/bin/env python3
"""weir on a terminal: the question of apply, what is redrawn in place, tables cut to the width. On weir-local with a
stand-in for Spark."""
import os
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import terminal
import weirlocal

PIPELINE = """pipeline: small
buckets: {small-s: {}, small-l: {}}
defaults: {script_bucket: small-s, logs_bucket: small-l, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps: {nap: {script: nap.py}}
"""
COLUMNS = 72
home = None


def setUpModule():
    global home
    home = standin.module_home(TERM="xterm", NO_COLOR="")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = home.scratch / self._testMethodName
        self.folder.mkdir()
        (self.folder / "pipeline.yaml").write_text(PIPELINE.replace("small", self._testMethodName.replace("_", "-")))
        (self.folder / "nap.py").write_text("import time\ntime.sleep(2)\nprint('rested')\n")

    def terminal(self, *args, status=0, **typed):
        ended, text = terminal.run([os.environ["WEIR"], "-C", str(self.folder), *args], home.env, COLUMNS, **typed)
        self.assertEqual(ended, status, text)
        return text

    def shown(self, text):
        """The lines that stay: what was drawn and then erased is taken away, and colours."""
        lines = []
        for part in re.split(r"(\033\[\d+A\r\033\[J)", text):
            if erase := re.fullmatch(r"\033\[(\d+)A\r\033\[J", part):
                del lines[len(lines) - 1 - int(erase[1]):]
                lines.append("")
                continue
            pieces = part.split("\n")
            lines = [*lines[:-1], (lines[-1] if lines else "") + pieces[0], *pieces[1:]]
        return re.sub(r"\033\[[\d;]*m", "", "\n".join(lines))


class Questions(Case):
    def apps(self):
        return weirlocal.json.loads(home.weir("-C", self.folder, "list", "apps", "-o", "json").stdout)["apps"]

    def test_yes_is_yes(self):
        text = self.shown(self.terminal("apply", answer=b"yes\n"))
        self.assertIn("Apply these changes? Only `yes` is taken for yes: yes\n", text)
        self.assertIn("\nApply complete! Resources: 4 added, 0 changed, 0 destroyed.\n", text)
        self.assertEqual(len(self.apps()), 1)
        text = self.shown(self.terminal("destroy", answer=b"yes\n"))
        self.assertIn("Delete all of this?", text)
        self.assertEqual(self.apps(), [])
        self.assertNotIn("?", self.shown(self.terminal("destroy", answer=b"yes\n")))

    def test_anything_else_is_no(self):
        for answer in (b"no\n", b"y\n", b"\n", b" yes\n", b"YES\n", b"\x04"):
            with self.subTest(answer=answer):
                text = self.shown(self.terminal("apply", answer=answer, status=1))
                self.assertIn("\nerror: the answer was not `yes`: nothing was changed\n", text)
        self.assertEqual(self.apps(), [])

    def test_interrupted(self):
        text = self.shown(self.terminal("apply", answer=b"\x03", status=130))
        self.assertIn("\nerror: interrupted: nothing was changed\n", text)
        self.assertEqual(self.apps(), [])

    def test_created_by_another_meanwhile(self):
        """While the question waits: the same application, once different, once as it would be made here. It is not doubled."""
        file = self.folder / "pipeline.yaml"
        self.terminal("apply", "-y")
        both = file.read_text().replace("{nap: ", "{doze: {script: nap.py}, nap: ")
        elsewhere = both.replace("num_executors: 1", "num_executors: 2")

        def other_apply(text):
            file.write_text(text)
            done = home.weir("-C", self.folder, "apply", "-y")
            self.assertEqual(done.returncode, 0, done.stderr)

        file.write_text(both)
        text = self.shown(self.terminal("apply", answer=b"yes\n", meanwhile=lambda: other_apply(elsewhere), status=4))
        made = self.apps()
        self.assertEqual(len(made), 2, made)
        self.assertIn("apps.doze: somebody else has created it since the plan was made: " + made[0]["id"], text)
        self.assertIn("plan again", text)
        home.weir("-C", self.folder, "destroy", "-y")
        file.write_text(both.replace("{doze: {script: nap.py}, ", "{"))
        self.terminal("apply", "-y")
        file.write_text(both)
        text = self.shown(self.terminal("apply", answer=b"yes\n", meanwhile=lambda: other_apply(both)))
        self.assertEqual(len(self.apps()), 2)

    def test_without_a_terminal(self):
        for args in (["apply"], ["apply", "-o", "json"]):
            done = home.weir("-C", self.folder, *args)
            self.assertEqual(done.returncode, 1)
            self.assertIn("with -y it does not ask", done.stderr)
        self.assertEqual(self.apps(), [])


class Drawing(Case):
    def test_a_run(self):
        self.terminal("apply", "-y")
        raw = self.terminal("run", "nap")
        self.assertRegex(raw, r"nap: IN_PROGRESS driver and 1 executor, 2 OCPUs, 0\.00\d OCPU-hours( [12]\.0s)?\n")
        self.assertIn("\033[1A\r\033[J", raw)
        text = self.shown(raw)
        self.assertNotIn("nap: IN_PROGRESS", text)
        self.assertRegex(text, r'"nap" IN_PROGRESS: .*\n.*"nap" SUCCEEDED after .*\n"nap" saved in .*\nSTEP ')
        table = text[text.index("STEP "):].splitlines()
        self.assertLessEqual(max(map(len, table)), COLUMNS)
        self.assertIn("SUCCEEDED", table[1])

    def test_names_too_long_for_the_terminal(self):
        self.terminal("apply", "-y")
        lines = self.shown(self.terminal("list", "apps")).splitlines()
        self.assertLessEqual(max(map(len, lines)), COLUMNS)
        self.assertTrue(lines[1].startswith("nap "))

    def test_quiet(self):
        text = self.terminal("-q", "apply", "-y")
        self.assertNotIn("creating...", text)
        self.assertIn("Apply complete!", text)


weirlocal.main()
