"""weir-local's pages as a client without a browser sees them, and a service with something to look at.

    with Visitor(home) as visitor:                  # opens a one-time address; the cookie is visitor.cookie
        page = visitor.get("/ui/runs")
        visitor.post(f"/ui/runs/{run}/cancel")      # with Origin and the token of the page's form
"""
import html
import os
import re
import subprocess
import urllib.parse

from weirlocal import message

API = "/20200129"


def address(home, page=None, user=None):
    """A one-time address, asked for by a signed request of the home's user, or another one."""
    reply = (user or home).call("POST", "/weir/pages", {} if page is None else {"page": page})
    if reply.status != 200:
        raise RuntimeError(f"no address: {reply}")
    return reply.json()["address"]


def path_of(text):
    """The path of an address of the service."""
    return text[text.index("/ui/enter/"):]


def cookie_of(reply):
    """What a reply sets, as a browser sends it back."""
    return reply.field("set-cookie").partition(";")[0]


def forms(page):
    """The token of each form of a page, by its action."""
    text = page.body.decode()
    found = re.findall(r'<form method="post" action="([^"]*)"><input type="hidden" name="csrf" value="([^"]*)">', text)
    return {html.unescape(action): token for action, token in found}


ASK = """import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(f"GET / HTTP/1.1\\r\\nhost: 127.0.0.1:{sys.argv[1]}\\r\\ncookie: {sys.argv[2]}\\r\\nconnection: close\\r\\n\\r\\n".encode())
print(s.makefile().readline())
"""


def status_line(home, cookie, another_user=False):
    """What a process with that cookie, this user's or another's, is answered for `/`."""
    who = [] if not another_user else ["setpriv", "--reuid=nobody"] if os.geteuid() == 0 else ["sudo", "-n", "-u", "nobody"]
    done = subprocess.run([*who, "/usr/bin/python3", "-c", ASK, str(home.port), cookie], capture_output=True, text=True, cwd="/")
    return done.stdout or done.stderr


class Visitor:
    def __init__(self, home, user=None):
        self.home = home
        self.entered = self.bare("GET", path_of(address(home, user=user)))
        self.cookie = cookie_of(self.entered)

    def bare(self, method, target, fields=(), body=b"", host=None):
        """A request without the cookie."""
        fields = [("host", host or self.home.host), *fields]
        if method in ("POST", "PUT") and not any(name == "content-length" for name, _ in fields):
            fields.append(("content-length", str(len(body))))
        return self.home.raw(message(method, target, fields, body), head=method == "HEAD")

    def get(self, target, fields=(), method="GET"):
        return self.bare(method, target, [("cookie", self.cookie), *fields])

    def text(self, target):
        """What a reader would see, roughly: the page without its tags."""
        return html.unescape(re.sub(r"<[^>]*>", "", self.get(target).body.decode()))

    def post(self, target, page="/", *, csrf=None, origin=None, fields=(), type="application/x-www-form-urlencoded"):
        """As the form of that page does it. csrf: another token; False: none. origin: another; False: none."""
        token = forms(self.get(page))[target] if csrf is None else csrf
        body = b"" if token is False else urllib.parse.urlencode({"csrf": token}).encode()
        more = [] if origin is False else [("origin", origin or self.home.endpoint)]
        return self.bare("POST", target, [("cookie", self.cookie), ("content-type", type), *more, *fields], body)


APPLICATION = {"displayName": "app", "language": "PYTHON", "sparkVersion": "3.5.0", "driverShape": "VM.Standard2.1",
               "executorShape": "VM.Standard2.1", "numExecutors": 1, "fileUri": "oci://data@weirlocal/job.py",
               "logsBucketUri": "oci://logs@weirlocal/"}


def make_application(home, script, **changes):
    """An application of that script, in the bucket `data` (made with `logs` where they are not there); its OCID."""
    for name in ("data", "logs"):
        if home.call("GET", f"/n/{home.ns}/b/{name}").status == 404:
            home.bucket(name)
    name = f"{abs(hash(script))}.py"
    home.call("PUT", home.object("data", name), script.encode())
    body = {**APPLICATION, "compartmentId": home.tenancy, "fileUri": f"oci://data@{home.ns}/{name}", **changes}
    reply = home.call("POST", f"{API}/applications", body)
    if reply.status != 200:
        raise RuntimeError(f"application: {reply}")
    return reply.json()["id"]


def start(home, application, **changes):
    """A run of it; its OCID."""
    reply = home.call("POST", f"{API}/runs", {"applicationId": application, "compartmentId": home.tenancy, **changes})
    if reply.status != 200:
        raise RuntimeError(f"run: {reply}")
    return reply.json()["id"]


def state(home, run):
    return home.call("GET", f"{API}/runs/{run}").json()["lifecycleState"]
