"""What the cases of bench/run share: a service to measure against, one process measured, rounds that take turns, tables.

Runs take turns (A B C, A B C, ...), so that a machine whose speed drifts slows all alike. A ratio is the median of the
rounds' own ratios, each of two neighbours in time. CPU and peak memory are the operating system's account of the whole
process, its children included.
"""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build" / "release")).resolve()
VENV = pathlib.Path(os.environ.get("WEIR_TEST_VENV", ROOT / "build" / "venv"))
PYTHON = VENV / "bin" / "python"
TIME = shutil.which("time") or sys.exit("GNU time is not installed: apt-get install time")
WEIR, WEIR_LOCAL = BUILD / "weir", BUILD / "weir-local"
os.environ.update(WEIR=str(WEIR), WEIR_LOCAL=str(WEIR_LOCAL), WEIR_SOURCE=str(ROOT))
sys.path.insert(0, str(ROOT / "tests" / "lib"))
import weirlocal  # noqa: E402

COMPARTMENT_PAGE = 1000


class Run:
    """One process that has ended well: seconds of wall and CPU, peak MiB, what it printed."""

    def __init__(self, wall, cpu, peak, stdout="", stderr="", requests=None):
        self.wall, self.cpu, self.peak, self.stdout, self.stderr = wall, cpu, peak, stdout, stderr
        self.requests = requests


def measure(argv, env, status=0):
    """GNU time starts it: a child of this program would have this program's own peak counted as its own."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as told:
        began = time.monotonic()
        done = subprocess.run([TIME, "-q", "-f", "%U %S %M", "-o", told.name, *map(str, argv)], env=env, stdout=out,
                              stderr=err, stdin=subprocess.DEVNULL, cwd=ROOT)
        wall = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read().decode(), err.read().decode()
        figures = told.read().decode().split()[-3:]
    if done.returncode != status:
        sys.exit(f"{' '.join(map(str, argv))}\nended with {done.returncode}\n{stdout[-2000:]}{stderr[-2000:]}")
    return Run(wall, float(figures[0]) + float(figures[1]), int(figures[2]) / 1024, stdout, stderr)


def count_requests(run):
    """`weir -v` ends with "N requests, ..."."""
    return int(re.search(r"^(\d+) requests?\b", run.stderr, re.MULTILINE).group(1))


class Service(weirlocal.Home):
    """A weir-local of its own, with the environment of a user who has nothing cached."""

    def __init__(self, env=None):
        super().__init__(env={"OCI_SDK_DEFAULT_RETRY_ENABLED": "false", **(env or {})})

    def start(self, *args):
        super().start(*args)
        self.env["OCI_CONFIG_FILE"] = str(self.config_file)
        return self

    def delay(self, ms):
        """Every reply comes that much later; 0: as fast as can be."""
        self.call("DELETE", "/weir/faults")
        if ms:
            reply = self.call("POST", "/weir/faults", {"action": "delay", "delayMs": ms, "count": 0})
            if reply.status != 204:
                sys.exit(f"weir-local cannot delay: {reply}")

    def weir(self, *args, cache=None, **options):
        """As against OCI: by endpoint and config file, without a look for the local service. cache: a folder that is
        kept; None: a new one, so that nothing is cached."""
        if {"plan", "apply", "destroy"} & set(args):
            args = [*args, "--endpoint", self.endpoint, "--config-file", self.config_file, "--compartment-id",
                    self.tenancy]
        with tempfile.TemporaryDirectory(dir=self.scratch) as fresh:
            env = {**self.env, "XDG_CACHE_HOME": str(cache or fresh)}
            return measure([WEIR, *args], env, **options)

    def sdk(self, *args):
        run = measure([PYTHON, ROOT / "bench" / "sdk.py", *args], self.env)
        run.requests = int(run.stdout.split()[-1])
        return run

    def curl(self, requests, parallel=False):
        """(method, target, file to send or None, file for the reply) each, signed now."""
        lines = []
        for method, target, data, reply in requests:
            fields = dict(self.sign(method, target)) if data is None else dict(
                (k, v) for k, v in self.sign(method, target) if k != "content-length")
            lines += [f'url = "{self.endpoint}{target}"', f'output = "{reply}"', "fail", "silent", "show-error"]
            lines += [f'header = "{name}: {value}"'.replace('\\', '\\\\') if '"' not in value else
                      'header = "%s: %s"' % (name, value.replace("\\", "\\\\").replace('"', '\\"'))
                      for name, value in fields.items() if name != "host"]
            if data is not None:
                lines += [f'upload-file = "{data}"', 'header = "expect:"']
            lines.append("next")
        conf = self.scratch / "curl.conf"
        conf.write_text("\n".join(lines[:-1]) + "\n")
        more = ["--parallel", "--parallel-max", "64"] if parallel else []
        run = measure(["curl", *more, "-K", conf], self.env)
        run.requests = len(requests)
        return run


def turns(rounds, *makers):
    """Each maker's runs, one a round; a round before warms up."""
    runs = [[] for _ in makers]
    for number in range(rounds + 1):
        for made, maker in zip(runs, makers):
            figures = maker()
            if number:
                made.append(figures)
    return runs


