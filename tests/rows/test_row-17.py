#!/usr/bin/env python3
"""Row 17 of issue 5: `weir output`: what a job printed, on real Spark and with a stand-in (lib/standin.py), and objects."""
import csv
import errno
import hashlib
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal
from machine import Machine
from small import Small

REAL = r"""
import json, logging, sys, warnings
from pyspark.sql import SparkSession

logging.basicConfig(level=logging.INFO)
spark = SparkSession.builder.getOrCreate()
print("begun")
logging.info("an INFO line")
print("24/01/31 09:00:00 WARN Mine: on standard error", file=sys.stderr)
rows = spark.createDataFrame([("JFK", 3), ("LGA", 5)], "origin string, delay int")
for row in rows.orderBy("origin").collect():
    print(json.dumps(row.asDict(), separators=(",", ":")))
    sys.stdout.flush()
    warnings.warn("old", FutureWarning)
try:
    spark.sql("select nothing from nowhere")
except Exception:
    import traceback
    traceback.print_exc()
print(json.dumps(["é", 2.50]))
"""
FILES = {
    "table.py": 'print("x,y")\nprint("24/01/31 09:00:00 WARN X: y")\nprint(\'1,"a, b"\')\nprint("said")\nprint("2,c")\n',
    "lines.py": 'import sys\nfor i in range(200000): print(\'{"i": %d}\' % i)\n',
    "slow.py": "import time\nprint('{\"a\":1}', flush=True)\ntime.sleep(600)\n",
    "bad.py": "print('{\"a\":1}')\nraise ValueError('no')\n",
    "silent.py": "",
}
MIB = 1 << 20
home = small = None


def setUpModule():
    global home, small
    home = standin.module_home()
    small = pipeline(home, FILES)
    for bucket in ("down", "empty"):
        home.bucket(bucket)


def pipeline(of, files):
    made = Small(of.scratch / "pipeline", of)
    made.files = files
    for name in files:
        made.spec["apps"][name[:-3]] = {"script": name}
    done = made.weir("apply", "-y")
    assert done.returncode == 0, done.stderr
    return made


class Case(unittest.TestCase):
    def weir(self, *args, status=0):
        done = small.weir("output", *args)
        self.assertEqual(done.returncode, status, f"weir output {args}\n{done.stdout}{done.stderr}\n{home.log()}")
        return done

    def run_app(self, name, status=0, *args):
        done = small.weir("run", name, "-o", "json", *args)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)["steps"][0]["run"]["id"]


class RealSpark(unittest.TestCase):
    def test_what_the_job_printed(self):
        with weirlocal.Home() as real:
            made = pipeline(real, {"job.py": REAL})
            done = made.weir("run", "job")
            self.assertEqual(done.returncode, 0, done.stderr)
            log = made.weir("logs", "last").stdout
            for noise in ("INFO:root:an INFO line", "WARN Mine", "FutureWarning", "Traceback", "AnalysisException"):
                self.assertIn(noise, log)
            raw = made.weir("output", "last")
            self.assertEqual(raw.stdout, 'begun\n{"origin":"JFK","delay":3}\n{"origin":"LGA","delay":5}\n["\\u00e9", 2.5]\n')
            self.assertRegex(raw.stderr, r"^\d+ lines of logs left out\n$")
            lines = made.weir("output", "last", "--format", "jsonl")
            self.assertEqual([json.loads(line) for line in lines.stdout.splitlines()],
                             [{"origin": "JFK", "delay": 3}, {"origin": "LGA", "delay": 5}, ["é", 2.5]])
            self.assertIn("\n1 line left out that is no JSON objects or arrays\n", lines.stderr)
            table = made.weir("output", "last", "--format", "csv")
            self.assertEqual(list(csv.reader(io.StringIO(table.stdout))),
                             [["origin", "delay"], ["JFK", "3"], ["LGA", "5"]])


