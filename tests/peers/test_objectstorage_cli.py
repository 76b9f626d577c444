#!/usr/bin/env python3
"""weir-local's Object Storage, driven by Oracle's oci command line, which is given only endpoint and config file."""
import hashlib
import json
import os
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal


class CommandLine(unittest.TestCase):
    """One way through: a call of the command line takes a second."""

    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home()
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()

    def oci(self, *args, status=0, **options):
        done = self.home.oci("os", *args, **options)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() and options.get("text", True) else done

    def test_all(self):
        folder = self.home.scratch / "files"
        folder.mkdir()
        data = os.urandom(100_000)
        (folder / "sm all+é.bin").write_bytes(data)
        many = folder / "many"
        (many / "sub").mkdir(parents=True)
        for name in ("a", "b", "sub/c"):
            (many / name).write_text(name)
        self.assertEqual(self.oci("ns", "get")["data"], self.home.ns)

        made = self.oci("bucket", "create", "--compartment-id", self.home.tenancy, "--name", "mine")["data"]
        self.assertEqual((made["name"], made["namespace"]), ("mine", self.home.ns))
        listed = self.oci("bucket", "list", "--compartment-id", self.home.tenancy)["data"]
        self.assertEqual([b["name"] for b in listed], ["mine"])

        tagged = self.oci("bucket", "update", "-bn", "mine", "--freeform-tags", '{"team": "a"}', "--if-match", made["etag"])["data"]
        self.assertEqual((tagged["freeform-tags"], tagged["name"]), ({"team": "a"}, "mine"))

        put = ("object", "put", "-bn", "mine", "--name", "dir/sm all+é.bin", "--file", folder / "sm all+é.bin")
        self.oci(*put, "--metadata", '{"who": "us"}', "--content-type", "text/x")
        head = self.oci("object", "head", "-bn", "mine", "--name", "dir/sm all+é.bin")
        self.assertEqual((head["content-length"], head["content-type"]), ("100000", "text/x"))
        self.assertEqual(head["opc-meta-who"], "us")
        got = folder / "got"
        self.oci("object", "get", "-bn", "mine", "--name", "dir/sm all+é.bin", "--file", got)
        self.assertEqual(got.read_bytes(), data)

        stdin = ("object", "put", "-bn", "mine", "--name", "stdin.txt", "--file", "-")
        self.oci(*stdin, input="from stdin")
        got = self.oci("object", "get", "-bn", "mine", "--name", "stdin.txt", "--file", "-", text=False)
        self.assertEqual(got.stdout, b"from stdin")

        self.oci("object", "bulk-upload", "-bn", "mine", "--src-dir", many, "--object-prefix", "many/", "--overwrite")
        listed = self.oci("object", "list", "-bn", "mine", "--delimiter", "/", "--fields", "name,size,md5")
        self.assertEqual([(o["name"], o["size"]) for o in listed["data"]], [("stdin.txt", 10)])
        self.assertEqual(listed["prefixes"], ["dir/", "many/"])

        self.oci("object", "rename", "-bn", "mine", "--name", "many/a", "--new-name", "renamed")
        self.oci("object", "delete", "-bn", "mine", "--name", "many/b", "--force")
        listed = self.oci("object", "list", "-bn", "mine", "--all", "--page-size", "2")
        names = ["dir/sm all+é.bin", "many/sub/c", "renamed", "stdin.txt"]
        self.assertEqual([o["name"] for o in listed["data"]], names)

        gone = self.oci("object", "get", "-bn", "mine", "--name", "many/b", "--file", "-", status=1)
        self.assertIn('"status": 404', gone.stderr)  # its HEAD: no code
        gone = self.oci("object", "delete", "-bn", "mine", "--name", "many/b", "--force", status=1)
        self.assertIn('"status": 404', gone.stderr)  # it asks by HEAD, whose reply can hold no code

    def test_parts(self):
        """In parts of 1 MiB, by the command line's own threads."""
        self.home.bucket("parts")
        data = hashlib.shake_256(b"parts").digest(3_500_000)
        path = self.home.scratch / "large"
        path.write_bytes(data)
        self.oci("object", "put", "-bn", "parts", "--name", "large", "--file", path, "--part-size", "1", "--force")
        reply = self.home.call("GET", self.home.object("parts", "large"))
        self.assertEqual(reply.body, data)
        self.assertTrue(reply.field("opc-multipart-md5").endswith("-4"))

    def test_versions_copies_and_pars(self):
        self.oci("bucket", "create", "--compartment-id", self.home.tenancy, "--name", "kept", "--versioning", "Enabled")
        path = self.home.scratch / "one"
        for text in ("first", "second"):
            path.write_text(text)
            self.oci("object", "put", "-bn", "kept", "--name", "a", "--file", path, "--force")
        self.oci("object", "delete", "-bn", "kept", "--name", "a", "--force")
        listed = self.oci("object", "list-object-versions", "-bn", "kept", "--fields", "name,size")["data"]
        self.assertEqual([(v["name"], v["is-delete-marker"]) for v in listed], [("a", True), ("a", False), ("a", False)])
        first = listed[2]["version-id"]
        got = self.oci("object", "get", "-bn", "kept", "--name", "a", "--version-id", first, "--file", "-", text=False)
        self.assertEqual(got.stdout, b"first")

        copy = ("object", "copy", "-bn", "kept", "--source-object-name", "a", "--source-version-id", first)
        copied = self.oci(*copy, "--destination-bucket", "kept", "--destination-object-name", "b", "--wait-for-state", "COMPLETED", "--wait-interval-seconds", "1")
        self.assertEqual(copied["data"]["operation-type"], "COPY_OBJECT")
        request = self.oci("work-request", "get", "--work-request-id", copied["data"]["id"])["data"]
        self.assertEqual((request["status"], request["percent-complete"]), ("COMPLETED", 100.0))
        self.assertEqual(self.home.call("GET", self.home.object("kept", "b")).body, b"first")

        make = ("preauth-request", "create", "-bn", "kept", "--name", "p", "--access-type", "ObjectRead", "--object-name", "b")
        par = self.oci(*make, "--time-expires", "2099-01-01T00:00:00Z")["data"]
        url = par["full-path"]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=60) as reply:
            self.assertEqual(reply.read(), b"first")
        self.oci("preauth-request", "delete", "-bn", "kept", "--par-id", par["id"], "--force")
        self.assertEqual(self.oci("preauth-request", "list", "-bn", "kept", "--all").returncode, 0)  # says nothing of none

        self.oci("bucket", "update", "-bn", "kept", "--versioning", "Suspended")
        self.oci("object", "bulk-delete-versions", "-bn", "kept", "--force")
        self.oci("bucket", "delete", "-bn", "kept", "--force")

    def test_wrong_key(self):
        path = self.home.scratch / "wrong.pem"
        path.write_bytes(weirlocal.Key().pem())
        path.chmod(0o600)
        config = self.home.config_file.read_text().replace(str(self.home.path / "key.pem"), str(path))
        self.assertIn(str(path), config)
        wrong = self.home.scratch / "wrong.config"
        wrong.write_text(config)
        wrong.chmod(0o600)
        done = self.oci("ns", "get", "--config-file", wrong, status=1)
        self.assertIn("NotAuthenticated", done.stderr)
        self.assertIn("401", done.stderr)


if __name__ == "__main__":
    weirlocal.main()
