#!/usr/bin/env python3
"""Row 7 of issue 5: `weir show`, what is live of an application, a bucket, an object, as text, YAML and JSON; `weir open`,
the page of it. The console's links are in e2e/test_cli_open.py."""
import io
import json
import os
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import pages
import rows
import yaml

PIPELINE = """pipeline: seven
targets:
  local: {type: local, default: true}
  cloud: {endpoint: ENDPOINT, config_file: CONFIG, compartment_id: COMPARTMENT,
    apps: {hello: {display_name: other}, never: {display_name: never}, bad: {display_name: bad}}}
buckets: {scripts: {versioning: enabled}, logs: {}}
objects: {table: {path: table.csv, bucket: scripts, object: in/$<target.name>.csv}}
archives: {deps: {path: deps.zip}}
defaults: {script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps:
  hello: {script: hello.py, archive: deps, display_name: "say \\e[31mhello", arguments: ["${who}", "$$<x>"], parameters: {who: world}, description: "no: # 1"}
  never: {script: hello.py}
  bad: {script: bad.py, display_name: "bad \e[31m"}
"""
bench = None


def setUpModule():
    global bench

    def pipeline(home):
        return (PIPELINE.replace("ENDPOINT", home.endpoint).replace("CONFIG", str(home.config_file))
                .replace("COMPARTMENT", home.tenancy))

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("python/lib/x.py", "")
    bench = rows.Bench(pipeline, {"hello.py": "print('hello')\n", "bad.py": "raise SystemExit('bad')\n", "table.csv": "1,2\n", "deps.zip": packed.getvalue()}, standin=True)
    unittest.addModuleCleanup(bench.close)
    for _ in range(2):
        bench.weir("run", "hello")


def live(display_name):
    home = bench.home
    listed = home.call("GET", f"/20200129/applications?compartmentId={home.tenancy}").json()
    ocid = next(a["id"] for a in listed if a["displayName"] == display_name)
    return home.call("GET", f"/20200129/applications/{ocid}").json()


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name).replace("in_g_bs", "in_gbs")


