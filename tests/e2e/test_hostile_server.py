#!/usr/bin/env python3
"""weir against services that lie, flood, stall or answer nonsense: each gets a clear error and the right exit status, in
bounded memory and time. How long is waited is set by the tests (--read-timeout), never measured."""
import gzip
import os
import pathlib
import ssl
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import hostile
import weirlocal
from hostile import NOT_THERE, Server, reply

MEMORY = 64 << 20
if "san" in os.path.basename(os.path.dirname(os.environ.get("WEIR", ""))):
    MEMORY = 1 << 30  # a sanitizer's shadow is not weir's memory
APPS = "GET /20200129/applications"
ESC = "\x1b]0;owned\x07\x1b[31m"
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()  # only for its config file and key
    home.stop()


def application(**more):
    return {"id": "ocid1.dataflowapplication.oc1.iad.a", "displayName": "a", "lifecycleState": "ACTIVE",
            "compartmentId": home.tenancy, "language": "PYTHON", "sparkVersion": "3.5.0", "type": "BATCH",
            "driverShape": "VM.Standard2.1", "executorShape": "VM.Standard2.1", "numExecutors": 1,
            "fileUri": "oci://b@ns/a.py", "ownerPrincipalId": "o", "timeCreated": "2025-06-01T12:00:00.000Z",
            "timeUpdated": "2025-06-01T12:00:00.000Z", "freeformTags": {"weir": "small/prod/a"}, **more}


def run(**more):
    return {"id": "ocid1.dataflowrun.oc1.iad.r", "displayName": "r", "lifecycleState": "SUCCEEDED",
            "compartmentId": home.tenancy, "applicationId": "ocid1.dataflowapplication.oc1.iad.a", "language": "PYTHON",
            "timeCreated": "2025-06-01T12:00:00.000Z", "timeUpdated": "2025-06-01T12:00:00.000Z", "freeformTags": {},
            **more}


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = home.scratch / self._testMethodName
        self.folder.mkdir()
        (self.folder / "pipeline.yaml").write_text(
            f"pipeline: small\ntargets: {{prod: {{compartment_id: {home.tenancy}, default: true}}}}\n"
            "buckets: {landing: {}}\n")

    def weir(self, server, *args, env=None):
        """Its end, within the bounds that hold for all."""
        args = args or ("plan",)
        argv = [os.environ["WEIR"], "-C", self.folder, *args, "--endpoint", server.endpoint, "--config-file",
                home.config_file, "--retries", "1", "--read-timeout", "2", "--connection-timeout", "5"]
        done = hostile.measured(argv, {**home.env, **(env or {})})
        self.assertNotEqual(done.status, -9, f"it did not end: {done}")
        self.assertLess(done.peak, MEMORY, done)
        for text in (done.stdout, done.stderr):
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\x07", text)
        return done

    def refused(self, rule, *texts, at=APPS, args=(), status=3):
        """What weir says to a reply."""
        with Server({at: rule}) as server:
            done = self.weir(server, *args)
        self.assertEqual(done.status, status, done)
        for text in texts:
            self.assertIn(text, done.stderr, done)
        self.requests = server.requests
        return done


