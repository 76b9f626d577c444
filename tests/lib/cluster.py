"""A Spark standalone cluster of a test's own on loopback: a master and workers of one core, from the Spark that
WEIR_LOCAL_SPARK has.

    with Cluster(folder, workers=2) as cluster:      # registered when this returns
        cluster.master                               # "spark://127.0.0.1:40123"
        cluster.executors()                          # their pids

They are ended by their pids at the end of `with`, and die with this process.
"""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

import weirlocal
from dataflow import until


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self, folder, workers=2):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self._workers = workers
        self._children = []
        self._log = self.folder / "cluster.log"
        self.master = f"spark://127.0.0.1:{free_port()}"

    def __enter__(self):
        try:
            port = self.master.rsplit(":", 1)[1]
            self._start("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
            for i in range(self._workers):
                self._start("worker.Worker", "--host", "127.0.0.1", "-c", "1", "-m", "1G", "-d", self.folder / f"worker-{i}",
                            "--webui-port", "0", self.master)
            until(lambda: self._registered() == self._workers, 120)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children = []

    def _start(self, name, *args):
        home = next(pathlib.Path(os.environ["WEIR_LOCAL_SPARK"]).glob("venv/lib/python3*/site-packages/pyspark"))
        env = {"PATH": os.environ["PATH"], "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "HOME": str(self.folder),
               "SPARK_LOCAL_DIRS": str(self.folder / "local"), "SPARK_DAEMON_MEMORY": "256m"}
        if "JAVA_HOME" in os.environ:
            env["JAVA_HOME"] = os.environ["JAVA_HOME"]
        with open(self._log, "ab") as log:
            self._children.append(subprocess.Popen(
                [home / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *args], env=env, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=weirlocal._die_with_parent))

    def _registered(self):
        if any(child.poll() is not None for child in self._children):
            raise RuntimeError(f"a daemon of the cluster ended: {self.log()}")
        return len(re.findall("Registering worker ", self.log()))

    def log(self):
        return self._log.read_text(errors="replace")

    def end_master(self):
        """The master goes, the workers stay."""
        self._children[0].send_signal(signal.SIGTERM)
        self._children[0].wait(30)

    def executors(self):
        """Pids of the JVMs that workers started."""
        work, found = str(self.folder).encode(), []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (entry.name.isdigit() and b"CoarseGrainedExecutorBackend" in (entry / "cmdline").read_bytes()
                        and os.readlink(entry / "cwd").encode().startswith(work)):
                    found.append(int(entry.name))
        return found
