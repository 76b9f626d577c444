#!/usr/bin/env python3
"""Malformed and hostile requests to weir-local: each gets its 4xx, changes nothing, and the service goes on.

Every request here is signed rightly where it can be, so that it is its form that is refused.
"""
import contextlib
import hashlib
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from weirlocal import message, quote

home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    home.bucket("b")
    home.call("PUT", home.object("b", "kept"), b"kept")


def state():
    """All that there is, as the service tells it."""
    buckets = home.call("GET", f"/n/{home.ns}/b?compartmentId={quote(home.tenancy)}").json()
    return {
        bucket["name"]: home.call("GET", f"/n/{home.ns}/b/{bucket['name']}/o?fields=name,size,md5,etag").json()
        for bucket in buckets
    }


def files():
    """Names of files in the home, less those that the database keeps for itself."""
    found = (p for p in home.path.rglob("*") if p.is_file() and not p.name.startswith("weir-local.db"))
    return {str(p.relative_to(home.path)) for p in found}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.pid = home.pid()
        self.before = state(), files()
        self.put = home.object("b", "new")

    def tearDown(self):
        """All is as before. Content that nothing names any more goes soon, not at once."""
        self.assertEqual(home.pid(), self.pid, home.log())
        self.assertEqual(state(), self.before[0])
        for _ in range(400):
            if files() == self.before[1]:
                break
            time.sleep(0.05)
        self.assertEqual(files(), self.before[1])
        self.assertEqual(home.call("GET", home.object("b", "kept")).body, b"kept")

    def expect(self, status, reply, code=None):
        self.assertIsNotNone(reply, "closed without a reply")
        self.assertEqual(reply.status, status, reply)
        if code:
            self.assertEqual(reply.code, code)

    def sign_put(self, body=b"new", **more):
        return home.sign("PUT", self.put, body, **more)

    def send_put(self, fields, body=b"new"):
        return home.raw(message("PUT", self.put, fields, body))