class Nonsense(Case):
    def test_a_service_that_answers_well(self):
        with Server() as server:
            done = self.weir(server)
        self.assertEqual(done.status, 0, done)
        self.assertIn("Plan: 1 to add", done.stdout)

    def test_html(self):
        page = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"
        for status in ("200 OK", "203 Fine"):
            self.refused(reply(page, status, ["content-type: text/html"]), "list applications",
                         "the service's reply is a page of HTML, not JSON", "--endpoint")
        self.refused(reply(page, "503 Service Unavailable"), "503 Service Unavailable")
        self.refused(reply(page, "404 Not Found"), "404 Not Found")

    def test_nothing(self):
        self.refused(b"", "the connection was lost", "tried 2 times")
        self.refused(reply(b""), "the service's reply is empty")
        self.refused(b"HTTP/1.1 200 OK\r\n\r\n", "the service's reply is empty")
        self.refused(b"HTTP/1.1 204 No Content\r\n\r\n", "the service's reply is empty")
        self.refused(b"HTTP/1.1 200 OK\r\ncontent-le", "the reply ended in its header")

    def test_not_http(self):
        self.refused(b"SSH-2.0-OpenSSH_9.2\r\n", "127.0.0.1")
        self.refused(b"\x15\x03\x01\x00\x02\x02\x46", "127.0.0.1")

    def test_status_999(self):
        for status in (600, 999):
            self.refused(reply([], f"{status} Whatever"), f"{status}: not a status of HTTP")
            self.assertEqual(len([r for r in self.requests if r[0].startswith(APPS)]), 1)

    def test_an_error_with_status_200(self):
        self.refused(reply({"code": "InternalError", "message": "the shards are not well"}),
                     "an error with status 200", "InternalError", "the shards are not well")

    def test_json_that_is_none(self):
        for body, text in (
            (b"[", "bad JSON"), (b"[1,]", "bad JSON"), (b"[] []", "something follows the value"),
            (b"{\"a\":1,\"a\":2}", "a key is there twice"), (b"[\"\\u0000\"]", "\\u0000 is not taken"),
            (b"[\"a\x00b\"]", "a control character in a string"), (b"[\"\xff\xfe\"]", "bad UTF-8"),
            (b"[\"\xed\xa0\x80\"]", "bad UTF-8"), (b"[1e999]", "the number is too large"),
            (b"[-1" + b"0" * 400 + b"]", "the integer is too large"), (b"[" + b"9" * 100000 + b"]", "the integer is too large"),
            (b"[" * 10000 + b"]" * 10000, "nested more than 100 deep"),
            (b"{\"a\":" * 10000 + b"1" + b"}" * 10000, "nested more than 100 deep"), (b"NaN", "no value begins so"),
            (b"\xef\xbb\xbf[]", "no value begins so"),
        ):
            with self.subTest(body=body[:20]):
                self.refused(reply(body), "list applications: the service's reply", text)

    def test_wrong_types(self):
        for body in ({}, 7, "x", None, True, [7], [None], [[]], {"items": []}):
            with self.subTest(body=body):
                self.refused(reply(body), "list applications: the service's reply")
        for key, value in (("id", 7), ("id", None), ("id", ""), ("displayName", {}), ("lifecycleState", []),
                           ("freeformTags", "x"), ("freeformTags", {"weir": 1}), ("timeUpdated", 12)):
            with self.subTest(key=key, value=value):
                self.refused(reply([application(**{key: value})]), "list applications: the service's reply", key)
        for body in (7, {}, [], None, "", {"namespace": "x"}):
            with self.subTest(namespace=body):
                self.refused(reply(body), "the service's reply", at="GET /n")

    def test_namespaces_that_are_none(self):
        """They would become part of a path."""
        for name in ("../../x", "a b", "a?b", "a/b", "a\nb", ESC):
            with self.subTest(name=name):
                self.refused(reply(name), at="GET /n")


