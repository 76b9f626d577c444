#!/usr/bin/env python3
"""make_data.py FOLDER: puts a lake into the Azure of local_azure.py that serves FOLDER: this repository's documents and pipelines under
names of every kind in lake/in, and a table of three CSV files in lake/table. What is there already stays."""
import pathlib
import sys
import zlib

from local_azure import Blobs

ROOT = pathlib.Path(__file__).resolve().parents[3]
KINDS = ("{}", "with space {}", "a+b {}", "100% {}", "no#{}", "größer 漢字 {}", "a&b=c;d {}")
ROWS = 5000


def files():
    """Name to content: each real file under a name of another kind."""
    found = sorted(p for folder in ("docs", "pipelines") for p in (ROOT / folder).rglob("*") if p.suffix in (".md", ".py", ".sql", ".yaml"))
    for path in found:
        folder = path.parent.relative_to(ROOT)
        kind = KINDS[zlib.crc32(f"{folder}/{path.name}".encode()) % len(KINDS)]
        yield f"{folder}/{kind.format(path.name)}", path.read_bytes()
    yield "empty", b""


def table():
    for year in (2023, 2024, 2025):
        rows = (f"{year * ROWS + i},{year}-{i % 12 + 1:02}-{i % 28 + 1:02},customer {i % 97},{i * 7 % 1000}.{i % 100:02}\n"
                for i in range(ROWS))
        yield f"sales {year}.csv", ("id,day,customer,amount\n" + "".join(rows)).encode()


def main():
    blobs = Blobs.told(sys.argv[1])
    blobs.call("PUT", "lake?restype=container", if_none_match="*")
    connection, put = blobs.connection(), 0
    for directory, content in (("in", files()), ("table", table())):
        for name, data in content:
            blobs.put_new("lake", f"{directory}/{name}", data, connection)
            put += 1
    print(f"{put} files in abfss://lake@{blobs.account}.dfs.core.windows.net", file=sys.stderr)


main()
