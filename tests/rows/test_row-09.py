#!/usr/bin/env python3
"""Row 9 of issue 5: `weir list apps` and `weir list runs`, on weir-local with a stand-in for Spark (lib/standin.py)."""
import csv
import io
import json
import os
import pty
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import standin
import weirlocal
from small import Small

RUNS = "/20200129/runs"
NAME = 'comma, "quote"\nline\x1b[31m'
home = small = None


def setUpModule():
    """Four applications of ours, which ran in another order than they were made in, and two of others."""
    global home, small
    home = standin.module_home()
    small = Small(home.scratch / "pipeline", home)
    small.files = {"ok.py": "print('ok')\n", "bad.py": "raise SystemExit('no')\n"}
    for key in ("a", "b", "c"):
        small.spec["apps"][key] = {"script": "ok.py"}
    small.spec["apps"]["bad"] = {"script": "bad.py"}
    done = small.weir("apply", "-y")
    assert done.returncode == 0, done.stderr
    for key, status in (("c", 0), ("bad", 6), ("a", 0)):
        done = small.weir("run", key)
        assert done.returncode == status, done.stderr
    other = small.create(displayName=NAME)
    launch(other, displayName="other")


def launch(app, **fields):
    body = {"compartmentId": home.tenancy, "applicationId": app, **fields}
    run = small.ask("POST", RUNS, body).json()["id"]
    deadline = time.monotonic() + 60
    while small.ask("GET", f"{RUNS}/{run}").json()["lifecycleState"] in ("ACCEPTED", "IN_PROGRESS"):
        assert time.monotonic() < deadline, home.log()
        time.sleep(0.1)
    return run


class Case(unittest.TestCase):
    def weir(self, *args, status=0, where=small):
        done = small.weir("list", *args)
        self.assertEqual(done.returncode, status, f"weir list {args}\n{done.stdout}{done.stderr}")
        return done

    def items(self, what, *args):
        return json.loads(self.weir(what, *args, "-o", "json").stdout)[what]

    def keys(self, *args):
        return [app.get("app") for app in self.items("apps", *args)]

    def steps(self, *args):
        return [run.get("step") for run in self.items("runs", *args)]


class Apps(Case):
    def test_most_recent_run_first(self):
        self.assertEqual(self.keys(), ["a", "bad", "c", "b"])
        self.assertEqual([app.get("last_run_state") for app in self.items("apps")],
                         ["SUCCEEDED", "FAILED", "SUCCEEDED", None])
        heading, *rows = self.weir("apps").stdout.splitlines()
        self.assertEqual(heading.split()[:6], ["APP", "DISPLAY", "NAME", "STATE", "LAST", "RUN"])
        self.assertEqual([row.split()[:4] for row in rows], [
            ["a", "small-a", "ACTIVE", "SUCCEEDED"], ["bad", "small-bad", "ACTIVE", "FAILED"],
            ["c", "small-c", "ACTIVE", "SUCCEEDED"], ["b", "small-b", "ACTIVE", "-"]])

    def test_sorted(self):
        self.assertEqual(self.keys("--sort", "display_name"), ["a", "b", "bad", "c"])
        self.assertEqual(self.keys("--sort", "display_name", "--reverse"), ["c", "bad", "b", "a"])
        self.assertEqual(self.keys("--reverse")[1:], ["c", "bad", "a"])

    def test_limited(self):
        self.assertEqual(self.keys("--limit", "2"), ["a", "bad"])
        apps = self.items("apps", "--limit", "2", "--sort", "display_name")
        self.assertEqual([(app["app"], app.get("last_run_state")) for app in apps], [("a", "SUCCEEDED"), ("b", None)])

    def test_states(self):
        self.assertEqual(self.keys("--state", "inactive"), [])
        self.assertEqual(self.keys("--state", "deleted,active"), ["a", "bad", "c", "b"])
        self.assertEqual(self.weir("apps", "--state", "INACTIVE").stderr,
                         "No such applications of small at target local.\n")

    def test_everybodys(self):
        apps = self.items("apps", "--all")
        self.assertEqual([app["display_name"] for app in apps][:2], [NAME, "small-a"])
        self.assertNotIn("app", apps[0])
        text = self.weir("apps", "--all").stdout
        self.assertIn('comma, "quote"\\x0Aline\\x1B[31m', text)
        self.assertIn("small/local/a ", text)


