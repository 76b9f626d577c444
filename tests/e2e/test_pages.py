#!/usr/bin/env python3
"""weir-local's pages, by plain HTTP: what they show, and who must not get in. In a browser: test_pages_browser.py."""
import gzip
import html
import os
import re
import sys
import time
import unittest
import urllib.parse
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pages
import standin
import weirlocal
from pages import API, Visitor, address, cookie_of, path_of
from weirlocal import quote

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"
SHOWN = XSS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")
HOSTILE = f"print({XSS!r}); import sys; print('\\x1b[2Jcleared \\u202e', {XSS!r}, file=sys.stderr)"
SLOW = "import time\nfor i in range(6000): print('tick', i, flush=True); time.sleep(.1)\n"
NAMES = ("in/2024/a.csv", "in/2024/b.csv", "in/x", "plain", "..", ".", "../up", "a//b", "%2e%2e%2f", XSS, "ä ö+&?=#;\\")
home = visitor = None


def setUpModule():
    global home, visitor
    home = standin.module_home()
    home.identity({
        "compartments": {"dev": {}, "hidden": {}},
        "users": {"ann": {"groups": ["readers"]}, "nobody": {}},
        "policies": ["Allow group readers to read all-resources in compartment dev"],
        "tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}},
    })
    visitor = Visitor(home)


def until(what, otherwise):
    deadline = time.monotonic() + 60
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"{otherwise}\n{home.log()}")
        time.sleep(0.1)


def ended(run):
    return pages.state(home, run) in ("SUCCEEDED", "FAILED", "CANCELED", "STOPPED")


class Case(unittest.TestCase):
    def is_page(self, reply, status=200):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.field("content-type"), "text/html; charset=utf-8")
        self.is_kept(reply)

    def is_kept(self, reply, referrer=None):
        """What is asked for nobody else may keep, frame, or guess the type of."""
        self.assertEqual(reply.field("cache-control"), "no-store", reply)
        self.assertEqual(reply.field("x-content-type-options"), "nosniff")
        self.assertEqual(reply.field("x-frame-options"), "DENY")
        policy = dict((part.split() + [""])[:2] for part in reply.field("content-security-policy").split(";"))
        self.assertEqual(policy["default-src"], "'self'")
        self.assertEqual((policy["frame-ancestors"], policy["base-uri"], policy["object-src"]), ("'none'",) * 3)
        self.assertNotIn("unsafe", reply.field("content-security-policy"))
        self.assertFalse([name for name, _ in reply.fields if name.startswith("access-control")])
        self.assertEqual(reply.field("referrer-policy"), referrer or reply.field("referrer-policy"))

    def refused(self, reply, status, code):
        self.is_page(reply, status)
        self.assertIn(f"{status} {code}", reply.body.decode())


