#!/usr/bin/env python3
"""Instance and resource principals: who weir is where OCI says so. Against a weir-local whose tokens a federation on
loopback hands out (lib/principal.py), after it has checked certificate and signature."""
import base64
import json
import os
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, standin_spark
from principal import Federation, issue_token, openssl

home = federation = None
METADATA = "/opc/v2"
PHRASE = "open-sesame-8"


def setUpModule():
    global home, federation
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    federation = Federation(home, home.scratch / "authority")
    unittest.addModuleCleanup(federation.__exit__)
    federation.__enter__()
    (home.scratch / "key.pem").write_bytes(openssl("genpkey", "-algorithm", "RSA"))


class Case(unittest.TestCase):
    def setUp(self):
        federation.asked, federation.refused, federation.replies, federation.lifetimes = [], [], {}, [3600]
        federation.cert, federation.key = [(federation.authority.folder / f"leaf.{e}").read_bytes() for e in ("pem", "key")]
        self.folder = home.scratch / self.id().rsplit(".", 2)[1] / self._testMethodName
        self.folder.mkdir(parents=True)

    def weir(self, env, *args, auth="instance_principal", status=0, message=None):
        """`weir list apps` by that principal, without any config file; what it printed. No secret is in it."""
        done = home.weir("-C", self.folder, "list", "apps", "-v", "--retries", "0", "--endpoint", home.endpoint,
                         "--compartment-id", home.tenancy, *(["--auth", auth] if auth else []), *args, env=env)
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, text)
        for secret in ("eyJ", "ST$", "PRIVATE KEY", "Signature version", PHRASE):
            self.assertNotIn(secret, text)
        if message:
            self.assertIn(message, text)
        return text

    def faults(self, **rule):
        home.call("DELETE", "/weir/faults")
        if rule:
            self.assertEqual(home.call("POST", "/weir/faults", rule).status, 204)
            self.addCleanup(home.call, "DELETE", "/weir/faults")


