#!/usr/bin/env python3
"""`checks:` of a step: what weir itself makes sure of when a run has succeeded. On weir-local with a stand-in for Spark."""
import base64
import hashlib
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal

HEAD = """pipeline: checked
parameters: {want: {type: integer, default: 12}}
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}, data: {}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  verify: {script: verify.py}
sequences:
"""
VERIFY = """import json
print("26/11/25 22:00:00 INFO SparkContext: equal, says a log")
print("12 files are the same: prüfsumme")
print(json.dumps({"rows": {"difference": 0, "all": [3.0, "x"]}, "ok": True, "who": "a b"}))
print("done")
"""
GOOD = """
  good:
    steps:
      verify:
        app: verify
        checks:
          text:     {printed: {contains: "same: prüfsumme", matches: '^\\d+ files'}}
          values:   {printed: {json: {rows.difference: 0, rows.all.0: 3, rows.all.1: x, ok: true, who: a b}}}
          arrived:  {objects: "oci://data@$<oci.namespace>/in/", count: "$<want>", min_bytes: 1, max_bytes: 100}
          some:     {objects: "oci://data@$<oci.namespace>/in/"}
          nothing:  {objects: "oci://data@$<oci.namespace>/out/", exists: false}
          manifest: {manifest: "oci://data@$<oci.namespace>/in/_manifest.jsonl"}
      after: {app: verify, needs: [verify]}
"""
# One step a check, side by side: name, the check, what is said of it.
BAD = (
    ("logged", '{printed: {contains: equal}}', "expected `equal` in what it printed; its last line is `done`"),
    ("pattern", '{printed: {matches: "^13 files"}}', "expected a match of `^13 files` in what it printed; its last line"),
    ("slow", '{printed: {matches: "(.*)*(.*)*(.*)*x$"}}', "takes too long to match"),
    ("value", '{printed: {json: {rows.difference: 1}}}', "expected rows.difference = 1, found 0"),
    ("no-value", '{printed: {json: {rows.none: 1}}}', "expected rows.none = 1 in the last line that is JSON, which has no rows.none"),
    ("count", '{objects: "oci://data@$<oci.namespace>/in/", count: 13}',
     "expected 13 objects under oci://data@weirlocal/in/, found 12 objects of "),
    ("least", '{objects: "oci://data@$<oci.namespace>/in/", min_bytes: 9999}', "expected at least 9999 bytes under"),
    ("most", '{objects: "oci://data@$<oci.namespace>/in/", max_count: 3}', "expected at most 3 objects under"),
    ("there", '{objects: "oci://data@$<oci.namespace>/out/"}', "expected an object under oci://data@weirlocal/out/, found 0 objects"),
    ("gone", '{objects: "oci://data@$<oci.namespace>/in/", exists: false}', "expected no object under"),
    ("bucket", '{objects: "oci://nowhere@$<oci.namespace>/in/"}', "bucket named 'nowhere' does not exist"),
    ("no-manifest", '{manifest: "oci://data@$<oci.namespace>/in/none.jsonl"}', "404"),
    ("differs", '{manifest: "oci://data@$<oci.namespace>/in/wrong.jsonl"}',
     "of 4 objects in it 3 differ: in/a 0.txt has 4 bytes, not 5; in/1.txt has the MD5 "),
    ("no-lines", '{manifest: "oci://data@$<oci.namespace>/in/verify.txt"}', "line 1: "),
    ("empty", '{manifest: "oci://data@$<oci.namespace>/in/empty.jsonl"}', "expected objects in it, found none"),
)
WRONG = (
    ("{}", "sequences.s.steps.a.checks.c checks nothing"),
    ("{printed: {}}", "`printed` of sequences.s.steps.a.checks.c asks for nothing"),
    ("{printed: {contain: x}}", "did you mean `contains`?"),
    ("{printed: {matches: '('}}", "`matches` of sequences.s.steps.a.checks.c is no regular expression"),
    ("{printed: {contains: x}, objects: 'oci://b@n/x'}", "`printed` and `objects` exclude each other"),
    ("{printed: {contains: x}, count: 1}", "`count` means nothing to sequences.s.steps.a.checks.c, which has no `objects`"),
    ("{objects: in/}", "`objects` must be an address of objects: oci://bucket@namespace/PREFIX"),
    ("{objects: 'oci://b@n/x', count: many}", "must be an integer"),
    ("{objects: 'oci://b@n/x', count: -1}", "must be at least 0"),
    ("{objects: 'oci://b@n/x', min_count: 3, max_count: 2}", "no count fits"),
    ("{objects: 'oci://b@n/x', min_bytes: 3, max_bytes: 2}", "`max_bytes` of sequences.s.steps.a.checks.c is below its `min_bytes`"),
    ("{objects: 'oci://b@n/x', exists: false, count: 2}", "wants no object, and some"),
    ("{manifest: 'oci://b@n/'}", "an object's address"),
)
home = folder = None


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def setUpModule():
    global home, folder
    home = standin.module_home()
    folder = home.scratch / "pipeline"
    folder.mkdir()
    steps = "".join(f"      {name}:\n        app: verify\n        checks:\n          {name}: {check}\n" for name, check, _ in BAD)
    bad = f"  bad:\n    steps:\n{steps}      after: {{app: verify, needs: [count]}}\n"
    (folder / "pipeline.yaml").write_text(HEAD + GOOD + bad)
    (folder / "verify.py").write_text(VERIFY)
    done = home.weir("-C", folder, "apply", "-y")
    assert done.returncode == 0, done.stderr
    files = {f"in/{'a ' if not i else ''}{i}.txt": f"no {i}".encode() for i in range(8)}
    lines = [{"name": name, "size": len(data), "md5": md5(data)} for name, data in files.items()]
    files["in/_manifest.jsonl"] = "\n".join(json.dumps(line) for line in [*lines, {"summary": {"files": 8}}]).encode()
    wrong = [{**lines[0], "size": 5}, {**lines[1], "md5": md5(b"x")}, {**lines[2], "name": "in/vanished"}, lines[3]]
    files["in/wrong.jsonl"] = "\n".join(json.dumps(line) for line in wrong).encode() + b"\n"
    files["in/verify.txt"], files["in/empty.jsonl"] = VERIFY.encode(), b""
    for name, data in files.items():
        assert home.call("PUT", home.object("data", name), data).status == 200


