#!/usr/bin/env python3
"""The torture matrix: of a pipeline of 30 resources each request of plan, apply (all new; a change of every kind), run
and destroy, one at a time, fails in each way, or weir or weir-local is killed at it. Each time: what weir says is what
is live, its exit status fits, and another run ends as if nothing had happened, nothing doubled, nothing lost.

    test_torture.py                       a sample, one request a scenario and way, drawn anew each day
    test_torture.py --full                all of it
    test_torture.py --seed 7              the sample of that seed
    test_torture.py --cell apply:17:lost  one cell, as often as it is given
    test_torture.py --scenario run        all requests of one scenario, in all ways

It ends with the matrix: a line a request, a column a way, in each cell three letters: c (the next run converged), t (what
was said is true), s (the status is right), in capitals what failed.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal
from live import check_same
from thirty import Thirty
from torture import WAYS, Said, check_truth, right_status, rule_now, set_rule

WORKERS = 3
ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "STOPPED")
RULES = {
    **WAYS,
    "delayed": {"action": "delay", "delayMs": 300},
    "weir-killed": {"action": "hang", "count": 0},
    "weir-killed-after": {"action": "hang-after", "count": 0},
    "local-killed": {"action": "exit"},
    "local-killed-after": {"action": "exit-after"},
}
KILLED = -9


def need(true, *what):
    if not true:
        raise AssertionError(" ".join(str(w) for w in what))


class Place:
    """A service and a pipeline of a worker's own. restore(name) sets the service to a state that keep(name) kept."""

    def __init__(self):
        self.spark = pathlib.Path(tempfile.mkdtemp(prefix="weir-standin-"))
        self.home = weirlocal.Home(env={**standin.install(self.spark), "WEIR": os.environ["WEIR"]})
        self.home.start()
        self.thirty = Thirty(self.home.scratch / "pipeline")
        self.live = self.thirty.live(self.home)
        self.kept = self.home.scratch / "kept"

    def close(self):
        self.home.__exit__()
        shutil.rmtree(self.spark, ignore_errors=True)

    def keep(self, name):
        self.home.stop()
        self.copy(self.home.path, self.kept / name)
        self.home.start()

    def restore(self, name):
        self.home.kill9()
        self.copy(self.kept / name, self.home.path)
        shutil.rmtree(self.home.scratch / ".cache", ignore_errors=True)
        self.home.start()

    @staticmethod
    def copy(source, target):
        target.mkdir(parents=True, exist_ok=True)
        for name in ("weir-local.db", "weir-local.db-wal", "weir-local.db-shm"):
            (target / name).unlink(missing_ok=True)
            if (source / name).exists():
                shutil.copy(source / name, target)
        for name in ("objects", "runs"):
            shutil.rmtree(target / name, ignore_errors=True)
            if (source / name).exists():
                shutil.copytree(source / name, target / name)

    def weir(self, *args):
        return self.home.run(self.thirty.argv(self.home, *args))

    def state(self):
        """What is live of the pipeline, without the logs of runs."""
        return {k: v for k, v in self.live.state().items() if not k[1].endswith(".log.gz")}

    def runs(self):
        found = self.home.call("GET", f"/20200129/runs?compartmentId={self.home.tenancy}&limit=1000").json()
        return {run["id"]: run for run in found}


class Outcome:
    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    def __str__(self):
        return f"status {self.status}\n{self.stdout}\n{self.stderr}"


# ---- the scenarios: what is done, from which state; what must be true of it; what the next run must come to -------


class Scenario:
    begins_with, version, argv = "empty", 1, ()

    def __init__(self):
        self.requests = 0
        self.keys = {}  # address to the key of Live.state
        self.labels = {}

    def reference(self, place):
        """Undisturbed: the state it ends in, and how many requests it makes."""
        place.restore(self.begins_with)
        place.thirty.write(self.version)
        self.before = place.state()
        set_rule(place.home, {"action": "reset", "nth": 1_000_000})
        done = place.weir(*self.argv)
        need(done.returncode == self.status, done.stdout, done.stderr)
        self.requests = rule_now(place.home)["seen"]
        set_rule(place.home)
        self.plan = self.anywhere(done.stdout)
        self.after = place.state()
        self.read_keys(place)

    status = 0

    @staticmethod
    def anywhere(text):
        """Without what differs between two services."""
        return re.sub(r"ocid1\.[\w.]+", "ocid1", text)

    def read_keys(self, place):
        pass

    def truth(self, place, done):
        raise NotImplementedError

    def again(self, place):
        raise NotImplementedError


