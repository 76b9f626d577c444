#!/usr/bin/env python3
"""Row 6: an object that weir did not put there is not written over; the plan says so, and what to do."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows
import weirlocal

PIPELINE = """pipeline: six
targets: {local: {type: local}}
buckets: {code: {}}
defaults: {script_bucket: code, spark_version: 3.5.0, driver_shape: VM.Standard2.1}
archives: {deps: {path: deps.zip, object: deps.zip}}
objects: {table: {path: table.csv, bucket: lake, object: table.csv}}
apps: {job: {script: job.py, script_object: job.py, archive: deps}}
"""
FILES = {"job.py": "print('mine')\n", "deps.zip": b"PK\x05\x06" + 18 * b"\0", "table.csv": "mine\n"}
NAMES = (("code", "job.py"), ("code", "deps.zip"), ("lake", "table.csv"))


def their_objects(home):
    """As somebody put them there by the command line; one bucket keeps versions, one does not."""
    for bucket, versioning in (("code", "Disabled"), ("lake", "Enabled")):
        made = home.call("POST", f"/n/{home.ns}/b",
                         {"name": bucket, "compartmentId": home.tenancy, "versioning": versioning})
        assert made.status == 200, made
    for bucket, name in NAMES:
        assert home.call("PUT", home.object(bucket, name), b"theirs\n").status == 200


class Overwritten(unittest.TestCase):
    def contents(self, home):
        return [home.call("GET", home.object(*at)).body for at in NAMES]

    def test_row(self):
        bench = rows.Bench("pipeline: six\n", {}, standin=True)
        self.addCleanup(bench.close)
        home = bench.home
        their_objects(home)
        bench.pipeline, bench.files = PIPELINE, FILES
        bench.write()

        for args in (["plan"], ["apply", "-y"]):
            told = bench.weir(*args, status=4).stderr
            for who, key, at, kept in (
                ("apps.job", "script_object", "code@weirlocal/job.py", "its bucket keeps no versions: what is there is lost"),
                ("archives.deps", "object", "code@weirlocal/deps.zip", "its bucket keeps no versions: what is there is lost"),
                ("objects.table", "object", "lake@weirlocal/table.csv", "its bucket keeps what is there as a previous version"),
            ):
                self.assertIn(f"oci://{at} would be written over, and was not put there by weir\n"
                              f"  give {who} another `{key}:` name, or write over it by `overwrite: true` or --overwrite\n"
                              f"  {kept}\n", told)
        self.assertEqual(self.contents(home), 3 * [b"theirs\n"])

        told = bench.weir("plan", "--overwrite").stderr
        self.assertIn("oci://code@weirlocal/job.py is written over, and was not put there by weir\n"
                      "  its bucket keeps no versions: what is there is lost\n", told)
        bench.write(PIPELINE.replace("script_object: job.py", "script_object: other/job.py"))
        told = bench.weir("plan", status=4).stderr
        self.assertNotIn("job.py would be written over", told)

        bench.write(PIPELINE.replace("object: table.csv", "object: table.csv, overwrite: true"))
        bench.weir("apply", "-y", "--overwrite")
        self.assertEqual(self.contents(home), [v if isinstance(v, bytes) else v.encode() for v in FILES.values()])
        versions = home.call("GET", f"/n/{home.ns}/b/lake/objectversions").json()["items"]
        self.assertEqual(len(versions), 2)
        bench.write(**{"job.py": "print('more')\n"})
        bench.weir("apply", "-y")  # they are ours now
        self.assertEqual(self.contents(home)[0], b"print('more')\n")


weirlocal.main()
