"""A weir-local of a test's own, and signed or malformed requests to it. Only Python's library and libcrypto.

    from weirlocal import Home, main

    class Names(unittest.TestCase):
        def test_namespace(self):
            with Home() as home:                     # a temporary folder; the service is up
                reply = home.call("GET", "/n")       # signed with the home's own key
                self.assertEqual(reply.status, 200)

    main()                                           # a skipped test is a failed one, and so are none

Programs come from the environment, which ctest sets: WEIR, WEIR_LOCAL, WEIR_SOURCE. WEIR_TEST_VENV is the
virtual environment with Oracle's clients (tests/peers/requirements.txt). A service is ended by its own pid, when
its `with` ends at the latest; one that this process started dies with it.
"""
import atexit
import base64
import configparser
import contextlib
import ctypes
import email.utils
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
STREAMED = re.compile("/n/[^/]*/b/[^/]*/[ou]/")  # an object or a part
READY_SECONDS = 180
REPLY_SECONDS = 60


def main():
    """Runs the tests of the calling file; ends the process. SIGTERM is taken as Ctrl-C is, so that what was started
    is ended and what was made is removed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    done = unittest.main(module="__main__", verbosity=2, exit=False).result
    if done.testsRun == 0 or done.skipped:
        print("a test was skipped, or there was none", file=sys.stderr)
    sys.exit(not done.wasSuccessful() or done.testsRun == 0 or bool(done.skipped))


def venv_python():
    """The python of the environment that has Oracle's clients."""
    python = pathlib.Path(os.environ.get("WEIR_TEST_VENV") or SOURCE / "build" / "venv") / "bin" / "python"
    if not python.exists():
        sys.exit(f"{python} is not there: scripts/test.sh makes it, or set WEIR_TEST_VENV")
    return python


def use_venv():
    """Starts the calling program again with the python of the test environment, if it isn't that already."""
    python = venv_python()
    if pathlib.Path(sys.prefix).resolve() != python.parent.parent.resolve():
        sys.stdout.flush()
        os.execv(python, [str(python), *sys.argv])


# ---- keys -----------------------------------------------------------------------------------------------------


def _libcrypto():
    for name in ("libcrypto.so.3", "libcrypto.so"):
        with contextlib.suppress(OSError):
            lib = ctypes.CDLL(name)
            break
    else:
        sys.exit("libcrypto of OpenSSL 3 is not there")
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
        ("BIO_new_mem_buf", pointer, [ctypes.c_char_p, ctypes.c_int]),
        ("BIO_new", pointer, [pointer]),
        ("BIO_s_mem", pointer, []),
        ("BIO_read", ctypes.c_int, [pointer, pointer, ctypes.c_int]),
        ("BIO_free", ctypes.c_int, [pointer]),
        ("PEM_read_bio_PrivateKey", pointer, [pointer] * 4),
        ("PEM_write_bio_PrivateKey", ctypes.c_int, [pointer] * 4 + [ctypes.c_int] + [pointer] * 2),
        ("EVP_PKEY_Q_keygen", pointer, None),
        ("EVP_PKEY_free", None, [pointer]),
        ("EVP_MD_CTX_new", pointer, []),
        ("EVP_MD_CTX_free", None, [pointer]),
        ("EVP_sha256", pointer, []),
        ("EVP_DigestSignInit", ctypes.c_int, [pointer] * 5),
        ("EVP_DigestSign", ctypes.c_int, [pointer, pointer, ctypes.POINTER(size), ctypes.c_char_p, size]),
    ):
        function = getattr(lib, name)
        function.restype = result
        if arguments is not None:
            function.argtypes = arguments
    return lib


_CRYPTO = _libcrypto()


