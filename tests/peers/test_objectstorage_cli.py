#!/usr/bin/env python3
"""weir-local's Object Storage, driven by Oracle's oci command line, which is given only endpoint and config file."""
import hashlib
import json
import os
import sys
import unittest

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