class Runs(Case):
    def test_newest_first(self):
        self.assertEqual(self.steps(), ["a", "bad", "c"])
        self.assertEqual(self.steps("--reverse"), ["c", "bad", "a"])
        self.assertEqual([r["display_name"] for r in self.items("runs", "--all")][0], "other")
        self.assertEqual(len(self.items("runs", "--all")), 4)

    def test_states(self):
        self.assertEqual(self.steps("--state", "FAILED"), ["bad"])
        self.assertEqual(self.steps("--state", "failed,succeeded", "--limit", "2"), ["a", "bad"])
        self.assertEqual(self.weir("runs", "--state", "STOPPED").stderr, "No such runs of small at target local.\n")

    def test_since(self):
        newest = self.items("runs")[0]["time_created"]
        self.assertEqual(self.steps("--since", newest), ["a"])
        self.assertEqual(self.steps("--since", newest, "--state", "FAILED"), [])
        self.assertEqual(self.steps("--since", "2020-01-01"), ["a", "bad", "c"])
        self.assertEqual(self.steps("--since", "1h30m"), ["a", "bad", "c"])
        self.assertEqual(self.steps("--since", "2999-01-01 10:30"), [])
        self.assertEqual(self.keys("--since", "2999-01-01"), [])
        self.assertEqual(self.keys("--since", newest)[0], "a")

    def test_by_every_field(self):
        known = re.search(r"not one of (.*)\n", self.weir("runs", "--sort", "nope", status=1).stderr).group(1)
        for field in known.split(", "):
            with self.subTest(field=field):
                self.assertEqual(sorted(self.steps("--sort", field)), ["a", "bad", "c"])
        times = [r["run_duration_in_milliseconds"]
                 for r in self.items("runs", "--sort", "run_duration_in_milliseconds")]
        self.assertEqual(times, sorted(times, reverse=True))


class Forms(Case):
    """What programs read says the same in each form."""

    def test_lines_of_json(self):
        for what in ("apps", "runs"):
            lines = self.weir(what, "--all", "-o", "jsonl").stdout.splitlines()
            self.assertEqual([json.loads(line) for line in lines], self.items(what, "--all"))

    def test_csv(self):
        for what in ("apps", "runs"):
            text = home.run([home.env["WEIR"], *self.where(), "list", what, "--all", "-o", "csv"], text=False).stdout
            self.assertNotIn(b"\n", text.replace(b"\r\n", b"").replace(NAME.encode(), b"").replace(
                NAME.replace('"', '""').encode(), b""))
            rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
            self.assertEqual([row["id"] for row in rows], [item["id"] for item in self.items(what, "--all")])
            self.assertEqual([row["display_name"] for row in rows],
                             [item["display_name"] for item in self.items(what, "--all")])
            for row, item in zip(rows, self.items(what, "--all")):
                self.assertFalse(set(item) - set(row), "no column for these")
                self.assertEqual(json.loads(row["freeform_tags"] or "null"), item.get("freeform_tags"))

    def test_pandas_reads_it(self):
        argv = [home.env["WEIR"], *self.where(), "list", "runs", "-o"]
        code = ("import sys, pandas\n"
                "read = pandas.read_csv if sys.argv[1] == 'csv' else lambda f: pandas.read_json(f, lines=True)\n"
                "runs = read(sys.stdin)\n"
                "print(list(runs['step']), int(runs['run_duration_in_milliseconds'].isna().sum()))\n")
        for form in ("csv", "jsonl"):
            done = home.run([weirlocal.venv_python(), "-c", code, form], input=home.run([*argv, form]).stdout)
            self.assertEqual(done.stdout, "['a', 'bad', 'c'] 0\n", done.stderr)

    def test_nothing_is_still_a_table(self):
        self.assertEqual(self.weir("apps", "--state", "INACTIVE", "-o", "csv").stdout.split(",")[0], "app")
        self.assertEqual(self.weir("apps", "--state", "INACTIVE", "-o", "jsonl").stdout, "")

    def where(self):
        return ["-C", small.folder, "--endpoint", home.endpoint, "--config-file", home.config_file]

    def test_the_width_of_a_terminal(self):
        for form, width in (("text", 60), ("csv", None)):
            parent, child = pty.openpty()
            weirlocal._LIBC.ioctl(child, 0x5414, (weirlocal.ctypes.c_ushort * 4)(24, 60, 0, 0))  # TIOCSWINSZ
            home.run([home.env["WEIR"], *self.where(), "list", "apps", "--all", "-o", form], capture_output=False,
                     stdout=child)
            os.close(child)
            lines = read_all(parent).decode().splitlines()
            self.assertNotIn("\x1b", "".join(lines))
            if width:
                self.assertGreater(len(lines), 4)
                self.assertLessEqual(max(map(len, lines)), width)


