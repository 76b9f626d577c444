"""A service that answers as a test says, byte for byte, and a weir that is measured while it talks to it.

    server = Server({"GET /20200129/applications": lambda wire: wire.send(b"HTTP/1.1 200 OK\\r\\n...")})

What no rule names is answered well: a namespace, no applications, no buckets. A rule is bytes, which are sent before the
connection is closed, or a function of the connection. Requests are kept: `server.requests`, lines and headers.
"""
import contextlib
import json
import os
import resource
import socket
import ssl
import subprocess
import tempfile
import threading
import zlib

TIME_LIMIT = 120  # no test is to take this long; a weir that does not end is ended


def reply(body=b"", status="200 OK", fields=(), length=None):
    """The bytes of a reply."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", "content-type: application/json",
            f"content-length: {len(body) if length is None else length}", *fields]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


NOT_THERE = reply({"code": "BucketNotFound", "message": "no such bucket"}, "404 Not Found")


def certificate(folder):
    """A TLS context for Server, with a certificate of 127.0.0.1 that signs itself, and its file, for --cert-bundle."""
    key, made = os.path.join(folder, "key"), os.path.join(folder, "pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-subj", "/CN=x",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context, made


class Wire:
    """One connection to the server, for a rule."""

    def __init__(self, server, connection, line):
        self.server, self.connection, self.line = server, connection, line

    def send(self, data):
        """False when nobody listens any more."""
        try:
            self.connection.sendall(data)
            return True
        except OSError:
            return False

    def send_for_ever(self, data, pause=0.0):
        """Until the client has had enough, or the test is over."""
        while self.send(data) and not self.server.stopped.wait(pause) and not self.server.stopped.is_set():
            pass


class Server:
    def __init__(self, rules=None, context=None):
        self.rules, self.context = rules or {}, context
        self.requests, self.stopped = [], threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.endpoint = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            stream = connection.makefile("rb")
            while self._one(connection, stream):
                pass

    def _one(self, connection, stream):
        """Whether the connection is kept."""
        line = stream.readline().decode("latin-1").strip()
        if not line:
            return False
        fields = {}
        while (field := stream.readline().decode("latin-1").strip()):
            name, _, value = field.partition(":")
            fields[name.lower()] = value.strip()
        body = stream.read(int(fields.get("content-length", 0)))
        if line.count(" ") != 2:
            return False  # TLS, where there is none
        method, target, _ = line.split(" ")
        with self._lock:
            self.requests.append((f"{method} {target}", fields, body))
        rule = self._rule(f"{method} {target}")
        if callable(rule):
            rule(Wire(self, connection, f"{method} {target}"))
            return False
        connection.sendall(rule)
        return rule is not None and b"\r\nconnection: close" not in rule and not self._is_rule(f"{method} {target}")

    def _is_rule(self, line):
        return any(line.startswith(begin) for begin in self.rules)

    def _rule(self, line):
        for begin, rule in self.rules.items():
            if line.startswith(begin):
                return rule
        if line in ("GET /n", "GET /n/"):
            return reply("ns")
        if line.startswith("GET /20200129/"):
            return reply([])
        return NOT_THERE


class Done:
    """A program that has ended: status (minus a signal's number), stdout, stderr, peak (bytes of memory)."""

    def __init__(self, status, stdout, stderr, peak):
        self.status, self.stdout, self.stderr, self.peak = status, stdout, stderr, peak

    def __repr__(self):
        return f"<status {self.status}, {self.peak >> 20} MiB\n{self.stdout[:2000]!r}\n{self.stderr[:4000]!r}>"


def squeezed(text, times):
    """The gzip of so many times the text: made piece by piece, since a child's peak counts from ours at its start."""
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(made.compress(text) for _ in range(times)), made.flush()])


def measured(argv, env):
    """Runs it; SIGKILL ends it when it takes too long, which shows in the status."""
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if ours > 60 * 1024:
        raise RuntimeError(f"this test uses {ours} KiB itself: what it starts cannot be measured")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([str(a) for a in argv], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        killer = threading.Timer(TIME_LIMIT, child.kill)
        killer.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            killer.cancel()
            child.returncode = 0
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
        return Done(os.waitstatus_to_exitcode(status), *texts, usage.ru_maxrss * 1024)
