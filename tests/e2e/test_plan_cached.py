#!/usr/bin/env python3
"""What weir keeps between two plans: it saves requests, is never believed when it cannot be, and never an error."""
import hashlib
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from twin import Twin

NO_CHANGES = "No changes. Your infrastructure matches the configuration.\n"
APPS = 3
A_WHILE_AGO = {"WEIR_LOCAL_CLOCK_OFFSET_MS": "-240000"}  # with more, no signature would hold


class Case(unittest.TestCase):
    """The twin, applied a while ago, and planned once since."""

    def setUp(self):
        self.home = weirlocal.Home(env=A_WHILE_AGO)
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.twin = Twin(self.home.scratch / "twin")
        self.live = self.twin.live(self.home)
        self.twin.write(1)
        self.weir("apply", "-y")
        self.now()
        self.cache = self.home.scratch / ".cache" / "weir"
        self.assertEqual(self.plan(), (NO_CHANGES, APPS))

    def now(self):
        """The service's clock is right again."""
        self.home.stop()
        del self.home.env["WEIR_LOCAL_CLOCK_OFFSET_MS"]
        self.home.start()

    def weir(self, *args, status=0):
        done = self.twin.weir(self.home, *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def plan(self, *args, status=0):
        """What it says, and how many applications it asked for."""
        done = self.weir("-v", "plan", "--detailed-exitcode", *args, status=status)
        self.assertNotIn("cache", done.stderr)
        return done.stdout, len(re.findall(r"^get application .* 200$", done.stderr, re.MULTILINE))

    def app(self, key):
        return next(a for a in self.live.apps() if a["freeformTags"]["weir"] == f"twin/local/{key}")

    def update(self, key, body):
        reply = self.home.call("PUT", f"/20200129/applications/{self.app(key)['id']}", body)
        self.assertEqual(reply.status, 200, reply)

    def file(self):
        files = [f for f in self.cache.iterdir() if f.name.startswith("applications-")]
        self.assertEqual(len(files), 1, files)
        return files[0]


class Requests(Case):
    def test_nothing_changed(self):
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        self.assertEqual(self.plan("--no-cache"), (NO_CHANGES, APPS))
        self.assertEqual(self.plan(), (NO_CHANGES, 0))

    def test_only_what_others_changed(self):
        self.update("delays", {"numExecutors": 7})
        for _ in range(2):  # changed a moment ago: asked for each time
            said, asked = self.plan(status=2)
            self.assertIn("num_executors = 7 -> 1", said)
            self.assertEqual(asked, 1)
        self.weir("apply", "-y")
        self.assertEqual(self.plan(), (NO_CHANGES, 1))
        self.assertEqual(self.app("delays")["numExecutors"], 1)

    def test_only_what_we_changed(self):
        pipeline = self.twin.folder / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text().replace("{top: 10}", "{top: 11}"))
        said, asked = self.plan(status=2)
        self.assertEqual(asked, 0)
        self.assertIn("1 to change", said)
        self.weir("apply", "-y")
        self.assertEqual(self.plan(), (NO_CHANGES, 1))

    def test_applied_while_another_changes_it(self):
        """The etag of a copy is the live one's, or the update is refused; the next plan then knows better."""
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        pipeline = self.twin.folder / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text().replace("{top: 10}", "{top: 11}"))
        rule = {"method": "PUT", "path": "/20200129/applications/*", "action": "status", "status": 412,
                "code": "IfMatchFailed"}
        self.assertEqual(self.home.call("POST", "/weir/faults", rule).status, 204)
        self.assertNotEqual(self.twin.weir(self.home, "apply", "-y").returncode, 0)
        said, asked = self.plan(status=2)
        self.assertEqual(asked, 1)
        self.weir("apply", "-y")
        self.assertEqual(self.plan(), (NO_CHANGES, 1))

    def test_removed_and_created(self):
        self.home.call("DELETE", f"/20200129/applications/{self.app('delays')['id']}")
        said, asked = self.plan(status=2)
        self.assertEqual(asked, 0)
        self.assertIn("1 to add", said)
        self.weir("apply", "-y")
        self.assertEqual(self.plan(), (NO_CHANGES, 1))
        self.weir("destroy", "-y")
        self.assertEqual(self.plan(status=2)[1], 0)


