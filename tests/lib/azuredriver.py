"""Spark's driver for many cases: azure_copy.run for each line of stdin, in one JVM. The tests start it (azurelake.Driver) with the
python of Spark's environment; PYSPARK_SUBMIT_ARGS names the properties. Only the secret is given instead of fetched.

A line in: {"argv": [...], "secrets": {OCID: text}}. A line out, after what was printed: {"result": {...}} or {"error": "..."}."""
import contextlib
import io
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "pipelines" / "azure-copy"))
import azure_copy
from pyspark.sql import SparkSession


def answer(spark, asked):
    azure_copy.client_secret = asked["secrets"].__getitem__
    azure_copy.BACKOFF = (0.05,) * 4
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            result = {"result": azure_copy.run(spark, azure_copy.parse(asked["argv"]))}
    except (azure_copy.CopyError, azure_copy.VerifyError) as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return {**result, "printed": printed.getvalue()}


def main():
    spark = SparkSession.builder.appName("cases").getOrCreate()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(spark, json.loads(line))), flush=True)
    spark.stop()


main()