class Checks(unittest.TestCase):
    maxDiff = None

    def weir(self, *args, status=0, where=None):
        done = home.weir("-C", where or folder, *args, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_that_hold(self):
        """All are made, also behind one that does not hold; where all hold, what needs the step goes on."""
        done = self.weir("run", "good", status=6)
        self.assertIn('"verify" check text: printed as expected', done.stderr)
        self.assertIn('"verify" check values: printed as expected', done.stderr)
        self.assertRegex(done.stderr, r'"verify" check arrived does not hold \(\S*/pipeline.yaml:\d+:\d+\): expected at most 100 bytes')
        self.assertIn('"verify" check nothing: 0 objects of 0 bytes', done.stderr)
        self.assertIn('"verify" check manifest: oci://data@weirlocal/in/_manifest.jsonl: 8 objects are as it says', done.stderr)
        self.assertRegex(done.stderr, r"error: verify: the run \S+ succeeded, but not its check arrived: expected at most 100 bytes")
        self.assertRegex(done.stderr, r"it is at \S*/pipeline.yaml:\d+:\d+")
        self.assertRegex(done.stdout, r"verify +CHECKS_FAILED ")
        self.assertRegex(done.stdout, r"after +NOT_LAUNCHED ")
        text = (folder / "pipeline.yaml").read_text()
        where = home.scratch / "good"
        where.mkdir()
        (where / "pipeline.yaml").write_text(text.replace("max_bytes: 100", "max_bytes: 5000"))
        (where / "verify.py").write_text(VERIFY)
        doc = json.loads(self.weir("run", "good", "-o", "json", where=where).stdout)
        self.assertEqual([step["state"] for step in doc["steps"]], ["SUCCEEDED", "SUCCEEDED"])
        self.assertEqual([(c["name"], c["ok"]) for c in doc["steps"][0]["checks"]],
                         [(name, True) for name in ("text", "values", "arrived", "some", "nothing", "manifest")])
        self.assertNotIn("checks", doc["steps"][1])
        done = self.weir("run", "good", "-p", "want=13", where=where, status=6)
        self.assertIn("expected 13 objects under", done.stderr)

    def test_that_do_not(self):
        done = self.weir("run", "bad", "-o", "json", status=6)
        steps = {step["name"]: step for step in json.loads(done.stdout)["steps"]}
        lines = (folder / "pipeline.yaml").read_text().splitlines()
        for name, _, text in BAD:
            with self.subTest(name=name):
                step = steps[name]
                self.assertEqual((step["state"], step["run"]["lifecycle_state"]), ("CHECKS_FAILED", "SUCCEEDED"))
                (check,) = step["checks"]
                self.assertFalse(check["ok"])
                self.assertIn(text, check["text"])
                self.assertTrue(lines[check["line"] - 1][check["column"] - 1:].startswith(("{", f"{name}:")), check)
        self.assertEqual(steps["after"]["state"], "NOT_LAUNCHED")

    def test_that_cannot_be_made(self):
        """A service that does not answer is no answer."""
        rule = {"method": "GET", "path": "/20200129/runs/*/logs*", "action": "status", "status": 500, "count": 0}
        self.assertEqual(home.call("POST", "/weir/faults", rule).status, 204)
        self.addCleanup(home.call, "DELETE", "/weir/faults")
        done = self.weir("run", "good", "--retries", "0", "--no-sync", status=3)
        self.assertIn("error: verify: check text: ", done.stderr)
        self.assertRegex(done.stdout, r"verify +ERROR ")

    def test_wrong_ones(self):
        """All mistakes, each with its place; nothing is asked of a service."""
        for check, text in WRONG:
            with self.subTest(check=check):
                where = home.scratch / "wrong"
                where.mkdir(exist_ok=True)
                (where / "verify.py").write_text(VERIFY)
                (where / "pipeline.yaml").write_text(f"{HEAD}  s: {{steps: {{a: {{app: verify, checks: {{c: {check}}}}}}}}}\n")
                done = self.weir("validate", where=where, status=1)
                self.assertRegex(done.stderr, r"pipeline.yaml:15:\d+: error: ")
                self.assertIn(text, done.stderr)
                self.assertIn("1 error", done.stderr)


if __name__ == "__main__":
    weirlocal.main()
