#!/usr/bin/env python3
"""Row 14: edit, run, edit: what has changed here is uploaded before a run, by its hash; and the plan shows what."""
import hashlib
import io
import json
import os
import re
import sys
import time
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows

PIPELINE = """pipeline: fourteen
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}, data: {}}
objects: {lookup: {path: lookup.csv, bucket: data}}
archives: {deps: {path: deps.zip}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  hello: {script: hello.py}
  packed: {script: packed.py, archive: deps}
sequences:
  both: {steps: {a: {app: hello}, b: {app: packed}}}
"""
ONE = "print('one')\nprint('and')\nprint('more')\n"
PACKED = """
import greeting
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("driver:", greeting.text())
print("worker:", spark.sparkContext.parallelize([1]).map(lambda _: __import__("greeting").text()).first())
"""


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in members.items():
            z.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def deps(text, **more):
    return archive({"python/lib/python3.11/site-packages/greeting.py": f"def text():\n    return {text!r}\n",
                    "version.txt": "1\n", **more})


FILES = {"hello.py": ONE, "packed.py": PACKED, "lookup.csv": "a,b\n1,2\n", "deps.zip": deps("hi")}


class Spark(unittest.TestCase):
    def test_script_and_archive_are_what_runs(self):
        bench = rows.Bench(PIPELINE, FILES)
        self.addCleanup(bench.close)
        bench.write(**{"deps.zip": deps("changed"), "packed.py": PACKED + "print('edited')\n"})
        done = bench.weir("run", "packed")
        self.assertIn("archives.deps: updated", done.stderr)
        self.assertEqual(bench.weir("logs", "last").stdout, "driver: changed\nworker: changed\nedited\n")


