#!/usr/bin/env python3
"""weir-local without Spark, and its setup where something is missing or goes wrong. No network is used: python3, java
and mvn are stand-ins."""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, processes, until


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = self.folder / "bin"
        self.spark = self.folder / "spark"
        self.bin.mkdir()
        self.env = {"PATH": str(self.bin), "HOME": str(self.folder), "WEIR_LOCAL_SPARK": str(self.spark),
                    "WEIR_LOCAL_HOME": str(self.folder / "home")}

    def program(self, name, text):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
        path.chmod(0o755)

    def setup(self, *args):
        return subprocess.run([os.environ["WEIR_LOCAL"], "setup", *args], env=self.env, capture_output=True, text=True, timeout=60)

    def test_what_is_missing_is_named(self):
        done = self.setup()
        self.assertEqual(done.returncode, 3)
        self.assertIn("lacks Python 3 with its venv module, Java 17 or later, Maven", done.stderr)
        self.assertIn("sudo apt-get install python3 python3-venv openjdk-17-jre-headless maven", done.stderr)
        self.assertFalse((self.spark / "stamp").exists())

    def test_killed_in_the_middle_and_begun_anew(self):
        self.program("java", "echo 'openjdk version \"17.0.1\"' >&2")
        self.program("mvn", "exit 0")
        self.program("python3", 'case $1 in -m) mkdir -p "$3/bin"; echo $$ >"$3/pid"; exec sleep 600;; esac')
        process = subprocess.Popen([os.environ["WEIR_LOCAL"], "setup"], env=self.env, stderr=subprocess.PIPE, text=True)
        pid = self.spark / "venv" / "pid"
        until(lambda: pid.exists() and pid.read_text().strip())
        time.sleep(2.5)
        process.kill()
        said = process.communicate()[1]
        # What takes longer than two seconds says that it goes on.
        self.assertRegex(said, r"setup: \[1/4\] virtual environment: 2\.\ds")
        until(lambda: not pathlib.Path("/proc", pid.read_text().strip()).exists())
        self.assertFalse((self.spark / "stamp").exists())

        self.program("python3", 'case $1 in -m) [ -e "$3" ] && exit 9; echo no room; exit 1;; esac')
        done = self.setup()
        self.assertEqual(done.returncode, 3)
        self.assertIn("no room\n", done.stderr)
        self.assertIn("virtual environment: python3 ended with status 1", done.stderr)
        self.assertIn("no room", (self.spark / "setup.log").read_text())

    def test_jar_that_is_another(self):
        self.program("java", "echo 'openjdk version \"17.0.1\"' >&2")
        self.program("python3", 'case $1 in -m) mkdir -p "$3/bin"; printf "#!/bin/sh\\n" >"$3/bin/pip"; '
                                'chmod +x "$3/bin/pip";; esac')
        self.program("mvn", 'for a; do case $a in -Dweir.jars=*) dir=${a#*=};; esac; done\n'
                            'sed -n "s/.*<artifactId>\\([^<]*\\)<.artifactId><version>\\([^<]*\\)<.*/\\1-\\2.jar/p" "$5" '
                            '| while read -r jar; do echo "[INFO] Configured Artifact: x"; echo bad >"$dir/$jar"; done')
        done = self.setup()
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"\.jar has not the SHA-256 that is pinned for it \([0-9a-f]{64}\)")
        self.assertFalse((self.spark / "stamp").exists())
        self.assertFalse((self.spark / "jars").exists())

    def test_azure_is_added_checked_and_whole(self):
        """Beside a Spark that is there; a jar that is another leaves no folder."""
        self.program("java", "echo 'openjdk version \"17.0.1\"' >&2")
        self.program("python3", "exit 0")
        self.program("mvn", 'for a; do case $a in -Dweir.jars=*) dir=${a#*=};; esac; done; echo bad >"$dir/hadoop-client-api-3.4.2.jar"')
        pins = (weirlocal.SOURCE / "src/local/command/spark.pins").read_bytes()
        self.spark.mkdir()
        (self.spark / "stamp").write_text(hashlib.sha256(pins).hexdigest() + "\n")
        done = self.setup("--azure")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"hadoop-client-api-3.4.2.jar has not the SHA-256 that is pinned for it \([0-9a-f]{64}\)")
        self.assertFalse((self.spark / "azure").exists() or (self.spark / "azure.stamp").exists())
        self.assertTrue((self.spark / "stamp").exists())
        self.assertEqual(self.setup("--azur").returncode, 1)

    def test_a_home_that_setup_made_is_a_home(self):
        """As a new user does it: setup comes before the service has ever run."""
        del self.env["WEIR_LOCAL_SPARK"]
        home = self.folder / "home"
        self.assertEqual(self.setup().returncode, 3)
        self.assertTrue((home / "spark").is_dir())
        self.assertEqual(home.stat().st_mode & 0o777, 0o700)
        up = subprocess.run([os.environ["WEIR_LOCAL"], "up"], env=self.env, capture_output=True, text=True, timeout=60)
        self.addCleanup(subprocess.run, [os.environ["WEIR_LOCAL"], "down"], env=self.env, stdout=subprocess.DEVNULL)
        self.assertEqual(up.returncode, 0, up.stderr)

    def test_folder_with_something_else_in_it(self):
        mine = self.spark / "venv" / "mine"
        mine.mkdir(parents=True)
        for name in ("python3", "mvn"):
            self.program(name, "exit 0")
        self.program("java", "echo 'openjdk version \"17.0.1\"' >&2")
        done = self.setup()
        self.assertEqual(done.returncode, 3)
        self.assertIn("holds something that `weir local setup` did not put there", done.stderr)
        self.assertTrue(mine.exists())


class WithoutSpark(unittest.TestCase):
    def test_applications_work_and_runs_say_what_to_do(self):
        with tempfile.TemporaryDirectory() as empty, weirlocal.Home(env={"WEIR_LOCAL_SPARK": empty}) as home:
            flow = Flow(home)
            flow.put("code", "job.py", "print()")
            app = flow.application("code", "job.py")
            run = flow.finish(flow.run(app))
            self.assertEqual(run["lifecycleState"], "FAILED")
            self.assertEqual(run["lifecycleDetails"], "Spark is not installed: run `weir local setup`")
            self.assertEqual(processes(run["id"]), [])


if __name__ == "__main__":
    weirlocal.main()
