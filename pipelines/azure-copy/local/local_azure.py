#!/usr/bin/env python3
"""Azure on this machine, for pipelines/azure-copy: Azurite behind a certificate made now, and a token endpoint that knows one
service principal. Needs node with Azurite (package-lock.json), openssl and keytool; all of it listens on 127.0.0.1.

    with LocalAzure(folder, azurite) as azure:       # azurite: where `npm ci` was run
        azure.make_container("lake")
        azure.put("lake", "in/a b.csv", b"...")
        defaults.write_text(azure.spark_defaults(jars))

    local_azure.py FOLDER AZURITE JARS               # the same until SIGTERM; FOLDER/azure.json tells what it is, with the secret,
                                                     # and FOLDER/spark-defaults.conf what weir-local's home needs

FOLDER is the caller's alone: Azurite's data, the certificate's key and the principal's secret lie in it.
"""
import base64
import http.client
import http.server
import json
import os
import pathlib
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

ACCOUNT = "datalake"
AUDIENCE = "https://storage.azure.com"
VERSION = "2023-11-03"  # of the Blob API
START_SECONDS = 60
TRUST_WORD = "changeit"  # of a trust store, which holds nothing secret


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _segment(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


class TokenEndpoint:
    """POST /TENANT/oauth2/token, as Azure Active Directory answers it. `expired`: the secret is taken for expired."""

    def __init__(self, tenant, client_id, secret):
        self.tenant, self.client_id, self.secret, self.expired = tenant, client_id, secret, False
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                endpoint._answer(self, dict(urllib.parse.parse_qsl(body)))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/{tenant}/oauth2/token"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def token(self, minutes=60):
        now = int(time.time())
        claims = {"aud": AUDIENCE, "iss": f"https://sts.windows.net/{self.tenant}/", "iat": now - 60, "nbf": now - 60,
                  "exp": now + 60 * minutes, "appid": self.client_id, "tid": self.tenant}
        # Azurite reads the claims and checks no signature.
        return f"{_segment({'alg': 'RS256', 'typ': 'JWT'})}.{_segment(claims)}.{secrets.token_urlsafe(32)}"

    def _refusal(self, form, path):
        if path != f"/{self.tenant}/oauth2/token":
            return 400, "invalid_request", "AADSTS90002: Tenant not found."
        if form.get("grant_type") != "client_credentials":
            return 400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type."
        if form.get("client_id") != self.client_id:
            return 400, "unauthorized_client", f"AADSTS700016: Application {form.get('client_id')!r} was not found."
        if not secrets.compare_digest(form.get("client_secret", ""), self.secret):
            return 401, "invalid_client", "AADSTS7000215: Invalid client secret provided."
        if self.expired:
            return 401, "invalid_client", "AADSTS7000222: The provided client secret keys are expired."
        return None

    def _answer(self, request, form):
        refusal = self._refusal(form, request.path)
        if refusal:
            status, reply = refusal[0], {"error": refusal[1], "error_description": refusal[2]}
        else:
            status, reply = 200, {"token_type": "Bearer", "expires_in": "3600", "access_token": self.token()}
        body = json.dumps(reply).encode()
        request.send_response(status)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Blobs:
    """What a user of Azure would do with its own tools. token: makes one."""

    def __init__(self, account, port, certificate, token):
        self.account, self.port, self.certificate, self.token = account, port, certificate, token

    def connection(self):
        context = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)

    def call(self, method, target, body=b"", connection=None, **fields):
        """A request to the Blob API; TARGET is below the account, percent-encoded. The reply, with its body as `.body`."""
        own = connection or self.connection()
        headers = {"authorization": f"Bearer {self.token()}", "x-ms-version": VERSION, "content-length": str(len(body))}
        own.request(method, f"/{self.account}/{target}", body, {**headers, **{k.replace("_", "-", 3): v for k, v in fields.items()}})
        reply = own.getresponse()
        reply.body = reply.read()
        if not connection:
            own.close()
        if reply.status >= 400 and not (reply.status == 409 and fields.get("if_none_match")):
            raise RuntimeError(f"{method} {target}: {reply.status} {reply.body[:500]!r}")
        return reply

    def make_container(self, name):
        self.call("PUT", f"{name}?restype=container")

    def put(self, container, name, content, connection=None):
        self.call("PUT", f"{container}/{urllib.parse.quote(name)}", content, connection, x_ms_blob_type="BlockBlob")

    def put_new(self, container, name, content, connection=None):
        """What is there already stays."""
        self.call("PUT", f"{container}/{urllib.parse.quote(name)}", content, connection, x_ms_blob_type="BlockBlob", if_none_match="*")

    def remove(self, container, name):
        self.call("DELETE", f"{container}/{urllib.parse.quote(name)}")

    @staticmethod
    def told(folder):
        """Of the local_azure.py that serves FOLDER."""
        told = json.loads((pathlib.Path(folder) / "azure.json").read_text())
        return Blobs(told["account"], told["port"], pathlib.Path(folder) / "certificate.pem", lambda: told["token"])


