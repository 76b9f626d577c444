#!/usr/bin/env python3
"""Copies in weir-local that are slow: cancelled, overtaken by other changes, and killed. And what is refused."""
import os
import random
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

ENDED = ("COMPLETED", "FAILED", "CANCELED")
home = None


def start(pause_ms):
    global home
    home = weirlocal.Home(env={"WEIR_LOCAL_COPY_MS": str(pause_ms)})
    home.start()
    home.bucket("b")
    home.call("PUT", home.object("b", "a"), b"one")
    return home


def details(source="a", target="copy", **more):
    return {
        "sourceObjectName": source, "destinationRegion": home.region, "destinationNamespace": home.ns,
        "destinationBucket": "b", "destinationObjectName": target, **more,
    }


def copy(*args, **more):
    return home.call("POST", f"/n/{home.ns}/b/b/actions/copyObject", details(*args, **more))


def state(request):
    return home.call("GET", f"/workRequests/{request}").json()["status"]


def wait(request, states=ENDED):
    for _ in range(3000):
        if (now := state(request)) in states:
            return now
        time.sleep(0.01)
    raise RuntimeError(f"{request} is {now}")


def content(name):
    reply = home.call("GET", home.object("b", name))
    return reply.body if reply.status == 200 else reply.code


class Slow(unittest.TestCase):
    """Half a second before a copy begins, and before it ends."""

    def setUp(self):
        self.addCleanup(start(500).__exit__)

    def accepted(self, *args, **more):
        reply = copy(*args, **more)
        self.assertEqual(reply.status, 202, reply)
        return reply.field("opc-work-request-id")

    def cancel(self, request):
        return home.call("DELETE", f"/workRequests/{request}").status

    def error(self, request):
        return [e["code"] for e in home.call("GET", f"/workRequests/{request}/errors").json()]

    def test_states_and_cancel(self):
        one = self.accepted()
        self.assertEqual((state(one), content("copy")), ("ACCEPTED", "ObjectNotFound"))
        self.assertEqual(wait(one, ("IN_PROGRESS", *ENDED)), "IN_PROGRESS")
        self.assertEqual(home.call("GET", f"/workRequests/{one}").field("retry-after"), "1")
        self.assertEqual(content("copy"), "ObjectNotFound")
        self.assertEqual(self.cancel(one), 202)
        self.assertEqual(state(one), "CANCELING")
        self.assertEqual(self.cancel(one), 202)
        self.assertEqual(wait(one), "CANCELED")
        self.assertEqual(self.cancel(one), 409)
        two = self.accepted()
        self.assertEqual((self.cancel(two), state(two)), (202, "CANCELED"))
        three = self.accepted(target="third")
        self.assertEqual((wait(three), content("third"), content("copy")), ("COMPLETED", b"one", "ObjectNotFound"))

    def test_the_source_changes_meanwhile(self):
        home.call("PUT", home.object("b", "deleted"), b"x")
        home.call("PUT", home.object("b", "renamed"), b"x")
        requests = {name: self.accepted(name, f"copy of {name}") for name in ("a", "deleted", "renamed")}
        home.call("PUT", home.object("b", "a"), b"two")
        home.call("DELETE", home.object("b", "deleted"))
        home.call("POST", f"/n/{home.ns}/b/b/actions/renameObject", {"sourceName": "renamed", "newName": "new"})
        for name, code in (("a", "IfMatchFailed"), ("deleted", "ObjectNotFound"), ("renamed", "ObjectNotFound")):
            self.assertEqual(wait(requests[name]), "FAILED")
            self.assertEqual(self.error(requests[name]), [code])
            self.assertEqual(content(f"copy of {name}"), "ObjectNotFound")

    def test_the_destination_changes_meanwhile(self):
        one = self.accepted(destinationObjectIfNoneMatchETag="*")
        home.bucket("gone")
        two = self.accepted(target="second", destinationBucket="gone")
        home.call("DELETE", f"/n/{home.ns}/b/gone")
        home.call("PUT", home.object("b", "copy"), b"mine")
        self.assertEqual((wait(one), self.error(one), content("copy")), ("FAILED", ["IfNoneMatchFailed"], b"mine"))
        self.assertEqual((wait(two), self.error(two)), ("FAILED", ["BucketNotFound"]))

    def test_ended_by_sigterm(self):
        request = self.accepted()
        self.assertEqual(home.stop(), 0)
        home.start()
        self.assertEqual((wait(request), content("copy")), ("COMPLETED", b"one"))