class Order(Case):
    """What is known already is used before anything is sent; who is told what, and in which order, stays."""

    def spoil(self):
        pipeline = self.twin.folder / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text().replace("spark_version:", "spark_versoin:", 1))

    def test_a_wrong_file_changes_nothing(self):
        """Its namespace and the list of applications may be under way by then; it is not waited for them."""
        self.spoil()
        self.home.call("POST", "/weir/faults", {"action": "hang", "count": 0, "method": "GET"})
        for command in (["plan"], ["apply", "-y"], ["destroy", "-y"]):
            done = self.weir("-v", *command, status=1)
            self.assertIn("did you mean `spark_version`?", done.stderr)
            self.assertEqual(done.stderr.count("unknown key"), 1)
            self.assertLessEqual(int(re.search(r"^(\d+) requests?\b", done.stderr, re.MULTILINE)[1]), 2)

    def test_mistakes_of_the_file_come_before_those_of_the_config(self):
        (self.home.path / "key.pem").chmod(0o644)
        config = self.home.config_file.read_text()
        self.assertIn("others can read", self.weir("plan").stderr)
        self.spoil()
        for text in (config, config.replace("key_file", "kee_file"), ""):
            self.home.config_file.write_text(text)
            done = self.weir("plan", status=1)
            self.assertIn("did you mean `spark_version`?", done.stderr)
            self.assertNotIn(self.home.config_file.name + ":", done.stderr)
            self.assertNotIn("others can read", done.stderr)

    def test_warnings_are_told_once(self):
        for _ in range(2):
            (self.home.path / "key.pem").chmod(0o644)
            self.assertEqual(self.weir("plan").stderr.count("others can read"), 1)
            self.cache.joinpath(self.file().name).unlink()


class NotBelieved(Case):
    """Whatever is in the cache: only slower, never wrong, never an error."""

    def each(self, spoil, asked=APPS):
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        spoil()
        self.assertEqual(self.plan(), (NO_CHANGES, asked))

    def test_damaged(self):
        file = self.file()
        whole = file.read_bytes()
        self.each(lambda: file.write_bytes(whole[: len(whole) // 2]))
        self.each(lambda: file.write_bytes(b""))
        self.each(lambda: file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1])))
        self.each(lambda: file.write_bytes(os.urandom(5000)))
        self.each(file.unlink)

    def test_not_ours(self):
        file = self.file()
        self.each(lambda: file.chmod(0o644))
        other = self.home.scratch / "other"

        def link():
            file.rename(other)
            file.symlink_to(other)

        self.each(link)
        self.assertFalse(file.is_symlink())

    def test_no_folder(self):
        """Nothing can be kept: read each time."""
        self.cache.rename(self.cache.with_name("was"))
        self.cache.write_text("a file")
        for _ in range(2):
            self.assertEqual(self.plan(), (NO_CHANGES, APPS))
        self.cache.unlink()
        self.cache.mkdir(mode=0o700)
        self.cache.chmod(0o777)
        for _ in range(2):
            self.assertEqual(self.plan(), (NO_CHANGES, APPS))
        self.assertEqual(list(self.cache.iterdir()), [])

    def test_another_namespace(self):
        """The namespace is asked for all the same, and wins."""
        file = self.file()
        head, kept = file.read_bytes().split(b"\n", 1)
        what = head.rpartition(b" ")[0]
        self.assertEqual(hashlib.sha256(what + b"\0" + kept).hexdigest().encode(), head.rpartition(b" ")[2])
        self.assertEqual(len("elsewhere"), len(self.home.ns))
        kept = kept.replace(self.home.ns.encode(), b"elsewhere", 1)
        file.write_bytes(what + b" " + hashlib.sha256(what + b"\0" + kept).hexdigest().encode() + b"\n" + kept)
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        self.assertNotIn(b"elsewhere", file.read_bytes())

    def test_nobody_else_reads_it(self):
        self.assertEqual(self.cache.stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.file().stat().st_mode & 0o777, 0o600)


class LocalFiles(Case):
    def test_changed_behind_its_times(self):
        """Size, mtime and inode as they were: ctime tells."""
        script = self.twin.folder / "delays.py"
        time.sleep(2.1)
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        self.assertTrue([f for f in self.cache.iterdir() if f.name.startswith("content-")])
        self.assertEqual(self.plan(), (NO_CHANGES, 0))
        was = script.stat()
        with open(script, "r+") as file:
            file.write("print(3)\n")
        os.utime(script, ns=(was.st_atime_ns, was.st_mtime_ns))
        self.assertEqual((script.stat().st_size, script.stat().st_ino), (was.st_size, was.st_ino))
        for _ in range(2):
            self.assertIn("+print(3)", self.plan(status=2)[0])
        self.assertIn("+print(3)", self.plan("--no-cache", status=2)[0])


class Secrets(Case):
    def test_not_on_disk(self):
        pipeline = self.twin.folder / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text().replace("{top: 10}", "{top: $<password>}").replace(
            "defaults:\n", "parameters: {password: {sensitive: true, default: hunter2}}\ndefaults:\n", 1))
        self.home.stop()
        self.home.env.update(A_WHILE_AGO)
        self.home.start()
        self.weir("apply", "-y")
        self.now()
        for _ in range(2):
            self.assertEqual(self.plan(), (NO_CHANGES, 1))
        everything = b"".join(f.read_bytes() for f in pathlib.Path(self.cache).iterdir())
        self.assertIn(b"twin-delays", everything)
        self.assertNotIn(b"hunter2", everything)


weirlocal.main()
