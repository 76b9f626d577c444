#!/usr/bin/env python3
"""No file of src/ over 800 lines, no function over 100."""
from style import files, finish, read

FILE_MAX, FUNCTION_MAX = 800, 100


def functions(text):
    """(line, length) of each function: from a brace alone at column 0 to the one that closes it."""
    start = None
    for i, line in enumerate(text.splitlines(), 1):
        if line == "{":
            start = i
        elif line == "}" and start:
            yield start, i - start + 1
            start = None


def main():
    long_one = "int f(void)\n{\n" + "\tg();\n" * FUNCTION_MAX + "}\n"
    assert [n for _, n in functions(long_one)] == [FUNCTION_MAX + 2]
    mistakes, paths = [], files("src", ext=(".c", ".h"))
    for path in paths:
        text = read(path)
        lines = text.count("\n")
        if lines > FILE_MAX:
            mistakes.append(f"{path}: {lines} lines, at most {FILE_MAX}")
        for line, n in functions(text):
            if n > FUNCTION_MAX:
                mistakes.append(f"{path}:{line}: a function of {n} lines, at most {FUNCTION_MAX}")
    finish(mistakes, len(paths))


main()
