#!/usr/bin/env python3
"""The documents that a reader expects are there, and no link between them is dead."""
import os
import re

from style import ROOT, committed, finish, read

EXPECTED = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs/ARCHITECTURE.md",
            "tests/README.md")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.M)


def anchor(heading):
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")



def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def dead_links(path, text):
    for target in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, part = target.partition("#")
        whole = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        if not os.path.exists(os.path.join(ROOT, whole)):
            yield f"{path}: link to {target}: there is no {whole}"
        elif part and whole.endswith(".md"):
            if part not in {anchor(h) for h in HEADING.findall(read(whole))}:
                yield f"{path}: link to {target}: no such heading"


def main():
    assert list(dead_links("README.md", "[a](no/such.md)")) and not list(dead_links("x.md", "`[a](b)`"))
    mistakes = [f"{p}: missing" for p in EXPECTED
                if not os.path.isfile(os.path.join(ROOT, p)) or not read(p).strip()]
    pages = [p for p in committed() if p.endswith(".md")]
    for path in pages:
        mistakes += dead_links(path, read(path))
    finish(mistakes, len(pages) + len(EXPECTED))


main()
