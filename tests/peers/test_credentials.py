#!/usr/bin/env python3
"""The same config files, keys and variables in the hands of Oracle's SDK and command line, and of weir: what one takes
the other takes, as the same user."""
import configparser
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import oci  # noqa: E402

PHRASE = "open sesame #7;"
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
        (self.folder / "pipeline.yaml").write_text(
            f"pipeline: small\ntargets: {{prod: {{compartment_id: {home.tenancy}, default: true}}}}\n"
            "buckets: {landing: {}}\n")

    def key(self, name, *openssl):
        path = self.folder / name
        done = home.run(["openssl", *openssl, "-in", home.path / "key.pem", "-out", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        path.write_text(path.read_text() + "OCI_API_KEY\n")
        path.chmod(0o600)
        return path

    def config(self, text):
        path = self.folder / "config"
        path.write_text(text.format(user=home.user, tenancy=home.tenancy, fingerprint=home.fingerprint,
                                    key=home.path / "key.pem", phrase=PHRASE))
        path.chmod(0o600)
        return path

    def weir(self, config, profile, status=0, env=None):
        args = ["--config-file", str(config)] if config else []
        args += ["--profile", profile] if profile else []
        done = home.weir("-C", self.folder, "plan", "--endpoint", home.endpoint, *args, env=env or {})
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def sdk(self, config, profile):
        values = oci.config.from_file(str(config), profile or "DEFAULT")
        client = oci.object_storage.ObjectStorageClient(values, service_endpoint=home.endpoint)
        self.assertEqual(client.get_namespace().data, home.ns)


class Files(Case):
    ALL = "[DEFAULT]\nuser={user}\ntenancy={tenancy}\nfingerprint={fingerprint}\nregion=us-ashburn-1\nkey_file={key}\n"

    def both(self, text, profile=None):
        config = self.config(text)
        self.sdk(config, profile)
        self.weir(config, profile)

    def test_forms_of_a_key(self):
        for openssl in (["pkcs8", "-topk8", "-nocrypt"], ["rsa", "-traditional"],
                        ["pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}"],
                        ["pkcs8", "-topk8", "-v2", "des3", "-passout", f"pass:{PHRASE}"],
                        ["rsa", "-traditional", "-aes128", "-passout", f"pass:{PHRASE}"],
                        ["rsa", "-traditional", "-des3", "-passout", f"pass:{PHRASE}"]):
            with self.subTest(openssl=openssl):
                key = self.key("key.pem", *openssl)
                self.both(self.ALL.replace("{key}", str(key)) + "pass_phrase={phrase}\n")

    def test_spellings(self):
        self.both("# a comment\n; another\n\n[DEFAULT]\nUSER = {user}\ntenancy: {tenancy}\n"
                  "fingerprint={fingerprint}\t\nregion = us-ashburn-1\nkey_file={key}\n# the end")
        self.both(self.ALL + "[P] # of the team\nregion=us-phoenix-1\n", "P")
        self.both(self.ALL.replace("us-ashburn-1", "iad"))

    def test_inheritance(self):
        self.both(self.ALL.replace("{key}", "/nowhere") + "pass_phrase=unused\n[P]\nkey_file={key}\n", "P")

    def test_a_home(self):
        text = self.ALL.replace("{key}", "~/" + str((home.path / "key.pem").relative_to(home.scratch)))
        before = os.environ["HOME"]
        os.environ["HOME"] = str(home.scratch)
        try:
            self.both(text)
        finally:
            os.environ["HOME"] = before

    def test_what_neither_takes(self):
        for text in (self.ALL + "region=x\n", self.ALL + "[DEFAULT]\nregion=x\n", self.ALL + "[P]\n[P]\n",
                     "user={user}\n" + self.ALL, self.ALL + "nonsense\n", self.ALL + "key_content=x\n",
                     self.ALL.replace("{user}", "me"), self.ALL.replace("{fingerprint}", "00:11"),
                     self.ALL.replace("{key}", "/nowhere"), self.ALL.replace("tenancy=", "tenency=")):
            config = self.config(text)
            with self.assertRaises((ValueError, configparser.Error, oci.exceptions.ClientError), msg=text):
                self.sdk(config, None)
            self.weir(config, None, status=3)


class Variables(Case):
    """Against the command line: the SDK knows none of them."""

    def both(self, env, config=None):
        argv = [weirlocal.venv_python().parent / "oci", "--endpoint", home.endpoint, "os", "ns", "get"]
        done = home.run(argv, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.weir(config, None, env=env)

    def test_all_of_them(self):
        key = self.key("key.pem", "pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}")
        self.both({"OCI_CLI_USER": home.user, "OCI_CLI_TENANCY": home.tenancy, "OCI_CLI_FINGERPRINT": home.fingerprint,
                   "OCI_CLI_REGION": "us-ashburn-1", "OCI_CLI_KEY_FILE": str(key), "OCI_CLI_PASSPHRASE": PHRASE})
        self.both({"OCI_CLI_USER": home.user, "OCI_CLI_TENANCY": home.tenancy, "OCI_CLI_FINGERPRINT": home.fingerprint,
                   "OCI_CLI_REGION": "us-ashburn-1", "OCI_CLI_KEY_CONTENT": (home.path / "key.pem").read_text()})

    def test_over_a_file(self):
        config = self.config("[DEFAULT]\nuser=ocid1.user.oc1..nobody\ntenancy={tenancy}\nfingerprint={fingerprint}\n"
                             "region=us-ashburn-1\nkey_file={key}\n[TEAM]\nuser={user}\n")
        rc = self.folder / "rc"
        rc.write_text("[OCI_CLI_SETTINGS]\ndefault_profile = TEAM\n")
        file = {"OCI_CLI_CONFIG_FILE": str(config)}
        self.both({**file, "OCI_CLI_USER": home.user})
        self.both({**file, "OCI_CLI_PROFILE": "TEAM"})
        self.both({**file, "OCI_CLI_RC_FILE": str(rc)})

    def test_a_session(self):
        done = home.weir_local("session", "env")
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = home.path / "sessions" / "env"
        config = self.config("[DEFAULT]\nuser={user}\ntenancy={tenancy}\nfingerprint={fingerprint}\nregion=us-ashburn-1\n"
                             "key_file={key}\n")
        self.both({"OCI_CLI_CONFIG_FILE": str(config), "OCI_CLI_AUTH": "security_token",
                   "OCI_CLI_KEY_FILE": str(folder / "oci_api_key.pem"),
                   "OCI_CLI_SECURITY_TOKEN_FILE": str(folder / "token")})


if __name__ == "__main__":
    weirlocal.main()