def read_all(fd):
    out = b""
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        out += more
    os.close(fd)
    return out


class Pages(Case):
    """More applications and runs than a page has; what need not be read is not."""

    @classmethod
    def setUpClass(cls):
        cls.compartment = home.compartments["test"]
        cls.apps = [small.create(displayName=f"p{i:04}", compartmentId=cls.compartment) for i in range(70)]
        for i in range(230):
            small.ask("POST", RUNS, {"compartmentId": cls.compartment, "applicationId": cls.apps[i % 2],
                                     "displayName": f"r{i:04}"})

    def many(self, *args):
        done = home.weir("--endpoint", home.endpoint, "--config-file", home.config_file, "-v", "list", *args,
                         "--compartment-id", self.compartment, "-o", "csv", cwd=home.scratch)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
        return rows, int(re.search(r"^(\d+) requests", done.stderr, re.MULTILINE).group(1))

    def test_all_pages_without_a_file(self):
        self.assertEqual(len(self.many("apps")[0]), 70)
        rows, _ = self.many("runs")
        self.assertEqual([row["display_name"] for row in rows], [f"r{i:04}" for i in reversed(range(230))])

    def test_a_limit_reads_one_page(self):
        rows, requests = self.many("runs", "--limit", "3")
        self.assertEqual([row["display_name"] for row in rows], ["r0229", "r0228", "r0227"])
        self.assertEqual(requests, 1)
        rows, requests = self.many("apps", "--limit", "2")
        self.assertEqual({row["id"] for row in rows}, set(self.apps[:2]))
        self.assertEqual(requests, 2)

    def test_a_step_in_another_compartment(self):
        """Its application is known to have run all the same."""
        made = Small(home.scratch / "elsewhere", home)
        made.spec["pipeline"] = "elsewhere"
        made.files = {"ok.py": "print('ok')\n"}
        made.spec["apps"]["a"] = {"script": "ok.py"}
        made.spec["sequences"] = {"s": {"steps": {"one": {"app": "a", "compartment_id": home.compartments["prod"]}}}}
        for args in (("apply", "-y"), ("run", "s")):
            done = made.weir(*args)
            self.assertEqual(done.returncode, 0, done.stderr)
        for what, key, value in (("apps", "last_run_state", "SUCCEEDED"), ("runs", "compartment_id", home.compartments["prod"])):
            listed = json.loads(made.weir("list", what, "-o", "json").stdout)[what]
            self.assertEqual([item.get(key) for item in listed], [value])

    def test_in_the_whole_tenancy(self):
        """The root's list has none of a compartment's."""
        names = {app["display_name"] for app in self.items("apps", "--all")}
        self.assertFalse(names & {"p0000", "p0069"})
        self.assertIn("small-a", names)


class Mistakes(Case):
    def refused(self, text, *args, status=1):
        self.assertIn(text, self.weir(*args, status=status).stderr)

    def test_names(self):
        self.refused("did you mean `display_name`?", "apps", "--sort", "displayname")
        self.refused("not one of last_run, time_created", "apps", "--sort", "x")
        self.refused("did you mean `run_duration_in_milliseconds`?", "runs", "--sort", "run_duration_in_millisecond")
        self.refused("did you mean `SUCCEEDED`?", "runs", "--state", "suceeded")
        self.refused("not one of ACCEPTED", "runs", "--state", "FAILED,,")
        self.refused("not one of ACTIVE", "apps", "--state", "FAILED")
        self.refused("did you mean `weir list runs`?", "rums")

    def test_values(self):
        for since in ("2x", "h", "30m1h", "-2h", "2026-13-01", "2026-01-01T25:00", "yesterday", "99999999999999999999d"):
            with self.subTest(since=since):
                self.refused("neither so long ago nor a time", "runs", "--since", since)
        self.refused("not a whole number of at least 1", "runs", "--limit", "0")
        self.refused("jsonl, csv", "runs", "-o", "xml")

    def test_lists_alone_have_lines_and_csv(self):
        for form in ("csv", "jsonl"):
            done = small.weir("plan", "-o", form)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"`weir plan` has no output as {form}", done.stderr)

    def test_without_a_compartment(self):
        done = home.weir("--endpoint", home.endpoint, "--config-file", home.config_file, "list", "runs", cwd=home.scratch)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--compartment-id", done.stderr)

    def test_a_compartment_that_is_not_there(self):
        text = self.weir("apps", "--compartment-id", "ocid1.compartment.oc1..nowhere", status=3).stderr
        self.assertIn("if the compartment ocid1.compartment.oc1..nowhere is there", text)


weirlocal.main()