class Killed(unittest.TestCase):
    """What was accepted is carried out after kill -9, whole or not at all; what was not is not half there."""

    KILLS = int(os.environ.get("WEIR_TEST_KILLS", "8"))

    def test_killed(self):
        self.addCleanup(start(5).__exit__)
        chance = random.Random(1)
        requests = {}
        for i in range(self.KILLS):
            for j in range(chance.randrange(1, 12)):
                target = f"{i}-{j}"
                more = {"destinationObjectIfNoneMatchETag": "*"} if chance.random() < 0.2 else {}
                target = "a" if more else target
                reply = copy(target=target, **more)
                self.assertEqual(reply.status, 202)
                requests[reply.field("opc-work-request-id")] = (target, "FAILED" if more else "COMPLETED")
            time.sleep(chance.random() * 0.03)
            home.kill9()
            home.start()
        for request, (target, end) in requests.items():
            self.assertEqual(wait(request), end)
            self.assertEqual(content(target), b"one")
        listed = home.call("GET", f"/workRequests?compartmentId={home.tenancy}").json()
        self.assertEqual({w["id"] for w in listed}, set(requests))


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(start(0).__exit__)

    def refused(self, status, code, reply):
        self.assertEqual((reply.status, reply.code), (status, code), reply)

    def test_details(self):
        for more, code in (
            ({"destinationRegion": "eu-zurich-1"}, (400, "InvalidParameter")),
            ({"destinationNamespace": "other"}, (404, "NamespaceNotFound")),
            ({"destinationBucket": "nowhere"}, (404, "BucketNotFound")),
            ({"destinationObjectName": "a\nb"}, (400, "InvalidParameter")),
            ({"destinationObjectName": "x" * 1025}, (400, "InvalidParameter")),
            ({"destinationObjectName": None}, (400, "MissingParameter")),
            ({"destinationObjectMetadata": {"k": "v"}}, (400, "InvalidParameter")),
            ({"destinationObjectMetadata": {"opc-meta-k": "a\nb"}}, (400, "InvalidParameter")),
            ({"destinationObjectMetadata": {f"opc-meta-{i}": "" for i in range(41)}}, (400, "InvalidParameter")),
            ({"destinationObjectStorageTier": "Warm"}, (400, "InvalidParameter")),
            ({"colour": "red"}, (400, "InvalidParameter")),
            ({"foundEtag": "x"}, (400, "InvalidParameter")),
            ({"sourceBucket": "c"}, (400, "InvalidParameter")),
        ):
            with self.subTest(more=str(more)[:70]):
                self.refused(*code, copy(**more))
        target = f"/n/{home.ns}/b/b/actions/copyObject"
        self.refused(400, "CannotParseRequest", home.call("POST", target, b"{"))
        self.refused(400, "MissingParameter", home.call("POST", target, {}))
        self.refused(404, "BucketNotFound", home.call("POST", f"/n/{home.ns}/b/c/actions/copyObject", details()))
        for header in ("opc-sse-customer-key", "opc-source-sse-customer-key", "opc-sse-kms-key-id"):
            reply = home.call("POST", target, details(), fields=[(header, "x")])
            self.refused(400, "InvalidParameter", reply)
        listed = home.call("GET", f"/workRequests?compartmentId={home.tenancy}").json()
        self.assertEqual(listed, [])

    def test_work_requests(self):
        get = lambda target: home.call("GET", target)
        self.refused(400, "MissingParameter", get("/workRequests"))
        self.refused(400, "InvalidParameter", get(f"/workRequests?compartmentId={home.tenancy}&limit=x"))
        self.refused(400, "InvalidParameter", get(f"/workRequests?compartmentId={home.tenancy}&page=eA=="))
        request = copy().field("opc-work-request-id")
        wait(request)
        for page in ("LTE=", "eA==", "!"):
            self.refused(400, "InvalidParameter", get(f"/workRequests/{request}/logs?page={page}"))
        far = get(f"/workRequests/{request}/logs?page=OTIyMzM3MjAzNjg1NDc3NTgwNw==")
        self.assertEqual((far.status, far.json()), (200, []))
        self.refused(404, "NotFound", get(f"/workRequests/{request}/colours"))
        self.refused(405, "MethodNotAllowed", home.call("PUT", f"/workRequests/{request}"))


if __name__ == "__main__":
    weirlocal.main()
