#!/usr/bin/env python3
"""The machine fails: no space, I/O errors, no descriptors, a file system that is read-only, short reads and writes,
interrupted calls, no memory, a clock that jumps. weir-local answers 5xx, goes on, and never acknowledges what it did not
keep, nor says of what it cannot read that it is not there. weir says what failed and why, leaves nothing half written,
and applying again converges.

MACHINE_STEPS=3000 takes more of the random ones, MACHINE_SEED=7 those of a seed.
"""
import errno
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pages
import weirlocal
from dataflow import standin_spark
from durable import Client, check_files, prepare
from live import check_same
from machine import Machine, name, sanitizer
from twin import Twin

STEPS = int(os.environ.get("MACHINE_STEPS") or 250)
SEED = int(os.environ.get("MACHINE_SEED") or time.strftime("%Y%m%d"))
IO = (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT)
FILES = {
    "open": (errno.EMFILE, errno.ENFILE, errno.EIO, errno.EACCES), "write": (*IO, errno.EINTR, "short"),
    "read": (errno.EIO, errno.EINTR, "short"), "fsync": (errno.EIO, errno.ENOSPC), "rename": IO,
    "truncate": (errno.EIO, errno.ENOSPC), "mkdir": IO,
}


class Case(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-machine-"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.machine = Machine(self.scratch)

    def service(self, **env):
        home = weirlocal.Home(env={**self.machine.env, **env})
        self.addCleanup(home.__exit__)
        return home.start()


class Service(Case):
    """weir-local."""

    def setUp(self):
        super().setUp()
        self.home = self.service()
        self.home.bucket("b")
        self.kept = self.home.object("b", "kept")
        self.assertEqual(self.home.call("PUT", self.kept, b"kept" * 50000).status, 200)

    def put(self, name, body=b"x" * 100000):
        return self.home.call("PUT", self.home.object("b", name), body)

    def names(self):
        return [o["name"] for o in self.home.call("GET", f"/n/{self.home.ns}/b/b/o").json()["objects"]]

    def goes_on(self):
        """The same process, all that was acknowledged, also after a kill; and it takes what is new."""
        pid = self.home.pid()
        self.machine.heal()
        self.assertEqual(self.put("after").status, 200)
        self.assertEqual((self.home.pid(), self.home.call("GET", self.kept).body), (pid, b"kept" * 50000))
        self.home.kill9()
        self.home.start()
        self.assertEqual(self.home.call("GET", self.kept).body, b"kept" * 50000)

    def test_what_cannot_be_kept_is_not_acknowledged(self):
        for call, action, text in (
            ("write", errno.ENOSPC, ""), ("write", errno.EIO, "/tmp/content"), ("write", errno.ENOSPC, "-wal"),
            ("fsync", errno.EIO, "/tmp/content"), ("fsync", errno.EIO, "-wal"), ("rename", errno.EROFS, "/objects/"),
            ("open", errno.EMFILE, "/tmp/content"), ("open", errno.EROFS, "/tmp/content"), ("rename", errno.ENOSPC, ""),
        ):
            with self.subTest(call=call, action=name(action), text=text):
                self.machine.fail(call, action, text=text)
                reply = self.put("new", os.urandom(100000))
                self.assertEqual((reply.status, reply.code), (500, "InternalServerError"))
                self.assertTrue(self.machine.hits())
                self.assertIn(os.strerror(action) if "-wal" not in text else "weir-local.db", reply.json()["message"] + self.home.log())
                self.machine.heal()
                self.assertNotIn("new", self.names())
                self.goes_on()

    def test_what_cannot_be_read_is_not_said_to_be_missing(self):
        """Else weir would make a second one of it."""
        target = f"/20200129/applications?compartmentId={self.home.tenancy}"
        self.home.kill9()
        self.home.start()
        self.machine.fail("read", errno.EIO, text="/weir-local.db")
        for method, what in (("GET", self.kept), ("HEAD", self.kept), ("GET", f"/n/{self.home.ns}/b/b/o"), ("GET", target),
                             ("PUT", self.home.object("b", "new")), ("GET", f"/n/{self.home.ns}/b/b"), ("DELETE", self.kept)):
            with self.subTest(method=method, what=what):
                reply = self.home.call(method, what, b"x" if method == "PUT" else b"")
                self.assertEqual(reply.status, 500, reply)
        self.assertTrue(self.machine.hits())
        self.goes_on()

    def test_content_that_cannot_be_read(self):
        self.put("small", b"small")
        self.machine.fail("read", errno.EIO, text="/objects/")
        reply = self.home.call("GET", self.home.object("b", "small"))
        self.assertEqual((reply.status, reply.code), (500, "InternalServerError"))
        self.assertIn("Input/output error", reply.json()["message"])
        self.goes_on()

    def test_calls_that_do_less_or_are_interrupted(self):
        for call, action, count in (("write", "short", 2000), ("read", "short", 0), ("write", errno.EINTR, 20), ("read", errno.EINTR, 20)):
            with self.subTest(call=call, action=name(action)):
                self.machine.fail(call, action, count=count)
                self.assertEqual(self.put("new", b"new" * 1000).status, 200)
                self.assertTrue(self.machine.hits())
                self.assertEqual(self.home.call("GET", self.home.object("b", "new")).body, b"new" * 1000)
                self.assertIn("new", self.names())
                self.goes_on()

    def test_whose_a_browser_is(self):
        """Pages are for the service's own user, also where the kernel has no sock_diag that would tell."""
        cookie = pages.Visitor(self.home).cookie
        self.machine.fail("socket", errno.EPROTONOSUPPORT)
        self.assertIn("HTTP/1.1 403", pages.status_line(self.home, cookie, another_user=True))
        self.assertIn("HTTP/1.1 200", pages.status_line(self.home, cookie))
        self.assertEqual(len(self.machine.hits()), 2)
        self.goes_on()

    def test_no_descriptors(self):
        """A hard limit that 512 connections would not fit in."""
        self.home.stop()
        limited = self.scratch / "limited"
        limited.write_text(f"#!/bin/sh\nulimit -n 200\nexec '{os.environ['WEIR_LOCAL']}' \"$@\"\n")
        limited.chmod(0o755)
        home = weirlocal.Home()
        self.addCleanup(home.__exit__)
        with unittest.mock.patch.dict(os.environ, {"WEIR_LOCAL": str(limited)}):
            home.start()
        wires = [home.wire() for _ in range(150)]
        for wire in wires:
            wire.close()
        home.bucket("b")
        self.assertEqual(home.call("PUT", home.object("b", "o"), b"x").status, 200)

    def test_a_limit_of_file_sizes(self):
        """SIGXFSZ would end it."""
        home = weirlocal.Home()
        self.addCleanup(home.__exit__)
        home.start()
        home.bucket("b")
        resource.prlimit(home.pid(), resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        self.assertEqual(home.call("PUT", home.object("b", "large"), b"x" * (2 << 20)).status, 500)
        self.assertEqual(home.call("PUT", home.object("b", "small"), b"x").status, 200)
        self.assertEqual(home.call("GET", home.object("b", "large")).status, 404)

    def start_fails(self, call, action, nth):
        self.home.spawn()
        process, deadline = self.home._process, time.monotonic() + 60
        while process.poll() is None and self.home.state().get("pid") != process.pid:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)
        # What it says of itself is there a moment before it is known to be kept: it may yet refuse to start.
        self.home._process = None
        process.terminate()
        return process.wait(60) or None

    def test_starting(self):
        """At each call: it starts, or says why not, with status 3; what it keeps stays."""
        self.home.stop()
        for call in ("open", "read", "write", "fsync", "rename", "mkdir", "truncate", "socket"):
            nth = 1
            while nth < 1000:
                action = {"socket": errno.EMFILE, "mkdir": errno.EROFS}.get(call, errno.EIO)
                with self.subTest(call=call, nth=nth):
                    self.machine.fail(call, action, nth=nth, count=1)
                    self.home.log_file.write_text("")
                    status = self.start_fails(call, action, nth)
                    hits = self.machine.hits()
                    self.machine.heal()
                    if status is not None:
                        self.assertEqual(status, 3, self.home.log())
                        self.assertRegex(self.home.log(), r"(?m)^weir-local: .*(error|memory|files|space|read|system|malformed)")
                if not hits:
                    break
                nth += 1 if nth < 8 else nth // 3
            self.home.start()
            self.assertEqual(self.home.call("GET", self.kept).body, b"kept" * 50000)
            self.home.stop()

    def test_deadlines_when_the_clock_is_set_back(self):
        """They are kept by the monotonic clock: a request of which nothing comes is still ended."""
        self.home.stop()
        self.machine.fail("clock", 3600_000)
        self.home.start("--request-seconds", "1")
        with self.home.wire() as wire:
            wire.send(b"GET /n HTTP/1.1\r\n")
            time.sleep(0.3)
            self.machine.heal()  # an hour back
            self.assertTrue(wire.closed())

    def test_the_clock_jumps_between_changes(self):
        """Times differ between versions, tokens hold, what was made stays, whatever the clock says."""
        flow_body = {
            "compartmentId": self.home.tenancy, "displayName": "a", "language": "PYTHON", "sparkVersion": "3.5.0",
            "driverShape": "VM.Standard2.1", "executorShape": "VM.Standard2.1", "numExecutors": 1, "fileUri": "oci://b@n/x.py",
        }
        app = self.home.call("POST", "/20200129/applications", flow_body).json()
        seen = {app["timeUpdated"]}
        for jump in (3600_000, 0, -3600_000, 0):
            self.machine.fail("clock", jump)
            reply = self.home.call("PUT", f"/20200129/applications/{app['id']}", {"numExecutors": 2}, date=time.time() + jump / 1000)
            self.assertEqual(reply.status, 200, reply)
            self.assertNotIn(reply.json()["timeUpdated"], seen)
            seen.add(reply.json()["timeUpdated"])
        self.goes_on()


class Random(Case):
    def test_any_call_fails_now_and_then(self):
        """A client that knows what it was told, as in the durability run; before each of its steps a rule is drawn."""
        draw = random.Random(SEED)
        home = self.service(**standin_spark(self.scratch / "spark"))
        prepare(home)
        client = Client(home, 0, SEED, lambda: True)
        client.may_refuse = True
        steps, weights = zip(*(w for w in Client.WORK if w[0] is not Client.run))
        hits = 0
        for _ in range(STEPS):
            call = draw.choice(sorted(FILES))
            self.machine.fail(call, draw.choice(FILES[call]), nth=draw.randrange(1, 12), count=draw.randrange(1, 4))
            draw.choices(steps, weights)[0](client)
            hits += len(self.machine.hits())
            self.assertIsNotNone(home.pid(), f"the service ended: {home.log()}")
            self.assertEqual(client.losses, [], f"seed {SEED}: {self.machine.hits()}\n{home.log()}")
        self.machine.heal()
        home.kill9()
        home.start()
        client.may_refuse = False
        client.check_all()
        client.wire.close()
        home.stop()
        home.start()
        home.stop()
        files = check_files(home, client.losses)
        self.assertEqual(client.losses, [])
        print(f"{STEPS} steps, {hits} calls failed, {client.refused} refused, {sum(client.acknowledged.values())} acknowledged, "
              f"{files} files, seed {SEED}")
        self.assertGreater(client.refused, 0)


class Runner(Case):
    """weir."""

    def setUp(self):
        super().setUp()
        self.home = weirlocal.Home()
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.home.env["WEIR"] = os.environ["WEIR"]
        self.twin = Twin(self.home.scratch / "twin")
        self.live = self.twin.live(self.home)
        self.twin.write(1)
        self.assertEqual(self.apply().returncode, 0)
        self.reference = self.live.state()

    def apply(self, *args, env=None):
        return self.home.run(self.twin.argv(self.home, "apply", "-y", *args), env=env or {})

    def each(self, call, action, status, said):
        """A failing apply at each call, the later ones by leaps; each is followed by one that converges."""
        nth, failed = 1, 0
        while nth < 3000:
            self.live.clear()
            before = sorted(p.name for p in self.twin.folder.iterdir())
            self.machine.fail(call, action, nth=nth, count=1)
            done = self.apply("--retries", "0", env=self.machine.env)
            hits = self.machine.hits()
            self.machine.heal()
            if not hits:
                break
            with self.subTest(call=call, action=name(action), nth=nth, hit=hits[0]):
                self.assertIn(done.returncode, (0, *status), done.stderr)
                if done.returncode:
                    failed += 1
                    self.assertRegex(done.stdout + done.stderr, said)
                self.assertEqual(sorted(p.name for p in self.twin.folder.iterdir()), before)
                again = self.apply()
                self.assertEqual(again.returncode, 0, again.stderr)
                check_same(self.live.state(), self.reference)
            nth += 1 if nth < 6 else nth // 3
        self.assertGreater(nth, 1, "no such call was made")
        return failed

    def test_files(self):
        """1 where it is the pipeline's files, which a mistake may be to blame for."""
        self.assertGreater(self.each("open", errno.EMFILE, (1, 3, 5), "Too many open files"), 0)
        self.assertGreater(self.each("read", errno.EIO, (1, 3, 5), "Input/output error"), 0)

    def test_the_cache(self):
        """It is worth nothing to anybody: without it weir goes on."""
        self.each("mkdir", errno.EROFS, (), "")

    def test_connections(self):
        self.assertGreater(self.each("socket", errno.EMFILE, (3, 5), "Too many open files\n *`ulimit -n` sets"), 0)
        self.assertGreater(self.each("connect", errno.ENETUNREACH, (3, 5), "Network is unreachable"), 0)
        self.assertGreater(self.each("recv", errno.EIO, (3, 5), "connection was lost"), 0)

    def test_less_at_a_time(self):
        for call, action in (("read", "short"), ("send", "short"), ("recv", "short"), ("read", errno.EINTR)):
            with self.subTest(call=call, action=name(action)):
                self.live.clear()
                self.machine.fail(call, action, count=40 if action == errno.EINTR else 0)
                done = self.apply(env=self.machine.env)
                self.assertTrue(self.machine.hits())
                self.assertEqual(done.returncode, 0, done.stderr)
                check_same(self.live.state(), self.reference)

    def no_memory(self):
        """It ends at once, by abort or with an error, and says so; what it did is whole."""
        nth, said = 1, 0
        while nth < 100000:
            self.live.clear()
            self.machine.fail("alloc", errno.ENOMEM, nth=nth, count=0)
            done = self.apply(env=self.machine.env)
            hits = self.machine.hits()
            self.machine.heal()
            if not hits:
                break
            with self.subTest(nth=nth):
                self.assertNotEqual(done.returncode, 0)
                self.assertNotEqual(done.returncode, -11, "a segmentation fault")
                said += "out of memory" in done.stderr
            nth = nth * 5 // 4 + 400
        self.assertGreater(said, 3)
        self.assertEqual(self.apply().returncode, 0)
        check_same(self.live.state(), self.reference)

    if not sanitizer():  # AddressSanitizer's memory is its own
        test_no_memory = no_memory

    def test_the_clock_jumps(self):
        """Off by an hour while it applies: the service refuses the signatures, weir says by how much the clock is off."""
        self.live.clear()
        self.machine.fail("clock", 3600_000, nth=40)
        done = self.apply(env=self.machine.env)
        self.machine.heal()
        if done.returncode:
            self.assertRegex(done.stdout + done.stderr, "clock")
        self.assertEqual(self.apply().returncode, 0)
        check_same(self.live.state(), self.reference)


class Results(Case):
    """What cannot be written out is no success."""

    def test_stdout_is_full(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([os.environ["WEIR"], "version"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, "No space left on device")


if __name__ == "__main__":
    weirlocal.main()
