#!/usr/bin/env python3
"""Copies of objects and their work requests in weir-local's Object Storage, by Oracle's Python SDK."""
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
    def begin(self, source, target, bucket=None, **more):
        details = models.CopyObjectDetails(
            source_object_name=source, destination_region=self.home.region, destination_namespace=self.ns,
            destination_bucket=bucket or self.b, destination_object_name=target, **more,
        )
        reply = self.client.copy_object(self.ns, self.b, details)
        self.assertEqual(reply.status, 202)
        return reply.headers["opc-work-request-id"]

    def wait(self, request):
        got = oci.wait_until(
            self.client, self.client.get_work_request(request), max_interval_seconds=1,
            evaluate_response=lambda r: r.data.status in ("COMPLETED", "FAILED", "CANCELED"),
        )
        return got.data

    def copy(self, *args, **more):
        done = self.wait(self.begin(*args, **more))
        errors = self.client.list_work_request_errors(done.id).data
        self.assertEqual((done.status, errors), ("COMPLETED", []))
        return done

    def failed(self, code, *args, **more):
        done = self.wait(self.begin(*args, **more))
        self.assertEqual(done.status, "FAILED")
        self.assertEqual([e.code for e in self.client.list_work_request_errors(done.id).data], [code])


class Copies(Case):
    def test_in_the_bucket(self):
        made = self.put("a", b"one", content_type="text/x", opc_meta={"k": "v"}).headers
        done = self.copy("a", "dir/b")
        self.assertEqual((done.operation_type, done.percent_complete, done.compartment_id), ("COPY_OBJECT", 100, self.home.tenancy))
        self.assertLessEqual(done.time_accepted, done.time_started)
        self.assertLessEqual(done.time_started, done.time_finished)
        got = self.get("dir/b")
        self.assertEqual((got.data.content, got.headers["content-type"], got.headers["opc-meta-k"]), (b"one", "text/x", "v"))
        self.assertEqual(got.headers["content-md5"], self.get("a").headers["content-md5"])
        self.assertNotEqual(got.headers["etag"], made["etag"])
        self.assertEqual([r.action_type for r in done.resources], ["READ", "WRITTEN"])
        self.assertEqual(done.resources[1].metadata["OBJECT"], "dir/b")
        logs = self.client.list_work_request_logs(done.id).data
        self.assertEqual(len(logs), 3)
        paged = oci.pagination.list_call_get_all_results(self.client.list_work_request_logs, done.id, limit=1).data
        self.assertEqual(paged, logs)

    def test_to_another_bucket_with_other_metadata(self):
        self.put("a", b"one", content_type="text/x", opc_meta={"k": "v", "old": "x"})
        self.client.create_bucket(self.ns, bucket_details(self.b + "-2"))
        self.copy("a", "a", bucket=self.b + "-2", destination_object_metadata={"opc-meta-k": "w"},
                  destination_object_storage_tier="InfrequentAccess")
        got = self.client.get_object(self.ns, self.b + "-2", "a")
        self.assertEqual((got.data.content, got.headers["opc-meta-k"], got.headers["content-type"]), (b"one", "w", "text/x"))
        self.assertNotIn("opc-meta-old", got.headers)
        self.assertEqual(got.headers["storage-tier"], "InfrequentAccess")

    def test_over_itself_and_over_another(self):
        before = self.put("a", b"one").headers["etag"]
        self.put("b", b"two")
        self.copy("a", "b")
        self.copy("a", "a", destination_object_metadata={"opc-meta-k": "w"})
        self.assertEqual(self.content("b"), b"one")
        got = self.get("a").headers
        self.assertEqual(got["opc-meta-k"], "w")
        self.assertNotEqual(got["etag"], before)

    def test_conditions(self):
        one, two = self.put("a", b"one").headers["etag"], self.put("b", b"two").headers["etag"]
        self.failed("IfMatchFailed", "a", "b", destination_object_if_match_e_tag=one)
        self.failed("IfNoneMatchFailed", "a", "b", destination_object_if_none_match_e_tag="*")
        self.assertEqual(self.content("b"), b"two")
        self.refused(412, "IfMatchFailed", self.begin, "a", "b", source_object_if_match_e_tag=two)
        self.copy("a", "b", destination_object_if_match_e_tag=two, source_object_if_match_e_tag=one)
        self.copy("a", "c", destination_object_if_none_match_e_tag="*")
        self.assertEqual((self.content("b"), self.content("c")), (b"one", b"one"))

    def test_refused(self):
        self.put("a", b"one")
        self.refused(404, "ObjectNotFound", self.begin, "b", "c")
        self.refused(404, "ObjectVersionNotFound", self.begin, "a", "c", source_version_id="x")
        self.refused(404, "BucketNotFound", self.begin, "a", "c", bucket="nowhere")
        self.put("cold", b"x", storage_tier="Archive")
        self.refused(409, "NotRestored", self.begin, "cold", "c")
        self.assertEqual(self.names(), ["a", "cold"])

    def test_multipart_objects(self):
        details = models.CreateMultipartUploadDetails(object="a")
        upload = self.client.create_multipart_upload(self.ns, self.b, details).data.upload_id
        parts = [
            models.CommitMultipartUploadPartDetails(
                part_num=n, etag=self.client.upload_part(self.ns, self.b, "a", upload, n, data).headers["etag"]
            )
            for n, data in ((1, b"one"), (2, b"two"))
        ]
        self.client.commit_multipart_upload(
            self.ns, self.b, "a", upload, models.CommitMultipartUploadDetails(parts_to_commit=parts)
        )
        self.copy("a", "b")
        self.client.delete_object(self.ns, self.b, "a")
        got = self.get("b")
        self.assertEqual((got.data.content, got.headers["opc-multipart-md5"][-2:]), (b"onetwo", "-2"))

    def test_listed(self):
        self.put("a", b"one")
        requests = [self.copy("a", f"b{i}").id for i in range(5)]
        listed = oci.pagination.list_call_get_all_results(
            self.client.list_work_requests, self.home.tenancy, limit=2
        ).data
        self.assertEqual([r.id for r in listed if r.id in requests], requests[::-1])
        self.refused(404, "NotAuthorizedOrNotFound", self.client.list_work_requests, "ocid1.compartment.oc1..none")

    def test_ended_ones_stay_as_they_are(self):
        self.put("a", b"one")
        done = self.copy("a", "b")
        self.refused(409, "Conflict", self.client.cancel_work_request, done.id)
        for call in (
            self.client.get_work_request, self.client.cancel_work_request, self.client.list_work_request_logs,
            self.client.list_work_request_errors,
        ):
            self.refused(404, "NotAuthorizedOrNotFound", call, "nonsense")


class Versions(Case):
    bucket = {"versioning": "Enabled"}

    def test_versions(self):
        old = self.put("a", b"one").headers["version-id"]
        self.put("a", b"two")
        self.put("b", b"three")
        self.copy("a", "b", source_version_id=old)
        self.assertEqual(self.content("b"), b"one")
        versions = self.client.list_object_versions(self.ns, self.b, prefix="b").data.items
        self.assertEqual([self.content("b", version_id=v.version_id) for v in versions], [b"one", b"three"])
        marker = self.client.delete_object(self.ns, self.b, "a").headers["version-id"]
        self.refused(404, "ObjectNotFound", self.begin, "a", "c")
        self.refused(404, "ObjectVersionNotFound", self.begin, "a", "c", source_version_id=marker)
        self.copy("a", "a", source_version_id=old)
        self.assertEqual(self.content("a"), b"one")


if __name__ == "__main__":
    weirlocal.main()
