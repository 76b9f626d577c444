#!/usr/bin/env python3
"""weir archive: dependency archives built by the real pip and Maven from repositories of the test's own."""
import errno
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import until
from machine import Machine
from packages import FIXED, Packages, link

PIPELINE = """pipeline: packed
buckets: {code: {}, logs: {}}
archives:
  deps: ARCHIVE
defaults: {script_bucket: code, logs_bucket: logs, spark_version: 3.5.0, num_executors: 1, driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1}
apps:
  app: {script: app.py, archive: deps}
"""
BOTH = "{packages: packages.txt, requirements: requirements.txt, files: [conf/settings.json, lib/own.jar]}"
SITE = "python/lib/python3.11/site-packages"
scratch = None


def setUpModule():
    global scratch
    scratch = pathlib.Path(tempfile.mkdtemp())
    unittest.addModuleCleanup(shutil.rmtree, scratch)


class Case(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=scratch))
        self.packages = Packages(self.root / "packages", scratch / "tools")
        self.packages.wheel("greeting", "1.0", {"greeting/__init__.py": "TEXT = 'hello'\n"}, metadata="Requires-Dist: helper>=1\n")
        self.packages.wheel("helper", "1.5", {"helper.py": "X = 1\n", "helper-1.5.data/purelib/more.py": "Y = 2\n", "helper-1.5.data/scripts/tool": "#!python\n"})
        self.packages.jar("org.example", "one", "1.0", needs=[("org.example", "two", "1.0"), ("org.example", "three", "1.0")])
        self.packages.jar("org.example", "two", "1.0")
        self.packages.jar("org.example", "three", "1.0")
        self.folder = self.pipeline("work")
        self.python_alone = "{requirements: requirements.txt}"

    def pipeline(self, name, archive=BOTH, packages="# ours\norg.example:one:1.0 !org.example:three\n", requirements="greeting\n"):
        folder = self.root / name
        for path, text in {"pipeline.yaml": PIPELINE.replace("ARCHIVE", archive), "app.py": "print('app')\n", "packages.txt": packages, "requirements.txt": requirements,
                           "conf/settings.json": "{}\n", "lib/own.jar": "own"}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def weir(self, *args, status=0, folder=None, **env):
        done = subprocess.run([os.environ["WEIR"], "-C", folder or self.folder, *args], env={**os.environ, **self.packages.env(), **env}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, status, done)
        return done

    def empty_cache(self):
        for name in ("parts", "built"):
            shutil.rmtree(self.root / "packages/cache/weir/archives" / name)

    def built(self, folder=None):
        return (folder or self.folder) / ".weir" / "deps.zip"


