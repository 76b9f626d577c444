#!/usr/bin/env python3
"""Row 15: what a pipeline gives as an argument arrives in the job byte for byte, directly and through ${name}."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from small import Small
from jar import jar

VALUES = [
    "", " ", "two  words ", "\ttab\t", "line\nbreak\n", "'single'", '"double"', "it's \"both\"", "`id`",
    "$HOME", "$$", "$", "$(id)", "${", "${not a name}", "${}", "$<", "$<nobody>", "back\\slash\\", "\\n \\\\ \\\"", "*", "~",
    "%s %d %% %PATH%", "-", "--", "--conf", "--class=x", "-Xmx1g", "{\"a\": [1, null, \"ä\"]}", "a;b|c&d>e<f", "!x #y", "é e\u0301", "\u65e5\u672c\u8a9e",
    "\U0001f600 \U0001d11e", "\u200e\ufeff\u00a0", "\x01\x1b[31m\x7f", "a,b=c:d", "x" * 100_000, "@/etc/passwd", "[a-z]?", "<![CDATA[&amp;]]>",
]
NAMES = [f"p{i:02}" for i in range(len(VALUES))]

PYTHON = "import json, sys\nprint(json.dumps(sys.argv[1:]))\n"
JAVA = """
public class Show {
    public static void main(String[] args) throws Exception {
        System.out.println(new com.fasterxml.jackson.databind.ObjectMapper()
            .writer().with(com.fasterxml.jackson.core.json.JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(args));
    }
}
"""


def written(value):
    """As it stands in the file: `$<` is weir's own."""
    return value.replace("$<", "$$<")


class Arguments(unittest.TestCase):
    maxDiff = None
    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home(env={"LC_ALL": "C"})
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()
        cls.small = Small(cls.home.scratch / "work", cls.home)
        cls.small.files = {"show.py": PYTHON, "show.jar": jar(cls.home.scratch / "java", JAVA, "Show")}
        app = {"arguments": [f"${{{name}}}" for name in NAMES] + [written(v) for v in VALUES],
               "parameters": {name: written(v) for name, v in zip(NAMES, VALUES)}}
        cls.small.spec["apps"] = {
            "python": {**app, "script": "show.py"},
            "java": {**app, "script": "show.jar", "language": "JAVA", "class_name": "Show"},
        }
        cls.ok("apply", "-y")

    @classmethod
    def ok(cls, *args):
        done = cls.small.weir(*args)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def said(self, app, *args):
        run = json.loads(self.ok("run", app, "-o", "json", *args))["steps"][0]["run"]["id"]
        return json.loads(self.ok("logs", run))

    def check(self, said, wanted):
        """Tells which one is another, not a hundred thousand letters."""
        self.assertEqual([ascii(x)[:200] for x in said], [ascii(x)[:200] for x in wanted])
        self.assertEqual(said, wanted)

    def test_python(self):
        """One parameter is another for this run; all others are as they were."""
        at = VALUES.index("*")
        said = self.said("python", "--param", f"{NAMES[at]}=of this $run")
        self.check(said, [*VALUES[:at], "of this $run", *VALUES[at + 1:], *VALUES])

    def test_java(self):
        self.check(self.said("java"), VALUES + VALUES)

    def test_checked_offline(self):
        wrong = Small(self.home.scratch / "wrong", self.home)
        wrong.files = {"show.py": PYTHON}
        wrong.spec["apps"]["show"] = {"script": "show.py", "arguments": ["${dat}", "a\rb"], "parameters": {"date": "1"}}
        done = wrong.weir("plan")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: no parameter `dat` is declared for `${dat}`", done.stderr)
        self.assertIn("did you mean `${date}`?", done.stderr)
        self.assertIn("warning: the job will not see the carriage return", done.stderr)
        done = self.small.weir("run", "python", "--param", "p1=x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("python declares no such Data Flow parameter", done.stderr)


weirlocal.main()
