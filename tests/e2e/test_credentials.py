#!/usr/bin/env python3
"""Who weir is for the service: keys in every form, the environment, sessions and their refresh, and that no secret is
told. Against a weir-local; tests/unit/oci/test_config.c has every mistake of a config file."""
import base64
import configparser
import json
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

PHRASE = "open-sesame-7"
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

    def config(self, **changes):
        """A config file with the home's profile, changed; None leaves a key out."""
        return home.write_config(self.folder / "config", **changes)

    def key_file(self, *openssl):
        """The home's key as openssl converts it, with what the console puts below."""
        path = self.folder / "key.pem"
        done = home.run(["openssl", *openssl, "-in", home.path / "key.pem", "-out", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        path.write_text(path.read_text() + "OCI_API_KEY\n")
        path.chmod(0o600)
        return path

    def weir(self, *args, config=None, status=0, **options):
        """What weir printed; no secret is in it."""
        which = ["--config-file", str(config)] if config else []
        done = home.weir("-C", self.folder, "plan", "-v", "--retries", "0", "--endpoint", home.endpoint, *which, *args,
                         **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assert_no_secret(done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def assert_no_secret(self, text):
        for secret in [PHRASE, "Signature version", "ST$", "eyJ",
                       *(home.path / "key.pem").read_text().split()[4:-4]]:
            self.assertNotIn(secret, text)

    def works(self, *args, **options):
        self.assertIn("Plan: 1 to add", self.weir(*args, **options))


class Keys(Case):
    def test_pkcs8_encrypted(self):
        key = self.key_file("pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}")
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", key.read_text())
        self.works(config=self.config(key_file=key, pass_phrase=PHRASE))

    def test_traditional_encrypted(self):
        key = self.key_file("rsa", "-traditional", "-aes128", "-passout", f"pass:{PHRASE}")
        self.assertIn("DEK-Info", key.read_text())
        self.works(config=self.config(key_file=key, passphrase=PHRASE))
        text = self.weir(config=self.config(key_file=key), status=3)
        self.assertIn(f"the key {key} is encrypted, and its pass phrase is not known", text)
        self.assertIn("OCI_CLI_PASSPHRASE", text)
        text = self.weir(config=self.config(key_file=key, pass_phrase=f"not-{PHRASE}"), status=3)
        self.assertIn("does not open with the pass phrase given", text)

    def test_pkcs1_plain(self):
        key = self.key_file("rsa", "-traditional")
        self.assertIn("BEGIN RSA PRIVATE KEY", key.read_text())
        self.works(config=self.config(key_file=key, pass_phrase=PHRASE))

    def test_others_can_read_it(self):
        key = self.key_file("pkcs8", "-topk8", "-nocrypt")
        key.chmod(0o644)
        warned = home.weir("-C", self.folder, "plan", "--endpoint", home.endpoint, "--config-file",
                           self.config(key_file=key)).stderr
        self.assertIn(f"warning: others can read {key}: chmod 600 it", warned)
        quiet = home.weir("-C", self.folder, "plan", "--endpoint", home.endpoint, "--config-file",
                          self.config(key_file=key), env={"OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING": "True"})
        self.assertNotIn("others can read", quiet.stderr)

    def test_unreadable(self):
        """As a user who may not: root may read everything."""
        key = self.key_file("pkcs8", "-topk8", "-nocrypt")
        config = self.config(key_file=key)
        key.chmod(0)
        options = {}
        if os.geteuid() == 0:
            for path in (home.scratch, self.folder):
                path.chmod(0o755)
            for path in (config, self.folder / "pipeline.yaml"):
                path.chmod(0o644)
            program = self.folder / "weir"
            shutil.copy(os.environ["WEIR"], program)
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        else:
            program = os.environ["WEIR"]
        done = home.run([program, "-C", self.folder, "plan", "--endpoint", home.endpoint, "--config-file", config],
                        **options)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(f"{key}: Permission denied", done.stderr)
        self.assertIn("check the path and its mode", done.stderr)

    def test_home_is_expanded(self):
        key = self.key_file("pkcs8", "-topk8", "-nocrypt")
        self.works(config=self.config(key_file="~/" + str(key.relative_to(home.scratch))))


class Hostile(Case):
    """Config files and keys that are none: each is told with file, line and profile where it has them, and a cure."""

    PROFILE = "[DEFAULT]\nuser={user}\nfingerprint={fingerprint}\ntenancy={tenancy}\nregion=us-ashburn-1\nkey_file={key}\n"

    def text(self, **more):
        values = {"user": home.user, "fingerprint": home.fingerprint, "tenancy": home.tenancy,
                  "key": home.path / "key.pem", **more}
        return self.PROFILE.format(**values)

    def refused(self, content, *texts, args=()):
        """content: of the config file."""
        path = self.folder / "config"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o600)
        text = self.weir(*args, config=path, status=3)
        for wanted in texts:
            self.assertIn(wanted.format(path=path), text)
        return text

    def test_byte_order_mark_and_crlf(self):
        path = self.folder / "config"
        path.write_bytes(b"\xef\xbb\xbf" + self.text().replace("\n", "\r\n").encode())
        path.chmod(0o600)
        self.works(config=path)

    def test_what_stands_twice(self):
        self.refused(self.text() + "[A]\n[A]\n", "{path}:8: the profile [A] stands twice: remove one")
        self.refused(self.text() + "region=iad\n", "{path}:7: `region` stands twice in its profile: remove one")
        self.refused(self.text() + "Region=iad\n", "{path}:7: `region` stands twice in its profile: remove one")

    def test_no_section(self):
        self.refused(self.text().split("\n", 1)[1], "{path}:1: the file must begin with a profile, such as [DEFAULT]")
        self.refused("", "{path} has no profile [DEFAULT]", "its profiles: none")
        self.refused("[DEFAULT\n", "{path}:1: a section is [NAME]: the ] is missing")
        self.refused("[DEFAULT]\nnonsense\n", "{path}:2: a line is [PROFILE], key=value or a comment")
        self.refused("[DEFAULT]\n" + "x" * 500000 + "\n", "{path}:2: a line is [PROFILE]")

    def test_no_text(self):
        for content in (b"\0", b"\x7fELF\x02\x01\x01\0", os.urandom(4096) + b"\0\xff", self.text().encode("utf-16"),
                        b"[DEFAULT]\nuser=\xff\n", b"[DEFAULT]\nuser=a\0b\n"):
            self.refused(content, "{path} is not a text file in UTF-8", "is this the right file?")

    def test_too_large(self):
        self.refused(b"#" * (8 << 20), "OCI config file: {path}: larger than 1.0 MiB", "--config-file")
        self.refused(b"#\n" * (4 << 20), "{path}: larger than 1.0 MiB")

    def test_no_file(self):
        fifo, loop, folder = (self.folder / name for name in ("fifo", "loop", "dir"))
        os.mkfifo(fifo)
        loop.symlink_to(loop)
        folder.mkdir()
        for path, text in ((fifo, "not a regular file"), (folder, "not a regular file"), ("/dev/zero", "not a regular file"),
                           (loop, "Too many levels of symbolic links")):
            with self.subTest(path=path):
                seen = self.weir(config=path, status=3)
                self.assertIn(f"{path}: {text}", seen)
                self.assertIn("--config-file", seen)
                self.refused(self.text(key=path), f"{{path}}:6: profile [DEFAULT]: `key_file`: {path}: {text}",
                             "check the path and its mode")
                self.refused(self.text() + f"[S]\nsecurity_token_file={path}\n",
                             f"{{path}}:8: profile [S]: `security_token_file`: {path}: {text}", args=["--profile", "S"])

    def test_settings_of_a_wrong_form(self):
        for key, value, line, text in (
            ("user", "ocid1.user", 2, "`user` is not an OCID"), ("user", home.tenancy, 2, "`user` is the OCID of a tenancy"),
            ("tenancy", "acme", 4, "`tenancy` is not an OCID"), ("tenancy", "x" * 300000, 4, "`tenancy` is not an OCID"),
            ("fingerprint", "00:11", 3, "`fingerprint` is not a fingerprint"),
            ("fingerprint", ":".join(["ab"] * 16), 3, "`fingerprint`: the fingerprint is not that of the key"),
            ("key", "~nobody/key", 6, "`key_file`: ~nobody/key: No such file"),
        ):
            with self.subTest(key=key):
                self.refused(self.text(**{key: value}), f"{{path}}:{line}: profile [DEFAULT]: {text}")
        self.refused(self.text().replace("us-ashburn-1", "us ashburn"), "{path}:5: profile [DEFAULT]: `region`: "
                     "`us ashburn` is not a region", "us-ashburn-1")

    def test_keys_of_another_kind(self):
        for name, args, text in (
            ("ec", ["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "is not an RSA key"),
            ("ed25519", ["genpkey", "-algorithm", "ed25519"], "is not an RSA key"),
            ("small", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
             "has only 1024 bits"),
            ("public", ["pkey", "-in", home.path / "key.pem", "-pubout"], "holds a public key, not a private key"),
            ("certificate", ["req", "-x509", "-key", home.path / "key.pem", "-subj", "/CN=x"],
             "holds a certificate, not a private key"),
        ):
            with self.subTest(name=name):
                key = self.folder / f"{name}.pem"
                done = home.run(["openssl", *args, "-out", key])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.refused(self.text(key=key), "{path}:6: profile [DEFAULT]: `key_file`:", f"{key} {text}")

    def test_keys_that_are_cut_off(self):
        whole = (home.path / "key.pem").read_bytes()
        key = self.folder / "key.pem"
        for n, text in ((0, "holds no private key"), (20, "holds no private key"), (len(whole) // 2, "is cut off"),
                        (len(whole) - 40, "is cut off")):
            key.write_bytes(whole[:n])
            self.refused(self.text(key=key), f"{key} {text}")
        key.write_bytes(whole[:300] + b"A" * 200 + whole[500:])
        self.refused(self.text(key=key), f"{key} is damaged")
        key.write_bytes(b"x" * (1 << 20))
        self.refused(self.text(key=key), f"{key}: larger than 64.0 KiB")

    def test_names_that_drive_a_terminal(self):
        text = self.refused("[a\x1b]0;x\x07]\nuser=\x1b[31m\n", "its profiles: a\\x1B")
        self.assertNotIn("\x1b", text)


class Terminal(Case):
    def type(self, config, answer):
        pid, ours = pty.fork()
        if pid == 0:
            os.execve(os.environ["WEIR"], ["weir", "-C", str(self.folder), "plan", "--endpoint", home.endpoint,
                                           "--config-file", str(config)], {**home.env, "TERM": "dumb"})
        seen, answered, deadline = b"", False, time.monotonic() + 60
        while time.monotonic() < deadline:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    chunk = os.read(ours, 65536)
                except OSError:
                    break
                if not chunk:
                    break
                seen += chunk
            if not answered and b"Pass phrase of " in seen:
                os.write(ours, answer)
                answered = True
        _, status = os.waitpid(pid, 0)
        os.close(ours)
        self.assertTrue(answered, seen)
        return seen.decode(), os.waitstatus_to_exitcode(status)

    def test_the_pass_phrase_is_asked_for_and_not_shown(self):
        key = self.key_file("pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}")
        seen, status = self.type(self.config(key_file=key), f"{PHRASE}\n".encode())
        self.assertEqual(status, 0, seen)
        self.assertIn(f"Pass phrase of {key}: ", seen)
        self.assertIn("Plan: 1 to add", seen)
        self.assert_no_secret(seen)
        seen, status = self.type(self.config(key_file=key), b"wrong\n")
        self.assertEqual(status, 3, seen)
        self.assertIn("does not open with the pass phrase given", seen)
        self.assertEqual(seen.count("Pass phrase of"), 1)


class Environment(Case):
    def all(self, **more):
        return {"OCI_CLI_USER": home.user, "OCI_CLI_TENANCY": home.tenancy, "OCI_CLI_FINGERPRINT": home.fingerprint,
                "OCI_CLI_REGION": "iad", "OCI_CLI_KEY_CONTENT": (home.path / "key.pem").read_text(), **more}

    def test_it_is_enough(self):
        self.works(env=self.all())

    def test_it_counts_for_more_than_the_file(self):
        config = self.config(user="ocid1.user.oc1..nobody", pass_phrase="wrong",
                             key_file=self.key_file("pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}"))
        self.works(env={"OCI_CLI_USER": home.user, "OCI_CLI_PASSPHRASE": PHRASE, "OCI_CLI_CONFIG_FILE": str(config)})

    def test_mistakes_name_the_variable(self):
        for name, value, text in (
            ("OCI_CLI_USER", "me", "OCI_CLI_USER is not an OCID"),
            ("OCI_CLI_FINGERPRINT", "00:11", "OCI_CLI_FINGERPRINT is not a fingerprint"),
            ("OCI_CLI_FINGERPRINT", ":".join(["00"] * 16), "OCI_CLI_FINGERPRINT: the fingerprint is not that of the key"),
            ("OCI_CLI_KEY_CONTENT", "AAAA", "OCI_CLI_KEY_CONTENT holds no private key"),
            ("OCI_CLI_REGION", "a/b", "OCI_CLI_REGION: `a/b` is not a region"),
            ("OCI_CLI_AUTH", "instance_obo_user", "authentication by instance_obo_user is not built yet"),
            ("OCI_CLI_CERT_BUNDLE", "/nowhere/ca.pem", "OCI_CLI_CERT_BUNDLE: /nowhere/ca.pem: No such file"),
        ):
            with self.subTest(name=name):
                self.assertIn(text, self.weir(status=3, env=self.all(**{name: value})))

    def test_the_local_service_has_its_own(self):
        env = self.all(OCI_CLI_USER="ocid1.user.oc1..cloud", OCI_CLI_AUTH="instance_principal", OCI_CLI_PROFILE="PROD",
                       OCI_CLI_CONFIG_FILE="/nowhere")
        (self.folder / "pipeline.yaml").write_text("pipeline: small\nbuckets: {landing: {}}\n")
        done = home.weir("-C", self.folder, "plan", env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = home.weir("-C", self.folder, "plan", "--auth", "api_key", env=env)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("it has its own config file, key and region", done.stderr)

    def test_principals(self):
        """What they are, and what of them is wrong, is in test_principal."""
        text = self.weir("--auth", "resource_principal", status=3, config=home.config_file)
        self.assertIn("resource principal: OCI_RESOURCE_PRINCIPAL_VERSION is not set", text)
        done = home.weir("-C", self.folder, "plan", "--auth", "resource-principal")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean `resource_principal`?", done.stderr)


class Sessions(Case):
    def make(self, *args):
        name = self._testMethodName
        done = home.weir_local("session", name, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("--auth security_token", done.stdout)
        self.token = home.path / "sessions" / name / "token"
        return name

    def session(self, *args, **options):
        return self.weir("--profile", self._testMethodName, *args, config=home.config_file, **options)

    def expiry(self):
        payload = self.token.read_text().split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))["exp"]

    def test_its_files_are_ours_alone(self):
        self.make()
        folder = self.token.parent
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        for path in [*folder.iterdir(), home.config_file]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)

    def test_it_signs(self):
        self.make()
        before = self.token.read_text()
        self.assertIn("Plan: 1 to add", self.session())
        self.assertIn("Plan: 1 to add", self.session("--auth", "security_token"))
        self.assertEqual(self.token.read_text(), before)
        self.token.write_text(f"\n {before}\r\n")
        self.assertIn("Plan: 1 to add", self.session())

    def test_the_local_target_takes_it(self):
        name = self.make()
        (self.folder / "pipeline.yaml").write_text("pipeline: small\nbuckets: {landing: {}}\n")
        done = home.weir("-C", self.folder, "plan", "--profile", name, "-v")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Plan: 1 to add", done.stdout)
        self.assert_no_secret(done.stdout + done.stderr)

    def test_it_stays_when_the_service_starts_again(self):
        name = self.make()
        home.stop()
        home.start()
        values = configparser.ConfigParser(interpolation=None)
        values.read(home.config_file)
        self.assertIn(name, values)
        self.assertIn("Plan: 1 to add", self.session())

    def test_it_is_refreshed_a_minute_early(self):
        """With a minute at most left of its life it is refreshed by each command."""
        self.make("--seconds", "60")
        before, old = self.expiry(), self.token.read_text()
        time.sleep(1.1)
        self.assertIn("Plan: 1 to add", self.session())
        self.assertGreater(self.expiry(), before)
        self.assertEqual(stat.S_IMODE(self.token.stat().st_mode), 0o600)
        self.token.write_text(old)
        self.assertIn("Plan: 1 to add", self.session())
        self.assertNotEqual(self.token.read_text(), old)

    def test_it_is_refreshed_after_a_401(self):
        self.make()
        old = self.token.read_text()
        rule = {"path": "/n*", "count": 1, "action": "status", "status": 401, "code": "NotAuthenticated"}
        self.assertEqual(home.call("POST", "/weir/faults", rule).status, 204)
        self.addCleanup(home.call, "DELETE", "/weir/faults")
        time.sleep(1.1)
        self.assertIn("Plan: 1 to add", self.session())
        self.assertNotEqual(self.token.read_text(), old)

    def test_it_has_expired(self):
        name = self.make("--seconds", "1")
        time.sleep(2.1)
        text = self.session(status=3)
        self.assertIn(f"the session of {home.config_file}, profile [{name}] has expired, and could not be refreshed "
                      f"(token {self.token})", text)
        self.assertIn(f"`oci session authenticate --profile-name {name}` begins a new one", text)

    def test_a_token_of_nobodys(self):
        self.make()
        head, payload, signature = self.token.read_text().split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        claims["exp"] += 1000
        forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        for token in (f"{head}.{forged}.{signature}", f"{none}.{forged}.{signature}", f"{head}.{payload}.AAAA"):
            self.token.write_text(token)
            self.assertIn("is not valid, and could not be refreshed", self.session(status=3))

    def test_a_token_of_another_key(self):
        self.make()
        other = self.token.parent / "oci_api_key.pem"
        other.write_bytes(weirlocal.Key().pem())
        text = self.session(status=3)
        self.assertIn(f"the token {self.token} was given to another key than {other}", text)

    def test_a_token_that_is_none(self):
        self.make()
        self.token.write_text("secret-that-is-no-token")
        text = self.session(status=3)
        self.assertIn(f"{self.token}: not a session token", text)
        self.assertNotIn("secret-that", text)
        self.assertRegex(text, rf"{home.config_file}:\d+: profile \[{self._testMethodName}\]: `security_token_file`")
        self.token.unlink()
        self.assertIn("oci session authenticate", self.session(status=3))

    def test_names_that_are_none(self):
        for name in ("", ".", "..", "a/b", "DEFAULT", "[x]", "a\nb"):
            done = home.weir_local("session", name)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("is no name for a session", done.stderr)
        for args in ((), ("a", "b"), ("a", "--minutes", "4"), ("a", "--minutes", "61"), ("a", "--seconds", "0"),
                     ("a", "--hours", "1"), ("a", "--minutes")):
            done = home.weir_local("session", *args)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("weir local session help", done.stderr)


class Service(Case):
    """What weir-local's two calls refuse."""

    def ask(self, target, body, **signing):
        reply = home.call("POST", target, body, **signing)
        return reply.status, reply.code

    def test_requests_that_are_malformed(self):
        generate, refresh = "/v1/token/upst/actions/GenerateUpst", "/v1/authentication/refresh"
        done = home.run(["openssl", "genrsa", "1024"])
        small = home.run(["openssl", "rsa", "-pubout"], input=done.stdout).stdout
        for body in ({}, {"publicKey": 1}, {"publicKey": "x"}, {"publicKey": small}, [],
                     {"publicKey": "", "sessionExpirationInMinutes": 4},
                     {"publicKey": "", "sessionExpirationInMinutes": "61"},
                     {"publicKey": "", "weirExpirationInSeconds": 0}):
            self.assertEqual(self.ask(generate, body), (400, "InvalidParameter"), body)
        for body in ({}, {"currentToken": 1}, {"currentToken": "a.b.c"}):
            self.assertEqual(self.ask(refresh, body), (400, "InvalidParameter"), body)
        self.assertEqual(self.ask(refresh, b"{"), (400, "CannotParseRequest"))
        for key_id in ("ST$", "ST$a.b.c", "ST$e30.e30.e30", "ST$" + "a" * 20000):
            self.assertEqual(self.ask(refresh, {}, key_id=key_id), (401, "NotAuthenticated"))


class Dumps(Case):
    def dump(self, argv, waits_for=None):
        """Whether a program that SIGABRT ends leaves a core."""
        child = subprocess.Popen(argv, env=home.env, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30)))
        if waits_for:
            self.addCleanup(waits_for.accept()[0].close)
        time.sleep(0.2)
        os.kill(child.pid, signal.SIGABRT)
        _, status = os.waitpid(child.pid, 0)
        child.returncode = 0
        self.assertEqual(os.WTERMSIG(status), signal.SIGABRT)
        return os.WCOREDUMP(status)

    def test_there_is_no_core(self):
        """While it waits for a service that does not answer, with its key loaded."""
        silent = socket.socket()
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        weir = [os.environ["WEIR"], "-C", str(self.folder), "plan", "--endpoint", endpoint, "--config-file",
                str(home.config_file)]
        self.assertFalse(self.dump(weir, silent))
        self.assertEqual([p for p in self.folder.iterdir() if "core" in p.name], [])


if __name__ == "__main__":
    weirlocal.main()
