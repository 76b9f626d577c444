#!/usr/bin/env python3
"""run, status, list, logs, cancel: on weir-local with a stand-in for Spark (lib/standin.py)."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal

PIPELINE = """pipeline: small
parameters: {who: {default: world}}
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}, data: {}}
objects: {lookup: {path: lookup.csv, bucket: data}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  hello: {script: hello.py, arguments: ["${who}", "${day}"], parameters: {who: $<who>, day: monday}}
  bad: {script: bad.py}
  slow: {script: slow.py}
  table: {script: table.sql, language: SQL, parameters: {origin: JFK, top: "10"}}
sequences:
  all:
    steps:
      first: {app: hello}
      left: {app: hello, needs: [first], parameters: {day: tuesday}}
      right: {app: table, needs: [first], parameters: {origin: LGA}}
      last: {app: hello, needs: [left, right], arguments: ["last"]}
  breaks:
    steps:
      ok: {app: hello}
      broken: {app: bad, needs: [ok]}
      never: {app: hello, needs: [broken]}
"""
FILES = {
    "hello.py": "import sys\nprint('hello', *sys.argv[1:])\n",
    "bad.py": "import sys\nfor i in range(40): print('line', i)\nraise SystemExit('it broke \\033[31m here')\n",
    "slow.py": "import time\nprint('waiting', flush=True)\ntime.sleep(600)\n",
    "table.sql": "SELECT '${origin}';\n",
    "lookup.csv": "a,b\n1,2\n",
}
home = folder = None


def setUpModule():
    global home, folder
    home = standin.module_home(WEIR_LOCAL_MINUTE_MS="1500")
    folder = home.scratch / "pipeline"
    write(folder)
    done = home.weir("-C", folder, "apply", "-y")
    assert done.returncode == 0, done.stderr


def write(where, pipeline=PIPELINE, files=FILES):
    where.mkdir(exist_ok=True)
    (where / "pipeline.yaml").write_text(pipeline)
    for name, text in files.items():
        (where / name).write_text(text)


class Case(unittest.TestCase):
    def weir(self, *args, status=0, where=None, **options):
        done = home.weir("-C", where or folder, *args, **{"timeout": 120, **options})
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}\n{home.log()}")
        return done

    def json(self, *args, **options):
        return json.loads(self.weir(*args, "-o", "json", **options).stdout)

    def restored(self):
        """The working copy as it was, also at the service."""
        write(folder)
        self.weir("apply", "-y")

    def wait(self, run, state):
        self.until(lambda: self.json("status", run)["lifecycle_state"] == state, f"{run} is never {state}")

    def until(self, what, otherwise):
        deadline = time.monotonic() + 60
        while not what():
            self.assertLess(time.monotonic(), deadline, f"{otherwise}\n{home.log()}")
            time.sleep(0.2)


class Runs(Case):
    def test_an_application(self):
        done = self.weir("run", "hello")
        self.assertRegex(done.stderr, r'^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ "hello" ACCEPTED small-hello-\d{8}T\d{6}Z \(ocid1\.')
        self.assertIn('"hello" SUCCEEDED', done.stderr)
        heading, row = done.stdout.splitlines()
        self.assertEqual(heading.split(), ["STEP", "STATE", "TIME", "RUN", "OCID"])
        self.assertEqual(row.split()[:2], ["hello", "SUCCEEDED"])
        name, ocid = row.split()[-2:]
        for run in (name, ocid, "last"):
            self.assertEqual(self.weir("logs", run).stdout, "hello world monday\n")
            self.assertEqual(self.json("status", run)["id"], ocid)
        self.assertIn("log4j: started", self.weir("logs", ocid, "--stderr").stdout)
        self.assertEqual(self.weir("-q", "run", "hello").stderr, "")

    def test_a_sequence(self):
        doc = self.json("run", "all")
        self.assertEqual([s["name"] for s in doc["steps"]], ["first", "left", "right", "last"])
        self.assertEqual({s["state"] for s in doc["steps"]}, {"SUCCEEDED"})
        steps = {s["name"]: s["run"] for s in doc["steps"]}
        logs = {name: self.weir("logs", run["id"]).stdout for name, run in steps.items()}
        self.assertEqual(logs["first"], "hello world monday\n")
        self.assertEqual(logs["left"], "hello world tuesday\n")
        self.assertEqual(sorted(logs["right"].split()), ["origin=LGA", "top=10"])
        self.assertEqual(logs["last"], "hello last\n")
        # The application's tags, less those that are weir's.
        self.assertEqual(steps["left"]["freeform_tags"], {"weir": f"small/local/all/{doc['invocation']}/left"})
        self.assertTrue(steps["left"]["display_name"].startswith("small-hello-left-"))
        last = self.json("status")["runs"]
        self.assertEqual({run["id"] for run in last}, {run["id"] for run in steps.values()})
        made = {name: run["time_created"] for name, run in steps.items()}
        self.assertLessEqual(made["first"], min(made["left"], made["right"]))
        self.assertGreaterEqual(made["last"], max(made["left"], made["right"]))

    def test_only_what_differs_is_sent(self):
        doc = self.json("run", "table", "--param", "top=3")
        run = doc["steps"][0]["run"]
        self.assertEqual(sorted(self.weir("logs", run["id"]).stdout.split()), ["origin=JFK", "top=3"])
        self.assertEqual(run["parameters"], {"origin": "JFK", "top": "3"})

    def test_parameters_of_the_file(self):
        """-p resolves the file anew: the application as it would be differs, the applied one is run."""
        done = self.weir("run", "hello", "-p", "who=moon")
        self.assertIn("warning: apps.hello is not what the file says (parameters): the applied one is run", done.stderr)
        self.assertEqual(self.weir("logs", "last").stdout, "hello world monday\n")

    def test_unknown_names(self):
        text = self.weir("run", "helo", status=1).stderr
        self.assertIn("hello", text)
        text = self.weir("run", "hello", "--param", "dya=1", status=1).stderr
        self.assertIn("did you mean `day`?", text)
        self.assertIn("unknown", self.weir("run", "all", "--dettach", status=1).stderr)
        self.assertIn("leave --detach out", self.weir("run", "all", "--detach", status=1).stderr)
        text = self.weir("logs", "nobody", status=3).stderr
        self.assertIn("there is no run called `nobody`", text)
        self.assertIn("did you mean `weir list runs`?", self.weir("list", "run", status=1).stderr)

    def test_lists(self):
        apps = self.json("list", "apps", "--sort", "display_name")["apps"]
        self.assertEqual([a["display_name"] for a in apps], ["small-bad", "small-hello", "small-slow", "small-table"])
        text = self.weir("list", "apps").stdout
        self.assertIn(apps[0]["id"], text)
        self.weir("run", "hello")
        runs = self.json("list", "runs")["runs"]
        self.assertGreaterEqual(len(runs), 1)
        self.assertEqual(runs, sorted(runs, key=lambda r: r["time_created"], reverse=True))
        self.assertIn("hello/hello", self.weir("list", "runs").stdout)
        other = home.scratch / "other"
        write(other, PIPELINE.replace("pipeline: small", "pipeline: other"))
        self.assertEqual(self.json("list", "runs", where=other)["runs"], [])
        done = self.weir("list", "apps", where=other)
        self.assertEqual((done.stdout, done.stderr), ("", "No applications of other at target local.\n"))
        self.assertIn("has no run at target local yet", self.weir("status", "last", where=other, status=3).stderr)

    def test_heads_and_tails(self):
        self.weir("run", "bad", status=6)
        whole = self.weir("logs", "last").stdout.splitlines(keepends=True)
        self.assertEqual(self.weir("logs", "last", "--head", "2").stdout, "line 0\nline 1\n")
        self.assertEqual(self.weir("logs", "last", "--tail", "3").stdout, "".join(whole[-3:]))
        self.assertIn("one of them", self.weir("logs", "last", "--head", "2", "--tail", "1", status=1).stderr)


class Ends(Case):
    def test_a_failure(self):
        done = self.weir("run", "breaks", status=6)
        states = {row.split()[0]: row.split()[1] for row in done.stdout.splitlines()[1:]}
        self.assertEqual(states, {"ok": "SUCCEEDED", "broken": "FAILED", "never": "NOT_LAUNCHED"})
        self.assertIn("The last lines of broken's log (`weir logs small-bad-", done.stderr)
        self.assertIn("  | line 39", done.stderr)
        self.assertIn("it broke \\x1B[31m here", done.stderr)
        self.assertNotIn("line 5\n", done.stderr)
        self.assertRegex(done.stderr, r"\nerror: broken: the run small-bad-\d+T\d+Z failed: ")
        self.weir("status", "last", "--exit-code", status=6)
        self.weir("status", "--exit-code", status=6)
        self.weir("status")
        self.assertTrue(self.json("status", "last")["lifecycle_details"])

    def test_a_failure_as_json(self):
        doc = self.json("run", "breaks", status=6)
        broken = doc["steps"][1]
        self.assertEqual((broken["name"], broken["state"]), ("broken", "FAILED"))
        self.assertIn("it broke", broken["log_tail"])

    def test_every_line_is_json(self):
        done = self.weir("-v", "run", "breaks", "-o", "json", status=6)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual({line["type"] for line in lines}, {"log", "diagnostic"})
        self.assertTrue(any(line["@level"] == "debug" for line in lines))
        self.assertEqual(lines[-1]["diagnostic"]["kind"], "run-failed")
        self.assertEqual(json.loads(done.stdout)["name"], "breaks")

    def test_detached_and_cancelled(self):
        run = self.json("run", "slow", "--detach")["steps"][0]["run"]["id"]
        self.wait(run, "IN_PROGRESS")
        self.weir("status", run, "--exit-code", status=5)
        self.until(lambda: home.weir("-C", folder, "logs", run).stdout == "waiting\n", "no log")
        self.assertIn("goes on (IN_PROGRESS): this is its log so far", self.weir("logs", run).stderr)
        self.assertRegex(self.weir("cancel", run).stdout, r"^small-slow-\S+: CANCEL(ING|ED)\n$")
        self.wait(run, "CANCELED")
        self.weir("status", run, "--exit-code", status=7)
        self.assertIn("CANCELED", self.weir("cancel", run).stdout)
        self.weir("run", "hello")
        self.assertIn("has ended already: SUCCEEDED", self.weir("cancel", "last", status=3).stderr)

    def test_cancelled_while_it_is_watched(self):
        with self.watching("run", "slow") as watcher:
            run = self.launched(watcher)
            self.until(lambda: home.weir("-C", folder, "logs", run).stdout == "waiting\n", "no log")
            self.weir("cancel", run)
            out, err = watcher.communicate(timeout=60)
        self.assertEqual(watcher.returncode, 7, err)
        self.assertIn("CANCELED", out)
        self.assertIn("\n  | waiting\n", err)
        self.assertRegex(err, r"error: slow: the run small-slow-\S+ was cancelled")

    def test_maximum_duration(self):
        short = PIPELINE.replace("slow: {script: slow.py}", "slow: {script: slow.py, max_duration_in_minutes: 1}")
        write(folder, short)
        self.addCleanup(self.restored)
        self.weir("apply", "-y")
        done = self.weir("run", "slow", status=7)
        self.assertIn("STOPPED", done.stdout)
        self.assertRegex(done.stderr, r"error: slow: the run small-slow-\S+ was stopped: \S+")
        self.assertIn("The last lines of slow's log (`weir logs small-slow-", done.stderr)
        self.assertIn("\n  | waiting\n", done.stderr)

    def test_interrupted(self):
        """The run goes on; its name and OCID are printed."""
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number), self.watching("run", "slow") as watcher:
                run = self.launched(watcher)
                watcher.send_signal(number)
                out, err = watcher.communicate(timeout=60)
                self.assertEqual(watcher.returncode, 130, err)
                self.assertRegex(err, rf"error: interrupted.*\n  slow goes on: small-slow-\S+ \({run}\)\n$")
                self.assertIn(run, out)
                self.wait(run, "IN_PROGRESS")
                self.weir("cancel", run)
                self.wait(run, "CANCELED")

    def test_interrupted_in_a_sequence(self):
        """What goes on, and what does not come any more."""
        write(folder, PIPELINE.replace("broken: {app: bad,", "broken: {app: slow,"))
        self.addCleanup(self.restored)
        with self.watching("run", "breaks") as watcher:
            self.launched(watcher)
            while "broken" not in (line := watcher.stderr.readline()):
                self.assertTrue(line)
            watcher.send_signal(signal.SIGINT)
            out, err = watcher.communicate(timeout=60)
        self.assertEqual(watcher.returncode, 130, err)
        run = line.rsplit("(", 1)[1].rstrip(")\n")
        self.assertRegex(err, rf"error: interrupted\n  broken goes on: small-slow-\S+ \({run}\)\n"
                              r"  never was not launched, and will not be\n$")
        self.assertIn("WAITING", out)
        self.weir("cancel", run)

    @contextlib.contextmanager
    def watching(self, *args):
        child = subprocess.Popen([os.environ["WEIR"], "-C", folder, *args], env=home.env, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            child.stdout.close()
            child.stderr.close()

    def launched(self, watcher):
        """The OCID on the first line of a watching weir."""
        line = watcher.stderr.readline()
        self.assertIn("ACCEPTED", line)
        return line.rsplit("(", 1)[1].rstrip(")\n")


class Faults(Case):
    def tearDown(self):
        home.call("DELETE", "/weir/faults")

    def fault(self, **rule):
        self.assertLess(home.call("POST", "/weir/faults", rule).status, 300)

    def runs(self):
        return {run["id"] for run in self.json("list", "runs")["runs"]}

    def test_a_lost_reply_launches_nothing_twice(self):
        for action in ("lose", "reset"):
            with self.subTest(action=action):
                before = self.runs()
                self.fault(method="POST", path="/20200129/runs", action=action)
                doc = self.json("run", "hello")
                self.assertEqual(self.runs() - before, {doc["steps"][0]["run"]["id"]})

    def test_trouble_while_watching(self):
        self.fault(method="GET", path="/20200129/runs/*", count=2, action="status", status=503)
        done = self.weir("run", "hello")
        self.assertIn("503", done.stderr)
        self.assertIn("again in", done.stderr)
        self.assertIn("SUCCEEDED", done.stdout)

    def test_no_more_watching(self):
        """The run may go on: it is named."""
        self.fault(method="GET", path="/20200129/runs/*", count=0, action="status", status=503)
        done = self.weir("run", "hello", "--retries", "0", status=3)
        self.assertIn("hello: watch the run: ", done.stderr)
        self.assertRegex(done.stderr, r"hello may go on: small-hello-\S+ \(ocid1\.")
        self.assertIn("ERROR", done.stdout)

    def test_no_launch(self):
        before = self.runs()
        self.fault(method="POST", path="/20200129/runs", action="status", status=400, code="LimitExceeded")
        done = self.weir("run", "all", status=3)
        self.assertIn("LimitExceeded", done.stderr)
        states = {row.split()[0]: row.split()[1] for row in done.stdout.splitlines()[1:]}
        self.assertEqual(states, {"first": "ERROR", "left": "NOT_LAUNCHED", "right": "NOT_LAUNCHED",
                                  "last": "NOT_LAUNCHED"})
        self.assertEqual(self.runs(), before)


class Content(Case):
    def test_what_changed_is_uploaded_before(self):
        self.addCleanup(self.restored)
        (folder / "hello.py").write_text("print('new')\n")
        (folder / "lookup.csv").write_text("a,b\n3,4\n")
        (folder / "bad.py").write_text("print('not needed')\n")
        done = self.weir("run", "hello")
        self.assertIn("scripts.hello", done.stderr)
        self.assertIn("objects.lookup", done.stderr)
        self.assertNotIn("scripts.bad", done.stderr)
        self.assertEqual(self.weir("logs", "last").stdout, "new\n")
        plan = self.json("plan")
        self.assertEqual([c["address"] for c in plan["resource_changes"]], ["scripts.bad"])

    def test_no_sync(self):
        self.addCleanup(self.restored)
        (folder / "hello.py").write_text("print('newer')\n")
        done = self.weir("run", "hello", "--no-sync")
        self.assertIn("warning: what is uploaded is not what is here: scripts.hello", done.stderr)
        self.assertEqual(self.weir("logs", "last").stdout, "hello world monday\n")

    def test_the_applied_definition_is_run(self):
        self.addCleanup(self.restored)
        write(folder, PIPELINE.replace("day: monday", "day: friday"))
        done = self.weir("run", "hello")
        self.assertIn("apps.hello is not what the file says (parameters)", done.stderr)
        self.assertIn("`weir apply` changes it", done.stderr)
        self.assertEqual(self.weir("logs", "last").stdout, "hello world monday\n")

    def test_not_applied(self):
        other = home.scratch / "new"
        write(other, PIPELINE.replace("pipeline: small", "pipeline: new"))
        text = self.weir("run", "hello", where=other, status=1).stderr
        self.assertIn("apps.hello is not applied: target local has no such application", text)
        self.assertIn("`weir apply` makes it", text)


class NotInstalled(Case):
    """Plan and apply work; run says what to run."""

    def without(self, hint, **parts):
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-standin-"))
        self.addCleanup(weirlocal.shutil.rmtree, scratch, ignore_errors=True)
        with weirlocal.Home(start=False, env=standin.install(scratch, **parts)) as bare:
            where = bare.scratch / "pipeline"
            write(where)
            for args, status in ((["plan"], 0), (["apply", "-y"], 0), (["run", "hello"], 3)):
                done = bare.weir("-C", where, *args)
                self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn("nothing can be run here", done.stderr)
            self.assertIn(hint, done.stderr)

    def test_no_spark(self):
        self.without("`weir local setup` installs it", spark=False)

    def test_no_java(self):
        self.without("openjdk-17-jre-headless", java=False)


weirlocal.main()