class Printed(Case):
    def test_csv_is_passed_through(self):
        run = self.run_app("table")
        done = self.weir(run, "--format", "csv")
        self.assertEqual(list(csv.reader(io.StringIO(done.stdout))), [["x", "y"], ["1", "a, b"], ["2", "c"]])
        self.assertEqual(done.stderr,
                         "1 line of logs left out\n1 line left out that is no CSV of as many fields as most\n")
        self.assertEqual(self.weir(run).stdout, 'x,y\n1,"a, b"\nsaid\n2,c\n')
        self.assertEqual(self.weir(run, "--format", "jsonl").stdout, "")

    def test_a_pipe_that_ends_early(self):
        run = self.run_app("lines")
        argv = [home.env["WEIR"], "-C", small.folder, "--endpoint", home.endpoint, "--config-file", home.config_file,
                "output", run, "--format", "jsonl"]
        weir = subprocess.Popen([str(a) for a in argv], env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(weir.stdout.readline(), b'{"i": 0}\n')
        weir.stdout.close()
        self.assertEqual(weir.stderr.read(), b"")
        self.assertEqual(weir.wait(60), 3)
        weir.stderr.close()
        self.assertEqual(len(self.weir(run, "--format", "jsonl").stdout.splitlines()), 200000)

    def test_nothing(self):
        done = self.weir(self.run_app("silent"))
        self.assertEqual((done.stdout, done.stderr), ("", "No output.\n"))

    def test_a_run_that_failed(self):
        done = self.weir(self.run_app("bad", 6), "--format", "jsonl")
        self.assertEqual(done.stdout, '{"a":1}\n')
        self.assertIn("did not succeed: FAILED; what there is may not be all", done.stderr)

    def test_a_run_that_goes_on(self):
        run = self.run_app("slow", 0, "--detach")
        self.addCleanup(small.weir, "cancel", run)
        for args in ((run,), (run, "oci://down/", home.scratch / "never")):
            text = self.weir(*args, status=3).stderr
            self.assertRegex(text, r"small-slow-\S+ has not ended: (ACCEPTED|IN_PROGRESS)\n  `weir logs")
        self.assertFalse((home.scratch / "never").exists())

    def test_a_run_of_others(self):
        other = small.create(displayName="other", fileUri=f"oci://data@{home.ns}/weir/small/local/scripts/table.py")
        body = {"compartmentId": home.tenancy, "applicationId": other, "displayName": "theirs"}
        run = small.ask("POST", "/20200129/runs", body).json()["id"]
        deadline = time.monotonic() + 60
        while small.ask("GET", f"/20200129/runs/{run}").json()["lifecycleState"] in ("ACCEPTED", "IN_PROGRESS"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        text = self.weir("theirs", status=1).stderr
        self.assertIn("theirs is of no pipeline, not of small, target local", text)
        self.assertIn(f"name it by its OCID: {run}", text)
        self.assertIn("theirs is of no pipeline\n", self.weir(run).stderr)

    def test_wrong_words(self):
        for args, text in ((("last", "x"), "`x` is no address"), (("last", "oci://b/", "d", "e"), "one argument too many"),
                           (("oci://down/", "d", "e"), "one argument too many"),
                           (("last", "--overwrite"), "no address is given"),
                           (("oci://down/x", "--format", "csv"), "objects come as they are"),
                           (("last", "--format", "jsnl"), "did you mean `jsonl`?"),
                           (("oci://b@/x",), "no address of objects"), (("oci://",), "no address of objects")):
            with self.subTest(args=args):
                self.assertIn(text, self.weir(*args, status=1).stderr)
        self.assertIn("there is no run called `nobody`", self.weir("nobody", status=3).stderr)


class Down(Case):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=home.scratch))
        self.prefix = self.id().rpartition(".")[2] + "/"

    def put(self, name, data=b"x", bucket="down", **signing):
        reply = home.call("PUT", home.object(bucket, self.prefix + name), data, **signing)
        self.assertEqual(reply.status, 200, reply)

    def get(self, *args, prefix="", status=0, **options):
        return self.weir(f"oci://down/{self.prefix}{prefix}", self.dir, *args, status=status, **options)

    def tree(self):
        return {str(p.relative_to(self.dir)): p.read_bytes() for p in self.dir.rglob("*") if p.is_file()}


