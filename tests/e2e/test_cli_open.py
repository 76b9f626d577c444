#!/usr/bin/env python3
"""weir open: the address of a page of weir-local, and the console's links."""
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pages
import standin
import weirlocal
from hostile import Server, certificate, reply
from pages import Visitor, path_of

PIPELINE = """pipeline: small
targets: {local: {type: local}}
buckets: {scripts: {}, logs: {}}
defaults: {script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1, driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps: {hello: {script: hello.py}, later: {script: hello.py}}
"""
APP, RUN = "ocid1.dataflowapplication.oc1.iad.anwx", "ocid1.dataflowrun.oc1.iad.anwx"
home = folder = visitor = None


def setUpModule():
    global home, folder, visitor
    home = standin.module_home()
    home.identity({"users": {"ann": {"groups": ["Administrators"]}}})
    folder = home.scratch / "pipeline"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE.replace(", later: {script: hello.py}", ""))
    (folder / "hello.py").write_text("print('hello')\n")
    for args in (("apply", "-y"), ("run", "hello")):
        done = home.weir("-C", folder, *args)
        assert done.returncode == 0, done.stderr
    (folder / "pipeline.yaml").write_text(PIPELINE)
    visitor = Visitor(home)


class Case(unittest.TestCase):
    def weir(self, *args, status=0, where=None, command="open", **options):
        done = home.weir("-C", where or folder, command, *args, **options)
        self.assertEqual(done.returncode, status, done)
        if status:
            self.assertEqual(done.stdout, "")
        return done


class Local(Case):
    def page(self, *args, **options):
        """Where the address leads: the browser is let in, and sent there."""
        address = self.weir(*args, **options).stdout
        self.assertRegex(address, rf"^http://127\.0\.0\.1:{home.port}/ui/enter/[\w-]{{43}}\n$")
        entered = visitor.bare("GET", path_of(address.strip()))
        self.assertEqual(entered.status, 200)
        text = entered.body.decode()
        return text[text.index("url=") + 4:].partition('"')[0]

    def test_what_can_be_opened(self):
        run = json.loads(home.weir("-C", folder, "status", "last", "-o", "json").stdout)
        app = f"/ui/applications/{run['application_id']}"
        for args, page in (((), "/"), (("apps.hello",), app), ((run["application_id"],), app), (("last",), f"/ui/runs/{run['id']}"),
                           ((run["id"],), f"/ui/runs/{run['id']}"), ((run["display_name"],), f"/ui/runs/{run['id']}"),
                           (("buckets.logs",), "/ui/buckets/logs"), (("apps",), "/ui/applications"), (("runs",), "/ui/runs"), (("buckets",), "/ui/buckets")):
            with self.subTest(args=args):
                self.assertEqual(self.page(*args), page)
                self.assertEqual(visitor.get(page).status, 200)

    def test_without_a_file(self):
        with tempfile.TemporaryDirectory() as nowhere:
            self.assertEqual(self.page("-t", "local", where=nowhere), "/")
            self.assertEqual(self.page("-t", "local", "buckets.logs", where=nowhere), "/ui/buckets/logs")
            for what in ("apps.hello", "last"):
                self.assertIn("needs a pipeline", self.weir("-t", "local", what, where=nowhere, status=1).stderr)

    def test_as_another_user(self):
        address = self.weir("--profile", "ann").stdout.strip()
        visitor_ann = visitor.bare("GET", path_of(address))
        page = visitor.bare("GET", "/", [("cookie", pages.cookie_of(visitor_ann))])
        self.assertIn("<span>ann</span>", page.body.decode())

    def test_json(self):
        doc = json.loads(self.weir("-o", "json").stdout)
        self.assertEqual(sorted(doc), ["address", "time_expires"])
        self.assertRegex(doc["time_expires"], r"^20\d\d-\d\d-\d\dT[\d:.]+Z$")

    def test_a_browser_is_started_when_asked_for(self):
        seen = home.scratch / "seen"
        program = home.scratch / "browser"
        program.write_text(f'#!/bin/sh\necho "$@" > {seen}.new && mv {seen}.new {seen}\n')
        program.chmod(0o755)
        env = {"BROWSER": str(program), "DISPLAY": ":0", "PATH": os.environ["PATH"]}
        self.weir(env=env)
        self.assertFalse(seen.exists())
        done = self.weir("--browser", env=env)
        deadline = time.monotonic() + 60
        while not seen.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(seen.read_text(), done.stdout)
        done = home.weir("-C", folder, "open", "--browser", env={"BROWSER": "/nowhere/browser"})
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, "/ui/enter/")
        self.assertIn("/nowhere/browser", done.stderr)
        self.assertIn("BROWSER", done.stderr)

    def test_mistakes(self):
        for what, status, text in (("apps.nothing", 3, "apps.nothing is not there"), ("apps.later", 3, "`weir apply`"),
                                   ("nothing", 3, "nothing"), ("buckets.a/b", 1, "can't be a bucket's name"), ("buckets.", 1, "can't be a bucket's name"),
                                   (RUN, 3, RUN), (APP, 3, APP), ("ocid1.compartment.oc1..x", 1, "not of a run")):
            with self.subTest(what=what):
                self.assertIn(text, self.weir(what, status=status).stderr)
        self.weir("apps", "runs", status=1)


