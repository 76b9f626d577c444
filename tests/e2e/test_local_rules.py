#!/usr/bin/env python3
"""What weir-local refuses of batch deletions, retention rules, lifecycle policies, tiers and namespace metadata; and a
retention rule that is locked."""
import datetime
import email.utils
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    home.bucket("b")
    home.call("PUT", home.object("b", "a"), b"one")


class Refused(unittest.TestCase):
    def setUp(self):
        self.bucket = f"/n/{home.ns}/b/b"

    def tearDown(self):
        """Nothing has changed, and the service goes on."""
        self.assertEqual(home.call("GET", home.object("b", "a")).body, b"one")
        self.assertEqual(home.call("GET", f"{self.bucket}/l").status, 404)
        self.assertEqual(home.call("GET", f"{self.bucket}/retentionRules").json(), {"items": []})

    def each(self, method, target, *cases):
        for body, code, part in (*cases, (b"{", "CannotParseRequest", "JSON"), ([], "InvalidParameter", "")):
            with self.subTest(target=target, body=str(body)[:70]):
                reply = home.call(method, target, body)
                self.assertEqual((reply.status, reply.code), (400, code), reply)
                self.assertIn(part, reply.json()["message"])
        gone = home.call(method, target.replace("/b/b/", "/b/nowhere/"), {})
        self.assertEqual((gone.status, gone.code), (404, "BucketNotFound"))

    def test_batch_delete(self):
        self.each(
            "POST", f"{self.bucket}/actions/batchDeleteObjects",
            ({}, "MissingParameter", "objects"),
            ({"objects": []}, "InvalidParameter", "1 to 1000"),
            ({"objects": "a"}, "InvalidParameter", "1 to 1000"),
            ({"objects": ["a"]}, "InvalidParameter", ""),
            ({"objects": [{"objectName": "a"}, {}]}, "MissingParameter", "objectName"),
            ({"objects": [{"objectName": "a"}, {"objectName": "x\ny"}]}, "InvalidParameter", "objectName"),
            ({"objects": [{"objectName": "a", "versionId": "x"}]}, "InvalidParameter", "versionId"),
            ({"objects": [{"objectName": "a"}], "isSkipDeletedResult": "no"}, "InvalidParameter", "isSkipDeletedResult"),
            ({"objects": [{"objectName": "a"}], "force": True}, "InvalidParameter", "force"),
        )

    def test_retention_rules(self):
        self.each(
            "POST", f"{self.bucket}/retentionRules",
            ({"duration": {}}, "MissingParameter", "timeAmount"),
            ({"duration": {"timeAmount": 0, "timeUnit": "DAYS"}}, "InvalidParameter", "timeAmount"),
            ({"duration": {"timeAmount": 10**9, "timeUnit": "YEARS"}}, "InvalidParameter", "timeAmount"),
            ({"duration": {"timeAmount": "1", "timeUnit": "DAYS"}}, "InvalidParameter", "timeAmount"),
            ({"duration": {"timeAmount": 1, "timeUnit": "HOURS"}}, "InvalidParameter", "timeUnit"),
            ({"displayName": "x" * 256}, "InvalidParameter", "displayName"),
            ({"timeRuleLocked": "2099-01-01T00:00:00Z"}, "InvalidParameter", "duration"),
            ({"timeRuleLocked": "soon"}, "InvalidParameter", "timeRuleLocked"),
            ({"etag": "mine"}, "InvalidParameter", "etag"),
            ({"colour": "red"}, "InvalidParameter", "colour"),
        )
        reply = home.call("GET", f"{self.bucket}/retentionRules?page=!")
        self.assertEqual((reply.status, reply.code), (400, "InvalidParameter"))

    def test_lifecycle_policy(self):
        good = {"name": "r", "action": "DELETE", "timeAmount": 1, "timeUnit": "DAYS", "isEnabled": True}
        self.each(
            "PUT", f"{self.bucket}/l",
            ({"items": {}}, "InvalidParameter", "items"),
            ({"items": ["r"]}, "InvalidParameter", ""),
            ({"rules": []}, "InvalidParameter", "items"),
            ({"items": [{**good, "name": None}]}, "MissingParameter", "name"),
            ({"items": [good, good]}, "InvalidParameter", "two of that name"),
            ({"items": [{**good, "action": "BURN"}]}, "InvalidParameter", "action"),
            ({"items": [{**good, "action": "ABORT"}]}, "InvalidParameter", "multipart-uploads"),
            ({"items": [{**good, "target": "multipart-uploads"}]}, "InvalidParameter", "ABORT"),
            ({"items": [{**good, "target": "buckets"}]}, "InvalidParameter", "target"),
            ({"items": [{**good, "timeAmount": -1}]}, "InvalidParameter", "timeAmount"),
            ({"items": [{**good, "timeUnit": "WEEKS"}]}, "InvalidParameter", "timeUnit"),
            ({"items": [{**good, "isEnabled": None}]}, "MissingParameter", "isEnabled"),
            ({"items": [{**good, "objectNameFilter": {"prefix": "x"}}]}, "InvalidParameter", "prefix"),
            ({"items": [{**good, "name": str(i)} for i in range(1001)]}, "InvalidParameter", "1000"),
        )

    def test_tiers(self):
        for body in ({"objectName": "a"}, {"objectName": "a", "storageTier": "Cold"}, {"objectName": "a", "hours": 1}):
            reply = home.call("POST", f"{self.bucket}/actions/updateObjectStorageTier", body)
            self.assertEqual(reply.status, 400, reply)
        for body in ({}, {"objectName": "a", "hours": 241}, {"objectName": "a", "hours": "1"}, {"objectName": "a", "storageTier": "Standard"}):
            reply = home.call("POST", f"{self.bucket}/actions/restoreObjects", body)
            self.assertEqual(reply.status, 400, reply)

    def test_namespace(self):
        target = f"/n/{home.ns}"
        for body in ({"namespace": "x"}, {"defaultS3CompartmentId": 1}, [], {"colour": "red"}):
            reply = home.call("PUT", target, body)
            self.assertEqual((reply.status, reply.code), (400, "InvalidParameter"), reply)
        self.assertEqual(home.call("PUT", "/n/other", {}).code, "NamespaceNotFound")

    def test_not_had(self):
        """What weir-local does not have, named in docs/local-service.md."""
        for method, target in (
            ("POST", f"{self.bucket}/replicationPolicies"), ("GET", f"{self.bucket}/replicationSources"),
            ("POST", f"{self.bucket}/actions/makeBucketWritable"), ("POST", f"{self.bucket}/actions/reencrypt"),
            ("GET", f"/n/{home.ns}/pe"), ("POST", f"/n/{home.ns}/pe"),
        ):
            reply = home.call(method, target, {} if method == "POST" else b"")
            self.assertEqual((reply.status, reply.code), (404, "NotFound"), (method, target, reply))


