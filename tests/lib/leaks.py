"""Whether a secret lies anywhere in folders: as it is, in base64 (of whatever alignment), percent-encoded or hexadecimal, also
in what is gzipped.

    self.assertEqual(leaks.find(secret, home.path, folder), [])
"""
import base64
import gzip
import pathlib
import urllib.parse


def _forms(secret):
    raw = secret.encode() if isinstance(secret, str) else secret
    forms = {raw, raw.hex().encode(), urllib.parse.quote(raw, safe="").encode()}
    for shift in range(3):
        # Of the characters at either end some bits are of what is beside the secret.
        middle = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")[4 if shift else 0:-1]
        if len(middle) >= 8:
            forms |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def _contents(path):
    data = path.read_bytes()
    yield data
    if data[:2] == b"\x1f\x8b":
        try:
            yield gzip.decompress(data)
        except (OSError, EOFError):
            pass


def find(secret, *places, but=()):
    """The files below (or at) places that hold it; `but`: those that may, and folders."""
    forms, found = _forms(secret), []
    but = [pathlib.Path(b) for b in but]
    for place in map(pathlib.Path, places):
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if not path.is_file() or path.is_symlink() or any(b == path or b in path.parents for b in but):
                continue
            if any(form in data for data in _contents(path) for form in forms):
                found.append(str(path))
    return found
