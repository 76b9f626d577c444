#!/usr/bin/env python3
"""Row 2: each run has a folder of its own, by application and run, with its script, configuration and logs."""
import errno
import json
import os
import pathlib
import shutil
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import machine
import rows

PIPELINE = """pipeline: two
base_folder: runs here
parameters:
  password: {sensitive: true, default: "hunter2-and-more"}
targets:
  local: {type: local}
buckets: {scripts: {versioning: enabled}, logs: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  hello:
    display_name: a/../b
    script: hello.py
    arguments: ["${who}", "${password}"]
    parameters: {who: world, password: $<password>}
  slow: {script: slow.py}
  upper: {display_name: SLOW, script: slow.py, configuration: {spark.x: "1"}}
"""
HELLO = """import sys
try:
    from pyspark.sql import SparkSession
    print("rows:", SparkSession.builder.getOrCreate().range(10).count())
except ImportError:
    pass
print("hello", sys.argv[1])
"""
SLOW = "import time\nprint('waiting', flush=True)\ntime.sleep(600)\n"
FILES = {"hello.py": HELLO, "slow.py": SLOW}


def text(folder, name):
    return pathlib.Path(folder, name).read_text()


class Spark(unittest.TestCase):
    def test_the_whole_folder(self):
        bench = rows.Bench(PIPELINE, FILES)
        self.addCleanup(bench.close)
        step = bench.json("run", "hello")["steps"][0]
        run, folder = step["run"], pathlib.Path(step["folder"])
        end = run["application_id"][-6:]
        self.assertEqual(folder.parent.parent, bench.folder / "runs here")
        self.assertEqual(folder.parent.name, f"a_.._b-{end}")
        self.assertRegex(folder.name, r"^a_\.\._b-\d{8}T\d{6}Z-\d{8}T\d{6}\.\d{3}Z$")
        self.assertEqual(sorted(p.name for p in folder.iterdir()), ["hello.py", "run.json", "stderr.log", "stdout.log"])
        self.assertEqual(text(folder, "hello.py"), HELLO)
        self.assertEqual(text(folder, "stdout.log"), "rows: 10\nhello world\n")
        self.assertIn("SparkContext", text(folder, "stderr.log"))
        doc = json.loads(text(folder, "run.json"))
        live = bench.run_of(run["id"])
        self.assertEqual((doc["id"], doc["complete"], doc["console"]), (run["id"], True, None))
        self.assertEqual(doc["application"], {"id": run["application_id"], "display_name": "a/../b"})
        # As the service has it, inherited fields too, and the version that ran; nothing that is sensitive.
        self.assertEqual(doc["run"]["driver_shape"], live["driverShape"])
        self.assertEqual(doc["run"]["lifecycle_state"], "SUCCEEDED")
        self.assertEqual(doc["run"]["parameters"], {"who": "world", "password": "(sensitive)"})
        self.assertNotIn("hunter2", text(folder, "run.json"))
        self.assertEqual({p["name"]: p["value"] for p in live["parameters"]}["password"], "hunter2-and-more")
        bucket, name = doc["script"]["uri"].removeprefix("oci://").split(f"@{bench.home.ns}/")
        head = bench.home.call("HEAD", bench.home.object(bucket, name))
        self.assertEqual(doc["script"]["version_id"], dict(head.fields)["version-id"])
        self.assertEqual(doc["script"]["etag"], dict(head.fields)["etag"])
        logs = {log["file"]: log for log in doc["logs"]}
        self.assertEqual(logs["stdout.log"]["uri"],
                         f"{live['logsBucketUri']}{live['opcRequestId']}/spark_application_stdout.log.gz")


