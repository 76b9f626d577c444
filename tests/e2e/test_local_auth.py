#!/usr/bin/env python3
"""Who is let in by weir-local: signatures, dates, keys, hashes of bodies."""
import base64
import email.utils
import hashlib
import os
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from weirlocal import message

home = None
SIGNED = "date (request-target) host"
COVERED = SIGNED + " content-length content-type x-content-sha256"


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    home.bucket("b")
    home.call("PUT", home.object("b", "kept"), b"kept")


class Case(unittest.TestCase):
    def setUp(self):
        self.buckets = f"/n/{home.ns}/b"
        self.bucket = {"name": self._testMethodName, "compartmentId": home.tenancy}
        self.kept = home.object("b", "kept")

    def tearDown(self):
        """Nothing was made or lost, and a good request is let in."""
        listed = home.call("GET", f"{self.buckets}?compartmentId={home.tenancy}")
        self.assertEqual([bucket["name"] for bucket in listed.json()], ["b"])
        self.assertEqual([o["name"] for o in home.call("GET", f"{self.buckets}/b/o").json()["objects"]], ["kept"])
        self.assertEqual(home.call("GET", self.kept).body, b"kept")

    def refused(self, reply):
        self.assertIsNotNone(reply, "closed without a reply")
        self.assertEqual((reply.status, reply.code), (401, "NotAuthenticated"), reply)
        return reply.json()["message"]

    def changed(self, method, target, body=b"", change=None, drop=(), **signing):
        """Signed, then each field of `change` replaced."""
        fields = home.sign(method, target, body, **signing)
        fields = [(n, (change or {}).get(n, v)) for n, v in fields if n not in drop]
        return home.raw(message(method, target, fields, weirlocal.as_bytes(body)))


