"""What stands behind instance and resource principals, on loopback: an instance's metadata service, and Identity's
federation, which checks what it is sent (certificate chain, fingerprint, signature, date, body) and gives tokens that
weir-local issues, for the user of its home.

    with Federation(home, folder) as f:
        home.weir("--auth", "instance_principal", ..., env=f.env)
        f.asked                                  # [("GET", "/opc/v2/instance/region"), ...]
        f.lifetimes = [30, 3600]                 # seconds, of the next tokens; the last holds on
        f.replies["/opc/v2/instance/region"] = (404, "text/html", b"...")
"""
import base64
import email.utils
import hashlib
import http.server
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time

INSTANCE = "ocid1.instance.oc1.iad.anuwcljrtest"
RPT_PATH = "/20180711/resourcePrincipalToken/"
PARAMETER = re.compile(r'(\w+)="([^"]*)"')


def openssl(*args, data=None):
    done = subprocess.run(["openssl", *[str(a) for a in args]], input=data, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"openssl {args}: {done.stderr.decode()}")
    return done.stdout


def pem(kind, text):
    """Base64 without armour and line ends, as clients send it, as PEM again."""
    lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"


def issue_token(home, public_pem, seconds):
    """A token of weir-local's own for that key."""
    reply = home.call("POST", "/v1/token/upst/actions/GenerateUpst",
                      {"publicKey": public_pem, "weirExpirationInSeconds": seconds})
    if reply.status != 200:
        raise RuntimeError(f"GenerateUpst: {reply}")
    return reply.json()["token"]