class Objects(Down):
    def test_a_prefix(self):
        want = {f"{i % 7}/part-{i:03}": os.urandom(i * 37) for i in range(120)}
        for name, data in want.items():
            self.put(name, data)
        self.put("folder/", b"")
        done = self.get()
        self.assertRegex(done.stdout, r"^Downloaded 120 objects \(.*\) to \S+\.\n$")
        self.assertEqual(self.tree(), want)
        self.assertEqual((self.dir / "0" / "part-000").stat().st_mode & 0o777, 0o644)
        # Again: nothing comes. One that was cut comes again, but only when it may be replaced.
        self.assertRegex(self.get().stdout, r"^Downloaded 0 objects \(0 B\) to \S+, 120 were there\.\n$")
        self.assertEqual(json.loads(self.get("-o", "json").stdout)["objects"][0]["state"], "there")
        (self.dir / "1" / "part-001").unlink()
        self.assertRegex(self.get().stdout, r"^Downloaded 1 object \(37 B\) to \S+, 119 were there\.\n$")
        self.assertEqual(self.tree(), want)

    def test_one_object(self):
        self.put("a.csv", b"1")
        self.put("a.csv.bak", b"2")
        self.get(prefix="a.csv")
        self.assertEqual(self.tree(), {"a.csv": b"1"})
        self.get(prefix="a.")
        self.assertEqual(self.tree(), {"a.csv": b"1", "a.csv.bak": b"2"})

    def test_beside_a_run(self):
        run = self.run_app("silent")
        self.put("a")
        self.weir(run, f"oci://down@{home.ns}/{self.prefix}", self.dir)
        self.assertEqual(self.tree(), {"a": b"x"})

    def test_without_a_file_and_here(self):
        self.put("a")
        done = home.weir("--endpoint", home.endpoint, "--config-file", home.config_file, "output",
                         f"oci://down/{self.prefix}", cwd=self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.tree(), {"a": b"x"})

    def test_other_files_stay(self):
        for name in "abcdefgh":
            self.put(name, name.encode())
        (self.dir / "a").write_bytes(b"a")
        (self.dir / "b").write_bytes(b"B")
        (self.dir / "c").write_bytes(b"longer")
        outside = self.dir.parent / (self.dir.name + "-outside")
        outside.write_bytes(b"d")
        (self.dir / "d").symlink_to(outside)
        text = self.get(status=1).stderr
        self.assertIn("3 files hold something else, and nothing was downloaded:", text)
        self.assertIn(f"{self.dir}/c", text)
        self.assertIn("--overwrite replaces them", text)
        self.assertFalse((self.dir / "e").exists())
        done = self.get("--overwrite")
        self.assertIn("Downloaded 7 objects", done.stdout)
        self.assertEqual(self.tree(), {name: name.encode() for name in "abcdefgh"})
        self.assertFalse((self.dir / "d").is_symlink())
        self.assertEqual(outside.read_bytes(), b"d")

    def test_hostile_names(self):
        hostile = ["../../escape", "/etc/absolute", "a/../../b", "./dot", "a//b", "c/..", "nul\x01\x1b[31m", "é/ü",
                   "%2E%2E/x", "back\\slash", "x" * 900, "-rf", "~", "a/" + "y" * 255 + "/z", " ", "\u202e"]
        for i, name in enumerate(hostile):
            self.put(name, str(i).encode())
        before = {p for p in self.dir.parent.iterdir()}
        self.get()
        self.assertEqual({p for p in self.dir.parent.iterdir()}, before)
        tree = self.tree()
        self.assertEqual(sorted(tree.values()), sorted(str(i).encode() for i in range(len(hostile))))
        self.assertEqual(tree["%2E%2E/%2E%2E/escape"], b"0")
        self.assertEqual(tree["a/%2F/b"], b"4")
        self.assertEqual(tree["é/ü"], b"7")
        self.assertEqual(tree["%252E%252E/x"], b"8")
        self.assertFalse([name for name in tree if re.search(r"[\x00-\x1f\x7f\\]", name)])
        self.assertIn(f"{len(hostile)} were there", self.get().stdout)

    def test_a_link_in_the_way(self):
        outside = pathlib.Path(tempfile.mkdtemp(dir=home.scratch))
        (self.dir / "sub").symlink_to(outside)
        self.put("sub/a")
        self.assertIn("sub is in the way: a link, or no folder", self.get(status=3).stderr)
        self.assertEqual(list(outside.iterdir()), [])

    def test_a_name_that_is_also_a_folder(self):
        self.put("a", b"1")
        self.put("a/b", b"2")
        text = self.get(status=5).stderr
        self.assertIn("a cannot be a file beside those whose names go on behind it with /", text)
        self.assertEqual(self.tree(), {"a/b": b"2"})
        self.assertIn("a is a folder, where the object", self.get(prefix="a", status=3).stderr)

    def test_what_is_not_there(self):
        self.assertIn("no object is at oci://down@", self.get(status=3).stderr)
        self.assertIn("no object is at", self.weir("oci://empty/", self.dir, status=3).stderr)
        text = self.weir("oci://nowhere/x", self.dir, status=3).stderr
        self.assertIn("BucketNotFound", text)
        self.assertIn("Allow group <group> to read", text)

    def test_a_folder_that_is_none(self):
        self.put("a")
        self.dir.rmdir()
        self.dir.write_text("a file")
        self.assertIn(str(self.dir), self.get(status=3).stderr)
        self.assertEqual(self.dir.read_text(), "a file")