class Key:
    """An RSA key, from PEM (bytes) or a new one."""

    def __init__(self, pem=None):
        if pem is None:
            self._key = _CRYPTO.EVP_PKEY_Q_keygen(None, None, b"RSA", ctypes.c_size_t(2048))
        else:
            bio = _CRYPTO.BIO_new_mem_buf(pem, len(pem))
            self._key = _CRYPTO.PEM_read_bio_PrivateKey(bio, None, None, None)
            _CRYPTO.BIO_free(bio)
        if not self._key:
            raise ValueError("not a private key in PEM")

    def __del__(self):
        _CRYPTO.EVP_PKEY_free(self._key)

    def pem(self):
        bio = _CRYPTO.BIO_new(_CRYPTO.BIO_s_mem())
        _CRYPTO.PEM_write_bio_PrivateKey(bio, self._key, None, None, 0, None, None)
        text = ctypes.create_string_buffer(8192)
        length = _CRYPTO.BIO_read(bio, text, len(text))
        _CRYPTO.BIO_free(bio)
        return text.raw[:length]

    def sign(self, data):
        """RSASSA-PKCS1-v1_5 over SHA-256, in base64."""
        context = _CRYPTO.EVP_MD_CTX_new()
        try:
            out = ctypes.create_string_buffer(1024)
            length = ctypes.c_size_t(len(out))
            if (
                _CRYPTO.EVP_DigestSignInit(context, None, _CRYPTO.EVP_sha256(), None, self._key) != 1
                or _CRYPTO.EVP_DigestSign(context, out, ctypes.byref(length), data, len(data)) != 1
            ):
                raise RuntimeError("OpenSSL did not sign")
            return base64.b64encode(out.raw[: length.value]).decode()
        finally:
            _CRYPTO.EVP_MD_CTX_free(context)


# ---- bytes on a socket ----------------------------------------------------------------------------------------