class LocalAzure(Blobs):
    def __init__(self, folder, azurite):
        self.folder, self.azurite = pathlib.Path(folder), pathlib.Path(azurite)
        super().__init__(ACCOUNT, free_port(), self.folder / "certificate.pem", lambda: self.tokens.token())
        self.key = self.folder / "key.pem"
        self.trust_store = self.folder / "trust.p12"
        self.tenant, self.client_id = "72f988bf-0000-4000-8000-2d7cd011db47", "3f1c2c0a-0000-4000-8000-5b7e1f0d9a11"
        self._process = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.secret = secrets.token_urlsafe(30)
        self._make_certificate()
        self.tokens = TokenEndpoint(self.tenant, self.client_id, self.secret)
        self._start()
        return self

    def __exit__(self, *_):
        if self._process:
            self._process.terminate()
            self._process.wait()
        self.tokens.close()

    def _make_certificate(self):
        def run(*argv):
            done = subprocess.run(argv, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{argv[0]}: {done.stdout}{done.stderr}")

        self.trust_store.unlink(missing_ok=True)
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(self.key), "-out", str(self.certificate))
        keytool = pathlib.Path(os.environ["JAVA_HOME"], "bin", "keytool") if os.environ.get("JAVA_HOME") else "keytool"
        run(str(keytool), "-importcert", "-noprompt", "-alias", "local", "-storetype", "PKCS12", "-storepass", TRUST_WORD,
            "-keystore", str(self.trust_store), "-file", str(self.certificate))

    def _start(self):
        program = self.azurite / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        if not program.exists():
            raise RuntimeError(f"{program} is not there: npm ci --prefix {self.azurite}")
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        with open(self.folder / "azurite.log", "ab") as log:
            self._process = subprocess.Popen(
                ["node", program, "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--location", self.folder / "blobs",
                 "--oauth", "basic", "--cert", self.certificate, "--key", self.key, "--skipApiVersionCheck",
                 "--disableTelemetry", "--silent"],
                env={**os.environ, "AZURITE_ACCOUNTS": f"{self.account}:{key}"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Azurite did not start: {(self.folder / 'azurite.log').read_text()[-2000:]}") from None
                time.sleep(0.05)

    # ---- what differs from Azure itself, for weir-local's home

    def spark_defaults(self, jars, endpoint=None):
        """spark-defaults.conf: the driver of abfss:// in the folder JARS, which takes Azurite for Azure."""
        azure = "spark.hadoop.fs.azure."
        # The first compiler alone, which weir-local takes for short jobs, makes TLS slow.
        trust = f"-XX:TieredStopAtLevel=4 -Djavax.net.ssl.trustStore={self.trust_store} -Djavax.net.ssl.trustStorePassword={TRUST_WORD}"
        return "".join(f"{key} {value}\n" for key, value in {
            "spark.driver.extraClassPath": f"{jars}/*",
            "spark.executor.extraClassPath": f"{jars}/*",
            "spark.driver.extraJavaOptions": trust,
            "spark.executor.extraJavaOptions": trust,
            azure + "abfs.endpoint": endpoint or f"127.0.0.1:{self.port}",
            azure + "account.oauth2.client.endpoint": self.tokens.url,
            azure + "account.hns.enabled": "false",
            azure + "fns.account.service.type": "BLOB",
            azure + "ingress.service.type": "BLOB",
            azure + "ssl.channel.mode": "Default_JSSE",
            "spark.sql.shuffle.partitions": "4",  # for the few cores that there are
        }.items())

    def parameters(self):
        """Of the pipeline, without the secret."""
        return {"account": self.account, "tenant_id": self.tenant, "client_id": self.client_id}


def main():
    folder, azurite, jars = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with LocalAzure(folder, azurite) as azure:
        (folder / "spark-defaults.conf").write_text(azure.spark_defaults(jars))
        told = {**azure.parameters(), "secret": azure.secret, "token": azure.tokens.token(24 * 60), "port": azure.port,
                "token_url": azure.tokens.url}
        part = folder / "azure.json.part"
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
        part.write_text(json.dumps(told))
        part.rename(folder / "azure.json")
        try:
            signal.pause()
        except KeyboardInterrupt:
            (folder / "azure.json").unlink()


if __name__ == "__main__":
    main()
