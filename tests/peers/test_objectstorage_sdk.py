#!/usr/bin/env python3
"""weir-local's Object Storage, driven by Oracle's Python SDK, which is given only endpoint and config file."""
import base64
import hashlib
import io
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import oci
import storagesdk
from storagesdk import Case, bucket_details, make_client

home = None
client = None


def setUpModule():
    global home, client
    home, client = storagesdk.start()


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Buckets(Case):
    def test_namespace(self):
        self.assertRegex(self.ns, r"^[a-z0-9_-]+$")
        self.assertEqual(client.get_namespace(compartment_id=home.tenancy).data, self.ns)

    def test_bucket_create_get_head(self):
        made = client.create_bucket(
            self.ns, bucket_details("b-full", metadata={"who": "us"}, freeform_tags={"team": "wind"})
        )
        self.assertEqual((made.status, made.data.name, made.data.namespace), (200, "b-full", self.ns))
        got = client.get_bucket(self.ns, "b-full")
        self.assertEqual(got.data.compartment_id, home.tenancy)
        self.assertEqual(got.data.freeform_tags, {"team": "wind"})
        self.assertEqual(got.data.metadata, {"who": "us"})
        self.assertEqual(got.data.etag, made.data.etag)
        self.assertEqual(got.headers["etag"], got.data.etag)
        self.assertEqual(got.data.time_created, made.data.time_created)
        self.assertEqual(client.head_bucket(self.ns, "b-full").headers["etag"], got.data.etag)

    def test_bucket_exists(self):
        self.refused(409, "BucketAlreadyExists", client.create_bucket, self.ns, bucket_details(self.b))

    def test_bucket_name_invalid(self):
        for name in ("a b", "a/b", "é", "", "x" * 257):
            with self.subTest(name=name):
                with self.assertRaises(oci.exceptions.ServiceError) as caught:
                    client.create_bucket(self.ns, bucket_details(name))
                self.assertEqual(caught.exception.status, 400)
        client.create_bucket(self.ns, bucket_details("x" * 256))

    def test_bucket_missing(self):
        for call in (client.get_bucket, client.delete_bucket, client.list_objects):
            self.refused(404, "BucketNotFound", call, self.ns, "nowhere")
        self.refused(404, "BucketNotFound", client.put_object, self.ns, "nowhere", "a", b"x")
        self.refused(404, "BucketNotFound", client.get_object, self.ns, "nowhere", "a")
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            client.head_bucket(self.ns, "nowhere")
        self.assertEqual(caught.exception.status, 404)

    def test_bucket_of_another_namespace(self):
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            client.get_bucket("another" + self.ns, self.b)
        self.assertEqual(caught.exception.status, 404)

    def test_bucket_list_paged(self):
        wanted = [f"{self.b}-{i}" for i in range(5)]
        for name in reversed(wanted):
            client.create_bucket(self.ns, bucket_details(name))
        pages, page = [], None
        while True:
            reply = client.list_buckets(self.ns, home.tenancy, limit=2, page=page)
            self.assertLessEqual(len(reply.data), 2)
            pages.append([b.name for b in reply.data])
            page = reply.headers.get("opc-next-page")
            if not page:
                break
        names = [name for names in pages for name in names]
        self.assertEqual(names, sorted(set(names)))
        self.assertEqual([n for n in names if n.startswith(self.b + "-")], wanted)
        everything = oci.pagination.list_call_get_all_results(client.list_buckets, self.ns, home.tenancy).data
        self.assertEqual([b.name for b in everything], names)
        self.assertEqual({b.compartment_id for b in everything}, {home.tenancy})

    def test_bucket_delete(self):
        self.put("in the way", b"x")
        self.refused(409, "BucketNotEmpty", client.delete_bucket, self.ns, self.b)
        client.delete_object(self.ns, self.b, "in the way")
        self.refused(412, "IfMatchFailed", client.delete_bucket, self.ns, self.b, if_match="another")
        self.assertEqual(client.delete_bucket(self.ns, self.b).status, 204)
        self.refused(404, "BucketNotFound", client.get_bucket, self.ns, self.b)

    def test_bucket_with_an_upload_is_not_empty(self):
        details = oci.object_storage.models.CreateMultipartUploadDetails(object="half")
        upload = client.create_multipart_upload(self.ns, self.b, details).data
        self.refused(409, "BucketNotEmpty", client.delete_bucket, self.ns, self.b)
        client.abort_multipart_upload(self.ns, self.b, "half", upload.upload_id)
        client.delete_bucket(self.ns, self.b)


