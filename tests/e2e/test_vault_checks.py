#!/usr/bin/env python3
"""`not_logged` of a step's checks: weir fetches a secret of Vault for its own use, and tells it to nobody. On weir-local with a
stand-in for Spark."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import leaks
import standin
import weirlocal

PIPELINE = """pipeline: guarded
parameters:
  secret_ocid: {default: ocid1.vaultsecret.oc1.iad.aaaa}
  word: {default: plain-word}
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}, data: {}}
base_folder: runs
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  num_executors: 1
  driver_shape: VM.Standard2.1
  executor_shape: VM.Standard2.1
apps:
  job: {script: job.py, arguments: ["${say}"], parameters: {say: nothing}}
sequences:
  nightly:
    parameters: {say: {default: nothing}}
    steps:
      job:
        app: job
        parameters: {say: $<say>}
        checks:
          quiet: {not_logged: [$<vault.secret_ocid>, $<word>]}
          first: {printed: {contains: begin}}
"""
# What it is told to say, it reads from a file that no log names: the secret is on no command line.
JOB = """import base64, sys
print("begin")
if sys.argv[1] != "nothing":
    print(open(sys.argv[1]).read())
print("end", file=sys.stderr)
"""
VALUE = 'Qv7"k\\ü-never-told-3141'
home = folder = ocid = None


def put(name, value, *args):
    done = home.weir_local("secret", "put", name, *args, input=value, text=isinstance(value, str))
    assert done.returncode == 0, done
    return (done.stdout if isinstance(value, str) else done.stdout.decode()).strip()


def setUpModule():
    global home, folder, ocid
    home = standin.module_home()
    home.identity({"compartments": {"dev": {}}, "users": {"ann": {"groups": ["runners"]}},
                   "policies": ["Allow group runners to manage dataflow-family in tenancy", "Allow group runners to manage object-family in tenancy",
                                "Allow group runners to read secret-bundles in compartment dev"]})
    folder = home.scratch / "guarded"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE)
    (folder / "job.py").write_text(JOB)
    (folder / "said").write_text(f"the key is {VALUE}.\n")
    (folder / "word").write_text("a plain-word\n")
    ocid = put("key", VALUE)
    done = home.weir("-C", folder, "apply", "-y")
    assert done.returncode == 0, done.stderr


class NotLogged(unittest.TestCase):
    maxDiff = None

    def weir(self, *args, status=0, secret=None, **options):
        done = home.weir("-C", folder, *args, "-p", f"secret_ocid={secret or ocid}", timeout=120, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for form in (VALUE, json.dumps(VALUE)[1:-1], json.dumps(VALUE, ensure_ascii=False)[1:-1]):
            self.assertNotIn(form, done.stdout + done.stderr)
        return done

    def test_that_holds(self):
        value = f"{VALUE}-nor-by-a-job"
        done = self.weir("run", "nightly", "-v", secret=put("silent", value))
        self.assertRegex(done.stderr, r'"job" check quiet: in none of \d+ logs')
        self.assertIn('"job" check first: printed as expected', done.stderr)
        self.assertEqual(leaks.find(value, folder, home.path), [])

    def test_that_does_not(self):
        """The run is told, the check fails, and nothing that weir prints has the value."""
        done = self.weir("run", "nightly", "-p", f"say={folder}/said", "--follow", status=6)
        self.assertIn("the key is (sensitive).", done.stdout + done.stderr)
        self.assertRegex(done.stderr, rf"check quiet does not hold \(\S*pipeline.yaml:\d+:\d+\): `\$<vault.{ocid}>` is in \S+stdout\S*, line 3")
        steps = json.loads(self.weir("run", "nightly", "-p", f"say={folder}/said", "-o", "json", status=6).stdout)["steps"]
        self.assertEqual([(c["name"], c["ok"]) for c in steps[0]["checks"]], [("quiet", False), ("first", True)])

    def test_of_several_lines(self):
        """A key in PEM form, and characters that are shown escaped: by lines they are left out as well."""
        lines = ["-----BEGIN THE KEY-----", "bGluZSBvbmUgb2YgaXQ", "bGlu\x01ZSB0d28", "-----END THE KEY-----"]
        (folder / "key").write_text("key:\n" + "\n".join(lines) + "\n")
        done = self.weir("run", "nightly", "-p", f"say={folder}/key", "--follow", secret=put("pem", "\n".join(lines)), status=6)
        self.assertRegex(done.stderr, r"`\$<vault.ocid\S+>` is in \S+stdout\S*, line 4")
        self.assertEqual((done.stdout + done.stderr).count("| (sensitive)"), 4, done.stdout + done.stderr)
        for part in ("THE KEY", "bGluZS", "ZSB0d28"):
            self.assertNotIn(part, done.stdout + done.stderr)

    def test_plain_texts(self):
        done = self.weir("run", "nightly", "-p", f"say={folder}/word", status=6)
        self.assertRegex(done.stderr, r"`plain-word` is in \S+stdout\S*, line 3")

    def test_nothing_else_fetches(self):
        """With a vault that answers nobody, all but `run` go on."""
        rule = {"method": "GET", "path": "/20190301/secretbundles/*", "action": "status", "status": 500, "count": 0}
        self.assertEqual(home.call("POST", "/weir/faults", rule).status, 204)
        self.addCleanup(home.call, "DELETE", "/weir/faults")
        self.weir("validate")
        self.weir("plan")
        self.weir("apply", "-y")
        self.weir("run", "nightly", "--detach")
        self.weir("run", "job")
        before = self.runs()
        done = self.weir("run", "nightly", "--retries", "0", status=3)
        self.assertIn(f"error: job: check quiet: get secret {ocid}: ", done.stderr)
        self.assertEqual(self.runs(), before)

    def runs(self):
        return len(home.call("GET", f"/20200129/runs?compartmentId={home.tenancy}&limit=1000").json())

    def test_secrets_that_cannot_be_used(self):
        """Each is told with its OCID, its place and the cure, before anything is launched."""
        gone = put("gone", "a value")
        self.assertEqual(home.weir_local("secret", "delete", "gone").returncode, 0)
        policy = "Allow group <group> to read secret-bundles in compartment <compartment>"
        before = self.runs()
        for secret, text, cure in ((ocid[:-1] + "1", f"get secret {ocid[:-1]}1: ", policy), (gone, f"get secret {gone}: ", policy),
                                   (ocid.replace(".iad.", ".phx."), "is in the region us-phoenix-1, and the target in us-ashburn-1", "name a secret of the target's region"),
                                   (put("binary", b"\xff\xfe\x00\x01\x02"), "is binary", "looks for a text"), (put("nul", b"abc\x00def"), "is binary", "looks for a text"),
                                   (put("short", "abc"), "too short to be kept out of what is printed", "at least 4 characters")):
            with self.subTest(text=text):
                done = self.weir("run", "nightly", secret=secret, status=3)
                self.assertRegex(done.stderr, r"error: job: check quiet: ")
                for part in (text, cure):
                    self.assertIn(part, done.stderr)
                self.assertRegex(done.stderr, r"it is at \S*pipeline.yaml:\d+:\d+")
        for secret, text in (("ocid1.dataflowrun.oc1.iad.aaaa", "it is the OCID of a run, not of a secret"), ("key", "the value of `secret_ocid` is no OCID")):
            self.assertIn(text, self.weir("run", "nightly", secret=secret, status=1).stderr)
        self.assertEqual(self.runs(), before)

    def test_who_may_not(self):
        ann = ("--endpoint", home.endpoint, "--config-file", home.config_file, "--profile", "ann", "--compartment-id", home.tenancy)
        done = self.weir("run", "nightly", *ann, status=3)
        self.assertIn(f"get secret {ocid}: ", done.stderr)
        self.assertIn("to read secret-bundles in compartment", done.stderr)
        self.weir("run", "nightly", *ann, secret=put("in-dev", "another value", "--compartment-id", home.compartments["dev"]))


if __name__ == "__main__":
    weirlocal.main()
