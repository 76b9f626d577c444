#!/usr/bin/env python3
"""Compares every #include "room/file.h" under src/ with the table of rooms.

The table is docs/ARCHITECTURE.md's; what the rooms link, in CMakeLists.txt, agrees with it.
"""
import re

from style import files, finish, read

ALL = {"base", "field", "http", "model", "spec", "oci", "archive", "live", "plan", "apply", "run",
       "import", "report", "cli", "local"}
MAY_INCLUDE = {
    "base": set(),
    "field": {"base"},
    "http": {"base"},
    "model": {"base", "field"},
    "spec": {"base", "field", "model"},
    "oci": {"base", "field", "http", "model"},
    "archive": {"base", "model"},
    "live": {"base", "field", "model", "oci"},
    "plan": {"base", "field", "model"},
    "apply": {"base", "field", "model", "oci", "archive", "plan"},
    "run": {"base", "field", "model", "oci", "live"},
    "import": {"base", "field", "model", "spec", "oci"},
    "report": {"base", "field", "model", "plan", "apply", "run"},
    "cli": ALL - {"local"},
    "local": {"base", "field", "model"},
}
# Single headers of another room: weir-local verifies what the signing stages make.
MAY_INCLUDE_FILE = {"local": {"http/sign.h"}}
# Made at build time, so in no room.
GENERATED = {"templates.h", "azure_pins.h", "job_python.h", "sdk_requirements.h", "spark_pins.h", "pages_css.h", "pages_icon.h", "pages_js.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def judge(path, target):
    """What is wrong with one include; None if nothing is."""
    room = path.split("/")[1]
    if target in GENERATED:
        return None
    if "/" not in target or target.split("/")[0] not in ALL or ".." in target:
        return "is not written \"room/file.h\""
    other = target.split("/")[0]
    if other == room or other in MAY_INCLUDE[room] or target in MAY_INCLUDE_FILE.get(room, ()):
        return None
    return f"is not for {room}, which may include {', '.join(sorted(MAY_INCLUDE[room])) or 'nothing'}"


def main():
    assert judge("src/plan/x.c", "oci/oci.h") and judge("src/base/x.c", "field/node.h")
    assert judge("src/cli/x.c", "local/store.h") and judge("src/cli/x.c", "../plan/plan.h")
    assert judge("src/local/x.c", "http/http.h") and not judge("src/local/x.c", "http/sign.h")
    mistakes, n = [], 0
    for path in files("src", ext=(".c", ".h")):
        if path.split("/")[1] not in MAY_INCLUDE:
            mistakes.append(f"{path}: no such room in the table")
            continue
        for match in INCLUDE.finditer(read(path)):
            n += 1
            wrong = judge(path, match.group(1))
            if wrong:
                line = read(path)[:match.start()].count("\n") + 1
                mistakes.append(f'{path}:{line}: #include "{match.group(1)}" {wrong}')
    finish(mistakes, n)


main()
