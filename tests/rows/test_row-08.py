#!/usr/bin/env python3
"""Row 8 of issue 5: `weir import`, of applications that the oci command line, Oracle's SDK, ADS and weir made, and of ADS
and CLI definitions. What is imported plans to no change."""
import contextlib
import errno
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import machine
import oci
import yaml

APPS = "/20200129/applications"
NO_CHANGES = "No changes. Your infrastructure matches the configuration"
FLEX = {"driverShape": "VM.Standard.E4.Flex", "executorShape": "VM.Standard.E4.Flex",
        "driverShapeConfig": {"ocpus": 1, "memoryInGBs": 16}, "executorShapeConfig": {"ocpus": 2, "memoryInGBs": 31.5}}
FIXED = {"driverShape": "VM.Standard2.1", "executorShape": "VM.Standard2.1"}
HARD = ["", " ", " a ", "a\nb\n", "\n", "\t", "#", "a #b", "a: b", "- a", "yes", "null", "~", "1", "1.0", "0x1F", "1e3", "2026-01-01",
        "12:30:45", "$<x>", "$$<date>", "${x", "'", '"', "\\", "{a: b}", "[x", "&a", "*a", "!a", "%", "@a", "`", "<<", "=", "ünï 日本 😀",
        "\x01\x1b[31m", "\x7f", "\u2028", "\ufeff", "\ufffe", "--x", "...", "---", "é" * 127]
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    for name in ("code", "logs", "lake"):
        home.bucket(name)


def ask(method, target, body=b"", status=200, **signing):
    reply = home.call(method, target, body, **signing)
    if reply.status != status:
        raise AssertionError(f"{method} {target}: {reply!r}")
    return reply


def put(name, data="print(1)\n", bucket="code", fields=()):
    ask("PUT", f"/n/{home.ns}/b/{bucket}/o/{weirlocal.quote(name)}", data.encode() if isinstance(data, str) else data,
        fields=fields)
    return f"oci://{bucket}@{home.ns}/{name}"


def create(name, **fields):
    """An application; of Python unless the fields say otherwise."""
    shapes = {} if "driverShape" in fields else FIXED
    body = {"compartmentId": home.tenancy, "displayName": name, "language": "PYTHON", "sparkVersion": "3.5.0",
            "numExecutors": 1, "logsBucketUri": f"oci://logs@{home.ns}/", **shapes, **fields}
    if "execute" not in body and "fileUri" not in body:
        body["fileUri"] = put("default.py")
    return ask("POST", APPS, body).json()


def get(app):
    return ask("GET", f"{APPS}/{app['id']}").json()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = home.scratch / self.id().rsplit(".", 1)[-1]
        self.folder.mkdir()

    def weir(self, *args, status=0, **options):
        done = home.weir(*args, **{"cwd": self.folder, **options})
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}")
        return done

    def imported(self, *args, into="got", status=0, **options):
        done = self.weir("-t", "local", "import", *args, "--into", into, status=status, **options)
        self.text = (self.folder / into / "pipeline.yaml").read_text()
        self.spec = yaml.safe_load(self.text)
        return done

    def app(self, key):
        """What the file says of an app, defaults and all."""
        return {**self.spec.get("defaults", {}), **self.spec["apps"][key]}

    def plans_to_nothing(self, adopted, into="got"):
        plan = self.weir("-C", into, "plan").stdout
        to_adopt = f", {adopted} to adopt" if adopted else ""
        self.assertTrue(plan.endswith(f"{NO_CHANGES}{to_adopt}.\n"), plan)
        self.assertNotIn("~", plan)

    def apply_changes_tags_only(self, apps, into="got"):
        before = [get(app) for app in apps]
        self.weir("-C", into, "apply", "-y")
        for was in before:
            now = get(was)
            for app in (was, now):
                for key in ("freeformTags", "timeUpdated"):
                    app[key] = {k: v for k, v in app[key].items() if not k.startswith("weir")} if key == "freeformTags" else None
            self.assertEqual(was, now)
        self.plans_to_nothing(0, into)

    def refused(self, *args, status, **options):
        """What it says; and nothing was made."""
        before = sorted(self.folder.rglob("*"))
        done = self.weir("-t", "local", "import", *args, status=status, **options)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
        self.assertEqual(done.stdout, "")
        return done.stderr


