#!/usr/bin/env python3
"""Faults on demand: the calls to /weir/faults by which other tests make weir-local fail."""
import contextlib
import itertools
import json
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    home.bucket("b")


class Faults(unittest.TestCase):
    def setUp(self):
        self.assertEqual(home.call("DELETE", "/weir/faults").status, 204)
        self.target = home.object("b", self._testMethodName)

    def tearDown(self):
        home.call("DELETE", "/weir/faults")
        home.call("DELETE", self.target)

    def rule(self, **rule):
        self.assertEqual(home.call("POST", "/weir/faults", rule).status, 204)

    def put(self, body=b"x"):
        return home.call("PUT", self.target, body)

    def there(self):
        return home.call("GET", self.target).status == 200

    def test_status(self):
        self.rule(method="PUT", path="/n/*", action="status")
        reply = self.put()
        self.assertEqual((reply.status, reply.code), (503, "ServiceUnavailable"))
        self.assertFalse(self.there())
        self.assertEqual(self.put().status, 200)

    def test_status_code_and_retry_after(self):
        self.rule(action="status", status=429, code="TooManyRequests", retryAfter=7)
        reply = home.call("GET", "/n")
        self.assertEqual((reply.status, reply.code, reply.field("retry-after")), (429, "TooManyRequests", "7"))

    def test_nth_and_count(self):
        self.rule(method="GET", path="/n", nth=2, count=3, action="status", status=500)
        self.assertEqual([home.call("GET", "/n").status for _ in range(6)], [200, 500, 500, 500, 200, 200])
        rule, = home.call("GET", "/weir/faults").json()
        self.assertEqual((rule["seen"], rule["acted"], rule["nth"]), (6, 3, 2))

    def test_count_without_end(self):
        self.rule(method="GET", path="/n", count=0, action="status", status=500)
        self.assertEqual([home.call("GET", "/n").status for _ in range(5)], [500] * 5)
        home.call("DELETE", "/weir/faults")
        self.assertEqual(home.call("GET", "/n").status, 200)

    def test_first_rule_that_acts(self):
        self.rule(method="GET", action="status", status=500)
        self.rule(action="status", status=429, count=0)
        self.assertEqual([home.call("GET", "/n").status for _ in range(3)], [500, 429, 429])
        self.assertEqual(self.put().status, 429)

    def test_reset_before(self):
        self.rule(method="PUT", action="reset")
        self.assertIsNone(self.put())
        self.assertFalse(self.there())
        self.assertEqual(self.put().status, 200)

    def test_reply_lost_after_the_change(self):
        self.rule(method="PUT", action="lose")
        self.assertIsNone(self.put())
        self.assertTrue(self.there())

    def test_reply_to_get_lost(self):
        self.rule(method="GET", action="lose")
        self.assertIsNone(home.call("GET", "/n"))
        self.assertEqual(home.call("GET", "/n").status, 200)

    def hangs(self, action, method, target, body=b""):
        """A request that gets no reply until the rules are removed."""
        self.rule(method=method, action=action)
        replies = []
        thread = threading.Thread(target=lambda: replies.append(home.call(method, target, body)))
        thread.start()
        for _ in range(400):
            if home.call("GET", "/weir/faults").json()[0]["acted"]:
                break
            time.sleep(0.02)
        thread.join(0.5)
        self.assertEqual(replies, [])
        self.assertTrue(thread.is_alive())
        return thread, replies

    def release(self, thread, replies):
        self.assertEqual(home.call("DELETE", "/weir/faults").status, 204)
        thread.join(30)
        self.assertEqual(replies, [None])

    def test_hang_before(self):
        thread, replies = self.hangs("hang", "PUT", self.target, b"x")
        self.assertFalse(self.there())
        self.release(thread, replies)
        self.assertFalse(self.there())

    def test_hang_after(self):
        thread, replies = self.hangs("hang-after", "PUT", self.target, b"x")
        for _ in range(200):
            if self.there():
                break
            time.sleep(0.02)
        self.assertTrue(self.there())
        self.release(thread, replies)

    def test_hang_of_a_get(self):
        for action in ("hang", "hang-after"):
            with self.subTest(action=action):
                self.release(*self.hangs(action, "HEAD", self.target))

    def test_the_service_ends_while_requests_hang(self):
        with weirlocal.Home() as other:
            other.call("POST", "/weir/faults", {"action": "hang", "count": 0})
            with other.wire() as wire:
                wire.send(weirlocal.message("GET", "/n", other.sign("GET", "/n")))
                time.sleep(0.3)
                self.assertEqual(other.stop(), 0)
                self.assertIsNone(wire.reply())

    # -- late, cut, slow

    def test_delay(self):
        self.rule(action="delay", delayMs=150, count=0)
        for method, target in (("PUT", self.target), ("GET", self.target), ("HEAD", self.target), ("GET", "/n/none")):
            with self.subTest(method=method, target=target):
                start = time.monotonic()
                self.assertIn(home.call(method, target, b"x" if method == "PUT" else b"").status, (200, 404))
                self.assertGreaterEqual(time.monotonic() - start, 0.15)

    def test_delayed_requests_hold_nobody_up(self):
        """More of them than there are workers and threads, and others are answered meanwhile."""
        self.rule(path="*" + self._testMethodName, action="delay", delayMs=600000, count=0)
        wires = [home.wire() for _ in range(200)]
        for i, wire in enumerate(wires):
            body = b"x" if i % 2 else b""
            method = "PUT" if i % 2 else "GET"
            wire.send(weirlocal.message(method, self.target, home.sign(method, self.target, body), body))
        while home.call("GET", "/weir/faults").json()[0]["acted"] < len(wires):
            time.sleep(0.02)
        other = home.object("b", "another")
        self.assertEqual(home.call("PUT", other, b"x").status, 200)
        self.assertEqual(home.call("DELETE", other).status, 204)
        home.call("DELETE", "/weir/faults")
        self.assertLessEqual({wire.reply().status for wire in wires}, {200, 404})
        for wire in wires:
            wire.close()

    def test_delay_goes_with_another_fault(self):
        self.rule(action="delay", delayMs=150, count=0)
        self.rule(action="status", status=429)
        self.rule(method="PUT", action="lose", nth=2)
        start = time.monotonic()
        self.assertEqual(self.put().status, 429)
        self.assertIsNone(self.put())
        self.assertGreaterEqual(time.monotonic() - start, 0.3)
        self.assertTrue(self.there())

    def test_a_delayed_reply_comes_at_once_when_the_rules_are_removed(self):
        self.rule(method="PUT", action="delay", delayMs=600000)
        with home.wire() as wire:
            wire.send(weirlocal.message("PUT", self.target, home.sign("PUT", self.target, b"x"), b"x"))
            while not self.there():
                time.sleep(0.02)
            home.call("DELETE", "/weir/faults")
            self.assertEqual(wire.reply().status, 200)

    def release_on_the_way(self, rule, method, pause):
        """The replies to requests of which some have found the rule and do not wait yet when it is removed."""
        self.put(b"x" * 1000)
        self.rule(method=method, count=0, **rule)
        body = b"x" * 1000 if method == "PUT" else b""
        message = weirlocal.message(method, self.target, home.sign(method, self.target, body), body)
        with contextlib.ExitStack() as stack:
            wires = [stack.enter_context(home.wire()) for _ in range(20)]
            for wire in wires:
                wire.send(message)
            time.sleep(pause)
            self.assertEqual(home.call("DELETE", "/weir/faults").status, 204)
            return [reply and reply.status for reply in (wire.reply() for wire in wires)]

    def test_no_request_is_left_behind_when_the_rules_are_removed(self):
        for rule, replies in (
            ({"action": "delay", "delayMs": 600000}, {200}),
            ({"action": "throttle"}, {200}),
            ({"action": "hang"}, {200, None}),
            ({"action": "hang-after"}, {200, None}),
        ):
            for method, ms in itertools.product(("PUT", "GET"), range(6)):
                with self.subTest(rule=rule, method=method, ms=ms):
                    self.assertLessEqual(set(self.release_on_the_way(rule, method, ms / 1000)), replies)

    def test_a_connection_goes_on_after_a_delay(self):
        self.rule(action="delay", delayMs=5, count=0)
        with home.wire() as wire:
            for method in ("PUT", "GET", "GET", "PUT", "HEAD", "GET"):
                self.assertEqual(home.call(method, self.target, b"x" if method == "PUT" else b"", wire=wire).status, 200)

    def test_clients_go_away_while_they_wait(self):
        self.rule(action="delay", delayMs=100, count=0)
        for _ in range(20):
            with home.wire() as wire:
                wire.send(weirlocal.message("GET", "/n", home.sign("GET", "/n")))
        time.sleep(0.2)
        self.assertEqual(home.call("GET", "/n").status, 200)

    def cut(self, **rule):
        """(promised, received) of a GET of 1,000 bytes that is cut."""
        self.put(b"x" * 1000)
        self.rule(method="GET", action="truncate", **rule)
        with home.wire() as wire:
            wire.send(weirlocal.message("GET", self.target, home.sign("GET", self.target)))
            reply = wire.reply()
            self.assertTrue(wire.closed())
        self.assertEqual(reply.status, 200)
        return int(reply.field("content-length")), len(reply.body)

    def test_truncate(self):
        for rule, received in (({}, 500), ({"bytes": 10}, 10), ({"bytes": 0}, 0), ({"bytes": 999}, 999), ({"bytes": 1000}, 500)):
            with self.subTest(rule=rule):
                self.assertEqual(self.cut(**rule), (1000, received))
        self.assertEqual(home.call("GET", self.target).body, b"x" * 1000)

    def test_truncate_a_large_object(self):
        body = os.urandom(1 << 20)
        self.put(body)
        self.rule(method="GET", action="truncate")
        self.assertEqual(home.call("GET", self.target).body, body[: 1 << 19])
        self.assertEqual(home.call("GET", self.target).body, body)

    def test_truncate_json(self):
        self.rule(method="GET", path="/n/*/b", action="truncate")
        target = f"/n/{home.ns}/b?compartmentId={home.tenancy}"
        cut, whole = home.call("GET", target), home.call("GET", target)
        self.assertTrue(whole.body.startswith(cut.body))
        self.assertEqual(len(cut.body), len(whole.body) // 2)
        self.assertEqual(cut.field("content-length"), whole.field("content-length"))

    def test_truncate_without_a_body_is_lost(self):
        self.rule(action="truncate")
        self.assertIsNone(self.put())
        self.assertTrue(self.there())
        self.rule(action="truncate")
        self.assertIsNone(home.call("HEAD", self.target))

    def test_throttle(self):
        body = os.urandom(3000)
        self.put(body)
        self.rule(method="GET", action="throttle", bytesPerSecond=10000)
        start = time.monotonic()
        self.assertEqual(home.call("GET", self.target).body, body)
        self.assertGreaterEqual(time.monotonic() - start, 0.29)
        self.assertEqual(home.call("GET", self.target).body, body)

    def test_throttle_a_large_object(self):
        body = os.urandom(1 << 20)
        self.put(body)
        self.rule(method="GET", action="throttle", bytesPerSecond=10000000)
        self.assertEqual(home.call("GET", self.target).body, body)

    def test_throttle_to_a_byte_a_second(self):
        self.rule(method="GET", path="/n", action="throttle")
        with home.wire() as wire:
            wire.send(weirlocal.message("GET", "/n", home.sign("GET", "/n")))
            start, bytes_ = time.monotonic(), b""
            while not bytes_.endswith(b'\r\n\r\n"we'):
                bytes_ += wire.socket.recv(1)
            self.assertGreaterEqual(time.monotonic() - start, 1.9)

    def test_the_service_ends_while_requests_wait(self):
        with weirlocal.Home() as other:
            other.call("POST", "/weir/faults", {"action": "delay", "delayMs": 600000, "count": 0})
            other.call("POST", "/weir/faults", {"action": "throttle"})
            with other.wire() as slow, other.wire() as late:
                slow.send(weirlocal.message("GET", "/n", other.sign("GET", "/n")))
                late.send(weirlocal.message("GET", "/n", other.sign("GET", "/n")))
                while other.call("GET", "/weir/faults").json()[0]["acted"] < 2:
                    time.sleep(0.02)
                self.assertEqual(other.stop(), 0)

    def test_exit(self):
        for action, kept in (("exit", False), ("exit-after", True)):
            for method in ("PUT", "GET"):
                with self.subTest(action=action, method=method), weirlocal.Home() as other:
                    other.bucket("b")
                    other.call("POST", "/weir/faults", {"method": method, "action": action})
                    target = other.object("b", "o")
                    self.assertIsNone(other.call(method, target, b"x" if method == "PUT" else b""))
                    self.assertEqual(other.wait_killed(), -9)
                    other.start()
                    self.assertEqual(other.call("GET", target).status, 200 if kept and method == "PUT" else 404)

    def test_only_signed_requests_count(self):
        self.rule(method="GET", action="status", status=500)
        self.assertEqual(home.call("GET", "/n", key=weirlocal.Key()).status, 401)
        self.assertEqual(home.call("GET", "/n").status, 500)

    def test_the_services_own_calls_never_fail(self):
        self.rule(action="status", status=500, count=0)
        self.assertEqual(home.call("GET", "/weir/state").status, 200)
        self.assertEqual(len(home.call("GET", "/weir/faults").json()), 1)

    def test_wrong_rules(self):
        for rule in (
            {}, {"action": "nonsense"}, {"action": "status", "nth": 0}, {"action": "status", "status": 200}, {"action": "status", "x": 1},
            {"action": "status", "nth": "1"}, {"action": "reset", "seen": 1},
            {"action": "delay"}, {"action": "delay", "delayMs": 0}, {"action": "delay", "delayMs": 600001}, {"action": "lose", "delayMs": 1},
            {"action": "throttle", "bytesPerSecond": 0}, {"action": "status", "bytes": 1}, {"action": "truncate", "bytes": -1},
            {"action": "reset", "status": 500}, {"action": "exit", "code": "X"}, {"action": "hang", "retryAfter": 1},
        ):
            with self.subTest(rule=rule):
                self.assertEqual(home.call("POST", "/weir/faults", rule).status, 400)
        self.assertEqual(home.call("GET", "/weir/faults").json(), [])

    def test_unsigned(self):
        target = "/weir/faults"
        for method in ("GET", "DELETE", "POST"):
            fields = [f for f in home.sign(method, target, b"{}" if method == "POST" else b"") if f[0] != "authorization"]
            self.assertEqual(home.raw(weirlocal.message(method, target, fields, b"{}" if method == "POST" else b"")).status, 401)


class Command(unittest.TestCase):
    """`weir local fault`."""

    def setUp(self):
        home.call("DELETE", "/weir/faults")

    tearDown = setUp

    def fault(self, *args, status=0):
        done = home.weir("local", "fault", *args)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout if not status else done.stderr

    def test_a_storm_of_429(self):
        self.fault("add", "status", "--status", "429", "--retry-after", "1", "--count", "20")
        replies = [home.call("GET", "/n") for _ in range(21)]
        self.assertEqual([r.status for r in replies], [429] * 20 + [200])
        self.assertEqual((replies[0].code, replies[0].field("retry-after")), ("TooManyRequests", "1"))

    def test_latency(self):
        self.fault("add", "delay", "--ms", "50", "--count", "0")
        start = time.monotonic()
        self.assertEqual(home.call("GET", "/n").status, 200)
        self.assertGreaterEqual(time.monotonic() - start, 0.05)

    def test_a_lost_reply(self):
        self.fault("add", "lose", "--method", "POST", "--path", "/n/*/b")
        target = f"/n/{home.ns}/b"
        self.assertIsNone(home.call("POST", target, {"name": "lost", "compartmentId": home.tenancy}))
        self.assertEqual(home.call("DELETE", f"{target}/lost").status, 204)

    def test_list_and_clear(self):
        self.assertEqual(self.fault("list"), "There are no rules.\n")
        self.fault("add", "throttle", "--method", "GET", "--path", "/n/*/o/*", "--nth", "2", "--bytes-per-second", "100")
        self.fault("add", "truncate", "--bytes", "7")
        home.call("GET", "/n")
        self.assertEqual(self.fault("list"), "throttle --method 'GET' --path '/n/*/o/*' --nth 2 --bytes-per-second 100    (seen 0, acted 0)\n"
                         "truncate --bytes 7    (seen 1, acted 1, first on GET /n)\n")
        self.assertEqual([r["action"] for r in json.loads(self.fault("list", "-o", "json"))], ["throttle", "truncate"])
        self.fault("clear")
        self.assertEqual(json.loads(self.fault("list", "-o", "json")), [])

    def test_mistakes(self):
        for args, text in (
            ((), "fault what? add, list or clear"),
            (("remove",), "there is no `fault remove`: it is add, list or clear"),
            (("add",), "which action? status, reset, lose, delay, ..."),
            (("add", "explode"), "action: "),
            (("add", "lose", "reset"), "reset is one argument too many"),
            (("add", "lose", "--frequency", "2"), "unknown option --frequency"),
            (("add", "lose", "--nth"), "--nth needs a value"),
            (("add", "lose", "--nth", "two"), "--nth: two is not a number"),
            (("add", "lose", "--nth", "0"), "nth: "),
            (("add", "lose", "--nth", "1", "--nth", "2"), "--nth is given twice"),
            (("add", "status", "--status", "200"), "status: "),
            (("add", "delay"), "delayMs: the action delay needs it"),
            (("add", "lose", "--ms", "5"), "delayMs: only the action delay takes it, not lose"),
            (("list", "-o", "yaml"), "list takes -o text or -o json"),
            (("list", "all"), "list takes -o text or -o json, not all"),
            (("clear", "all"), "all is one argument too many"),
        ):
            with self.subTest(args=args):
                said = self.fault(*args, status=1)
                self.assertTrue(said.startswith(f"weir-local: {text}"), said)
                self.assertIn("`weir local fault help` lists the actions and their options", said)
        self.assertEqual(self.fault("list"), "There are no rules.\n")

    def test_help(self):
        self.assertIn("weir-local fault add delay --ms 50 --count 0", self.fault("help"))

    def test_no_service(self):
        with weirlocal.Home(start=False) as other:
            done = other.weir("local", "fault", "list")
            self.assertEqual(done.returncode, 3)
            self.assertEqual(done.stderr, f"weir-local: weir-local is not running (home {other.path})\n  `weir local up` starts it\n")


if __name__ == "__main__":
    weirlocal.main()