class Row14(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = rows.Bench(PIPELINE, FILES, standin=True)
        cls.addClassCleanup(cls.bench.close)

    def setUp(self):
        self.bench.write()
        self.bench.weir("apply", "-y")

    def tearDown(self):
        self.bench.home.call("DELETE", "/weir/faults")

    def printed(self, *args, **options):
        self.bench.weir("run", "hello", *args, **options)
        return self.bench.weir("logs", "last").stdout

    def live(self, name="scripts/hello.py", bucket="scripts"):
        return self.bench.home.call("GET", self.bench.home.object(bucket, f"weir/fourteen/local/{name}"))

    def requests(self, *args):
        """Method and path of what was asked of Object Storage."""
        said = self.bench.weir("-v", *args).stderr
        return re.findall(r": ((?:GET|PUT|HEAD|POST) /n/\S+): \d", said)

    def test_edit_and_run(self):
        self.assertEqual(self.printed(), ONE.replace("print('", "").replace("')", ""))
        self.bench.write(**{"hello.py": "print('two')\n"})
        self.assertEqual(self.printed(), "two\n")
        self.assertEqual(self.live().body, b"print('two')\n")

    def test_nothing_is_sent_or_read_for_nothing(self):
        """By name, size and hash of the listing; a file that was only touched is no change."""
        os.utime(self.bench.folder / "hello.py")
        asked = self.requests("run", "hello", "--no-save-logs")
        self.assertEqual([r for r in asked if r.startswith("PUT") or "/o/" in r], [])

    def test_data_too(self):
        self.bench.write(**{"lookup.csv": "a,b\n3,4\n"})
        self.bench.weir("run", "hello")
        self.assertEqual(self.live("objects/lookup/lookup.csv", "data").body, b"a,b\n3,4\n")
        # Of what the run does not need nothing is touched.
        self.bench.write(**{"packed.py": "print(1)\n"})
        self.bench.weir("run", "hello")
        self.assertEqual(self.live("scripts/packed.py").body, PACKED.encode())

    def test_no_sync(self):
        for told, where in (((), PIPELINE.replace("{type: local}", "{type: local, sync: false}")),
                            (("--no-sync",), PIPELINE)):
            with self.subTest(told=told):
                self.bench.write(where, **{"hello.py": "print('new')\n"})
                done = self.bench.weir("run", "hello", *told)
                self.assertIn("warning: what is uploaded is not what is here: scripts.hello", done.stderr)
                self.assertEqual("has `sync: false`: `weir apply` uploads it" in done.stderr, not told)
                self.assertTrue(self.bench.weir("logs", "last").stdout.startswith("one\n"))
        self.bench.write(PIPELINE.replace("{type: local}", "{type: local, sync: false}"), **{"hello.py": "print('new')\n"})
        self.bench.weir("apply", "-y")
        self.assertEqual(self.printed(), "new\n")

    def test_a_script_as_a_diff(self):
        self.bench.write(**{"hello.py": ONE.replace("'and'", "'or'")})
        text = self.bench.weir("plan").stdout
        self.assertIn("        @@ -1,3 +1,3 @@\n         print('one')\n        -print('and')\n        +print('or')\n"
                      "         print('more')\n", text)
        change = self.bench.json("plan")["resource_changes"][0]
        self.assertEqual(change["diff"].splitlines()[-4:], [" print('one')", "-print('and')", "+print('or')", " print('more')"])

    def test_an_archive_by_its_members(self):
        self.bench.write(**{"deps.zip": deps("longer than before", **{"new\033[2J.txt": "x" * 2000})
                            .replace(b"version.txt", b"vers10n.txt")})
        text = self.bench.weir("plan").stdout
        block = text[text.index("# archives.deps"):]
        site = "python/lib/python3.11/site-packages/greeting.py"
        self.assertIn("        + new\\x1B[2J.txt (2.0 KiB)\n"
                      f"        ~ {site} (28 B -> 44 B)\n"
                      "        + vers10n.txt (2 B)\n"
                      "        - version.txt (2 B)\n    }\n", block)
        change = next(c for c in self.bench.json("plan")["resource_changes"] if c["address"] == "archives.deps")
        self.assertEqual(change["members"], [
            {"name": "new\033[2J.txt", "action": "add", "now": 2000},
            {"name": site, "action": "change", "was": 28, "now": 44},
            {"name": "vers10n.txt", "action": "add", "now": 2}, {"name": "version.txt", "action": "remove", "was": 2}])

    def test_a_large_archive_is_not_downloaded(self):
        """Its end is enough."""
        large = {f"data/{i}.bin": os.urandom(1 << 20).hex() for i in range(4)}
        self.bench.write(**{"deps.zip": deps("a", **large)})
        self.bench.weir("apply", "-y")
        self.bench.write(**{"deps.zip": deps("b", **large)})
        done = self.bench.weir("-v", "plan")
        self.assertIn("# (5 unchanged members hidden)", done.stdout)
        received = re.search(r"sent, ([\d.]+) (\S+) received", done.stderr)
        self.assertTrue(received[2] in ("B", "KiB") and float(received[1]) < 200, received[0])

    def test_archives_that_are_none(self):
        for content in (b"", b"no zip at all", deps("x")[:-5], b"PK\x05\x06" + b"\xff" * 18, os.urandom(100000)):
            with self.subTest(content=content[:10]):
                self.bench.write(**{"deps.zip": content})
                text = self.bench.weir("plan").stdout
                self.assertIn("# archives.deps", text)
                self.assertNotIn("unchanged members", text)
                self.bench.weir("apply", "-y")
                self.bench.write()
                self.assertIn("# archives.deps", self.bench.weir("plan").stdout)
                self.bench.weir("apply", "-y")

    def test_edited_while_it_is_uploaded(self):
        """In place or by renaming, as editors do: what is there is one of the two, wholly, and is what ran; or nothing ran."""
        for in_place in (True, False):
            with self.subTest(in_place=in_place):
                self.bench.write()
                self.bench.weir("apply", "-y")
                first, second = "print('first')\n" * 2000, "print('secnd')\n" * 2000
                self.bench.write(**{"hello.py": first})
                reply = self.bench.home.call("POST", "/weir/faults", {
                    "method": "PUT", "path": "/n/*/o/*hello.py", "action": "status", "status": 503, "retryAfter": 2, "count": 1})
                self.assertLess(reply.status, 300, reply.body)
                child = self.bench.watching("run", "hello")
                self.bench.until(lambda: self.bench.home.call("GET", "/weir/faults").json()[0]["acted"], "no upload")
                path = self.bench.folder / "hello.py"
                if in_place:
                    path.write_text(second)
                else:
                    path.with_suffix(".new").write_text(second)
                    path.with_suffix(".new").replace(path)
                out, err = child.communicate(timeout=120)
                self.bench.home.call("DELETE", "/weir/faults")
                body = self.live().body.decode()
                self.assertIn(body, (ONE, first, second))
                meta = dict(self.live().fields).get("opc-meta-weir-sha256")
                self.assertEqual(meta, hashlib.sha256(body.encode()).hexdigest())
                if child.returncode == 0:
                    self.assertEqual(self.bench.weir("logs", "last", "--head", "1").stdout, body.splitlines()[0][7:-2] + "\n")
                else:
                    self.assertIn(child.returncode, (3, 4), err)
                    self.assertIn("hello.py", err)
                    self.assertEqual(body, ONE)
                self.bench.weir("run", "hello")
                self.assertEqual(self.live().body.decode(), second)

    def test_two_at_once(self):
        """On one script: both launch, or one is told of the conflict; what is uploaded is whole."""
        self.bench.write(**{"hello.py": "print('both')\n"})
        children = [self.bench.watching("run", "hello", "-o", "json") for _ in range(2)]
        ends = [(child.communicate(timeout=120), child.returncode) for child in children]
        self.assertIn(0, [status for _, status in ends])
        for (out, err), status in ends:
            self.assertIn(status, (0, 4), err)
            if status == 0:
                run = json.loads(out)["steps"][0]["run"]["id"]
                self.assertEqual(self.bench.weir("logs", run).stdout, "both\n")
        self.assertEqual(self.live().body, b"print('both')\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