class Plan(Scenario):
    begins_with, version, argv, status = "applied", 2, ("plan", "--detailed-exitcode"), 2

    def truth(self, place, done):
        check_same(place.state(), self.before)
        if done.status == 2:
            need(self.anywhere(done.stdout) == self.plan, "another plan:", done)
        else:
            need(done.stdout == "" and (done.status < 0 or "error: " in done.stderr), "it says too much or too little:", done)

    def right_status(self, done):
        return done.status in (2, 3)

    def again(self, place):
        done = place.weir(*self.argv)
        need(done.returncode == 2 and self.anywhere(done.stdout) == self.plan, done.stdout, done.stderr)
        check_same(place.state(), self.after)


class Apply(Scenario):
    argv = ("apply", "-y")
    destroy = False

    def read_keys(self, place):
        """The keys are those of a document; the text names only addresses."""
        place.restore(self.begins_with)
        document = json.loads(place.weir(*self.argv, "-o", "json").stdout)
        place.restore(self.begins_with)
        planned = {**self.before, **self.after}
        for r in document["results"]:
            kind, _, name = r["address"].partition(".")
            key = (r["type"], name)
            if r["type"] == "object":
                key = ("object", r["id"].partition("@")[2].partition("/")[2])
            need(key in planned, r, "is none of", planned)
            self.keys[r["address"]] = key

    def truth(self, place, done):
        said = Said(done.stdout, done.stderr)
        if done.status == KILLED:
            self.true_so_far(place, said)
            return
        check_truth(said.results, self.before, place.state(), self.after, lambda r: self.keys[r["address"]])
        if not said.counts:
            need(not said.results and done.status == 3 and "error: " in done.stderr, done)
            return
        need(said.counts == said.counted(self.destroy), said.counts, "is not", said.counted(self.destroy), done)
        need(said.complete == (done.status == 0), done)
        need(said.agrees(), "the lists at the end tell of other results:", done)
        need(len(said.results) == len(self.keys), len(said.results), "of", len(self.keys), "changes are told of:", done)

    def true_so_far(self, place, said):
        now = place.state()
        for r in said.results:
            key = self.keys[r["address"]]
            need(r["state"] != "done" or now.get(key) == self.after.get(key), key, now.get(key), "was said to be done")

    def right_status(self, done):
        said = Said(done.stdout, done.stderr)
        return done.status == (right_status(said.results) if said.counts else 3)

    def again(self, place):
        done = place.weir(*self.argv)
        need(done.returncode == 0, done.stdout, done.stderr)
        check_same(place.state(), self.after)
        plan = place.weir("plan", "--detailed-exitcode")
        need(plan.returncode == 0 and plan.stdout.startswith("No changes."), plan.stdout, plan.stderr)


class Change(Apply):
    begins_with, version = "applied", 2


class Destroy(Apply):
    begins_with, argv, destroy = "applied", ("destroy", "-y"), True

    def again(self, place):
        done = place.weir(*self.argv)
        need(done.returncode == 0, done.stdout, done.stderr)
        check_same(place.state(), self.after)
        done = place.weir(*self.argv)
        need(done.returncode == 0 and not Said(done.stdout, done.stderr).results, "there was something left:", done.stdout)


