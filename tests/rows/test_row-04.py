#!/usr/bin/env python3
"""Row 4 of issue 5: `weir template` and `weir init`: what they make validates, plans and runs on real Spark as it is, but for
azure-copy, which needs Azure."""
import errno
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import machine
import weirlocal

KINDS = ("pyspark", "sparksql", "sql", "java", "scala", "azure-copy")
WORDS = [{"word": "and", "count": 2}, {"word": "is", "count": 3}, {"word": "the", "count": 3}]
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = home.scratch / self.id().rsplit(".", 1)[-1].replace("_", "-")
        self.folder.mkdir()

    def weir(self, *args, status=0, **options):
        done = home.weir(*args, **{"cwd": self.folder, **options})
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}\n{home.log()}")
        return done

    def logs(self, run):
        return self.weir("-C", self.where, "logs", run).stdout

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())

    def refused(self, *args, status=1):
        before = {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        done = self.weir(*args, status=status)
        self.assertEqual({p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}, before)
        self.assertEqual(done.stdout, "")
        return done.stderr


class Templates(Case):
    where = "."

    def test_all_kinds_run(self):
        """The first makes a pipeline, the others print what is to be added to it. (PySpark's runs in Init.)"""
        done = self.weir("template", "pyspark", "words")
        self.assertEqual(self.files(), ["pipeline.yaml", "words.py"])
        self.assertEqual((done.stdout, done.stderr), ("", "made words.py\nmade pipeline.yaml\n"))
        self.assertIn("\npipeline: words\n", "\n" + (self.folder / "pipeline.yaml").read_text())
        self.weir("validate")
        pipeline = self.folder / "pipeline.yaml"
        for kind in KINDS[1:]:
            done = self.weir("template", kind)
            self.assertIn("to be added under `apps:` of pipeline.yaml: what is on stdout", done.stderr)
            pipeline.write_text(pipeline.read_text() + done.stdout)
        self.assertIn("there is no file `java/java.jar`", self.weir("validate", status=1).stderr)
        for kind in ("java", "scala"):
            done = home.run(["sh", f"{kind}/build.sh"], cwd=self.folder, env={"WEIR": os.environ["WEIR"]})
            self.assertEqual((done.returncode, done.stdout), (0, f"made {kind}.jar\n"), done.stderr)
        self.assertTrue(os.access(self.folder / "java/build.sh", os.X_OK))
        apps = ("sparksql", "sql", "java", "scala")
        pipeline.write_text(pipeline.read_text() + "sequences:\n  all:\n    steps:\n" + "".join(f"      {app}: {{app: {app}}}\n" for app in apps))
        self.assertEqual(self.weir("validate").stderr, "")
        self.assertRegex(self.weir("plan").stdout, r"\nPlan: 1[34] to add, 0 to change, 0 to destroy\.\n$")
        self.weir("apply", "-y")
        steps = json.loads(self.weir("run", "all", "-o", "json").stdout)["steps"]
        printed = {s["name"]: self.logs(s["run"]["id"]) for s in steps}
        for app in ("java", "scala"):
            rows = [json.loads(line) for line in printed[app].splitlines() if line.startswith("{")]
            self.assertEqual(sorted(rows, key=lambda r: r["word"]), WORDS, app)
        self.assertEqual([json.loads(line) for line in printed["sparksql"].splitlines()],
                         [{"origin": "JFK", "flights": 2, "delay": 21.0}, {"origin": "LGA", "flights": 1, "delay": 3.0}])
        self.assertEqual([line.split() for line in printed["sql"].splitlines()], [["is", "3"], ["the", "3"], ["and", "2"]])

    def test_azure_copy(self):
        """It validates and plans; the script is that of pipelines/azure-copy, which test_azure_copy runs."""
        done = self.weir("template", "azure-copy", "lake-copy")
        self.assertIn("an archive with hadoop-azure 3.3.4", done.stderr)
        self.assertEqual((self.folder / "lake-copy.py").read_bytes(),
                         (weirlocal.SOURCE / "pipelines/azure-copy/azure_copy.py").read_bytes())
        self.assertIn("is valid", self.weir("validate").stdout)
        self.assertIn('"--mode", "${mode}"', self.weir("plan").stdout)

    def test_elsewhere_and_as_json(self):
        done = self.weir("template", "sql", "new-query", "--into", "a/b", "-o", "json")
        self.assertEqual(json.loads(done.stdout), {"files": ["a/b/new-query.sql", "a/b/pipeline.yaml"], "entry": None})
        done = self.weir("template", "java", "count_2-days", "--into", "a/b", "-o", "json")
        doc = json.loads(done.stdout)
        self.assertEqual(doc["files"], ["a/b/count_2-days/Count2Days.java", "a/b/count_2-days/build.sh"])
        self.assertIn("class_name: Count2Days\n", doc["entry"])
        self.assertIn("public class Count2Days {", (self.folder / "a/b/count_2-days/Count2Days.java").read_text())
        self.assertNotIn("@", (self.folder / "a/b/count_2-days/build.sh").read_text())
        self.weir("-C", "a/b", "validate")

    def test_mistakes(self):
        self.assertIn("there is no template `pysprak`: pyspark, sparksql, sql, java, scala, azure-copy\n  did you mean `pyspark`?",
                      self.refused("template", "pysprak"))
        self.assertIn("`weir template` needs KIND [NAME]", self.refused("template"))
        for name in ("A", "../x", "a b", "x" * 41, "", ".", "é"):
            with self.subTest(name=name):
                self.assertIn("a key: [a-z0-9]", self.refused("template", "sql", name))
        (self.folder / "mine.sql").write_text("mine")
        (self.folder / "java").symlink_to("nowhere")
        self.assertIn("mine.sql is there already\n  nothing is written over", self.refused("template", "sql", "mine"))
        self.assertIn("java is there already", self.refused("template", "java"))
        self.assertIn("mine.sql is there already, and is no folder", self.refused("template", "sql", "--into", "mine.sql"))
        (self.folder / "pipeline.yaml").write_text("pipeline: x\napps: {taken: {}}\n")
        self.assertIn("pipeline.yaml has an app `taken` already", self.refused("template", "sql", "taken"))

    def test_a_disk_that_is_full(self):
        failing = machine.Machine(home.scratch)
        self.addCleanup(failing.heal)
        for text in ("pipeline.yaml", "full.py"):
            failing.fail("write", errno.ENOSPC, text=text)
            done = home.weir("template", "pyspark", "full", cwd=self.folder, env=failing.env)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual(list(self.folder.iterdir()), [])


class Init(Case):
    where = "lake"

    def test_it_runs_as_it_is(self):
        done = self.weir("init", "lake")
        made = ["lake/.gitignore", "lake/.weir/pipeline.schema.json", "lake/README.md", "lake/pipeline.yaml", "lake/report.sql", "lake/words.py"]
        self.assertEqual(self.files(), made)
        self.assertEqual(sorted(done.stdout.split()), made)
        first, second = (self.folder / "lake/pipeline.yaml").read_text().splitlines()[:2]
        self.assertEqual((first, second), ("# yaml-language-server: $schema=.weir/pipeline.schema.json", "pipeline: lake"))
        self.assertEqual((self.folder / "lake/.weir/pipeline.schema.json").read_text(), self.weir("schema").stdout)
        self.assertEqual(self.weir("-C", "lake", "validate").stderr, "")
        self.weir("-C", "lake", "apply", "-y")
        steps = json.loads(self.weir("-C", "lake", "run", "all", "-o", "json").stdout)["steps"]
        words, report = sorted(steps, key=lambda s: s["name"] == "report")
        rows = [json.loads(line) for line in self.logs(words["run"]["id"]).splitlines()]
        self.assertEqual(sorted(rows, key=lambda r: r["word"]), WORDS)
        self.assertEqual([line.split() for line in self.logs(report["run"]["id"]).splitlines()], [["is", "3"], ["the", "3"], ["and", "2"]])
        self.assertIn("No changes.", self.weir("-C", "lake", "plan").stdout)

    def test_in_a_folder_that_is_there(self):
        """A repository with its README: it stays as it is."""
        (self.folder / "README.md").write_text("mine")
        done = self.weir("init", "-o", "json")
        self.assertEqual((self.folder / "README.md").read_text(), "mine")
        doc = json.loads(done.stdout)
        self.assertEqual((doc["pipeline"], sorted(doc["files"])),
                         (self.folder.name, [".gitignore", ".weir/pipeline.schema.json", "pipeline.yaml", "report.sql", "words.py"]))
        self.weir("validate")
        self.assertIn("pipeline.yaml is there already", self.refused("init"))
        self.assertIn("`Lake` is not a key: [a-z0-9]", self.refused("init", "Lake"))
        self.assertIn("one argument too many", self.refused("init", "a", "b"))
        (self.folder / "file").write_text("")
        self.assertIn("file is there already, and is no folder", self.refused("init", "file"))


if __name__ == "__main__":
    weirlocal.main()
