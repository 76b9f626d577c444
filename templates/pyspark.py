"""@KEY@: the most frequent words of a text, as JSON lines.

Reads --input (an oci:// address of text files), or a few lines of its own; writes all words to --output (Parquet) where that
is given.
"""
import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SAMPLE = ["the sun is up and the sky is blue", "and the day is new"]


def count_words(lines):
    """One row a word, with how often it is there."""
    words = lines.select(F.explode(F.split(F.lower("value"), "[^a-z]+")).alias("word"))
    return words.where("word <> ''").groupBy("word").count()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input")
    parser.add_argument("--output")
    parser.add_argument("--top", type=int, default=3)
    args = parser.parse_args()

    spark = SparkSession.builder.appName("@KEY@").getOrCreate()
    lines = spark.read.text(args.input) if args.input else spark.createDataFrame([(s,) for s in SAMPLE], ["value"])
    words = count_words(lines)
    if args.output:
        words.write.mode("overwrite").parquet(args.output)
    for row in words.orderBy(F.desc("count"), "word").limit(args.top).toJSON().collect():
        print(row)  # `weir output last --format jsonl` reads these
    spark.stop()


if __name__ == "__main__":
    main()