class Built(Case):
    def test_parameters_of_others_need_no_value(self):
        """Nor does what is wrong elsewhere in the file matter: archives are built without the rest."""
        file = self.folder / "pipeline.yaml"
        text = file.read_text().replace("app.py", "$<script>").replace("packages.txt", "$<jars>")
        file.write_text(text + "parameters: {script: {pattern: '.*py'}, jars: {}, unused: {}}\nobjects: {none: {path: none.txt, bucket: code}}\n")
        done = self.weir("archive", "build", status=1)
        self.assertIn("parameter `jars` is required and has no value", done.stderr)
        self.assertIn("pipeline.yaml:8:41: error: ", done.stderr)
        self.assertIn("give it with -p jars=VALUE", done.stderr)
        self.assertEqual(done.stderr.count("error: "), 1, done.stderr)
        for verb, said in (("build", "archives.deps: built"), ("check", "archives.deps is well: "), ("show", "archives.deps: ")):
            with self.subTest(verb=verb):
                self.assertIn(said, self.weir("archive", verb, "-p", "jars=packages.txt").stdout)
        done = self.weir("archive", "build", "-p", "jars=none.txt", status=1)
        self.assertIn("packages of archives.deps", done.stderr)
        self.assertEqual(self.weir("validate", "-p", "jars=packages.txt", status=1).stderr.count("error: "), 3)

    def test_the_layout_and_the_lock(self):
        done = self.weir("archive", "build")
        self.assertRegex(done.stdout, r"^archives\.deps: built, \.weir/deps\.zip, [\d.]+ KiB\.\ndeps\.lock has what it is made of: keep it in Git\.\n$")
        with zipfile.ZipFile(self.built()) as z:
            names = z.namelist()
            self.assertEqual(names, sorted(names))
            self.assertEqual([n for n in names if "dist-info" not in n],
                             ["conf/settings.json", "java/one-1.0.jar", "java/own.jar", "java/two-1.0.jar", f"{SITE}/greeting/__init__.py", f"{SITE}/helper.py",
                              f"{SITE}/more.py", "version.txt"])
            self.assertIn(f"{SITE}/greeting-1.0.dist-info/METADATA", names)
            self.assertEqual({(i.date_time, i.external_attr >> 16) for i in z.infolist()}, {((1980, 1, 1, 0, 0, 0), 0o100644)})
            self.assertEqual(z.read("version.txt"), b"python 3.11\n")
            self.assertIsNone(z.testzip())
        lock = [line.split() for line in (self.folder / "deps.lock").read_text().splitlines()[1:]]
        self.assertEqual([line[:2] for line in lock[1:]], [["python", "3.11"], ["jar", "org.example:one:1.0"], ["jar", "org.example:two:1.0"],
                                                           ["wheel", "greeting==1.0"], ["wheel", "helper==1.5"]])
        one = self.packages.repository / "org/example/one/1.0/one-1.0.jar"
        self.assertEqual(lock[2][3], hashlib.sha256(one.read_bytes()).hexdigest())
        self.assertEqual((self.folder / ".weir/.gitignore").read_text(), "*\n")

    def test_the_same_bytes_and_nothing_to_do(self):
        self.weir("archive", "build")
        first = self.built().read_bytes()
        told = self.weir("archive", "build", PATH="/nowhere").stdout  # No program is needed, nor started.
        self.assertIn("nothing has changed", told)
        # On another machine: another folder, an empty cache, a newer version of what is not pinned.
        self.packages.wheel("helper", "1.6", {"helper.py": "X = 2\n"})
        other = self.pipeline("elsewhere")
        shutil.copy(self.folder / "deps.lock", other)
        self.empty_cache()
        self.weir("archive", "build", folder=other)
        self.assertEqual(self.built(other).read_bytes(), first)
        self.assertEqual((other / "deps.lock").read_text(), (self.folder / "deps.lock").read_text())
        # From the cache, where only the result was lost.
        shutil.rmtree(self.folder / ".weir")
        self.weir("archive", "build", PATH="/nowhere")
        self.assertEqual(self.built().read_bytes(), first)
        self.weir("archive", "build", "--update")
        self.assertIn("helper==1.6", (self.folder / "deps.lock").read_text())
        self.assertNotEqual(self.built().read_bytes(), first)

    def test_side_by_side(self):
        """Two that put the same in place at once, beside what one that was killed has left."""
        self.weir("archive", "build")
        good = self.built().read_bytes()
        ended = subprocess.Popen(["true"])
        ended.wait()
        for _ in range(5):
            (self.folder / ".weir/deps.id").unlink()
            (self.folder / f".weir/.work-{ended.pid}-deps.zip").write_bytes(b"half")
            two = [subprocess.Popen([os.environ["WEIR"], "-C", self.folder, "archive", "build"], env={**os.environ, **self.packages.env()}, stdout=subprocess.DEVNULL) for _ in range(2)]
            self.assertEqual([one.wait(60) for one in two], [0, 0])
            self.assertEqual(self.built().read_bytes(), good)
            self.assertEqual(sorted(p.name for p in (self.folder / ".weir").iterdir()), [".gitignore", "deps.id", "deps.zip"])

    def test_json(self):
        doc = json.loads(self.weir("archive", "build", "deps", "-o", "json").stdout)
        one, = doc["archives"]
        self.assertEqual({k: one[k] for k in ("name", "path", "lock_file", "built", "locked", "size")},
                         {"name": "deps", "path": ".weir/deps.zip", "lock_file": "deps.lock", "built": True, "locked": True, "size": self.built().stat().st_size})

    def test_sources_only_where_allowed(self):
        source = self.root / "old-1.0"
        source.mkdir()
        (source / "setup.py").write_text("from setuptools import setup\nsetup(name='old', version='1.0', py_modules=['old'])\n")
        (source / "old.py").write_text("Z = 3\n")
        (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
        shutil.make_archive(str(self.packages.wheels / "old-1.0"), "gztar", self.root, "old-1.0")
        folder = self.pipeline("sources", self.python_alone, requirements="old\n")
        done = self.weir("archive", "build", folder=folder, status=1)
        self.assertIn("requirements.txt:1: ", done.stderr)
        self.assertIn("--allow-sdist", done.stderr)
        self.weir("archive", "build", "--allow-sdist", folder=folder, PIP_NO_INDEX="0")  # setuptools, to build with
        with zipfile.ZipFile(self.built(folder)) as z:
            self.assertIn(f"{SITE}/old.py", z.namelist())
        self.assertRegex((folder / "deps.lock").read_text(), r"(?m)^built old==1\.0 old-1\.0-py3-none-any\.whl -$")


class Checked(Case):
    def test_what_is_wrong(self):
        done = self.weir("archive", "check", status=1)
        self.assertIn("error: archives.deps: there is no deps.lock", done.stdout)
        self.weir("archive", "build")
        jars = self.root / "spark/venv/lib/python3.11/site-packages/pyspark/jars"
        jars.mkdir(parents=True)
        (jars / "two-2.0.jar").write_text("")
        told = self.weir("archive", "check", WEIR_LOCAL_SPARK=str(self.root / "spark")).stdout
        self.assertEqual(told, "warning: archives.deps: two-1.0.jar is in Spark in another version, two-2.0.jar: which of them is loaded is not said\n"
                               "  = leave it out, by `!GROUP:ARTIFACT` behind what depends on it, unless you need it\n")
        (jars / "two-2.0.jar").unlink()
        self.assertRegex(self.weir("archive", "check", WEIR_LOCAL_SPARK=str(self.root / "spark")).stdout, r"^archives\.deps is well: 6 parts, [\d.]+ KiB\.\n$")
        (self.folder / "requirements.txt").write_text("helper\n")
        self.assertIn("deps.lock is stale", self.weir("archive", "check", status=1).stdout)

    def test_another_python(self):
        lock = self.folder / "deps.lock"
        self.weir("archive", "build")
        text = lock.read_text()
        lock.write_text(text.replace("helper-1.5-py3-none-any.whl", "helper-1.5-cp310-cp310-linux_x86_64.whl"))
        self.assertIn("helper-1.5-cp310-cp310-linux_x86_64.whl is for another Python than 3.11: ModuleNotFoundError", self.weir("archive", "check", status=1).stdout)
        lock.write_text("".join(line + "\n" for line in text.splitlines() if "helper" not in line))
        self.assertIn("greeting==1.0 needs helper, which is not in the archive: ModuleNotFoundError", self.weir("archive", "check", status=1).stdout)
        lock.write_text(text + "what is this\n")
        self.assertIn("deps.lock:8: no line of a lock file", self.weir("archive", "check", status=1).stderr)

    def test_show(self):
        self.weir("archive", "build")
        parts = json.loads(self.weir("archive", "show", "-o", "json").stdout)["archives"][0]["parts"]
        self.assertEqual([(p["name"], p["origin"], p["licence"]) for p in parts], [
            ("org.example:one:1.0", "Maven", "Apache-2.0"), ("org.example:two:1.0", "Maven", "Apache-2.0"), ("greeting==1.0", "Python package index", "MIT"),
            ("helper==1.5", "Python package index", "MIT"), ("conf/settings.json", "this repository", None), ("lib/own.jar", "this repository", None)])
        self.assertTrue(all(p["size"] for p in parts))
        self.assertRegex(self.weir("archive", "show").stdout, r"(?m)^  org\.example:one:1\.0 .* Apache-2\.0 +Maven$")

    def test_one_that_was_given(self):
        for name, entry, text in (("up", zipfile.ZipInfo("a/../../b", FIXED), "`a/../../b` leads out of the archive"), ("link", link("python/x"), "`python/x` is a link"),
                                  ("old", zipfile.ZipInfo("python/lib/python3.10/site-packages/x.py", FIXED), "is for another Python than 3.11")):
            with self.subTest(name=name):
                folder = self.pipeline(name, "{path: given.zip}")
                with zipfile.ZipFile(folder / "given.zip", "w") as z:
                    z.writestr(entry, "x")
                self.assertIn(text, self.weir("archive", "check", folder=folder, status=1).stdout)
        self.assertIn("there is nothing to build", self.weir("archive", "build", folder=folder).stdout)


class Wrong(Case):
    def refused(self, *texts, status=1, **env):
        done = self.weir("archive", "build", status=status, **env)
        for text in texts:
            self.assertIn(text, done.stderr)
        return done

    def test_packages(self):
        for packages, text in (("\norg.example:nowhere:1.0\n", "packages.txt:2: Maven has no org.example:nowhere:1.0"), ("org.example:one:[1,2)\n", "packages.txt:1: `org.example:one:[1,2)` asks for a range"),
                               ("org.example:one:LATEST\n", "asks for a range"), ("org.example:one\n", "packages.txt:1: `org.example:one` is no coordinate"),
                               ("org.example:one:1.0\norg.example:one:2.0\n", "packages.txt:2: `org.example:one:2.0` is asked for in version 1.0 on line 1"),
                               ("org.example:one:1.0 other\n", "`other` is one word too many"), ("org.example:one:1.0 !three\n", "leaves out no GROUP:ARTIFACT"),
                               ("a<b:c:1\n", "is no coordinate")):
            with self.subTest(packages=packages):
                (self.folder / "packages.txt").write_text(packages)
                self.refused(text)
                self.assertFalse(self.built().exists() or (self.folder / "deps.lock").exists())

    def test_requirements(self):
        self.folder = self.pipeline("work", self.python_alone)
        self.packages.wheel("snake", "1.0", {"snake.py": ""}, tag="cp310-cp310-manylinux2014_x86_64")
        (self.packages.wheels / "torn-1.0-py3-none-any.whl").write_bytes(b"no zip")
        for requirements, text in (("# one\nsnake\n", "requirements.txt:2: ERROR: "), ("nobody==9\n", "requirements.txt:1: ERROR: "), ("torn\n", "torn")):
            with self.subTest(requirements=requirements):
                (self.folder / "requirements.txt").write_text(requirements)
                self.refused(text)
                self.assertFalse(self.built().exists())

    def test_hostile_wheels(self):
        self.folder = self.pipeline("work", self.python_alone)
        for name, entry, text in (("up", zipfile.ZipInfo("../../evil.py", FIXED), "leads out of the archive"), ("absolute", zipfile.ZipInfo("/evil.py", FIXED), "leads out"), ("link", link("evil.py"), "`evil.py` is a link")):
            with self.subTest(name=name):
                self.packages.wheel(name, "1.0", {}, extra=[(entry, "/etc/passwd")])
                (self.folder / "requirements.txt").write_text(f"{name}\n")
                self.refused(f"{name}-1.0-py3-none-any.whl: ", text)
        self.packages.wheel("clash", "1.0", {"helper.py": "another\n"})
        (self.folder / "requirements.txt").write_text("greeting\nclash\n")
        self.refused("helper.py", "is another one there")

    def test_the_last_good_one_stays(self):
        self.weir("archive", "build")
        good, lock = self.built().read_bytes(), (self.folder / "deps.lock").read_text()
        def stays():
            self.assertEqual((self.built().read_bytes(), (self.folder / "deps.lock").read_text()), (good, lock))
        # Bytes that are others than those that are locked.
        self.empty_cache()
        shutil.rmtree(self.folder / ".weir")
        self.packages.wheel("helper", "1.5", {"helper.py": "EVIL = 1\n"})
        self.refused("deps.lock: a wheel has another SHA-256 than the one that is locked")
        self.assertFalse(self.built().exists())
        self.packages.wheel("helper", "1.5", {"helper.py": "X = 1\n", "helper-1.5.data/purelib/more.py": "Y = 2\n", "helper-1.5.data/scripts/tool": "#!python\n"})
        self.weir("archive", "build")
        stays()
        # An index and a repository that are down.
        (self.folder / "requirements.txt").write_text("greeting>=1\n")
        self.refused("Python packages by pip", "Connection refused", "the package index is not reached", status=3, PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:1/simple")
        stays()
        self.packages.maven_is_down()
        self.refused("jars by Maven", "127.0.0.1:1", status=3)
        stays()

    def test_disk_full(self):
        """Where pip writes, and where weir does."""
        self.weir("archive", "build")
        good, lock = self.built().read_bytes(), (self.folder / "deps.lock").read_text()
        self.packages.wheel("large", "1.0", {"large.bin": os.urandom(100_000)})
        (self.folder / "requirements.txt").write_text("greeting\nlarge\n")
        machine, cache = Machine(self.root), self.root / "packages/cache/weir/archives"
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.addCleanup(signal.signal, signal.SIGXFSZ, signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, limit)

        def full(*texts, size=limit[0], **env):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))  # a larger file is not to be had
            try:
                self.refused(*texts, status=3, **env)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            self.assertEqual((self.built().read_bytes(), (self.folder / "deps.lock").read_text()), (good, lock))
            self.assertEqual(sorted(p.name for p in (self.folder / ".weir").iterdir()), [".gitignore", "deps.id", "deps.zip"])
            self.assertEqual([p.name for p in self.folder.glob("*deps.lock*")], ["deps.lock"])
            self.assertEqual([*cache.glob(".work-*"), *cache.glob("built/*.zip?*")], [])

        full("Python packages by pip", "File too large", size=50_000)
        for where in ("deps.zip", "deps.lock"):
            machine.fail("write", errno.ENOSPC, text=where)
            full(where, "No space left on device", **machine.env)
            self.assertNotEqual(machine.hits(), [])
        machine.heal()
        for path in cache.glob("built/*"):
            path.unlink()
        full("File too large", size=50_000)  # what was fetched is there: the zip
        self.weir("archive", "build")
        with zipfile.ZipFile(self.built()) as z:
            self.assertIn(f"{SITE}/large.bin", z.namelist())

    def test_tools_that_are_missing(self):
        self.refused("mvn is not on this machine", "apt-get install maven", status=3, PATH="/nowhere")
        self.folder = self.pipeline("work", self.python_alone)
        self.weir("archive", "build")
        good = self.built().read_bytes()
        (self.folder / "requirements.txt").write_text("helper\n")
        self.refused("python3 is not on this machine", "apt-get install python3 python3-venv", status=3, PATH="/nowhere")
        # As Debian's Python without python3-venv.
        bare = self.root / "bare"
        bare.mkdir()
        for name in ("python3", "python3.11"):
            (bare / name).write_text("#!/bin/sh\necho 'The virtual environment was not created successfully because ensurepip is not'\nexit 1\n")
            (bare / name).chmod(0o755)
        self.refused("ensurepip is not\n", "apt-get install python3-venv", status=3, PATH=f"{bare}:{os.environ['PATH']}",
                     XDG_CACHE_HOME=str(self.root / "empty"))
        self.assertEqual(self.built().read_bytes(), good)

    def test_killed(self):
        """By Ctrl-C, or for good: Maven ends too."""
        slow = self.root / "slow"
        slow.mkdir()
        (slow / "mvn").write_text("#!/bin/sh\necho $$ > part; mv part begun\nexec sleep 60\n")
        (slow / "mvn").chmod(0o755)
        env = {**os.environ, **self.packages.env(), "PATH": f"{slow}:{os.environ['PATH']}"}
        for number in (signal.SIGKILL, signal.SIGINT):
            running = subprocess.Popen([os.environ["WEIR"], "-C", self.folder, "archive", "build"], env=env, cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not (self.root / "begun").exists():
                time.sleep(0.05)
            running.send_signal(number)
            self.assertEqual(running.wait(60), {signal.SIGKILL: -9, signal.SIGINT: 130}[number])
            maven = int((self.root / "begun").read_text())
            (self.root / "begun").unlink()
            until(lambda: not pathlib.Path(f"/proc/{maven}").exists())
            self.assertFalse((self.folder / ".weir").exists() or (self.folder / "deps.lock").exists())
        self.weir("archive", "build")
        self.assertEqual([p.name for p in (self.root / "packages/cache/weir/archives").glob(".work-*")], [])

    def test_the_command(self):
        for args, text in ((("biuld",), "did you mean `build`?"), (("build", "dep"), "did you mean `deps`?"), (("check", "--update"), "are for `build`"), ((), "needs")):
            self.assertIn(text, self.weir("archive", *args, status=1).stderr)


class Applied(Case):
    def test_plan_apply_run(self):
        with weirlocal.Home() as home:
            env = {k: home.env[k] for k in ("WEIR_LOCAL_HOME", "HOME")}
            env["MAVEN_OPTS"] = self.packages.env()["MAVEN_OPTS"]
            done = self.weir("plan", status=1, **env)
            self.assertIn("pipeline.yaml:4:3: archives.deps is not built\n  `weir archive build deps` builds it; so do `weir apply` and `weir run`", done.stderr)
            self.weir("validate", **env)
            self.weir("apply", "-y", **env)
            self.assertIn("No changes.", self.weir("plan", **env).stdout)
            live = home.call("GET", home.object("code", "weir/packed/local/archives/deps.zip")).body
            self.assertEqual(live, self.built().read_bytes())
            (self.folder / "requirements.txt").write_text("helper\n")
            self.assertIn("archives.deps has other inputs than when deps.lock was made", self.weir("plan", status=1, **env).stderr)
            told = self.weir("apply", "-y", **env).stdout
            self.assertIn(f"- {SITE}/greeting/__init__.py", told)
            folder = self.pipeline("large", "{path: given.zip}")
            with open(folder / "given.zip", "wb") as file:
                file.truncate(3 << 30)
            self.assertIn("given.zip has 3.0 GiB: an archive has at most 2 GiB", self.weir("apply", "-y", folder=folder, status=3, **env).stderr)
            self.assertEqual(home.call("GET", home.object("code", "weir/packed/local/archives/deps.zip")).body, self.built().read_bytes())


if __name__ == "__main__":
    weirlocal.main()
