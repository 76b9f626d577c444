#!/usr/bin/env python3
"""What can be wrong between weir and a service: config file, profile, key, clock, network, buckets. Each says
which it is and how to mend it; nothing is changed."""
import os
import pathlib
import re
import socket
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

PIPELINE = """pipeline: small
targets:
  prod: {{compartment_id: {tenancy}, default: true}}
  nowhere: {{}}
{buckets}
defaults: {{script_bucket: scripts, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1,
  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}}
apps: {{copy: {{script: copy.py}}}}
"""
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = home.scratch / self._testMethodName
        self.folder.mkdir()
        self.write(buckets="buckets: {scripts: {}, logs: {}}")
        (self.folder / "copy.py").write_text("print(1)\n")

    def write(self, buckets):
        text = PIPELINE.format(tenancy=home.tenancy, buckets=buckets)
        (self.folder / "pipeline.yaml").write_text(text)

    def config(self, **changes):
        """A copy of the home's config file; a value of None is left out."""
        return home.write_config(self.folder / "config", **changes)

    def weir(self, *args, config=None, endpoint=None, status=0, **options):
        where = ["--endpoint", endpoint or home.endpoint]
        if config is not False:
            where += ["--config-file", str(config or home.config_file)]
        done = home.weir("-C", self.folder, *args, *where, **options)
        self.assertEqual(done.returncode, status, f"{args}\n{done.stdout}{done.stderr}")
        return done

    def refused(self, *args, status=3, **options):
        done = self.weir(*args, status=status, **options)
        self.assertNotIn("AAAA", done.stderr)
        return done.stderr

    def tearDown(self):
        """Nothing was made."""
        apps = home.call("GET", f"/20200129/applications?compartmentId={home.tenancy}").json()
        self.assertEqual(apps, [])
        self.assertEqual(home.call("GET", f"/n/{home.ns}/b?compartmentId={home.tenancy}").json(), [])


class Config(Case):
    def test_it_works_as_it_is(self):
        self.assertIn("Plan: 4 to add, 0 to change, 0 to destroy.", self.weir("plan").stdout)

    def test_no_config_file(self):
        text = self.refused("plan", config="/nowhere/config")
        self.assertIn("/nowhere/config", text)
        self.assertIn("there is no OCI config file", text)
        self.assertIn("oci setup config", text)
        text = self.refused("plan", config=False)
        self.assertIn(str(home.scratch / ".oci" / "config"), text)

    def test_no_such_profile(self):
        text = self.refused("plan", "--profile", "PRDO")
        self.assertIn("PRDO", text)
        self.assertIn(str(home.config_file), text)

    def test_profile_that_is_nearly_there(self):
        path = self.config()
        path.write_text(path.read_text() + "\n[PROD]\nregion = eu-frankfurt-1\n")
        self.assertIn("PROD", self.refused("plan", "--profile", "PRDO", config=path))
        self.weir("plan", "--profile", "PROD", config=path)

    def test_key_is_not_there(self):
        text = self.refused("plan", config=self.config(key_file="/nowhere/key.pem"))
        self.assertIn("/nowhere/key.pem", text)
        self.assertIn("No such file", text)
        self.assertIn("key_file must name a file that you can read", text)

    def test_key_is_none(self):
        key = self.folder / "key.pem"
        key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        self.assertIn(str(key), self.refused("plan", config=self.config(key_file=key)))

    def test_key_is_a_folder(self):
        self.assertIn(str(self.folder), self.refused("plan", config=self.config(key_file=self.folder)))

    def test_fingerprint_is_another_keys(self):
        other = ":".join(["00"] * 16)
        text = self.refused("plan", config=self.config(fingerprint=other))
        self.assertIn("fingerprint", text)
        self.assertIn(home.fingerprint, text)

    def test_what_is_missing_is_named(self):
        for key in ("user", "tenancy", "fingerprint", "key_file"):
            with self.subTest(key=key):
                self.assertIn(key, self.refused("plan", config=self.config(**{key: None})))

    def test_key_that_the_service_does_not_know(self):
        key = self.folder / "key.pem"
        made = weirlocal.Key()
        key.write_bytes(made.pem())
        key.chmod(0o600)
        print_of_key = home.run(["sh", "-c", "openssl rsa -in \"$0\" -pubout -outform DER 2>/dev/null | openssl md5 -c", key])
        fingerprint = print_of_key.stdout.split()[-1].strip()
        text = self.refused("plan", config=self.config(key_file=key, fingerprint=fingerprint))
        self.assertIn("401", text)
        self.assertIn("NotAuthenticated", text)
        self.assertIn(f"the service does not know key {fingerprint} of user {home.user}", text)
        self.assertIn("API keys", text)

    def test_no_compartment(self):
        text = self.refused("plan", "-t", "nowhere", status=1)
        self.assertIn("target nowhere has no compartment", text)
        self.assertIn("--compartment-id", text)
        self.weir("plan", "-t", "nowhere", "--compartment-id", home.tenancy)


