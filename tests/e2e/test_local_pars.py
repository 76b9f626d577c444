#!/usr/bin/env python3
"""Who comes to weir-local without a signature: with a pre-authenticated request, or to a public bucket."""
import errno
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from machine import Machine
from weirlocal import message, quote

home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def bare(method, target, body=b"", fields=()):
    """A request without a signature."""
    fields = [("host", home.host), *fields]
    if method == "PUT":
        fields.append(("content-length", str(len(body))))
    return home.raw(message(method, target, fields, body), head=method == "HEAD")


class Case(unittest.TestCase):
    def setUp(self):
        self.b = f"{type(self).__name__}-{self._testMethodName[5:]}"
        self.target = f"/n/{home.ns}/b/{self.b}"
        home.bucket(self.b)
        home.call("PUT", home.object(self.b, "dir/a"), b"one")

    def make(self, access, **more):
        body = {"name": "par", "accessType": access, "timeExpires": stamp(3600), **more}
        reply = home.call("POST", f"{self.target}/p", body)
        self.assertEqual(reply.status, 200, reply)
        return reply.json()

    def refused(self, reply, status=404, code="BucketNotFound"):
        self.assertEqual(reply.status, status, reply)
        if reply.body:
            self.assertEqual(reply.code, code)

    def content(self, name):
        return home.call("GET", home.object(self.b, name)).body


