"""@KEY@: a query in Spark SQL, its result as JSON lines.

Reads --input (an oci:// address of CSV files with a heading: origin, delay), or a few rows of its own.
"""
import argparse

from pyspark.sql import SparkSession

SAMPLE = [("JFK", 12), ("LGA", 3), ("JFK", 30), ("EWR", -4)]
QUERY = """
    SELECT origin, count(*) AS flights, avg(delay) AS delay
    FROM flights
    WHERE delay >= {least}
    GROUP BY origin
    ORDER BY origin
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input")
    parser.add_argument("--least", type=int, default=0)
    args = parser.parse_args()

    spark = SparkSession.builder.appName("@KEY@").getOrCreate()
    if args.input:
        flights = spark.read.csv(args.input, header=True, inferSchema=True)
    else:
        flights = spark.createDataFrame(SAMPLE, ["origin", "delay"])
    flights.createOrReplaceTempView("flights")
    for row in spark.sql(QUERY, least=args.least).toJSON().collect():
        print(row)
    spark.stop()


if __name__ == "__main__":
    main()