class Clients(Case):
    """Whoever made it."""

    def test_the_command_line(self):
        def made(name, *more):
            done = home.oci("data-flow", "application", "create", "--compartment-id", home.tenancy, "--display-name", name,
                            "--spark-version", "3.5.0", "--num-executors", "2", "--driver-shape", "VM.Standard.E4.Flex",
                            "--executor-shape", "VM.Standard.E4.Flex", "--driver-shape-config", json.dumps(FLEX["driverShapeConfig"]),
                            "--executor-shape-config", json.dumps(FLEX["executorShapeConfig"]), *more)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)["data"]

        copy = made("Nightly copy", "--language", "PYTHON", "--file-uri", put("jobs/copy.py", "print('copy')\n"),
                    "--archive-uri", put("jobs/deps.zip", "PK"), "--logs-bucket-uri", f"oci://logs@{home.ns}/",
                    "--arguments", '["--day", "${day}"]', "--parameters", '[{"name": "day", "value": "monday"}]',
                    "--freeform-tags", '{"team": "lake"}')
        table = made("table", "--language", "SQL", "--file-uri", put("table.sql", "select 1"),
                     "--warehouse-bucket-uri", f"oci://lake@{home.ns}/", "--logs-bucket-uri", f"oci://logs@{home.ns}/")
        done = self.imported(copy["id"], table["id"])
        self.assertEqual([line.split()[:2] for line in done.stdout.splitlines()[1:]],
                         [["got/pipeline.yaml", "2"], ["got/copy.py", f"oci://code@{home.ns}/jobs/copy.py"],
                          ["got/deps.zip", f"oci://code@{home.ns}/jobs/deps.zip"], ["got/table.sql", f"oci://code@{home.ns}/table.sql"]])
        self.assertEqual((self.folder / "got/copy.py").read_text(), "print('copy')\n")
        self.assertEqual(self.spec["defaults"], {
            "spark_version": "3.5.0", "driver_shape": "VM.Standard.E4.Flex", "executor_shape": "VM.Standard.E4.Flex",
            "driver_shape_config": {"ocpus": 1, "memory_in_gbs": 16}, "executor_shape_config": {"ocpus": 2, "memory_in_gbs": 31.5},
            "num_executors": 2, "script_bucket": "code", "logs_bucket": "logs"})
        self.assertEqual(self.spec["apps"]["nightly-copy"], {
            "adopt": copy["id"], "display_name": "Nightly copy", "script": "copy.py", "script_object": "jobs/copy.py",
            "archive": "deps", "arguments": ["--day", "${day}"], "parameters": {"day": "monday"}, "freeform_tags": {"team": "lake"}})
        self.assertEqual(self.spec["archives"], {"deps": {"path": "deps.zip", "object": "jobs/deps.zip"}})
        self.plans_to_nothing(2)
        self.apply_changes_tags_only([copy, table])

        # What was adopted is edited as one's own: the script goes up to where it was.
        (self.folder / "got/copy.py").write_text("print('edited')\n")
        self.assertIn("+print('edited')", self.weir("-C", "got", "plan").stdout)
        self.weir("-C", "got", "apply", "-y")
        self.assertEqual(ask("GET", f"/n/{home.ns}/b/code/o/jobs%2Fcopy.py").body, b"print('edited')\n")
        self.plans_to_nothing(0)

    def test_the_sdk(self):
        config = oci.config.from_file(str(home.config_file))
        client = oci.data_flow.DataFlowClient(config, service_endpoint=home.endpoint)

        def made(name, **fields):
            details = oci.data_flow.models.CreateApplicationDetails(
                compartment_id=home.tenancy, display_name=name, spark_version="3.5.0", num_executors=3,
                driver_shape="VM.Standard2.1", executor_shape="VM.Standard2.2", **fields)
            return oci.util.to_dict(client.create_application(details).data)

        apps = [
            made("jvm", language="JAVA", class_name="org.X", file_uri=put("java.jar", "PK"), arguments=["a b"]),
            made("scala", language="SCALA", class_name="org.Y", file_uri=put("scala.jar", "PK"),
                 configuration={"spark.sql.shuffle.partitions": "7", "spark.archives": f"oci://code@{home.ns}/env#conda"}),
            made("line", language="JAVA", execute=f"--class org.Z {put('run it.jar', 'PK').replace(' ', '-')} x 'y z'"),
            made("stream", language="PYTHON", type="STREAMING", file_uri=put("stream.py"), max_duration_in_minutes=90,
                 metastore_id="ocid1.datacatalogmetastore.oc1.iad.aaaa"),
        ]
        put("run-it.jar", "PKline")
        self.imported(*(app["id"] for app in apps))
        self.assertEqual(self.spec["apps"]["jvm"]["class_name"], "org.X")
        self.assertEqual(self.spec["apps"]["scala"]["language"], "SCALA")
        line = self.spec["apps"]["line"]
        self.assertFalse({"class_name", "arguments", "script", "file_uri"} & line.keys())
        self.assertEqual(self.spec["objects"], {"run-it": {"path": "run-it.jar", "bucket": "code", "object": "run-it.jar"}})
        self.assertEqual({k: self.spec["apps"]["stream"][k] for k in ("type", "max_duration_in_minutes", "metastore_id")},
                         {"type": "STREAMING", "max_duration_in_minutes": 90, "metastore_id": "ocid1.datacatalogmetastore.oc1.iad.aaaa"})
        self.plans_to_nothing(4)
        self.apply_changes_tags_only(apps)

    def test_ads(self):
        os.environ.update({"OCI_CONFIG_LOCATION": str(home.config_file), "OCI_IAM_TYPE": "api_key",
                           "FSSPEC_OCI": json.dumps({"config_kwargs": {"service_endpoint": home.endpoint}, "config": str(home.config_file)})})
        import ads
        from ads import jobs

        ads.set_auth("api_key", oci_config_location=str(home.config_file), client_kwargs={"service_endpoint": home.endpoint})
        (self.folder / "late.py").write_text("print('late')\n")
        with zipfile.ZipFile(self.folder / "deps.zip", "w") as packed:
            packed.writestr("python/lib/x.py", "")
        infrastructure = (jobs.DataFlow().with_compartment_id(home.tenancy).with_language("PYTHON").with_spark_version("3.5.0")
                          .with_num_executors(1).with_driver_shape("VM.Standard.E4.Flex").with_executor_shape("VM.Standard.E4.Flex")
                          .with_driver_shape_config(ocpus=1, memory_in_gbs=16).with_executor_shape_config(ocpus=1, memory_in_gbs=16)
                          .with_logs_bucket_uri(f"oci://logs@{home.ns}/"))
        runtime = (jobs.DataFlowRuntime().with_script_uri(str(self.folder / "late.py")).with_script_bucket(f"oci://code@{home.ns}/of ads")
                   .with_archive_uri(str(self.folder / "deps.zip")).with_archive_bucket(f"oci://code@{home.ns}/of ads")
                   .with_configuration({"spark.x": "1"}).with_argument("--day", "monday"))
        job = jobs.Job(name="late flights", infrastructure=infrastructure, runtime=runtime)
        definition = job.to_yaml()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            job.create()
        self.imported(job.id)
        self.assertEqual((self.folder / "got/late.py").read_text(), "print('late')\n")
        self.assertEqual(self.spec["apps"]["late-flights"]["script_object"], "of ads/late.py")
        self.plans_to_nothing(1)
        self.apply_changes_tags_only([{"id": job.id}])
        live = {**self.spec["apps"]["late-flights"]}

        # Its YAML, as a file: what is said is the same, but the program is one's own to upload.
        (self.folder / "job.yaml").write_text(definition)
        self.imported("job.yaml", into="file", status=0)
        told = self.spec["apps"]["late-flights"]
        for key in ("arguments", "configuration", "driver_shape", "driver_shape_config", "num_executors", "spark_version", "display_name"):
            self.assertEqual(told[key], live[key], key)
        self.assertEqual((told["script"], told["script_bucket"], told["archive"]), ("late.py", "code", "archive"))
        self.assertEqual((self.folder / "file/late.py").read_bytes(), (self.folder / "late.py").read_bytes())
        self.assertEqual((self.folder / "file/deps.zip").read_bytes(), (self.folder / "deps.zip").read_bytes())
        self.assertIn("an application with the display name \"late flights\" is there already",
                      self.weir("-C", "file", "plan", status=4).stderr)

    def test_weir(self):
        """A pipeline that is weir's comes back as the pipeline that it is, all of it."""
        first = self.folder / "first"
        first.mkdir()
        (first / "jobs").mkdir()
        for name, data in {"jobs/a.py": "print('a')\n", "b.sql": "select 1", "deps.zip": "PK", "data.csv": "1,2\n"}.items():
            (first / name).write_text(data)
        put("elsewhere.py", "print('elsewhere')\n")
        compartment = home.compartments["dev"]
        (first / "pipeline.yaml").write_text("""
pipeline: mine
targets: {local: {type: local, compartment_id: COMPARTMENT}}
defaults: {spark_version: 3.5.0, num_executors: 1, script_bucket: code, logs_bucket: logs, driver_shape: VM.Standard2.1,
  executor_shape: VM.Standard2.1}
objects: {data: {path: data.csv, bucket: code}}
archives: {deps: {path: deps.zip}}
apps:
  a: {script: jobs/a.py, archive: deps, type: BATCH, prevent_delete: true}
  b: {script: b.sql, language: SQL, description: one}
  c: {file_uri: "oci://code@$<oci.namespace>/elsewhere.py"}
""".replace("COMPARTMENT", compartment))
        self.weir("-C", "first", "apply", "-y")
        app = next(a["id"] for a in ask("GET", f"{APPS}?compartmentId={compartment}&displayName=mine-a").json())
        done = self.imported(app)
        self.assertIn("2 more of pipeline mine come with it", done.stderr)
        self.assertEqual(self.spec["pipeline"], "mine")
        a, b, c = (self.app(k) for k in "abc")
        self.assertEqual((a["script"], a["archive"], a["prevent_delete"], a["type"]), ("jobs/a.py", "deps", True, "BATCH"))
        self.assertEqual((b["script"], b["description"]), ("b.sql", "one"))
        self.assertFalse("script_object" in a or "display_name" in a)
        self.assertEqual(c["script_object"], "elsewhere.py")
        self.assertEqual(self.spec["archives"], {"deps": {"path": "deps.zip"}})
        self.assertEqual(self.spec["objects"], {"data": {"path": "objects/data/data.csv", "bucket": "code"}})
        self.assertEqual((self.folder / "got/objects/data/data.csv").read_text(), "1,2\n")
        self.plans_to_nothing(0)
        self.weir("-C", "got", "apply", "-y")

        # One file is one pipeline's; of a compartment what is nobody's.
        stranger = create("stranger", compartmentId=compartment)
        self.assertIn("1 of these applications is weir's already, of mine/local, and others are not",
                      self.refused(app, stranger["id"], "--into", "mixed", status=1))
        done = self.imported("--compartment-id", compartment, into="rest")
        self.assertIn("3 applications are weir's already, of mine/local: left out", done.stderr)
        self.assertEqual([app["adopt"] for app in self.spec["apps"].values()], [stranger["id"]])
        self.assertEqual(self.spec["targets"]["local"]["compartment_id"], compartment)
        self.plans_to_nothing(1, "rest")


