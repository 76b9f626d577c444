"""Who is late, where, when and why: reports over the tables that ingest.py wrote, in Spark SQL.

    delays.py --lake URI

Prints JSON lines and nothing else: {"report": NAME, ...}, the reports in the order of REPORTS, their rows
in the order of each statement. A flight without a departure time was cancelled; one without an arrival
delay was cancelled or diverted and counts in no mean. Delays are minutes. Means are rounded half up.
"""
import argparse
import json

from pyspark.sql import SparkSession

TABLES = ("flights", "airlines", "airports", "planes", "weather")

REPORTS = {
    "total": """
        SELECT count(*) AS flights,
               count_if(dep_time IS NULL) AS cancelled,
               count_if(dep_time IS NOT NULL AND arr_delay IS NULL) AS not_arrived,
               count_if(arr_delay > 15) AS late,
               sum(arr_delay) AS arr_delay_minutes,
               round(avg(arr_delay), 2) AS mean_arr_delay
        FROM flights""",
    "carrier": """
        SELECT f.carrier, a.name, count(*) AS flights,
               count_if(f.dep_time IS NULL) AS cancelled,
               count_if(f.arr_delay > 15) AS late,
               round(avg(f.dep_delay), 2) AS mean_dep_delay,
               round(avg(f.arr_delay), 2) AS mean_arr_delay,
               percentile(f.arr_delay, 0.5) AS median_arr_delay
        FROM flights f LEFT JOIN airlines a ON a.carrier = f.carrier
        GROUP BY f.carrier, a.name
        ORDER BY flights DESC, f.carrier""",
    # Four airports of Puerto Rico and the Virgin Islands are not among the airports: their names are null.
    "destination": """
        SELECT f.dest, a.name, count(*) AS flights, count(DISTINCT f.carrier) AS carriers,
               round(avg(f.arr_delay), 2) AS mean_arr_delay
        FROM flights f LEFT JOIN airports a ON a.faa = f.dest
        GROUP BY f.dest, a.name
        ORDER BY flights DESC, f.dest
        LIMIT 25""",
    "month": """
        WITH days AS (
            SELECT month, day, avg(dep_delay) AS mean,
                   row_number() OVER (PARTITION BY month ORDER BY avg(dep_delay) DESC, day) AS place
            FROM flights GROUP BY month, day),
        months AS (
            SELECT month, count(*) AS flights, count_if(dep_time IS NULL) AS cancelled,
                   round(avg(dep_delay), 2) AS mean_dep_delay
            FROM flights GROUP BY month)
        SELECT m.month, m.flights, m.cancelled, m.mean_dep_delay,
               d.day AS worst_day, round(d.mean, 2) AS worst_day_mean
        FROM months m JOIN days d ON d.month = m.month AND d.place = 1
        ORDER BY m.month""",
    # The weather of the hour of departure at the airport, by the hour in UTC: the local one occurs twice
    # on the night that the clocks are set back.
    "weather": """
        SELECT CASE WHEN w.origin IS NULL THEN 'not known'
                    WHEN w.visib < 3 THEN 'poor sight'
                    WHEN w.precip > 0 THEN 'rain or snow'
                    WHEN w.wind_speed >= 20 THEN 'strong wind'
                    ELSE 'fair' END AS weather,
               count(*) AS flights,
               count_if(f.dep_time IS NULL) AS cancelled,
               round(avg(f.dep_delay), 2) AS mean_dep_delay
        FROM flights f LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
        GROUP BY 1
        ORDER BY flights DESC, weather""",
    # 57,912 flights have no plane, or one without a year: their age is null and comes last.
    "plane_age": """
        SELECT CAST(floor((f.year - p.year) / 5) * 5 AS INT) AS from_years, count(*) AS flights,
               count(DISTINCT f.tailnum) AS planes, sum(p.seats) AS seats,
               round(avg(f.arr_delay), 2) AS mean_arr_delay
        FROM flights f LEFT JOIN planes p ON p.tailnum = f.tailnum
        GROUP BY 1
        ORDER BY from_years NULLS LAST""",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", required=True, help="where ingest.py put the tables")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("flights-delays").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for table in TABLES:
        spark.read.parquet(f"{args.lake.rstrip('/')}/{table}").createOrReplaceTempView(table)
    spark.sql("CACHE TABLE flights")
    for report, statement in REPORTS.items():
        for row in spark.sql(statement).collect():
            print(json.dumps({"report": report, **row.asDict()}), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
