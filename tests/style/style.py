"""What the tests of this folder share: the files of the tree, and a report that fails."""
import os
import subprocess
import sys

ROOT = os.environ.get("WEIR_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Made by a build, or fetched: no part of the source.
NOT_OURS = {".git", "build", "__pycache__", ".cache"}


def files(*folders, ext=None):
    """Paths, relative to the root and sorted, of the files under the folders ("" for all)."""
    found = []
    for folder in folders:
        for at, names, here in os.walk(os.path.join(ROOT, folder)):
            names[:] = [n for n in names if n not in NOT_OURS]
            if os.path.basename(at) == "data" and "pipelines" in at:
                names[:] = []
                continue
            for name in here:
                if ext is None or name.endswith(ext):
                    found.append(os.path.relpath(os.path.join(at, name), ROOT))
    return sorted(found)


def committed():
    """Paths of the files that git has or would take; all files where there is no git."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True)
    if listed.returncode:
        return files("")
    return sorted(p for p in listed.stdout.splitlines() if os.path.isfile(os.path.join(ROOT, p)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def finish(mistakes, looked_at):
    """Prints the mistakes and ends the test. One that looked at nothing has not passed either."""
    for mistake in mistakes:
        print(mistake)
    print(f"{looked_at} looked at, {len(mistakes)} wrong")
    sys.exit(1 if mistakes or not looked_at else 0)
