#!/usr/bin/env python3
"""Secrets of weir-local: put, told to those who may, by number, name and stage; sealed on the disk, and nowhere in clear."""
import base64
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import leaks
import weirlocal

API = "/20190301/secretbundles"
home = None


def setUpModule():
    global home
    home = weirlocal.Home().start()
    unittest.addModuleCleanup(home.__exit__)
    home.identity({
        "compartments": {"dev": {}, "prod": {}},
        "users": {"ann": {"groups": ["readers"]}, "bob": {}},
        "policies": ["Allow group readers to read secret-family in compartment dev",
                     "Allow group readers to inspect secret-bundles in compartment prod"],
        "tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}}})


def secret(*args, value=b"", status=0):
    done = home.weir_local("secret", *args, input=value, text=False)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == status, done
    return done


def put(name, value, *args):
    return secret("put", name, *args, value=value).stdout.strip()


def value_of(bundle):
    content = bundle.json()["secretBundleContent"]
    assert content["contentType"] == "BASE64"
    return base64.b64decode(content["content"])


class Secrets(unittest.TestCase):
    def get(self, ocid, query="", status=200):
        reply = home.call("GET", f"{API}/{ocid}{query}")
        self.assertEqual(reply.status, status, reply)
        return reply

    def refused(self, reply, status, code):
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        return reply

    def test_put_and_get(self):
        for name, told, kept in (("plain", b"s3cret value", b"s3cret value"), ("line", b"with an end\n", b"with an end"),
                                 ("windows", b"with its end\r\n", b"with its end"), ("two", b"a\n\n", b"a\n"),
                                 ("binary", bytes(range(256)), bytes(range(256))), ("long", b"x" * 25600, b"x" * 25600)):
            with self.subTest(name=name):
                ocid = put(name, told)
                self.assertRegex(ocid, r"^ocid1\.vaultsecret\.oc1\.iad\.[a-z2-7]{52}$")
                bundle = self.get(ocid)
                self.assertEqual(value_of(bundle), kept)
                said = bundle.json()
                self.assertEqual((said["secretId"], said["versionNumber"], said["stages"]), (ocid, 1, ["CURRENT", "LATEST"]))
                self.assertRegex(said["timeCreated"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        self.assertEqual(value_of(self.get(put("raw", b"whole\n", "--raw"))), b"whole\n")

    def test_versions_and_stages(self):
        ocid = put("turned", b"one", "--version-name", "first")
        self.assertEqual(put("turned", b"two"), ocid)
        put("turned", b"three")
        put("turned", b"four", "--pending")
        for query, number, value in (("", 3, b"three"), ("?stage=CURRENT", 3, b"three"), ("?stage=PREVIOUS", 2, b"two"), ("?stage=DEPRECATED", 1, b"one"),
                                     ("?stage=PENDING", 4, b"four"), ("?stage=LATEST", 4, b"four"), ("?versionNumber=1", 1, b"one"),
                                     ("?secretVersionName=first", 1, b"one")):
            with self.subTest(query=query):
                bundle = self.get(ocid, query)
                self.assertEqual((bundle.json()["versionNumber"], value_of(bundle)), (number, value))
        versions = self.get(ocid, "/versions").json()
        self.assertEqual([(v["versionNumber"], v["stages"], v["versionName"]) for v in versions],
                         [(4, ["PENDING", "LATEST"], None), (3, ["CURRENT"], None), (2, ["PREVIOUS"], None), (1, ["DEPRECATED"], "first")])
        self.assertNotIn("content", json.dumps(versions))
        first = self.get(ocid, "/versions?limit=3&sortOrder=ASC")
        self.assertEqual([v["versionNumber"] for v in first.json()], [1, 2, 3])
        rest = self.get(ocid, f"/versions?limit=3&sortOrder=ASC&page={first.field('opc-next-page')}")
        self.assertEqual([v["versionNumber"] for v in rest.json()], [4])
        self.assertIsNone(rest.field("opc-next-page"))

    def test_what_is_not_there(self):
        ocid = put("there", b"value")
        for query in ("?stage=PREVIOUS", "?versionNumber=2", "?secretVersionName=none"):
            self.refused(home.call("GET", f"{API}/{ocid}{query}"), 404, "NotAuthorizedOrNotFound")
        for query in ("?stage=current", "?versionNumber=0", "?versionNumber=x", "?versionNumber=1&stage=LATEST"):
            self.refused(home.call("GET", f"{API}/{ocid}{query}"), 400, "InvalidParameter")
        for other in (ocid[:-1], "ocid1.dataflowrun.oc1.iad.x", "x", "there"):
            self.refused(home.call("GET", f"{API}/{other}"), 404, "NotAuthorizedOrNotFound")
        secret("delete", ocid)
        self.refused(home.call("GET", f"{API}/{ocid}"), 404, "NotAuthorizedOrNotFound")
        self.assertIn("no such secret", secret("delete", ocid, status=3).stderr)

    def test_by_name(self):
        ocid = put("named", b"value")
        vault = next(s["vaultId"] for s in json.loads(secret("list", "-o", "json").stdout) if s["id"] == ocid)
        self.assertRegex(vault, r"^ocid1\.vault\.oc1\.iad\.")
        where = f"{API}/actions/getByName"
        self.assertEqual(value_of(home.call("POST", f"{where}?secretName=named&vaultId={vault}", b"")), b"value")
        for query, status, code in ((f"secretName=nobody&vaultId={vault}", 404, "NotAuthorizedOrNotFound"), ("secretName=named&vaultId=x", 404, "NotAuthorizedOrNotFound"),
                                    ("secretName=named", 400, "MissingParameter")):
            self.refused(home.call("POST", f"{where}?{query}", b""), status, code)

    def test_who_may(self):
        dev, prod, root = (put(name, b"value", "--compartment-id", where) for name, where in
                           (("in-dev", home.compartments["dev"]), ("in-prod", home.compartments["prod"]), ("in-root", home.tenancy)))
        ann, bob, eve = (home.signer(name) for name in ("ann", "bob", "eve"))
        nothing = bob.call("GET", f"{API}/{dev}x")
        self.assertEqual(value_of(ann.call("GET", f"{API}/{dev}")), b"value")
        for who, ocid in ((ann, prod), (ann, root), (bob, dev), (eve, dev)):
            with self.subTest(who=who.profile):
                reply = self.refused(who.call("GET", f"{API}/{ocid}"), 404, "NotAuthorizedOrNotFound")
                self.assertEqual(reply.body, nothing.body)
        vault = json.loads(secret("list", "-o", "json").stdout)[0]["vaultId"]
        self.refused(bob.call("POST", f"{API}/actions/getByName?secretName=in-dev&vaultId={vault}", b""), 404, "NotAuthorizedOrNotFound")
        for method, target in (("GET", "/weir/secrets"), ("DELETE", f"/weir/secrets/{dev}"), ("POST", "/weir/secrets")):
            self.assertEqual(ann.call(method, target, b"{}" if method == "POST" else b"").status, 404)
        self.assertEqual(home.raw(weirlocal.message("GET", f"{API}/{dev}", [("host", f"127.0.0.1:{home.port}")])).status, 401)

    def test_the_command(self):
        ocid = put("listed", b"hidden-from-lists")
        told = secret("list")
        self.assertRegex(told.stdout, rf"(?m)^listed +version 1 of 1  {ocid}$")
        self.assertNotIn("hidden", told.stdout + secret("list", "-o", "json").stdout)
        for args, value, status, text in ((("put", "e"), b"", 1, "empty"), (("put", "e"), b"\n", 1, "empty"), (("put", "e"), b"x" * 25601, 1, "25600 bytes"),
                                          (("put", "a b"), b"x", 1, "letters, digits"), (("put",), b"x", 1, "needs one name"), (("put", "a", "b"), b"x", 1, "needs one name"),
                                          (("put", "e", "--compartment-id", "ocid1.compartment.oc1..no"), b"x", 1, "no such compartment"),
                                          (("delete", "nobody"), b"", 3, "no such secret"), (("show", "listed"), b"", 1, "there is no `secret show`"), ((), b"", 1, "secret what?"),
                                          (("list", "-o", "yaml"), b"", 1, "text or json")):
            with self.subTest(args=args):
                done = secret(*args, value=value, status=status)
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")
        put("once", b"x", "--version-name", "v")
        self.assertIn("already", secret("put", "once", "--version-name", "v", value=b"y", status=4).stderr)

    def test_nothing_in_clear(self):
        value = "Grüße+from/the~vault " + base64.b32encode(os.urandom(20)).decode()
        ocid = put("clear", value.encode())
        self.assertEqual(value_of(self.get(ocid)).decode(), value)
        home.kill9()
        home.start()
        self.assertEqual(value_of(self.get(ocid)).decode(), value)
        self.assertEqual(leaks.find(value, home.path), [])
        self.assertEqual((home.path / "vault.key").stat().st_mode & 0o777, 0o600)
        with tempfile.TemporaryDirectory() as folder:  # What looks for it does find it.
            for name, text in (("plain", value), ("coded", base64.b64encode(f"x{value}y".encode()).decode())):
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)
            self.assertEqual(len(leaks.find(value, folder)), 2)


class Broken(unittest.TestCase):
    def test_another_key(self):
        with weirlocal.Home() as broken:
            done = broken.weir_local("secret", "put", "a", input="value")
            self.assertEqual(done.returncode, 0, done.stderr)
            ocid = done.stdout.strip()
            key = broken.path / "vault.key"
            for change, text in ((lambda: key.write_bytes(os.urandom(32)), "vault.key is another"), (lambda: key.write_bytes(b"short"), "no key of this service's"),
                                 (key.unlink, "vault.key")):
                change()
                reply = broken.call("GET", f"{API}/{ocid}")
                self.assertEqual(reply.status, 500, reply)
                self.assertIn(text, reply.json()["message"])


if __name__ == "__main__":
    weirlocal.main()