class Use(Case):
    def test_read_one_object(self):
        uri = self.make("ObjectRead", objectName="dir/a")["accessUri"]
        reply = bare("GET", uri)
        self.assertEqual((reply.status, reply.body, reply.field("x-content-type-options")), (200, b"one", "nosniff"))
        self.assertEqual(bare("HEAD", uri).field("content-length"), "3")
        self.assertEqual(bare("GET", uri, fields=[("range", "bytes=1-")]).body, b"ne")
        self.assertEqual(bare("GET", uri.replace("%2F", "/")).body, b"one")
        self.assertEqual(bare("GET", uri + "?httpResponseContentDisposition=attachment").field("content-disposition"), "attachment")
        self.refused(bare("PUT", uri, b"two"))
        for other in ("dir/b", "dir", "dir/a/", "dir/"):
            self.refused(bare("GET", uri.replace("dir%2Fa", quote(other))))
        self.refused(bare("GET", uri.replace("dir%2Fa", "")))
        self.refused(bare("DELETE", uri), 405, "MethodNotAllowed")
        self.refused(bare("GET", uri + "?versionId=x"))
        self.assertEqual(self.content("dir/a"), b"one")

    def test_write_one_object(self):
        uri = self.make("ObjectWrite", objectName="new")["accessUri"]
        self.refused(bare("GET", uri))
        self.refused(bare("HEAD", uri))
        self.assertEqual(bare("PUT", uri, b"two", [("opc-meta-k", "v")]).status, 200)
        self.assertEqual(self.content("new"), b"two")
        self.assertEqual(bare("PUT", uri, b"x", [("if-none-match", "*")]).code, "IfNoneMatchFailed")
        self.refused(bare("PUT", uri.replace("new", "other"), b"two"))
        self.refused(bare("PUT", uri, b"", [("opc-multipart", "true")]), 400, "InvalidParameter")
        self.assertEqual(home.call("HEAD", home.object(self.b, "new")).field("opc-meta-k"), "v")

    def test_read_and_write(self):
        uri = self.make("ObjectReadWrite", objectName="dir/a")["accessUri"]
        self.assertEqual(bare("PUT", uri, b"two").status, 200)
        self.assertEqual(bare("GET", uri).body, b"two")

    def test_any_object(self):
        uris = {access: self.make(access)["accessUri"] for access in ("AnyObjectRead", "AnyObjectWrite", "AnyObjectReadWrite")}
        for access, uri in uris.items():
            with self.subTest(access=access):
                self.assertTrue(uri.endswith("/o/"))
                reads, writes = bare("GET", uri + "dir%2Fa"), bare("PUT", uri + "x", b"x")
                self.assertEqual(reads.status, 200 if "Read" in access else 404)
                self.assertEqual(writes.status, 200 if "Write" in access else 404)
                self.refused(bare("GET", uri))
        self.refused(bare("GET", uris["AnyObjectRead"] + "nothing"), 404, "ObjectNotFound")

    def test_prefix(self):
        uri = self.make("AnyObjectReadWrite", objectName="dir/", bucketListingAction="ListObjects")["accessUri"]
        self.assertTrue(uri.endswith("/o/"))
        self.assertEqual(bare("GET", uri + "dir%2Fa").body, b"one")
        self.assertEqual(bare("PUT", uri + "dir/b", b"b").status, 200)
        self.refused(bare("PUT", uri + "other", b"b"))
        self.refused(bare("GET", uri))
        self.refused(bare("GET", uri + "?prefix=di"))
        listed = bare("GET", uri + "?prefix=dir%2F").json()["objects"]
        self.assertEqual([o["name"] for o in listed], ["dir/a", "dir/b"])

    def test_listing(self):
        uri = self.make("AnyObjectWrite", bucketListingAction="ListObjects")["accessUri"]
        for target in (uri, uri[:-1]):
            self.assertEqual([o["name"] for o in bare("GET", target + "?fields=size").json()["objects"]], ["dir/a"])
        self.refused(bare("GET", self.make("AnyObjectWrite", bucketListingAction="Deny")["accessUri"]))
        self.refused(bare("GET", self.make("AnyObjectReadWrite")["accessUri"]))

    def test_only_where_it_was_made(self):
        home.bucket(self.b + "-2")
        home.call("PUT", home.object(self.b + "-2", "dir/a"), b"other")
        uri = self.make("AnyObjectReadWrite")["accessUri"]
        self.refused(bare("GET", uri.replace(self.b, self.b + "-2") + "dir%2Fa"))
        self.refused(bare("GET", uri.replace(f"/n/{home.ns}/", "/n/other/") + "dir%2Fa"), 404, "NamespaceNotFound")
        for wrong in ("x", "", uri.split("/")[2][:-1], uri.split("/")[2] + "A", uri.split("/")[2].lower(), "%2e%2e", "x" * 3000):
            reply = bare("GET", f"/p/{wrong}/n/{home.ns}/b/{self.b}/o/dir%2Fa")
            self.assertEqual(reply.status, 404, reply)
        for more in ("/u", "/p", "", "/l", "/actions/renameObject"):
            reply = bare("GET", uri[: -len("/o/")] + more)
            self.assertIn(reply.status, (404, 405))

    def test_a_signature_does_not_count_there(self):
        uri = self.make("ObjectRead", objectName="dir/a")["accessUri"]
        self.assertEqual(bare("GET", uri, fields=[("authorization", "Basic eA==")]).body, b"one")
        self.refused(home.call("PUT", uri, b"two"))
        self.assertEqual(self.content("dir/a"), b"one")

    def test_expires(self):
        par = self.make("ObjectRead", objectName="dir/a", timeExpires=stamp(2))
        self.assertEqual(bare("GET", par["accessUri"]).status, 200)
        time.sleep(2.5)
        self.refused(bare("GET", par["accessUri"]))
        self.assertEqual(home.call("GET", f"{self.target}/p/{par['id']}").status, 200)

    def test_deleted(self):
        par = self.make("AnyObjectReadWrite")
        self.assertEqual(home.call("DELETE", f"{self.target}/p/{par['id']}").status, 204)
        self.refused(bare("GET", par["accessUri"] + "dir%2Fa"))
        self.refused(bare("PUT", par["accessUri"] + "dir%2Fa", b"x"))
        self.refused(home.call("DELETE", f"{self.target}/p/{par['id']}"), 404, "NotAuthorizedOrNotFound")
        self.refused(home.call("GET", f"{self.target}/p/{par['id']}"), 404, "NotAuthorizedOrNotFound")

    def test_survives_kill_and_is_kept_as_a_digest(self):
        par = self.make("ObjectRead", objectName="dir/a")
        token = par["accessUri"].split("/")[2]
        self.assertEqual(len(token), 64)
        bare("GET", par["accessUri"])
        bare("GET", f"/p/{token[:-1]}/n/{home.ns}/b/{self.b}/o/dir%2Fa")
        home.kill9()
        files = {p: p.read_bytes() for p in home.path.rglob("*") if p.is_file()}
        self.assertTrue(files)
        for path, data in files.items():
            self.assertNotIn(token[:-1].encode(), data, path)
        self.assertNotIn(token[:-1], home.log_file.read_text())
        home.start()
        self.assertEqual(bare("GET", par["accessUri"]).body, b"one")

    def test_a_bucket_with_one_is_not_empty(self):
        par = self.make("ObjectRead", objectName="dir/a")
        home.call("DELETE", home.object(self.b, "dir/a"))
        reply = home.call("DELETE", self.target)
        self.refused(reply, 409, "BucketNotEmpty")
        self.assertIn("pre-authenticated requests", reply.json()["message"])
        home.call("DELETE", f"{self.target}/p/{par['id']}")
        self.assertEqual(home.call("DELETE", self.target).status, 204)


