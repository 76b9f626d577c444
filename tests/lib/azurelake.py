"""What the tests of pipelines/azure-copy share: Azure on this machine behind a front that a test may make fail, and one Spark driver
that runs azure_copy for many cases.

    lake = Lake()                                    # Azurite, token endpoint, front, weir-local
    driver = Driver(lake)
    reply = driver.copy("in", "out", mode="skip")    # {"result": ...} or {"error": "CopyError: ..."}, and "printed"
    lake.front.fail(lambda r: r.method == "GET", 503, times=3)
"""
import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import queue
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import weirlocal
from machine import Machine

PIPELINE = weirlocal.SOURCE / "pipelines" / "azure-copy"
sys.path.insert(0, str(PIPELINE / "local"))
from local_azure import LocalAzure

AZURITE = pathlib.Path(os.environ.get("WEIR_TEST_AZURITE") or weirlocal.SOURCE / "build" / "azurite")
SPARK = pathlib.Path(os.environ.get("WEIR_LOCAL_SPARK") or weirlocal.SOURCE / "build" / "spark")
CONTAINER, BUCKET, SECRET = "lake", "landing", "ocid1.vaultsecret.oc1..given"
REPLY_SECONDS = 300
HOP = ("connection", "transfer-encoding", "keep-alive")
# As quick as a test wants them; the drivers' own are meant for the clouds.
RETRIES = {"oci.client.retry.timeout.seconds": 2, "azure.io.retry.max.retries": 3, "azure.io.retry.min.backoff.interval": 20, "azure.io.retry.backoff.interval": 20,
           "azure.io.retry.max.backoff.interval": 50}


