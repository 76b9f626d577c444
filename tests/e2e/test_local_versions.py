#!/usr/bin/env python3
"""Versions of objects in weir-local: a random history beside a model of it, and what is refused."""
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from weirlocal import quote

home = None
STEPS = int(os.environ.get("WEIR_TEST_STEPS", "400"))
SEED = int(os.environ.get("WEIR_TEST_SEED", "1"))


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


class Model:
    """What a bucket shall hold: of each name its versions, the newest first, as [version, content]; None is a delete
    marker. latest: names whose first version can be read."""

    def __init__(self):
        self.versioned = False
        self.names, self.latest = {}, set()

    def put(self, name, version, content):
        kept = self.names.get(name, [])
        if name in self.latest and not self.versioned:
            kept = kept[1:]
        self.names[name] = [[version, content], *kept]
        self.latest.add(name)

    def delete(self, name, marker):
        if not self.versioned:
            self.names[name] = self.names[name][1:]
        else:
            self.names[name] = [[marker, None], *self.names.get(name, [])]
        self.latest.discard(name)

    def delete_version(self, name, version):
        kept = self.names[name]
        first = kept[0][0] == version and (name in self.latest or kept[0][1] is None)
        self.names[name] = [v for v in kept if v[0] != version]
        if first:
            left = self.names[name]
            (self.latest.add if left and left[0][1] is not None else self.latest.discard)(name)

    def listed(self):
        return [(name, v, c is None) for name in sorted(self.names) for v, c in self.names[name]]