class Signatures(Case):
    def test_unsigned(self):
        for method, target in (("GET", "/n"), ("DELETE", self.kept), ("PUT", home.object("b", "new")), ("POST", self.buckets)):
            with self.subTest(method=method):
                self.refused(self.changed(method, target, b"" if method != "POST" else self.bucket, drop=["authorization"]))

    def test_unsigned_head(self):
        fields = [f for f in home.sign("HEAD", self.kept) if f[0] != "authorization"]
        self.assertEqual(home.raw(message("HEAD", self.kept, fields), head=True).status, 401)

    def test_authorization_of_other_kinds(self):
        good = dict(home.sign("GET", "/n"))["authorization"]
        for value in (
            "", "x", "Basic dXNlcjpwYXNz", "Bearer token", "Signature", "Signature ", "Signature =", 'Signature keyId="', "Signature " * 1000,
            good[:-1], good.replace("Signature ", ""), good.replace("rsa-sha256", "rsa-sha1"), good.replace("rsa-sha256", "hmac-sha256"),
            good.replace("rsa-sha256", "none"), good.replace('version="1"', 'version="2"'), good + "," + good.split(" ", 1)[1],
            good.replace('signature="', 'signature="A'), good.replace('signature="', 'signature="'[:-1]),
            good.split(',signature=')[0], good.split(',signature=')[0] + ',signature=""', good.split(',signature=')[0] + ',signature="%s"' % ("A" * 344),
            good.replace(SIGNED, ""), good.replace(home.key_id, ""), good + ',keyId="x"', good.replace("headers=", "x="),
        ):
            with self.subTest(value=value[:60]):
                self.refused(self.changed("GET", "/n", change={"authorization": value}))

    def test_order_of_parameters_is_free(self):
        now = time.time()  # the same for both, however slow the machine
        good = dict(home.sign("GET", "/n", date=now))["authorization"].removeprefix("Signature ")
        version, key_id, algorithm, headers, signature = good.split(",", 4)
        for parts in (
            (algorithm, headers, key_id, signature, version), (version, headers, key_id, algorithm, signature),
            (signature, algorithm, key_id, headers, version), (key_id, algorithm, headers, signature),
        ):
            with self.subTest(parts=[p.split("=")[0] for p in parts]):
                self.assertEqual(self.changed("GET", "/n", change={"authorization": "Signature " + ",".join(parts)}, date=now).status, 200)

    def test_order_and_case_of_names_is_free(self):
        fields = home.sign("GET", "/n", names="host (request-target) date")
        self.assertEqual(home.raw(message("GET", "/n", fields)).status, 200)
        fields = [(n.title(), v) for n, v in home.sign("GET", "/n")]
        self.assertEqual(home.raw(message("GET", "/n", fields)).status, 200)
        fields = home.sign("GET", "/n", fields=[("opc-request-id", "abc")], names=SIGNED + " opc-request-id")
        self.assertEqual(home.raw(message("GET", "/n", fields)).status, 200)

    def test_wrong_key(self):
        intruder = weirlocal.Key()
        self.refused(home.call("GET", "/n", key=intruder))
        self.refused(home.call("DELETE", self.kept, key=intruder))
        self.refused(home.call("PUT", home.object("b", "new"), b"x", key=intruder))
        self.refused(home.call("POST", self.buckets, self.bucket, key=intruder))

    def test_wrong_key_id(self):
        tenancy, user, fingerprint = home.key_id.split("/")
        for key_id in (
            "x", "//", f"{tenancy}/{user}", f"{tenancy}x/{user}/{fingerprint}", f"{tenancy}/{user}x/{fingerprint}",
            f"{tenancy}/{user}/{':'.join(['00'] * 16)}", f"{tenancy}/{user}/{fingerprint}/x", f"{home.key_id} ", f"ST${'x' * 20}",
            f"{tenancy}/{user}/{fingerprint[:-1]}", f"{tenancy}/{user}/../{fingerprint}",
        ):
            with self.subTest(key_id=key_id):
                self.refused(home.call("GET", "/n", key_id=key_id))

    def test_signed_for_another_host(self):
        for host in ("objectstorage.us-ashburn-1.oraclecloud.com", f"127.0.0.1:{home.port + 1}", f"localhost:{home.port}"):
            with self.subTest(host=host):
                self.refused(self.changed("GET", "/n", host=host, change={"host": home.host}))

    def test_signed_for_another_request(self):
        for method, target in (("GET", self.kept + "x"), ("GET", self.kept + "?a"), ("HEAD", self.kept), ("GET", "/n/")):
            fields = home.sign(method, target)
            self.refused(home.raw(message("GET", self.kept, fields)))
        fields = home.sign("GET", self.kept)
        self.refused(home.raw(message("DELETE", self.kept, fields)))
        fields = home.sign("GET", home.object("b", "a/b"))
        self.refused(home.raw(message("GET", f"{self.buckets}/b/o/a/b", fields)))

    def test_too_little_is_signed(self):
        """What the contract wants covered must be, also where the signature is right."""
        for names in ("date", "host", "date host", "date (request-target)", "(request-target) host"):
            with self.subTest(names=names):
                self.refused(home.call("GET", "/n", names=names))
        for names in (SIGNED, *(COVERED.replace(" " + n, "") for n in ("content-length", "content-type", "x-content-sha256"))):
            with self.subTest(names=names):
                self.refused(home.call("POST", self.buckets, self.bucket, names=names))

    def test_a_listed_field_is_absent(self):
        fields = home.sign("GET", "/n", fields=[("x-extra", "1")], names=SIGNED + " x-extra")
        self.refused(home.raw(message("GET", "/n", [f for f in fields if f[0] != "x-extra"])))
        self.refused(self.changed("GET", "/n", drop=["date"]))
        self.refused(home.call("GET", "/n", names=SIGNED + " date"))


