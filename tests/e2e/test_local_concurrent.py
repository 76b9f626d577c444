#!/usr/bin/env python3
"""Many clients of one weir-local at once: what is conditional happens once, and nobody reads half of anything."""
import contextlib
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

home = None
THREADS = 12


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    home.bucket("b")


def at_once(work, threads=THREADS):
    """work(i, wire) in many threads that begin together; what they return."""
    results, start = [None] * threads, threading.Barrier(threads)

    def run(i):
        with home.wire() as wire:
            start.wait()
            try:
                results[i] = work(i, wire)
            except Exception as error:  # told by whoever looks at the results
                results[i] = error

    running = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return results


class Once(unittest.TestCase):
    def one_wins(self, work, won, lost):
        replies = at_once(work)
        self.assertEqual(sorted(r.status for r in replies), [won] + [lost] * (THREADS - 1), replies)
        return next(i for i, r in enumerate(replies) if r.status == won)

    def test_put_if_absent(self):
        for round_number in range(10):
            target = home.object("b", f"absent/{round_number}")
            winner = self.one_wins(
                lambda i, wire: home.call("PUT", target, b"%d" % i, wire=wire, fields=[("if-none-match", "*")]), 200, 412
            )
            self.assertEqual(home.call("GET", target).body, b"%d" % winner)

    def test_compare_and_swap(self):
        """A counter that all increase by if-match: no increase is lost."""
        target, each = home.object("b", "counter"), 10
        home.call("PUT", target, b"0")

        def work(_, wire):
            done = 0
            while done < each:
                now = home.call("GET", target, wire=wire)
                match = [("if-match", now.field("etag"))]
                put = home.call("PUT", target, b"%d" % (int(now.body) + 1), wire=wire, fields=match)
                self.assertIn(put.status, (200, 412))
                done += put.status == 200
            return done

        self.assertEqual(at_once(work), [each] * THREADS)
        self.assertEqual(home.call("GET", target).body, b"%d" % (each * THREADS))

    def test_rename(self):
        for round_number in range(5):
            source = f"source/{round_number}"
            home.call("PUT", home.object("b", source), source.encode())
            winner = self.one_wins(
                lambda i, wire: home.call(
                    "POST", f"/n/{home.ns}/b/b/actions/renameObject",
                    {"sourceName": source, "newName": f"{source}/to/{i}", "newObjIfNoneMatchETag": "*"}, wire=wire,
                ), 200, 404,
            )
            listed = home.call("GET", f"/n/{home.ns}/b/b/o?prefix={weirlocal.quote(source)}").json()["objects"]
            self.assertEqual([o["name"] for o in listed], [f"{source}/to/{winner}"])

    def test_delete(self):
        target = home.object("b", "deleted")
        home.call("PUT", target, b"x")
        self.one_wins(lambda i, wire: home.call("DELETE", target, wire=wire), 204, 404)

    def test_bucket(self):
        details = {"name": "once", "compartmentId": home.tenancy}
        self.one_wins(lambda i, wire: home.call("POST", f"/n/{home.ns}/b", details, wire=wire), 200, 409)
        self.one_wins(lambda i, wire: home.call("DELETE", f"/n/{home.ns}/b/once", wire=wire), 204, 404)

    def test_commit(self):
        uploads = f"/n/{home.ns}/b/b/u"
        upload = home.call("POST", uploads, {"object": "big"}).json()["uploadId"]
        target = f"{uploads}/big?uploadId={upload}"
        etags = [home.call("PUT", f"{target}&uploadPartNum={n}", b"%d" % n * 100_000).field("etag") for n in (1, 2)]
        parts = {"partsToCommit": [{"partNum": n + 1, "etag": etag} for n, etag in enumerate(etags)]}
        replies = at_once(lambda i, wire: home.call("POST", target, parts, wire=wire))
        self.assertEqual(sum(r.status == 200 for r in replies), 1, replies)
        self.assertLessEqual({r.status for r in replies}, {200, 404, 409}, replies)
        self.assertEqual(home.call("GET", home.object("b", "big")).body, b"1" * 100_000 + b"2" * 100_000)


