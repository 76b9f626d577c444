"""Jars, compiled against the Spark that WEIR_LOCAL_SPARK has.

    jar(folder, source, "Count")    # the bytes of a jar with what `source`, the file Count.java, compiles to
    scala_jar(folder, source, "Count")
"""
import io
import os
import pathlib
import subprocess
import zipfile


def _jars():
    spark = next(pathlib.Path(os.environ["WEIR_LOCAL_SPARK"]).glob("venv/lib/python3*/site-packages/pyspark"))
    return f"{spark}/jars/*"


def _packed(folder):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        for path in folder.rglob("*.class"):
            z.write(path, path.relative_to(folder))
    return packed.getvalue()


def jar(folder, source, name):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.java").write_text(source)
    subprocess.run(["javac", "-encoding", "UTF-8", "--release", "17", "-cp", _jars(), "-d", folder / "out",
                    folder / f"{name}.java"], check=True)
    return _packed(folder / "out")


def scala_jar(folder, source, name):
    """The same of Scala, by the compiler that Spark brings along."""
    folder = pathlib.Path(folder)
    (folder / "out").mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.scala").write_text(source)
    subprocess.run(["java", "-cp", _jars(), "scala.tools.nsc.Main", "-usejavacp", "-d", folder / "out",
                    folder / f"{name}.scala"], check=True)
    return _packed(folder / "out")