class Front:
    """A server in front of Azurite's, with its certificate: passes requests on, unless a rule answers or does something first."""

    def __init__(self, azure):
        self.azure, self._rules, self._lock, self._local = azure, [], threading.Lock(), threading.local()
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                front._serve(self)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = handle_one

            def log_message(self, *_):
                pass

            def finish(self):
                super().finish()
                if connection := front._local.__dict__.pop("connection", None):
                    connection.close()

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 64

            def handle_error(self, *_):
                pass  # the client went away

        self._server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(azure.certificate, azure.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def fail(self, match, status, times=None):
        """Answers STATUS to those requests that match(method, path); so often, or until clear()."""
        return self._add(match, times, status=status)

    def before(self, match, action, times=1):
        """Does something before such a request is passed on."""
        return self._add(match, times, action=action)

    def _add(self, match, times, **what):
        rule = {"match": match, "left": times, "used": 0, **what}
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self):
        with self._lock:
            self._rules.clear()

    def _rule(self, request):
        path = urllib.parse.unquote(request.path)
        with self._lock:
            for rule in self._rules:
                if rule["left"] != 0 and rule["match"](request.command, path):
                    rule["used"] += 1
                    if rule["left"] is not None:
                        rule["left"] -= 1
                    return rule
        return {}

    def _serve(self, request):
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        rule = self._rule(request)
        if rule.get("action"):
            rule["action"]()
        if rule.get("status"):
            self._reply(request, rule["status"], [("x-ms-error-code", "ServerBusy")], b"")
            return
        if not hasattr(self._local, "connection"):
            self._local.connection = self.azure.connection()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
        self._local.connection.request(request.command, request.path, body, headers)
        reply = self._local.connection.getresponse()
        self._reply(request, reply.status, reply.getheaders(), reply.read())

    def _reply(self, request, status, fields, body):
        request.send_response_only(status)
        fields = [(k, v) for k, v in fields if k.lower() not in HOP]
        if request.command != "HEAD":
            fields = [(k, v) for k, v in fields if k.lower() != "content-length"] + [("content-length", str(len(body)))]
        elif not any(k.lower() == "content-length" for k, _ in fields):
            fields.append(("content-length", "0"))
        for name, value in fields:
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Lake:
    """Azure and OCI of a test's own."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-azure-"))
            self.machine = Machine(scratch)
            self.home = stack.enter_context(weirlocal.Home(start=False, env=self.machine.env))
            # Oracle's connector tries a PUT again without its body, and waits until the service gives up.
            self.home.start("--request-seconds", "3")
            self.azure = stack.enter_context(LocalAzure(self.home.scratch / "azure", AZURITE))
            self.front = Front(self.azure)
            stack.callback(self.front.close)
            self._stack = stack.pop_all()
        self.azure.make_container(CONTAINER)
        self.home.bucket(BUCKET)
        (self.home.path / "spark-defaults.conf").write_text(self.properties())

    def close(self):
        self._stack.close()

    def properties(self):
        retries = "".join(f"spark.hadoop.fs.{key} {value}\n" for key, value in RETRIES.items())
        return self.azure.spark_defaults(SPARK / "azure", self.front.address) + retries

    def put(self, files, directory):
        for name, content in files.items():
            self.azure.put(CONTAINER, f"{directory}/{name}", content)

    def object(self, name):
        return self.home.call("GET", f"/n/{self.home.ns}/b/{BUCKET}/o/{weirlocal.quote(name)}")

    def objects(self, prefix):
        """Name below the prefix to content."""
        reply = self.home.call("GET", f"/n/{self.home.ns}/b/{BUCKET}/o?prefix={weirlocal.quote(prefix + '/')}&limit=1000").json()
        return {o["name"][len(prefix) + 1:]: self.object(o["name"]).body for o in reply["objects"] if not o["name"].endswith("/")}

    def lines(self, name):
        return [json.loads(line) for line in self.object(name).body.decode().split("\n") if line]


def md5(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


class Driver:
    """azure_copy in one JVM. Killed and started anew by restart()."""

    def __init__(self, lake):
        self.lake = lake
        self.start()

    def _properties(self):
        home, path = self.lake.home, self.lake.home.scratch / "driver.properties"
        jars, oci = SPARK / "jars", "spark.hadoop.fs.oci."
        overlay = self.lake.properties().replace(
            f"driver.extraClassPath {SPARK}/azure/*", f"driver.extraClassPath {SPARK}/azure/*:{jars}/guava-32.0.1-jre.jar:{jars}/failureaccess-1.0.1.jar:{jars}/*")
        path.write_text(overlay + "".join(f"{key} {value}\n" for key, value in {
            "spark.master": "local[2]", "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1", "spark.sql.catalogImplementation": "in-memory",
            "spark.hadoop.fs.abfss.impl.disable.cache": "true",
            "spark.hadoop.fs.oci.impl.disable.cache": "true",
            oci + "impl": "com.oracle.bmc.hdfs.BmcFilesystem", oci + "client.hostname": home.endpoint,
            oci + "client.auth.tenantId": home.tenancy, oci + "client.auth.userId": home.user,
            oci + "client.auth.fingerprint": home.fingerprint, oci + "client.auth.pemfilepath": home.path / "key.pem",
        }.items()))
        return path

    def start(self):
        spark_home = next((SPARK / "venv" / "lib").glob("python3*/site-packages/pyspark"))
        python = SPARK / "venv" / "bin" / "python"
        env = {"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(self.lake.home.scratch), "LANG": "C.UTF-8",
               "SPARK_HOME": str(spark_home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(python),
               "SPARK_LOCAL_DIRS": str(self.lake.home.scratch), "PYTHONDONTWRITEBYTECODE": "1",
               "PYSPARK_SUBMIT_ARGS": f"--properties-file {self._properties()} pyspark-shell"}
        if os.environ.get("JAVA_HOME"):
            env["JAVA_HOME"] = os.environ["JAVA_HOME"]
        self.log = self.lake.home.scratch / "driver.log"
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen([python, pathlib.Path(__file__).with_name("azuredriver.py")], env=env, text=True,
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        self._replies = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout, self._replies), daemon=True).start()
        self._next()

    @staticmethod
    def _listen(out, replies):
        with out:
            for line in out:
                replies.put(json.loads(line))
        replies.put(None)

    def _next(self):
        reply = self._replies.get(timeout=REPLY_SECONDS)
        if reply is None:
            raise RuntimeError(f"the driver ended: {self.log.read_text()[-3000:]}")
        return reply

    def kill(self):
        os.killpg(self._process.pid, 9)
        self._process.wait()
        self._process.stdin.close()

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)

    def begin(self, do, directory, prefix, bucket=BUCKET, container=CONTAINER, secret=None, **options):
        home, azure = self.lake.home, self.lake.azure
        argv = [do, "--account", azure.account, "--container", container, "--directory", directory, "--tenant-id", azure.tenant,
                "--client-id", azure.client_id, "--secret-ocid", SECRET, "--target", f"oci://{bucket}@{home.ns}/{prefix}"]
        for name, value in options.items():
            argv += ["--" + name.replace("_", "-"), str(value)]
        self._process.stdin.write(json.dumps({"argv": argv, "secrets": {SECRET: secret or azure.secret}}) + "\n")
        self._process.stdin.flush()

    def ask(self, *args, **options):
        self.begin(*args, **options)
        return self._next()

    def copy(self, directory, prefix, **options):
        return self.ask("copy", directory, prefix, **options)

    def verify(self, directory, prefix, **options):
        return self.ask("verify", directory, prefix, **options)