class Clock(Case):
    """The service's clock is set wrong instead of this machine's."""

    def test_more_than_five_minutes_off(self):
        for minutes, way in ((-21, "ahead of"), (30, "behind")):
            with self.subTest(minutes=minutes):
                env = {"WEIR_LOCAL_CLOCK_OFFSET_MS": str(minutes * 60 * 1000)}
                with weirlocal.Home(env=env) as off:
                    args = ["--endpoint", off.endpoint, "--config-file", off.config_file]
                    done = off.weir("-C", self.folder, "plan", *args)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("is not within allowed clock skew", done.stderr)
                self.assertRegex(done.stderr, rf"this machine's clock is \d+m\d+s {way}")
                self.assertIn("timedatectl", done.stderr)

    def test_less_than_five_minutes_off(self):
        with weirlocal.Home(env={"WEIR_LOCAL_CLOCK_OFFSET_MS": "240000"}) as off:
            args = ["--endpoint", off.endpoint, "--config-file", off.config_file, "--compartment-id", off.tenancy]
            done = off.weir("-C", self.folder, "plan", *args)
        self.assertEqual(done.returncode, 0, done.stderr)


class Network(Case):
    def nobody(self):
        """Where nobody listens: bound, not listening."""
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"

    def test_service_down(self):
        began = time.monotonic()
        text = self.refused("plan", "--retries", "0", endpoint=self.nobody())
        self.assertIn("127.0.0.1", text)
        self.assertLess(time.monotonic() - began, 10)

    def test_service_down_is_tried_again(self):
        text = self.refused("plan", "--retries", "2", "-v", endpoint=self.nobody())
        self.assertIn("tried 3 times", text)
        self.assertEqual(text.count("GET /n: no reply"), 3)
        # The list of applications is asked for beside the namespace.
        self.assertRegex(text, r"\n[456] requests, [234] of them again")

    def test_plain_http_elsewhere_is_refused(self):
        self.assertIn("https", self.refused("plan", "--retries", "0", endpoint="http://192.0.2.1"))


class Permissions(Case):
    """What the service refuses is told with the policy statement that would allow it."""

    def forbid(self, path, code="NotAuthorizedOrNotFound", status=404):
        rule = {"path": path, "count": 0, "action": "status", "status": status, "code": code}
        self.assertLess(home.call("POST", "/weir/faults", rule).status, 300)
        self.addCleanup(home.call, "DELETE", "/weir/faults")

    def tearDown(self):
        home.call("DELETE", "/weir/faults")
        super().tearDown()

    def test_applications(self):
        for code, status in (("NotAuthorizedOrNotFound", 404), ("NotAuthorized", 403), ("NotAllowed", 403)):
            with self.subTest(code=code):
                self.forbid("/20200129/applications*", code, status)
                text = self.refused("plan")
                self.assertIn(code, text)
                self.assertIn("Allow group <group> to manage dataflow-family in tenancy", text)
                home.call("DELETE", "/weir/faults")

    def test_buckets(self):
        self.forbid("*/b/scripts", "NotAuthorized", 403)
        text = self.refused("plan")
        self.assertIn("scripts", text)
        self.assertIn("Allow group <group> to ", text)


class PermissionsToChange(unittest.TestCase):
    """Reading is allowed, a change is not: what is missing is told beside what was and was not done."""

    def apply(self, method, path, status):
        with weirlocal.Home() as own:
            folder = own.scratch / "pipeline"
            folder.mkdir()
            text = PIPELINE.format(tenancy=own.tenancy, buckets="buckets: {scripts: {}, logs: {}}")
            (folder / "pipeline.yaml").write_text(text)
            (folder / "copy.py").write_text("print(1)\n")
            args = ["-C", folder, "--endpoint", own.endpoint, "--config-file", own.config_file]
            rule = {"method": method, "path": path, "count": 0, "action": "status", "status": 404,
                    "code": "NotAuthorizedOrNotFound"}
            self.assertLess(own.call("POST", "/weir/faults", rule).status, 300)
            done = own.weir(*args, "apply", "-y")
            self.assertEqual(done.returncode, status, done.stderr)
            own.call("DELETE", "/weir/faults")
            again = own.weir(*args, "apply", "-y")
            self.assertEqual(again.returncode, 0, again.stderr)
        return done.stdout, done.stderr

    def test_buckets(self):
        out, err = self.apply("POST", "/n/*/b*", 3)
        self.assertIn("Allow group <group> to manage buckets in tenancy", err)
        self.assertIn("Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed; 2 failed, 2 not begun.", out)

    def test_objects(self):
        out, err = self.apply("PUT", "/n/*/b/scripts/o/*", 5)
        self.assertRegex(err, r"Allow group <group> to manage objects in compartment \S+ where target\.bucket\.name ?= ?'scripts'")
        self.assertIn("apps.copy: not begun, since scripts.copy failed", out)

    def test_applications(self):
        out, err = self.apply("POST", "/20200129/applications", 5)
        self.assertIn("Allow group <group> to manage dataflow-family in tenancy", err)
        self.assertIn("Apply incomplete. Resources: 3 added, 0 changed, 0 destroyed; 1 failed, 0 not begun.", out)


class Buckets(Case):
    def test_a_bucket_that_is_not_there(self):
        self.write(buckets="buckets: {logs: {}}")
        for command in (["plan"], ["apply", "-y"]):
            with self.subTest(command=command):
                text = self.refused(*command)
                self.assertIn("scripts", text)
                self.assertRegex(text, r"[Aa]llow .* to .* in ")

    def test_a_logs_bucket_that_is_not_there(self):
        self.write(buckets="buckets: {scripts: {}}")
        self.assertIn("logs", self.refused("plan"))


weirlocal.main()
