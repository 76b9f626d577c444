"""A pipeline as a Python dict, written as JSON (which is YAML), and what is live of all compartments.

    small = Small(folder, home)
    small.spec["apps"]["copy"] = {"script": "copy.py"}
    small.weir("apply", "-y")
    small.apps()                      # every live application, with its fields as the API tells them
"""
import json
import pathlib
import re

API = "/20200129/applications"


def defaults():
    return {
        "spark_version": "3.5.0", "script_bucket": "data", "logs_bucket": "logs",
        "driver_shape": "VM.Standard.E4.Flex", "driver_shape_config": {"ocpus": 1, "memory_in_gbs": 16},
        "executor_shape": "VM.Standard.E4.Flex", "executor_shape_config": {"ocpus": 1, "memory_in_gbs": 16},
        "num_executors": 1,
    }


def as_yaml(value):
    """JSON, but for the pairs of surrogates that YAML does not have."""
    def whole(pair):
        return "\\U%08x" % ord(json.loads('"' + pair[0] + '"'))

    return re.sub(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..", whole, json.dumps(value, indent=1))


class Small:
    def __init__(self, folder, home):
        self.folder, self.home = pathlib.Path(folder), home
        self.folder.mkdir(parents=True, exist_ok=True)
        self.spec = {"pipeline": "small", "targets": {"local": {"type": "local"}}, "defaults": defaults(),
                     "buckets": {"data": {}, "logs": {}}, "objects": {}, "apps": {}}
        self.files = {}

    @property
    def target(self):
        """The only one, or the default one."""
        targets = self.spec["targets"]
        return targets[next((k for k, v in targets.items() if v.get("default")), next(iter(targets)))]

    def write(self):
        (self.folder / "pipeline.yaml").write_text(as_yaml(self.spec))
        for name, text in self.files.items():
            (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def weir(self, *args):
        """Of a service that is up: not to be started on demand."""
        self.write()
        home = self.home
        return home.run([home.env["WEIR"], "-C", self.folder, "--endpoint", home.endpoint, "--config-file",
                         home.config_file, *args])

    # ---- the service, by signed calls -------------------------------------------------------------------------

    def ask(self, method, target, body=b"", status=200, **signing):
        reply = self.home.call(method, target, body, **signing)
        if reply.status != status:
            raise AssertionError(f"{method} {target}: {reply!r}")
        return reply

    def apps(self):
        home, found = self.home, []
        for compartment in (home.tenancy, *home.compartments.values()):
            listed = self.ask("GET", f"{API}?compartmentId={compartment}&limit=1000").json()
            found += [self.app(a["id"]) for a in listed if a["lifecycleState"] in ("ACTIVE", "INACTIVE")]
        return found

    def app(self, ocid):
        return self.ask("GET", f"{API}/{ocid}").json()

    def tagged(self, tag):
        """The one application that is `small/local/key`."""
        found = [a for a in self.apps() if a["freeformTags"].get("weir") == tag]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} applications are {tag}")
        return found[0]

    def update(self, ocid, **fields):
        self.ask("PUT", f"{API}/{ocid}", fields)

    def create(self, **fields):
        """An application made by somebody else; its OCID."""
        body = {"compartmentId": self.home.tenancy, "language": "PYTHON", "sparkVersion": "3.5.0",
                "fileUri": f"oci://data@{self.home.ns}/x.py", "driverShape": "VM.Standard2.1",
                "executorShape": "VM.Standard2.1", "numExecutors": 1, **fields}
        return self.ask("POST", API, body).json()["id"]

    def delete(self, ocid):
        self.ask("DELETE", f"{API}/{ocid}", status=204)

    def move(self, ocid, compartment):
        reply = self.home.call("POST", f"{API}/{ocid}/actions/changeCompartment", {"compartmentId": compartment})
        if reply.status not in (200, 204):
            raise AssertionError(repr(reply))

    def objects(self, bucket="data"):
        """Name to MD5."""
        reply = self.ask("GET", f"/n/{self.home.ns}/b/{bucket}/o?fields=name%2Cmd5&limit=1000")
        return {o["name"]: o["md5"] for o in reply.json()["objects"]}
