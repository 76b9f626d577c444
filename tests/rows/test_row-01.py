#!/usr/bin/env python3
"""Row 1 of issue 5: `weir doctor`, with a stand-in for Spark (lib/standin.py)."""
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
from small import Small

PROBE = "*/o/weir-doctor-*"
home = small = None


def setUpModule():
    global home, small
    home = standin.module_home()
    small = pipeline("pipeline")


def pipeline(name):
    made = Small(home.scratch / name, home)
    made.files = {"a.py": "print(1)\n"}
    made.spec["apps"]["a"] = {"script": "a.py", "warehouse_bucket": "warehouse"}
    made.spec["buckets"] = {"data": {}, "logs": {}, "warehouse": {}}
    made.files["b.csv"] = "x"
    made.spec["objects"] = {"b": {"path": "b.csv", "bucket": "data"}}
    return made


class Case(unittest.TestCase):
    def tearDown(self):
        home.call("DELETE", "/weir/faults")

    def doctor(self, *args, status=0, of=None):
        done = (of or small).weir("doctor", *args)
        self.assertEqual(done.returncode, status, f"weir doctor {args}\n{done.stdout}{done.stderr}\n{home.log()}")
        return done

    def checks(self, *args, status=0, of=None):
        """Name to check."""
        doc = json.loads(self.doctor(*args, "-o", "json", status=status, of=of).stdout)
        self.assertEqual(doc["failures"] > 0, status == 3)
        return {check["name"]: check for check in doc["checks"]}

    def fault(self, **rule):
        self.assertLess(home.call("POST", "/weir/faults", rule).status, 300)

    def left(self, bucket):
        """What doctor has left in it, other versions too."""
        names = home.call("GET", f"/n/{home.ns}/b/{bucket}/objectversions").json()["items"]
        return [item["name"] for item in names if item["name"].startswith("weir-doctor-")]


class AllWell(Case):
    """The tests' order is that of their names."""

    def test_1_before_anything_is_there(self):
        checks = self.checks()
        self.assertEqual({name: check["status"] for name, check in checks.items()}, {
            "pipeline file": "ok", "config file": "ok", "key": "ok", "clock": "ok", "credentials": "ok", "region": "ok",
            "Data Flow": "ok", "bucket data": "warn", "bucket logs": "warn", "bucket warehouse": "warn"})
        self.assertIn("`weir apply` creates it", checks["bucket logs"]["cures"][0])
        apps = home.call("GET", f"/20200129/applications?compartmentId={home.tenancy}").json()
        runs = home.call("GET", f"/20200129/runs?compartmentId={home.tenancy}").json()
        self.assertEqual((apps, runs), ([], []))

    def test_2_apply_creates_the_buckets(self):
        done = small.weir("apply", "-y")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.doctor()
        self.assertRegex(done.stdout, r"(?m)^ok +bucket data +scripts, data; private, not versioned, written to and deleted from$")
        self.assertRegex(done.stdout, r"(?m)^ok +bucket logs +logs; private, ")
        self.assertRegex(done.stdout, r"(?m)^ok +bucket warehouse +warehouse; private, ")
        self.assertTrue(done.stdout.endswith("\n10 ok, 0 warnings, 0 failures.\n"))
        self.assertEqual([self.left(bucket) for bucket in ("data", "logs", "warehouse")], [[], [], []])

    def test_3_by_the_local_service(self):
        done = home.weir("-C", small.folder, "doctor", "-o", "json")
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        self.assertEqual([checks[name]["status"] for name in ("local service", "Spark", "disk")], ["ok"] * 3)

    def test_4_without_a_file(self):
        done = home.weir("--endpoint", home.endpoint, "--config-file", home.config_file, "doctor", "--compartment-id",
                         home.tenancy, "-o", "json", cwd=home.scratch)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([c["name"] for c in json.loads(done.stdout)["checks"]],
                         ["config file", "key", "clock", "credentials", "region", "Data Flow"])

    def test_5_what_data_flow_itself_needs(self):
        other = pipeline("cloud")
        other.spec["targets"] = {"cloud": {"compartment_id": home.compartments["dev"], "endpoint": home.endpoint}}
        text = self.doctor("--group", "data team", of=other).stdout
        dev = home.compartments["dev"]
        for statement in (f"Allow group 'data team' to manage dataflow-family in compartment id {dev}",
                          f"Allow group 'data team' to manage buckets in compartment id {dev}",
                          f"Allow group 'data team' to manage objects in compartment id {dev}",
                          "Allow service dataflow to read objects in tenancy where target.bucket.name = 'logs'"):
            self.assertIn(f"\n  {statement}\n", text)
        self.assertIn("weir cannot see whether it is there", text)
        self.assertNotIn("service dataflow", self.doctor("--group", "x").stdout)