class Objects(Case):
    def test_put_bytes(self):
        data = os.urandom(100_000)
        put = self.put(
            "dir/data.bin", data, content_type="text/csv", content_language="de", content_encoding="identity",
            content_disposition="attachment", cache_control="no-store", opc_meta={"Who": "us", "n": "1 2"},
        )
        self.assertEqual((put.status, put.headers["opc-content-md5"]), (200, md5(data)))
        got = self.get("dir/data.bin")
        head = client.head_object(self.ns, self.b, "dir/data.bin")
        self.assertEqual(got.data.content, data)
        for headers in (got.headers, head.headers):
            self.assertEqual(headers["etag"], put.headers["etag"])
            self.assertEqual(headers["content-length"], str(len(data)))
            self.assertEqual(headers["content-md5"], md5(data))
            self.assertEqual(headers["content-type"], "text/csv")
            self.assertEqual(headers["content-language"], "de")
            self.assertEqual(headers["content-encoding"], "identity")
            self.assertEqual(headers["content-disposition"], "attachment")
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertEqual((headers["opc-meta-who"], headers["opc-meta-n"]), ("us", "1 2"))
            self.assertEqual(headers["accept-ranges"], "bytes")
            self.assertRegex(headers["last-modified"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            self.assertNotIn("opc-multipart-md5", headers)

    def test_put_file(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"from a file\n" * 1000)
            file.seek(0)
            self.put("file", file)
        got = self.get("file")
        self.assertEqual(got.data.content, b"from a file\n" * 1000)
        self.assertEqual(got.headers["content-type"], "application/octet-stream")

    def test_put_again_replaces_all_of_it(self):
        first = self.put("a", b"first", opc_meta={"old": "1"})
        second = self.put("a", b"2nd", content_type="text/plain")
        got = self.get("a")
        self.assertEqual(got.data.content, b"2nd")
        self.assertNotIn("opc-meta-old", got.headers)
        self.assertNotEqual(first.headers["etag"], second.headers["etag"])

    def test_put_empty(self):
        self.put("empty", b"")
        self.assertEqual(self.content("empty"), b"")
        head = client.head_object(self.ns, self.b, "empty")
        self.assertEqual((head.headers["content-length"], head.headers["content-md5"]), ("0", md5(b"")))
        listed = client.list_objects(self.ns, self.b, fields="name,size").data.objects
        self.assertEqual([(o.name, o.size) for o in listed], [("empty", 0)])

    def test_content_md5(self):
        self.put("a", b"right", content_md5=md5(b"right"))
        self.refused(400, "UnmatchedContentMD5", self.put, "a", b"wrong", content_md5=md5(b"right"))
        self.refused(400, "UnmatchedContentMD5", self.put, "b", b"wrong", content_md5=md5(b"right"))
        self.assertEqual(self.content("a"), b"right")
        self.assertEqual(self.names(), ["a"])

    def test_missing(self):
        self.refused(404, "ObjectNotFound", self.get, "nothing")
        self.refused(404, "ObjectNotFound", client.delete_object, self.ns, self.b, "nothing")
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            client.head_object(self.ns, self.b, "nothing")
        self.assertEqual(caught.exception.status, 404)

    def test_range(self):
        data = bytes(range(256)) * 10
        self.put("r", data)
        for asked, first, last in (
            ("bytes=0-0", 0, 0),
            ("bytes=0-99", 0, 99),
            ("bytes=10-19", 10, 19),
            ("bytes=2559-2559", 2559, 2559),
            ("bytes=2500-", 2500, 2559),
            ("bytes=0-", 0, 2559),
            ("bytes=-1", 2559, 2559),
            ("bytes=-100", 2460, 2559),
            ("bytes=2550-99999", 2550, 2559),
            ("bytes=-99999", 0, 2559),
        ):
            with self.subTest(range=asked):
                got = self.get("r", range=asked)
                self.assertEqual(got.status, 206)
                self.assertEqual(got.data.content, data[first : last + 1])
                self.assertEqual(got.headers["content-range"], f"bytes {first}-{last}/2560")
                self.assertEqual(got.headers["content-length"], str(last - first + 1))

    def test_range_outside(self):
        self.put("r", b"0123456789")
        self.put("empty", b"")
        for name, asked in (("r", "bytes=10-"), ("r", "bytes=99-100"), ("r", "bytes=-0"), ("empty", "bytes=0-")):
            with self.subTest(name=name, range=asked):
                with self.assertRaises(oci.exceptions.ServiceError) as caught:
                    self.get(name, range=asked)
                self.assertEqual(caught.exception.status, 416)

    def test_conditional_get(self):
        etag = self.put("c", b"x").headers["etag"]
        self.assertEqual(self.content("c", if_match=etag), b"x")
        self.refused(412, "IfMatchFailed", self.get, "c", if_match="another")
        self.assertEqual(self.content("c", if_none_match="another"), b"x")
        for call in (client.get_object, client.head_object):
            with self.assertRaises(oci.exceptions.ServiceError) as caught:
                call(self.ns, self.b, "c", if_none_match=etag)
            self.assertEqual(caught.exception.status, 304)
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            client.head_object(self.ns, self.b, "c", if_match="another")
        self.assertEqual(caught.exception.status, 412)

    def test_conditional_put(self):
        etag = self.put("c", b"one", if_none_match="*").headers["etag"]
        self.refused(412, "IfNoneMatchFailed", self.put, "c", b"two", if_none_match="*")
        self.refused(412, "IfMatchFailed", self.put, "c", b"two", if_match="another")
        self.assertEqual(self.content("c"), b"one")
        self.refused(412, "IfMatchFailed", self.put, "absent", b"x", if_match=etag)
        changed = self.put("c", b"two", if_match=etag).headers["etag"]
        self.refused(412, "IfMatchFailed", self.put, "c", b"three", if_match=etag)
        self.put("c", b"three", if_match=changed)
        self.assertEqual(self.content("c"), b"three")
        self.assertEqual(self.names(), ["c"])

    def test_conditional_delete(self):
        etag = self.put("c", b"x").headers["etag"]
        self.refused(412, "IfMatchFailed", client.delete_object, self.ns, self.b, "c", if_match="another")
        self.assertEqual(self.names(), ["c"])
        self.assertEqual(client.delete_object(self.ns, self.b, "c", if_match=etag).status, 204)
        self.assertEqual(self.names(), [])

    def test_delete(self):
        self.put("gone", b"x")
        self.put("stays", b"x")
        self.assertEqual(client.delete_object(self.ns, self.b, "gone").status, 204)
        self.refused(404, "ObjectNotFound", self.get, "gone")
        self.refused(404, "ObjectNotFound", client.delete_object, self.ns, self.b, "gone")
        self.assertEqual(self.content("stays"), b"x")

    def test_same_content_twice(self):
        """One file behind two names: deleting one of them keeps the other."""
        for name in ("a", "b", "c"):
            self.put(name, b"the same")
        client.delete_object(self.ns, self.b, "a")
        self.put("b", b"another")
        self.assertEqual(self.content("c"), b"the same")
        self.put("a", b"the same")
        self.assertEqual((self.content("a"), self.content("b")), (b"the same", b"another"))

    def test_names(self):
        wanted = [
            "a b", " lead", "trail ", "a+b", "a%b", "a%20b", "a%2Fb", "a/b", "a&b=c?d#e", "é/ü/漢字/🌬", "e\u0301",
            "../up", "a/../b", "./here", "/root", "//", "a//b", "dir/", "-", "~", "a\\b", "a\"b'c", "a;b:c@d",
            "$<x> ${y}", "tab\there", "n" * 1024, "ü" * 512, "CON", "a" * 255 + "/" + "b" * 255, "..", ".", "...",
        ]
        for name in wanted:
            with self.subTest(name=name):
                self.put(name, name.encode())
        self.assertEqual(self.names(), sorted(wanted, key=lambda n: n.encode()))
        for name in wanted:
            with self.subTest(name=name):
                self.assertEqual(self.content(name), name.encode())
                self.assertEqual(client.head_object(self.ns, self.b, name).headers["content-md5"], md5(name.encode()))
                self.assertEqual(self.names(prefix=name)[0], name)
        for name in wanted:
            client.delete_object(self.ns, self.b, name)
        self.assertEqual(self.names(), [])

    def test_names_invalid(self):
        for name in ("n" * 1025, "ü" * 513, "a\nb", "a\rb", "a\0b"):
            with self.subTest(name=name):
                with self.assertRaises(oci.exceptions.ServiceError) as caught:
                    self.put(name, b"x")
                self.assertEqual(caught.exception.status, 400)
        self.assertEqual(self.names(), [])

    def test_name_with_raw_slashes_is_the_same(self):
        self.put("a/b c/d", b"x")
        target = f"/n/{self.ns}/b/{self.b}/o/a/b%20c/d"
        self.assertEqual(home.call("GET", target).body, b"x")
        self.assertEqual(home.call("PUT", target, b"raw").status, 200)
        self.assertEqual(self.content("a/b c/d"), b"raw")
        self.assertEqual(home.call("GET", target.replace("a/b", "a%252Fb")).status, 404)
        self.assertEqual(home.call("DELETE", target).status, 204)
        self.assertEqual(self.names(), [])

    def test_large(self):
        data = random.Random(1).randbytes(24 << 20)
        self.put("large", io.BytesIO(data))
        self.assertEqual(hashlib.sha256(self.content("large")).digest(), hashlib.sha256(data).digest())
        self.assertEqual(self.content("large", range="bytes=12345678-12345688"), data[12345678:12345689])


class Lists(Case):
    def setUp(self):
        super().setUp()
        self.all = sorted(["a", "a/1", "a/2", "a/sub/3", "a/sub/4", "a0", "b/1", "c", "Z", "é"], key=str.encode)
        for name in self.all:
            self.put(name, name.encode())

    def list(self, **more):
        return client.list_objects(self.ns, self.b, **more).data

    def test_list_all(self):
        got = self.list()
        self.assertEqual([o.name for o in got.objects], self.all)
        self.assertIsNone(got.next_start_with)
        self.assertFalse(got.prefixes)

    def test_list_prefix(self):
        self.assertEqual(self.names(prefix="a/"), ["a/1", "a/2", "a/sub/3", "a/sub/4"])
        self.assertEqual(self.names(prefix="a"), ["a", "a/1", "a/2", "a/sub/3", "a/sub/4", "a0"])
        self.assertEqual(self.names(prefix="é"), ["é"])
        self.assertEqual(self.names(prefix="%"), [])
        self.assertEqual(self.names(prefix="_"), [])

    def test_list_delimiter(self):
        got = self.list(delimiter="/")
        self.assertEqual([o.name for o in got.objects], ["Z", "a", "a0", "c", "é"])
        self.assertEqual(got.prefixes, ["a/", "b/"])
        got = self.list(delimiter="/", prefix="a/")
        self.assertEqual([o.name for o in got.objects], ["a/1", "a/2"])
        self.assertEqual(got.prefixes, ["a/sub/"])
        got = self.list(delimiter="/", prefix="a/s")
        self.assertEqual((got.objects, got.prefixes), ([], ["a/sub/"]))

    def test_list_start_end(self):
        self.assertEqual(self.names(start="a0"), ["a0", "b/1", "c", "é"])
        self.assertEqual(self.names(start="a/sub/30"), ["a/sub/4", "a0", "b/1", "c", "é"])
        self.assertEqual(self.names(start_after="a0"), ["b/1", "c", "é"])
        self.assertEqual(self.names(start="a0", end="c"), ["a0", "b/1"])
        self.assertEqual(self.names(start="zz", prefix="a"), [])
        self.assertEqual(self.names(start="A", prefix="a/"), ["a/1", "a/2", "a/sub/3", "a/sub/4"])

    def test_list_paged(self):
        for limit in (1, 2, 3, 9, 10, 11):
            names, start = [], None
            with self.subTest(limit=limit):
                while True:
                    got = self.list(limit=limit, **({"start": start} if start else {}))
                    self.assertLessEqual(len(got.objects), limit)
                    names += [o.name for o in got.objects]
                    start = got.next_start_with
                    if not start:
                        break
                self.assertEqual(names, self.all)

    def test_list_paged_with_delimiter(self):
        for limit in (1, 2, 3, 7, 8):
            names, prefixes, start = [], [], None
            with self.subTest(limit=limit):
                for _ in range(20):
                    got = self.list(limit=limit, delimiter="/", **({"start": start} if start else {}))
                    self.assertLessEqual(len(got.objects) + len(got.prefixes), limit)
                    names += [o.name for o in got.objects]
                    prefixes += got.prefixes
                    start = got.next_start_with
                    if not start:
                        break
                self.assertIsNone(start)
                self.assertEqual((names, prefixes), (["Z", "a", "a0", "c", "é"], ["a/", "b/"]))

    def test_list_fields(self):
        got = self.list(prefix="a/1", fields="name,size,md5,etag,timeCreated,timeModified").objects[0]
        self.assertEqual((got.name, got.size, got.md5), ("a/1", 3, md5(b"a/1")))
        head = client.head_object(self.ns, self.b, "a/1").headers
        self.assertEqual(got.etag, head["etag"])
        self.assertEqual(got.time_modified.strftime("%a, %d %b %Y %H:%M:%S GMT"), head["last-modified"])
        self.assertLessEqual(got.time_created, got.time_modified)
        bare = self.list(prefix="a/1").objects[0]
        self.assertEqual((bare.name, bare.size, bare.md5, bare.etag), ("a/1", None, None, None))

    def test_list_fields_unknown(self):
        self.refused(400, "InvalidParameter", self.list, fields="name,nonsense")

    def test_list_bad_arguments(self):
        for query in ("limit=0", "limit=-1", "limit=x", "delimiter=x"):
            with self.subTest(query=query):
                reply = home.call("GET", f"/n/{self.ns}/b/{self.b}/o?{query}")
                self.assertEqual((reply.status, reply.code), (400, "InvalidParameter"))


class Renames(Case):
    def rename(self, source, new, **more):
        details = oci.object_storage.models.RenameObjectDetails(source_name=source, new_name=new, **more)
        return client.rename_object(self.ns, self.b, details)

    def test_rename(self):
        self.put("old", b"content", content_type="text/csv", opc_meta={"k": "v"})
        renamed = self.rename("old", "new/é name")
        self.assertEqual(renamed.status, 200)
        self.assertEqual(self.names(), ["new/é name"])
        got = self.get("new/é name")
        self.assertEqual(got.data.content, b"content")
        self.assertEqual((got.headers["content-type"], got.headers["opc-meta-k"]), ("text/csv", "v"))
        self.assertEqual(got.headers["etag"], renamed.headers["etag"])

    def test_rename_over_another(self):
        self.put("old", b"content")
        self.put("new", b"in the way")
        self.rename("old", "new")
        self.assertEqual((self.names(), self.content("new")), (["new"], b"content"))

    def test_rename_only_if_absent(self):
        self.put("old", b"content")
        self.put("taken", b"in the way")
        self.refused(
            412, "IfNoneMatchFailed", self.rename, "old", "taken", new_obj_if_none_match_e_tag="*"
        )
        self.assertEqual((self.content("old"), self.content("taken")), (b"content", b"in the way"))
        self.rename("old", "free", new_obj_if_none_match_e_tag="*")
        self.assertEqual(self.names(), ["free", "taken"])

    def test_rename_if_match(self):
        source = self.put("old", b"content").headers["etag"]
        target = self.put("new", b"in the way").headers["etag"]
        self.refused(412, "IfMatchFailed", self.rename, "old", "new", src_obj_if_match_e_tag=target)
        self.refused(412, "IfMatchFailed", self.rename, "old", "new", new_obj_if_match_e_tag=source)
        self.assertEqual(self.names(), ["new", "old"])
        self.rename("old", "new", src_obj_if_match_e_tag=source, new_obj_if_match_e_tag=target)
        self.assertEqual(self.content("new"), b"content")

    def test_rename_missing(self):
        self.refused(404, "ObjectNotFound", self.rename, "nothing", "new")
        self.assertEqual(self.names(), [])


class Multipart(Case):
    def begin(self, name="big", **more):
        details = oci.object_storage.models.CreateMultipartUploadDetails(object=name, **more)
        return client.create_multipart_upload(self.ns, self.b, details).data.upload_id

    def part(self, upload, number, data, name="big", **more):
        return client.upload_part(self.ns, self.b, name, upload, number, data, **more).headers["etag"]

    def commit(self, upload, parts, exclude=(), name="big", **more):
        models = oci.object_storage.models
        details = models.CommitMultipartUploadDetails(
            parts_to_commit=[models.CommitMultipartUploadPartDetails(part_num=n, etag=e) for n, e in parts],
            parts_to_exclude=list(exclude),
        )
        return client.commit_multipart_upload(self.ns, self.b, name, upload, details, **more)

    def md5_of_parts(self, *parts):
        return md5(b"".join(hashlib.md5(p).digest() for p in parts)) + f"-{len(parts)}"

    def uploads(self):
        return [u.upload_id for u in client.list_multipart_uploads(self.ns, self.b).data]

    def test_upload_manager_file(self):
        data = random.Random(2).randbytes((7 << 19) + 1)
        parts = [data[i : i + (1 << 20)] for i in range(0, len(data), 1 << 20)]
        manager = oci.object_storage.UploadManager(
            make_client(oci.config.from_file(str(home.config_file))), parallel_process_count=3
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            done = manager.upload_file(
                self.ns, self.b, "big", file.name, part_size=1 << 20, content_type="text/x", metadata={"k": "v"}
            )
        self.assertEqual(done.status, 200)
        got = self.get("big")
        self.assertEqual(got.data.content, data)
        self.assertEqual(got.headers["opc-multipart-md5"], self.md5_of_parts(*parts))
        self.assertNotIn("content-md5", got.headers)
        self.assertEqual((got.headers["content-type"], got.headers["opc-meta-k"]), ("text/x", "v"))
        self.assertEqual(self.uploads(), [])
        listed = client.list_objects(self.ns, self.b, fields="name,size,md5").data.objects[0]
        self.assertEqual((listed.size, listed.md5), (len(data), self.md5_of_parts(*parts)))

    def test_upload_manager_stream(self):
        data = random.Random(3).randbytes(3 << 20)
        manager = oci.object_storage.UploadManager(make_client(oci.config.from_file(str(home.config_file))))
        manager.upload_stream(self.ns, self.b, "s", io.BytesIO(data), part_size=1 << 20)
        self.assertEqual(self.content("s"), data)

    def test_multipart_by_hand(self):
        upload = self.begin(content_type="text/csv", metadata={"opc-meta-k": "v"})
        self.assertEqual(self.uploads(), [upload])
        self.assertEqual(self.names(), [])
        self.refused(404, "ObjectNotFound", self.get, "big")
        parts = {3: b"three" * 1000, 1: b"one", 10000: b"last", 2: b"draft"}
        etags = {n: self.part(upload, n, data) for n, data in parts.items()}
        parts[2] = b"second time"
        etags[2] = self.part(upload, 2, parts[2], content_md5=md5(parts[2]))
        listed = client.list_multipart_upload_parts(self.ns, self.b, "big", upload).data
        self.assertEqual(
            [(p.part_number, p.etag, p.size, p.md5) for p in listed],
            [(n, etags[n], len(parts[n]), md5(parts[n])) for n in sorted(parts)],
        )
        done = self.commit(upload, sorted(etags.items()))
        ordered = [parts[n] for n in sorted(parts)]
        self.assertEqual(done.headers["opc-multipart-md5"], self.md5_of_parts(*ordered))
        got = self.get("big")
        self.assertEqual(got.data.content, b"".join(ordered))
        self.assertEqual(got.headers["etag"], done.headers["etag"])
        self.assertEqual((got.headers["content-type"], got.headers["opc-meta-k"]), ("text/csv", "v"))
        self.assertEqual(self.uploads(), [])
        ranged = self.get("big", range="bytes=2-12")
        self.assertEqual(ranged.data.content, b"".join(ordered)[2:13])

    def test_multipart_excluded_parts(self):
        upload = self.begin()
        etags = [(n, self.part(upload, n, b"%d" % n)) for n in (1, 2, 3)]
        self.commit(upload, [etags[0], etags[2]], exclude=[2])
        self.assertEqual(self.content("big"), b"13")

    def test_multipart_replaces_at_once(self):
        self.put("big", b"before")
        upload = self.begin()
        etag = self.part(upload, 1, b"after")
        self.assertEqual(self.content("big"), b"before")
        self.commit(upload, [(1, etag)])
        self.assertEqual(self.content("big"), b"after")

    def test_multipart_abort(self):
        upload = self.begin()
        etag = self.part(upload, 1, b"x")
        self.assertEqual(client.abort_multipart_upload(self.ns, self.b, "big", upload).status, 204)
        self.assertEqual(self.uploads(), [])
        for call in (
            lambda: self.part(upload, 2, b"x"),
            lambda: self.commit(upload, [(1, etag)]),
            lambda: client.abort_multipart_upload(self.ns, self.b, "big", upload),
            lambda: client.list_multipart_upload_parts(self.ns, self.b, "big", upload),
        ):
            with self.assertRaises(oci.exceptions.ServiceError) as caught:
                call()
            self.assertEqual(caught.exception.status, 404)
        self.assertEqual(self.names(), [])

    def test_multipart_wrong_commits(self):
        upload = self.begin()
        one, two = self.part(upload, 1, b"one"), self.part(upload, 2, b"two")
        for what, status, parts, exclude in (
            ("wrong etag", 409, [(1, one), (2, one)], []),
            ("part that is not there", 409, [(1, one), (2, two), (3, two)], []),
            ("part that is not named", 409, [(1, one)], []),
            ("excluded part that is not there", 409, [(1, one), (2, two)], [3]),
            ("nothing", 400, [], []),
            ("all excluded", 400, [], [1, 2]),
            ("twice", 400, [(1, one), (1, one), (2, two)], []),
            ("named and excluded", 400, [(1, one), (2, two)], [2]),
        ):
            with self.subTest(what=what):
                self.refused(status, "InvalidUploadPart", self.commit, upload, parts, exclude)
                self.assertEqual(self.names(), [])
        self.assertEqual(self.uploads(), [upload])
        self.commit(upload, [(1, one), (2, two)])
        self.assertEqual(self.content("big"), b"onetwo")

    def test_multipart_wrong_parts(self):
        upload = self.begin()
        for number in (0, -1, 10001):
            self.refused(400, "InvalidParameter", self.part, upload, number, b"x")
        self.refused(400, "UnmatchedContentMD5", self.part, upload, 1, b"wrong", content_md5=md5(b"right"))
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            self.part(upload, 1, b"x", name="another")
        self.assertEqual(caught.exception.status, 404)
        self.assertEqual(client.list_multipart_upload_parts(self.ns, self.b, "big", upload).data, [])

    def test_multipart_conditions(self):
        etag = self.put("big", b"before").headers["etag"]
        upload = self.begin()
        parts = [(1, self.part(upload, 1, b"after"))]
        self.refused(412, "IfNoneMatchFailed", self.commit, upload, parts, if_none_match="*")
        self.refused(412, "IfMatchFailed", self.commit, upload, parts, if_match="another")
        self.assertEqual(self.content("big"), b"before")
        self.commit(upload, parts, if_match=etag)
        self.assertEqual(self.content("big"), b"after")

    def test_multipart_lists_paged(self):
        uploads = sorted((f"o{i}", self.begin(f"o{i}")) for i in range(3))
        listed = oci.pagination.list_call_get_all_results(
            client.list_multipart_uploads, self.ns, self.b, limit=2
        ).data
        self.assertEqual(sorted((u.object, u.upload_id) for u in listed), uploads)
        name, upload = uploads[0]
        for number in range(1, 6):
            self.part(upload, number, b"x" * number, name=name)
        parts = oci.pagination.list_call_get_all_results(
            client.list_multipart_upload_parts, self.ns, self.b, name, upload, limit=2
        ).data
        self.assertEqual([p.part_number for p in parts], [1, 2, 3, 4, 5])


class Keys(Case):
    def test_wrong_key(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(weirlocal.Key().pem())
            file.flush()
            config = {**oci.config.from_file(str(home.config_file)), "key_file": file.name}
            intruder = make_client(config)
            self.refused(401, "NotAuthenticated", intruder.get_namespace)
            self.refused(401, "NotAuthenticated", intruder.put_object, self.ns, self.b, "a", b"x")
            self.refused(401, "NotAuthenticated", intruder.delete_bucket, self.ns, self.b)
        self.assertEqual(self.names(), [])

    def test_another_users_key_id(self):
        config = oci.config.from_file(str(home.config_file))
        for name, value in (
            ("user", config["user"] + "x"),
            ("tenancy", config["tenancy"] + "x"),
            ("fingerprint", ":".join(["00"] * 16)),
        ):
            with self.subTest(name=name):
                self.refused(401, "NotAuthenticated", make_client({**config, name: value}).get_namespace)


if __name__ == "__main__":
    weirlocal.main()