class Texts(Case):
    def test_any_text_comes_back(self):
        """Every value, as it is written, planned and applied; PyYAML reads the same as weir."""
        pick = random.Random(8)
        apps = []
        for i in range(0, len(HARD), 8):
            some = HARD[i:i + 8]
            tags = {f"k{n} {text[:20]}": text for n, text in enumerate(some[:6]) if text.isprintable()}
            apps.append(create(f"texts {i} {''.join(pick.choice('#:é$<>!|') for _ in range(9))}", arguments=some,
                               description=some[-1] or "none", freeformTags=tags,
                               parameters=[{"name": f"p{n}", "value": text} for n, text in enumerate(some)],
                               configuration={f"spark.k{n}": text for n, text in enumerate(some)}))
        self.imported(*(app["id"] for app in apps))
        self.plans_to_nothing(len(apps))
        by_id = {app["adopt"]: app for app in self.spec["apps"].values()}
        for app in apps:
            told = by_id[app["id"]]
            arguments = [text.replace("$<", "$$<") for text in app["arguments"]]
            self.assertEqual(told["arguments"], arguments)
            self.assertEqual(list(told["parameters"].values()), arguments)
        self.apply_changes_tags_only(apps)

    def test_hostile_names(self):
        """Of displays, objects and tags: nothing outside of the folder, no file twice, none hidden."""
        names = ["../../../etc/passwd", "..", ".", "/abs/olute.py", "a/../b.py", ".git/config", ".hidden.py", "-rf.py", "pipeline.yaml",
                 "PIPELINE.YAML", "x y\tz;$(id).py", "日本.py", "é" * 200 + ".py", "a/copy.py", "b/copy.py", "c/COPY.py", "con\x1b[31m.py",
                 "dir/", "weir/other/local/scripts/x.py", "nul.py ", "a.py/b.py"]
        apps = []
        for i, name in enumerate(names):
            uri = put(name.lstrip("/"), f"print({i})\n")
            apps.append(create(["../" + name, "null", "a" * 255, "é" * 255, "$<date>", "CON", "x\x00y".replace("\x00", "\x01"), "-", "defaults"][i % 9],
                               fileUri=uri))
        done = self.imported(*(app["id"] for app in apps), into="in/got")
        made = [p.relative_to(self.folder) for p in self.folder.rglob("*") if p.is_file()]
        self.assertEqual(len(made), len(names) + 1)
        self.assertEqual(len({str(p).lower() for p in made}), len(made))
        for path in made:
            self.assertEqual(str(path.parent), "in/got")
            self.assertRegex(path.name, r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}$")
        texts = sorted((self.folder / p).read_text() for p in made if p.name != "pipeline.yaml")
        self.assertEqual(texts, sorted(f"print({i})\n" for i in range(len(names))))
        self.assertRegex(self.spec["pipeline"], r"^got(-\d+)?$")  # not that of a pipeline that is there
        self.assertIn("names under weir/ belong to the pipeline that put it there", done.stderr)
        self.assertNotIn("\x1b", done.stderr + done.stdout)
        self.plans_to_nothing(len(apps), "in/got")


