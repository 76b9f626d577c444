"""A real browser: Debian's chromium, driven by chromedriver over WebDriver's HTTP. Only Python's library.

    with Browser() as browser:
        browser.go(address)
        browser.click("main a")
        browser.wait(lambda: "Failed" in browser.text("main"))

It is headless, has a profile of its own in a temporary folder, and is ended by the id of its process.
"""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that WebDriver gives an element's id
READY_SECONDS = 60


class Browser:
    """javascript: whether pages may run it. names: what resolves to this machine, such as "evil.example"."""

    def __init__(self, javascript=True, names=()):
        self.folder = tempfile.mkdtemp(prefix="weir-browser-")
        self._session = None
        log = pathlib.Path(self.folder, "chromedriver.log")
        env = {**os.environ, "HOME": self.folder, "TMPDIR": self.folder}
        with open(log, "wb") as out:
            self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdin=subprocess.DEVNULL, env=env,
                                            stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            self._base = f"http://127.0.0.1:{self._port(log)}"
            self._begin(javascript, names)
        except BaseException:
            self.__exit__()
            raise

    def _port(self, log):
        deadline = time.monotonic() + READY_SECONDS
        while not (said := re.search(r"successfully on port (\d+)", log.read_text())):
            if self._driver.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"chromedriver did not start: {log.read_text()}")
            time.sleep(0.05)
        return int(said[1])

    def _begin(self, javascript, names):
        rules = ",".join(f"MAP {name} 127.0.0.1" for name in names)
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.folder}/profile", f"--host-resolver-rules={rules}"],
                   "prefs": {} if javascript else {"profile.managed_default_content_settings.javascript": 2}}
        reply = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
            "unhandledPromptBehavior": "ignore"}}})
        self._session = reply["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self._session:
                self._ask("DELETE", f"/session/{self._session}")
        except OSError:
            pass
        finally:
            # The group that was made for it: chromedriver and what it started.
            try:
                os.killpg(self._driver.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._driver.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, method, path, body=None):
        data = None if body is None and method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self._base + path, data, {"content-type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError(f"{value['error']}: {value['message']}") from None

    def do(self, method, path, body=None):
        """A command of WebDriver's, in this session."""
        return self._ask(method, f"/session/{self._session}{path}", body)

    def go(self, address):
        self.do("POST", "/url", {"url": address})

    @property
    def address(self):
        return self.do("GET", "/url")

    @property
    def title(self):
        return self.do("GET", "/title")

    def find(self, css):
        """The elements that match."""
        return self.do("POST", "/elements", {"using": "css selector", "value": css})

    def text(self, css="body"):
        """What a reader sees of the first that matches; "" if none does."""
        found = self.find(css)
        return self.do("GET", f"/element/{found[0][ELEMENT]}/text") if found else ""

    def click(self, css, text=None):
        """The first that matches, and has that text."""
        for element in self.find(css):
            if text is None or self.do("GET", f"/element/{element[ELEMENT]}/text") == text:
                return self.do("POST", f"/element/{element[ELEMENT]}/click")
        raise RuntimeError(f"there is no {css} {text or ''}: {self.text()}")

    def run(self, script, *args):
        """The value of a function's body in the page; promises are waited for."""
        return self.do("POST", "/execute/sync", {"script": script, "args": args})

    def cdp(self, command, **params):
        """What only Chromium's own protocol has."""
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def said(self):
        """What the console has said since the last call: refusals by a policy, errors of scripts."""
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})]

    def cookies(self):
        return self.do("GET", "/cookie")

    def size(self, width, height, dark=False):
        """Of the page, in CSS pixels; its colours."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[scheme])

    def photograph(self, path):
        """All of the page, in PNG."""
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def wait(self, what, otherwise="it never came"):
        """Until what() is true; one that an element vanished from under is false."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if what():
                    return
            except RuntimeError as error:
                if not re.search("stale element|does not belong to the document", str(error)):
                    raise
            time.sleep(0.1)
        raise AssertionError(f"{otherwise}: {self.address}\n{self.text()}")
