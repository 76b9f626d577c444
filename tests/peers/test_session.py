#!/usr/bin/env python3
"""Session tokens of weir-local, used, checked and refreshed by Oracle's SDK and command line."""
import configparser
import json
import os
import pathlib
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import oci  # noqa: E402
from oci._vendor import requests  # noqa: E402

# The command line always refreshes at https://auth.REGION.oraclecloud.com: all but that address is the real one.
REFRESH = """
import sys
import oci
endpoint = sys.argv.pop(1)
oci.regions.endpoint_for = lambda *args, **options: endpoint
from oci_cli.cli import cli
cli()
"""
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


def make(name, *args):
    """A session's profile, by weir-local's command; the folder of its files."""
    done = home.weir_local("session", name, *args)
    assert done.returncode == 0, done.stderr
    return home.path / "sessions" / name


def claims(token):
    return oci.auth.security_token_container.SecurityTokenContainer(None, token).get_jwt()


class Sdk(unittest.TestCase):
    def signer(self, folder):
        key = oci.signer.load_private_key_from_file(str(folder / "oci_api_key.pem"))
        return oci.auth.signers.SecurityTokenSigner((folder / "token").read_text(), key)

    def storage(self, signer):
        return oci.object_storage.ObjectStorageClient({"region": home.region}, signer=signer,
                                                      service_endpoint=home.endpoint)

    def test_a_token_signs(self):
        folder = make("sdk")
        config = oci.config.from_file(str(home.config_file), "sdk")
        self.assertEqual(config["security_token_file"], str(folder / "token"))
        token = claims((folder / "token").read_text())
        self.assertEqual((token["sub"], token["tenant"], token["exp"] - token["iat"]), (home.user, home.tenancy, 3600))
        storage = self.storage(self.signer(folder))
        self.assertEqual(storage.get_namespace().data, home.ns)
        storage.create_bucket(home.ns, oci.object_storage.models.CreateBucketDetails(
            name="by-session", compartment_id=home.tenancy))
        storage.put_object(home.ns, "by-session", "a/b", b"content")
        self.assertEqual(storage.get_object(home.ns, "by-session", "a/b").data.content, b"content")
        flow = oci.data_flow.DataFlowClient({"region": home.region}, signer=self.signer(folder),
                                            service_endpoint=home.endpoint)
        self.assertEqual(flow.list_applications(home.tenancy).data, [])

    def test_a_token_is_refreshed(self):
        folder = make("again", "--minutes", "5")
        old = (folder / "token").read_text()
        time.sleep(1.1)
        reply = requests.post(home.endpoint + "/v1/authentication/refresh", auth=self.signer(folder),
                              headers={"content-type": "application/json"}, data=json.dumps({"currentToken": old}))
        self.assertEqual(reply.status_code, 200, reply.text)
        new = reply.json()["token"]
        self.assertEqual(claims(new)["exp"] - claims(new)["iat"], 300)
        self.assertGreater(claims(new)["exp"], claims(old)["exp"])
        (folder / "token").write_text(new)
        self.assertEqual(self.storage(self.signer(folder)).get_namespace().data, home.ns)

    def test_a_token_that_has_expired(self):
        folder = make("short", "--seconds", "1")
        time.sleep(2.1)
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            self.storage(self.signer(folder)).get_namespace(retry_strategy=oci.retry.NoneRetryStrategy())
        self.assertEqual((caught.exception.status, caught.exception.code), (401, "NotAuthenticated"))


class CommandLine(unittest.TestCase):
    def oci(self, profile, *args, status=0):
        done = home.oci("--profile", profile, *args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        return done

    def test_a_session_signs_and_is_valid(self):
        make("cli")
        done = self.oci("cli", "--auth", "security_token", "os", "ns", "get")
        self.assertEqual(json.loads(done.stdout)["data"], home.ns)
        self.assertIn("Session is valid until", self.oci("cli", "session", "validate", "--local").stderr)
        self.assertIn("Session is valid until", self.oci("cli", "session", "validate").stderr)

    def test_a_session_is_refreshed(self):
        folder = make("renewed", "--minutes", "5")
        before = claims((folder / "token").read_text())["exp"]
        time.sleep(1.1)
        done = home.run([weirlocal.venv_python(), "-c", REFRESH, home.endpoint, "--config-file", home.config_file,
                         "--profile", "renewed", "session", "refresh"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Successfully refreshed token", done.stderr)
        self.assertGreater(claims((folder / "token").read_text())["exp"], before)
        self.oci("renewed", "--auth", "security_token", "os", "ns", "get")

    def test_the_command_line_makes_a_session_that_weir_uses(self):
        place = home.scratch / "sessions"
        config = home.scratch / "cli-config"
        config.write_text(home.config_file.read_text())
        config.chmod(0o600)
        done = self.oci("DEFAULT", "--region", home.region, "session", "authenticate", "--no-browser",
                        "--profile-name", "made", "--config-location", str(config), "--token-location", str(place))
        self.assertIn("Config written to", done.stdout)
        values = configparser.ConfigParser(interpolation=None)
        values.read(config)
        token = pathlib.Path(values["made"]["security_token_file"])
        self.assertEqual(stat.S_IMODE(token.stat().st_mode), 0o600)
        folder = home.scratch / "pipeline"
        folder.mkdir()
        (folder / "pipeline.yaml").write_text(
            f"pipeline: small\ntargets: {{prod: {{compartment_id: {home.tenancy}, default: true}}}}\n"
            "buckets: {landing: {}}\n")
        done = home.weir("-C", folder, "plan", "--endpoint", home.endpoint, "--config-file", config, "--profile", "made")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Plan: 1 to add", done.stdout)


if __name__ == "__main__":
    weirlocal.main()
