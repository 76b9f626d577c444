"""A pipeline of 30 resources in a folder of its own: 3 buckets, 7 objects, 2 archives, 9 scripts, 9 applications, and a
sequence. Two versions, so that going from one to the other takes every kind of change. Runs take a moment on the
stand-in for Spark (standin.py).

    thirty = Thirty(folder)
    thirty.write(1)
    home.run(thirty.argv(home, "apply", "-y"))
    thirty.live(home).state()
"""
import pathlib
import zipfile

from live import Live

APPS = ("ingest", "clean", "join", "sum", "top", "check", "export", "report", "tidy")
BUCKETS = ("thirty-data", "thirty-code", "thirty-logs")
HEAD = """\
pipeline: thirty
defaults:
  spark_version: 3.5.0
  script_bucket: thirty-code
  logs_bucket: thirty-logs
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {ocpus: 1, memory_in_gbs: 16}
  num_executors: 1
buckets:
"""
SEQUENCE = """\
sequences:
  nightly:
    steps:
      first: {app: ingest}
      left: {app: clean, needs: [first]}
      right: {app: join, needs: [first]}
      last: {app: check, needs: [left, right]}
"""
SCRIPT = "import sys\nprint('{name}', {version}, *sys.argv[1:])\n"


def _app(name, version):
    more = ""
    if name == "ingest":
        more = ', archive: one, arguments: [--to, "oci://thirty-data@$<oci.namespace>/lake"]'
    if name == "clean":
        more = ', archive: two, arguments: ["${lake}"], parameters: {lake: lake}'
    if version == 2 and name in ("sum", "check"):
        more += ", num_executors: 2"
    if version == 2 and name == "top":
        more += ", type: STREAMING"  # can't be changed: replaced
    return f"  {name}: {{display_name: thirty-{name}, script: {name}.py{more}}}\n"


class Thirty:
    """In version 2 an application and its script are others, two objects are, two applications change, one is
    replaced, a script, an object and an archive have other content."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, version):
        apps = [name if version == 1 or name != "tidy" else "late" for name in APPS]
        objects = [f"part{i}" for i in range(version, version + 7)]
        text = HEAD + "".join(f"  {name}: {{}}\n" for name in BUCKETS)
        text += "objects:\n" + "".join(f"  {name}: {{path: {name}.csv, bucket: thirty-data}}\n" for name in objects)
        text += "archives:\n  one: {path: one.zip}\n  two: {path: two.zip}\n"
        text += "apps:\n" + "".join(_app(name, version) for name in apps) + SEQUENCE
        self._write("pipeline.yaml", text)
        for name in apps:
            self._write(f"{name}.py", SCRIPT.format(name=name, version=version if name == "join" else 1))
        for name in objects:
            self._write(f"{name}.csv", f"a,b\n{name},{version if name == 'part4' else 1}\n")
        self._archive("one", 1)
        self._archive("two", version)

    def _write(self, name, text):
        """Only where it differs, so that a cache of hashes is worth something."""
        path = self.folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def _archive(self, name, version):
        with zipfile.ZipFile(self.folder / f"{name}.zip", "w") as z:
            info = zipfile.ZipInfo(f"python/lib/python3.11/site-packages/{name}.py", (2020, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            z.writestr(info, f"version = {version}\n")
            z.writestr(zipfile.ZipInfo("version.txt", (2020, 1, 1, 0, 0, 0)), "1\n")

    def argv(self, home, *args):
        """Of a service that is up: not to be started on demand."""
        return [home.env["WEIR"], "-C", self.folder, "--endpoint", home.endpoint, "--config-file", home.config_file,
                *args]

    def live(self, home):
        return Live(home, "thirty", BUCKETS)
