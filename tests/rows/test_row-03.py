#!/usr/bin/env python3
"""Row 3: the compartment is the target's, overridden by `defaults` and the app; a run's is the target's unless its step
says otherwise (row 10). Taking an application elsewhere is the service's own action, and is shown as such."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rows
import weirlocal

PIPELINE = """pipeline: three
targets: {local: {type: local, compartment_id: DEV}}
buckets: {scripts: {}, logs: {compartment_id: PROD}}
defaults:
  script_bucket: scripts
  logs_bucket: logs
  spark_version: 3.5.0
  driver_shape: VM.Standard2.1
apps:
  here: {script: job.py}
  there: {script: job.py, compartment_id: TEST}
"""


def pipeline(home):
    text = PIPELINE
    for name in ("dev", "test", "prod"):
        text = text.replace(name.upper(), home.compartments[name])
    return text


class Compartments(unittest.TestCase):
    def test_row(self):
        bench = rows.Bench(pipeline, {"job.py": "print('done')\n"}, standin=True)
        self.addCleanup(bench.close)
        home, (dev, test, prod) = bench.home, (bench.home.compartments[c] for c in ("dev", "test", "prod"))

        def listed(compartment):
            reply = home.call("GET", f"/20200129/applications?compartmentId={compartment}")
            return {a["displayName"]: a["id"] for a in reply.json()}

        self.assertEqual([list(listed(c)) for c in (dev, test, prod)], [["three-here"], ["three-there"], []])
        buckets = {b: home.call("GET", f"/n/{home.ns}/b/{b}").json()["compartmentId"] for b in ("scripts", "logs")}
        self.assertEqual(buckets, {"scripts": dev, "logs": prod})
        run = bench.json("run", "apps.there")["steps"][0]["run"]["id"]
        self.assertEqual(bench.run_of(run)["compartmentId"], dev)

        ocid = listed(dev)["three-here"]
        moved = bench.pipeline.replace("defaults:", f"defaults:\n  compartment_id: {prod}")
        bench.write(moved)
        shown = bench.weir("plan").stdout
        self.assertIn("  # apps.here will be moved\n", shown)
        self.assertIn(f'~ compartment_id = "{dev}" -> "{prod}"\n', shown)
        self.assertIn("Plan: 0 to add, 1 to change, 0 to destroy.", shown)
        before = home.call("GET", f"/20200129/applications/{ocid}").json()
        bench.weir("apply", "-y")
        after = home.call("GET", f"/20200129/applications/{ocid}").json()
        self.assertEqual({k for k in after if after[k] != before[k]}, {"compartmentId", "timeUpdated"})
        self.assertEqual((after["compartmentId"], listed(dev)), (prod, {}))
        self.assertIn("No changes.", bench.weir("plan").stdout)


weirlocal.main()
