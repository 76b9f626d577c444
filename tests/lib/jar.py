"""A jar made by javac, against the Spark that WEIR_LOCAL_SPARK has.

    jar(folder, source, "Count")    # the bytes of a jar with what `source`, the file Count.java, compiles to
"""
import io
import os
import pathlib
import subprocess
import zipfile


def jar(folder, source, name):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.java").write_text(source)
    spark = next(pathlib.Path(os.environ["WEIR_LOCAL_SPARK"]).glob("venv/lib/python3*/site-packages/pyspark"))
    subprocess.run(
        ["javac", "-encoding", "UTF-8", "--release", "17", "-cp", f"{spark}/jars/*", "-d", folder / "out", folder / f"{name}.java"],
        check=True,
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        for path in (folder / "out").rglob("*.class"):
            z.write(path, path.relative_to(folder / "out"))
    return packed.getvalue()