class Policies(Case):
    """What doctor says is missing is what is missing."""

    def setUp(self):
        self.assertEqual(small.weir("apply", "-y").returncode, 0)
        self.addCleanup(home.weir_local, "identity", "clear")

    def allow(self, *statements):
        home.identity({"users": {"ann": {"groups": ["team"]}}, "policies": list(statements)})

    def missing(self):
        checks = self.checks("--profile", "ann", "--group", "team", status=3).values()
        return sorted({p for check in checks if check["status"] == "fail" for p in check["policies"]})

    def test_from_nothing(self):
        self.allow()
        missing = self.missing()
        self.assertEqual(missing, ["Allow group team to manage dataflow-family in tenancy",
                                   "Allow group team to manage objects in tenancy",
                                   "Allow group team to read buckets in tenancy"])
        self.allow(*missing)
        checks = self.checks("--profile", "ann")
        self.assertEqual({c["status"] for c in checks.values()}, {"ok"})
        self.assertEqual(self.left("data"), [])
        # Each of them is needed.
        for i, statement in enumerate(missing):
            with self.subTest(without=statement):
                self.allow(*missing[:i], *missing[i + 1:])
                self.assertEqual(self.missing(), [statement])

    def test_less_than_all(self):
        whole = ["Allow group team to read buckets in tenancy", "Allow group team to manage objects in tenancy"]
        for allowed, text in (("inspect dataflow-family", "no application may be made"),
                              ("manage dataflow-application", "is not there, or not yours to see"),
                              ("inspect dataflow-run", "no application may be made")):
            with self.subTest(allowed=allowed):
                self.allow(*whole, f"Allow group team to {allowed} in tenancy")
                check = self.checks("--profile", "ann", status=3)["Data Flow"]
                self.assertIn(text, check["text"])
        self.allow(*whole, "Allow group team to manage dataflow-application in tenancy",
                   "Allow group team to inspect dataflow-run in tenancy")
        self.assertIn("no run may be launched", self.checks("--profile", "ann", status=3)["Data Flow"]["text"])
        self.allow("Allow group team to manage dataflow-family in tenancy", "Allow group team to inspect buckets in tenancy",
                   whole[1])
        self.assertIn("its settings are not yours to read", self.checks("--profile", "ann", status=3)["bucket data"]["text"])

    def test_in_a_compartment(self):
        dev = home.compartments["dev"]
        self.allow()
        text = self.doctor("--profile", "ann", "--compartment-id", dev, status=3).stdout
        self.assertIn(f"Allow group <group> to manage dataflow-family in compartment id {dev}", text)


