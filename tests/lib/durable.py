"""A client of weir-local that knows what it was told, and holds the service to it through any number of kill -9.

Each client has names of its own, so that it knows what is live: `known`, name to MD5. Before a change it notes what
would be live after it. Acknowledged, that is known. Where the connection was lost it waits for the service and looks:
all must be as before the change, or all as after it. In every other case it notes a loss.
"""
import base64
import collections
import hashlib
import random
import sqlite3
import time

import weirlocal

BUCKET, VERSIONED, CODE, LOGS = "durable", "versioned", "code", "logs"
UP_SECONDS = 120
ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "STOPPED")


def prepare(home):
    """The buckets, and the program of runs."""
    home.bucket(BUCKET)
    home.bucket(CODE)
    home.bucket(LOGS)
    body = {"name": VERSIONED, "compartmentId": home.tenancy, "versioning": "Enabled"}
    assert home.call("POST", f"/n/{home.ns}/b", body).status == 200
    assert home.call("PUT", home.object(CODE, "job.py"), b"sleep 0.05; echo ran $1\n").status == 200


def check_files(home, losses):
    """Of a service that has ended: whole files under their names, each named by a row; nothing half written."""
    left = [p.name for p in (home.path / "tmp").iterdir()] + [p.name for p in (home.path / "runs").iterdir()]
    if left:
        losses.append(f"left in tmp or runs: {left}")
    db = sqlite3.connect(home.path / "weir-local.db")
    if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        losses.append("the database is broken")
    columns = [(t, c[1]) for (t,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
               for c in db.execute(f"PRAGMA table_info({t})").fetchall() if c[1] == "sha256"]
    named = {row[0] for t, c in columns for row in db.execute(f"SELECT {c} FROM {t}").fetchall()}
    db.close()
    files = {p.name: p for p in (home.path / "objects").rglob("*") if p.is_file()}
    if leaked := sorted(set(files) - named):
        losses.append(f"{len(leaked)} files that nothing names: {leaked[:3]}")
    for name, path in files.items():
        if not name.endswith("j") and hashlib.sha256(path.read_bytes()).hexdigest() != name:
            losses.append(f"{path} is torn")
    return len(files)


class Lost(Exception):
    """No reply: what was asked for was done, or not."""


class Stop(Exception):
    """The run is over."""


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Client:
    """losses: what broke a promise. acknowledged, unacknowledged: how many of each kind of change."""

    def __init__(self, home, number, seed, stopped):
        self.home, self.prefix, self.stopped = home, f"c{number}/", stopped
        self.draw = random.Random(seed * 1000 + number)
        self.serial = 0
        self.known = {}     # of names in BUCKET: MD5
        self.limbo = {}     # names that a copy of which nobody knows whether it was accepted may yet write: MD5
        self.versions = {}  # name to {version: MD5} that were acknowledged
        self.unsure = collections.Counter()  # name to puts that were not
        self.apps = {}      # OCID to number of executors
        self.runs = {}      # OCID to the state it was last seen in
        self.losses = []
        self.acknowledged, self.unacknowledged = collections.Counter(), collections.Counter()
        self.wire = None
        self.refused = 0         # replies of 5xx
        self.may_refuse = False  # they are none then: what was asked for was done, or not

    # -- requests

    def ask(self, method, target, body=b"", **signing):
        """On the client's own connection. Lost where no reply came."""
        try:
            if self.wire is None:
                self.wire = self.home.wire(timeout=30)
            reply = self.home.call(method, target, body, wire=self.wire, **signing)
        except (OSError, ValueError, IndexError):
            reply = None
        if reply is None or self.torn(reply, method):
            if self.wire:
                self.wire.close()
            self.wire = None
            raise Lost()
        if reply.status >= 500 and self.may_refuse:
            self.refused += 1
            raise Lost()
        if reply.status >= 500:
            self.lose(f"{method} {target}: {reply}")
        return reply

    @staticmethod
    def torn(reply, method):
        length = reply.field("content-length")
        return method != "HEAD" and length is not None and len(reply.body) < int(length)

    def surely(self, method, target, body=b"", **signing):
        """Asks until there is a reply."""
        deadline = time.monotonic() + UP_SECONDS
        while True:
            try:
                return self.ask(method, target, body, **signing)
            except Lost:
                if time.monotonic() > deadline:
                    self.lose(f"no reply to {method} {target} for {UP_SECONDS} s")
                    raise Stop() from None
                time.sleep(0.01)

    def lose(self, text):
        self.losses.append(f"{self.prefix} {text}")

    def bucket(self, what, bucket=BUCKET):
        return f"/n/{self.home.ns}/b/{bucket}/{what}"

    def object(self, name, bucket=BUCKET):
        return self.bucket("o/" + weirlocal.quote(self.prefix + name), bucket)

    def content(self):
        self.serial += 1
        size = self.draw.choice((0, 10, 1000, 30_000, 300_000))
        return f"{self.prefix}{self.serial} ".encode() + self.draw.randbytes(size)

    # -- a change of objects

    def look(self, name):
        reply = self.surely("GET", self.object(name))
        if reply.status == 404:
            return None
        if reply.status != 200:
            self.lose(f"look at {name}: {reply}")
        if reply.field("content-md5") not in (None, md5(reply.body)):
            self.lose(f"{name} is torn: {reply}")
        return md5(reply.body)

    def change(self, kind, after, method, target, body=b"", good=(200, 204), **signing):
        """after: what would be live of the names it changes. Whether it was acknowledged; the reply."""
        before = {name: self.known.get(name) for name in after}
        try:
            reply = self.ask(method, target, body, **signing)
        except Lost:
            self.unacknowledged[kind] += 1
            now = {name: self.look(name) for name in after}
            if now not in (before, after):
                self.lose(f"half done: {kind} {target}: {before} to {after} is {now}")
            self.know(now)
            self.check_some()
            return None
        if reply.status in good:
            self.acknowledged[kind] += 1
            self.know(after)
        else:
            self.lose(f"{kind} was refused: {method} {target}: {reply}")
            self.know({name: self.look(name) for name in after})
        return reply

    def know(self, names):
        for name, value in names.items():
            if value is None:
                self.known.pop(name, None)
            else:
                self.known[name] = value

    def some(self):
        return self.draw.choice(sorted(self.known)) if self.known else None

    def put(self):
        name, data = f"o{self.draw.randrange(30)}", self.content()
        reply = self.change("put", {name: md5(data)}, "PUT", self.object(name), data)
        if reply is not None and reply.status == 200 and reply.field("opc-content-md5") != md5(data):
            self.lose(f"another MD5: {name}: {reply}")

    def delete(self):
        if name := self.some():
            self.change("delete", {name: None}, "DELETE", self.object(name))

    def rename(self):
        if name := self.some():
            new = f"r{self.draw.randrange(30)}"
            if new != name:
                body = {"sourceName": self.prefix + name, "newName": self.prefix + new}
                self.change("rename", {name: None, new: self.known[name]}, "POST", self.bucket("actions/renameObject"), body)

    def multipart(self):
        """An upload that was begun can be gone on with, and parts that were acknowledged committed."""
        name = f"m{self.draw.randrange(5)}"
        begun = self.surely("POST", self.bucket("u"), {"object": self.prefix + name})
        if begun.status != 200:
            self.lose(f"no upload: {begun}")
            return
        upload = self.bucket(f"u/{weirlocal.quote(self.prefix + name)}?uploadId={begun.json()['uploadId']}")
        whole, commit = b"", []
        for number in range(1, self.draw.randrange(2, 5)):
            data = self.content()
            reply = self.surely("PUT", f"{upload}&uploadPartNum={number}", data)
            if reply.status != 200:
                self.lose(f"part {number} of an acknowledged upload: {reply}")
                return
            self.acknowledged["part"] += 1
            commit.append({"partNum": number, "etag": reply.field("etag")})
            whole += data
        if not commit:
            return
        if self.draw.random() < 0.1:
            self.surely("DELETE", upload)
            return
        after = {name: md5(whole)}
        self.change("multipart", after, "POST", upload, {"partsToCommit": commit})
        if self.known.get(name) != after[name]:  # its reply was lost, and it was not done: the upload is there still
            self.change("multipart", after, "POST", upload, {"partsToCommit": commit})

    def copy(self):
        """To a name of its own, since a copy of which nobody knows may come any time."""
        source = self.some()
        if not source:
            return
        self.serial += 1
        name = f"copy{self.serial}"
        body = {
            "sourceObjectName": self.prefix + source, "destinationRegion": self.home.region,
            "destinationNamespace": self.home.ns, "destinationBucket": BUCKET, "destinationObjectName": self.prefix + name,
        }
        try:
            reply = self.ask("POST", self.bucket("actions/copyObject"), body)
        except Lost:
            self.unacknowledged["copy"] += 1
            self.limbo[name] = self.known[source]
            return
        if reply.status != 202:
            self.lose(f"copy was refused: {reply}")
            return
        self.acknowledged["copy"] += 1
        request = f"/workRequests/{reply.field('opc-work-request-id')}"
        while (state := self.surely("GET", request)).status == 200 and state.json()["status"] not in ("COMPLETED", "FAILED"):
            time.sleep(0.01)
        now = self.look(name)
        if state.status != 200 or state.json()["status"] != "COMPLETED" or now != self.known[source]:
            self.lose(f"a copy that was accepted: {state}, {now} is not {self.known[source]}")
        self.know({name: now})
        self.change("delete", {name: None}, "DELETE", self.object(name))

    def put_version(self):
        name, data = f"v{self.draw.randrange(3)}", self.content()
        try:
            reply = self.ask("PUT", self.object(name, VERSIONED), data)
        except Lost:
            self.unacknowledged["version"] += 1
            self.unsure[name] += 1
            return
        if reply.status != 200:
            self.lose(f"put of a version: {reply}")
            return
        self.acknowledged["version"] += 1
        self.versions.setdefault(name, {})[reply.field("version-id")] = md5(data)

    # -- applications and runs

    def tagged(self, what, text):
        """Live ones with this display name."""
        target = f"/20200129/{what}?compartmentId={self.home.tenancy}&displayName={text}&limit=1000"
        found = self.surely("GET", target).json()
        return [a for a in found if a["lifecycleState"] != "DELETED"]

    def create(self, what, name, body):
        """Once, however often it is asked for with one token. None where nothing came of it."""
        token = [("opc-retry-token", f"{self.prefix[:-1]}-{name}-{self.draw.getrandbits(60)}")]
        try:
            reply = self.ask("POST", f"/20200129/{what}", body, fields=token)
            self.acknowledged[what] += reply.status == 200
        except Lost:
            self.unacknowledged[what] += 1
            before = self.tagged(what, name)
            reply = self.surely("POST", f"/20200129/{what}", body, fields=token)
            if before and reply.status == 200 and before[0]["id"] != reply.json()["id"]:
                self.lose(f"doubled by one retry token: {before[0]['id']} and {reply}")
        if reply.status != 200:
            self.lose(f"create {name}: {reply}")
            return None
        if [a["id"] for a in self.tagged(what, name)] != [reply.json()["id"]]:
            self.lose(f"not once: {name}: {self.tagged(what, name)}")
        return reply.json()

    def create_app(self):
        if len(self.apps) >= 8:
            return
        self.serial += 1
        name = f"{self.prefix[:-1]}-app{self.serial}"
        shape = {"ocpus": 1, "memoryInGBs": 16}
        app = self.create("applications", name, {
            "compartmentId": self.home.tenancy, "displayName": name, "language": "PYTHON", "sparkVersion": "3.5.0",
            "driverShape": "VM.Standard.E4.Flex", "driverShapeConfig": shape, "executorShape": "VM.Standard.E4.Flex",
            "executorShapeConfig": shape, "numExecutors": 1, "fileUri": f"oci://{CODE}@{self.home.ns}/job.py",
            "logsBucketUri": f"oci://{LOGS}@{self.home.ns}/", "arguments": [name],
        })
        if app:
            self.apps[app["id"]] = 1

    def live_app(self, id_):
        """Its number of executors; None where it is deleted."""
        reply = self.surely("GET", f"/20200129/applications/{id_}")
        if reply.status != 200:
            self.lose(f"application {id_}: {reply}")
            return None
        return reply.json()["numExecutors"] if reply.json()["lifecycleState"] != "DELETED" else None

    def change_app(self, kind, after, method, body=b""):
        if not self.apps:
            return
        id_ = self.draw.choice(sorted(self.apps))
        before = self.apps[id_]
        try:
            reply = self.ask(method, f"/20200129/applications/{id_}", body)
            now = after
            if reply.status not in (200, 204):
                self.lose(f"{kind} {id_}: {reply}")
            self.acknowledged[kind] += 1
        except Lost:
            self.unacknowledged[kind] += 1
            now = self.live_app(id_)
            if now not in (before, after):
                self.lose(f"half done: {kind} {id_}: {before} to {after} is {now}")
        self.apps[id_] = now
        if now is None:
            del self.apps[id_]

    def update_app(self):
        number = self.draw.randrange(1, 9)
        self.change_app("app update", number, "PUT", {"numExecutors": number})

    def delete_app(self):
        self.change_app("app delete", None, "DELETE")

    def run(self):
        open_ = [id_ for id_, state in self.runs.items() if state not in ENDED]
        for id_ in open_:
            self.watch(id_)
        if open_ or not self.apps:
            return
        self.serial += 1
        name = f"{self.prefix[:-1]}-run{self.serial}"
        app = self.draw.choice(sorted(self.apps))
        run = self.create("runs", name, {"compartmentId": self.home.tenancy, "applicationId": app, "displayName": name})
        if run:
            self.runs[run["id"]] = run["lifecycleState"]

    def watch(self, id_):
        reply = self.surely("GET", f"/20200129/runs/{id_}")
        if reply.status != 200:
            self.lose(f"run {id_}: {reply}")
            return
        run, was = reply.json(), self.runs[id_]
        if was in ENDED and run["lifecycleState"] != was:
            self.lose(f"run {id_} was {was} and is {run['lifecycleState']}")
        if run["lifecycleState"] == "FAILED" and not run.get("lifecycleDetails"):
            self.lose(f"run {id_} is FAILED without a reason")
        if was not in ENDED and run["lifecycleState"] == "SUCCEEDED":
            self.acknowledged["run end"] += 1
            log = self.surely("GET", f"/20200129/runs/{id_}/logs/spark_application_stdout.log.gz")
            if log.status != 200:
                self.lose(f"run {id_} has SUCCEEDED and has no log: {log}")
        self.runs[id_] = run["lifecycleState"]

    # -- the work, and the checks

    WORK = ((put, 30), (delete, 10), (rename, 10), (multipart, 8), (copy, 5), (put_version, 8), (create_app, 4),
            (update_app, 5), (delete_app, 3), (run, 5))

    def work(self):
        """Until `stopped` says so; then the last look at everything."""
        steps, weights = zip(*self.WORK)
        try:
            while not self.stopped():
                self.draw.choices(steps, weights)[0](self)
            self.check_all()
        except Stop:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.lose(f"the client itself: {error!r}")
            raise
        return self

    def listed(self):
        """Name to (size, MD5, etag), without the prefix."""
        found, start = {}, ""
        while start is not None:
            query = f"?prefix={weirlocal.quote(self.prefix)}&fields=name,size,md5,etag&limit=1000&start={weirlocal.quote(start)}"
            page = self.surely("GET", self.bucket("o" + query)).json()
            found.update({o["name"].removeprefix(self.prefix): (o["size"], o["md5"], o["etag"]) for o in page["objects"]})
            start = page.get("nextStartWith")
        return found

    def check_some(self):
        """After a kill: the list is what is known; of what came in parts it has no MD5 of the content."""
        names = self.listed()
        for name in sorted(set(names) | set(self.known)):
            if name in self.limbo:
                continue
            if name not in names or name not in self.known:
                self.lose(f"{name}: known as {self.known.get(name)}, listed as {names.get(name)}")

    def check_all(self):
        """Everything, byte for byte."""
        names = self.listed()
        self.check_some()
        for name, (size, listed, etag) in names.items():
            reply = self.surely("GET", self.object(name))
            wanted = self.known.get(name, self.limbo.get(name))
            if reply.status != 200 or md5(reply.body) != wanted or len(reply.body) != size or reply.field("etag") != etag:
                self.lose(f"{name}: {reply.status} {md5(reply.body)} {len(reply.body)} is not {wanted} {size} {etag}")
            if listed and not name.startswith(("m", "r", "copy")) and listed != wanted:
                self.lose(f"{name} is listed with {listed}, not {wanted}")
        for name, versions in self.versions.items():
            self.check_versions(name, versions)
        for id_, number in self.apps.items():
            if self.live_app(id_) != number:
                self.lose(f"application {id_}: {self.live_app(id_)} is not {number}")
        deadline = time.monotonic() + 120
        while any(state not in ENDED for state in self.runs.values()):
            for id_, state in self.runs.items():
                if state not in ENDED:
                    self.watch(id_)
            if time.monotonic() > deadline:
                self.lose(f"runs do not end: {self.runs}")
                break
            time.sleep(0.05)
        for id_ in self.runs:
            self.watch(id_)

    def check_versions(self, name, versions):
        prefix = weirlocal.quote(self.prefix + name)
        found, page = [], ""
        while page is not None:
            target = self.bucket(f"objectversions?prefix={prefix}&limit=1000" + (f"&page={page}" if page else ""), VERSIONED)
            reply = self.surely("GET", target)
            found += [o["versionId"] for o in reply.json()["items"] if o["name"] == self.prefix + name]
            page = reply.field("opc-next-page")
        if not set(versions) <= set(found) or len(found) > len(versions) + self.unsure[name]:
            self.lose(f"{name}: versions {found}, known {sorted(versions)} and {self.unsure[name]} more at most")
        for version, wanted in versions.items():
            reply = self.surely("GET", self.object(name, VERSIONED) + f"?versionId={version}")
            if reply.status != 200 or md5(reply.body) != wanted:
                self.lose(f"{name} version {version}: {reply.status} {md5(reply.body)} is not {wanted}")