class Row02(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(PIPELINE, FILES, standin=True)
        cls.addClassCleanup(cls.bench.close)

    def tearDown(self):
        self.bench.write()
        self.bench.weir("apply", "-y")

    def folder(self, *args, **options):
        return pathlib.Path(self.bench.json("run", "hello", *args, **options)["steps"][0]["folder"])

    def into(self, name):
        return self.bench.home.scratch / name

    def test_where(self):
        """The file's, the target's, the command line's; ~/dataflow without any."""
        self.assertEqual(self.folder().parent.parent, self.bench.folder / "runs here")
        here = self.into("given")
        self.assertEqual(self.folder("--base-folder", here).parent.parent, here)
        self.bench.write(PIPELINE.replace("{type: local}", "{type: local, base_folder: ~/elsewhere}"))
        self.assertEqual(self.folder().parent.parent, self.into("elsewhere"))
        self.bench.write(PIPELINE.replace("base_folder: runs here\n", ""))
        self.assertEqual(self.folder().parent.parent, self.into("dataflow"))
        done = self.bench.weir("run", "hello", "--base-folder", "rel", cwd=self.bench.home.scratch)
        self.assertIn(f'"hello" saved in {self.into("rel")}/a_.._b-', done.stderr)

    def test_names_of_any_kind(self):
        """They stay one part of a path, and tell what they can."""
        for name, shown in (("../../../etc/x", "_._.._.._etc_x"), (".hidden", "_hidden"), ("a\nb\033[2J\u202ec", None),
                            ("ä" * 255, "ä" * 100), ("~", "~"), ("run.json", "run.json")):
            with self.subTest(name=name):
                folder = self.folder("--display-name", name, "--base-folder", self.into("names"))
                self.assertEqual(folder.parent.parent, self.into("names"))
                self.assertTrue((folder / "stdout.log").exists())
                self.assertLessEqual(len(os.fsencode(folder.name)), 255)
                self.assertNotRegex(folder.name, "[\x00-\x1f\x7f\u202e/]|^\\.")
                self.assertTrue(folder.name.startswith(shown or "a_b_"), folder.name)
        self.assertFalse((self.into("etc")).exists())

    def test_names_that_differ_in_case(self):
        paths = set()
        for name in ("Same", "same"):
            paths.add(str(self.folder("--display-name", name)).lower())
        self.assertEqual(len(paths), 2)

    def test_a_run_that_was_left_alone(self):
        """Detached, then finished: `weir logs` completes the folder; once it is complete it is not touched again."""
        step = self.bench.json("run", "slow", "--detach")["steps"][0]
        run = step["run"]["id"]
        folder = pathlib.Path(step["folder"])
        self.assertEqual(sorted(p.name for p in folder.iterdir()), ["run.json", "slow.py"])
        self.bench.until(lambda: self.bench.home.weir("-C", self.bench.folder, "logs", run).stdout == "waiting\n", "no log")
        self.assertFalse(json.loads(text(folder, "run.json"))["complete"])
        self.assertEqual(text(folder, "stdout.log"), "waiting\n")
        self.bench.weir("cancel", run)
        self.bench.until(lambda: self.bench.run_of(run)["lifecycleState"] == "CANCELED", "not cancelled")
        # Object Storage tells whole seconds: what is put there within the second of the launch is taken for what ran.
        launched = int(time.time())
        self.bench.until(lambda: int(time.time()) > launched, "the clock stands")
        self.bench.write(**{"slow.py": SLOW + "# later\n"})
        self.bench.weir("apply", "-y")
        self.bench.weir("logs", run)
        doc = json.loads(text(folder, "run.json"))
        self.assertEqual((doc["complete"], doc["run"]["lifecycle_state"]), (True, "CANCELED"))
        self.assertEqual(text(folder, "slow.py"), SLOW)
        # What changed since is no script of that run.
        other = self.into("other")
        done = self.bench.weir("logs", run, "--base-folder", other)
        self.assertRegex(done.stderr, r"saved without its script: oci://\S+ was changed after the run had been launched")
        self.assertEqual(sorted(p.name for p in next(next(other.iterdir()).iterdir()).iterdir()),
                         ["run.json", "stderr.log", "stdout.log"])
        when = (folder / "run.json").stat().st_mtime_ns
        self.bench.weir("logs", run)
        self.assertEqual((folder / "run.json").stat().st_mtime_ns, when)
        self.assertEqual(self.bench.weir("logs", run, "--save").stdout, f"{folder}\n")
        self.assertNotEqual((folder / "run.json").stat().st_mtime_ns, when)

    def test_a_script_that_has_vanished(self):
        run = self.bench.json("run", "hello", "--no-save-logs")["steps"][0]
        self.assertNotIn("folder", run)
        bucket, name = run["run"]["file_uri"].removeprefix("oci://").split(f"@{self.bench.home.ns}/")
        self.bench.home.call("DELETE", self.bench.home.object(bucket, name))
        done = self.bench.weir("logs", run["run"]["id"])
        self.assertEqual(done.stdout, "hello world\n")
        self.assertIn("saved without its script", done.stderr)

    def test_an_application_that_is_gone(self):
        run = self.bench.json("run", "hello", "--no-save-logs")["steps"][0]["run"]
        self.bench.home.call("DELETE", f"/20200129/applications/{run['application_id']}")
        self.bench.weir("logs", run["id"])
        folder = pathlib.Path(self.bench.weir("logs", run["id"], "--save").stdout.strip())
        self.assertTrue((folder / "stdout.log").exists())

    def test_secrets_of_before_stay_hidden(self):
        """A later weir does not know what was sensitive: what was left out stays left out."""
        step = self.bench.json("run", "hello", "-p", "password=another-secret", "--param", "password=another-secret")
        folder = step["steps"][0]["folder"]
        self.assertNotIn("another-secret", text(folder, "run.json"))
        self.bench.weir("logs", step["steps"][0]["run"]["id"], "--save")
        self.assertNotIn("another-secret", text(folder, "run.json"))


class Unwritable(unittest.TestCase):
    """The run goes on; what could not be written is said, and by status 3. Nothing is overwritten or half there."""

    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(PIPELINE, FILES, standin=True)
        cls.addClassCleanup(cls.bench.close)

    def refused(self, base, text, **options):
        done = self.bench.weir("run", "hello", "--base-folder", base, status=3, **options)
        self.assertIn("SUCCEEDED", done.stdout)
        self.assertIn(text, done.stderr)
        self.assertRegex(done.stderr, r"error: save a/\.\./b-\S+: ")
        self.assertIn("--no-save-logs", done.stderr)
        return done

    def test_a_file_in_its_place(self):
        base = self.bench.home.scratch / "a-file"
        base.write_text("mine")
        self.refused(base, f"{base}: Not a directory")
        self.assertEqual(base.read_text(), "mine")

    def test_a_folder_that_holds_other_files(self):
        base = self.bench.home.scratch / "other"
        run = self.bench.json("run", "hello", "--base-folder", base)["steps"][0]
        folder = pathlib.Path(run["folder"])
        for path in folder.iterdir():
            path.unlink()
        (folder / "stdout.log").write_text("mine")
        done = self.bench.weir("logs", run["run"]["id"], "--base-folder", base, status=3)
        self.assertEqual(done.stdout, "hello world\n")
        self.assertIn("the folder holds other files", done.stderr)
        self.assertEqual((folder / "stdout.log").read_text(), "mine")
        self.assertEqual([p.name for p in folder.iterdir()], ["stdout.log"])

    def test_another_runs_folder(self):
        base = self.bench.home.scratch / "taken"
        run = self.bench.json("run", "hello", "--base-folder", base)["steps"][0]
        folder = pathlib.Path(run["folder"])
        doc = json.loads((folder / "run.json").read_text())
        other = json.dumps({**doc, "id": "ocid1.dataflowrun.oc1.iad.other"})
        (folder / "run.json").write_text(other)
        saved = self.bench.weir("logs", run["run"]["id"], "--base-folder", base, "--save").stdout.strip()
        self.assertEqual(saved, f"{folder}-{run['run']['id'][-6:]}")
        self.assertEqual((folder / "run.json").read_text(), other)

    def test_read_only(self):
        """As another user than root, whom no mode stops."""
        home, base = self.bench.home, self.bench.home.scratch / "read-only"
        base.mkdir(mode=0o555)
        home.scratch.chmod(0o711)
        theirs = home.scratch / "theirs"
        theirs.mkdir()
        key = theirs / "key.pem"
        key.write_bytes(pathlib.Path(home.path / "key.pem").read_bytes() if (home.path / "key.pem").exists() else b"")
        config = home.write_config(theirs / "config", key_file=key)
        program = shutil.copy(os.environ["WEIR"], theirs / "weir")
        for path in (theirs, key, config):
            os.chown(path, 65534, 65534)
        key.chmod(0o600)
        user = {} if os.getuid() else {"user": 65534, "group": 65534}
        done = home.run([program, "-C", self.bench.folder, "--endpoint", home.endpoint, "--config-file", config, "run", "hello", "--base-folder", base], env={"HOME": str(theirs)}, **user)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("SUCCEEDED", done.stdout)
        self.assertIn(f"{base}/a_.._b-", done.stderr)
        self.assertIn("Permission denied", done.stderr)
        self.assertEqual(list(base.iterdir()), [])

    def test_full(self):
        """No space for this file or that: it is not there, not even half; the others are."""
        faults = machine.Machine(self.bench.home.scratch)
        for name, there in (("run.json", []), ("hello.py", ["run.json", "stderr.log", "stdout.log"]),
                            ("stdout.log", ["hello.py", "run.json", "stderr.log"])):
            with self.subTest(file=name):
                base = self.bench.home.scratch / f"full-{name}"
                faults.fail("write", errno.ENOSPC, text=f".{name}.")
                done = self.refused(base, "No space left on device", env=faults.env)
                self.assertIn(name, done.stderr)
                folder = next(next(base.iterdir()).iterdir())
                self.assertEqual(sorted(p.name for p in folder.iterdir()), there)
                faults.heal()
                run = self.bench.json("status", "last")
                self.bench.weir("logs", run["id"], "--base-folder", base)
                self.assertEqual(text(folder, "stdout.log"), "hello world\n")
                self.assertTrue(json.loads(text(folder, "run.json"))["complete"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