class Authority:
    """A root, an intermediate certificate, and leaves for instances."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._make("root", "/CN=root", None, 3650)
        self._make("intermediate", "/CN=intermediate", "root", 365, "basicConstraints=critical,CA:TRUE")

    def _make(self, name, subject, by, days, extension=None):
        path = self.folder / name
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{path}.key", "-out", f"{path}.csr", "-subj", subject)
        if not by:
            openssl("x509", "-req", "-in", f"{path}.csr", "-signkey", f"{path}.key", "-out", f"{path}.pem", "-days", days)
            return
        extra = []
        if extension:
            (self.folder / "extension").write_text(extension + "\n")
            extra = ["-extfile", self.folder / "extension"]
        openssl("x509", "-req", "-in", f"{path}.csr", "-CA", self.folder / f"{by}.pem", "-CAkey", self.folder / f"{by}.key",
                "-set_serial", time.time_ns(), "-out", f"{path}.pem", "-days", days, *extra)

    def leaf(self, name, tenancy, days=2):
        self._make(name, f"/CN={INSTANCE}/name=opc-instance:{INSTANCE}/name=opc-tenant:{tenancy}", "intermediate", days)
        return (self.folder / f"{name}.pem").read_bytes(), (self.folder / f"{name}.key").read_bytes()

    def vouches_for(self, leaf, intermediates):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for i, text in enumerate([leaf, *intermediates]):
                paths.append(pathlib.Path(folder) / f"{i}.pem")
                paths[-1].write_text(text)
            more = [word for path in paths[1:] for word in ("-untrusted", path)]
            done = subprocess.run(["openssl", "verify", "-CAfile", self.folder / "root.pem", *more, paths[0]], capture_output=True)
            return done.returncode == 0


class Federation:
    def __init__(self, home, folder):
        self.home = home
        self.authority = Authority(folder)
        self.cert, self.key = self.authority.leaf("leaf", home.tenancy)
        self.asked, self.refused, self.replies, self.lifetimes, self.sessions = [], [], {}, [3600], {}
        self.region = "iad"

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                outer.answer(self, b"")

            def do_POST(self):
                outer.answer(self, self.rfile.read(int(self.headers["content-length"])))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.env = {"OCI_METADATA_BASE_URL": f"{self.url}/opc/v2", "OCI_CLI_FEDERATION_ENDPOINT": f"{self.url}/v1/x509"}
        self.env_1_1 = {**self.env, "OCI_RESOURCE_PRINCIPAL_VERSION": "1.1", "OCI_RESOURCE_PRINCIPAL_RPT_ENDPOINT": self.url,
                        "OCI_RESOURCE_PRINCIPAL_RPST_ENDPOINT": self.url}
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def count(self, path):
        return sum(1 for _, asked in self.asked if asked == path)

    def answer(self, handler, body):
        self.asked.append((handler.command, handler.path))
        status, kind, data = self.replies.get(handler.path) or self.own(handler, body)
        if status == 401:
            self.refused.append(data)
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def own(self, handler, body):
        path = handler.path
        try:
            if path.startswith("/opc/v2/"):
                return self.metadata(handler, path[len("/opc/v2"):])
            if path == "/v1/x509":
                return self.json(self.federate(handler, body))
            if path == RPT_PATH + INSTANCE:
                self.check_session(handler, b"")
                return self.json({"resourcePrincipalToken": "rpt of the service", "servicePrincipalSessionToken": "spst"})
            if path == "/v1/resourcePrincipalSessionToken":
                return self.json(self.exchange(handler, body))
        except ValueError as why:
            return 401, "application/json", json.dumps({"code": "NotAuthenticated", "message": str(why)}).encode()
        return 404, "application/json", b'{"code":"NotFound","message":"no such thing"}'

    @staticmethod
    def json(value):
        return 200, "application/json", json.dumps(value).encode()

    def metadata(self, handler, path):
        texts = {"/instance/region": self.region.encode(), "/instance/id": INSTANCE.encode(),
                 "/identity/cert.pem": self.cert, "/identity/key.pem": self.key,
                 "/identity/intermediate.pem": (self.authority.folder / "intermediate.pem").read_bytes()}
        if handler.headers["authorization"] != "Bearer Oracle":
            raise ValueError("the metadata service wants `Authorization: Bearer Oracle`")
        if path not in texts:
            return 404, "text/plain", b"Not Found"
        return 200, "text/plain", texts[path]

    # -- signatures

    def signed(self, handler, body, public_pem, names):
        """Checks date, body and signature; ValueError says what is wrong."""
        values = dict(PARAMETER.findall(handler.headers["authorization"] or ""))
        if values.get("algorithm") != "rsa-sha256" or set(values.get("headers", "").split()) != set(names.split()):
            raise ValueError(f"not signed as it should be: {values}")
        if abs(email.utils.parsedate_to_datetime(handler.headers["date"]).timestamp() - time.time()) > 300:
            raise ValueError("the date is not of now")
        if "x-content-sha256" in names and handler.headers["x-content-sha256"] != base64.b64encode(
                hashlib.sha256(body).digest()).decode():
            raise ValueError("the body is not the one signed")
        lines = [f"{n}: {handler.command.lower()} {handler.path}" if n == "(request-target)" else f"{n}: {handler.headers[n]}"
                 for n in values["headers"].split()]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "key").write_text(public_pem)
            (folder / "signature").write_bytes(base64.b64decode(values["signature"]))
            done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", folder / "key", "-signature", folder / "signature"],
                                  input="\n".join(lines).encode(), capture_output=True)
        if done.returncode:
            raise ValueError("the signature does not hold")

    @staticmethod
    def key_id(handler):
        return dict(PARAMETER.findall(handler.headers["authorization"] or "")).get("keyId", "")

    def check_session(self, handler, body):
        public_pem = self.sessions.get(self.key_id(handler).removeprefix("ST$"))
        if not public_pem:
            raise ValueError("no token of ours signs this")
        names = "date (request-target) host" + (" content-length content-type x-content-sha256" if body else "")
        self.signed(handler, body, public_pem, names)

    # -- tokens

    def token(self, public_pem):
        seconds = self.lifetimes[0]
        if len(self.lifetimes) > 1:
            self.lifetimes.pop(0)
        token = issue_token(self.home, public_pem, seconds)
        self.sessions[token] = public_pem
        return {"token": token}

    def federate(self, handler, body):
        said = json.loads(body)
        leaf = pem("CERTIFICATE", said["certificate"])
        if not self.authority.vouches_for(leaf, [pem("CERTIFICATE", text) for text in said["intermediateCertificates"]]):
            raise ValueError("the certificate is not of this authority, or has expired")
        sha1 = hashlib.sha1(base64.b64decode(said["certificate"])).hexdigest().upper()
        wanted = f"{self.home.tenancy}/fed-x509/{':'.join(sha1[i:i + 2] for i in range(0, 40, 2))}"
        if self.key_id(handler) != wanted:
            raise ValueError(f"keyId is {self.key_id(handler)}, not {wanted}")
        public = openssl("x509", "-pubkey", "-noout", data=leaf.encode()).decode()
        self.signed(handler, body, public, "date (request-target) content-length content-type x-content-sha256")
        return self.token(pem("PUBLIC KEY", said["publicKey"]))

    def exchange(self, handler, body):
        self.check_session(handler, body)
        said = json.loads(body)
        if (said["resourcePrincipalToken"], said["servicePrincipalSessionToken"]) != ("rpt of the service", "spst"):
            raise ValueError("not the tokens of the service")
        return self.token(pem("PUBLIC KEY", said["sessionPublicKey"]))
