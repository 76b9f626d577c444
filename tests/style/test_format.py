#!/usr/bin/env python3
"""clang-format has nothing to change. Version 14, since each version lays out a little differently."""
import os
import re
import shutil
import subprocess
import sys

from style import ROOT, files, finish


def formatter():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path:
            said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if re.search(r"version 14\.", said):
                return path
    sys.exit("clang-format 14 is not installed: apt-get install clang-format-14")


def main():
    tool, mistakes = formatter(), []
    paths = files("src", "tests/unit", "tests/fuzz", ext=(".c", ".h"))
    done = subprocess.run([tool, "--dry-run", "--Werror", *paths], cwd=ROOT, capture_output=True, text=True)
    wrong = {}
    for line in done.stderr.splitlines():
        match = re.match(r"([^:]+):(\d+):\d+: error: ", line)
        if match:
            wrong.setdefault(match.group(1), match.group(2))
    for path, line in sorted(wrong.items()):
        mistakes.append(f"{path}:{line}: clang-format -i {path}")
    if done.returncode and not mistakes:
        mistakes.append(done.stderr or f"{os.path.basename(tool)} ended with {done.returncode}")
    finish(mistakes, len(paths))


main()
