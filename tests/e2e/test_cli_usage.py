#!/usr/bin/env python3
"""The command line of weir by itself: help, mistakes, forms of output, closed and full outputs. No service."""
import json
import os
import pathlib
import pty
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

GOOD = """pipeline: small
buckets: {scripts: {}, logs: {}}
defaults: {script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps: {copy: {script: copy.py}}
"""
home = None


def setUpModule():
    global home
    home = weirlocal.Home(start=False)
    unittest.addModuleCleanup(home.__exit__)


class Case(unittest.TestCase):
    def weir(self, *args, status=0, **options):
        done = home.weir(*args, cwd=home.scratch, **options)
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}")
        return done

    def refused(self, *args, status=1):
        """Nothing on stdout; the text of the error."""
        done = self.weir(*args, status=status)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        return done.stderr

    def pipeline(self, text=GOOD, script="print(1)\n"):
        folder = home.scratch / self._testMethodName
        folder.mkdir()
        (folder / "pipeline.yaml").write_text(text)
        if script is not None:
            (folder / "copy.py").write_text(script)
        return folder


class Mistakes(Case):
    def test_no_command(self):
        self.assertEqual(self.refused(), "error: no command is given\n  `weir help` lists the commands\n")

    def test_unknown_command(self):
        self.assertEqual(self.refused("aply"), "error: unknown command `aply`\n  did you mean `weir apply`?\n")

    def test_what_is_not_built_is_unknown(self):
        for line in ("fmt", "graph", "plan --out f", "run x --resume id", "apply --select apps.x"):
            with self.subTest(line=line):
                self.assertIn("unknown", self.refused(*line.split()))

    def test_unknown_option(self):
        self.assertIn("did you mean `--detailed-exitcode`?", self.refused("plan", "--detailed-exit-code"))

    def test_no_file(self):
        done = self.weir("plan", status=1)
        self.assertIn("pipeline.yaml", done.stderr)
        self.assertIn("No such file", done.stderr)

    def test_no_folder(self):
        self.assertIn("nowhere/pipeline.yaml", self.weir("-C", "nowhere", "validate", status=1).stderr)

    def test_no_such_target(self):
        done = self.weir("-C", self.pipeline(), "-t", "prod", "plan", status=1)
        self.assertIn("prod", done.stderr)

    def test_nothing_is_started_for_a_wrong_file(self):
        folder = self.pipeline(GOOD.replace("script:", "skript:"))
        for command in (["validate"], ["plan"], ["apply", "-y"], ["destroy", "-y"], ["run", "copy"]):
            with self.subTest(command=command):
                done = self.weir("-C", folder, *command, status=1)
                self.assertRegex(done.stderr, r"pipeline\.yaml:5:\d+: error: unknown key `skript`")
                self.assertIn("did you mean `script`?", done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertFalse(home.path.exists(), "the local service was started")

    def test_missing_script(self):
        done = self.weir("-C", self.pipeline(script=None), "plan", status=1)
        self.assertIn("copy.py", done.stderr)
        self.assertFalse(home.path.exists(), "the local service was started")

    def test_errors_as_json(self):
        done = self.weir("plan", "-o", "json", "--nothing", status=1)
        self.assertIn("unknown option `--nothing`", done.stderr)
        done = self.weir("-C", self.pipeline(GOOD.replace("script:", "skript:")), "plan", "-o", "json", status=1)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual({line["type"] for line in lines}, {"diagnostic"})
        self.assertEqual(lines[0]["diagnostic"]["range"]["start"]["line"], 5)
        done = self.weir("apply", "-o", "json", "-C", home.scratch, "-t", "x", status=1)
        for line in done.stderr.splitlines():
            self.assertEqual(json.loads(line)["@level"], "error")

    def test_local_goes_to_weir_local(self):
        self.assertEqual(self.weir("local", "--help").stdout, home.weir_local("--help").stdout)
        self.assertIn("weir local", self.refused("-v", "local", "status"))

    def test_a_local_target_has_its_own_config(self):
        folder = str(self.pipeline())
        for option in (("--region", "us-ashburn-1"), ("--config-file", "x")):
            text = self.refused("-C", folder, "plan", *option)
            self.assertIn("target local is the local service of this machine", text)


class OtherProgram(Case):
    """weir-local is found beside weir, then in PATH; it must be of weir's version."""

    def plan(self, script, status, beside=True):
        folder = self.pipeline()
        weir = folder / "bin" / "weir"
        weir.parent.mkdir()
        shutil.copy(os.environ["WEIR"], weir)
        tools = weir.parent if beside else folder / "tools"
        tools.mkdir(exist_ok=True)
        if script is not None:
            (tools / "weir-local").write_text("#!/bin/sh\n" + script)
            (tools / "weir-local").chmod(0o755)
        done = home.run([weir, "-C", folder, "plan"], env={"PATH": f"{folder / 'tools'}:/usr/bin:/bin"})
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def test_it_is_not_there(self):
        self.assertIn("the program weir-local is neither beside weir nor in PATH", self.plan(None, 3))

    def test_another_version(self):
        for beside in (True, False):
            with self.subTest(beside=beside):
                text = self.plan("""echo '{"version": "9.9.9", "endpoint": "http://127.0.0.1:1", "config_file": "c"}'\n""", 3,
                                 beside=beside)
                self.assertIn("the local service that runs is weir-local 9.9.9", text)
                self.assertIn("`weir local down` ends it", text)
            shutil.rmtree(home.scratch / self._testMethodName)

    def test_it_fails(self):
        text = self.plan("echo 'error: the port 1234 is taken by sshd' >&2; exit 3\n", 3)
        self.assertIn("error: the port 1234 is taken by sshd", text)
        self.assertIn("the local service did not start (weir-local up: status 3)", text)

    def test_it_talks_nonsense(self):
        self.assertIn("weir-local up", self.plan("echo ready\n", 3))


class Results(Case):
    def test_version(self):
        text = self.weir("version").stdout
        self.assertRegex(text, r"^weir \d+\.\d+\.\d+\n$")
        self.assertEqual(self.weir("--version").stdout, text)
        self.assertEqual(json.loads(self.weir("version", "-o", "json").stdout)["weir"], text.split()[1])

    def test_help(self):
        overview = self.weir("help").stdout
        self.assertEqual(self.weir("--help").stdout, overview)
        self.assertEqual(self.weir("-h").stdout, overview)
        for command in ("plan", "apply", "run", "local", "logs"):
            self.assertIn(f"\n  {command} ", overview)
        run = self.weir("help", "run").stdout
        self.assertTrue(run.startswith("Usage: weir run NAME"))
        self.assertEqual(self.weir("run", "--help").stdout, run)
        self.assertEqual(self.weir("--help", "run").stdout, run)
        self.assertIn("--no-sync", run)
        self.assertNotIn("--yes", run)
        self.assertLessEqual(max(len(line) for line in run.splitlines()), 90)
        self.assertIn("did you mean `plan`?", self.refused("help", "pln"))

    def test_reference_is_the_checked_in_one(self):
        page = weirlocal.SOURCE / "docs" / "reference" / "commands.md"
        self.assertEqual(self.weir("help", "--markdown").stdout, page.read_text(),
                         f"weir help --markdown > {page}")

    def test_validate(self):
        folder = self.pipeline()
        done = self.weir("-C", folder, "validate")
        self.assertIn("pipeline.yaml is valid: 1 app, 0 sequences, for target local.", done.stdout)
        self.assertEqual(done.stderr, "")
        doc = json.loads(self.weir("-C", folder, "validate", "-o", "json").stdout)
        self.assertEqual((doc["valid"], doc["error_count"]), (True, 0))
        (folder / "other.yaml").write_text("pipeline: [\n")
        doc = json.loads(self.weir("-C", folder, "-f", "other.yaml", "validate", "-o", "json", status=1).stdout)
        self.assertEqual(doc["valid"], False)
        self.assertGreaterEqual(doc["error_count"], 1)

    def test_colours(self):
        bad = self.pipeline("pipeline: [\n")
        plain = self.weir("-C", bad, "validate", status=1).stderr
        self.assertNotIn("\033", plain)
        coloured = self.weir("-C", bad, "validate", "--color", "always", status=1).stderr
        self.assertIn("\033[", coloured)
        self.assertIn("\033[", self.weir("-C", bad, "validate", "--color=always", status=1, env={"NO_COLOR": "1"}).stderr)
        self.assertIn("\033[", self.on_terminal("-C", bad, "validate", env={"TERM": "xterm"}))
        self.assertNotIn("\033[", self.on_terminal("-C", bad, "validate", env={"TERM": "xterm", "NO_COLOR": "1"}))
        self.assertNotIn("\033[", self.on_terminal("-C", bad, "validate", env={"TERM": "dumb"}))

    def on_terminal(self, *args, env):
        """What weir writes where stderr is a terminal."""
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            home.weir(*args, env=env, capture_output=False, stdout=theirs, stderr=theirs)
            os.close(theirs)
            text = b""
            while True:
                try:
                    text += terminal.read(65536)
                except OSError:  # EIO: the other end is closed and all is read
                    return text.decode()


class Outputs(Case):
    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = home.weir("version", capture_output=False, stdout=full, stderr=-1)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stderr, "error: write to stdout: No space left on device\n")

    def test_a_closed_stdout_is_no_success(self):
        done = home.run(["sh", "-c", 'exec "$0" version >&-', os.environ["WEIR"]])
        self.assertEqual(done.returncode, 3)
        self.assertIn("write to stdout", done.stderr)

    def test_nothing_is_written_into_a_file_that_took_the_place_of_stdout(self):
        folder = self.pipeline()
        before = {f.name: f.read_bytes() for f in folder.iterdir()}
        done = home.run(["sh", "-c", 'exec "$0" -C "$1" validate >&- 2>&- <&-', os.environ["WEIR"], folder])
        self.assertEqual(done.returncode, 3)
        self.assertEqual({f.name: f.read_bytes() for f in folder.iterdir()}, before)

    def test_a_reader_that_goes_away(self):
        read, write = os.pipe()
        os.close(read)
        done = home.weir("help", "--markdown", capture_output=False, stdout=write, stderr=-1)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (3, ""))

    def test_names_are_escaped(self):
        done = self.weir("plan\033[2J", status=1)
        self.assertNotIn("\033", done.stderr)
        self.assertIn("plan\\x1B[2J", done.stderr)

    def test_a_locale_that_is_not_there(self):
        folder = self.pipeline(GOOD.replace("pipeline: small", "pipeline: small\ndescription: Café ☕"))
        done = self.weir("-C", folder, "validate", env={"LC_ALL": "xx_XX.ISO-8859-1"})
        self.assertEqual(done.stderr, "")


weirlocal.main()
