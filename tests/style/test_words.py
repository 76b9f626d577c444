#!/usr/bin/env python3
"""Words that stand in no file of the repository, and functions that stand in no file of src/."""
import re

from style import committed, finish, read

# Put together here, so that this file does not find itself.
UNFINISHED = r"\b(?:%s|%s|%s)\b" % ("TO" + "DO", "FIX" + "ME", "X" * 3)
MACHINE_PATHS = r"(?<![\w.\-/])/(?:%s|%s/[a-z][\w-]*|%s)/" % ("ro" + "ot", "ho" + "me", "wo" + "rk")
# Packages come by name, through the ordinary clients.
HOSTS = "|".join(re.escape(a + "." + b) for a, b in (
    ("pypi", "org"), ("pythonhosted", "org"), ("repo1.maven", "org"), ("repo.maven.apache", "org"),
    ("central.sonatype", "com"), ("registry.npmjs", "org"), ("crates", "io"), ("deb.debian", "org"),
    ("archive.ubuntu", "com"), ("proxy.golang", "org"), ("anaconda", "org"), ("hub.docker", "com")))
EVERYWHERE = [(re.compile(UNFINISHED), "what is not finished is not begun"),
              (re.compile(MACHINE_PATHS), "a path of one machine"),
              (re.compile(HOSTS, re.I), "the host of a package registry")]
BANNED = [(re.compile(r"\b(?:%s)\s*\(" % "|".join((
    "strcpy", "stpcpy", "strcat", "strncat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol",
    "atof", "alloca", "tmpnam", "mktemp", "system", "popen"))), "a function that has a safer one")]
BINARY = (".png", ".zip", ".gz", ".jar", ".parquet", ".ico")


def search(path, text, rules):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, why in rules:
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}: {match.group(0)!r}: {why}"


def main():
    for bad in ("a TO" + "DO b", '"/ro' + 'ot/x"', "cd /ho" + "me/me/x", "https://pypi" + ".org/"):
        assert list(search("x", bad, EVERYWHERE)), bad
    for good in ("/var/lib", "$HOME/x", "a/root/b", "~/.oci", "net/work/x"):
        assert not list(search("x", good, EVERYWHERE)), good
    assert list(search("x", "strcpy(a, b)", BANNED)) and not list(search("x", "my_strcpy(a)", BANNED))
    # What fuzzers find is bytes, whatever words they make.
    mistakes, paths = [], [p for p in committed() if not p.endswith(BINARY) and "/corpus/" not in p]
    for path in paths:
        rules = EVERYWHERE + (BANNED if path.startswith("src/") else [])
        mistakes += search(path, read(path), rules)
    finish(mistakes, len(paths))


main()
