#!/usr/bin/env python3
"""Faults on demand: the calls to /weir/faults by which other tests make weir-local fail."""
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
        ):
            with self.subTest(rule=rule):
                self.assertEqual(home.call("POST", "/weir/faults", rule).status, 400)
        self.assertEqual(home.call("GET", "/weir/faults").json(), [])

    def test_unsigned(self):
        target = "/weir/faults"
        for method in ("GET", "DELETE", "POST"):
            fields = [f for f in home.sign(method, target, b"{}" if method == "POST" else b"") if f[0] != "authorization"]
            self.assertEqual(home.raw(weirlocal.message(method, target, fields, b"{}" if method == "POST" else b"")).status, 401)


if __name__ == "__main__":
    weirlocal.main()