class Buckets(Case):
    @classmethod
    def setUpClass(cls):
        assert small.weir("apply", "-y").returncode == 0

    def bucket(self, **fields):
        """A pipeline whose scripts' bucket is one of its own; the check of it."""
        name = fields.setdefault("name", self.id().rpartition(".")[2])
        reply = home.call("POST", f"/n/{home.ns}/b", {"compartmentId": home.tenancy, **fields})
        self.assertEqual(reply.status, 200, reply)
        return name, self.of(name)

    def of(self, name):
        made = pipeline(name)
        made.spec["defaults"]["script_bucket"] = name
        del made.spec["buckets"]["data"]
        return made

    def test_versioned(self):
        name, made = self.bucket(versioning="Enabled")
        self.assertIn("versioned, written to", self.checks(of=made)[f"bucket {name}"]["text"])
        self.assertEqual(self.left(name), [])

    def test_public(self):
        name, made = self.bucket(publicAccessType="ObjectRead")
        check = self.checks(of=made)[f"bucket {name}"]
        self.assertEqual(check["status"], "warn")
        self.assertIn("everybody can read", check["text"])
        self.assertIn(f"oci os bucket update -bn {name} --public-access-type NoPublicAccess", check["cures"])

    def test_archive(self):
        name, made = self.bucket(storageTier="Archive")
        self.assertIn("Archive tier", self.checks(of=made, status=3)[f"bucket {name}"]["text"])

    def test_retained(self):
        name, made = self.bucket()
        rule = {"displayName": "keep", "duration": {"timeAmount": 1, "timeUnit": "DAYS"}}
        self.assertEqual(home.call("POST", f"/n/{home.ns}/b/{name}/retentionRules", rule).status, 200)
        check = self.checks(of=made)[f"bucket {name}"]
        self.assertEqual(check["status"], "warn")
        self.assertIn("a retention rule keeps what is written", check["text"])
        self.assertEqual(self.left(name), [])

    def test_missing(self):
        name = "nowhere"
        check = self.checks(of=self.of(name), status=3)[f"bucket {name}"]
        self.assertEqual(check["text"], "not there")
        self.assertIn("declare it under `buckets:`", check["cures"][0])

    def test_a_deletion_that_fails_is_told(self):
        self.fault(method="DELETE", path=PROBE, count=0, action="status", status=500, code="InternalServerError")
        check = self.checks("--retries", "0", status=3)["bucket data"]
        left = re.search(r"object (weir-doctor-\S+) is left behind in bucket data: delete it", "\n".join(check["cures"]))
        self.assertEqual(self.left("data"), [left.group(1)])
        home.call("DELETE", "/weir/faults")
        for bucket in ("data", "logs", "warehouse"):
            home.call("DELETE", home.object(bucket, left.group(1)))

    def test_a_reply_that_is_lost(self):
        for versioning in ("Enabled", "Disabled"):
            with self.subTest(versioning=versioning):
                name, made = self.bucket(versioning=versioning, name=f"lost-{versioning.lower()}")
                self.fault(method="PUT", path=f"*/b/{name}{PROBE}", count=1, action="lose")
                self.assertEqual(self.checks(of=made)[f"bucket {name}"]["status"], "ok")
                self.assertEqual(self.left(name), [])

    def test_interrupted(self):
        self.fault(method="PUT", path=PROBE, count=0, action="delay", delayMs=1500)
        argv = [home.env["WEIR"], "-C", small.folder, "--endpoint", home.endpoint, "--config-file", home.config_file, "doctor"]
        weir = subprocess.Popen([str(a) for a in argv], env=home.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not home.call("GET", "/weir/faults").json()[0]["seen"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        weir.send_signal(signal.SIGINT)
        text = weir.communicate(timeout=60)[1].decode()
        self.assertEqual(weir.returncode, 130, text)
        self.assertIn("interrupted: what was written is being deleted", text)
        self.assertEqual([self.left(bucket) for bucket in ("data", "logs", "warehouse")], [[], [], []])


class Machines(Case):
    def test_the_clock(self):
        """The service's is set wrong instead of this machine's."""
        for seconds, status, word in ((-120, "warn", "ahead of"), (120, "warn", "behind"), (-900, "fail", "ahead of")):
            with self.subTest(seconds=seconds), weirlocal.Home(env={"WEIR_LOCAL_CLOCK_OFFSET_MS": f"{seconds}000"}) as off:
                made = Small(off.scratch / "p", off)
                checks = self.checks(of=made, status=3 if status == "fail" else 0)
                self.assertEqual(checks["clock"]["status"], status)
                self.assertIn(f"{word} the service's", checks["clock"]["text"])
                self.assertIn("timedatectl", checks["clock"]["cures"][0])
                self.assertEqual(checks["credentials"]["status"], "fail" if status == "fail" else "ok")

    def config(self, **changes):
        path = home.write_config(home.scratch / "changed", **changes)
        return self.checks("--config-file", path, status=3)

    def test_the_config_file(self):
        other = home.scratch / "other.pem"
        other.write_bytes(weirlocal.Key().pem())
        other.chmod(0o600)
        self.assertIn("fingerprint", self.config(key_file=other)["config file"]["text"])
        self.assertEqual(self.config(key_file=home.scratch / "nowhere.pem")["config file"]["status"], "fail")
        check = self.config(user="ocid1.user.oc1..nobody")["credentials"]
        self.assertEqual(check["status"], "fail")
        self.assertTrue([cure for cure in check["cures"] if "upload its public half" in cure])
        checks = self.checks("--config-file", home.scratch / "none", status=3)
        self.assertEqual({name: check["status"] for name, check in checks.items()}, {"pipeline file": "ok", "config file": "fail"})

    def test_a_key_that_others_can_read(self):
        open_key = home.scratch / "open.pem"
        open_key.write_bytes(home.key.pem())
        open_key.chmod(0o644)
        path = home.write_config(home.scratch / "open", key_file=open_key)
        check = self.checks("--config-file", path)["key"]
        self.assertEqual((check["status"], check["cures"]), ("warn", [f"chmod 600 {open_key}"]))

    def test_no_service(self):
        done = small.weir("doctor", "--endpoint", "http://127.0.0.1:9", "--retries", "0")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, r"(?m)^fail +Object Storage +")

    def test_a_file_with_mistakes(self):
        made = pipeline("wrong")
        made.spec["apps"]["a"]["num_executers"] = 1
        done = self.doctor(of=made, status=3)
        self.assertRegex(done.stdout, r"(?m)^fail +pipeline file +1 mistake, told on stderr$")
        self.assertNotIn("ok    pipeline file", done.stdout)
        self.assertIn("did you mean", done.stderr)

    def test_no_spark(self):
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-standin-"))
        self.addCleanup(weirlocal.shutil.rmtree, scratch, ignore_errors=True)
        with weirlocal.Home(env=standin.install(scratch, spark=False)) as own:
            made = Small(own.scratch / "p", own)
            made.write()
            done = own.weir("-C", made.folder, "doctor")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertRegex(done.stdout, r"(?m)^fail +Spark +.*(\n +cure +.*)?weir local setup")

    def test_words(self):
        self.assertIn("`doctr`", home.weir("doctr").stderr)
        self.assertIn("one argument too many", small.weir("doctor", "x").stderr)


weirlocal.main()
