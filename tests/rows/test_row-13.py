#!/usr/bin/env python3
"""Row 13: the logs of a run, all of them, a part of them, as they grow, and where they are."""
import gzip
import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows

PIPELINE = """pipeline: thirteen
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  lines: {script: lines.py}
  steps: {script: steps.py}
  fails: {script: fails.py}
"""
FILES = {
    "lines.py": "import sys\nfor i in range(30): print('line', i, flush=True)\nprint('to stderr', file=sys.stderr)\n"
                "try:\n    from pyspark.sql import SparkSession\n    SparkSession.builder.getOrCreate().range(3).count()\n"
                "except ImportError:\n    pass\n",
    # Goes on when it is told to, so that a test need not guess how fast a machine is.
    "steps.py": "import os, time\nfor i in range(3):\n    print('step', i, flush=True)\n"
                "    while not os.path.exists(f'FOLDER/go-{i}'): time.sleep(0.05)\nprint('end', end='', flush=True)\n",
    "fails.py": "print('before')\nraise SystemExit('it broke')\n",
}


class Spark(unittest.TestCase):
    def test_both_streams_of_a_job(self):
        bench = rows.Bench(PIPELINE, FILES)
        self.addCleanup(bench.close)
        run = bench.json("run", "lines")["steps"][0]["run"]
        out = bench.weir("logs", run["id"])
        self.assertEqual(out.stdout, "".join(f"line {i}\n" for i in range(30)) + "to stderr\n")
        self.assertEqual(out.stderr, "")
        errors = bench.weir("logs", run["id"], "--stderr")
        self.assertIn("SparkContext", errors.stdout)
        self.assertEqual(errors.stderr, "what a Python job prints, to its error output too, is in its standard output; "
                                        "here is what Spark tells\n")


