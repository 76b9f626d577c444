#!/usr/bin/env python3
"""Row 11: a run is watched: its state, time, size and cost as it goes on, what it prints; Ctrl-C once and twice."""
import json
import os
import pathlib
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows
import terminal

PIPELINE = """pipeline: eleven
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 2
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 2, memory_in_gbs: 32}
apps:
  steps: {script: steps.py}
  slow: {script: slow.py}
  long: {script: long.py}
sequences:
  both:
    steps: {one: {app: steps}, two: {app: steps}}
"""
FILES = {
    "steps.py": "import sys\nfor i in range(3): print('step', i, flush=True)\n"
                "try:\n    from pyspark.sql import SparkSession\n    print(SparkSession.builder.getOrCreate().range(7).count())\n"
                "except ImportError:\n    print(7)\nprint('the end', end='')\n",
    "slow.py": "import time\nprint('waiting', flush=True)\ntime.sleep(600)\n",
    "long.py": "import time\ntime.sleep(22)\n",
}
SIZE = "driver VM.Standard.E4.Flex (1 OCPU, 16 GB), 2 executors VM.Standard.E4.Flex (2 OCPUs, 32 GB); 5 OCPUs in all"
SPENT = r"[\d.msh]+: driver and 2 executors, 5 OCPUs, \d+\.\d{3} OCPU-hours"


class Spark(unittest.TestCase):
    def test_states_and_output_of_a_job(self):
        bench = rows.Bench(PIPELINE, FILES)
        self.addCleanup(bench.close)
        done = bench.weir("run", "steps", "--follow")
        lines = done.stderr.splitlines()
        self.assertRegex(lines[0], r'^\S+Z "steps" ACCEPTED eleven-steps-\S+ \(ocid1\.')
        self.assertTrue(any(re.fullmatch(r'\S+Z "steps" IN_PROGRESS: ' + re.escape(SIZE), line) for line in lines), lines)
        self.assertEqual([line for line in lines if line.startswith("steps | ")],
                         ["steps | step 0", "steps | step 1", "steps | step 2", "steps | 7", "steps | the end"])
        self.assertTrue(any(re.fullmatch(r'\S+Z "steps" SUCCEEDED after ' + SPENT, line) for line in lines), lines)
        self.assertEqual(done.stdout.splitlines()[1].split()[:2], ["steps", "SUCCEEDED"])


class Row11(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(PIPELINE, FILES, standin=True)
        cls.addClassCleanup(cls.bench.close)

    def test_output_before_the_end(self):
        child = self.bench.watching("run", "slow", "--follow")
        seen = []
        while "slow | waiting\n" not in seen:
            seen.append(child.stderr.readline())
            self.assertTrue(seen[-1], seen)
        run = re.search(r"\((ocid1\S+)\)", "".join(seen))[1]
        self.assertEqual(self.bench.run_of(run)["lifecycleState"], "IN_PROGRESS")
        self.bench.weir("cancel", run)
        child.communicate(timeout=60)
        self.assertEqual(child.returncode, 7)

    def test_several_runs_as_json(self):
        done = self.bench.weir("run", "both", "--follow", "-o", "json")
        said = [json.loads(line)["@message"] for line in done.stderr.splitlines()]
        for name in ("one", "two"):
            self.assertEqual([line for line in said if line.startswith(f"{name} | ")],
                             [f"{name} | {text}" for text in ("step 0", "step 1", "step 2", "7", "the end")])
        self.assertEqual({step["state"] for step in json.loads(done.stdout)["steps"]}, {"SUCCEEDED"})

    def test_lines_while_it_goes_on(self):
        """Elsewhere than on a terminal: after ten seconds, then ever less often."""
        done = self.bench.weir("run", "long")
        self.assertRegex(done.stderr, rf'(?m)^"long" IN_PROGRESS for {SPENT}$')
        self.assertIn(" saved in ", done.stderr)

    def test_quiet(self):
        self.assertEqual(self.bench.weir("-q", "run", "steps").stderr, "")

    def test_wrong_words(self):
        self.assertIn("one of them", self.bench.weir("run", "steps", "--detach", "--follow", status=1).stderr)

    def terminal(self, *args, **typed):
        status, text = terminal.run([os.environ["WEIR"], "-C", str(self.bench.folder), *args],
                                    {**self.bench.home.env, "TERM": "xterm", "NO_COLOR": "1"}, 100, **typed)
        return status, text

    def test_a_terminal_is_redrawn(self):
        status, text = self.terminal("run", "long")
        self.assertEqual(status, 0, text)
        drawn = re.findall(r"^(?:\033\[\d+A\r\033\[J)?long: IN_PROGRESS driver and 2 executors, 5 OCPUs, (\d\.\d{3}) OCPU-hours (\d+)\S*s$",
                           text, re.M)
        self.assertGreater(len(drawn), 5, text)
        hours = [float(h) for h, _ in drawn]
        self.assertEqual(hours, sorted(hours))
        self.assertGreater(hours[-1], hours[0])

    def ctrl_c(self, times):
        say = [("IN_PROGRESS", b"\x03")]
        if times == 2:
            say.append(("Ctrl-C again within 5 seconds cancels", b"\x03"))
        status, text = self.terminal("run", "slow", say=say)
        run = re.search(r"\((ocid1\S+?)\)", text)[1]
        return status, text, run

    def test_ctrl_c_detaches(self):
        status, text, run = self.ctrl_c(1)
        self.assertEqual(status, 130, text)
        self.assertRegex(text, rf"The run goes on: eleven-slow-\S+ \({run}\)\n  Ctrl-C again within 5 seconds cancels\n")
        self.assertRegex(text, rf"slow goes on: eleven-slow-\S+ \({run}\)")
        self.assertEqual(self.bench.run_of(run)["lifecycleState"], "IN_PROGRESS")
        self.bench.weir("cancel", run)

    def test_a_second_ctrl_c_cancels(self):
        status, text, run = self.ctrl_c(2)
        self.assertEqual(status, 7, text)
        self.assertRegex(text, rf"error: cancelled: eleven-slow-\S+ \({run}\)")
        self.bench.until(lambda: self.bench.run_of(run)["lifecycleState"] == "CANCELED", "not cancelled")

    def test_no_question_without_a_terminal(self):
        """A CI job that is ended does not wait."""
        child = self.bench.watching("run", "slow")
        line = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130)
        self.assertNotIn("Ctrl-C", err)
        self.bench.weir("cancel", re.search(r"\((ocid1\S+)\)", line)[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
