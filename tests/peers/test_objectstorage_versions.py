#!/usr/bin/env python3
"""Versions of objects and updates of buckets in weir-local's Object Storage, by Oracle's Python SDK."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import oci
import storagesdk
from storagesdk import bucket_details, models


def setUpModule():
    storagesdk.start()


class Case(storagesdk.Case):
    def update(self, bucket=None, if_match=None, **details):
        more = {"if_match": if_match} if if_match else {}
        details = models.UpdateBucketDetails(**details)
        return self.client.update_bucket(self.ns, bucket or self.b, details, **more)

    def versions(self, **more):
        return oci.pagination.list_call_get_all_results(
            self.client.list_object_versions, self.ns, self.b, **more
        ).data

    def delete(self, name, **more):
        return self.client.delete_object(self.ns, self.b, name, **more)


class Versioned(Case):
    bucket = {"versioning": "Enabled"}

    def test_overwritten_objects_stay(self):
        first = self.put("a", b"one").headers
        second = self.put("a", b"two").headers
        self.assertNotEqual(first["version-id"], second["version-id"])
        self.assertEqual(self.content("a"), b"two")
        for version, data in ((first, b"one"), (second, b"two")):
            got = self.get("a", version_id=version["version-id"])
            self.assertEqual(got.data.content, data)
            self.assertEqual((got.headers["version-id"], got.headers["etag"]), (version["version-id"], version["etag"]))
            head = self.client.head_object(self.ns, self.b, "a", version_id=version["version-id"])
            self.assertEqual(head.headers["etag"], version["etag"])
        self.assertEqual(self.client.head_object(self.ns, self.b, "a").headers["version-id"], second["version-id"])
        self.assertEqual(self.names(), ["a"])

    def test_delete_marker(self):
        kept = self.put("a", b"one").headers["version-id"]
        gone = self.delete("a")
        self.assertEqual((gone.status, gone.headers["is-delete-marker"]), (204, "true"))
        marker = gone.headers["version-id"]
        self.refused(404, "ObjectNotFound", self.get, "a")
        self.refused(404, "ObjectNotFound", self.get, "a", version_id=marker)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.content("a", version_id=kept), b"one")
        self.assertEqual([(v.version_id, v.is_delete_marker) for v in self.versions()], [(marker, True), (kept, False)])
        removed = self.delete("a", version_id=marker)
        self.assertEqual((removed.headers["is-delete-marker"], removed.headers["version-id"]), ("true", marker))
        self.assertEqual(self.content("a"), b"one")
        self.assertEqual([v.version_id for v in self.versions()], [kept])

    def test_put_over_a_delete_marker(self):
        self.put("a", b"one")
        marker = self.delete("a").headers["version-id"]
        self.put("a", b"two", if_none_match="*")
        self.assertEqual(self.content("a"), b"two")
        self.assertEqual([v.is_delete_marker for v in self.versions()], [False, True, False])
        self.delete("a", version_id=marker)
        self.assertEqual([v.is_delete_marker for v in self.versions()], [False, False])
        self.assertEqual(self.content("a"), b"two")

    def test_the_latest_version_deleted_for_good(self):
        one, two = (self.put("a", data).headers["version-id"] for data in (b"one", b"two"))
        done = self.delete("a", version_id=two)
        self.assertEqual(done.headers["version-id"], two)
        self.assertNotIn("is-delete-marker", done.headers)
        self.assertEqual(self.content("a"), b"one")
        self.delete("a", version_id=one)
        self.assertEqual(self.versions(), [])
        self.refused(404, "ObjectVersionNotFound", self.delete, "a", version_id=one)

    def test_no_such_version(self):
        version = self.put("a", b"one").headers["version-id"]
        self.put("b", b"two")
        for name, wrong in (("a", "nonsense"), ("b", version), ("c", version), ("a", "'; DROP TABLE versions")):
            self.refused(404, "ObjectVersionNotFound", self.get, name, version_id=wrong)
            self.refused(404, "ObjectVersionNotFound", self.delete, name, version_id=wrong)
        self.refused(404, "BucketNotFound", self.client.get_object, self.ns, "nowhere", "a", version_id=version)
        self.refused(404, "BucketNotFound", self.client.list_object_versions, self.ns, "nowhere")

    def test_conditions_on_versions(self):
        one = self.put("a", b"one").headers
        two = self.put("a", b"two").headers
        at = {"version_id": one["version-id"]}
        self.refused(412, "IfMatchFailed", self.get, "a", if_match=two["etag"], **at)
        self.assertEqual(self.content("a", if_match=one["etag"], **at), b"one")
        self.refused(412, "IfMatchFailed", self.delete, "a", if_match=two["etag"], **at)
        self.refused(412, "IfMatchFailed", self.delete, "a", if_match=one["etag"])
        self.delete("a", if_match=one["etag"], **at)
        self.assertEqual([v.version_id for v in self.versions()], [two["version-id"]])

    def test_rename(self):
        old = self.put("a", b"one").headers["version-id"]
        taken = self.put("b", b"two").headers["version-id"]
        details = models.RenameObjectDetails(source_name="a", new_name="b")
        new = self.client.rename_object(self.ns, self.b, details).headers["version-id"]
        self.assertEqual(self.names(), ["b"])
        self.assertEqual(self.content("b"), b"one")
        self.assertEqual(self.content("b", version_id=taken), b"two")
        self.assertEqual(self.content("a", version_id=old), b"one")
        listed = [(v.name, v.is_delete_marker) for v in self.versions()]
        self.assertEqual(listed, [("a", True), ("a", False), ("b", False), ("b", False)])
        self.assertEqual(self.versions(prefix="b")[0].version_id, new)

    def test_multipart(self):
        before = self.put("a", b"before").headers["version-id"]
        upload = self.client.create_multipart_upload(
            self.ns, self.b, models.CreateMultipartUploadDetails(object="a")
        ).data.upload_id
        etag = self.client.upload_part(self.ns, self.b, "a", upload, 1, b"after").headers["etag"]
        parts = [models.CommitMultipartUploadPartDetails(part_num=1, etag=etag)]
        done = self.client.commit_multipart_upload(
            self.ns, self.b, "a", upload, models.CommitMultipartUploadDetails(parts_to_commit=parts)
        )
        self.assertEqual(self.content("a"), b"after")
        self.assertEqual(self.content("a", version_id=before), b"before")
        self.assertEqual(self.get("a").headers["version-id"], done.headers["version-id"])

    def test_a_bucket_with_versions_is_not_empty(self):
        version = self.put("a", b"one").headers["version-id"]
        marker = self.delete("a").headers["version-id"]
        self.refused(409, "BucketNotEmpty", self.client.delete_bucket, self.ns, self.b)
        self.delete("a", version_id=version)
        self.refused(409, "BucketNotEmpty", self.client.delete_bucket, self.ns, self.b)
        self.delete("a", version_id=marker)
        self.client.delete_bucket(self.ns, self.b)

    def test_an_object_that_is_not_there_can_be_marked(self):
        self.assertEqual(self.delete("a").headers["is-delete-marker"], "true")
        self.assertEqual([v.is_delete_marker for v in self.versions()], [True])

    def test_suspended_and_enabled_again(self):
        one = self.put("a", b"one").headers["version-id"]
        self.put("a", b"two")
        self.assertEqual(self.update(versioning="Suspended").data.versioning, "Suspended")
        three = self.put("a", b"three").headers["version-id"]
        self.assertEqual([v.version_id for v in self.versions()], [three, one])
        gone = self.delete("a")
        self.assertNotIn("is-delete-marker", gone.headers)
        self.refused(404, "ObjectNotFound", self.get, "a")
        self.assertEqual([v.version_id for v in self.versions()], [one])
        self.assertEqual(self.content("a", version_id=one), b"one")
        self.refused(404, "ObjectNotFound", self.delete, "a")
        self.update(versioning="Enabled")
        four = self.put("a", b"four").headers["version-id"]
        self.put("a", b"five")
        self.assertEqual([v.version_id for v in self.versions()][1:], [four, one])


class Listing(Case):
    bucket = {"versioning": "Enabled"}

    def setUp(self):
        super().setUp()
        for name in ("a", "dir/b", "dir/c", "e", "f"):
            for i in range(3):
                self.put(name, b"%d" % i)
        self.delete("e")

    def test_order_and_fields(self):
        got = self.client.list_object_versions(self.ns, self.b, fields="name,size,etag,md5,timeCreated,storageTier")
        items = got.data.items
        self.assertEqual([v.name for v in items], ["a"] * 3 + ["dir/b"] * 3 + ["dir/c"] * 3 + ["e"] * 4 + ["f"] * 3)
        self.assertEqual([v.is_delete_marker for v in items if v.name == "e"], [True, False, False, False])
        self.assertEqual(len({v.version_id for v in items}), 16)
        first = items[0]
        self.assertEqual((first.size, first.storage_tier, first.archival_state), (1, "Standard", None))
        self.assertEqual(self.get("a", version_id=first.version_id).headers["etag"], first.etag)
        self.assertEqual([self.content("a", version_id=v.version_id) for v in items[:3]], [b"2", b"1", b"0"])
        bare = self.client.list_object_versions(self.ns, self.b).data.items[0]
        self.assertEqual((bare.size, bare.md5, bare.etag, bare.time_created), (None,) * 4)
        self.assertIsNotNone(bare.time_modified)

    def test_pages(self):
        whole = [v.version_id for v in self.client.list_object_versions(self.ns, self.b).data.items]
        for limit in (1, 2, 3, 5, 15, 16, 17):
            self.assertEqual([v.version_id for v in self.versions(limit=limit)], whole, limit)

    def test_prefix_and_bounds(self):
        def listed(**more):
            return sorted({v.name for v in self.versions(**more)})

        self.assertEqual(listed(prefix="dir/"), ["dir/b", "dir/c"])
        self.assertEqual(listed(prefix="dir/", limit=2), ["dir/b", "dir/c"])
        self.assertEqual(listed(start="dir/c"), ["dir/c", "e", "f"])
        self.assertEqual(listed(start_after="dir/c"), ["e", "f"])
        self.assertEqual(listed(end="dir/c"), ["a", "dir/b"])
        self.assertEqual(listed(start="dir/b", end="e"), ["dir/b", "dir/c"])

    def test_delimiter(self):
        got = self.client.list_object_versions(self.ns, self.b, delimiter="/").data
        self.assertEqual(got.prefixes, ["dir/"])
        self.assertEqual(sorted({v.name for v in got.items}), ["a", "e", "f"])
        page = self.client.list_object_versions(self.ns, self.b, delimiter="/", limit=4)
        self.assertEqual(([v.name for v in page.data.items], page.data.prefixes), (["a"] * 3, ["dir/"]))
        page = self.client.list_object_versions(
            self.ns, self.b, delimiter="/", limit=4, page=page.headers["opc-next-page"]
        )
        self.assertEqual([v.name for v in page.data.items], ["e"] * 4)


class Unversioned(Case):
    def test_each_object_has_one_version(self):
        one = self.put("a", b"one").headers["version-id"]
        two = self.put("a", b"two").headers["version-id"]
        self.assertEqual([v.version_id for v in self.versions()], [two])
        self.refused(404, "ObjectVersionNotFound", self.get, "a", version_id=one)
        self.assertEqual(self.content("a", version_id=two), b"two")
        self.refused(404, "ObjectNotFound", self.delete, "b")
        self.delete("a", version_id=two)
        self.assertEqual(self.versions(), [])

    def test_enabled_later(self):
        old = self.put("a", b"one").headers["version-id"]
        self.update(versioning="Enabled")
        self.put("a", b"two")
        self.assertEqual(self.content("a", version_id=old), b"one")

    def test_not_suspended_before_it_was_enabled(self):
        self.refused(400, "InvalidParameter", self.update, versioning="Suspended")


class Tiers(Case):
    def restore(self, name, **more):
        details = models.RestoreObjectsDetails(object_name=name, **more)
        return self.client.restore_objects(self.ns, self.b, details).status

    def to(self, name, tier, **more):
        details = models.UpdateObjectStorageTierDetails(object_name=name, storage_tier=tier, **more)
        return self.client.update_object_storage_tier(self.ns, self.b, details)

    def test_archived_and_restored(self):
        self.put("a", b"cold", storage_tier="Archive")
        self.refused(409, "NotRestored", self.get, "a")
        head = self.client.head_object(self.ns, self.b, "a").headers
        self.assertEqual((head["storage-tier"], head["archival-state"]), ("Archive", "Archived"))
        listed = self.client.list_objects(self.ns, self.b, fields="name,storageTier,archivalState").data.objects[0]
        self.assertEqual((listed.storage_tier, listed.archival_state), ("Archive", "Archived"))
        self.refused(409, "NotRestored", self.to, "a", "Standard")
        self.assertEqual(self.restore("a", hours=1), 202)
        self.assertEqual(self.restore("a"), 200)
        got = self.get("a")
        self.assertEqual((got.data.content, got.headers["archival-state"]), (b"cold", "Restored"))
        self.assertIn("time-of-archival", got.headers)
        self.to("a", "Standard")
        self.assertNotIn("archival-state", self.get("a").headers)

    def test_tiers_of_objects(self):
        etag = self.put("a", b"x", storage_tier="InfrequentAccess").headers["etag"]
        got = self.get("a").headers
        self.assertEqual(got["storage-tier"], "InfrequentAccess")
        self.to("a", "Standard")
        got = self.get("a").headers
        self.assertEqual((got["storage-tier"], got["etag"]), ("Standard", etag))
        self.to("a", "Archive", version_id=got["version-id"])
        self.refused(409, "NotRestored", self.get, "a")
        self.put("a", b"y")
        self.assertEqual(self.get("a").headers["storage-tier"], "Standard")

    def test_an_archive_bucket(self):
        self.client.create_bucket(self.ns, bucket_details("cold", storage_tier="Archive"))
        self.client.put_object(self.ns, "cold", "a", b"x")
        self.refused(409, "NotRestored", self.client.get_object, self.ns, "cold", "a")
        details = models.CreateMultipartUploadDetails(object="b")
        upload = self.client.create_multipart_upload(self.ns, "cold", details).data
        self.assertEqual(upload.storage_tier, "Archive")

    def test_refused(self):
        self.put("a", b"x")
        self.refused(409, "Conflict", self.restore, "a")
        self.refused(404, "ObjectNotFound", self.restore, "b")
        self.refused(404, "ObjectVersionNotFound", self.to, "a", "Standard", version_id="x")
        self.refused(400, "InvalidParameter", self.restore, "a", hours=0)
        self.refused(400, "InvalidParameter", self.put, "a", b"x", storage_tier="Glacial")
        self.assertEqual(self.content("a"), b"x")


class Updates(Case):
    def test_all_fields(self):
        before = self.client.get_bucket(self.ns, self.b).data
        after = self.update(
            compartment_id=self.home.tenancy, metadata={"k": "v"},
            public_access_type="ObjectRead", object_events_enabled=True, freeform_tags={"a": "b"},
            defined_tags={"ns": {"k": "v"}}, versioning="Enabled", auto_tiering="InfrequentAccess", if_match=before.etag,
        )
        self.assertNotEqual(after.data.etag, before.etag)
        self.assertEqual(after.headers["etag"], after.data.etag)
        got = self.client.get_bucket(self.ns, self.b).data
        self.assertEqual(got, after.data)
        self.assertEqual(
            (got.metadata, got.public_access_type, got.object_events_enabled, got.freeform_tags, got.defined_tags),
            ({"k": "v"}, "ObjectRead", True, {"a": "b"}, {"ns": {"k": "v"}}),
        )
        self.assertEqual((got.versioning, got.auto_tiering, got.id), ("Enabled", "InfrequentAccess", before.id))
        self.refused(412, "IfMatchFailed", self.update, metadata={}, if_match=before.etag)
        self.assertEqual(self.update(metadata={}).data.metadata, {})
        self.assertEqual(self.client.get_bucket(self.ns, self.b).data.freeform_tags, {"a": "b"})

    def test_renamed(self):
        self.put("a", b"one")
        made = self.client.get_bucket(self.ns, self.b).data
        new = self.update(name="renamed-now", namespace=self.ns).data
        self.assertEqual((new.name, new.id), ("renamed-now", made.id))
        self.refused(404, "BucketNotFound", self.client.get_bucket, self.ns, self.b)
        self.assertEqual(self.client.get_object(self.ns, "renamed-now", "a").data.content, b"one")
        self.client.create_bucket(self.ns, bucket_details(self.b))
        self.refused(409, "BucketAlreadyExists", self.update, bucket="renamed-now", name=self.b)
        self.assertEqual(self.update(bucket="renamed-now", name="renamed-now").data.name, "renamed-now")

    def test_refused(self):
        for details in (
            {"name": "a b"}, {"name": ".."}, {"name": ""}, {"namespace": "another"}, {"metadata": {"k": "x" * 5000}},
        ):
            with self.subTest(details=str(details)[:60]), self.assertRaises(oci.exceptions.ServiceError) as caught:
                self.update(**details)
            self.assertEqual(caught.exception.status, 400, caught.exception)
        self.refused(400, "InvalidParameter", self.client.create_bucket, self.ns, bucket_details("x", metadata={"k": "x" * 5000}))
        self.assertEqual(self.client.get_bucket(self.ns, self.b).data.metadata, {})

    def test_fields(self):
        self.put("a", b"12345")
        got = self.client.get_bucket(self.ns, self.b, fields=["approximateCount", "approximateSize"]).data
        self.assertEqual((got.approximate_count, got.approximate_size), (1, 5))
        listed = self.client.list_buckets(self.ns, self.home.tenancy, fields=["tags"]).data
        self.assertEqual(next(b for b in listed if b.name == self.b).freeform_tags, {})


if __name__ == "__main__":
    weirlocal.main()