class Row13(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.go = pathlib.Path(rows.tempfile.mkdtemp(prefix="weir-go-"))
        cls.addClassCleanup(lambda: rows.shutil.rmtree(cls.go, ignore_errors=True))
        files = {name: text.replace("FOLDER", str(cls.go)) for name, text in FILES.items()}
        cls.bench = rows.Bench(PIPELINE, files, standin=True)
        cls.addClassCleanup(cls.bench.close)
        cls.run_id = cls.bench.json("run", "lines")["steps"][0]["run"]["id"]

    def tearDown(self):
        for path in self.go.iterdir():
            path.unlink()

    def log(self, *args, run=None, **options):
        return self.bench.weir("logs", run or self.run_id, *args, **options)

    def test_parts(self):
        whole = self.log().stdout.splitlines(keepends=True)
        self.assertEqual(len(whole), 31)
        self.assertEqual(self.log("--head", "3").stdout, "line 0\nline 1\nline 2\n")
        self.assertEqual(self.log("--tail", "2").stdout, "line 29\nto stderr\n")
        self.assertEqual(self.log("--head", "100").stdout, "".join(whole))
        self.assertEqual(self.log("--stderr", "--tail", "1").stdout.split()[0], "log4j:")

    def put_logs(self, run, logs):
        prefix = f"{run['opcRequestId']}/"
        for name, text in logs.items():
            body = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
            self.assertEqual(self.bench.home.call("PUT", self.bench.home.object("logs", prefix + name), body).status, 200)

    def test_driver_and_executors(self):
        """Several sets of each, gzipped or plain."""
        run = self.bench.run_of(self.bench.json("run", "lines")["steps"][0]["run"]["id"])
        self.put_logs(run, {
            "spark_driver_stderr_20261120T100000Z.log.gz": "driver one\n",
            "spark_driver_stderr_20261120T101000Z.log": "driver two\nplain\n",
            "spark_driver_stdout_20261120T100000Z.log.gz": "driver out\n",
            "spark_executor_1_stdout_20261120T100000Z.log.gz": "executor out\n",
        })
        self.assertEqual(self.log("--source", "driver", "--stderr", run=run["id"]).stdout,
                         "==> spark_driver_stderr_20261120T100000Z.log.gz <==\ndriver one\n\n"
                         "==> spark_driver_stderr_20261120T101000Z.log <==\ndriver two\nplain\n")
        self.assertEqual(self.log("--source", "driver", "--stderr", "--tail", "1", run=run["id"]).stdout.count("plain"), 1)
        self.assertIn("executor out\n", self.log("--source", "executor", run=run["id"]).stdout)
        done = self.log("--source", "executor", "--stderr", run=run["id"], status=3)
        self.assertIn("the service has no stderr log of the executor", done.stderr)
        folder = pathlib.Path(self.log("--save", run=run["id"]).stdout.strip())
        self.assertEqual((folder / "spark_driver_stderr_20261120T101000Z.log").read_text(), "driver two\nplain\n")
        self.assertEqual((folder / "spark_executor_1_stdout_20261120T100000Z.log").read_text(), "executor out\n")
        where = self.log("--where", run=run["id"]).stdout.splitlines()
        self.assertEqual(where[0].split(), ["LOG", "SOURCE", "STREAM", "SIZE", "OBJECT", "FILE"])
        self.assertEqual(len(where), 7)
        line = next(line for line in where if "20261120T101000Z" in line).split()
        self.assertEqual(line, ["spark_driver_stderr_20261120T101000Z.log", "DRIVER", "STDERR", "17", "B",
                                f"{run['logsBucketUri']}{run['opcRequestId']}/spark_driver_stderr_20261120T101000Z.log",
                                f"{folder}/spark_driver_stderr_20261120T101000Z.log"])

    def test_where_and_save(self):
        run = self.bench.json("run", "lines", "--no-save-logs")["steps"][0]["run"]
        uri = f"{run['logs_bucket_uri']}{run['opc_request_id']}/spark_application_stdout.log.gz"
        lines = self.log("--where", run=run["id"]).stdout.splitlines()
        line = next(line for line in lines if "stdout" in line).split()
        self.assertEqual((line[0], line[-2], line[-1]), ("spark_application_stdout.log.gz", uri, "-"))
        # It is there.
        bucket, name = uri.removeprefix("oci://").split(f"@{self.bench.home.ns}/")
        text = gzip.decompress(self.bench.home.call("GET", self.bench.home.object(bucket, name)).body).decode()
        self.assertEqual(text, self.log("--no-save-logs", run=run["id"]).stdout)
        folder = self.log("--save", run=run["id"]).stdout.strip()
        self.assertEqual(pathlib.Path(folder, "stdout.log").read_text(), text)
        self.assertIn(f"{folder}/stdout.log", self.log("--where", run=run["id"]).stdout)

    def test_as_it_grows(self):
        run = self.bench.json("run", "steps", "--detach")["steps"][0]["run"]["id"]
        child = self.bench.watching("logs", run, "--follow")
        for i in range(3):
            self.assertEqual(child.stdout.readline(), f"step {i}\n")
            (self.go / f"go-{i}").touch()
        out, err = child.communicate(timeout=60)
        self.assertEqual((out, child.returncode), ("end", 0), err)

    def test_a_followed_run_that_fails(self):
        run = self.bench.json("run", "fails", "--detach")["steps"][0]["run"]["id"]
        done = self.log("--follow", run=run, status=6)
        self.assertEqual(done.stdout, "before\nit broke\n")
        self.assertIn("FAILED", done.stderr)
        self.assertEqual(self.log("--follow", run=run, status=6).stdout, "before\nit broke\n")

    def test_interrupted_and_cancelled(self):
        run = self.bench.json("run", "steps", "--detach")["steps"][0]["run"]["id"]
        child = self.bench.watching("logs", run, "--follow")
        self.assertEqual(child.stdout.readline(), "step 0\n")
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130)
        self.assertIn(f"goes on ({run})", err)
        child = self.bench.watching("logs", run, "--follow")
        self.assertEqual(child.stdout.readline(), "step 0\n")
        self.bench.weir("cancel", run)
        _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 7, err)

    def test_nothing_yet(self):
        """A run that waits for its turn has no log."""
        waiting = [self.bench.json("run", "steps", "--detach")["steps"][0]["run"]["id"] for _ in range(3)]
        done = self.log(run=waiting[2], status=3)
        self.assertRegex(done.stderr, r"error: thirteen-steps-\S+ \(ACCEPTED\): the service has no standard output of this run")
        folder = pathlib.Path(self.log("--save", run=waiting[2]).stdout.strip())
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["run.json", "steps.py"])
        self.assertRegex(self.log("--where", run=waiting[2]).stderr, r"thirteen-steps-\S+ \(ACCEPTED\) has no logs yet")
        for run in reversed(waiting):
            self.bench.weir("cancel", run)

    def test_wrong_words(self):
        for words, text in ((["--head", "1", "--tail", "1"], "one of them"), (["--head", "0"], "at least 1"),
                            (["--follow", "--tail", "1"], "gives all"), (["--where", "--save"], "one of them"),
                            (["--save", "--no-save-logs"], "one of them"),
                            (["--source", "drivr"], "did you mean `driver`?")):
            with self.subTest(words=words):
                self.assertIn(text, self.log(*words, status=1).stderr)
        self.assertIn("there is no run called", self.log(run="nobody", status=3).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
