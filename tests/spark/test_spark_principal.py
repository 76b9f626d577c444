#!/usr/bin/env python3
"""A script as it is written for OCI: it names no endpoint, signs as the resource principal, and fetches a secret by its OCID."""
import hashlib
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import leaks
import weirlocal
from dataflow import Flow

# In the driver and in an executor's Python; longer than a token lives.
JOB = """
import base64, hashlib, json, os, pathlib, stat, sys, time
from pyspark.sql import SparkSession

secret_id, bucket, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])

def fetch(_):
    import oci
    signer = oci.auth.signers.get_resource_principals_signer()
    bundle = oci.secrets.SecretsClient(config={}, signer=signer).get_secret_bundle(secret_id).data
    value = base64.b64decode(bundle.secret_bundle_content.content)
    return hashlib.sha256(value).hexdigest(), signer.tenancy_id

spark = SparkSession.builder.getOrCreate()
here = fetch(None)
there = spark.sparkContext.parallelize([1], 1).map(fetch).collect()[0]

import oci, sitecustomize
signer = oci.auth.signers.get_resource_principals_signer()
storage = oci.object_storage.ObjectStorageClient(config={}, signer=signer)
ns = storage.get_namespace().data
storage.put_object(ns, bucket, "by the principal", b"hello")
token = pathlib.Path(os.environ["OCI_RESOURCE_PRINCIPAL_RPST"])
first = token.read_text()
deadline = time.monotonic() + seconds
asked = 0
while time.monotonic() < deadline:
    storage.get_object(ns, bucket, "by the principal")
    asked += 1
    time.sleep(0.5)
claims = json.loads(base64.urlsafe_b64decode(first.split(".")[1] + "=="))
print(json.dumps({
    "here": here, "there": there, "namespace": ns, "asked": asked > 3, "renewed": token.read_text() != first, "token": first,
    "mode": stat.S_IMODE(token.stat().st_mode), "run": claims["res_id"], "type": claims["res_type"],
    "theirs": getattr(sitecustomize, "THEIRS", None), "region": signer.region,
    "key": pathlib.Path(os.environ["OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"]).read_text()}))
"""
VALUE = "a secret that nobody prints 7c1f"


class Principal(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home(env={"WEIR_LOCAL_TOKEN_SECONDS": "4"})
        self.addCleanup(self.home.__exit__)
        self.home.start()
        self.flow = Flow(self.home)

    def test_as_on_oci(self):
        home, flow = self.home, self.flow
        home.bucket("data")
        secret_id = home.weir_local("secret", "put", "azure", input=VALUE).stdout.strip()
        mine = home.scratch / "mine"
        mine.mkdir()
        (mine / "sitecustomize.py").write_text("THEIRS = 'was run too'\n")
        flow.put("code", "job.py", JOB)
        app = flow.application("code", "job.py", arguments=[secret_id, "data", "9"],
                               configuration={"spark.executorEnv.PYTHONPATH": str(mine)})
        run = flow.finish(flow.run(app))
        self.assertEqual(run["lifecycleState"], "SUCCEEDED", flow.log(run, "stdout") + flow.log(run, "stderr"))
        said = json.loads(flow.log(run, "stdout").splitlines()[-1])
        token, key = said.pop("token"), said.pop("key")
        digest = hashlib.sha256(VALUE.encode()).hexdigest()
        self.assertEqual(said, {
            "here": [digest, home.tenancy], "there": [digest, home.tenancy], "namespace": home.ns, "asked": True, "renewed": True,
            "mode": 0o600, "run": run["id"], "type": "dataflowrun", "theirs": "was run too", "region": "us-ashburn-1"})
        self.assertEqual(home.call("GET", home.object("data", "by the principal")).body, b"hello")
        self.assertEqual(leaks.find(VALUE, home.path, home.log_file), [])
        # With the run its principal has ended, however long the token says it is good for.
        signed = home.call("GET", f"/n/{home.ns}", key=weirlocal.Key(key.encode()), key_id=f"ST${token}")
        self.assertEqual((signed.status, signed.code), (401, "NotAuthenticated"))


if __name__ == "__main__":
    weirlocal.main()