class Console(Case):
    """Where a service is not weir-local, its pages are the console's."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=home.scratch))
        (self.folder / "pipeline.yaml").write_text(f"pipeline: small\ntargets: {{prod: {{compartment_id: {home.tenancy}, default: true}}}}\n"
                                                   "apps: {a: {file_uri: oci://b@ns/a.py, driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1, num_executors: 1, spark_version: 3.5.0, logs_bucket: l}}\n")

    def serve(self, rules=None):
        context, self.pem = certificate(self.folder)
        return Server(rules, context)

    def link(self, server, *args):
        return self.weir(*args, "--config-file", home.config_file, "--endpoint", server.endpoint, "--cert-bundle", self.pem, where=self.folder).stdout.strip()

    def test_links(self):
        app = {"id": APP, "displayName": "a", "lifecycleState": "ACTIVE", "compartmentId": home.tenancy, "freeformTags": {"weir": "small/prod/a"}}
        run = {"id": RUN, "displayName": "r", "lifecycleState": "SUCCEEDED", "compartmentId": home.tenancy, "applicationId": APP}
        rules = {f"GET /20200129/applications/{APP}": reply(app), "GET /20200129/applications": reply([app]), f"GET /20200129/runs/{RUN}": reply(run), "GET /20200129/runs": reply([run])}
        console, region = "https://cloud.oracle.com", "?region=us-ashburn-1"
        with self.serve(rules) as server:
            self.assertEqual(self.link(server), f"{console}/data-flow/apps{region}")
            for what, path in (("apps", "data-flow/apps"), ("runs", "data-flow/runs"), ("buckets", "object-storage/buckets"), ("apps.a", f"data-flow/apps/details/{APP}"), (APP, f"data-flow/apps/details/{APP}"),
                               (RUN, f"data-flow/runs/details/{RUN}"), ("r", f"data-flow/runs/details/{RUN}"), ("buckets.landing", "object-storage/buckets/ns/landing/objects")):
                with self.subTest(what=what):
                    self.assertEqual(self.link(server, what), f"{console}/{path}{region}")
            self.assertEqual(self.link(server, "runs", "--region", "us-gov-ashburn-1"), "https://console.us-gov-ashburn-1.oraclegovcloud.com/data-flow/runs?region=us-gov-ashburn-1")
            self.assertFalse([r for r in server.requests if "/weir/" in r[0]])
            for command, what, path in (("show", APP, f"data-flow/apps/details/{APP}"), ("status", RUN, f"data-flow/runs/details/{RUN}")):
                told = self.weir(what, "--config-file", home.config_file, "--endpoint", server.endpoint, "--cert-bundle", self.pem, where=self.folder, command=command).stdout
                self.assertIn(f"console                  {console}/{path}{region}\n", told)

    def test_a_list_needs_no_service(self):
        done = home.weir("-C", self.folder, "open", "--config-file", home.config_file, "--region", "eu-frankfurt-1")
        self.assertEqual((done.returncode, done.stdout), (0, "https://cloud.oracle.com/data-flow/apps?region=eu-frankfurt-1\n"))

    def test_a_service_without_pages(self):
        for answer, text in ((reply({"code": "NotFound", "message": "no such route"}, "404 Not Found"), "NotFound"), (reply({"page": 1}), "address"), (reply(b"<html>"), "JSON"), (reply({"address": 1}), "address")):
            with Server({"POST /weir/pages": answer}) as server:
                done = self.weir("--config-file", home.config_file, "--endpoint", server.endpoint, where=self.folder, status=3)
                self.assertIn(text, done.stderr)


if __name__ == "__main__":
    weirlocal.main()