class Definitions(Case):
    def test_a_skeleton_of_the_command_line(self):
        done = subprocess.run([weirlocal.venv_python().parent / "oci", "data-flow", "application", "create",
                               "--generate-full-command-json-input"], capture_output=True, text=True, timeout=60)
        skeleton = json.loads(done.stdout)
        skeleton.update(compartmentId=home.tenancy, displayName="by json", language="PYTHON", sparkVersion="3.5.0", numExecutors=2,
                        fileUri=put("by-json.py"), logsBucketUri=f"oci://logs@{home.ns}/", arguments=["${x}"],
                        parameters=[{"name": "x", "value": "1"}], **FLEX)
        (self.folder / "app.json").write_text(json.dumps(skeleton))
        done = self.imported("app.json", into="skeleton")
        self.assertIn("not filled in, and left out: archiveUri, className, configuration", done.stderr)
        self.assertEqual(self.spec["apps"]["by-json"], {
            "display_name": "by json", "spark_version": "3.5.0", "file_uri": f"oci://code@{home.ns}/by-json.py", "arguments": ["${x}"],
            "parameters": {"x": "1"}, "driver_shape": "VM.Standard.E4.Flex", "executor_shape": "VM.Standard.E4.Flex",
            "driver_shape_config": {"ocpus": 1, "memory_in_gbs": 16}, "executor_shape_config": {"ocpus": 2, "memory_in_gbs": 31.5},
            "num_executors": 2, "logs_bucket_uri": f"oci://logs@{home.ns}/"})
        plan = self.weir("-C", "skeleton", "plan").stdout
        self.assertIn("Plan: 1 to add, 0 to change, 0 to destroy.", plan)

    JOB = """kind: job
spec:
  name: from yaml
  infrastructure:
    kind: infrastructure
    type: dataFlow
    spec: {compartmentId: COMPARTMENT, driverShape: VM.Standard.E3.Flex, executor_shape: VM.Standard.E3.Flex,
      driverShapeConfig: {ocpus: 1, memory_in_gbs: 16}, executorShapeConfig: {ocpus: 1, memoryInGBs: 16},
      logsBucketUri: "oci://logs@NS/", freeformTags: {a: $<b>}}
  runtime:
    kind: runtime
    type: dataFlow
    spec: {scriptPathURI: SCRIPT, scriptBucket: code, args: [a, 1], env: [{name: X, value: y}],
      conda: {type: published, uri: "oci://code@NS/env"}, overwrite: true, nonsense: 1}
"""

    def job(self, script, text=None):
        text = (text or self.JOB).replace("COMPARTMENT", home.tenancy).replace("NS", home.ns).replace("SCRIPT", script)
        (self.folder / "job.yaml").write_text(text)

    def test_an_ads_job(self):
        self.job("jobs/x.py")
        (self.folder / "jobs").mkdir()
        (self.folder / "jobs/x.py").write_text("print('x')\n")
        done = self.imported("job.yaml")
        self.assertIn("`env` is left out, as by ADS", done.stderr)
        self.assertIn(f"compartment {home.tenancy} is left out: weir-local has its own", done.stderr)
        self.assertEqual(self.spec["targets"], {"local": {"type": "local"}})
        self.weir("import", "job.yaml", "--profile", "PROD", "--region", "us-phoenix-1", "--into", "cloud")
        self.assertEqual(yaml.safe_load((self.folder / "cloud/pipeline.yaml").read_text())["targets"],
                         {"prod": {"profile": "PROD", "region": "us-phoenix-1", "compartment_id": home.tenancy}})
        self.assertIn("`nonsense` is nothing that an application has", done.stderr)
        self.assertEqual(self.spec["apps"]["from-yaml"], {
            "display_name": "from yaml", "script": "x.py", "script_bucket": "code", "spark_version": "3.2.1", "arguments": ["a", "1"],
            "configuration": {"spark.archives": f"oci://code@{home.ns}/env#conda", "dataflow.auth": "resource_principal"},
            "driver_shape": "VM.Standard.E3.Flex", "driver_shape_config": {"ocpus": 1, "memory_in_gbs": 16},
            "executor_shape": "VM.Standard.E3.Flex", "executor_shape_config": {"ocpus": 1, "memory_in_gbs": 16}, "num_executors": 1,
            "logs_bucket_uri": f"oci://logs@{home.ns}/", "freeform_tags": {"a": "$$<b>"}})
        self.assertIn("# `env` is left out", self.text)
        self.weir("-C", "got", "validate")

    def test_what_does_not_come_with_it(self):
        """A script that is not there, is a link to a secret, or is no script: the file says so, and the status is 5."""
        (self.folder / "secret").write_text("secret")
        (self.folder / "link.py").symlink_to(self.folder / "secret")
        for script, why in (("gone.py", "there is no file gone.py"), ("link.py", "link.py is not copied"), ("secret", "secret is not copied"),
                            ("/etc/passwd", "/etc/passwd is not copied")):
            with self.subTest(script=script):
                self.job(script)
                done = self.imported("job.yaml", into="got-" + pathlib.Path(script).name, status=5)
                self.assertIn(f"warning: apps.from-yaml: {why}", done.stderr)
                self.assertIn(f"# {why}", self.text)
                self.assertIn("apps.from-yaml has no program", done.stderr)
                self.assertIn("needs your hand", done.stderr)
                self.assertEqual(len(list((self.folder / ("got-" + pathlib.Path(script).name)).iterdir())), 1)

    def test_what_a_definition_lacks(self):
        """Fields of its own, or all of them: the pipeline's own check tells."""
        self.job("x.py", self.JOB.replace("executor_shape: VM.Standard.E3.Flex", "other: x").replace("driverShape: VM.Standard.E3.Flex,", ""))
        (self.folder / "x.py").write_text("")
        done = self.imported("job.yaml", into="some", status=5)
        self.assertIn("missing required key `driver_shape` in apps.from-yaml", done.stderr)
        self.job("x.py", "kind: job\nspec: {infrastructure: {type: dataFlow}, runtime: {type: dataFlow}}\n")
        done = self.imported("job.yaml", into="none", status=5)
        self.assertIn("apps.job has no program", done.stderr)

    def test_what_is_no_definition(self):
        job = self.JOB.replace("type: dataFlow\n    spec: {compartmentId", "type: dataScienceJob\n    spec: {compartmentId")
        notebook = self.JOB.replace("type: dataFlow\n    spec: {script", "type: dataFlowNotebook\n    spec: {script")
        for text, status, why in (
                (job, 1, "infrastructure of type dataScienceJob; only that of type dataFlow is Data Flow's"),
                (notebook, 1, "export the notebook to a script"), ("pipeline: x\n", 1, "it is a pipeline already"),
                ("[1, 2]", 1, "is neither an ADS job"), ("a: [", 1, "job.yaml:"), ('{"a": 1}', 1, "is neither an ADS job"),
                ("kind: job\n", 1, "infrastructure of type none")):
            with self.subTest(text=text[:20]):
                (self.folder / "job.yaml").write_text(text)
                self.assertIn(why, self.refused("job.yaml", "--into", "got", status=status))
        self.assertIn("No such file", self.refused("nowhere.yaml", "--into", "got", status=3))