class Locked(unittest.TestCase):
    def test_only_longer(self):
        """A rule whose lock has come: the service's clock is set a month on."""
        with weirlocal.Home() as there:
            there.bucket("b")
            kept = there.object("b", "a")
            there.call("PUT", kept, b"one")
            rules = f"/n/{there.ns}/b/b/retentionRules"
            body = {"displayName": "r", "duration": {"timeAmount": 40, "timeUnit": "DAYS"}}
            lock = there.call("GET", rules).field("date")
            self.assertTrue(lock)
            when = email.utils.parsedate_to_datetime(lock) + datetime.timedelta(days=15)
            made = there.call("POST", rules, {**body, "timeRuleLocked": when.strftime("%Y-%m-%dT%H:%M:%SZ")}).json()
            rule = f"{rules}/{made['id']}"
            self.assertEqual(there.call("PUT", rule, {"displayName": "still open"}).status, 200)
            there.stop()
            month = 30 * 24 * 3600
            there.env["WEIR_LOCAL_CLOCK_OFFSET_MS"] = str(month * 1000)
            there.start()
            now = email.utils.parsedate_to_datetime(lock).timestamp() + month

            def call(method, target, body=b""):
                return there.call(method, target, body, date=now)

            for change in ({"displayName": "x"}, {"duration": {"timeAmount": 39, "timeUnit": "DAYS"}}):
                self.assertEqual(call("PUT", rule, change).code, "Conflict")
            self.assertEqual(call("DELETE", rule).code, "Conflict")
            self.assertEqual(call("DELETE", kept).code, "Conflict")
            longer = call("PUT", rule, {"duration": {"timeAmount": 1, "timeUnit": "YEARS"}})
            self.assertEqual((longer.status, longer.json()["duration"]["timeUnit"]), (200, "YEARS"), longer)


if __name__ == "__main__":
    weirlocal.main()