class Instance(Case):
    def test_signs(self):
        self.weir(federation.env, "--auth", "instance_principal")
        self.assertEqual(federation.refused, [])
        self.assertEqual(federation.asked[-1], ("POST", "/v1/x509"))
        self.assertEqual(federation.count("/v1/x509"), 1)

    def test_ways_to_say_so(self):
        """By the environment, by a target, by a profile's authentication_type. Identity is at the endpoint given."""
        self.weir({**federation.env, "OCI_CLI_AUTH": "instance_principal"}, auth=None)
        (self.folder / "pipeline.yaml").write_text(
            f"pipeline: p\ntargets: {{prod: {{auth: instance_principal, endpoint: '{home.endpoint}', compartment_id: {home.tenancy}}}}}\n"
            "buckets: {landing: {}}\n")
        done = home.weir("-C", self.folder, "plan", env=federation.env)
        self.assertIn("Plan: 1 to add", done.stdout, done.stderr)
        self.assertEqual(federation.count("/v1/x509"), 2)
        config = home.write_config(self.folder / "config", authentication_type="instance_principal")
        self.weir(federation.env, "--config-file", config, auth=None)
        self.assertEqual(federation.count("/v1/x509"), 3)
        env = {k: v for k, v in federation.env.items() if k != "OCI_CLI_FEDERATION_ENDPOINT"}
        self.weir(env, status=3, message=f"federation endpoint {home.endpoint}/v1/x509")

    def test_doctor(self):
        def doctor(env, status):
            done = home.weir("doctor", "--auth", "instance_principal", "--endpoint", home.endpoint, "--compartment-id", home.tenancy, env=env)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            return done.stdout

        text = doctor(federation.env, 0)
        self.assertRegex(text, rf"ok +principal +instance principal of {home.tenancy}; its token is good until 20")
        self.assertNotIn("key  ", text)
        federation.replies = {METADATA + "/instance/region": (404, "text/plain", b"no")}
        self.assertRegex(doctor(federation.env, 3), r"fail +principal +instance principal: metadata service ")

    def test_renewed_before_it_expires(self):
        """A token with less than 60 seconds left is not used for what begins."""
        federation.lifetimes = [30, 3600]
        self.weir(federation.env)
        self.assertEqual(federation.count("/v1/x509"), 2)

    def test_once_more_after_a_401(self):
        self.faults(method="GET", path="/20200129/applications", action="status", status=401)
        self.weir(federation.env)
        self.assertEqual(federation.count("/v1/x509"), 2)
        self.faults(method="GET", path="/20200129/applications", action="status", status=401, count=0)
        self.weir(federation.env, status=3, message="the service does not take the token of this instance principal")
        self.assertEqual(federation.count("/v1/x509"), 4)

    def test_no_metadata_service(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            nobody = {**federation.env, "OCI_METADATA_BASE_URL": f"http://127.0.0.1:{s.getsockname()[1]}/opc/v2"}
        text = self.weir(nobody, status=3, message="instance principal: metadata service http://127.0.0.1:")
        self.assertIn("an instance principal is one of OCI's compute instances; elsewhere sign with an API key", text)
        text = self.weir({**federation.env, "OCI_METADATA_BASE_URL": "http://example.com/opc/v2"}, status=3)
        self.assertIn("http is for this machine only", text)

    def test_metadata_that_is_none(self):
        expired = federation.authority.leaf("expired", home.tenancy, days=-1)
        stranger = federation.authority.leaf("stranger", home.tenancy)
        no_tenancy = (federation.authority.folder / "intermediate.pem", federation.authority.folder / "intermediate.key")
        html = (200, "text/html", b"<html>log in</html>")
        for path, reply, message in (
            ("/instance/region", (404, "text/html", b"<html>"), "/instance/region: "),
            ("/instance/region", html, "/instance/region: the reply is a page of HTML"),
            ("/instance/region", (200, "text/plain", b"not a region!"), "gave no region"),
            ("/identity/cert.pem", (404, "text/plain", b"no"), "/identity/cert.pem: "),
            ("/identity/cert.pem", (200, "text/plain", b"nonsense"), "cert.pem is no certificate in PEM"),
            ("/identity/cert.pem", (200, "text/plain", expired[0]), "the instance's certificate does not hold now; it ends on "),
            ("/identity/cert.pem", (200, "text/plain", stranger[0]), "key is not that of its certificate"),
            ("/identity/key.pem", (200, "text/plain", b"nonsense"), "key.pem is no private RSA key in PEM"),
            ("/identity/intermediate.pem", html, "/identity/intermediate.pem: the reply is a page of HTML"),
        ):
            with self.subTest(path=path, message=message):
                federation.replies = {METADATA + path: reply}
                self.weir(federation.env, status=3, message=message)
        federation.replies = {}
        federation.cert, federation.key = [path.read_bytes() for path in no_tenancy]
        self.weir(federation.env, status=3, message="the instance's certificate names no tenancy")
        self.assertEqual(federation.count("/v1/x509"), 0)

    def test_federation_that_refuses_or_is_none(self):
        for reply, message in (
            ((401, "application/json", b'{"code":"NotAuthenticated","message":"no"}'), "Identity does not take the certificate"),
            ((404, "application/json", b'{"code":"NotFound","message":"no"}'), "/v1/x509: no (404 NotFound"),
            ((200, "text/html", b"<html>"), "/v1/x509: the reply is a page of HTML"),
            ((200, "application/json", b"[]"), "the reply is no JSON object"),
            ((200, "application/json", b"{}"), "the reply has no `token`"),
            ((200, "application/json", b'{"token":"not.a.token"}'), "the reply's token: not a session token"),
        ):
            with self.subTest(message=message):
                federation.replies = {"/v1/x509": reply}
                self.weir(federation.env, status=3, message=message)
        # One that is not of the authority is refused by the check itself.
        federation.replies = {}
        other = type(federation.authority)(home.scratch / "other")
        federation.cert, federation.key = other.leaf("leaf", home.tenancy)
        self.weir(federation.env, status=3, message="the certificate is not of this authority")


class Resource(Case):
    def pair(self, seconds=3600, key=None):
        """Token and key of a resource."""
        key = key or home.scratch / "key.pem"
        return issue_token(home, openssl("pkey", "-in", key, "-pubout").decode(), seconds), key.read_text()

    def env(self, rpst, pem, **more):
        env = {"VERSION": "2.2", "RPST": rpst, "PRIVATE_PEM": pem, "REGION": "iad", **more}
        return {f"OCI_RESOURCE_PRINCIPAL_{k}": str(v) for k, v in env.items() if v is not None}

    def list(self, env, **options):
        return self.weir(env, auth="resource_principal", **options)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def test_values_and_files(self):
        token, key = self.pair()
        files = self.write("rpst", token + "\n"), self.write("key.pem", key)
        self.list(self.env(token, key))
        self.list(self.env(*files))
        self.list(self.env(files[0], key))
        locked = self.folder / "locked.pem"
        locked.write_bytes(openssl("pkcs8", "-topk8", "-v2", "aes256", "-passout", f"pass:{PHRASE}", "-in", files[1]))
        self.list(self.env(token, locked, PRIVATE_PEM_PASSPHRASE=PHRASE))
        self.list(self.env(token, locked.read_text(), PRIVATE_PEM_PASSPHRASE=self.write("phrase", PHRASE + "\n")))
        for phrase, message in ((None, "is encrypted, and its pass phrase is not known"), ("wrong", "does not open with the pass phrase")):
            text = self.list(self.env(token, locked, PRIVATE_PEM_PASSPHRASE=phrase), status=3, message=message)
            self.assertIn("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", text)

    def test_files_are_read_again(self):
        """After a 401, and while the old token still holds but for less than a minute. Here the old one is another key's."""
        token, key = self.pair()
        files = self.write("rpst", token), self.write("key.pem", key)
        self.faults(method="GET", path="/20200129/applications", action="status", status=401)
        self.list(self.env(*files))
        self.faults()
        self.list(self.env(self.pair(seconds=30)[0], key))
        self.faults(method="GET", path="/20200129/applications", action="status", status=401, count=0)
        self.list(self.env(*files), status=3, message="the service does not take the token of this resource principal")

    def test_by_its_service(self):
        """Version 1.1: the instance asks the resource's service, then Identity."""
        self.list(federation.env_1_1)
        self.assertEqual([path for _, path in federation.asked][-3:], [
            "/v1/x509", "/20180711/resourcePrincipalToken/ocid1.instance.oc1.iad.anuwcljrtest", "/v1/resourcePrincipalSessionToken"])
        self.assertEqual(federation.refused, [])
        federation.replies = {federation.asked[-2][1]: (200, "application/json", b"{}")}
        self.list(federation.env_1_1, status=3, message="lacks resourcePrincipalToken")
        env = {**federation.env_1_1, "OCI_RESOURCE_PRINCIPAL_RPST_ENDPOINT": ""}
        self.list(env, status=3, message="OCI_RESOURCE_PRINCIPAL_RPST_ENDPOINT is not set, which version 1.1 needs")

    def test_wrong(self):
        token, key = self.pair()
        other = self.folder / "other.pem"
        other.write_bytes(openssl("genpkey", "-algorithm", "RSA"))
        unsafe = base64.urlsafe_b64encode(json.dumps({"exp": 1, "res_tenant": home.tenancy}).encode()).decode().rstrip("=")
        nobody = base64.urlsafe_b64encode(json.dumps({"exp": 2 ** 33}).encode()).decode().rstrip("=")
        for env, message in (
            ({}, "OCI_RESOURCE_PRINCIPAL_VERSION is not set"),
            (self.env(token, key, VERSION="3.0"), "OCI_RESOURCE_PRINCIPAL_VERSION is `3.0`; weir knows 2.2 and 1.1"),
            (self.env(None, key), "OCI_RESOURCE_PRINCIPAL_RPST is not set, which version 2.2 needs"),
            (self.env(token, None), "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM is not set"),
            (self.env(token, key, REGION=None), "OCI_RESOURCE_PRINCIPAL_REGION is not set"),
            (self.env(token, key, REGION="no/where"), "`no/where` is not a region"),
            (self.env("not a token", key), "OCI_RESOURCE_PRINCIPAL_RPST: not a session token"),
            (self.env(self.folder / "nothing", key), "nothing: No such file or directory"),
            (self.env(self.folder, key), f"OCI_RESOURCE_PRINCIPAL_RPST: {self.folder}"),
            (self.env(self.write("text", "nonsense"), key), f"{self.folder}/text: not a session token"),
            (self.env(token, self.folder / "nothing"), "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: "),
            (self.env(token, "nonsense"), "holds no private key in PEM form"),
            (self.env(token, key, PRIVATE_PEM_PASSPHRASE="/nowhere/phrase"), "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE: "),
            (self.env(token, other), "the token was given to another key"),
            (self.env(f"e30.{unsafe}.e30", key), "resource principal: its token has expired, at 1970-01-01"),
            (self.env(f"e30.{nobody}.e30", key), "the token names no tenancy"),
        ):
            with self.subTest(message=message):
                text = self.list(env, status=3, message=message)
                self.assertIn("error: resource principal: ", text)


class InsideARun(unittest.TestCase):
    def test_weir_is_the_run(self):
        """The environment that weir-local gives to a job is enough; its token, which lives for seconds, is read anew."""
        with tempfile.TemporaryDirectory() as spark, weirlocal.Home(
                env={**standin_spark(spark), "WEIR_LOCAL_TOKEN_SECONDS": "4"}) as own:
            flow = Flow(own)
            program = os.environ["WEIR"]
            flow.put("code", "job.py", f'for wait in 3 0; do {program} --auth resource_principal list apps -o csv '
                                       '--endpoint "$1" --compartment-id "$2" 2>&1 || exit; sleep $wait; done\n')
            app = flow.application("code", "job.py", arguments=[own.endpoint, own.tenancy])
            run = flow.finish(flow.run(app))
            self.assertEqual(run["lifecycleState"], "SUCCEEDED", flow.log(run, "stdout"))
            self.assertEqual(flow.log(run, "stdout").count(app["id"]), 2)


if __name__ == "__main__":
    weirlocal.main()
