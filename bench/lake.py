"""A data lake from Azure to Object Storage, both on this machine: pipelines/azure-copy beside a script with Azure's and Oracle's SDKs, and curl
to curl as the floor."""
import json
import os
import pathlib
import sys

from harness import PYTHON, ROOT, Result, Run, Service, measure, turns

sys.path.insert(0, str(ROOT / "pipelines" / "azure-copy" / "local"))
from local_azure import LocalAzure

AZURITE = pathlib.Path(os.environ.get("WEIR_TEST_AZURITE") or ROOT / "build" / "azurite")
SDK = ROOT / "build" / "bench-azure"  # where bench/run puts Azure's SDK
PIPELINE, AT_ONCE, BUCKET = ROOT / "pipelines" / "azure-copy", 16, "azure-landing"


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Copies:
    """The ways, each to a prefix of its own every time."""

    def __init__(self, service, azure, count, size):
        self.service, self.azure, self.count, self.size, self.number = service, azure, count, size, 0
        self.shares = []
        azure.make_container("lake")
        connection = azure.connection()
        for i in range(count):
            azure.put("lake", f"in/{i // 1000}/{i:06}", os.urandom(size), connection)
        (service.path / "spark-defaults.conf").write_text(
            azure.spark_defaults(pathlib.Path(os.environ["WEIR_LOCAL_SPARK"]) / "azure"))
        secret = service.weir_local("secret", "put", "azure", input=azure.secret).stdout.strip()
        given = {**azure.parameters(), "secret_ocid": secret}
        self.parameters = [word for name, value in given.items() for word in ("-p", f"{name}={value}")]
        self._weir("apply", "-y")

    def _weir(self, *args):
        return measure([os.environ["WEIR"], "-C", PIPELINE, *args, *self.parameters], self.service.env)

    def _target(self):
        self.number += 1
        return f"copy-{self.number}"

    def pipeline(self):
        service = self.service
        before, cpu = service.call("GET", "/weir/state").json(), cpu_of(service.pid())
        run = self._weir("run", "apps.copy", "-o", "json", "--param", f"target=oci://{BUCKET}@{service.ns}/{self._target()}")
        after = service.call("GET", "/weir/state").json()
        told = json.loads(service.run([os.environ["WEIR"], "-C", PIPELINE, "output", "last", *self.parameters]).stdout.splitlines()[-1])
        if told["copied"] != self.count:
            sys.exit(f"not all were copied: {told}")
        run.requests = after["requests"] - before["requests"]
        self.shares.append((run.wall, told, (after["busy_ms"] - before["busy_ms"]) / 1000, cpu_of(service.pid()) - cpu))
        run.cpu = run.peak = float("nan")
        return run

    def sdk(self):
        env = {**self.service.env, "PYTHONPATH": str(SDK), "AZURE_TOKEN": self.azure.token(),
               "AZURE_URL": f"https://127.0.0.1:{self.azure.port}/{self.azure.account}", "AZURE_CA": str(self.azure.certificate)}
        return measure([PYTHON, ROOT / "bench" / "azure_sdk.py", self.service.endpoint, BUCKET, self._target(), AT_ONCE], env)

    def curl(self):
        """All down, then all up, as a shell script would; for the floor of each."""
        files = self.service.scratch / "files"
        files.mkdir(exist_ok=True)
        names = [f"in/{i // 1000}/{i:06}" for i in range(self.count)]
        lines = []
        for i, name in enumerate(names):
            lines += [f'url = "https://127.0.0.1:{self.azure.port}/{self.azure.account}/lake/{name}"', f'output = "{files}/{i}"', "fail",
                      "silent", "show-error", f'cacert = "{self.azure.certificate}"', 'header = "x-ms-version: 2023-11-03"',
                      f'header = "authorization: Bearer {self.azure.token()}"', "next"]
        conf = self.service.scratch / "azure.conf"
        conf.write_text("\n".join(lines[:-1]) + "\n")
        down = measure(["curl", "--parallel", "--parallel-max", AT_ONCE, "-K", conf], self.service.env)
        prefix = self._target()
        up = self.service.curl([("PUT", self.service.object(BUCKET, f"{prefix}/{i}"), files / str(i), os.devnull)
                                for i in range(self.count)], parallel=True)
        self.floors = (down.wall, up.wall)
        return Run(down.wall + up.wall, down.cpu + up.cpu, max(down.peak, up.peak), requests=2 * self.count)

    def note(self, runs):
        wall, told, busy, cpu = self.shares[-1]
        down, up = self.floors
        megabytes = self.count * self.size / 1e6
        rates = "; ".join(f"{what} {megabytes / best:.1f} MB/s, {self.count / best:.0f} files/s"
                          for what, best in ((what, min(r.wall for r in of)) for what, of in runs))
        return (f"Rates, of the best round: {rates}.\n\nOf the pipeline's last {wall:.1f} s: "
                f"{wall - told['seconds']:.1f} s are Spark's start and weir's watching, {told['listing']} s sign in to Azure and list both sides, "
                f"{told['copying']} s read and write, with nothing to rename: {told['reading_share']:.0%} of the threads' time waits for "
                f"Azure, the rest for Object Storage; weir-local was busy for {busy:.1f} s and took {cpu:.1f} s of CPU. "
                f"curl's last took {down:.1f} s to read all from Azurite, {up:.1f} s to write it.")


def azure_case(count, size, title):
    def case(rounds):
        scale = float(os.environ.get("WEIR_BENCH_SCALE", "1"))
        files = max(1, int(count * scale))
        with Service() as service, LocalAzure(service.scratch / "azure", AZURITE) as azure:
            copies = Copies(service, azure, files, size)
            pipeline, sdk, curl = turns(min(rounds, 3), copies.pipeline, copies.sdk, copies.curl)
            rows = [("curl to curl, 16 at once: the floor", curl), ("pipelines/azure-copy, a run of weir with Spark's start", pipeline),
                    ("Python, azure-storage-blob and the OCI SDK, 16 threads", sdk)]
            return Result(f"{title}: {files} files", rows, note=copies.note(rows))
    return case


CASES = {
    "azure-200x10MiB": azure_case(200, (2 << 30) // 200, "Azure to Object Storage, files of 10.7 MB (2 GiB in 200)"),
    "azure-10000x4KB": azure_case(10000, 4096, "Azure to Object Storage, files of 4 KB"),
}
