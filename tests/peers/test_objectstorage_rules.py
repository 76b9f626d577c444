#!/usr/bin/env python3
"""Batch deletion, retention rules, lifecycle policies and namespace metadata in weir-local, by Oracle's Python SDK."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import oci
import storagesdk
from storagesdk import models


def setUpModule():
    storagesdk.start()


class BatchDelete(storagesdk.Case):
    def delete(self, *names, skip=None, **etags):
        objects = [models.BatchDeleteObjectIdentifier(object_name=n, if_match=etags.get(n)) for n in names]
        details = models.BatchDeleteObjectsDetails(objects=objects, is_skip_deleted_result=skip)
        return self.client.batch_delete_objects(self.ns, self.b, details).data

    def test_some_are_there(self):
        for name in ("a", "b", "c", "dir/d"):
            self.put(name, b"x")
        got = self.delete("a", "dir/d", "nothing", "b", b="another etag")
        self.assertEqual([d.object_name for d in got.deleted], ["a", "dir/d"])
        self.assertIsNotNone(got.deleted[0].time_last_modified)
        self.assertEqual([(f.object_name, f.status_code) for f in got.failed], [("nothing", 404), ("b", 412)])
        self.assertIn("does not exist", got.failed[0].error_message)
        self.assertEqual(self.names(), ["b", "c"])
        got = self.delete("b", "b", skip=True)
        self.assertEqual((got.deleted, [f.status_code for f in got.failed]), ([], [404]))
        self.assertEqual(self.names(), ["c"])

    def test_a_thousand(self):
        names = [f"{i:04}" for i in range(1000)]
        for name in names[:20]:
            self.put(name, b"x")
        got = self.delete(*names)
        self.assertEqual((len(got.deleted), len(got.failed), self.names()), (20, 980, []))
        self.refused(400, "InvalidParameter", self.delete, *names, "one more")
        self.refused(400, "InvalidParameter", self.delete)


class VersionedBatchDelete(BatchDelete):
    bucket = {"versioning": "Enabled"}
    test_some_are_there = test_a_thousand = None

    def test_markers(self):
        self.put("a", b"x")
        self.assertEqual(len(self.delete("a", "b").deleted), 2)
        versions = self.client.list_object_versions(self.ns, self.b).data.items
        self.assertEqual([(v.name, v.is_delete_marker) for v in versions], [("a", True), ("a", False), ("b", True)])


class Retention(storagesdk.Case):
    def create(self, amount=None, unit="DAYS", **more):
        duration = models.Duration(time_amount=amount, time_unit=unit) if amount else None
        details = models.CreateRetentionRuleDetails(duration=duration, **more)
        return self.client.create_retention_rule(self.ns, self.b, details)

    def update(self, rule, if_match=None, **details):
        more = {"if_match": if_match} if if_match else {}
        details = models.UpdateRetentionRuleDetails(**details)
        return self.client.update_retention_rule(self.ns, self.b, rule, details, **more)

    def test_objects_stay(self):
        self.put("a", b"one")
        made = self.create(1, display_name="a day")
        self.assertEqual(made.headers["etag"], made.data.etag)
        self.refused(409, "Conflict", self.put, "a", b"two")
        self.refused(409, "Conflict", self.client.delete_object, self.ns, self.b, "a")
        rename = models.RenameObjectDetails(source_name="a", new_name="b")
        self.refused(409, "Conflict", self.client.rename_object, self.ns, self.b, rename)
        batch = models.BatchDeleteObjectsDetails(objects=[models.BatchDeleteObjectIdentifier(object_name="a")])
        self.assertEqual(self.client.batch_delete_objects(self.ns, self.b, batch).data.failed[0].status_code, 409)
        self.put("b", b"new ones come")
        self.assertEqual(self.content("a"), b"one")
        self.client.delete_retention_rule(self.ns, self.b, made.data.id)
        self.put("a", b"two")
        self.client.delete_object(self.ns, self.b, "a")

    def test_a_copy_over_one_fails(self):
        self.put("a", b"one")
        self.put("b", b"two")
        self.create()
        details = models.CopyObjectDetails(
            source_object_name="a", destination_region=self.home.region, destination_namespace=self.ns,
            destination_bucket=self.b, destination_object_name="b",
        )
        request = self.client.copy_object(self.ns, self.b, details).headers["opc-work-request-id"]
        done = oci.wait_until(
            self.client, self.client.get_work_request(request), max_interval_seconds=1,
            evaluate_response=lambda r: r.data.time_finished is not None,
        )
        self.assertEqual((done.data.status, self.content("b")), ("FAILED", b"two"))

    def test_told_and_changed(self):
        one, two = self.create(2, "YEARS", display_name="two years").data, self.create().data
        self.assertEqual((one.duration.time_amount, one.duration.time_unit, two.duration), (2, "YEARS", None))
        listed = self.client.list_retention_rules(self.ns, self.b).data.items
        self.assertEqual({r.id for r in listed}, {one.id, two.id})
        got = self.client.get_retention_rule(self.ns, self.b, one.id)
        self.assertEqual((got.data, got.headers["etag"]), (one, one.etag))
        changed = self.update(one.id, display_name="less", duration=models.Duration(time_amount=1, time_unit="DAYS"), if_match=one.etag).data
        self.assertEqual((changed.display_name, changed.duration.time_amount, changed.time_created), ("less", 1, one.time_created))
        self.refused(412, "IfMatchFailed", self.update, one.id, display_name="x", if_match=one.etag)
        self.refused(412, "IfMatchFailed", self.client.delete_retention_rule, self.ns, self.b, one.id, if_match=one.etag)
        self.client.delete_retention_rule(self.ns, self.b, one.id, if_match=changed.etag)
        for call in (self.client.get_retention_rule, self.client.delete_retention_rule):
            self.refused(404, "NotAuthorizedOrNotFound", call, self.ns, self.b, one.id)
        self.refused(404, "NotAuthorizedOrNotFound", self.update, one.id, display_name="x")

    def test_locks(self):
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=13)
        self.refused(400, "InvalidParameter", self.create, 1, time_rule_locked=soon)
        self.refused(400, "InvalidParameter", self.create, time_rule_locked=later)
        rule = self.create(1, time_rule_locked=later).data
        self.assertEqual(rule.time_rule_locked.date(), later.date())
        self.client.delete_retention_rule(self.ns, self.b, rule.id)

    def test_not_with_versioning(self):
        rule = self.create(1).data
        enable = models.UpdateBucketDetails(versioning="Enabled")
        self.refused(409, "Conflict", self.client.update_bucket, self.ns, self.b, enable)
        self.client.delete_retention_rule(self.ns, self.b, rule.id)
        self.client.update_bucket(self.ns, self.b, enable)
        self.refused(409, "Conflict", self.create, 1)

    def test_goes_with_its_bucket(self):
        self.create()
        self.client.delete_bucket(self.ns, self.b)
        self.client.create_bucket(self.ns, storagesdk.bucket_details(self.b))
        self.assertEqual(self.client.list_retention_rules(self.ns, self.b).data.items, [])


class Lifecycle(storagesdk.Case):
    def rule(self, name="r", **more):
        more = {"action": "ARCHIVE", "time_amount": 30, "time_unit": "DAYS", "is_enabled": True, **more}
        return models.ObjectLifecycleRule(name=name, **more)

    def policy(self, *rules, **more):
        details = models.PutObjectLifecyclePolicyDetails(items=list(rules))
        return self.client.put_object_lifecycle_policy(self.ns, self.b, details, **more)

    def test_put_get_delete(self):
        self.refused(404, "LifecyclePolicyNotFound", self.client.get_object_lifecycle_policy, self.ns, self.b)
        names = models.ObjectNameFilter(inclusion_prefixes=["logs/"], exclusion_patterns=["*.keep"])
        made = self.policy(
            self.rule(object_name_filter=names), self.rule("parts", action="ABORT", target="multipart-uploads")
        )
        got = self.client.get_object_lifecycle_policy(self.ns, self.b)
        self.assertEqual((got.data, got.headers["etag"]), (made.data, made.headers["etag"]))
        self.assertEqual([(r.name, r.target) for r in got.data.items], [("r", "objects"), ("parts", "multipart-uploads")])
        self.assertEqual(got.data.items[0].object_name_filter.inclusion_prefixes, ["logs/"])
        bucket = self.client.get_bucket(self.ns, self.b).data
        self.assertEqual(bucket.object_lifecycle_policy_etag, made.headers["etag"])
        self.refused(412, "IfNoneMatchFailed", self.policy, if_none_match="*")
        self.refused(412, "IfMatchFailed", self.policy, if_match="another")
        again = self.policy(self.rule("s"), if_match=made.headers["etag"])
        self.refused(412, "IfMatchFailed", self.client.delete_object_lifecycle_policy, self.ns, self.b, if_match=made.headers["etag"])
        self.client.delete_object_lifecycle_policy(self.ns, self.b, if_match=again.headers["etag"])
        self.refused(404, "LifecyclePolicyNotFound", self.client.delete_object_lifecycle_policy, self.ns, self.b)
        self.assertIsNone(self.client.get_bucket(self.ns, self.b).data.object_lifecycle_policy_etag)

    def test_empty(self):
        self.assertEqual(self.policy().data.items, [])
        self.client.delete_bucket(self.ns, self.b)


class Namespace(storagesdk.Case):
    def test_metadata(self):
        got = self.client.get_namespace_metadata(self.ns).data
        self.assertEqual((got.default_s3_compartment_id, got.default_swift_compartment_id), (self.home.tenancy,) * 2)
        dev = self.home.state()["compartments"]["dev"]
        details = models.UpdateNamespaceMetadataDetails(default_s3_compartment_id=dev)
        changed = self.client.update_namespace_metadata(self.ns, details).data
        self.assertEqual((changed.default_s3_compartment_id, changed.default_swift_compartment_id), (dev, self.home.tenancy))
        self.assertEqual(self.client.get_namespace_metadata(self.ns).data, changed)
        details = models.UpdateNamespaceMetadataDetails(default_swift_compartment_id="ocid1.compartment.oc1..none")
        self.refused(404, "NotAuthorizedOrNotFound", self.client.update_namespace_metadata, self.ns, details)


if __name__ == "__main__":
    weirlocal.main()
