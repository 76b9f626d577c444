#!/usr/bin/env python3
"""pipelines/azure-copy as a user has it: planned, applied and run, the client secret in weir-local's vault, from Azurite to a bucket; run
again, it copies nothing. A secret that is wrong, unknown or not allowed fails the run with its reason. The secret is nowhere."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import azurelake
import leaks
import weirlocal
from azurelake import PIPELINE, md5
from cluster import Cluster

FILES = {f"day {d}/{name}": f"{d} {name}\n".encode() * 200
         for d in range(3) for name in ("a b.csv", "c+d.txt", "100%.bin", "e#f.json", "é 漢字.txt")}


class Pipeline(unittest.TestCase):
    def setUp(self):
        self.lake = azurelake.Lake()
        self.addCleanup(self.lake.close)
        self.secret = self.put_secret("azure", self.lake.azure.secret)

    def put_secret(self, name, value):
        done = self.lake.home.weir_local("secret", "put", name, input=value)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def weir(self, *args, status=0):
        given = {**self.lake.azure.parameters(), "secret_ocid": self.secret}
        pairs = [word for name, value in given.items() for word in ("-p", f"{name}={value}")]
        done = self.lake.home.weir("-C", PIPELINE, *args, *pairs)
        self.assertEqual(done.returncode, status, f"weir {args}\n{done.stdout}{done.stderr}\n{self.lake.home.log()}")
        return done

    def ran(self, *args):
        """What the steps printed last, by step."""
        steps = json.loads(self.weir("run", "-o", "json", *args).stdout)["steps"]
        logs = {step["name"]: self.lake.home.weir("-C", PIPELINE, "logs", step["run"]["id"]).stdout for step in steps}
        return {name: json.loads(log.splitlines()[-1]) for name, log in logs.items()}

    def fails(self, *texts, profile="DEFAULT", **of_the_run):
        pairs = [word for name, value in of_the_run.items() for word in ("--param", f"{name}={value}")]
        said = self.weir("run", "apps.copy", "--profile", profile, *pairs, status=6)
        for text in texts:
            self.assertIn(text, said.stdout + said.stderr)

    def test_from_azure_to_a_bucket(self):
        lake = self.lake
        lake.put(FILES, "in")
        self.weir("archive", "build")
        self.assertIn('"--secret-ocid", "${secret_ocid}"', self.weir("plan").stdout)
        self.weir("apply", "-y")
        first = self.ran("nightly")
        self.assertEqual((first["copy"]["copied"], first["verify"]["files"]), (len(FILES), len(FILES)))
        reply = lake.home.call("GET", f"/n/{lake.home.ns}/b/azure-landing/o/in%2F_verified.jsonl")
        verified = [json.loads(line) for line in reply.body.decode().splitlines()]
        self.assertEqual(verified, sorted(({"name": f"in/{name}", "size": len(data), "md5": md5(data)}
                                           for name, data in FILES.items()), key=lambda line: line["name"]))
        again = self.ran("nightly")
        self.assertEqual((again["copy"]["copied"], again["copy"]["skipped"]), (0, len(FILES)))
        self.assertTrue(self.weir("plan", "--detailed-exitcode").stdout.startswith("No changes."))

        # What is wrong about the secret, each by the parameters of a run. What is not allowed is told as what is not there.
        lake.home.identity({"users": {"copier": {"groups": ["copiers"]}},
                            "policies": ["Allow group copiers to manage dataflow-family in tenancy",
                                         "Allow group copiers to manage object-family in tenancy"]})
        self.fails(f"CopyError: the secret {self.secret}: 404 NotAuthorizedOrNotFound", profile="copier")
        wrong = self.put_secret("wrong", "not the secret of that client")
        unknown = self.secret[:-4] + "none"
        self.fails("CopyError: abfss://lake@datalake", "AADSTS7000215", secret_ocid=wrong)
        self.fails(f"CopyError: the secret {unknown}: 404 NotAuthorizedOrNotFound", secret_ocid=unknown)

        # Whatever was written: logs, databases, objects, run folders, the pipeline's cache, Azurite's and the token endpoint's own.
        for secret in (lake.azure.secret, "not the secret of that client"):
            self.assertEqual(leaks.find(secret, lake.home.scratch, PIPELINE), [])


    def test_a_table_on_a_cluster(self):
        """Read from Azure and written to the bucket by the executors of two workers."""
        lake = self.lake
        cluster = self.enterContext(Cluster(lake.home.scratch / "cluster"))
        lake.home.stop()
        lake.home.start("--spark-master", cluster.master)
        for part in range(4):
            lake.put({f"part {part}.csv": "id,name\n" + "".join(f"{part}{i:03},n {i}\n" for i in range(500))}, "rows")
        table = ("-p", "directory=rows", "-p", "prefix=table", "-p", "format=csv")
        self.weir("apply", "-y", *table)
        for app, wanted in (("copy", {"copied": 4}), ("verify", {"rows": 2000})):
            told, = self.ran(f"apps.{app}", "--num-executors", "2", *table).values()
            self.assertEqual({name: told[name] for name in wanted}, wanted)
        launched = re.findall(r"Launching executor app-\S+ on worker (\S+)", cluster.log())
        self.assertEqual((len(launched), len(set(launched))), (4, 2))


weirlocal.main()