class Makers(Case):
    """A pre-authenticated request lets do what its maker may do by then."""

    def setUp(self):
        super().setUp()
        self.addCleanup(home.identity, {})

    def test_it_goes_with_its_makers_rights(self):
        users = {"ann": {"groups": ["writers"]}}
        policy = lambda verb: {"users": users, "policies": [f"Allow group writers to {verb} object-family in tenancy"]}
        home.identity(policy("manage"))
        ann = home.signer("ann")
        body = {"name": "par", "accessType": "AnyObjectReadWrite", "timeExpires": stamp(3600)}
        made = ann.call("POST", f"{self.target}/p", body)
        self.assertEqual(made.status, 200, made)
        uri = made.json()["accessUri"] + "dir%2Fa"
        self.assertEqual((bare("GET", uri).body, bare("PUT", uri, b"two").status), (b"one", 200))
        home.identity(policy("read"))
        self.assertEqual(bare("GET", uri).body, b"two")
        self.refused(bare("PUT", uri, b"three"))
        self.refused(ann.call("POST", f"{self.target}/p", body))
        home.identity({})
        self.refused(bare("GET", uri))
        self.assertEqual(self.content("dir/a"), b"two")

    def test_in_another_tenancy(self):
        home.identity({"tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}}})
        eve = home.signer("eve")
        eve.call("POST", f"/n/{eve.ns}/b", {"name": self.b, "compartmentId": eve.tenancy})
        eve.call("PUT", f"/n/{eve.ns}/b/{self.b}/o/dir%2Fa", b"eve's")
        body = {"name": "par", "accessType": "AnyObjectRead", "timeExpires": stamp(3600)}
        uri = eve.call("POST", f"/n/{eve.ns}/b/{self.b}/p", body).json()["accessUri"] + "dir%2Fa"
        self.assertEqual(bare("GET", uri).body, b"eve's")
        self.refused(bare("GET", uri.replace(f"/n/{eve.ns}/", f"/n/{home.ns}/")))


class Failing(unittest.TestCase):
    def test_no_token_in_the_log_of_a_service_that_fails(self):
        with tempfile.TemporaryDirectory(prefix="weir-pars-") as folder:
            machine = Machine(folder)
            with weirlocal.Home(env=machine.env) as there:
                there.bucket("b")
                body = {"name": "par", "accessType": "AnyObjectReadWrite", "timeExpires": stamp(3600)}
                uri = there.call("POST", f"/n/{there.ns}/b/b/p", body).json()["accessUri"]
                there.kill9()
                there.start()
                machine.fail("read", errno.EIO, text="/weir-local.db")
                for method, name in (("GET", "a"), ("PUT", "a"), ("GET", "")):
                    data = b"x" if method == "PUT" else b""
                    length = [("content-length", str(len(data)))] if data else []
                    reply = there.raw(message(method, uri + name, [("host", there.host), *length], data))
                    self.assertEqual(reply.status, 500, reply)
                    self.assertNotIn(uri.split("/")[2], str(reply))
                machine.heal()
                self.assertIn("/n/", there.log_file.read_text())
                self.assertNotIn(uri.split("/")[2], there.log_file.read_text())


class Made(Case):
    def test_refused(self):
        good = {"name": "p", "accessType": "ObjectRead", "objectName": "a", "timeExpires": stamp(60)}
        for more, code in (
            ({"name": ""}, "InvalidParameter"),
            ({"name": "x" * 256}, "InvalidParameter"),
            ({"name": None}, "MissingParameter"),
            ({"accessType": "ObjectDelete"}, "InvalidParameter"),
            ({"accessType": None}, "MissingParameter"),
            ({"objectName": None}, "InvalidParameter"),
            ({"objectName": ""}, "InvalidParameter"),
            ({"objectName": "x" * 1025}, "InvalidParameter"),
            ({"timeExpires": stamp(-60)}, "InvalidParameter"),
            ({"timeExpires": "tomorrow"}, "InvalidParameter"),
            ({"timeExpires": 1893456000}, "InvalidParameter"),
            ({"timeExpires": None}, "MissingParameter"),
            ({"bucketListingAction": "ListObjects"}, "InvalidParameter"),
            ({"bucketListingAction": "List"}, "InvalidParameter"),
            ({"id": "mine"}, "InvalidParameter"),
            ({"accessUri": "/p/mine"}, "InvalidParameter"),
        ):
            with self.subTest(more=str(more)[:60]):
                self.refused(home.call("POST", f"{self.target}/p", {**good, **more}), 400, code)
        self.refused(home.call("POST", f"{self.target}/p", b"{"), 400, "CannotParseRequest")
        self.refused(home.call("POST", f"/n/{home.ns}/b/nowhere/p", good))
        self.refused(home.call("GET", f"{self.target}/p?limit=0"), 400, "InvalidParameter")
        self.refused(home.call("PUT", f"{self.target}/p", {}), 405, "MethodNotAllowed")
        self.assertEqual(home.call("GET", f"{self.target}/p").json(), [])
        self.refused(bare("GET", f"{self.target}/p"), 401, "NotAuthenticated")


class Public(Case):
    def let(self, access):
        home.call("POST", self.target, {"publicAccessType": access})

    def test_only_where_it_is_public(self):
        a, everything = home.object(self.b, "dir/a"), f"{self.target}/o"
        for access, reads, lists in (
            ("NoPublicAccess", 401, 401), ("ObjectRead", 200, 200), ("ObjectReadWithoutList", 200, 401), ("NoPublicAccess", 401, 401),
        ):
            with self.subTest(access=access):
                self.let(access)
                self.assertEqual([bare(m, a).status for m in ("GET", "HEAD")], [reads] * 2)
                self.assertEqual(bare("GET", everything).status, lists)
                for method, target in (
                    ("PUT", a), ("DELETE", a), ("GET", self.target), ("HEAD", self.target), ("GET", f"{self.target}/objectversions"),
                    ("GET", f"{self.target}/u"), ("GET", f"{self.target}/p"), ("GET", "/n"), ("GET", home.object("nowhere", "a")),
                ):
                    self.assertEqual(bare(method, target, b"x" if method == "PUT" else b"").status, 401, (method, target))
        self.assertEqual(self.content("dir/a"), b"one")

    def test_a_wrong_signature_is_refused_all_the_same(self):
        self.let("ObjectRead")
        reply = home.call("GET", home.object(self.b, "dir/a"), key=weirlocal.Key())
        self.refused(reply, 401, "NotAuthenticated")
        self.refused(bare("GET", home.object(self.b, "nothing")), 404, "ObjectNotFound")
        self.assertEqual(bare("GET", home.object(self.b, "dir/a")).body, b"one")


if __name__ == "__main__":
    weirlocal.main()