class Run(Scenario):
    begins_with, argv = "applied", ("run", "nightly")
    STEPS = 4

    def reference(self, place):
        """How often a run is looked at depends on the machine: the fewest of some."""
        fewest = None
        for _ in range(8):
            super().reference(place)
            fewest = min(fewest or self.requests, self.requests)
        self.requests = fewest

    @staticmethod
    def step(run):
        return run["freeformTags"]["weir"].split("/")[4]

    def told(self, done):
        """(step, state, OCID) of the table of steps."""
        return re.findall(r"^ *(first|left|right|last) +([A-Z]+) .*?(ocid1\.dataflowrun\S+)", done.stdout, re.M)

    def truth(self, place, done):
        check_same(place.state(), self.before)
        runs = place.runs()
        steps = collections.Counter(self.step(run) for run in runs.values())
        need(all(n == 1 for n in steps.values()), "a step was launched twice:", steps, done)
        unsure = "it may have been launched" in done.stderr + done.stdout
        for id_ in runs:
            need(id_ in done.stdout + done.stderr or unsure or done.status == KILLED, id_, "is not told of:", done)
        for step, state, id_ in self.told(done):
            need(id_ in runs and self.step(runs[id_]) == step, id_, "is not live")
            need(state not in ENDED or runs[id_]["lifecycleState"] == state, id_, "is said to be", state, runs[id_])
        if done.status == 0:
            need({r["lifecycleState"] for r in runs.values()} == {"SUCCEEDED"} and len(runs) == self.STEPS, runs)

    def right_status(self, done):
        states = [state for _, state, _ in self.told(done)]
        if states == ["SUCCEEDED"] * self.STEPS:
            return done.status == (3 if "error: save " in done.stderr else 0)
        return done.status == (6 if "FAILED" in states else 3)

    def again(self, place):
        """All of it once more, as it would be the next night; what went on of the first has ended."""
        before = place.runs()
        done = place.weir(*self.argv)
        need(done.returncode == 0, done.stdout, done.stderr)
        new = [run for id_, run in place.runs().items() if id_ not in before]
        need(sorted(self.step(r) for r in new) == ["first", "last", "left", "right"], new)
        need({r["lifecycleState"] for r in new} == {"SUCCEEDED"}, new)
        deadline = time.monotonic() + 120
        while any(r["lifecycleState"] not in ENDED for r in place.runs().values()):
            need(time.monotonic() < deadline, "a run does not end:", place.runs())
            time.sleep(0.1)
        check_same(place.state(), self.after)


SCENARIOS = {"plan": Plan, "apply": Apply, "change": Change, "run": Run, "destroy": Destroy}


# ---- one cell -----------------------------------------------------------------------------------------------------


class NotReached(Exception):
    """So many requests were not made this time."""


