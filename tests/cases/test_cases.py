#!/usr/bin/env python3
"""Golden cases: a folder each, with the files of a pipeline and what weir says of it.

    NAME/args      the command line ("validate -t prod"); plain `validate` where there is no such file
    NAME/stdout, NAME/stderr, NAME/status      what comes of it; no file: nothing, 0
    NAME/...       the rest are the pipeline's files, copied to a repository of the case's own

Files that are too large to keep are made here (GENERATED). A case must end within 64 MiB, whatever it is given.
UPDATE=1 writes what comes out in place of what is expected; arguments are names of cases.
"""
import os
import pathlib
import shlex
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WEIR = os.path.abspath(os.environ["WEIR"])
UPDATE = os.environ.get("UPDATE") == "1"
EXPECTED = ("stdout", "stderr", "status")
# A build with AddressSanitizer pads every block and keeps freed ones.
SANITIZED = b"__asan_init" in pathlib.Path(WEIR).read_bytes()
LIMIT_KIB = (512 if SANITIZED else 64) * 1024
LIMIT_S = 60


def alias_bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    return "pipeline: bomb\n" + "\n".join(lines) + "\n"


def reference_bomb():
    lines = ["  a0: {default: 0123456789abcdef}"]
    lines += [f"  a{i}: {{default: $<a{i - 1}>$<a{i - 1}>}}" for i in range(1, 40)]
    return "pipeline: bomb\nparameters:\n" + "\n".join(lines) + "\n"


GENERATED = {
    "alias-bomb": alias_bomb,
    "large-binary": lambda: bytes((i * 7919 + (i >> 8)) & 0xff for i in range(1 << 20)) * 8,
    "reference-bomb": reference_bomb,
    "too-deep": lambda: "pipeline: deep\nx: " + "[" * 100000 + "\n",
    "too-large": lambda: "# 16 characters\n" * (9 << 16),
    "too-many-values": lambda: "pipeline: many\nx: [" + "1," * 200000 + "1]\n",
}


def prepare(case, folder):
    """The case's files in a folder that is a repository, as far as weir looks."""
    for path in (HERE / case).rglob("*"):
        if path.is_file() and path.name not in EXPECTED + ("args",):
            to = folder / path.relative_to(HERE / case)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    if case in GENERATED:
        made = GENERATED[case]()
        (folder / "pipeline.yaml").write_bytes(made if isinstance(made, bytes) else made.encode())


def run(args, folder):
    """Runs weir in the folder: what it printed, its status, and its peak memory."""
    pid = os.fork()
    if not pid:
        out = os.open(folder / ".stdout", os.O_WRONLY | os.O_CREAT, 0o600)
        err = os.open(folder / ".stderr", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(folder)
        signal_alarm(LIMIT_S)
        os.execve(WEIR, ["weir", *args], {"PATH": "/usr/bin:/bin", "HOME": str(folder),
                                          "LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    _, status, used = os.wait4(pid, 0)
    texts = {}
    for name in ("stdout", "stderr"):
        text = (folder / f".{name}").read_bytes().decode("utf-8", "backslashreplace")
        texts[name] = text.replace(str(folder), "{DIR}")
    texts["status"] = f"{os.waitstatus_to_exitcode(status)}\n"
    return texts, used.ru_maxrss


def signal_alarm(seconds):
    """Outlives exec: what does not end is ended."""
    import signal
    signal.alarm(seconds)


def default_of(name):
    return "0\n" if name == "status" else ""


def expected(case, name):
    path = HERE / case / name
    return path.read_text() if path.exists() else default_of(name)


def update(case, got):
    (HERE / case).mkdir(exist_ok=True)
    for name in EXPECTED:
        path = HERE / case / name
        if got[name] != default_of(name):
            path.write_text(got[name])
        elif path.exists():
            path.unlink()


def differences(case, got):
    for name in EXPECTED:
        want = expected(case, name)
        if got[name] != want:
            yield f"{case}: {name} is\n{got[name]}-- and not\n{want}--"


def one(case):
    args_file = HERE / case / "args"
    args = shlex.split(args_file.read_text()) if args_file.exists() else ["validate"]
    with tempfile.TemporaryDirectory(prefix="weir-case-") as scratch:
        folder = pathlib.Path(scratch).resolve() / "repository"
        folder.mkdir()
        prepare(case, folder)
        got, kib = run(args, folder)
    if UPDATE:
        update(case, got)
    mistakes = list(differences(case, got))
    if kib > LIMIT_KIB:
        mistakes.append(f"{case}: took {kib} KiB, of at most {LIMIT_KIB}")
    return mistakes


def main():
    cases = sorted({p.name for p in HERE.iterdir() if p.is_dir()} | set(GENERATED))
    chosen = [c for c in cases if not sys.argv[1:] or c in sys.argv[1:]]
    mistakes = [m for case in chosen for m in one(case)]
    print("\n".join(mistakes))
    print(f"{len(chosen)} cases, {len(mistakes)} differences")
    sys.exit(1 if mistakes or not chosen else 0)


main()