class Entering(Case):
    def test_the_address(self):
        reply = home.call("POST", "/weir/pages", {"page": "/ui/runs"})
        self.assertEqual(reply.field("cache-control"), "no-store")
        self.assertRegex(reply.json()["address"], rf"^http://127\.0\.0\.1:{home.port}/ui/enter/[A-Za-z0-9_-]{{43}}$")
        entered = visitor.bare("GET", path_of(reply.json()["address"]))
        self.is_page(entered)
        self.is_kept(entered, referrer="no-referrer")
        self.assertIn('content="0;url=/ui/runs"', entered.body.decode())
        name, value = cookie_of(entered).split("=")
        self.assertEqual(name, f"weir-local-{home.port}")
        self.assertRegex(value, r"^[A-Za-z0-9_-]{43}$")
        self.assertEqual(entered.field("set-cookie").split("; ")[1:], ["Path=/", "HttpOnly", "SameSite=Strict"])
        self.assertNotIn(value, entered.body.decode())

    def test_it_is_used_once(self):
        target = path_of(address(home))
        self.assertEqual(visitor.bare("HEAD", target).status, 405)
        self.assertEqual(visitor.bare("POST", target).status, 405)
        self.assertEqual(visitor.bare("GET", target, [("sec-purpose", "prefetch;prerender")]).status, 503)
        self.assertEqual(visitor.bare("GET", target, [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]).status, 403)
        self.assertEqual(visitor.bare("GET", target, [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]).status, 200)
        for fields in ((), [("cookie", visitor.cookie)]):
            reply = visitor.bare("GET", target, fields)
            self.refused(reply, 401, "NotAuthenticated")
            self.assertIsNone(reply.field("set-cookie"))

    def test_it_is_guessed(self):
        target = path_of(address(home))
        for wrong in (target[:-1], target + "A", target.lower() if target.lower() != target else target.upper(), "/ui/enter/x", "/ui/enter/" + "A" * 43, "/ui/enter/%20", "/ui/enter/" + "x" * 7000):
            self.refused(visitor.bare("GET", wrong), 401, "NotAuthenticated")
        self.refused(visitor.bare("GET", "/ui/enter/"), 404, "NotFound")
        self.assertEqual(visitor.bare("GET", target).status, 200)

    def test_it_is_not_in_the_log(self):
        target = path_of(address(home))
        visitor.bare("GET", target)
        self.assertNotIn(target.rsplit("/", 1)[1], home.log())

    def test_the_cookie_that_was_there_ends(self):
        before = Visitor(home)
        entered = before.bare("GET", path_of(address(home)), [("cookie", before.cookie)])
        self.assertEqual(before.get("/").status, 401)
        before.cookie = cookie_of(entered)
        self.assertEqual(before.get("/").status, 200)

    def test_where_it_leads(self):
        for wrong in ("//evil.example", "http://evil.example/", "", "ui/runs", "/20200129/runs", "/ui/runs\r\nx: y", "/ui/<script>", "/\\evil", "/ui/" + "x" * 5000, 1, None, ["/"], "javascript:alert(1)"):
            reply = home.call("POST", "/weir/pages", {"page": wrong})
            self.assertEqual((reply.status, reply.code), (400, "InvalidParameter"), wrong)
        self.assertEqual(home.call("POST", "/weir/pages", b"{").status, 400)

    def test_without_a_signature(self):
        for fields in ((), [("cookie", visitor.cookie)]):
            reply = visitor.bare("POST", "/weir/pages", fields, b"{}")
            self.assertEqual((reply.status, reply.code), (401, "NotAuthenticated"))

    def test_a_session_is_as_good_as_its_user(self):
        with weirlocal.Home() as own:
            own.identity({"users": {"gone": {"groups": ["Administrators"]}}})
            guest = Visitor(own, user=own.signer("gone"))
            self.assertEqual(guest.get("/").status, 200)
            own.identity({})
            self.assertEqual(guest.get("/").status, 401)

    def test_a_service_that_starts_anew_knows_no_session(self):
        with weirlocal.Home() as own:
            guest = Visitor(own)
            own.stop()
            own.start()
            self.assertEqual(guest.get("/").status, 401)

    def test_only_so_many(self):
        """The oldest session of the user gives way."""
        with weirlocal.Home() as own:
            guests = [Visitor(own) for _ in range(17)]
            self.assertEqual([guest.get("/").status for guest in guests], [401] + [200] * 16)

    def test_leaving(self):
        guest = Visitor(home)
        for wrong in ({"csrf": False}, {"origin": "http://evil.example"}, {"csrf": pages.forms(visitor.get("/"))["/ui/leave"]}):
            self.assertEqual(guest.post("/ui/leave", **wrong).status, 403)
        self.assertEqual(guest.get("/").status, 200)
        reply = guest.post("/ui/leave")
        self.is_page(reply)
        self.assertIn("Max-Age=0", reply.field("set-cookie"))
        self.refused(guest.get("/"), 401, "NotAuthenticated")
        self.refused(guest.post("/ui/leave", csrf="x"), 401, "NotAuthenticated")


