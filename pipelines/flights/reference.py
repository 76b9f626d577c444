#!/usr/bin/env python3
"""What the three applications must print, computed without Spark: Python's csv module over the same files.

    reference.py ingest
    reference.py delays
    reference.py routes --origin JFK --top 10

Prints the lines that a right run of the application has on its stdout; check.py compares the two.
"""
import argparse
import csv
import json
import os
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

HERE = os.path.dirname(os.path.abspath(__file__))


def load(data, table):
    """The rows of one file as dicts of strings; NA is None."""
    with open(os.path.join(data, table + ".csv"), newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        names = next(reader)
        return [dict(zip(names, (None if v == "NA" else v for v in row))) for row in reader]


def integers(rows, field):
    return [int(row[field]) for row in rows if row[field] is not None]


def mean(values, places):
    """Sum / count as a double, its decimal notation rounded half up; None of nothing."""
    if not values:
        return None
    exact = Decimal(repr(sum(values) / len(values)))
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)) + 0.0


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return float(values[middle]) if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def group(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def most_first(groups):
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


def cancelled(rows):
    return sum(row["dep_time"] is None for row in rows)


def late(rows):
    return sum(minutes > 15 for minutes in integers(rows, "arr_delay"))


def total(flights, **_):
    arrived = integers(flights, "arr_delay")
    yield {
        "flights": len(flights),
        "cancelled": cancelled(flights),
        "not_arrived": len(flights) - len(arrived) - cancelled(flights),
        "late": late(flights),
        "arr_delay_minutes": sum(arrived),
        "mean_arr_delay": mean(arrived, 2),
    }


def carrier(flights, airlines, **_):
    names = {row["carrier"]: row["name"] for row in airlines}
    for code, rows in most_first(group(flights, lambda row: row["carrier"])):
        arrived = integers(rows, "arr_delay")
        yield {
            "carrier": code,
            "name": names.get(code),
            "flights": len(rows),
            "cancelled": cancelled(rows),
            "late": late(rows),
            "mean_dep_delay": mean(integers(rows, "dep_delay"), 2),
            "mean_arr_delay": mean(arrived, 2),
            "median_arr_delay": median(arrived),
        }


def destination(flights, airports, **_):
    names = {row["faa"]: row["name"] for row in airports}
    for code, rows in most_first(group(flights, lambda row: row["dest"]))[:25]:
        yield {
            "dest": code,
            "name": names.get(code),
            "flights": len(rows),
            "carriers": len({row["carrier"] for row in rows}),
            "mean_arr_delay": mean(integers(rows, "arr_delay"), 2),
        }


def month(flights, **_):
    for number, rows in sorted(group(flights, lambda row: int(row["month"])).items()):
        days = group(rows, lambda row: int(row["day"]))
        delays = {day: integers(of_day, "dep_delay") for day, of_day in days.items()}
        worst = min(delays, key=lambda day: (-sum(delays[day]) / len(delays[day]), day))
        yield {
            "month": number,
            "flights": len(rows),
            "cancelled": cancelled(rows),
            "mean_dep_delay": mean(integers(rows, "dep_delay"), 2),
            "worst_day": worst,
            "worst_day_mean": mean(delays[worst], 2),
        }


def kind_of_weather(hour):
    if hour is None:
        return "not known"
    if float(hour["visib"]) < 3:
        return "poor sight"
    if float(hour["precip"]) > 0:
        return "rain or snow"
    if hour["wind_speed"] is not None and float(hour["wind_speed"]) >= 20:
        return "strong wind"
    return "fair"


def weather(flights, weather, **_):
    hours = {(row["origin"], row["time_hour"]): row for row in weather}
    kinds = group(flights, lambda row: kind_of_weather(hours.get((row["origin"], row["time_hour"]))))
    for kind, rows in most_first(kinds):
        yield {
            "weather": kind,
            "flights": len(rows),
            "cancelled": cancelled(rows),
            "mean_dep_delay": mean(integers(rows, "dep_delay"), 2),
        }


def plane_age(flights, planes, **_):
    known = {row["tailnum"]: row for row in planes}

    def five_years(row):
        plane = known.get(row["tailnum"])
        if plane is None or plane["year"] is None:
            return None
        return (int(row["year"]) - int(plane["year"])) // 5 * 5

    ages = group(flights, five_years)
    for age in sorted(ages, key=lambda years: (years is None, years or 0)):
        rows = ages[age]
        seats = [int(known[row["tailnum"]]["seats"]) for row in rows if row["tailnum"] in known]
        yield {
            "from_years": age,
            "flights": len(rows),
            "planes": len({row["tailnum"] for row in rows} - {None}),
            "seats": sum(seats) if seats else None,
            "mean_arr_delay": mean(integers(rows, "arr_delay"), 2),
        }


def routes(flights, airports, origin, top):
    names = {row["faa"]: row["name"] for row in airports}
    ours = [row for row in flights if row["origin"] == origin]
    for code, rows in most_first(group(ours, lambda row: row["dest"]))[:top]:
        yield (
            code,
            names.get(code),
            len(rows),
            len({row["carrier"] for row in rows}),
            min(integers(rows, "distance")),
            mean(integers(rows, "air_time"), 1),
            mean(integers(rows, "arr_delay"), 1),
        )


TABLES = ("flights", "airlines", "airports", "planes", "weather")
REPORTS = (total, carrier, destination, month, weather, plane_age)


def lines(application, tables, origin, top):
    if application == "ingest":
        for name, rows in tables.items():
            months = {"months": len({row["month"] for row in rows})} if name == "flights" else {}
            yield json.dumps({"table": name, "rows": len(rows), **months})
    elif application == "delays":
        for report in REPORTS:
            for row in report(**tables):
                yield json.dumps({"report": report.__name__, **row})
    else:
        for row in routes(tables["flights"], tables["airports"], origin, top):
            yield "\t".join("NULL" if value is None else str(value) for value in row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("application", choices=("ingest", "delays", "routes"))
    parser.add_argument("--origin", default="JFK")
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--data", default=os.path.join(HERE, "data"))
    args = parser.parse_args()
    tables = {name: load(args.data, name) for name in TABLES}
    for line in lines(args.application, tables, args.origin, args.top):
        print(line)


if __name__ == "__main__":
    main()