class Lies(Case):
    def test_a_length_that_is_too_long(self):
        self.refused(reply(b"[]", length=100), "the reply ended before its end", "tried 2 times")

    def test_a_length_that_is_too_short(self):
        self.refused(reply([application()], length=20), "bad JSON")

    def test_lengths_that_are_none(self):
        for length in ("-1", "x", "1e3", "18446744073709551616", "99999999999999999999999"):
            with Server({APPS: reply(b"[]", length=length, fields=["connection: close"])}) as server:
                self.assertIn(self.weir(server).status, (0, 3))  # what ends with the connection may be whole

    def test_two_lengths(self):
        self.refused(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 7\r\n\r\n[7]", "127.0.0.1")

    def test_a_compressed_reply_that_nobody_asked_for(self):
        bomb = hostile.squeezed(b" " * (1 << 20), 100)
        self.refused(reply(bomb, fields=["content-encoding: gzip"]), "the service's reply is compressed (gzip)")

    def test_redirects(self):
        with Server() as other:
            for status in (301, 302, 303, 307, 308):
                self.refused(reply(b"", f"{status} Moved", [f"location: {other.endpoint}/20200129/applications"]),
                             str(status), "redirects are not followed")
            self.refused(reply(b"", "300 Choose", [f"location: {other.endpoint}/", f"refresh: 0; url={other.endpoint}"]),
                         "300")
            self.refused(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n[]")
        self.assertEqual(other.requests, [])


class Floods(Case):
    def test_two_gigabytes(self):
        def flood(wire):
            wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2147483648\r\n\r\n[")
            for _ in range(2048):
                if not wire.send(b" " * (1 << 20)):
                    return
        self.refused(flood, "list applications", "the reply is larger than")

    def test_two_gigabytes_without_a_length(self):
        def flood(wire):
            wire.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(2048):
                if not wire.send(b"100000\r\n" + b" " * (1 << 20) + b"\r\n"):
                    return
        self.refused(flood, "the reply is larger than")

    def test_an_error_of_two_gigabytes(self):
        sent = []

        def flood(wire):
            wire.send(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2147483648\r\n\r\n")
            for i in range(2048):
                if not wire.send(b"x" * (1 << 20)):
                    return
                sent.append(i)
        self.refused(flood, "404 Not Found")
        self.assertLess(len(sent), 64)

    def test_very_many_values(self):
        self.refused(reply(b"[" + b"1," * (2 << 20) + b"1]"), "more than", "values")

    def test_an_etag_of_8_kib(self):
        self.refused(reply([], fields=["etag: " + "e" * 8192]), "a header of the reply is too long")

    def test_headers_without_end(self):
        def flood(wire):
            wire.send(b"HTTP/1.1 200 OK\r\n")
            wire.send_for_ever(b"x-more: yes\r\n" * 100)
        self.refused(flood, "header")

    def test_one_header_without_end(self):
        def flood(wire):
            wire.send(b"HTTP/1.1 200 OK\r\nx-more: ")
            wire.send_for_ever(b"y" * 4096)
        self.refused(flood, "127.0.0.1")

    def test_interim_replies_without_end(self):
        for line in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"):
            self.refused(lambda wire, line=line: wire.send_for_ever(line * 100), "interim replies")

    def test_an_interim_reply_is_fine(self):
        with Server({APPS: b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + reply([])}) as server:
            self.assertEqual(self.weir(server).status, 0)

    def test_a_page_token_that_loops(self):
        self.refused(reply([], fields=["opc-next-page: again"]), "the same page token twice")

    def test_empty_pages_without_end(self):
        def page(wire):
            wire.send(reply([], fields=[f"opc-next-page: t{len(wire.server.requests)}", "connection: close"]))
        self.refused(page, "empty pages in a row")

    def test_long_page_tokens(self):
        def page(wire):
            wire.send(reply([], fields=[f"opc-next-page: {len(wire.server.requests):07000}", "connection: close"]))
        self.refused(page, "list applications")

    def test_object_pages_that_do_not_advance(self):
        (self.folder / "copy.py").write_text("print(1)\n")
        with open(self.folder / "pipeline.yaml", "a") as out:
            out.write("objects: {copy: {path: copy.py, bucket: landing}}\n")
        page = reply({"objects": [], "prefixes": [], "nextStartWith": "weir/small/prod/x"})
        self.refused(page, "do not advance", at="GET /n/ns/b/landing/o")

        def more(wire):
            wire.send(reply({"objects": [], "prefixes": [], "nextStartWith": f"weir/{len(wire.server.requests):09}"},
                            fields=["connection: close"]))
        self.refused(more, "empty pages in a row", at="GET /n/ns/b/landing/o")


class Slow(Case):
    def test_silence(self):
        self.refused(lambda wire: wire.server.stopped.wait(hostile.TIME_LIMIT), "no answer in time", "tried 2 times")

    def test_a_byte_a_second(self):
        """The beat is faster here, and weir's patience shorter."""
        self.refused(lambda wire: wire.send_for_ever(b"H", 0.5), "127.0.0.1")
        for begin in (b"HTTP/1.1 200 OK\r\nx-slow: ", b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n["):
            def drip(wire, begin=begin):
                wire.send(begin)
                wire.send_for_ever(b" ", 0.5)
            self.refused(drip, "no answer in time")

    def test_pings_that_never_end(self):
        """Interim replies at a slow beat hold nobody."""
        self.refused(lambda wire: wire.send_for_ever(b"HTTP/1.1 102 Processing\r\n\r\n", 0.5), "no answer in time")


class Certificates(Case):
    """https with certificates that are made here."""

    def certificate(self, name, *more, days="30", signer=None):
        """A certificate and its key, by itself or by a signer; the server's context."""
        key, made = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        by = ["-CA", self.folder / f"{signer}.pem", "-CAkey", self.folder / f"{signer}.key"] if signer else []
        request = self.folder / f"{name}.csr"
        for args in (["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-out", request],
                     ["x509", "-req", "-in", request, "-days", days, "-out", made, "-extfile", self.extensions(more),
                      *(by or ["-signkey", key])]):
            done = home.run(["openssl", *args])
            self.assertEqual(done.returncode, 0, done.stderr)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, key)
        return context

    def extensions(self, lines):
        path = self.folder / "extensions"
        path.write_text("\n".join(lines) + "\n")
        return path

    def authority(self):
        self.certificate("authority", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
        return self.folder / "authority.pem"

    def untrusted(self, context, *texts, args=(), env=None):
        with Server(context=context) as server:
            done = self.weir(server, "plan", *args, env=env)
        self.assertEqual(done.status, 3, done)
        for text in ("the certificate is not trusted", "--cert-bundle", *texts):
            self.assertIn(text, done.stderr, done)
        self.assertEqual(server.requests, [])

    def test_one_that_is_trusted(self):
        bundle = self.authority()
        context = self.certificate("good", "subjectAltName=IP:127.0.0.1", signer="authority")
        for args, env in ((["--cert-bundle", bundle], {}), ([], {"OCI_CLI_CERT_BUNDLE": str(bundle)}),
                          (["--cert-bundle", bundle], {"OCI_CLI_CERT_BUNDLE": "/nowhere"})):
            with Server(context=context) as server:
                done = self.weir(server, "plan", *args, env=env)
            self.assertEqual(done.status, 0, done)
            self.assertGreater(len(server.requests), 1)

    def test_self_signed(self):
        self.untrusted(self.certificate("self", "subjectAltName=IP:127.0.0.1"), "self-signed")

    def test_of_an_unknown_authority(self):
        self.authority()
        context = self.certificate("good", "subjectAltName=IP:127.0.0.1", signer="authority")
        self.untrusted(context)
        self.certificate("another", "basicConstraints=critical,CA:TRUE")
        self.untrusted(context, args=["--cert-bundle", self.folder / "another.pem"])

    def test_for_another_host(self):
        bundle = self.authority()
        for names in ("IP:127.0.0.2", "DNS:dataflow.us-ashburn-1.oci.oraclecloud.com", "DNS:127.0.0.1"):
            self.untrusted(self.certificate("other", f"subjectAltName={names}", signer="authority"),
                           args=["--cert-bundle", bundle])

    def test_expired(self):
        bundle = self.authority()
        context = self.certificate("old", "subjectAltName=IP:127.0.0.1", days="0", signer="authority")
        time.sleep(1.1)
        self.untrusted(context, "expired", args=["--cert-bundle", bundle])

    def test_bundles_that_are_none(self):
        note = self.folder / "note.pem"
        note.write_text("hello\n")
        context = self.certificate("self", "subjectAltName=IP:127.0.0.1")
        for path, text in (("/nowhere/ca.pem", "No such file"), (self.folder, "not a regular file"),
                           (note, "holds no certificate"), (self.folder / "self.key", "holds no certificate")):
            with Server(context=context) as server:
                done = self.weir(server, "plan", "--cert-bundle", path)
            self.assertEqual(done.status, 3, done)
            self.assertIn(f"--cert-bundle: {path}", done.stderr)
            self.assertIn(text, done.stderr)

    def test_no_tls_at_all(self):
        with Server() as server:
            server.endpoint = server.endpoint.replace("http:", "https:")
            self.assertEqual(self.weir(server).status, 3)
        self.assertEqual([r for r in server.requests if "authorization" in r[1]], [])


class Changes(Case):
    """What changes something says truly what was done."""

    def test_a_bucket_that_is_created_by_nonsense(self):
        for body in (reply(b"<html>"), reply({}), reply(b""), reply({"code": "No", "message": "way"})):
            with Server({"POST /n/ns/b": body}) as server:
                done = self.weir(server, "apply", "-y")
            self.assertIn(done.status, (0, 3, 5), done)
            self.assertIn("Apply", done.stdout + done.stderr, done)
            self.assertEqual(done.status == 0, "1 added" in done.stdout, done)

    def test_a_run_that_is_launched_by_nonsense(self):
        with open(self.folder / "pipeline.yaml", "a") as out:
            out.write("defaults: {script_bucket: landing, logs_bucket: landing, spark_version: 3.5.0, num_executors: 1,\n"
                      "  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}\n"
                      "apps: {a: {file_uri: 'oci://landing@ns/a.py', language: PYTHON}}\n")
        app = application()
        for body in (reply(b"<html>"), reply({}), reply({"id": 7}), reply([]), reply(run(id=""))):
            rules = {"POST /20200129/runs": body, APPS + "/": reply(app), APPS: reply([app])}
            with Server(rules) as server:
                done = self.weir(server, "run", "a", "--no-sync")
            self.assertEqual(done.status, 3, done)
            self.assertIn("the service's reply", done.stderr)

    def test_a_run_whose_watching_meets_nonsense(self):
        with open(self.folder / "pipeline.yaml", "a") as out:
            out.write("defaults: {script_bucket: landing, logs_bucket: landing, spark_version: 3.5.0, num_executors: 1,\n"
                      "  driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}\n"
                      "apps: {a: {file_uri: 'oci://landing@ns/a.py', language: PYTHON}}\n")
        app, launched = application(), run(lifecycleState="ACCEPTED")
        for body in (reply(b"<html>"), reply([]), reply(run(lifecycleState=7)), reply(b"", "302 Found")):
            rules = {"POST /20200129/runs": reply(launched), "GET /20200129/runs/": body, APPS + "/": reply(app),
                     APPS: reply([app])}
            with Server(rules) as server:
                done = self.weir(server, "run", "a", "--no-sync")
            self.assertEqual(done.status, 3, done)
            self.assertIn(launched["id"], done.stdout + done.stderr)


class Names(Case):
    """What a service calls its things does not drive the terminal."""

    def test_applications(self):
        app = application(displayName=f"a{ESC}b\nc", freeformTags={"weir": f"small/prod/{ESC}"})
        with Server({APPS: reply([app])}) as server:
            for args in (("list", "apps"), ("plan",), ("plan", "-o", "json"), ("list", "apps", "-o", "json")):
                self.weir(server, *args)
            self.assertIn("\\x1B", self.weir(server, "list", "apps").stdout)

    def test_runs(self):
        named = run(displayName=f"r{ESC}", lifecycleDetails=f"why{ESC}", lifecycleState="FAILED", ownerUserName=ESC)
        with Server({"GET /20200129/runs?": reply([named]), "GET /20200129/runs/": reply(named)}) as server:
            for args in (("list", "runs"), ("status",), ("status", named["id"]), ("list", "runs", "-o", "json")):
                self.weir(server, *args)

    def test_messages(self):
        body = {"code": f"No{ESC}", "message": f"refused{ESC}\nerror: forged"}
        done = self.refused(reply(body, "400 Bad Request", [f"opc-request-id: x{ESC}"]), "refused\\x1B")
        self.assertNotIn("\nerror: forged", done.stderr)

    def test_a_state_of_its_own(self):
        with Server({"GET /20200129/runs?": reply([run(lifecycleState=ESC)])}) as server:
            self.weir(server, "list", "runs")


class Logs(Case):
    def logs(self, body, fields=(), status=3):
        uri = "/20200129/runs/ocid1.dataflowrun.oc1.iad.r"
        listed = reply([{"name": "spark_application_stdout.log.gz", "sizeInBytes": 1, "source": "APPLICATION",
                         "type": "STDOUT", "runId": "r", "timeCreated": "2025-06-01T12:00:00.000Z"}])
        with Server({f"GET {uri}/logs/": reply(body, fields=fields), f"GET {uri}/logs": listed,
                     f"GET {uri}": reply(run())}) as server:
            done = self.weir(server, "logs", "ocid1.dataflowrun.oc1.iad.r", "--no-save-logs")
        self.assertEqual(done.status, status, done)
        return done

    def test_a_log(self):
        self.assertEqual(self.logs(gzip.compress(b"hello\n"), status=0).stdout, "hello\n")

    def test_gzip_that_explodes(self):
        bomb = hostile.squeezed(b"\0" * (1 << 20), 1024)
        self.assertLess(len(bomb), 2 << 20)
        self.assertIn("more than 400 times as many bytes: refused", self.logs(bomb).stderr)

    def test_gzip_that_is_damaged(self):
        good = gzip.compress(os.urandom(100000))
        for body in (good[:-9], good[:50], good[:1000] + b"x" * 1000 + good[2000:], b"\x1f\x8b"):
            self.assertIn("gzip is damaged", self.logs(body).stderr)


if __name__ == "__main__":
    weirlocal.main()
