#!/usr/bin/env python3
"""Programs of each language on real Spark, reading and writing oci:// through Oracle's connector."""
import io
import json
import os
import sys
import time
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow
from jar import jar

PARTITIONED = """
import json, sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

where = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
flights = spark.createDataFrame([("JFK", 3, 1), ("LGA", 5, 2), ("JFK", 4, 1)], "origin string, delay int, month int")
flights.write.partitionBy("month").parquet(where)
first = spark.read.parquet(where).count()
more = spark.range(100).selectExpr("'EWR' as origin", "cast(id as int) as delay", "cast(id % 3 + 1 as int) as month")
more.write.mode("overwrite").partitionBy("month").parquet(where)
read = spark.read.parquet(where)
twice = udf(lambda n: n * 2, "int")
print(json.dumps({
    "first": first,
    "origins": [r.origin for r in read.select("origin").distinct().collect()],
    "months": sorted(r.month for r in read.select("month").distinct().collect()),
    "of_month": read.where("month = 2").count(),
    "sum": read.select(twice("delay").alias("d")).groupBy().sum("d").first()[0],
    "python": sys.version_info[0],
    "spark": spark.version,
    "master": spark.sparkContext.master,
    "app": spark.sparkContext.appName,
}))
"""

WITH_ARCHIVE = """
import os, sys, greeting, subprocess
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(greeting.text())
in_worker = spark.sparkContext.parallelize([1]).map(lambda _: __import__("greeting").text()).first()
print("worker:", in_worker)
print("java:", spark.sparkContext._jvm.org.example.Greeting.text())
spark.udf.registerJavaFunction("greet", "org.example.Greeting", "string")
print("in an executor:", spark.range(1).selectExpr("greet(cast(id as string))").first()[0])
print("setting:", os.environ["GREETING"], spark.conf.get("spark.sql.shuffle.partitions"))
print("secret:", os.environ.get("SECRET_OF_THE_SHELL"))
commands = subprocess.run(["cat", *[f"/proc/{p}/cmdline" for p in (os.getpid(), os.getppid())]],
                          capture_output=True, text=True).stdout
print("on the command line:", "pemfilepath" in commands or "PRIVATE" in commands)
"""

GREETING = """
package org.example;
public class Greeting implements org.apache.spark.sql.api.java.UDF1<String, String> {
    public static String text() { return "hello from a jar"; }
    public String call(String who) { return "hello " + who; }
}
"""

COUNT = """
package org.example;
import org.apache.spark.sql.SparkSession;
public class Count {
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().getOrCreate();
        System.out.println("lines: " + spark.read().text(args[0]).count() + " " + args[1]);
        if (args[1].equals("fail"))
            throw new IllegalStateException("as was asked");
        spark.stop();
    }
}
"""