def disturbed(place, scenario, nth, way):
    """weir, with the nth request failing so. Killed services are started again at once, and then weir retries."""
    home = place.home
    set_rule(home, {"nth": nth, **RULES[way]})
    local_dies = way.startswith("local-killed")
    argv = [*place.thirty.argv(home, *scenario.argv), *([] if local_dies else ["--retries", "0"])]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        weir = subprocess.Popen([str(a) for a in argv], env=home.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        try:
            acted = watch(place, weir, way)
        finally:
            weir.kill()
            weir.wait()
        texts = []
        for f in (out, err):
            f.seek(0)
            texts.append(f.read().decode(errors="replace"))
    if not acted and home.pid():
        rule = rule_now(home)
        acted = rule["acted"] > 0
        if acted:
            scenario.labels.setdefault(nth, rule["actedOn"])
    set_rule(home)
    if not acted:
        raise NotReached(f"{nth} requests were not made")
    return Outcome(weir.returncode, *texts)


def watch(place, weir, way):
    """Until weir has ended; whether the fault is known to have acted."""
    home, deadline = place.home, time.monotonic() + 300
    while weir.poll() is None:
        need(time.monotonic() < deadline, "weir does not end")
        if home.pid() is None:
            home.wait_killed()
            home.start()
            weir.wait(300)
            return True
        if way.startswith("weir-killed") and rule_now(home)["acted"]:
            weir.kill()
            return False
        time.sleep(0.005)
    if home.pid() is None:  # at its last request
        home.wait_killed()
        home.start()
        return True
    return False


def cell(place, scenario, nth, way):
    """What failed, by letter; {} if nothing did."""
    for _ in range(8):
        place.restore(scenario.begins_with)
        place.thirty.write(scenario.version)
        try:
            done = disturbed(place, scenario, nth, way)
            break
        except NotReached as error:
            last = error
    else:
        return {"c": str(last), "t": str(last), "s": str(last)}
    wrong = {}

    def check(letter, what):
        try:
            what()
        except Exception:  # pylint: disable=broad-except
            wrong[letter] = traceback.format_exc(limit=3) + f"\n{done}"

    check("t", lambda: scenario.truth(place, done))
    killed = way.startswith("weir-killed")
    check("s", lambda: need(done.status == KILLED if killed else scenario.right_status(done), "not that status:", done))
    if way == "delayed" or (way.startswith("local-killed") and not isinstance(scenario, Run)):
        check("s", lambda: need(done.status == scenario.status, "it was to end well:", done))
    check("c", lambda: scenario.again(place))
    return wrong


# ---- all of them ----------------------------------------------------------------------------------------------------


class Matrix:
    def __init__(self, options):
        self.options = options
        self.places = queue.Queue()
        self.scenarios = {name: SCENARIOS[name]() for name in SCENARIOS}
        self.wrong, self.ran = {}, set()

    def prepare(self, place):
        place.keep("empty")
        place.thirty.write(1)
        done = place.weir("apply", "-y")
        need(done.returncode == 0, done.stderr)
        place.keep("applied")
        self.places.put(place)

    def cells(self):
        o = self.options
        if o.cell:
            parts = [c.split(":") for c in o.cell]
            return [(name, int(nth), way) for name, nth, way in parts]
        draw = random.Random(o.seed)
        found = []
        for name, scenario in self.scenarios.items():
            if o.scenario and name != o.scenario:
                continue
            for way in RULES:
                all_ = range(1, scenario.requests + 1)
                found += [(name, nth, way) for nth in (all_ if o.full or o.scenario else draw.sample(all_, 1))]
        draw.shuffle(found)
        return found

    def one(self, name, nth, way):
        place = self.places.get()
        try:
            wrong = cell(place, self.scenarios[name], nth, way)
        except Exception:  # pylint: disable=broad-except
            wrong = {letter: traceback.format_exc() for letter in "cts"}
        finally:
            self.places.put(place)
        return (name, nth, way), wrong

    def run(self):
        # A service dies with the thread that started it, so that the threads go last.
        workers = self.options.workers
        with concurrent.futures.ThreadPoolExecutor(workers) as pool, contextlib.ExitStack() as closing:
            places = [Place() for _ in range(workers)]
            for place in places:
                closing.callback(place.close)
                self.prepare(place)
            for scenario in self.scenarios.values():
                scenario.reference(places[0])
            cells = self.cells()
            jobs = [pool.submit(self.one, *c) for c in cells]
            for job in concurrent.futures.as_completed(jobs):
                key, wrong = job.result()
                self.ran.add(key)
                if wrong:
                    self.wrong[key] = wrong
                    print(f"--- {':'.join(map(str, key))}", *wrong.values(), sep="\n", flush=True)
                if len(self.ran) % 100 == 0:
                    print(f"{len(self.ran)} of {len(cells)} cells, {len(self.wrong)} with failures", flush=True)
        return self.report(len(cells))

    def letters(self, key):
        if key not in self.ran:
            return " . "
        return "".join(letter.upper() if letter in self.wrong.get(key, {}) else letter for letter in "cts")

    def report(self, asked):
        ways = [way for way in RULES if any(key[2] == way for key in self.ran)]
        print(f"\n{'scenario':8} {'nth':>3}  " + "  ".join(f"{way:>{max(len(way), 3)}}" for way in ways) + "  request")
        for name, scenario in self.scenarios.items():
            for nth in sorted({key[1] for key in self.ran if key[0] == name}):
                cells = "  ".join(f"{self.letters((name, nth, way)):>{max(len(way), 3)}}" for way in ways)
                print(f"{name:8} {nth:3}  {cells}  {scenario.labels.get(nth, '')}")
        requests = ", ".join(f"{name} {scenario.requests}" for name, scenario in self.scenarios.items())
        print(f"\nRequests: {requests}. Ways: {len(RULES)}.")
        for letter, what in (("c", "converged"), ("t", "true summary"), ("s", "right status")):
            print(f"{what}: {len(self.ran) - sum(letter in w for w in self.wrong.values())} of {len(self.ran)}")
        print(f"Cells: {len(self.ran)} of {asked} asked for, seed {self.options.seed}.")
        if self.wrong:
            print("Again:", " ".join(f"--cell {':'.join(map(str, key))}" for key in sorted(self.wrong)))
        return not self.wrong and len(self.ran) == asked and asked > 0


def main():
    weirlocal.signal.signal(weirlocal.signal.SIGTERM, weirlocal.signal.default_int_handler)
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", default=os.environ.get("TORTURE") == "full")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TORTURE_SEED") or time.strftime("%Y%m%d")))
    parser.add_argument("--cell", action="append")
    parser.add_argument("--scenario", choices=SCENARIOS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    start = time.monotonic()
    ok = Matrix(parser.parse_args()).run()
    print(f"{time.monotonic() - start:.0f} s")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