class History(unittest.TestCase):
    """Puts, deletes, renames, with the bucket's versioning on and off, and kill -9 between them."""

    def setUp(self):
        self.random = random.Random(SEED)
        self.model = Model()
        home.bucket("history")

    def call(self, method, target, body=b"", status=200):
        reply = home.call(method, target, body)
        self.assertEqual(reply.status, status, reply)
        return reply

    def put(self):
        name, content = self.random.choice("abcd"), b"%d" % self.random.randrange(5)
        reply = self.call("PUT", home.object("history", name), content)
        self.model.put(name, reply.field("version-id"), content)

    def delete(self):
        name = self.random.choice("abcd")
        there = name in self.model.latest or self.model.versioned
        reply = self.call("DELETE", home.object("history", name), status=204 if there else 404)
        if there:
            self.model.delete(name, reply.field("version-id"))

    def delete_version(self):
        versions = [(name, v[0]) for name, kept in self.model.names.items() for v in kept]
        if versions:
            name, version = self.random.choice(versions)
            self.call("DELETE", f"{home.object('history', name)}?versionId={version}", status=204)
            self.model.delete_version(name, version)

    def rename(self):
        old, new = self.random.sample("abcd", 2)
        body = {"sourceName": old, "newName": new}
        there = old in self.model.latest
        reply = self.call("POST", f"/n/{home.ns}/b/history/actions/renameObject", body, 200 if there else 404)
        if there:
            content = self.model.names[old][0][1]
            marker = self.listed(f"&prefix={old}")[0][1] if self.model.versioned else None
            self.model.delete(old, marker)
            self.model.put(new, reply.field("version-id"), content)

    def switch(self):
        """Enabled, then suspended, then enabled again."""
        self.model.versioned = not self.model.versioned
        state = "Enabled" if self.model.versioned else "Suspended"
        self.call("POST", f"/n/{home.ns}/b/history", {"versioning": state})

    def kill(self):
        home.kill9()
        home.start()

    def listed(self, query=""):
        items, page = [], ""
        while page is not None:
            more = f"&page={quote(page)}" if page else ""
            reply = self.call("GET", f"/n/{home.ns}/b/history/objectversions?limit=7{query}{more}")
            items += [(i["name"], i["versionId"], i["isDeleteMarker"]) for i in reply.json()["items"]]
            page = reply.field("opc-next-page")
        return items

    def check(self):
        self.assertEqual(self.listed(), self.model.listed())
        names = [o["name"] for o in self.call("GET", f"/n/{home.ns}/b/history/o").json()["objects"]]
        self.assertEqual(names, sorted(self.model.latest))

    def check_contents(self):
        for name, kept in self.model.names.items():
            for version, content in kept:
                reply = home.call("GET", f"{home.object('history', name)}?versionId={version}")
                expected = (404, None) if content is None else (200, content)
                self.assertEqual((reply.status, reply.body if content is not None else None), expected)
            reply = home.call("GET", home.object("history", name))
            self.assertEqual(reply.status, 200 if name in self.model.latest else 404)
            if name in self.model.latest:
                self.assertEqual(reply.body, kept[0][1])

    def contents(self):
        """Files of content there are, when the service has ended."""
        return sum(1 for p in (home.path / "objects").rglob("*") if p.is_file())

    def test_against_a_model(self):
        steps = [self.put] * 8 + [self.delete] * 4 + [self.delete_version] * 4 + [self.rename] * 2 + [self.switch]
        for i in range(STEPS):
            step = self.random.choice(steps)
            with self.subTest(seed=SEED, step=i, what=step.__name__):
                step()
                self.check()
            if i % 100 == 99:
                self.kill()
                self.check()
                self.check_contents()
        home.stop()
        home.start()
        kept = {c for versions in self.model.names.values() for _, c in versions if c is not None}
        self.assertEqual(self.contents(), len(kept), "content that no version has is gone, the rest is there")
        self.empty()

    def empty(self):
        for name, kept in self.model.names.items():
            for version, _ in kept:
                self.call("DELETE", f"{home.object('history', name)}?versionId={version}", status=204)
        self.assertEqual(self.listed(), [])
        self.call("DELETE", f"/n/{home.ns}/b/history", status=204)


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home.bucket("r")
        cls.bucket = f"/n/{home.ns}/b/r"
        home.call("PUT", home.object("r", "a"), b"one")

    def refused(self, status, code, method, target, body=b""):
        reply = home.call(method, target, body)
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        return reply.json()["message"]

    def test_bucket_details(self):
        for body, part in (
            ({"versioning": "Disabled ", }, "versioning"),
            ({"versioning": "enabled"}, "versioning"),
            ({"versioning": True}, "versioning"),
            ({"versioning": "Suspended"}, "only where it is enabled"),
            ({"publicAccessType": "Everything"}, "publicAccessType"),
            ({"storageTier": "Archive"}, "storageTier"),
            ({"metadata": ["k"]}, "metadata"),
            ({"metadata": {"k": "x" * 4097}}, "4096"),
            ({"colour": "red"}, "colour"),
            ({"id": "ocid1.bucket.oc1..x"}, "id"),
            ({"namespace": "other"}, "namespace"),
            ([], ""),
        ):
            with self.subTest(body=str(body)[:60]):
                self.assertIn(part, self.refused(400, "InvalidParameter", "POST", self.bucket, body))
        self.refused(400, "CannotParseRequest", "POST", self.bucket, b"{")
        self.refused(400, "InvalidBucketName", "POST", self.bucket, {"name": "a/b"})
        self.refused(404, "BucketNotFound", "POST", f"/n/{home.ns}/b/nowhere", {"metadata": {}})
        make = {"name": "x", "compartmentId": home.tenancy, "versioning": "Suspended"}
        self.refused(400, "InvalidParameter", "POST", f"/n/{home.ns}/b", make)
        self.assertEqual(home.call("GET", self.bucket).json()["versioning"], "Disabled")

    def test_versioning_does_not_go_back(self):
        home.bucket("forth")
        target = f"/n/{home.ns}/b/forth"
        for state in ("Enabled", "Suspended", "Suspended", "Enabled"):
            self.assertEqual(home.call("POST", target, {"versioning": state}).json()["versioning"], state)
            self.refused(400, "InvalidParameter", "POST", target, {"versioning": "Disabled"})

    def test_queries(self):
        for query in (
            "limit=0", "limit=-1", "limit=x", "fields=name,colour", "delimiter=.", "page=!", "page=" + quote("YQ=="),
            "page=" + quote("YQp4"),
        ):
            with self.subTest(query=query):
                self.refused(400, "InvalidParameter", "GET", f"{self.bucket}/objectversions?{query}")
        self.refused(400, "InvalidParameter", "GET", f"{self.bucket}?fields=colour")
        self.refused(400, "InvalidParameter", "GET", f"/n/{home.ns}/b?compartmentId={home.tenancy}&fields=x")

    def test_routes(self):
        self.assertEqual(home.call("POST", f"{self.bucket}/objectversions", {}).status, 405)
        self.assertEqual(home.call("GET", f"/n/other/b/r/objectversions").code, "NamespaceNotFound")


if __name__ == "__main__":
    weirlocal.main()