class Reply:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def field(self, name):
        """The value of a header, None where there is none."""
        return next((value for key, value in self.fields if key == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The `code` of an error's body."""
        try:
            return self.json()["code"]
        except (ValueError, KeyError, TypeError):
            return None

    def __repr__(self):
        return f"<{self.status} {dict(self.fields)} {self.body[:400]!r}>"


class Wire:
    """One connection to a port of this machine, byte for byte."""

    def __init__(self, port, timeout=REPLY_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        """What the service didn't want to read any more is no error: its reply says why."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def end(self):
        """No more will be sent; a reply can still be read."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reply(self, head=False):
        """The next reply; None where the service closed instead. head: it answers a HEAD."""
        try:
            line = self._file.readline()
            if not line:
                return None
            status, fields = int(line.split()[1]), []
            while (line := self._file.readline().strip()) != b"":
                name, _, value = line.decode("latin-1").partition(":")
                fields.append((name.lower(), value.strip()))
            reply = Reply(status, fields, b"")
            if not head and status >= 200 and status not in (204, 304):
                length = reply.field("content-length")
                reply.body = self._file.read() if length is None else self._file.read(int(length))
            return reply
        except ConnectionResetError:
            return None

    def closed(self):
        """Waits for the service to close; False if it sends something instead."""
        with contextlib.suppress(ConnectionResetError):
            return self._file.read(1) == b""
        return True

    def close(self):
        self._file.close()
        self.socket.close()


def message(method, target, fields, body=b"", version="HTTP/1.1"):
    """The bytes of a request, as given."""
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{method} {target} {version}\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body


def quote(text):
    """Percent-encoded as Oracle's clients do it: '/' too, and a name of dots."""
    return "%2E" * len(text) if text in (".", "..") else urllib.parse.quote(text, safe="")


# ---- the service ----------------------------------------------------------------------------------------------


class Home:
    """A home folder of weir-local, and the service in it. Attributes after start: port, endpoint, host, tenancy,
    user, fingerprint, region, key_id, key, config_file, compartments (path to OCID), ns (asked for when first used)."""

    def __init__(self, start=True, env=None):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-test-"))
        self.path = self.scratch / "home"
        self.config_file = self.path / "config"
        self.log_file = self.scratch / "service.log"
        self.env = self._environment(env or {})
        self.port = self._process = self._ns = None
        self._start = start
        atexit.register(self.__exit__)  # for the ways out that pass by `with` and unittest's cleanups

    def _environment(self, more):
        """No OCI setting, folder or proxy of the user's has a say in a test."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OCI_", "XDG_", "http", "HTTP"))}
        return {**env, "HOME": str(self.scratch), "WEIR_LOCAL_HOME": str(self.path), **more}

    def __enter__(self):
        try:
            return self.start() if self._start else self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)
            atexit.unregister(self.__exit__)

    def start(self, *args):
        """weir-local in the foreground as our child, ready when this returns."""
        self.spawn(*args)
        deadline = time.monotonic() + READY_SECONDS
        while self.state().get("pid") != self._process.pid:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"weir-local did not start: {self.log()}")
            time.sleep(0.01)
        self._read()
        return self

    def spawn(self, *args):
        """As start, and does not wait."""
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                [os.environ["WEIR_LOCAL"], "serve", "--foreground", *args],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_die_with_parent,
            )

    def identity(self, setup):
        """Another set-up of who there is: `weir-local identity set`."""
        done = self.weir_local("identity", "set", "-", input=json.dumps(setup))
        if done.returncode:
            raise RuntimeError(f"identity set: {done.stderr}")
        self.compartments = self.state().get("compartments")

    def signer(self, profile):
        """Who signs by that profile of the config file."""
        return User(self, profile)

    def state(self):
        """state.json, {} where there is none or half of one."""
        try:
            return json.loads((self.path / "state.json").read_text())
        except (OSError, ValueError):
            return {}

    def _read(self):
        config = configparser.ConfigParser(interpolation=None)
        config.read(self.config_file)
        values = config.defaults()
        self.tenancy, self.user, self.region = values["tenancy"], values["user"], values["region"]
        self.fingerprint = values["fingerprint"]
        self.key_id = f"{self.tenancy}/{self.user}/{self.fingerprint}"
        self.key = Key(pathlib.Path(values["key_file"]).read_bytes())
        self._ns = None
        state = self.state()
        self.port, self.compartments = state["port"], state["compartments"]
        self.host = f"127.0.0.1:{self.port}"
        self.endpoint = f"http://{self.host}"

    @property
    def ns(self):
        if self._ns is None:
            self._ns = self.call("GET", "/n").json()
        return self._ns

    def pid(self):
        """Of the service, whoever started it; None where none is up."""
        if self._process and self._process.poll() is None:
            return self._process.pid
        pid = self.state().get("pid")
        return pid if pid and self._is_ours(pid) else None

    def _is_ours(self, pid):
        """A pid in a file may be another's by now."""
        try:
            mark = f"WEIR_LOCAL_HOME={self.path}".encode()
            return mark in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        """Ends the service and waits for it; its status, if it was our child. One that has crashed, or does not end
        well, is an error."""
        pid, child, self._process = self.pid(), self._process, None
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if child:
            return self._wait_for(child, number)
        deadline = time.monotonic() + 60
        while pid and self._is_ours(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                raise RuntimeError(f"weir-local {pid} did not end on signal {number}")
            time.sleep(0.02)
        return None

    def _wait_for(self, child, number):
        try:
            status = child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise RuntimeError(f"weir-local did not end on signal {number}: {self.log()}") from None
        wanted = -signal.SIGKILL if number == signal.SIGKILL else 0
        if status not in (0, wanted):
            raise RuntimeError(f"weir-local ended with status {status}: {self.log()}")
        return status

    def kill9(self):
        return self.stop(signal.SIGKILL)

    def wait_killed(self):
        """Waits for a service that was made to end by itself; its status."""
        child, self._process = self._process, None
        return child.wait(60)

    def log(self):
        """The end of what the service printed."""
        return self.log_file.read_text(errors="replace")[-4000:] if self.log_file.exists() else ""

    # -- programs

    def run(self, argv, **options):
        """A program with this home's environment: returns status (returncode), stdout, stderr as text."""
        options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 600, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run([str(a) for a in argv], env={**self.env, **options.pop("env", {})}, **options)

    def weir(self, *args, **options):
        return self.run([os.environ["WEIR"], *args], **options)

    def weir_local(self, *args, **options):
        return self.run([os.environ["WEIR_LOCAL"], *args], **options)

    def oci(self, *args, **options):
        """Oracle's command line, which is given only the endpoint and the config file."""
        argv = [venv_python().parent / "oci", "--config-file", self.config_file, "--endpoint", self.endpoint]
        return self.run([*argv, *args], **options)

    # -- requests

    def sign(self, method, target, body=b"", *, fields=(), names=None, key=None, key_id=None, date=None, host=None):
        """The header fields of a signed request, as a list of pairs that a test may then spoil. body: bytes, or
        what becomes JSON. Like Oracle's clients: a body is covered by the signature, unless it is an object's or a
        part's. fields: more of them, unsigned (unless names say so). date: Unix seconds."""
        body = as_bytes(body)
        out = [
            ("date", email.utils.formatdate(time.time() if date is None else date, usegmt=True)),
            ("host", host or self.host),
        ]
        streamed = method == "PUT" and STREAMED.match(target)
        given = {name.lower() for name, _ in fields}
        if method in ("POST", "PUT", "PATCH"):
            out.append(("content-length", str(len(body))))
            if not streamed:
                out.append(("content-type", "application/json"))
                out.append(("x-content-sha256", base64.b64encode(hashlib.sha256(body).digest()).decode()))
        out = [pair for pair in out if pair[0] not in given] + [(name.lower(), value) for name, value in fields]
        if names is None:
            covered = method in ("POST", "PUT", "PATCH") and not streamed
            names = "date (request-target) host"
            names += " content-length content-type x-content-sha256" if covered else ""
        values = {}
        for name, value in out:
            values[name] = f"{values[name]}, {value}" if name in values else value
        lines = [
            f"{name}: {method.lower()} {target}" if name == "(request-target)" else f"{name}: {values[name]}"
            for name in names.split()
        ]
        signature = (key or self.key).sign("\n".join(lines).encode("utf-8", "surrogateescape"))
        authorization = (
            f'Signature version="1",keyId="{key_id or self.key_id}",algorithm="rsa-sha256",'
            f'headers="{names}",signature="{signature}"'
        )
        return [*out, ("authorization", authorization)]

    def call(self, method, target, body=b"", wire=None, **signing):
        """A signed request and its reply; on a connection of its own, or on `wire`, which stays open."""
        body = as_bytes(body)
        data = message(method, target, self.sign(method, target, body, **signing), body)
        with contextlib.nullcontext(wire) if wire else self.wire() as line:
            line.send(data)
            return line.reply(head=method == "HEAD")

    def wire(self, timeout=REPLY_SECONDS):
        return Wire(self.port, timeout)

    def raw(self, data, head=False, end=False):
        """Sends bytes as they are; the first reply, None where the service only closed. end: nothing follows."""
        with self.wire() as wire:
            wire.send(data)
            if end:
                wire.end()
            return wire.reply(head)

    # -- what most tests need first

    def write_config(self, path, **changes):
        """A copy of the home's config file, with its profile changed; a value of None is left out."""
        values = configparser.ConfigParser(interpolation=None)
        values.read(self.config_file)
        for key, value in changes.items():
            if value is None:
                values.remove_option("DEFAULT", key)
            else:
                values["DEFAULT"][key] = str(value)
        with open(path, "w") as out:
            values.write(out)
        path.chmod(0o600)
        return path

    def bucket(self, name, compartment=None):
        reply = self.call("POST", f"/n/{self.ns}/b", {"name": name, "compartmentId": compartment or self.tenancy})
        if reply.status != 200:
            raise RuntimeError(f"bucket {name}: {reply}")
        return reply

    def object(self, bucket, name):
        """The target of an object."""
        return f"/n/{self.ns}/b/{bucket}/o/{quote(name)}"


class User:
    """A user of a home, by the profile: signs what call sends. Attributes: profile, tenancy, user, key_id, key, ns."""

    def __init__(self, home, profile):
        config = configparser.ConfigParser(interpolation=None)
        config.read(home.config_file)
        values = config[profile]
        self.home, self.profile = home, profile
        self.tenancy, self.user = values["tenancy"], values["user"]
        self.key_id = f"{self.tenancy}/{self.user}/{values['fingerprint']}"
        self.key = Key(pathlib.Path(values["key_file"]).read_bytes())
        self.ns = self.call("GET", "/n").json()

    def call(self, method, target, body=b"", **signing):
        return self.home.call(method, target, body, key=self.key, key_id=self.key_id, **signing)


def as_bytes(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


_LIBC = ctypes.CDLL(None)  # opened here: a child between fork and exec should do little


def _die_with_parent():
    _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