class Large(Down):
    """20 MiB: three ranges."""

    DATA = b"".join(hashlib.sha256(bytes([i])).digest() * 32768 for i in range(20))

    def large(self, how="md5"):
        if how == "md5":
            self.put("big", self.DATA)
            return
        part = 16 * MIB
        target = f"/n/{home.ns}/b/down/u"
        name = self.prefix + "big"
        upload = home.call("POST", target, {"object": name}).json()["uploadId"]
        done = []
        for number in range(2):
            reply = home.call("PUT", f"{target}/{weirlocal.quote(name)}?uploadId={upload}&uploadPartNum={number + 1}",
                              self.DATA[number * part:(number + 1) * part])
            done.append({"partNum": number + 1, "etag": reply.field("etag")})
        reply = home.call("POST", f"{target}/{weirlocal.quote(name)}?uploadId={upload}",
                          {"partsToCommit": done, "partsToExclude": []})
        self.assertEqual(reply.status, 200, reply)

    def fault(self, **rule):
        reply = home.call("POST", "/weir/faults", {"method": "GET", "path": "*/o/*big", **rule})
        self.assertLess(reply.status, 300, reply)
        self.addCleanup(home.call, "DELETE", "/weir/faults")

    def requests(self, done):
        return int(re.search(r"^(\d+) requests", done.stderr, re.MULTILINE).group(1))

    def test_in_ranges(self):
        for how in ("md5", "parts"):
            with self.subTest(how=how):
                self.large(how)
                done = self.get("-v", "-o", "json")
                self.assertTrue(json.loads(done.stdout)["objects"][0]["checked"], how)
                self.assertEqual(self.tree(), {"big": self.DATA})
                self.assertIn('"there"', self.get("-o", "json").stdout)
                (self.dir / "big").unlink()

    def test_goes_on(self):
        self.large()
        self.fault(action="reset", nth=3, count=0)
        done = self.get("--retries", "0", status=3)
        self.assertIn("download object", done.stderr)
        left = [p for p in self.dir.iterdir()]
        self.assertEqual([p.name[:11] for p in left], [".weir-part-"])
        home.call("DELETE", "/weir/faults")
        done = self.get()
        self.assertIn("1 went on where an earlier download had ended", done.stderr)
        self.assertEqual(self.tree(), {"big": self.DATA})

    def test_goes_on_after_a_kill(self):
        self.large()
        self.fault(action="throttle", nth=3, count=0, bytesPerSecond=1000)
        argv = [home.env["WEIR"], "-C", small.folder, "--endpoint", home.endpoint, "--config-file", home.config_file,
                "output", f"oci://down/{self.prefix}", self.dir]
        for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
            weir = subprocess.Popen([str(a) for a in argv], env=home.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 60
            while not any(p.read_bytes()[20 * MIB:].count(1) >= 2 for p in self.dir.glob(".weir-part-*")):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            weir.send_signal(number)
            text = weir.communicate(timeout=60)[1].decode()
            self.assertEqual(weir.returncode, status, text)
            self.assertFalse((self.dir / "big").exists())
            self.assertEqual("goes on where it ended" in text, status == 130)
        home.call("DELETE", "/weir/faults")
        done = self.get("-o", "json")
        self.assertGreaterEqual(json.loads(done.stdout)["objects"][0]["resumed"], 8 * MIB)
        self.assertEqual(self.tree(), {"big": self.DATA})

    def test_damage_from_before_is_found(self):
        self.large()
        self.fault(action="reset", nth=3, count=0)
        self.get("--retries", "0", status=3)
        home.call("DELETE", "/weir/faults")
        aside = next(self.dir.glob(".weir-part-*"))
        with open(aside, "r+b") as file:
            for at in (0, 8 * MIB, 16 * MIB):
                file.seek(at)
                file.write(b"damage")
        self.get()
        self.assertEqual(self.tree(), {"big": self.DATA})

    def test_another_object_is_not_gone_on_with(self):
        self.large()
        self.fault(action="reset", nth=3, count=0)
        self.get("--retries", "0", status=3)
        home.call("DELETE", "/weir/faults")
        self.put("big", self.DATA[::-1])
        self.get()
        self.assertEqual((self.dir / "big").read_bytes(), self.DATA[::-1])

    def test_a_service_that_sends_other_bytes(self):
        """What it tells of the content does not fit: nothing is kept."""
        self.put("big", self.DATA, fields=[("opc-meta-weir-sha256", "0" * 64)])
        self.put("small", b"x", fields=[("opc-meta-weir-sha256", "0" * 64)])
        text = self.get(status=3).stderr
        self.assertIn("other bytes came than the service has", text)
        self.assertEqual(self.tree(), {})

    def test_a_disk_that_fills(self):
        self.large()
        machine = Machine(home.scratch)
        machine.fail("write", errno.ENOSPC, nth=5, text=".weir-part-")
        argv = [home.env["WEIR"], "-C", small.folder, "--endpoint", home.endpoint, "--config-file", home.config_file,
                "output", f"oci://down/{self.prefix}", self.dir]
        done = home.run(argv, env=machine.env)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(self.tree(), {})


class ReadOnly(Down):
    @staticmethod
    def as_nobody():
        weirlocal._LIBC.setgroups(0, None)
        os.setgid(65534)
        os.setuid(65534)

    def test_a_folder_that_is_read_only(self):
        """As another user than root, who may write everywhere."""
        self.put("a")
        self.dir.chmod(0o555)
        options = {}
        if os.geteuid() == 0:
            open_to_others(home.scratch, home.config_file)
            options["preexec_fn"] = self.as_nobody
        argv = [home.env["WEIR"], "-C", home.scratch, "--endpoint", home.endpoint, "--config-file", home.config_file,
                "output", f"oci://down/{self.prefix}", self.dir]
        done = home.run(argv, **options)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("Permission denied", done.stderr)
        self.assertEqual(self.tree(), {})


def open_to_others(scratch, config_file):
    for path in (scratch, scratch / "home", config_file, *scratch.joinpath("home").glob("*.pem")):
        path.chmod(path.stat().st_mode | 0o055)


weirlocal.main()