class Strangers(Case):
    """Requests for pages that must not get them, and a cookie where a signature is asked for."""

    ALL = ("/", "/ui/runs", "/ui/applications", "/ui/buckets", "/ui/runs/x", "/ui/applications/x", "/ui/buckets/x", "/ui/runs/x/news", "/ui/runs/x/logs/stdout", "/ui/buckets/x/object?name=y")

    def test_without_a_cookie(self):
        wrong = [[], [("cookie", "")], [("cookie", visitor.cookie[:-1])], [("cookie", visitor.cookie + "A")],
                 [("cookie", visitor.cookie.split("=")[1])], [("cookie", "x" + visitor.cookie)],
                 [("cookie", visitor.cookie.upper())], [("cookie", visitor.cookie + "; " + visitor.cookie)],
                 [("cookie", f"weir-local-{home.port}=x; {visitor.cookie}")]]
        for target in self.ALL:
            for fields in wrong:
                self.refused(visitor.bare("GET", target, fields), 401, "NotAuthenticated")
            self.assertEqual(visitor.bare("HEAD", target).status, 401)

    def test_a_signature_is_no_cookie(self):
        for target in self.ALL:
            self.refused(home.call("GET", target), 401, "NotAuthenticated")

    def test_a_cookie_among_others(self):
        reply = visitor.bare("GET", "/", [("cookie", f"a=b;  {visitor.cookie}; weir-local-1=x")])
        self.assertEqual(reply.status, 200)

    def test_the_cookie_is_no_signature(self):
        for method, target in (("GET", "/n"), ("GET", f"{API}/runs?compartmentId={home.tenancy}"), ("GET", f"/n/{home.ns}/b"), ("GET", "/weir/state"), ("DELETE", "/weir/faults"), ("POST", f"{API}/applications")):
            reply = visitor.bare(method, target, [("cookie", visitor.cookie), ("origin", home.endpoint)], b"{}" if method == "POST" else b"")
            self.assertEqual((reply.status, reply.code), (401, "NotAuthenticated"), target)

    def test_another_host(self):
        """What a name that was bound anew to 127.0.0.1 would ask for."""
        for host in (f"evil.example:{home.port}", "evil.example", "127.0.0.1", f"127.0.0.1.evil.example:{home.port}", f"[::1]:{home.port}", f"127.0.0.1:{home.port + 1}", f"0.0.0.0:{home.port}"):
            reply = visitor.bare("GET", "/", [("cookie", visitor.cookie)], host=host)
            self.assertEqual((reply.status, reply.code), (400, "InvalidParameter"), host)
            self.assertEqual(visitor.bare("GET", "/ui/pages.css", host=host).status, 400)
        target = path_of(address(home))
        self.assertEqual(visitor.bare("GET", target, host=f"evil.example:{home.port}").status, 400)
        self.assertEqual(visitor.bare("GET", target, host=f"localhost:{home.port}").status, 200)

    def test_another_site_asks(self):
        """By what a browser says of who asks: a page goes to who visits it, not to who embeds or fetches it."""
        for site in ("cross-site", "same-site"):
            for mode, dest in (("no-cors", "script"), ("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("navigate", "embed")):
                fields = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]
                for target in ("/", "/ui/pages.js", "/ui/buckets/x/object?name=y"):
                    self.refused(visitor.get(target, fields), 403, "NotAllowed")
            self.assertEqual(visitor.get("/", [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]).status, 200)
        for site in ("same-origin", "none"):
            self.assertEqual(visitor.get("/", [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]).status, 200)

    def test_another_user_of_this_machine(self):
        """A cookie that a server on another port got from the browser is of no use to another user's process. (Where the
        kernel has no sock_diag: test_machine_faults.)"""
        self.assertIn("HTTP/1.1 403", pages.status_line(home, visitor.cookie, another_user=True))
        self.assertIn("HTTP/1.1 200", pages.status_line(home, visitor.cookie))

    def test_a_job(self):
        """The key of a run opens the API for it, and no pages."""
        run = pages.start(home, pages.make_application(home, SLOW))
        folder = home.path / "runs" / run
        until(lambda: (folder / "key.pem").exists() and (folder / "stdout.log").exists(), "no key")
        properties = (folder / "spark.properties").read_text()
        key_id = "/".join((re.search(r"(ocid1\.tenancy[^\s]*)", properties)[1], re.search(r"userId[ =](\S+)", properties)[1], re.search(r"fingerprint[ =](\S+)", properties)[1]))
        key = weirlocal.Key((folder / "key.pem").read_bytes())
        self.assertEqual(home.call("GET", "/n", key=key, key_id=key_id).status, 200)
        reply = home.call("POST", "/weir/pages", {}, key=key, key_id=key_id)
        self.assertEqual((reply.status, reply.code), (404, "NotAuthorizedOrNotFound"))
        home.call("DELETE", f"{API}/runs/{run}")

    def test_methods(self):
        for target in ("/", "/ui/runs", "/ui/buckets/x", "/ui/pages.css"):
            for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
                reply = visitor.bare(method, target, [("cookie", visitor.cookie), ("origin", "http://evil.example")] + ([("content-length", "0")] if method == "PATCH" else []))
                self.assertIn(reply.status, (404, 405), (method, target))
                self.assertFalse([name for name, _ in reply.fields if name.startswith("access-control")])
        for target in ("/ui/leave", "/ui/runs/x/cancel"):
            for method in ("GET", "HEAD"):
                self.assertEqual(visitor.get(target, method=method).status, 405)

    def test_paths(self):
        for target in ("/ui", "/ui/", "/ui/nothing", "/ui/../n", "/ui/%2e%2e/n", "/ui//runs", "//ui/runs", "/ui/runs/a/b/c", "/UI/runs", "/ui/buckets/../../n", "/ui/pages.css/../../weir/state", "/ui/runs%00"):
            reply = visitor.get(target)
            self.assertIn(reply.status, (400, 404), target)
        self.is_page(visitor.get("/ui/nothing"), 404)
        self.refused(visitor.get("/ui/runs/..%2f..%2fetc%2fpasswd"), 404, "NotAuthorizedOrNotFound")
        self.refused(visitor.get("/ui/runs/x/logs/..%2fkey.pem"), 404, "NotAuthorizedOrNotFound")

    def test_a_browser_gets_pages(self):
        accept = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
        self.is_page(visitor.bare("GET", "/favicon.ico", accept), 404)
        self.is_page(visitor.bare("GET", "/n", accept), 401)
        self.assertIn("weir open", visitor.bare("GET", "/n", accept).body.decode())
        self.assertEqual(visitor.bare("GET", "/n").code, "NotAuthenticated")
        self.assertEqual(home.call("GET", "/nothing", fields=accept).code, "NotFound")


class Shown(Case):
    @classmethod
    def setUpClass(cls):
        cls.app = pages.make_application(home, HOSTILE, displayName=XSS, description=XSS, arguments=["${a}", XSS],
                                         parameters=[{"name": "a", "value": XSS}], freeformTags={"t": XSS},
                                         configuration={"spark.x": XSS})
        cls.run_id = pages.start(home, cls.app, displayName=XSS + "run")
        for name in NAMES:
            assert home.call("PUT", home.object("data", name), f"content of {name}".encode(), fields=[("content-type", "text/html")]).status == 200
        until(lambda: ended(cls.run_id), "the run never ends")

    def hold(self, target, *more):
        """A page with the hostile text in it, escaped, and nowhere else."""
        reply = visitor.get(target)
        self.is_page(reply)
        text = reply.body.decode()
        self.assertIn(SHOWN, text)
        self.assertNotIn("<script>alert", text)
        self.assertNotIn("<img", text)
        self.assertEqual(set(re.findall(r"<script\b[^>]*>", text)) - {'<script src="/ui/pages.js" defer>'}, set())
        self.assertFalse(re.findall(r"\son\w+=(?!alert)", re.sub(r">[^<]*<", "><", text)))
        self.assertNotIn("style=", text)
        for part in more:
            self.assertTrue(part in text, part)
        return text

    def test_home(self):
        self.hold("/", f"/ui/runs/{self.run_id}", f"/ui/applications/{self.app}", "/ui/buckets/data", "Succeeded")

    def test_lists(self):
        self.hold("/ui/runs", self.run_id)
        self.hold("/ui/applications", self.app)
        self.assertIn("/ui/buckets/logs", visitor.get("/ui/buckets").body.decode())

    def test_an_application(self):
        text = self.hold(f"/ui/applications/{self.app}", self.app, "VM.Standard2.1", "3.5.0", self.run_id, "spark.x", "oci://logs@weirlocal/")
        self.assertGreaterEqual(text.count(SHOWN), 6)

    def test_a_run(self):
        text = self.hold(f"/ui/runs/{self.run_id}", self.app, "Accepted", "In progress", "Succeeded", "\\x1B[2Jcleared \\u{202E}", " UTC")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("Cancel run", text)
        self.assertNotIn("http-equiv", text)
        states = re.findall(r'<li><span class="state \w+">([^<]*)</span><time datetime="([^"]*)">', text)
        self.assertEqual([state for state, _ in states], ["Accepted", "In progress", "Succeeded"])
        self.assertEqual([when for _, when in states], sorted(when for _, when in states))
        self.assertEqual(len(re.findall(r'class="took">for [\d.]+s<', text)), 2)

    def test_its_logs(self):
        for name, want in (("stdout", XSS + "\n"), ("stderr", "")):
            reply = visitor.get(f"/ui/runs/{self.run_id}/logs/{name}")
            self.is_kept(reply)
            self.assertEqual((reply.status, reply.field("content-type")), (200, "text/plain; charset=utf-8"))
            self.assertIn(want, reply.body.decode())
            head = visitor.get(f"/ui/runs/{self.run_id}/logs/{name}", method="HEAD")
            self.assertEqual(head.field("content-length"), str(len(reply.body)))
        self.refused(visitor.get(f"/ui/runs/{self.run_id}/logs/other"), 404, "NotAuthorizedOrNotFound")

    def test_heads(self):
        for target in ("/", "/ui/runs", f"/ui/runs/{self.run_id}", "/ui/buckets/data", "/ui/pages.css", "/ui/nothing"):
            head, reply = visitor.get(target, method="HEAD"), visitor.get(target)
            self.assertEqual((head.status, head.body), (reply.status, b""))
            self.assertTrue(head.field("content-length"))

    def test_nothing_is_kept(self):
        """A conditional request does not help either; only what goes with the pages has etags."""
        reply = visitor.get("/", [("if-none-match", "*"), ("if-modified-since", "Sat, 01 Jan 2028 00:00:00 GMT")])
        self.is_page(reply)
        self.assertIsNone(reply.field("etag"))
        for target in ("/ui/pages.css", "/ui/pages.js", "/ui/icon.svg"):
            reply = visitor.bare("GET", target)
            self.assertEqual(reply.field("x-content-type-options"), "nosniff")
            self.assertEqual(visitor.bare("GET", target, [("if-none-match", reply.field("etag"))]).status, 304)

    def test_a_bucket(self):
        text = visitor.get("/ui/buckets/data").body.decode()
        self.assertNotIn("<script", text)
        links = {urllib.parse.unquote(name) for name in re.findall(r'object\?name=([^"]*)" download', text)}
        self.assertTrue({"plain", "..", ".", "%2e%2e%2f", "ä ö+&?=#;\\"} <= links, links)
        folders = {urllib.parse.unquote(p) for p in re.findall(r'\?prefix=([^"]*)">', text)}
        self.assertTrue({"in/", "../", "a/", XSS[: XSS.index("/") + 1]} <= folders, folders)
        inside = visitor.get("/ui/buckets/data?prefix=in%2F").body.decode()
        self.assertIn(">x</a>", inside)
        self.assertIn(">2024/</a>", inside)
        self.assertNotIn("plain", inside)
        self.hold(f"/ui/buckets/data?prefix={quote(XSS)}")

    def test_downloads(self):
        for name in NAMES:
            reply = visitor.get(f"/ui/buckets/data/object?name={quote(name)}")
            self.is_kept(reply)
            self.assertEqual((reply.status, reply.body), (200, f"content of {name}".encode()))
            self.assertEqual(reply.field("content-type"), "application/octet-stream")
            disposition = reply.field("content-disposition")
            self.assertTrue(disposition.startswith("attachment; filename*=UTF-8''"), disposition)
            self.assertNotIn("/", disposition.split("''")[1])
            self.assertEqual(visitor.get(f"/ui/buckets/data/object?name={quote(name)}", method="HEAD").field("content-length"), str(len(reply.body)))
        for target in ("/ui/buckets/data/object", "/ui/buckets/data/object?name=nothing", "/ui/buckets/data/object?name=plain%00"):
            self.assertIn(visitor.get(target).status, (400, 404))
        self.assertEqual(visitor.get("/ui/buckets/data/object?name=nothing").status, 404)

    def test_an_archived_object(self):
        home.call("PUT", home.object("data", "cold"), b"x", fields=[("storage-tier", "Archive")])
        self.refused(visitor.get("/ui/buckets/data/object?name=cold"), 409, "NotRestored")


class Pages(Case):
    """What is more than a page takes."""

    def follow(self, target, link):
        """The hrefs of all pages of a list, and how many pages there were."""
        found, pages_seen = [], 0
        while target and pages_seen < 20:
            text = visitor.get(target).body.decode()
            found += re.findall(link, text)
            more = re.search(r'<p class="more"><a href="([^"]*)">(?:Older|More)', text)
            target = more and more[1].replace("&amp;", "&")
            pages_seen += 1
        return found, pages_seen

    def test_objects(self):
        home.bucket("many")
        names = [f"o{i:04}" for i in range(250)]
        with home.wire() as wire:
            for name in names:
                home.call("PUT", home.object("many", name), b"x", wire=wire)
        found, count = self.follow("/ui/buckets/many", r'object\?name=(o\d+)"')
        self.assertEqual((found, count), (names, 2))

    def test_applications_and_buckets(self):
        with home.wire() as wire:
            ids = [home.call("POST", f"{API}/applications", {**pages.APPLICATION, "compartmentId": home.compartments["dev"], "displayName": f"many {i}"}, wire=wire).json()["id"] for i in range(55)]
            for i in range(55):
                home.call("POST", f"/n/{home.ns}/b", {"name": f"z{i:02}", "compartmentId": home.compartments["dev"]}, wire=wire)
        found, count = self.follow("/ui/applications", r'"/ui/applications/(ocid1[^"]*)"')
        self.assertEqual([i for i in found if i in ids], ids[::-1])
        self.assertEqual((len(found), count > 1), (len(set(found)), True))
        found, count = self.follow("/ui/buckets", r'"/ui/buckets/(z\d\d)"')
        self.assertEqual((found, count > 1), ([f"z{i:02}" for i in range(55)], True))

    def test_what_no_page_gives(self):
        for target in ("/ui/runs?before=x", "/ui/runs?before=-1", "/ui/runs?before=99999999999999999999", "/ui/applications?last=1&after=x", "/ui/buckets?after=%ff", "/ui/runs?before="):
            self.assertEqual(visitor.get(target).status, 200, target)


class Running(Case):
    def setUp(self):
        self.app = pages.make_application(home, SLOW)
        self.run_id = pages.start(home, self.app)
        self.page = f"/ui/runs/{self.run_id}"
        self.addCleanup(self.end)
        until(lambda: "tick 3" in visitor.get(self.page).body.decode(), "it never ticks")

    def end(self):
        home.call("DELETE", f"{API}/runs/{self.run_id}")
        until(lambda: ended(self.run_id), "it never ends")

    def test_it_is_read_anew(self):
        text = visitor.get(self.page).body.decode()
        self.assertIn('<noscript><meta http-equiv="refresh" content="5"></noscript>', text)
        self.assertRegex(text, r"<span data-elapsed>[\d.ms]+</span> so far")
        self.assertRegex(visitor.text("/"), r"[1-9] running")

    def test_news(self):
        first = visitor.get(self.page + "/news")
        self.is_kept(first)
        self.assertEqual(first.field("content-type"), "application/json")
        news = first.json()
        self.assertEqual(news["state"], "IN_PROGRESS")
        self.assertTrue(news["stdout"]["text"].startswith("tick 0\ntick 1\n"))
        text, at = news["stdout"]["text"], news["stdout"]["next"]
        until(lambda: visitor.get(f"{self.page}/news?stdout={at}").json()["stdout"]["next"] > at, "no news")
        more = visitor.get(f"{self.page}/news?stdout={at}").json()["stdout"]
        text += more["text"]
        self.assertEqual(text, "".join(f"tick {i}\n" for i in range(text.count("\n"))))
        for wrong in ("x", "-1", "99999999999999999999", "9223372036854775807", ""):
            self.assertEqual(visitor.get(f"{self.page}/news?stdout={wrong}").status, 200)
        self.assertEqual(visitor.get(f"{self.page}/news?stdout=99999999").json()["stdout"], {"next": 99999999, "text": ""})

    def test_cancel(self):
        target = self.page + "/cancel"
        other = Visitor(home)
        leave = pages.forms(visitor.get("/"))["/ui/leave"]
        theirs = pages.forms(other.get(self.page))[target]
        good = pages.forms(visitor.get(self.page))[target]
        wrong = [{"csrf": False}, {"csrf": ""}, {"csrf": "x"}, {"csrf": leave}, {"csrf": theirs}, {"csrf": good[:-1]}, {"csrf": good + "A"}, {"csrf": good.swapcase()}]
        wrong += [{"csrf": good, "origin": origin} for origin in (False, "null", "http://evil.example", f"http://127.0.0.1:{home.port + 1}", f"https://{home.host}", home.host, f"http://localhost:{home.port}", f"http://{home.host}.evil.example", f"http://{home.host}/")]
        wrong += [{"csrf": good, "type": kind} for kind in ("text/plain", "application/json", "multipart/form-data; boundary=x")]
        wrong += [{"csrf": good, "fields": [("sec-fetch-site", site)]} for site in ("cross-site", "same-site", "none")]
        for how in wrong:
            with self.subTest(how=how):
                self.refused(visitor.post(target, **how), 403, "NotAllowed")
        self.assertEqual(visitor.bare("POST", target, [("origin", home.endpoint), ("content-type", "application/x-www-form-urlencoded")], f"csrf={good}".encode()).status, 401)
        self.assertEqual(home.call("POST", target, {"csrf": good}).status, 401)
        self.assertEqual(pages.state(home, self.run_id), "IN_PROGRESS")
        reply = visitor.post(target, page=self.page, fields=[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")])
        self.assertEqual((reply.status, reply.field("location")), (303, self.page))
        until(lambda: ended(self.run_id), "it is not cancelled")
        text = visitor.text(self.page)
        self.assertRegex(text, r"(?s)Accepted.*In progress.*Canceling.*Canceled")
        self.assertIn("The run was cancelled.", text)
        self.refused(visitor.post(target, csrf=good), 409, "IncorrectState")


class Logs(Case):
    """Long ones, and what somebody else put in the place of one."""

    def run_of(self, script):
        run = pages.start(home, pages.make_application(home, script))
        until(lambda: ended(run), "it never ends")
        return run

    def shown(self, run, name="stdout"):
        text = visitor.get(f"/ui/runs/{run}").body.decode()
        return html.unescape(re.search(rf'data-log="{name}"[^>]*>(.*?)</pre>', text, re.S)[1]), text

    def test_a_long_one(self):
        """Its end is on the page, from a line on; all of it is one click away."""
        run = self.run_of("for i in range(30000): print(i, '\u00e4\u20ac')")
        want = "".join(f"{i} \u00e4\u20ac\n" for i in range(30000))
        log, text = self.shown(run)
        self.assertTrue(want.endswith("\n" + log))
        self.assertGreater(len(log.encode()), 127 << 10)
        self.assertRegex(text, r"The first \d+\.\d KiB are left out here")
        self.assertEqual(visitor.get(f"/ui/runs/{run}/logs/stdout").body.decode(), want)

    def test_one_long_line(self):
        run = self.run_of("print('x' * 300000)")
        self.assertEqual(self.shown(run)[0], "x" * ((128 << 10) - 1) + "\n")
        run = self.run_of("print('\u20ac' * 100000, end='')")
        self.assertEqual(set(self.shown(run)[0]), {"\u20ac"})

    def test_a_character_that_comes_in_two_pieces(self):
        run = pages.start(home, pages.make_application(home, "import sys, time\nsys.stdout.buffer.write(b'a\\xe2'); sys.stdout.flush()\ntime.sleep(600)"))
        self.addCleanup(home.call, "DELETE", f"{API}/runs/{run}")
        news = lambda at: visitor.get(f"/ui/runs/{run}/news?stdout={at}").json()["stdout"]
        until(lambda: (home.path / "runs" / run / "stdout.log").exists() and (home.path / "runs" / run / "stdout.log").stat().st_size == 2, "nothing is written")
        self.assertEqual(news(0), {"next": 1, "text": "a"})
        self.assertEqual(self.shown(run)[0], "a")

    def test_what_is_no_log(self):
        """Damaged, cut, a bomb: what can be read is shown, and the service goes on."""
        bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
        large = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(200)) + bomb.flush()
        for content, end in ((b"", ""), (b"plain", ""), (gzip.compress(b"whole\n")[:-8], "whole\n"), (gzip.compress(b"<b>")[:12], ""), (large, "\\x00")):
            run = self.run_of("print(1)")
            folder = home.call("GET", f"{API}/runs/{run}").json()["opcRequestId"]
            self.assertEqual(home.call("PUT", home.object("logs", f"{folder}/spark_application_stdout.log.gz"), content).status, 200)
            with self.subTest(content=content[:20]):
                self.assertTrue(self.shown(run)[0].endswith(end))
                whole = visitor.get(f"/ui/runs/{run}/logs/stdout")
                self.assertEqual((whole.status, len(whole.body) < 70 << 20), (200, True))


class Others(Case):
    """A user sees what the API tells them, and no more."""

    def test_another_tenancy(self):
        app = pages.make_application(home, HOSTILE, displayName="secret-name")
        run = pages.start(home, app, displayName="secret-run")
        until(lambda: ended(run), "it never ends")
        eve = Visitor(home, user=home.signer("eve"))
        for target in ("/", "/ui/runs", "/ui/applications", "/ui/buckets"):
            text = eve.get(target).body.decode()
            self.assertNotIn("secret", text)
            self.assertNotIn("/ui/buckets/data", text)
        self.assertIn("other", eve.text("/"))
        for target in (f"/ui/applications/{app}", f"/ui/runs/{run}", f"/ui/runs/{run}/news", f"/ui/runs/{run}/logs/stdout", "/ui/buckets/data", "/ui/buckets/data/object?name=plain"):
            self.assertEqual(eve.get(target).status, 404, target)
            self.assertEqual(eve.get(target).body.replace(b"data", b"*"), eve.get(re.sub("data", "none", target[:-6] + "222222" if "ocid1" in target and target[-1] not in "st" else target)).body.replace(b"none", b"*"))

    def test_by_policy(self):
        """ann reads what is in `dev`; what lies elsewhere is not there for her."""
        seen = pages.make_application(home, HOSTILE, displayName="in-dev", compartmentId=home.compartments["dev"])
        hidden = pages.make_application(home, HOSTILE, displayName="in-hidden", compartmentId=home.compartments["hidden"])
        ann, nobody = Visitor(home, user=home.signer("ann")), Visitor(home, user=home.signer("nobody"))
        self.assertIn("in-dev", ann.text("/ui/applications"))
        self.assertNotIn("in-hidden", ann.text("/ui/applications"))
        self.assertEqual((ann.get(f"/ui/applications/{seen}").status, ann.get(f"/ui/applications/{hidden}").status), (200, 404))
        self.assertNotIn("in-", nobody.text("/"))
        run = pages.start(home, seen, compartmentId=home.compartments["dev"], arguments=["x"])
        until(lambda: ended(run), "it never ends")
        page = f"/ui/runs/{run}"
        self.assertEqual(ann.get(page).status, 200)
        token = pages.forms(ann.get("/"))["/ui/leave"]
        self.assertEqual(ann.post(page + "/cancel", csrf=token).status, 404)

    def test_the_home_users_calls_are_not_theirs(self):
        eve = home.signer("eve")
        self.assertEqual(eve.call("GET", "/weir/state").status, 404)
        self.assertEqual(eve.call("POST", "/weir/pages", {}).status, 200)


class Failing(Case):
    def test_a_store_that_cannot_be_read(self):
        """Told as a page, with the way to the log; what is asked for is not in the log."""
        home.call("POST", "/weir/faults", {"action": "status", "status": 503, "path": "/ui/runs"})
        self.addCleanup(home.call, "DELETE", "/weir/faults")
        reply = visitor.get("/ui/runs")
        self.refused(reply, 503, "ServiceUnavailable")
        self.assertIn("weir local logs", reply.body.decode())
        self.assertEqual(visitor.get("/ui/runs").status, 200)


class Command(unittest.TestCase):
    def test_open(self):
        done = home.weir("local", "open")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("url=/\"", visitor.bare("GET", path_of(done.stdout.strip())).body.decode())
        done = home.weir_local("open", "/ui/buckets/data")
        self.assertIn("url=/ui/buckets/data", visitor.bare("GET", path_of(done.stdout.strip())).body.decode())

    def test_mistakes(self):
        for args in (["ui/runs"], ["/", "/"], ["//evil.example"], ["/n"]):
            done = home.weir_local("open", *args)
            self.assertEqual((done.returncode, done.stdout), (1, ""), args)
            self.assertIn("/ui/", done.stderr)
        with weirlocal.Home(start=False) as other:
            done = other.weir_local("open")
            self.assertEqual(done.returncode, 3)
            self.assertIn("`weir local up` starts it", done.stderr)


if __name__ == "__main__":
    weirlocal.main()