QUERY = """
CREATE TEMPORARY VIEW flights USING csv OPTIONS (path '${where}', header 'true', inferSchema 'true');
SELECT origin, sum(delay) AS total FROM flights WHERE origin = '${origin}' GROUP BY origin;
"""


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home(env={"SECRET_OF_THE_SHELL": "x"})
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()
        cls.flow = Flow(cls.home)
        cls.home.bucket("data")

    def succeed(self, run):
        run = self.flow.finish(run)
        if run["lifecycleState"] != "SUCCEEDED":
            self.fail(f"{run}\n{self.flow.log(run, 'stdout')}\n{self.flow.log(run, 'stderr')[-4000:]}")
        return run

    def test_python_partitioned_parquet_and_overwrite(self):
        self.flow.put("code", "sub folder/job.py", PARTITIONED)
        app = self.flow.application("code", "sub folder/job.py", displayName="Möwe & co",
                                    arguments=["${where}"],
                                    parameters=[{"name": "where", "value": self.flow.uri("data", "flights by month")}])
        run = self.succeed(self.flow.run(app))
        said = json.loads(self.flow.log(run, "stdout"))
        self.assertEqual(said.pop("master"), f"local[{min(2, os.cpu_count())}]")
        self.assertEqual(said, {"first": 3, "origins": ["EWR"], "months": [1, 2, 3], "of_month": 33, "sum": 9900,
                                "python": 3, "spark": "3.5.0", "app": "Möwe & co"})
        names = self.flow.names("data", "flights by month/")
        self.assertIn("flights by month/_SUCCESS", names)
        self.assertEqual(len([n for n in names if n.endswith(".parquet")]), 6 if os.cpu_count() > 1 else 3)
        self.assertFalse([n for n in names if "_temporary" in n])
        self.assertGreater(run["runDurationInMilliseconds"], 1000)
        deadline = time.monotonic() + 60  # its state is told first, then its folder goes
        while list((self.home.path / "runs").iterdir()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)

    def test_archive_configuration_and_environment(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as z:
            z.writestr("python/lib/python3.11/site-packages/greeting.py", "def text(): return 'hello from a package'")
            z.writestr("java/greeting.jar", jar(self.home.scratch / "greeting", GREETING, "Greeting"))
            z.writestr("version.txt", "1\n")
        self.flow.put("code", "archive.zip", archive.getvalue())
        self.flow.put("code", "archived.py", WITH_ARCHIVE)
        app = self.flow.application(
            "code", "archived.py", archiveUri=self.flow.uri("code", "archive.zip"), sparkVersion="3.2.1",
            configuration={"spark.driverEnv.GREETING": "good day", "spark.sql.shuffle.partitions": "3"},
        )
        run = self.succeed(self.flow.run(app))
        self.assertEqual(self.flow.log(run, "stdout").splitlines(), [
            "hello from a package", "worker: hello from a package", "java: hello from a jar", "in an executor: hello 0",
            "setting: good day 3", "secret: None", "on the command line: False"])
        self.assertIn("asks for Spark 3.2.1 and runs on 3.5.0", self.flow.log(run, "stderr").splitlines()[0])

    def test_java(self):
        self.flow.put("code", "app.jar", jar(self.home.scratch / "count", COUNT, "Count"))
        self.flow.put("data", "text/a.txt", "one\ntwo\n")
        self.flow.put("data", "text/b.txt", "three\n")
        app = self.flow.application("code", "app.jar", "JAVA", className="org.example.Count",
                                    arguments=[self.flow.uri("data", "text/"), "${word}"],
                                    parameters=[{"name": "word", "value": "fine"}])
        good = self.flow.run(app)
        bad = self.flow.run(app, parameters=[{"name": "word", "value": "fail"}])
        self.assertEqual(self.flow.log(self.succeed(good), "stdout"), "lines: 3 fine\n")
        bad = self.flow.finish(bad)
        self.assertEqual(bad["lifecycleState"], "FAILED")
        self.assertIn("exit status 1: Exception in thread \"main\" java.lang.IllegalStateException: as was asked",
                      bad["lifecycleDetails"])

    def test_sql(self):
        self.flow.put("data", "flights.csv", "origin,delay\nJFK,3\nLGA,5\nJFK,4\n")
        self.flow.put("code", "query.sql", QUERY)
        app = self.flow.application("code", "query.sql", "SQL", parameters=[
            {"name": "origin", "value": "LGA"}, {"name": "where", "value": self.flow.uri("data", "flights.csv")}])
        run = self.succeed(self.flow.run(app, parameters=[
            {"name": "origin", "value": "JFK"}, {"name": "where", "value": self.flow.uri("data", "flights.csv")}]))
        self.assertEqual(self.flow.log(run, "stdout"), "JFK\t7\n")

        self.flow.put("code", "query.sql", "SELEC 1;")
        run = self.flow.finish(self.flow.run(app))
        self.assertEqual(run["lifecycleState"], "FAILED")
        self.assertIn("PARSE_SYNTAX_ERROR", run["lifecycleDetails"])

    def test_program_that_fails(self):
        self.flow.put("code", "exit.py", "import sys\nprint('so far')\nsys.exit(7)\n")
        self.flow.put("code", "raise.py",
                      "from pyspark.sql import SparkSession\ns = SparkSession.builder.getOrCreate()\n"
                      "s.read.parquet('oci://data@%s/nothing here')\n" % self.home.ns)
        one = self.flow.run(self.flow.application("code", "exit.py"))
        two = self.flow.run(self.flow.application("code", "raise.py"))
        one, two = self.flow.finish(one), self.flow.finish(two)
        self.assertEqual(one["lifecycleState"], "FAILED")
        self.assertIn("exit status 7", one["lifecycleDetails"])
        self.assertEqual(self.flow.log(one, "stdout"), "so far\n")
        self.assertEqual(two["lifecycleState"], "FAILED")
        self.assertIn("exit status 1: pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND]",
                      two["lifecycleDetails"])
        self.assertIn("Traceback", self.flow.log(two, "stdout"))


if __name__ == "__main__":
    weirlocal.main()