def ratio(runs, others, of=lambda run: run.wall):
    return statistics.median(of(a) / of(b) for a, b in zip(runs, others))


class Floor:
    def __init__(self, what, value, limit, unit="", least=False):
        self.what, self.value, self.limit, self.unit, self.least = what, value, limit, unit, least

    def met(self):
        return self.value >= self.limit if self.least else self.value <= self.limit

    def line(self):
        bound = "at least" if self.least else "at most"
        return (f"- Floor: {self.what}: {self.value:.2f}{self.unit}, {bound} {self.limit:g}{self.unit}: "
                f"**{'met' if self.met() else 'MISSED'}**")


class Result:
    """A table of rows (what, runs), the first of which is what the others are compared with."""

    def __init__(self, title, rows, floors=(), note=""):
        self.title, self.rows, self.floors, self.note = title, rows, list(floors), note

    def text(self):
        out = [f"### {self.title}", ""]
        if self.note:
            out += [self.note, ""]
        out += ["| what | seconds | min-max | CPU s | peak MiB | requests | ratio to the first |",
                "|---|---|---|---|---|---|---|"]
        for what, runs in self.rows:
            walls = [r.wall for r in runs]
            requests = runs[-1].requests
            cpu, peak = statistics.median(r.cpu for r in runs), max(r.peak for r in runs)
            out.append("| %s | %.3f | %.3f-%.3f | %s | %s | %s | %.2f |" % (
                what, statistics.median(walls), min(walls), max(walls), "" if cpu != cpu else f"{cpu:.3f}",
                "" if peak != peak else f"{peak:.0f}", "" if requests is None else requests, ratio(runs, self.rows[0][1])))
        if self.floors:
            out += ["", *[floor.line() for floor in self.floors]]
        return "\n".join(out) + "\n"


class Rates(Result):
    """A table of rates instead: rows (what, [(per second, 99th percentile in ms, CPU us a request)])."""

    def text(self):
        out = [f"### {self.title}", ""]
        if self.note:
            out += [self.note, ""]
        out += ["| what | requests a second | min-max | 99% within ms | its CPU us a request |", "|---|---|---|---|---|"]
        for what, rates in self.rows:
            seconds = [r[0] for r in rates]
            out.append("| %s | %.0f | %.0f-%.0f | %.1f | %.0f |" % (
                what, statistics.median(seconds), min(seconds), max(seconds), statistics.median(r[1] for r in rates),
                statistics.median(r[2] for r in rates)))
        if self.floors:
            out += ["", *[floor.line() for floor in self.floors]]
        return "\n".join(out) + "\n"


# ---- docs/explanation/performance.md --------------------------------------------------------------------------


def write_page(page, name, result):
    """Puts what was measured between its markers; the other cases stay as they were, with the machine of theirs."""
    text = put_between(page.read_text(), name, result)
    floors = re.findall(r"^- Floor: (.*): ([^:]*), (at (?:most|least) [^:]*): \*\*(.*)\*\*$", text, re.MULTILINE)
    rows = "".join(f"| {what} | {value} | {bound} | {met} |\n" for what, value, bound, met in floors)
    text = put_between(text, "floors", "| floor | measured | bound | |\n|---|---|---|---|\n" + rows)
    page.write_text(text)


def put_between(text, name, content):
    begin, end = f"<!-- bench: {name} -->\n", f"<!-- end: {name} -->\n"
    if begin not in text:
        text += f"\n{begin}{end}"
    before, _, rest = text.partition(begin)
    return before + begin + content + end + rest.partition(end)[2]
