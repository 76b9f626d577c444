#!/usr/bin/env python3
"""Commands that need no pipeline file: where and as whom comes from the OCI config, or from the local service."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal

PIPELINE = """pipeline: small
buckets: {scripts: {}, logs: {}}
defaults: {script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps:
  hello: {script: hello.py}
"""
home = empty = run = None


def setUpModule():
    """One run that has ended, and a folder without a file to ask for it from."""
    global home, empty, run
    home = standin.module_home()
    folder, empty = home.scratch / "pipeline", home.scratch / "empty"
    folder.mkdir()
    empty.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE)
    (folder / "hello.py").write_text("print('hello')\n")
    for args in (["apply", "-y"], ["run", "hello", "-o", "json"]):
        done = home.weir("-C", folder, *args)
        assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["steps"][0]["run"]


class Case(unittest.TestCase):
    def weir(self, *args, status=0, **options):
        done = home.weir(*args, cwd=empty, **options)
        self.assertEqual(done.returncode, status, f"{args}\n{done.stdout}{done.stderr}")
        return done

    def by_config(self, *args, **options):
        return self.weir(*args, "--config-file", home.config_file, "--endpoint", home.endpoint, **options)

    def refused(self, *args, status, **options):
        done = self.weir(*args, status=status, **options)
        self.assertEqual(done.stdout, "")
        return done.stderr


class ByOcid(Case):
    def test_of_the_config_file(self):
        told = json.loads(self.by_config("status", run["id"], "-o", "json").stdout)
        folder = told.pop("folder")
        self.assertEqual(told, run)
        self.assertIn(run["display_name"], folder)
        self.assertEqual(self.by_config("logs", run["id"]).stdout, "hello\n")
        self.by_config("status", run["id"], "--exit-code")
        self.assertIn("has ended already: SUCCEEDED", self.by_config("cancel", run["id"], status=3).stderr)

    def test_of_the_environment(self):
        """What `weir local env` sets, as for Oracle's command line."""
        env = {"OCI_CLI_CONFIG_FILE": str(home.config_file), "OCI_CLI_ENDPOINT": home.endpoint}
        self.assertEqual(self.weir("logs", run["id"], env=env).stdout, "hello\n")

    def test_of_the_local_service(self):
        self.assertEqual(self.weir("-t", "local", "logs", run["id"]).stdout, "hello\n")
        self.assertIn(run["id"], self.weir("-t", "local", "status", run["display_name"]).stdout)
        self.assertIn("it has its own config file", self.refused(
            "-t", "local", "logs", run["id"], "--region", "us-phoenix-1", status=1))

    def test_a_name_needs_a_compartment(self):
        text = self.by_config("logs", "hello-1", status=1).stderr
        self.assertEqual(text, "error: a run called `hello-1`: in which compartment?\n  use --compartment-id OCID\n")
        where = ["--compartment-id", home.tenancy]
        self.assertEqual(self.by_config("logs", run["display_name"], *where).stdout, "hello\n")
        self.assertIn("there is no run called `hello-1`", self.by_config("logs", "hello-1", *where, status=3).stderr)


class Wrong(Case):
    def test_neither_file_nor_config(self):
        text = self.refused("status", run["id"], status=3)
        self.assertIn(f"there is no OCI config file {home.scratch}/.oci/config", text)
        self.assertIn("there is no pipeline.yaml that would say where: name it with -f, or use -t local", text)

    def test_a_target_or_parameter_of_no_file(self):
        text = self.refused("-t", "prod", "status", run["id"], status=1)
        self.assertIn("target prod is of no pipeline: there is no pipeline.yaml", text)
        self.assertIn("--profile", text)
        self.assertIn("-p day: there is no pipeline.yaml", self.refused("-p", "day=1", "logs", run["id"], status=1))

    def test_what_only_a_pipeline_has(self):
        for args, what in ((["status"], "the last launch"), (["logs", "last"], "`last`"), (["cancel", "last"], "`last`")):
            with self.subTest(args=args):
                text = self.by_config(*args, status=1).stderr
                self.assertEqual(text, f"error: {what} needs a pipeline: there is no pipeline.yaml\n"
                                       "  name the file with -f or its folder with -C\n")

    def test_a_file_that_is_named_must_be_there(self):
        self.assertIn("cannot read the pipeline", self.refused("-f", "other.yaml", "status", run["id"], status=1))
        self.assertIn("cannot read the pipeline", self.refused("-C", "nowhere", "status", run["id"], status=1))

    def test_no_ocid_of_a_run(self):
        app = run["application_id"]
        for text, what in ((app, f"`{app}` is the OCID of an application, not of a run"),
                           ("ocid1.dataflowrun", "is no OCID\n  that of a run begins with ocid1.dataflowrun."),
                           ("ocid1.dataflowrun.oc1.iad./../x", "is no OCID")):
            with self.subTest(ocid=text):
                self.assertIn(what, self.by_config("status", text, status=1).stderr)

    def test_another_region(self):
        other = run["id"].replace(".iad.", ".phx.")
        text = self.by_config("status", other, "--region", "us-ashburn-1", status=3).stderr
        self.assertIn("it is of region us-phoenix-1, and us-ashburn-1 was asked: use --region us-phoenix-1", text)
        gone = run["id"][:-4] + "aaaa"
        self.assertNotIn("it is of region", self.by_config("status", gone, status=3).stderr)


if __name__ == "__main__":
    weirlocal.main()