class Whole(unittest.TestCase):
    def test_readers_while_it_is_replaced(self):
        """Each GET is one of the versions, wholly, under its own etag and MD5; some writers delete in between."""
        target, sizes = home.object("b", "replaced"), (0, 10, 70_000, 400_000)
        etags = {}

        def write(i, wire):
            for n in range(12):
                body = bytes([i * 16 + n]) * sizes[(i + n) % len(sizes)]
                reply = home.call("PUT", target, body, wire=wire)
                if reply.status != 200:
                    return reply
                etags[reply.field("etag")] = body
                if n % 5 == 4:
                    reply = home.call("DELETE", target, wire=wire)
                    if reply.status not in (204, 404):
                        return reply
            return None

        def read(wire):
            seen = []
            for _ in range(60):
                reply = home.call("GET", target, wire=wire)
                if reply.status == 200:
                    seen.append((reply.field("etag"), reply.body))
                elif reply.status != 404:
                    return reply
            return seen

        results = at_once(lambda i, wire: write(i, wire) if i % 2 else read(wire))
        self.assertEqual(results[1::2], [None] * (THREADS // 2))
        for seen in results[0::2]:
            self.assertIsInstance(seen, list, seen)
            for etag, body in seen:
                self.assertEqual(body == etags[etag], True, f"{etag}: {len(body)} bytes, {len(etags[etag])} were put")
        self.assertEqual(len(etags), 12 * (THREADS // 2))

    def test_listings_are_of_one_moment(self):
        """A name that is renamed back and forth is in each listing once."""
        home.bucket("moment")
        home.call("PUT", home.object("moment", "a"), b"x")

        def work(i, wire):
            if i == 0:
                for n in range(60):
                    names = ("a", "z") if n % 2 == 0 else ("z", "a")
                    details = {"sourceName": names[0], "newName": names[1]}
                    home.call("POST", f"/n/{home.ns}/b/moment/actions/renameObject", details, wire=wire)
                return {1}
            lists = (home.call("GET", f"/n/{home.ns}/b/moment/o", wire=wire).json() for _ in range(60))
            return {len(page["objects"]) for page in lists}

        self.assertEqual(at_once(work, 4), [{1}] * 4)


class Told(unittest.TestCase):
    """Each thread of the service remembers what it read. Who was told of a change, or has seen it, sees nothing older."""

    def test_by_many_while_it_is_replaced(self):
        names = [home.object("b", f"told/{i}") for i in range(THREADS // 2)]
        floors, lock = dict.fromkeys(names, 0), threading.Lock()

        def raise_floor(target, n):
            with lock:
                floors[target] = max(floors[target], n)

        def write(target, wire):
            for n in range(1, 41):
                reply = home.call("PUT", target, b"%d" % n, wire=wire)
                if reply.status != 200:
                    return reply
                raise_floor(target, n)
            return None

        def read(wire):
            for _ in range(40):
                for target in names:
                    with lock:
                        floor = floors[target]
                    reply = home.call("GET", target, wire=wire)
                    seen = int(reply.body) if reply.status == 200 else 0
                    if seen < floor or reply.status not in (200, 404):
                        return f"{target}: {reply} after {floor} was there"
                    raise_floor(target, seen)
            return None

        results = at_once(lambda i, wire: write(names[i // 2], wire) if i % 2 else read(wire))
        self.assertEqual(results, [None] * THREADS)

    def test_each_kind_of_change(self):
        home.bucket("kinds")
        self.assertEqual(home.call("POST", f"/n/{home.ns}/b/kinds", {"versioning": "Enabled"}).status, 200)
        target, there = home.object("kinds", "a"), home.object("kinds", "z")
        with contextlib.ExitStack() as open_wires:
            wires = [open_wires.enter_context(home.wire()) for _ in range(8)]

            def change(want, method, at, body=b"", status=200, fields=()):
                """Every connection has read both; then `want` is what every one reads of them."""
                made = home.call(method, at, body, fields=fields)
                self.assertEqual(made.status, status, made)
                for _ in range(2):
                    for wire in wires:
                        got = [home.call("GET", o, wire=wire) for o in (target, there)]
                        self.assertEqual(tuple(r.body if r.status == 200 else r.status for r in got), want)
                        head = home.call("HEAD", target, wire=wire)
                        self.assertEqual((head.status, head.field("etag")), (got[0].status, got[0].field("etag")))
                return made

            def rename(want, source, name):
                change(want, "POST", f"/n/{home.ns}/b/kinds/actions/renameObject", {"sourceName": source, "newName": name})

            change((b"1", 404), "PUT", target, b"1")
            second = change((b"2", 404), "PUT", target, b"2").field("version-id")
            rename((404, b"2"), "a", "z")
            change((b"3", b"2"), "PUT", target, b"3")
            marker = change((404, b"2"), "DELETE", target, status=204).field("version-id")
            change((b"3", b"2"), "DELETE", f"{target}?versionId={marker}", status=204)
            latest = change((b"4" * 5000, b"2"), "PUT", target, b"4" * 5000).field("version-id")
            change((b"3", b"2"), "DELETE", f"{target}?versionId={latest}", status=204)
            change((b"", b"2"), "PUT", target, b"")
            tier = {"objectName": "z", "storageTier": "Archive"}
            change((b"", 409), "POST", f"/n/{home.ns}/b/kinds/actions/updateObjectStorageTier", tier)
            self.assertNotEqual(second, latest)

    def test_of_another_life(self):
        """What was remembered ends with the process; what was told does not."""
        target = home.object("b", "life")
        for n in range(3):
            self.assertEqual(home.call("PUT", target, b"%d" % n).status, 200)
            self.assertEqual(home.call("GET", target).body, b"%d" % n)
            home.kill9()
            home.start()
            self.assertEqual(home.call("GET", target).body, b"%d" % n)


if __name__ == "__main__":
    weirlocal.main()
