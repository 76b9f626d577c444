"""What the tests of rows share: a pipeline in a folder, and the weir-local that it is applied to.

    bench = rows.Bench(pipeline, files)              # on real Spark; standin=True: on a stand-in for it
                                                     # pipeline: its text, or what makes it of the Home
    bench.weir("run", "hello"); bench.json("status", "last")
    bench.run_of("ocid1...")                         # as the service tells it
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import standin as spark_standin
import weirlocal

WAIT_SECONDS = 120


class Bench:
    def __init__(self, pipeline, files, standin=False, env=None):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-row-"))
        spark = spark_standin.install(self.scratch) if standin else {}
        self.home = weirlocal.Home(env={**spark, **(env or {})})
        self.folder = self.home.scratch / "pipeline"
        self.files = files
        self.home.start()
        self.pipeline = pipeline(self.home) if callable(pipeline) else pipeline
        self.write()
        self.weir("apply", "-y")

    def close(self):
        self.home.__exit__()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def write(self, pipeline=None, **files):
        """The pipeline as it was at first, but for what is given."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "pipeline.yaml").write_text(pipeline or self.pipeline)
        for name, text in {**self.files, **files}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def weir(self, *args, status=0, **options):
        done = self.home.weir("-C", self.folder, *args, **options)
        if done.returncode != status:
            raise AssertionError(f"weir {args}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}\n"
                                 f"{self.home.log()}")
        return done

    def json(self, *args, **options):
        return json.loads(self.weir(*args, "-o", "json", **options).stdout)

    def watching(self, *args, **options):
        """weir as a child that goes on."""
        return subprocess.Popen([os.environ["WEIR"], "-C", self.folder, *args], env=self.home.env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run_of(self, run_id):
        return self.home.call("GET", f"/20200129/runs/{run_id}").json()

    def until(self, what, otherwise):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := what()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{otherwise}\n{self.home.log()}")
            time.sleep(0.1)
        return found
