#!/usr/bin/env python3
"""weir-local's pages in a real browser, and what a page of another origin tries there (lib/browser.py)."""
import contextlib
import http.server
import os
import pathlib
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pages
import standin
import weirlocal
from browser import Browser

SLOW = "import time\nfor i in range(6000): print('tick', i, '<img src=x onerror=\"window.hit=1\">', flush=True); time.sleep(.1)\n"
HOSTILE = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>'\""
home = browser = None


def setUpModule():
    global home, browser
    home = standin.module_home()
    browser = Browser(names=["evil.example"])
    unittest.addModuleCleanup(browser.__exit__)


class Attacker(http.server.BaseHTTPRequestHandler):
    """A server of somebody else's on another port of this machine."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(self.server.page.encode())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def attacker(page="<!doctype html><title>evil</title>"):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Attacker)
    server.page = page
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Case(unittest.TestCase):
    def enter(self, page=None, who=None):
        who = who or browser
        who.go(pages.address(home, page))
        who.wait(lambda: who.address == home.endpoint + (page or "/"), "the address does not lead there")

    def slow_run(self):
        run = pages.start(home, pages.make_application(home, SLOW, displayName="slow"), displayName="slow-run")
        self.addCleanup(home.call, "DELETE", f"{pages.API}/runs/{run}")
        browser.wait(lambda: pages.state(home, run) == "IN_PROGRESS", "it never begins")
        return run


class Looking(Case):
    def test_from_the_address_to_the_end_of_a_run(self):
        run = self.slow_run()
        browser.said()
        self.enter()
        self.assertEqual(browser.title, "Overview · weir-local")
        cookie, = [c for c in browser.cookies() if c["name"].startswith("weir-local")]
        self.assertEqual((cookie["httpOnly"], cookie["sameSite"], cookie["path"]), (True, "Strict", "/"))
        self.assertEqual(browser.run("return document.cookie"), "")
        browser.click("td a", "slow-run")
        browser.wait(lambda: browser.address == f"{home.endpoint}/ui/runs/{run}")
        self.assertEqual(browser.text("h1"), "slow-run")
        self.assertEqual(browser.text(".now .state"), "In progress")
        browser.run("window.same = true")  # lost when a page is loaded anew
        log = "pre[data-log=stdout]"
        first = browser.text(log).count("\n")
        browser.wait(lambda: browser.text(log).count("\n") > first + 20, "the log does not grow")
        lines = browser.text(log).split("\n")
        self.assertEqual(lines, [f'tick {i} <img src=x onerror="window.hit=1">' for i in range(len(lines))])
        self.assertTrue(browser.run(f"const l = document.querySelector('{log}'); return l.scrollHeight - l.scrollTop - l.clientHeight < 9"))
        self.assertRegex(browser.text("[data-elapsed]"), r"^\d+\.\ds$|^\d+m")
        self.assertTrue(browser.run("return window.same"))
        self.assertIsNone(browser.run("return window.hit"))
        browser.click("button", "Cancel run")
        browser.wait(lambda: browser.text(".now .state") == "Canceled", "it is not cancelled")
        self.assertIn("The run was cancelled.", browser.text(".now"))
        self.assertEqual(pages.state(home, run), "CANCELED")
        self.assertFalse(browser.find("button.danger"))
        self.assertTrue(browser.run(f"const l = document.querySelector('{log}'); return l.scrollTop > 0 && l.scrollHeight - l.scrollTop - l.clientHeight < 9"))
        self.assertEqual([line.split("\n")[0] for line in browser.run("return [...document.querySelectorAll('.timeline li')].map(li => li.innerText)")],
                         ["Accepted", "In progress", "Canceling", "Canceled"])
        self.assertEqual(browser.said(), [])

    def test_without_javascript(self):
        """The page of a run is read anew by itself."""
        run = self.slow_run()
        with Browser(javascript=False) as plain:
            self.enter(f"/ui/runs/{run}", plain)
            first = plain.text("pre[data-log=stdout]").count("\n")
            plain.wait(lambda: plain.text("pre[data-log=stdout]").count("\n") > first, "it is not read anew")
            plain.click("button", "Cancel run")
            plain.wait(lambda: plain.text(".now .state") == "Canceled", "it is not cancelled")

    def test_a_bucket(self):
        home.bucket("shelf")
        for name in ("in/2024/a.html", "in/b.html", HOSTILE, "..", "../up"):
            home.call("PUT", home.object("shelf", name), b"<script>window.hit=1</script>", fields=[("content-type", "text/html")])
        self.enter()
        browser.click("nav a", "Buckets")
        browser.click("td a", "shelf")
        self.assertIn("..", browser.text("table"))
        browser.click("td a", "in/")
        browser.click("td a", "2024/")
        self.assertEqual(browser.text(".path"), "shelf / in / 2024")
        with tempfile.TemporaryDirectory() as folder:
            browser.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)
            where = browser.address
            browser.click("td a", "a.html")
            browser.wait(lambda: os.path.exists(f"{folder}/a.html"), "it is not downloaded")
            self.assertEqual(pathlib.Path(folder, "a.html").read_bytes(), b"<script>window.hit=1</script>")
            self.assertEqual(browser.address, where)
            browser.run("location = '/ui/buckets/shelf/object?name=..'")
            browser.wait(lambda: len(os.listdir(folder)) == 2, "what is called `..` is not downloaded")
            self.assertEqual(browser.address, where)
        self.assertIsNone(browser.run("return window.hit"))

    def test_hostile_names(self):
        app = pages.make_application(home, f"print({HOSTILE!r})", displayName=HOSTILE, description=HOSTILE, arguments=[HOSTILE, "${a}"],
                                     parameters=[{"name": "a", "value": HOSTILE}], freeformTags={"t": HOSTILE}, configuration={"spark.x": HOSTILE})
        run = pages.start(home, app, displayName=HOSTILE)
        browser.wait(lambda: pages.state(home, run) == "SUCCEEDED", "it does not end")
        home.bucket("hostile")
        home.call("PUT", home.object("hostile", HOSTILE), b"x")
        self.enter()
        browser.said()
        for page in ("/", "/ui/runs", "/ui/applications", f"/ui/applications/{app}", f"/ui/runs/{run}", "/ui/buckets/hostile", "/ui/buckets/hostile?prefix=" + weirlocal.quote(HOSTILE[: HOSTILE.index("/") + 1])):
            with self.subTest(page=page):
                browser.go(home.endpoint + page)
                self.assertIsNone(browser.run("return window.hit"))
                self.assertEqual(browser.run("return document.querySelectorAll('main img, main script').length"), 0)
                self.assertIn("onerror", browser.text("main"))
                self.assertEqual(browser.said(), [])

    def test_narrow_and_for_everyone(self):
        """At 360 px nothing sticks out; each page has a language, a main part, one heading; each control a name."""
        app = pages.make_application(home, "print('x')", displayName="n" * 200, arguments=["a" * 300])
        run = pages.start(home, app, displayName="r" * 200)
        browser.wait(lambda: pages.state(home, run) == "SUCCEEDED", "it does not end")
        self.enter()
        self.addCleanup(browser.size, 1280, 900)
        for page in ("/", "/ui/runs", "/ui/applications", f"/ui/applications/{app}", f"/ui/runs/{run}", "/ui/buckets", "/ui/buckets/data", "/ui/nothing"):
            with self.subTest(page=page):
                for dark in (False, True):
                    browser.size(360, 800, dark)
                    browser.go(home.endpoint + page)
                    self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), 360)
                    ink, paper = browser.run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor].map(c => c.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0))")
                    self.assertGreater(abs(ink - paper), 450)
                    self.assertEqual(ink > paper, dark)
                self.assertEqual(browser.run("return [document.documentElement.lang, document.querySelectorAll('main').length, document.querySelectorAll('h1').length]"), ["en", 1, 1])
                self.assertEqual(browser.run("return [...document.querySelectorAll('a, button')].filter(e => !e.textContent.trim()).length"), 0)

    def test_signing_out(self):
        self.enter()
        browser.click("button", "Sign out")
        browser.wait(lambda: browser.text("h1") == "Signed out")
        browser.go(home.endpoint + "/")
        self.assertEqual(browser.text("h1"), "Not signed in")
        self.assertIn("weir open", browser.text("main"))


# Each line is what a page of another origin got: what it must not is told by "read" and "made".
TRIES = """
const target = arguments[0], run = arguments[1], got = {};
const tried = async (name, what) => { try { got[name] = await what(); } catch (error) { got[name] = "refused"; } };
const form = () => new URLSearchParams({csrf: "x"});
const element = (name, attributes) => new Promise((resolve) => {
	const e = Object.assign(document.createElement(name), attributes);
	e.onload = () => resolve("loaded");
	e.onerror = () => resolve("refused");
	document.body.append(e);
});
return (async () => {
	await tried("read by cors", async () => (await fetch(target + "/", {credentials: "include"})).text());
	await tried("read without", async () => (await (await fetch(target + "/", {credentials: "include", mode: "no-cors"})).text()) || "nothing");
	await tried("post by cors", async () => (await fetch(target + run + "/cancel", {method: "POST", body: form(), credentials: "include"})).text());
	await tried("post without", async () => (await fetch(target + run + "/cancel", {method: "POST", body: form(), credentials: "include", mode: "no-cors"})).type);
	await tried("post json", async () => (await fetch(target + run + "/cancel", {method: "POST", body: "{}", headers: {"content-type": "application/json", "x-a": "b"}, credentials: "include"})).text());
	await tried("news", async () => (await fetch(target + run + "/news", {credentials: "include"})).text());
	await tried("script", () => element("script", {src: target + run + "/news"}));
	await tried("our script", () => element("script", {src: target + "/ui/pages.js"}));
	await tried("style", () => element("link", {rel: "stylesheet", href: target + "/ui/pages.css"}));
	await tried("image", () => element("img", {src: target + "/ui/icon.svg"}));
	await tried("frame", async () => {
		const frame = document.createElement("iframe");
		frame.src = target + "/";
		document.body.append(frame);
		await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 3000); });
		return frame.contentDocument ? "read" : frame.contentWindow.length + " frames";
	});
	await tried("window", async () => {
		const w = open(target + "/");
		await new Promise((resolve) => setTimeout(resolve, 1500));
		return w && !w.closed ? w.document.body.innerText : "cut off";
	});
	return got;
})();
"""


class Attacks(Case):
    def test_a_page_of_another_origin(self):
        """On another port of this machine (the same site, for a browser), and under another name (another site)."""
        run = self.slow_run()
        for host in ("127.0.0.1", "evil.example"):
            with self.subTest(host=host), attacker() as evil:
                self.enter(f"/ui/runs/{run}")
                ours = browser.do("GET", "/window")
                browser.go(f"http://{host}:{evil.server_port}/")
                got = browser.run(TRIES, home.endpoint, f"/ui/runs/{run}")
                self.assertEqual(len(got), 12, got)
                self.assertTrue(set(got.values()) <= {"refused", "nothing", "opaque", "0 frames", "cut off"}, got)
                self.assertEqual(got["read by cors"], "refused")
                self.assertEqual(pages.state(home, run), "IN_PROGRESS")
                for handle in browser.do("GET", "/window/handles"):
                    if handle != ours:
                        browser.do("POST", "/window", {"handle": handle})
                        browser.do("DELETE", "/window")
                browser.do("POST", "/window", {"handle": ours})

    def test_a_form_of_another_origin(self):
        """It posts itself, with the very token that the form has."""
        run = self.slow_run()
        visitor = pages.Visitor(home)
        for host in ("127.0.0.1", "evil.example"):
            self.enter(f"/ui/runs/{run}")
            token = browser.run("return document.querySelector('form[action$=cancel] input').value")
            page = f'<form method="post" action="{home.endpoint}/ui/runs/{run}/cancel"><input name="csrf" value="{token}"></form>'
            with self.subTest(host=host), attacker(page) as evil:
                browser.go(f"http://{host}:{evil.server_port}/")
                browser.run("document.forms[0].submit()")
                browser.wait(lambda: browser.address.startswith(home.endpoint), "it is not posted")
                self.assertIn(browser.text("h1"), ("Not allowed", "Not signed in"))
                self.assertEqual(pages.state(home, run), "IN_PROGRESS")
        self.assertEqual(visitor.get("/").status, 200)

    def test_a_name_that_was_bound_anew(self):
        """evil.example is 127.0.0.1 by now: its pages are of the service's port, and get nothing."""
        self.enter()
        browser.go(f"http://evil.example:{home.port}/")
        self.assertNotIn("Overview", browser.text())
        self.assertIn("names another service", browser.text())
        self.assertEqual(browser.run("return fetch('/ui/pages.css').then(r => r.status)"), 400)

    def test_where_one_came_from(self):
        """Neither the one-time address nor any page's is told to another origin."""
        with attacker() as evil:
            self.enter()
            browser.run("location = arguments[0]", f"http://evil.example:{evil.server_port}/")
            browser.wait(lambda: "evil" in browser.address)
            self.assertEqual(browser.run("return document.referrer"), "")

    def test_from_a_page_of_another_site(self):
        """Who follows the one-time address from another site's page, or a file, is let in all the same."""
        page = f'<a href="{pages.address(home)}">go</a>'
        with attacker(page) as evil:
            browser.go(f"http://evil.example:{evil.server_port}/")
            browser.click("a")
            browser.wait(lambda: browser.text("h1") == "Overview", "it does not let in")


if __name__ == "__main__":
    weirlocal.main()
