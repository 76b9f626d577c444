#!/usr/bin/env python3
"""kill -9 of weir-local in the middle of its work, then another start."""
import hashlib
import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

THREADS = 6


class Log:
    """What was sent and what was acknowledged, of each object in the order of sending."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent, self.acknowledged = {}, {}
        self.acks = 0
        self.enough = threading.Event()

    def send(self, name, body):
        with self.lock:
            self.sent.setdefault(name, []).append(body)

    def acknowledge(self, name, body, enough):
        with self.lock:
            self.acknowledged[name] = body
            self.acks += 1
            if self.acks >= enough:
                self.enough.set()


class Puts(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.home.bucket("b")

    def body(self, number, draw):
        """Small ones, and ones that take a while to write; each unlike all others."""
        size = draw.choice((0, 100, 5000, 300_000, 2_000_000))
        return b"%06d" % number + draw.randbytes(size)

    def writer(self, first, count, log, enough):
        draw = random.Random(first)
        try:
            with self.home.wire() as wire:
                for number in range(first, first + count):
                    # Every fourth goes to a name that all writers fight for.
                    name = f"shared/{number % 3}" if number % 4 == 0 else f"own/{number:06}"
                    body = self.body(number, draw)
                    log.send(name, body)
                    reply = self.home.call("PUT", self.home.object("b", name), body, wire=wire)
                    if reply is None:
                        return
                    if reply.status == 200:
                        log.acknowledge(name, body, enough)
        except (OSError, ValueError):
            return  # the service is gone

    def put_and_kill(self, round_number, enough):
        log = Log()
        per_thread = 200 // THREADS + 1
        threads = [
            threading.Thread(target=self.writer, args=(round_number * 10000 + i * 1000, per_thread, log, enough))
            for i in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        self.assertTrue(log.enough.wait(120), f"only {log.acks} puts were acknowledged: {self.home.log()}")
        self.home.kill9()
        for thread in threads:
            thread.join(60)
        self.assertLess(log.acks, per_thread * THREADS, "the kill came after the last put")
        return log

    def check(self, log):
        """Everything that was acknowledged is there; what is there is whole."""
        listed, start = {}, ""
        while start is not None:
            target = f"/n/{self.home.ns}/b/b/o?fields=name,size,md5&limit=1000&start={weirlocal.quote(start)}"
            page = self.home.call("GET", target).json()
            listed.update({o["name"]: o for o in page["objects"]})
            start = page.get("nextStartWith")
        with self.home.wire() as wire:
            for name, bodies in log.sent.items():
                reply = self.home.call("GET", self.home.object("b", name), wire=wire)
                if name not in log.acknowledged and reply.status == 404:
                    self.assertNotIn(name, listed)
                    continue
                self.assertEqual((name, reply.status), (name, 200))
                self.assertIn(reply.body, bodies, f"{name} is torn")
                self.assertEqual(listed[name]["size"], len(reply.body))
                if name.startswith("own/") and name in log.acknowledged:
                    self.assertEqual(reply.body, log.acknowledged[name])
        return listed

    def check_files(self, objects, joined=()):
        """On the disk: content under its own hash, or in joined that of its parts' names; each needed by some object
        (soon after the start); nothing half written."""
        self.assertEqual(list((self.home.path / "tmp").iterdir()), [])
        for _ in range(400):
            files = [p for p in (self.home.path / "objects").rglob("*") if p.is_file()]
            if len(files) <= objects:
                break
            time.sleep(0.05)
        self.assertLessEqual(len(files), objects)
        for path in files:
            self.assertIn(path.name, (hashlib.sha256(path.read_bytes()).hexdigest(), *joined))

    def test_kill_in_the_middle_of_puts(self):
        names, port = set(), self.home.port
        for round_number, enough in enumerate((1, 40, 120)):
            with self.subTest(acknowledged=enough):
                log = self.put_and_kill(round_number, enough)
                self.home.start()
                self.assertEqual(self.home.port, port)
                listed = self.check(log)
                self.assertLessEqual(names, set(listed), "an object of an earlier round is gone")
                names = set(listed)
                self.check_files(len(listed))

    def test_kill_in_the_middle_of_a_multipart_upload(self):
        """Parts that were acknowledged can still be committed; a commit is there wholly or not at all."""
        home = self.home
        uploads = f"/n/{home.ns}/b/b/u"
        upload = home.call("POST", uploads, {"object": "big"}).json()["uploadId"]
        body = os.urandom(1_000_000)
        part = f"{uploads}/big?uploadId={upload}&uploadPartNum="
        one = home.call("PUT", part + "1", body)
        with home.wire() as wire:
            wire.send(weirlocal.message("PUT", part + "2", home.sign("PUT", part + "2", body), body[:-1]))
            home.kill9()
        home.start()
        self.assertEqual([p["partNumber"] for p in home.call("GET", part.split("&")[0]).json()], [1])
        two = home.call("PUT", part + "2", body[::-1])
        commit = {"partsToCommit": [{"partNum": n + 1, "etag": r.field("etag")} for n, r in enumerate((one, two))]}
        self.assertEqual(home.call("POST", f"{uploads}/big?uploadId={upload}", commit).status, 200)
        home.kill9()
        home.start()
        self.assertEqual(home.call("GET", home.object("b", "big")).body, body + body[::-1])
        self.assertEqual(home.call("GET", uploads).json(), [])
        names = "".join(hashlib.sha256(b).hexdigest() for b in (body, body[::-1]))
        self.check_files(1, joined=[hashlib.sha256(names.encode()).hexdigest()[:63] + "j"])

    def test_acknowledged_changes_stay(self):
        """Deletes, renames and buckets, each followed by a kill at once."""
        home = self.home
        for name in ("a", "b", "c"):
            home.call("PUT", home.object("b", name), name.encode())
        rename = {"sourceName": "b", "newName": "d"}
        for method, target, body, status in (
            ("DELETE", home.object("b", "a"), b"", 204),
            ("POST", f"/n/{home.ns}/b/b/actions/renameObject", rename, 200),
            ("POST", f"/n/{home.ns}/b", {"name": "second", "compartmentId": home.tenancy}, 200),
            ("PUT", home.object("second", "e"), b"e", 200),
        ):
            self.assertEqual(home.call(method, target, body).status, status)
            home.kill9()
            home.start()
        self.assertEqual([o["name"] for o in home.call("GET", f"/n/{home.ns}/b/b/o").json()["objects"]], ["c", "d"])
        self.assertEqual(home.call("GET", home.object("b", "d")).body, b"b")
        self.assertEqual(home.call("GET", home.object("second", "e")).body, b"e")
        self.check_files(3)

    def test_identity_stays(self):
        home = self.home
        before = home.key_id, home.key.pem(), home.port, home.ns
        home.kill9()
        home._ns = None
        home.start()
        self.assertEqual((home.key_id, home.key.pem(), home.port, home.ns), before)


if __name__ == "__main__":
    weirlocal.main()
