#!/usr/bin/env python3
"""Compares what a run printed with what it must print, line by line, in order: check.py EXPECT ACTUAL

Either may be - for stdin. A line is a JSON object or a row of tab-separated columns. Integers, texts and
nulls must be the same; so must decimals, since both sides round the same sums half up to the same places.
Status 0 when all lines are right; 1 with the first ten that are not, on stderr.
"""
import json
import sys


def parse(line):
    if line.startswith("{"):
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            return line
    return line.split("\t")


def read(path):
    if path == "-":
        return sys.stdin.read().splitlines()
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def differences(expect, actual):
    for number in range(max(len(expect), len(actual))):
        want = expect[number] if number < len(expect) else None
        got = actual[number] if number < len(actual) else None
        if want is None or got is None or parse(want) != parse(got):
            yield number + 1, want, got


def main():
    if len(sys.argv) != 3 or sys.argv[1:] == ["-", "-"]:
        sys.exit(__doc__.splitlines()[0])
    expect, actual = read(sys.argv[1]), read(sys.argv[2])
    if not expect:
        sys.exit("check.py: nothing is expected")
    wrong = list(differences(expect, actual))
    for number, want, got in wrong[:10]:
        print(f"line {number}:\n  expected {want}\n  got      {got}", file=sys.stderr)
    if wrong:
        sys.exit(f"check.py: {len(wrong)} of {max(len(expect), len(actual))} lines are wrong")
    print(f"{len(expect)} lines, all as computed without Spark")


if __name__ == "__main__":
    main()