class Heads(Case):
    """The request line and the header."""

    def spoilt(self, *fields, drop=(), method="GET", target="/n", body=b""):
        signed = [f for f in home.sign(method, target, body) if f[0] not in drop]
        return home.raw(message(method, target, [*signed, *fields], body))

    def test_host_twice(self):
        for second in (home.host, "example.com"):
            self.expect(400, self.spoilt(("host", second)))
            self.expect(400, self.spoilt(("HOST", second), method="DELETE", target=home.object("b", "kept")))

    def test_host_absent(self):
        self.expect(400, self.spoilt(drop=["host"]))

    def test_host_of_another(self):
        for host in ("example.com", "127.0.0.1", f"127.0.0.1:{home.port + 1}", f"evil@{home.host}", f"{home.host}.", ""):
            with self.subTest(host=host):
                fields = home.sign("GET", "/n", host=host or " ")
                reply = home.raw(message("GET", "/n", [(n, host if n == "host" else v) for n, v in fields]))
                self.assertIn(reply.status, (400, 401), reply)

    def test_signed_fields_twice(self):
        for name in ("date", "authorization"):
            value = dict(home.sign("GET", "/n"))[name]
            self.expect(400, self.spoilt((name, value)))
            self.expect(400, self.spoilt((name.upper(), "x")))
        signed = dict(home.sign("POST", f"/n/{home.ns}/b", b"{}"))
        for name in ("content-type", "x-content-sha256"):
            self.expect(400, self.spoilt((name, signed[name]), method="POST", target=f"/n/{home.ns}/b", body=b"{}"))

    def test_content_length_twice(self):
        for second in ("3", "4", "0"):
            with self.subTest(second=second):
                self.expect(400, self.send_put([*self.sign_put(), ("content-length", second)]))
                self.expect(400, self.send_put([("Content-Length", second), *self.sign_put()]))

    def test_content_length_wrong(self):
        for value in ("-1", "+3", "3x", "0x3", "3, 3", "3,4", "", "99999999999999999999", "18446744073709551619"):
            with self.subTest(value=value):
                fields = [f for f in self.sign_put() if f[0] != "content-length"]
                self.assertIn(self.send_put([*fields, ("content-length", value)]).status, (400, 413))

    def test_content_length_absent(self):
        reply = self.send_put([f for f in self.sign_put() if f[0] != "content-length"], b"")
        self.assertIn(reply.status, (400, 411))

    def test_transfer_encoding(self):
        chunked = b"3\r\nnew\r\n0\r\n\r\n"
        for coding in ("chunked", "Chunked", "identity", "gzip, chunked", "xchunked"):
            with self.subTest(coding=coding):
                self.expect(400, self.send_put([*self.sign_put(), ("transfer-encoding", coding)], chunked))
        without = [f for f in self.sign_put() if f[0] != "content-length"]
        self.assertIn(self.send_put([*without, ("transfer-encoding", "chunked")], chunked).status, (400, 411))

    def test_hidden_request_is_not_served(self):
        """A second request in the body of a first that two parsers would cut differently."""
        inner = message("DELETE", home.object("b", "kept"), home.sign("DELETE", home.object("b", "kept")))
        fields = [*self.sign_put(b"0\r\n\r\n" + inner), ("transfer-encoding", "chunked")]
        with home.wire() as wire:
            wire.send(message("PUT", self.put, fields, b"0\r\n\r\n" + inner))
            self.expect(400, wire.reply())
            self.assertTrue(wire.closed())

    def test_targets(self):
        for target in (
            f"http://{home.host}/n", f"https://{home.host}/n", "n", "*", f"//{home.host}/n", "/n /n", "/n\t", "/n#a",
            "/n%00", "/n%0", "/n%", "/n%zz", self.put + "%00.txt", self.put + "%0A", self.put + "\x01", self.put + "é",
            "/n\\..",
        ):
            with self.subTest(target=target):
                reply = home.raw(message("GET", target, home.sign("GET", target)))
                self.assertIn(reply.status, (400, 404), reply)
                if target not in ("/n\\..", f"//{home.host}/n"):
                    self.expect(400, reply)
                reply = home.raw(message("PUT", target, home.sign("PUT", target, b"new"), b"new"))
                self.assertIn(reply.status, (400, 404, 405), reply)

    def test_space_in_target(self):
        target = self.put + " b"
        self.expect(400, home.raw(message("PUT", target, home.sign("PUT", target, b"new"), b"new")))

    def test_request_lines(self):
        fields = home.sign("GET", "/n")
        head = "".join(f"{n}: {v}\r\n" for n, v in fields)
        for line in (
            "GET /n", "GET  /n HTTP/1.1", "GET /n  HTTP/1.1", "GET\t/n HTTP/1.1", " GET /n HTTP/1.1", "GET /n HTTP/1.1 ",
            "GET /n HTTP/2.0", "GET /n HTTP/1.10", "GET /n http/1.1", "GET /n FTP/1.1", "/n HTTP/1.1", "GET", "\0", "G\0ET /n HTTP/1.1",
        ):
            with self.subTest(line=line):
                reply = home.raw(f"{line}\r\n{head}\r\n".encode(), end=True)
                if reply:
                    self.assertIn(reply.status, (400, 401, 405, 505), reply)

    def test_methods(self):
        for method in ("PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "MERGE", "X" * 100):
            with self.subTest(method=method):
                reply = home.raw(message(method, "/n", home.sign(method, "/n")), end=True)
                self.assertIn(reply.status, (400, 405, 501), reply)
        for method, target in (("POST", "/n"), ("DELETE", f"/n/{home.ns}/b"), ("POST", self.put), ("PUT", f"/n/{home.ns}/b")):
            with self.subTest(method=method, target=target):
                self.expect(405, home.call(method, target), "MethodNotAllowed")

    def test_no_such_route(self):
        for target in ("/nothing", f"/n/{home.ns}/x", f"/n/{home.ns}/b/b/x", "/20200129", "/20200129/nothing", "/../n", "/n/../n"):
            with self.subTest(target=target):
                self.expect(404, home.call("GET", target), "NotFound")

    def test_bare_line_feeds(self):
        for method, target, body in (("GET", "/n", b""), ("PUT", self.put, b"new")):
            data = message(method, target, home.sign(method, target, body), body)
            self.expect(400, home.raw(data.replace(b"\r\n", b"\n"), end=True))
            first, rest = data.split(b"\r\n", 1)
            self.expect(400, home.raw(first + b"\n" + rest, end=True))
            self.expect(400, home.raw(data.replace(b"\r\nhost", b"\nhost"), end=True))
            self.expect(400, home.raw(data.replace(b"\r\nhost", b"\rhost"), end=True))

    def test_header_lines(self):
        """Names and lines that parsers read differently."""
        for line in (
            "host : 127.0.0.1", " folded: x", "\tfolded: x", ": empty", "no colon", "a b: c", "a\0b: c", "a: b\0c", "a: b\rc",
            "content-length : 3", "transfer-encoding : chunked", "(x): y", "a: b\0" + "c" * 1000, "a: b\0 ", "a: b\0",
        ):
            data = message("PUT", self.put, self.sign_put(), b"new")
            at = data.index(b"date:")
            with self.subTest(line=line[:40]):
                self.expect(400, home.raw(data[:at] + line.encode() + b"\r\n" + data[at:], end=True))
            if line.endswith(("\0", " ")):
                continue  # that what follows a NUL is nothing can't be seen on the last line
            at = data.index(b"\r\n\r\n") + 2
            with self.subTest(last=line[:40]):
                self.expect(400, home.raw(data[:at] + line.encode() + b"\r\n" + data[at:], end=True))

    def test_folded_line(self):
        data = message("GET", "/n", home.sign("GET", "/n"))
        self.expect(400, home.raw(data.replace(b"host: ", b"host:\r\n "), end=True))

    def test_header_too_large(self):
        self.expect(431, self.spoilt(("x-large", "x" * (64 << 10))))
        self.expect(431, self.spoilt(*[(f"x-{i}", "x" * 1000) for i in range(64)]))
        self.expect(431, self.spoilt(("x" * (64 << 10), "large")))
        self.assertIn(self.spoilt(*[(f"x-{i}", "") for i in range(5000)]).status, (400, 431))

    def test_target_too_long(self):
        target = "/n/" + "x" * (128 << 10)
        self.expect(414, home.raw(message("GET", target, home.sign("GET", target))))

    def test_http_1_0(self):
        fields = home.sign("GET", "/n")
        with home.wire() as wire:
            wire.send(message("GET", "/n", fields, version="HTTP/1.0"))
            reply = wire.reply()
            self.assertIn(reply.status, (200, 400, 505))
            self.assertTrue(wire.closed())
        bare = [f for f in fields if f[0] != "host"]
        self.assertIn(home.raw(message("GET", "/n", bare, version="HTTP/1.0")).status, (400, 401, 505))

    def test_not_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300, b"\r\n" * 100, b"SSH-2.0-x\r\n", b"\xff" * 5000, b"\0" * 100):
            with self.subTest(data=data[:10]):
                reply = home.raw(data, end=True)
                if reply:
                    self.assertIn(reply.status, (400, 405, 414, 431), reply)


