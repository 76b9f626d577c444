"""A published conda environment, as far as Python looks at it: the tar.gz that conda-pack makes.

    flow.put("code", "envs/x.tar.gz", conda.packed())     # has the module `greeting`, whose TEXT is TEXT
"""
import io
import pathlib
import sys
import tarfile

TEXT = "from the environment"


def packed():
    out = io.BytesIO()
    version = "python" + ".".join(str(n) for n in sys.version_info[:2])
    base = pathlib.Path(sys.base_prefix) / "bin"
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        python = tarfile.TarInfo("bin/python")
        python.type, python.linkname = tarfile.SYMTYPE, str(base / "python3")
        tar.addfile(python)
        for name, text in (("pyvenv.cfg", f"home = {base}\n"),
                           (f"lib/{version}/site-packages/greeting.py", f"TEXT = {TEXT!r}\n")):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()