class Show(unittest.TestCase):
    maxDiff = None

    def test_an_application(self):
        app = live("say \x1b[31mhello")
        doc = bench.json("show", "apps.hello")
        self.assertEqual((doc["address"], doc["kind"], doc["console"]), ("apps.hello", "application", None))
        told = doc["application"]
        for name, value in app.items():
            if name == "parameters":
                value = {p["name"]: p["value"] for p in value}
            if value is not None:
                self.assertEqual(told.get(snake(name)), value, name)
        runs = bench.json("list", "runs")["runs"]
        self.assertEqual((doc["last_run"]["id"], doc["last_run"]["lifecycle_state"]), (runs[0]["id"], "SUCCEEDED"))
        self.assertEqual(yaml.safe_load(bench.weir("show", "apps.hello", "-o", "yaml").stdout), doc)
        text = bench.weir("show", "apps.hello", "-o", "text").stdout
        self.assertTrue(text.startswith(f"application              apps.hello\nlast run                 say \\x1B[31mhello-"), text)
        self.assertIn(" SUCCEEDED ", text.splitlines()[1])
        self.assertTrue(text.splitlines()[1].endswith(runs[0]["id"]), text)
        for line in ("display_name             say \\x1B[31mhello", 'arguments                ["${who}","$<x>"]', 'parameters               {"who":"world"}',
                     "description              no: # 1", f"id                       {app['id']}", "lifecycle_state          ACTIVE"):
            self.assertIn("\n" + line + "\n", text)
        self.assertIn("last run                 none\n", bench.weir("show", "apps.never").stdout)
        self.assertIsNone(bench.json("show", "apps.never")["last_run"])

    def test_no_name_reaches_the_terminal(self):
        done = bench.weir("run", "bad", status=6)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertNotIn("\x1b", bench.weir("show", "apps.bad").stdout + bench.weir("show", "apps.bad", "-o", "yaml").stdout)

    def test_by_its_ocid(self):
        """Without a pipeline file."""
        app = live("say \x1b[31mhello")
        home = bench.home
        done = home.weir("-t", "local", "show", app["id"], "-o", "json", cwd=home.scratch)
        doc = json.loads(done.stdout)
        self.assertEqual((doc["address"], doc["application"]["id"]), (None, app["id"]))
        self.assertEqual(doc["last_run"]["id"], bench.json("list", "runs")["runs"][0]["id"])

    def test_buckets_and_objects(self):
        home = bench.home
        bucket = bench.json("show", "buckets.scripts")
        self.assertEqual((bucket["bucket"]["versioning"], bucket["uri"]), ("Enabled", f"oci://scripts@{home.ns}/"))
        self.assertEqual(bench.json("show", "buckets.logs")["bucket"]["compartment_id"], home.tenancy)
        table = bench.json("show", "objects.table")
        self.assertEqual(table["uri"], f"oci://scripts@{home.ns}/in/local.csv")
        self.assertEqual({k: table["object"][k] for k in ("size", "owner", "path", "name")},
                         {"size": 4, "owner": "seven/local", "path": "table.csv", "name": "in/local.csv"})
        self.assertEqual(bench.json("show", "scripts.hello")["object"]["name"], "weir/seven/local/scripts/hello.py")
        self.assertIn("sha256 ", bench.weir("show", "archives.deps").stdout)

    def test_no_console(self):
        """A weir-local that is called the cloud has a region, but no page of the console."""
        bench.weir("-t", "cloud", "apply", "-y")
        for what in ("apps.hello", "buckets.logs"):
            self.assertIsNone(bench.json("-t", "cloud", "show", what)["console"])

    def test_mistakes(self):
        for args, status, what in (
                (["apps.nothing"], 3, "apps.nothing is not there: target local has no such application\n  `weir list apps`"),
                (["hello"], 1, "`hello` is no address\n  apps.NAME, buckets.NAME"), (["apps."], 1, "is no address"),
                (["objects.tabel"], 1, "the pipeline has no objects.tabel\n  did you mean `objects.table`?"),
                (["buckets.nowhere"], 3, "BucketNotFound"),
                (["ocid1.dataflowrun.oc1.iad.a"], 1, "is the OCID of a run, not of an application"),
                ([live("seven-never")["id"].replace(".iad.", ".phx.")], 3, "use --region us-phoenix-1"),
                (["apps.hello", "-o", "csv"], 1, "`weir show` has no output as csv"),
                ([], 1, "`weir show` needs ADDRESS|OCID")):
            with self.subTest(args=args):
                done = bench.weir("show", *args, status=status)
                self.assertIn(what, done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertIn("has no output as yaml", bench.weir("plan", "-o", "yaml", status=1).stderr)
        bench.write(bench.pipeline + "  new: {script: hello.py}\n")
        self.addCleanup(bench.write)
        self.assertIn("`weir apply` makes it", bench.weir("show", "apps.new", status=3).stderr)
        home = bench.home
        done = home.weir("-t", "local", "show", "apps.hello", cwd=home.scratch)
        self.assertEqual(done.returncode, 1)
        self.assertIn("apps.hello needs a pipeline: there is no pipeline.yaml", done.stderr)


class Open(unittest.TestCase):
    def test_the_page_of_an_application(self):
        """The address lets a browser in, once, to a page that shows what `weir show` tells."""
        app = live("say \x1b[31mhello")
        visitor = pages.Visitor(bench.home)
        address = bench.weir("open", "apps.hello").stdout.strip()
        entered = visitor.bare("GET", pages.path_of(address))
        self.assertIn(f'url=/ui/applications/{app["id"]}"', entered.body.decode())
        self.assertEqual(visitor.bare("GET", pages.path_of(address)).status, 401)
        visitor.cookie = pages.cookie_of(entered)
        text = visitor.text(f"/ui/applications/{app['id']}")
        for part in ("say \\x1B[31mhello", app["id"], "no: # 1", "${who}", "$<x>", "world", app["fileUri"], app["archiveUri"], "VM.Standard2.1", "Succeeded"):
            self.assertIn(part, text)


if __name__ == "__main__":
    weirlocal.main()