class Bodies(Case):
    def test_json_too_large(self):
        target = f"/n/{home.ns}/b"
        body = b'{"name": "' + b"x" * (1 << 20) + b'"}'
        reply = home.call("POST", target, body)
        self.expect(413, reply, "RequestEntityTooLarge")
        fields = [f for f in home.sign("POST", target, b"{}") if f[0] != "content-length"]
        fields.append(("content-length", str(1 << 40)))
        self.assertIn(home.raw(message("POST", target, fields)).status, (401, 413))

    def test_json_wrong(self):
        target = f"/n/{home.ns}/b"
        for body in (
            b"", b"{", b"[]", b"null", b"nonsense", b'{"name": 1}', b'{"name": null}', b'{"name": "x"}', b"\xff\xfe", b'{"name": "\xff"}',
            b'{"name": "x\\u0000y", "compartmentId": "c"}', b"[" * 100000, b'{"a":' * 100000, b'{"name": "x", "name": "y", "compartmentId": "c"}',
        ):
            with self.subTest(body=body[:40]):
                self.expect(400, home.call("POST", target, body))

    def test_put_with_wrong_content_md5(self):
        for value in ("", "x", "AAAA", "not base64 at all......", "1B2M2Y8AsgTpgAmY7PhCfg=="):
            with self.subTest(value=value):
                reply = self.send_put(self.sign_put(fields=[("content-md5", value)]))
                self.expect(400, reply)

    def test_half_a_head_then_close(self):
        data = message("PUT", self.put, self.sign_put(), b"new")
        for length in (1, 10, len(data) // 2, data.index(b"\r\n\r\n") + 2):
            with home.wire() as wire:
                wire.send(data[:length])
        with home.wire() as wire:
            wire.send(data[: len(data) // 2])
            wire.end()
            reply = wire.reply()
            self.assertTrue(reply is None or reply.status in (400, 408), reply)

    def test_half_a_body_then_close(self):
        body = os.urandom(200_000)
        data = message("PUT", self.put, self.sign_put(body), body)
        for length in (len(data) - len(body), len(data) - 100_000, len(data) - 1):
            with home.wire() as wire:
                wire.send(data[:length])
        with home.wire() as wire:
            wire.send(data[:-1])
            wire.end()
            reply = wire.reply()
            self.assertTrue(reply is None or reply.status in (400, 408), reply)
        target = f"/n/{home.ns}/b"
        json = b'{"name": "half", "compartmentId": "%s"}' % home.tenancy.encode()
        with home.wire() as wire:
            wire.send(message("POST", target, home.sign("POST", target, json), json[:-1]))

    def test_expect_refused_before_the_body(self):
        """A client that waits for 100 Continue learns that it is refused without sending the body."""
        intruder = weirlocal.Key()
        size = 1 << 30
        for what, target, more, status in (
            ("wrong key", self.put, {"key": intruder}, 401),
            ("no bucket", home.object("nowhere", "new"), {}, 404),
            ("there", home.object("b", "kept"), {"fields": [("if-none-match", "*")]}, 412),
            ("no route", f"/n/{home.ns}/x", {}, 404),
        ):
            with self.subTest(what=what), home.wire() as wire:
                fields = home.sign("PUT", target, **more)
                fields = [(n, str(size) if n == "content-length" else v) for n, v in fields]
                wire.send(message("PUT", target, [*fields, ("expect", "100-continue")]))
                self.expect(status, wire.reply())
                self.assertTrue(wire.closed())

    def test_refused_while_the_body_comes(self):
        """The same without Expect: the reply can be read, and what was sent isn't taken for a request."""
        body = message("DELETE", home.object("b", "kept"), home.sign("DELETE", home.object("b", "kept"))) * 100
        fields = home.sign("PUT", self.put, body, key=weirlocal.Key())
        with home.wire() as wire:
            wire.send(message("PUT", self.put, fields, body))
            self.expect(401, wire.reply())
            self.in_step(wire)

    def in_step(self, wire):
        """The service took the body for a body: what follows is answered as what it is, unless it closed."""
        wire.send(message("GET", home.object("b", "kept"), home.sign("GET", home.object("b", "kept"))))
        reply = wire.reply()
        if reply:
            self.assertEqual((reply.status, reply.body), (200, b"kept"))

    def test_body_on_get_and_delete(self):
        for method, target in (("GET", "/n"), ("DELETE", home.object("b", "nothing")), ("HEAD", home.object("b", "kept"))):
            inner = message("DELETE", home.object("b", "kept"), home.sign("DELETE", home.object("b", "kept")))
            fields = [*home.sign(method, target), ("content-length", str(len(inner)))]
            with home.wire() as wire:
                wire.send(message(method, target, fields, inner))
                self.assertIn(wire.reply(head=method == "HEAD").status, (200, 400, 404, 413))
                self.in_step(wire)


class Names(Case):
    """Names that look like paths stay names: in the service, and on the disk."""

    NAMES = ("../up", "../../../../../../tmp/weir-escape", "a/../../b", "/etc/passwd", "..", ".", "tmp/../../x", "a\\..\\b", "~", "$HOME", "`id`", "weir-local.db")

    def put_and_look(self, target, name, body):
        before = files()
        self.expect(200, home.call("PUT", target, body))
        listed = home.call("GET", f"/n/{home.ns}/b/b/o?prefix={quote(name)}&limit=1").json()["objects"]
        self.assertEqual([o["name"] for o in listed], [name])
        self.assertEqual(home.call("GET", home.object("b", name)).body, body)
        digest = hashlib.sha256(body).hexdigest()
        self.assertEqual(files() - before, {f"objects/{digest[:2]}/{digest}"})

    def tearDown(self):
        self.assertFalse(os.path.exists("/tmp/weir-escape"))
        super().tearDown()

    def test_encoded(self):
        for name in self.NAMES:
            with self.subTest(name=name):
                target = home.object("b", name)
                self.put_and_look(target, name, b"content of " + name.encode())
                self.expect(204, home.call("DELETE", target))

    def test_raw(self):
        for name in self.NAMES[:7]:
            with self.subTest(name=name):
                target = f"/n/{home.ns}/b/b/o/{name}"
                self.put_and_look(target, name, b"raw content of " + name.encode())
                self.expect(204, home.call("DELETE", target))

    def test_buckets(self):
        target = f"/n/{home.ns}/b"
        for name in ("../b", "..", ".", "a/b", "b\\c", "%2e%2e", "a\0", "é", ""):
            with self.subTest(name=name):
                reply = home.call("POST", target, {"name": name, "compartmentId": home.tenancy})
                self.expect(400, reply)
                if name:
                    reply = home.call("GET", f"{target}/{quote(name)}/o")
                    self.assertIn(reply.status, (400, 404), reply)


class Connections(Case):
    def test_pipelined(self):
        """Several requests in one go are answered in their order; a bad one ends the connection."""
        get = message("GET", home.object("b", "kept"), home.sign("GET", home.object("b", "kept")))
        miss = message("GET", self.put, home.sign("GET", self.put))
        with home.wire() as wire:
            wire.send(get + miss + get)
            self.assertEqual([wire.reply().status for _ in range(3)], [200, 404, 200])
        with home.wire() as wire:
            bad = message("GET", "/n", [*home.sign("GET", "/n"), ("host", home.host)])
            wire.send(get + bad + get)
            self.assertEqual([wire.reply().status for _ in range(2)], [200, 400])
            self.assertTrue(wire.closed())

    def test_put_pipelined_with_its_get(self):
        put = message("PUT", self.put, self.sign_put(), b"new")
        get = message("GET", self.put, home.sign("GET", self.put))
        delete = message("DELETE", self.put, home.sign("DELETE", self.put))
        with home.wire() as wire:
            wire.send(put + get + delete + get)
            replies = [wire.reply() for _ in range(4)]
        self.assertEqual([r.status for r in replies], [200, 200, 204, 404])
        self.assertEqual(replies[1].body, b"new")

    def test_a_byte_at_a_time(self):
        data = message("GET", home.object("b", "kept"), home.sign("GET", home.object("b", "kept")))
        with home.wire() as wire:
            for i in range(len(data)):
                wire.send(data[i : i + 1])
            self.assertEqual(wire.reply().body, b"kept")

    def test_more_connections_than_it_takes(self):
        """The first ones are served; when the others have gone, all are."""
        wires = []
        try:
            for _ in range(700):
                wires.append(home.wire())
            wires[0].send(message("GET", home.object("b", "kept"), home.sign("GET", home.object("b", "kept"))))
            self.assertEqual(wires[0].reply().body, b"kept")
        except OSError:
            pass  # refused: as good
        finally:
            for wire in wires:
                wire.close()
        for _ in range(200):
            with contextlib.suppress(OSError):
                reply = home.call("GET", "/n")
                if reply:
                    self.expect(200, reply)
                    return
            time.sleep(0.05)
        self.fail("it does not answer any more")

    def test_unauthenticated_replies_say_little(self):
        reply = home.raw(message("GET", "/n", [("host", home.host)]))
        self.expect(401, reply, "NotAuthenticated")
        self.assertTrue(reply.field("opc-request-id"))
        self.assertNotIn(str(home.path), str(reply))

    def test_request_id_is_made_safe(self):
        for name in ("opc-request-id", "opc-client-request-id"):
            for value in ("<script>", "x" * 5000, "a/b/c/d/e", "../../x", "é"):
                with self.subTest(name=name, value=value[:20]):
                    reply = home.call("GET", "/n", fields=[(name, value)])
                    self.assertIn(reply.status, (200, 400))
                    self.assertRegex(reply.field("opc-request-id"), r"^[A-Za-z0-9/._-]{1,200}$")


if __name__ == "__main__":
    weirlocal.main()