class Dates(Case):
    def test_within_five_minutes(self):
        for offset in (-290, 0, 290):
            with self.subTest(offset=offset):
                self.assertEqual(home.call("GET", "/n", date=time.time() + offset).status, 200)

    def test_stale_or_early(self):
        for offset in (-360, 360, -310, 310, -86400 * 365, 86400 * 365):
            with self.subTest(offset=offset):
                date = time.time() + offset
                text = self.refused(home.call("GET", "/n", date=date))
                self.assertIn("is not within allowed clock skew", text)
                self.assertIn("valid datetime range", text)
                self.refused(home.call("PUT", home.object("b", "new"), b"x", date=date))
                self.refused(home.call("DELETE", self.kept, date=date))

    def test_reply_tells_the_time(self):
        reply = home.call("GET", "/n", date=time.time() - 3600)
        told = email.utils.parsedate_to_datetime(reply.field("date")).timestamp()
        self.assertLess(abs(told - time.time()), 5)

    def test_not_a_date(self):
        for value in ("x", "0", "2025-01-01T00:00:00Z", "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 99 Foo 2025 99:99:99 GMT",
                      email.utils.formatdate(), email.utils.formatdate(usegmt=True) + " x"):
            with self.subTest(value=value):
                fields = home.sign("GET", "/n", fields=[("date", value)])
                self.refused(home.raw(message("GET", "/n", fields)))

    def test_date_changed(self):
        self.refused(self.changed("GET", "/n", change={"date": email.utils.formatdate(time.time() + 1, usegmt=True)}))

    def test_x_date(self):
        """Stands in for date, and wins over it."""
        now, old = (email.utils.formatdate(time.time() + s, usegmt=True) for s in (0, -3600))
        names = SIGNED.replace("date", "x-date")
        fields = [f for f in home.sign("GET", "/n", fields=[("x-date", now)], names=names) if f[0] != "date"]
        self.assertEqual(home.raw(message("GET", "/n", fields)).status, 200)
        fields = [f for f in home.sign("GET", "/n", fields=[("x-date", old)], names=names) if f[0] != "date"]
        self.refused(home.raw(message("GET", "/n", fields)))
        self.refused(home.call("GET", "/n", fields=[("x-date", old)], names=SIGNED + " x-date"))
        self.refused(home.call("GET", "/n", date=time.time() - 3600, fields=[("x-date", now)]))


class Bodies(Case):
    def test_body_changed(self):
        body = weirlocal.as_bytes(self.bucket)
        fields = home.sign("POST", self.buckets, body)
        other = body.replace(b"test_body", b"evil_body")
        self.assertEqual(len(other), len(body))
        self.refused(home.raw(message("POST", self.buckets, fields, other)))

    def test_wrong_hash(self):
        other = base64.b64encode(hashlib.sha256(b"another").digest()).decode()
        for value in (other, "", "x", "=" * 44, hashlib.sha256(weirlocal.as_bytes(self.bucket)).hexdigest()):
            with self.subTest(value=value):
                fields = home.sign("POST", self.buckets, self.bucket, fields=[("x-content-sha256", value)])
                self.refused(home.raw(message("POST", self.buckets, fields, weirlocal.as_bytes(self.bucket))))
                self.refused(self.changed("POST", self.buckets, self.bucket, change={"x-content-sha256": value}))

    def test_content_type_changed(self):
        self.refused(self.changed("POST", self.buckets, self.bucket, change={"content-type": "text/plain"}))

    def test_empty_body(self):
        reply = home.call("POST", f"{self.buckets}/b/actions/renameObject")
        self.assertEqual(reply.status, 400, reply)

    def test_signed_hash_of_an_object(self):
        """No client of Oracle's sends it with an object; where one does and signs it, it must be right."""
        target = home.object("b", "new")
        good = base64.b64encode(hashlib.sha256(b"new").digest()).decode()
        fields = home.sign("PUT", target, b"new", fields=[("content-type", "a/b"), ("x-content-sha256", good)], names=COVERED)
        self.refused(home.raw(message("PUT", target, fields, b"old")))
        self.assertEqual(home.raw(message("PUT", target, fields, b"new")).status, 200)
        self.assertEqual(home.call("DELETE", target).status, 204)


class Home(Case):
    def test_modes(self):
        """Nobody else on the machine reads the key, the objects or the database."""
        for path in (home.path, *home.path.rglob("*")):
            with self.subTest(path=path.name):
                self.assertEqual(stat.S_IMODE(path.lstat().st_mode) & 0o077, 0, oct(path.lstat().st_mode))

    def test_only_on_loopback(self):
        """The port is 127.0.0.1's alone, in the kernel's own table."""
        with open("/proc/net/tcp") as v4, open("/proc/net/tcp6") as v6:
            rows = [line.split() for line in [*v4, *v6]]
        listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{home.port:04X}")]
        self.assertEqual(listening, [f"0100007F:{home.port:04X}"])

    def test_another_homes_key(self):
        with weirlocal.Home() as other:
            self.refused(home.call("GET", "/n", key=other.key, key_id=other.key_id))
            self.refused(home.call("GET", "/n", key=other.key))


if __name__ == "__main__":
    weirlocal.main()