class Wrong(Case):
    def test_what_is_to_be_imported(self):
        app = create("one")
        run = app["id"].replace("dataflowapplication", "dataflowrun")
        self.assertIn("what is to be imported?", self.refused(status=1))
        self.assertIn(f"`{run}` is the OCID of a run, not of an application", self.refused(run, status=1))
        self.assertIn("is no OCID", self.refused("ocid1.x", status=1))
        self.assertIn("name one kind of them", self.refused(app["id"], home.tenancy, status=1))
        self.assertIn("is the OCID of a bucket", self.refused("ocid1.bucket.oc1.iad.a", status=1))

    def test_what_is_not_to_be_had(self):
        """Each of them is told; nothing is made of the others."""
        gone, live = create("gone"), create("live")
        ask("DELETE", f"{APPS}/{gone['id']}", status=204)
        nowhere = live["id"][:-6] + "aaaaaa"
        elsewhere = live["id"].replace(".iad.", ".phx.")
        text = self.refused(gone["id"], live["id"], nowhere, elsewhere, "--into", "got", status=3)
        self.assertIn(f"application {gone['id']} is deleted (DELETED)", text)
        self.assertRegex(text, f"{nowhere}: .*NotAuthorizedOrNotFound")
        self.assertIn("Allow group <group> to manage dataflow-family", text)
        self.assertIn("it is of region us-phoenix-1, and us-ashburn-1 was asked: use --region us-phoenix-1", text)
        self.assertEqual(text.count("error: "), 3)
        empty = home.compartments["test"]
        self.assertIn(f"there is no application in compartment {empty}", self.refused(empty, "--into", "got", status=3))

    def test_what_has_vanished(self):
        """Without its script, or with one that is not for this user, the application is imported all the same."""
        one, two = create("one", fileUri=put("vanishes.py")), create("two", fileUri=put("stays.py"))
        ask("DELETE", f"/n/{home.ns}/b/code/o/vanishes.py", status=204)
        done = self.imported(one["id"], two["id"], status=5)
        self.assertRegex(done.stderr, rf"warning: apps\.one: its script oci://code@{home.ns}/vanishes\.py: it could not be read: .*404")
        self.assertIn("needs your hand: not all came with it", done.stderr)
        self.assertIn(f"  # its script oci://code@{home.ns}/vanishes.py", self.text)
        self.assertEqual(self.spec["apps"]["one"]["file_uri"], "oci://code@$<oci.namespace>/vanishes.py")
        self.assertEqual(sorted(p.name for p in (self.folder / "got").iterdir()), ["pipeline.yaml", "stays.py"])
        self.plans_to_nothing(2)

    def test_what_weir_could_not_compare(self):
        """An archive that came in parts has no hash to compare: it is copied, and left where it is."""
        upload = ask("POST", f"/n/{home.ns}/b/code/u", {"object": "large.zip"}).json()["uploadId"]
        etag = ask("PUT", f"/n/{home.ns}/b/code/u/large.zip?uploadId={upload}&uploadPartNum=1", b"PK").field("etag")
        ask("POST", f"/n/{home.ns}/b/code/u/large.zip?uploadId={upload}", {"partsToCommit": [{"partNum": 1, "etag": etag}]})
        app = create("in parts", archiveUri=f"oci://code@{home.ns}/large.zip")
        abroad = create("abroad", fileUri=f"oci://code@{home.ns}other/x.py")
        done = self.imported(app["id"], abroad["id"], status=5)
        self.assertIn("apps.in-parts: its archive", done.stderr)
        self.assertIn("it was uploaded in parts, not by weir", done.stderr)
        self.assertEqual((self.folder / "got/large.zip").read_bytes(), b"PK")
        self.assertIn(f"oci://code@{home.ns}other/x.py is in another namespace: not copied", done.stderr)
        self.plans_to_nothing(2)

    def test_folders(self):
        app = create("folders")
        full = self.folder / "full"
        full.mkdir()
        (full / "mine.txt").write_text("mine")
        (self.folder / "file").write_text("x")
        self.assertIn("full is there already, and is not empty: it has mine.txt", self.refused(app["id"], "--into", "full", status=1))
        self.assertIn("file is there already, and is no folder", self.refused(app["id"], "--into", "file", status=1))
        self.assertIn("Not a directory", self.refused(app["id"], "--into", "file/x", status=3))
        (self.folder / "empty").mkdir()
        stands = self.weir("-t", "local", "import", app["id"], "--into", ".", cwd=self.folder / "empty")
        self.assertIn("pipeline.yaml", stands.stdout)
        self.plans_to_nothing(1, "empty")
        self.weir("-t", "local", "import", app["id"])
        self.assertTrue((self.folder / "folders/pipeline.yaml").exists())
        self.assertIn("folders is there already", self.refused(app["id"], status=1))

    def test_a_folder_that_is_read_only(self):
        app = create("read only")
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        call = [os.environ["WEIR"], "import", app["id"], "--into", "locked/got", "--endpoint", home.endpoint, "--config-file", "config"]
        for source, name in ((home.config_file, "config"), (home.config_file.parent / "key.pem", "key.pem")):
            text = pathlib.Path(source).read_bytes() if name == "key.pem" else pathlib.Path(source).read_text().encode()
            (self.folder / name).write_bytes(text)
        with contextlib.ExitStack() as stack:
            as_other = {}
            if os.geteuid() == 0:
                for path in (home.scratch, self.folder, self.folder / "config", self.folder / "key.pem"):
                    stack.callback(os.chown, path, 0, 0)
                    os.chown(path, 65534, 65534)
                as_other = {"user": 65534, "group": 65534}
            key = next(line for line in (self.folder / "config").read_text().splitlines() if line.startswith("key_file"))
            config = (self.folder / "config").read_text().replace(key, f"key_file={self.folder}/key.pem")
            key_path = key.partition("=")[2].strip()
            (self.folder / "key.pem").write_bytes(pathlib.Path(key_path).read_bytes())
            (self.folder / "config").write_text(config)
            done = home.run(call, cwd=self.folder, **as_other)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("make a folder in locked: Permission denied", done.stderr)
        self.assertEqual(list(locked.iterdir()), [])

    def test_a_disk_that_is_full(self):
        app = create("full disk", fileUri=put("big.py", "x" * 10000))
        failing = machine.Machine(self.folder)
        for call, text in (("write", "big.py"), ("write", "pipeline.yaml"), ("mkdir", ".weir-")):
            with self.subTest(call=call, text=text):
                failing.fail(call, errno.ENOSPC, text=text)
                done = home.weir("import", app["id"], "--into", "got", "--endpoint", home.endpoint, "--config-file", home.config_file,
                                 cwd=self.folder, env=failing.env)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("No space left on device", done.stderr)
                self.assertTrue(failing.hits())
                failing.heal()
                self.assertEqual([p.name for p in self.folder.iterdir() if "got" in p.name or p.name.startswith(".weir")], [])

    def test_without_permission(self):
        app = create("forbidden")
        self.addCleanup(home.identity, {})
        home.identity({"users": {"eve": {}}})
        text = self.refused(app["id"], "--profile", "eve", "--into", "got", status=3)
        self.assertIn("Allow group <group> to manage dataflow-family", text)


if __name__ == "__main__":
    weirlocal.main()
