"""A small twin of pipelines/flights in a folder of its own: its shape, tiny data. Two versions, so that going from one
to the other takes every kind of change: create, update, replace and delete of applications, scripts and objects.

    twin = Twin(folder)
    twin.write(1)
    twin.weir(home, "apply", "-y")
    twin.live(home).state()
"""
import pathlib

from live import Live

HEAD = """\
pipeline: twin
defaults:
  description: {note}
  spark_version: 3.5.0
  script_bucket: twin-data
  logs_bucket: twin-logs
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {{ocpus: 1, memory_in_gbs: 16}}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {{ocpus: 1, memory_in_gbs: 16}}
  num_executors: 1
buckets:
  twin-data: {{}}
  twin-logs: {{}}
"""
BODY = {
    1: """\
objects:
  airlines: {path: airlines.csv, bucket: twin-data}
  airports: {path: airports.csv, bucket: twin-data, object: data/airports.csv}
apps:
  ingest: {display_name: twin-ingest, script: ingest.py, arguments: [--to, "oci://twin-data@$<oci.namespace>/lake"]}
  delays: {display_name: twin-delays, script: delays.py, arguments: ["${lake}"], parameters: {lake: lake}}
  routes: {display_name: twin-routes, script: routes.sql, language: SQL, parameters: {top: 10}}
""",
    2: """\
objects:
  planes: {path: airlines.csv, bucket: twin-data}
  airports: {path: airports.csv, bucket: twin-data, object: data/airports.csv}
apps:
  ingest: {display_name: twin-ingest, script: ingest.py, type: STREAMING}
  delays: {display_name: twin-delays, script: delays.py, num_executors: 2}
  late: {display_name: twin-late, script: late.py}
""",
}
FILES = {
    1: {"ingest.py": "print(1)\n", "delays.py": "print(2)\n", "routes.sql": "SELECT 3\n",
        "airlines.csv": "carrier,name\nAA,American\n", "airports.csv": "faa\nJFK\n"},
    2: {"ingest.py": "print(1)\n", "delays.py": "print('more')\n", "late.py": "print(4)\n",
        "airlines.csv": "carrier,name\nAA,American\n", "airports.csv": "faa\nJFK\nLGA\n"},
}


class Twin:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, version, note="small"):
        """note: a description, so that one test's applications are not another's again."""
        (self.folder / "pipeline.yaml").write_text(HEAD.format(note=note) + BODY[version])
        for name, text in FILES[version].items():
            (self.folder / name).write_text(text)

    def argv(self, home, *args):
        """Of a service that is up: not to be started on demand."""
        return [home.env["WEIR"], "-C", self.folder, "--endpoint", home.endpoint, "--config-file", home.config_file,
                *args]

    def weir(self, home, *args, **options):
        return home.run(self.argv(home, *args), **options)

    def live(self, home):
        return Live(home, "twin", ("twin-data", "twin-logs"))
