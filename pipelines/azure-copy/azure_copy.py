"""Copies a directory of Azure Data Lake to OCI Object Storage, and proves that the copy is equal.

    azure_copy.py copy    --account A --container C --directory D ... --target oci://bucket@namespace/prefix
    azure_copy.py verify  the same

Signs in to Azure as a service principal (OAuth client credentials); the client secret is read from OCI Vault by resource principal.
--format binary copies files as they are; csv, json and parquet are read as tables and written as Parquet.

--mode skip       copies what is not equal (for a table: all of it, if the source has changed)
       overwrite  copies everything
       append     adds what is not there, and writes over nothing (a table: adds the rows, of each state of the source once)

Beside the data lie _manifest.jsonl (what was copied, a line an object), _verified.jsonl (what was proved equal) and, while a copy
goes on or after one that failed, _INCOMPLETE. An object is there whole or not at all. A copy that was broken off is gone on with by the
next one.
"""
import argparse
import base64
import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from py4j.java_gateway import is_instance_of
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

MANIFEST, VERIFIED, INCOMPLETE = "_manifest.jsonl", "_verified.jsonl", "_INCOMPLETE"
OURS = (MANIFEST, VERIFIED, INCOMPLETE, "_SUCCESS")
CHUNK = 1 << 20  # bytes read and written at a time, at most
JOURNAL_SECONDS = 10  # how often _INCOMPLETE tells what is done
FAILURES_MAX = 20  # so many, and no further file is begun
NAME_MAX = 1024  # bytes of an object's name
REASON_MAX, CAUSES_MAX = 600, 4  # characters, exceptions
BACKOFF = (1, 2, 4, 8, 16)  # seconds before what Azure answered with 429 is tried again; the driver itself does so after 5xx
EXAMPLES = 3  # rows shown of those that differ
PROVIDER = "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider"


class CopyError(Exception):
    pass


class VerifyError(Exception):
    pass


def reason(error):
    """What went wrong, in a line: of Java's exceptions also what caused them."""
    texts, cause = [], error.java_exception if isinstance(error, Py4JJavaError) else None
    while cause is not None and len(texts) < CAUSES_MAX:
        texts.append(cause.toString())
        cause = cause.getCause()
    texts = texts or [f"{error}"]
    shown = [text for i, text in enumerate(texts) if not any(text in other for other in texts[:i])]
    return " ".join("; because of ".join(shown).split())[:REASON_MAX]


def patiently(work, *args):
    for seconds in (*BACKOFF, None):
        try:
            return work(*args)
        except Py4JJavaError as error:
            if seconds is None or ", 429, " not in error.java_exception.toString():
                raise
        time.sleep(seconds)


# ---- Azure's secret ---------------------------------------------------------------------------------------------------


def client_secret(ocid):
    import oci

    try:
        signer = oci.auth.signers.get_resource_principals_signer()
        bundle = oci.secrets.SecretsClient(config={}, signer=signer).get_secret_bundle(ocid).data
    except oci.exceptions.ServiceError as error:
        raise CopyError(f"the secret {ocid}: {error.status} {error.code}: {error.message}") from None
    except Exception as error:
        raise CopyError(f"the secret {ocid}: {type(error).__name__}: {reason(error)}") from None
    return base64.b64decode(bundle.secret_bundle_content.content).decode().rstrip("\n")


def sign_in(spark, args):
    """For driver and executors. What the cluster's own configuration says, such as another endpoint, stays."""
    conf = spark.sparkContext._jsc.hadoopConfiguration()
    for key, value in {
        "auth.type": "OAuth",
        "oauth.provider.type": PROVIDER,
        "oauth2.client.endpoint": f"https://login.microsoftonline.com/{args.tenant_id}/oauth2/token",
    }.items():
        conf.setIfUnset(f"fs.azure.account.{key}", value)
    conf.set("fs.azure.account.oauth2.client.id", args.client_id)
    conf.set("fs.azure.account.oauth2.client.secret", client_secret(args.secret_ocid))
    return conf


# ---- files, by Hadoop's own streams: no byte of them passes through Python ----------------------------------------------


class Entry:
    """A file that was listed; status: as Hadoop has it."""

    def __init__(self, status, size, modified, etag):
        self.status, self.size, self.modified, self.etag = status, size, modified, etag
        self.path = status.getPath()


def chunk(entry):
    return max(1, min(CHUNK, entry.size))


class Java:
    """Java's classes that are used for each file. The JVM looks for every part of a dotted name in all jars, each time that it is written."""

    def __init__(self, jvm):
        self.Path = jvm.org.apache.hadoop.fs.Path
        self.MessageDigest, self.DigestInputStream = jvm.java.security.MessageDigest, jvm.java.security.DigestInputStream
        self.nowhere = jvm.java.io.OutputStream.nullOutputStream()
        self.copy_bytes = jvm.org.apache.hadoop.io.IOUtils.copyBytes
        self.to_string = jvm.org.apache.commons.io.IOUtils.toString


class Folder:
    """A directory of a file system of Hadoop's: abfss:// or oci://."""

    def __init__(self, spark, conf, uri):
        self.java, self.gateway = Java(spark.sparkContext._jvm), spark.sparkContext._gateway
        self.uri = uri.rstrip("/")
        try:
            self.root = self.java.Path(self.uri + "/")
            self.fs = self.root.getFileSystem(conf)
        except Py4JError as error:
            raise CopyError(f"{self.uri}: {reason(error)}") from None
        self.base = self.root.toUri().getPath().rstrip("/") + "/"

    def path(self, name):
        return self.java.Path(f"{self.uri}/{name}")

    def _entry(self, status, versioned):
        etag = status.getEtag() if versioned else None
        return Entry(status, status.getLen(), status.getModificationTime(), etag)

    def _versioned(self, status):
        return is_instance_of(self.gateway, status, "org.apache.hadoop.fs.EtagSource")

    def _statuses(self):
        """Of Azure as listStatus has them, by which its driver opens the version that was listed, without asking for it again."""
        if not self.uri.startswith("abfss:"):
            listing = self.fs.listFiles(self.root, True)
            while listing.hasNext():
                yield listing.next()
            return
        folders = [self.root]
        while folders:
            for status in self.fs.listStatus(folders.pop()):
                if status.isDirectory():
                    folders.append(status.getPath())
                else:
                    yield status

    def _list(self):
        found, versioned = {}, None
        for status in self._statuses():
            if versioned is None:
                versioned = self._versioned(status)
            entry = self._entry(status, versioned)
            found[entry.path.toUri().getPath()[len(self.base):]] = entry
        return found

    def files(self):
        """Name below the directory to Entry; None where there is no such directory."""
        try:
            return patiently(self._list)
        except Py4JJavaError as error:
            if self.is_missing(error):
                return None
            raise CopyError(f"{self.uri}: {reason(error)}") from None

    def is_missing(self, error):
        return is_instance_of(self.gateway, error.java_exception, "java.io.FileNotFoundException")

    def now(self, path):
        status = self.fs.getFileStatus(path)
        return self._entry(status, self._versioned(status))

    def digested(self, entry):
        """A stream, and what has its MD5 when it was read. Azure's driver then reads the version that was listed, or fails."""
        digest = self.java.MessageDigest.getInstance("MD5")
        stream = self.fs.openFile(entry.path).withFileStatus(entry.status).build().get()
        return self.java.DigestInputStream(stream, digest), digest

    def md5(self, entry):
        stream, digest = self.digested(entry)
        try:
            self.java.copy_bytes(stream, self.java.nowhere, chunk(entry), False)
        finally:
            stream.close()
        return base64.b64encode(digest.digest()).decode()

    def read(self, name):
        """The text of a small file, None where there is none."""
        if not self.fs.exists(self.path(name)):
            return None
        stream = self.fs.open(self.path(name))
        try:
            return self.java.to_string(stream, "UTF-8")
        finally:
            stream.close()

    def write(self, name, lines):
        out = self.fs.create(self.path(name), True)
        out.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
        out.close()

    def records(self, name):
        return [json.loads(line) for line in (self.read(name) or "").split("\n") if line]

    def remove(self, name):
        self.fs.delete(self.path(name), False)


def source_files(source):
    """All of them, or why there is nothing to copy."""
    files = source.files()
    if files is None:
        raise CopyError(f"{source.uri}: there is no such container or directory")
    if not files:
        raise CopyError(f"{source.uri}: there is no file in it")
    return files


def target_files(target):
    return {name: entry for name, entry in (target.files() or {}).items()
            if name not in OURS and not name.startswith("_temporary/")}


def object_name(target, name):
    return target.base.lstrip("/") + name


# ---- a copy of files as they are ----------------------------------------------------------------------------------------


def check_names(target, files):
    for name in files:
        if name in OURS:
            raise CopyError(f"{name}: a file of that name can't be copied, since the copy keeps its own under it")
        if len(object_name(target, name).encode()) > NAME_MAX:
            raise CopyError(f"{name}: with the prefix its name is longer than {NAME_MAX} bytes")


def same_source(record, entry):
    if record["size"] != entry.size:
        return False
    if record.get("source_etag") and entry.etag:
        return record["source_etag"] == entry.etag
    return record.get("source_modified") == entry.modified


def same_state(one, other):
    return (one.size, one.modified, one.etag) == (other.size, other.modified, other.etag)


def copy_file(source, target, name, entry, times):
    """The MD5 of what was copied. The object comes into being when its stream is closed: one that failed is left open."""
    stream, digest = source.digested(entry)
    try:
        began = time.monotonic()
        out = target.fs.create(target.path(name), True, chunk(entry))
        made = time.monotonic()
        source.java.copy_bytes(stream, out, chunk(entry), False)
    finally:
        stream.close()
    if out.getPos() != entry.size:
        raise CopyError("it was changed while it was copied")
    read = time.monotonic()
    out.close()
    times.append((read - made, made - began + time.monotonic() - read))
    return base64.b64encode(digest.digest()).decode()


class FilesCopy:
    def __init__(self, source, target, mode):
        self.source, self.target, self.mode = source, target, mode
        self.files = source_files(source)
        check_names(target, self.files)
        self.there = target_files(target)
        known = target.records(INCOMPLETE) or target.records(MANIFEST)
        self.known = {record["name"]: record for record in known}
        self.done, self.failed, self.times = {}, [], []
        self.copied = self.skipped = self.bytes = 0

    def _record(self, name, md5):
        entry = self.files[name]
        return {"name": object_name(self.target, name), "size": entry.size, "md5": md5,
                "source_etag": entry.etag, "source_modified": entry.modified}

    def _equal(self, name):
        """The record of what lies in the target, if that is equal to the source; by what was recorded, else by content."""
        entry, there = self.files[name], self.there.get(name)
        if self.mode == "overwrite" or not there or there.size != entry.size:
            return None
        record = self.known.get(object_name(self.target, name))
        if record and same_source(record, entry) and record.get("target_modified", there.modified) == there.modified:
            return record
        md5 = self.target.md5(there)
        return self._record(name, md5) if md5 == self.source.md5(entry) else None

    def _one(self, name):
        record = self._equal(name)
        if record:
            return record, False
        if self.mode == "append" and name in self.there:
            raise CopyError(f"{object_name(self.target, name)} is there and is another: mode append writes over nothing")
        return self._record(name, copy_file(self.source, self.target, name, self.files[name], self.times)), True

    def _why(self, name, error):
        try:
            if not same_state(self.source.now(self.files[name].path), self.files[name]):
                return "it was changed while it was copied"
        except Py4JJavaError as second:
            if self.source.is_missing(second):
                return "it vanished while it was copied"
        return reason(error)

    def _take(self, name, future):
        try:
            record, copied = future.result()
        except (Py4JError, CopyError) as error:
            self.failed.append(f"{name}: {self._why(name, error)}")
            return
        self.done[name] = record
        self.copied += copied
        self.skipped += not copied
        self.bytes += record["size"] if copied else 0

    def _tell_progress(self):
        self.target.write(INCOMPLETE, list({**self.known, **{r["name"]: r for r in self.done.values()}}.values()))
        print(f"{len(self.done)} of {len(self.files)} files", flush=True)

    def run(self, at_once):
        self._tell_progress()
        told = time.monotonic()
        with ThreadPoolExecutor(at_once) as pool:
            names = {pool.submit(patiently, self._one, name): name for name in self.files}
            for future in as_completed(names):
                if not future.cancelled():
                    self._take(names[future], future)
                if len(self.failed) == FAILURES_MAX:
                    pool.shutdown(wait=False, cancel_futures=True)
                if time.monotonic() - told > JOURNAL_SECONDS:
                    self._tell_progress()
                    told = time.monotonic()
        if self.failed:
            self._tell_progress()
            raise CopyError(f"{len(self.files) - len(self.done)} of {len(self.files)} files were not copied: "
                            + "; ".join(self.failed[:5]))
        self._finish()

    def _finish(self):
        written = target_files(self.target)
        for name, record in self.done.items():
            if name not in written or written[name].size != record["size"]:
                raise CopyError(f"{record['name']}: it was written, and is not there in its size")
            record["target_modified"] = written[name].modified
        self.target.write(MANIFEST, self.done.values())
        self.target.remove(INCOMPLETE)


def copy_files(source, target, args):
    began = time.monotonic()
    work = FilesCopy(source, target, args.mode)
    listed = time.monotonic()
    work.run(args.at_once)
    reading, writing = (sum(times) for times in zip(*work.times)) if work.times else (0, 0)
    return {"files": len(work.files), "copied": work.copied, "skipped": work.skipped, "bytes": work.bytes,
            "listing": round(listed - began, 1), "copying": round(time.monotonic() - listed, 1),
            "reading_share": round(reading / ((reading + writing) or 1), 2)}


# ---- a copy of a table ---------------------------------------------------------------------------------------------------


def read_table(spark, uri, args):
    reader = spark.read.format(args.format)
    if args.format == "csv":
        reader = reader.option("header", "true")
    if args.schema == "infer":
        reader = reader.option("inferSchema", "true") if args.format == "csv" else reader
    elif args.schema != "text":
        reader = reader.schema(args.schema)
    elif args.format == "json":
        reader = reader.option("primitivesAsString", "true")
    return reader.load(uri)


def snapshot(files, args):
    """Names the state of the source, and how it is read."""
    state = sorted([name, entry.size, entry.etag or entry.modified] for name, entry in files.items())
    return hashlib.sha256(json.dumps([state, args.format, args.schema]).encode()).hexdigest()


def prepare_table(target, mode):
    """What an append that was broken off left is removed, and for the other modes everything."""
    there = target_files(target)
    for marker in target.records(INCOMPLETE):
        for name in set(there) - set(marker["had"]):
            target.remove(name)
            del there[name]
    if mode != "append" and there:
        target.fs.delete(target.root, True)
        there = {}
    target.write(INCOMPLETE, [{"had": sorted(there)}])
    return there


def is_there(target, records):
    there = target_files(target)
    at = {object_name(target, name): (entry.size, entry.modified) for name, entry in there.items()}
    return bool(records) and all(at.get(r["name"]) == (r["size"], r["target_modified"]) for r in records)


def copy_table(spark, source, target, args):
    files = source_files(source)
    state = snapshot(files, args)
    had_records = target.records(MANIFEST)
    same = [record for record in had_records if record.get("source_snapshot") == state]
    whole = not target.fs.exists(target.path(INCOMPLETE))
    if args.mode != "overwrite" and whole and is_there(target, same):
        return {"files": len(files), "copied": 0, "skipped": len(files), "bytes": 0}
    had = prepare_table(target, args.mode)
    read_table(spark, source.uri, args).write.mode("append").parquet(target.uri)
    records = [record for record in had_records if args.mode == "append"]
    for name, entry in sorted(target_files(target).items()):
        if name not in had:
            records.append({"name": object_name(target, name), "size": entry.size, "target_modified": entry.modified,
                            "source_snapshot": state})
    target.write(MANIFEST, records)
    target.remove(INCOMPLETE)
    return {"files": len(files), "copied": len(files), "skipped": 0, "bytes": sum(e.size for e in files.values())}


# ---- the proof -----------------------------------------------------------------------------------------------------------


def compare_file(source, target, name, entry, there):
    """The object's line of the manifest, or what differs."""
    if entry.size != there.size:
        raise VerifyError(f"{entry.size} bytes in the source, {there.size} in the target")
    md5 = source.md5(entry)
    found = target.md5(there)
    if md5 != found:
        raise VerifyError(f"MD5 {md5} in the source, {found} in the target")
    return {"name": object_name(target, name), "size": there.size, "md5": found}


def verify_files(source, target, args):
    files, there = source_files(source), target_files(target)
    differences = [f"{object_name(target, name)}: not in the target" for name in sorted(set(files) - set(there))]
    if args.mode != "append":
        differences += [f"{object_name(target, name)}: not in the source" for name in sorted(set(there) - set(files))]
    lines = []
    with ThreadPoolExecutor(args.at_once) as pool:
        both = sorted(set(files) & set(there))
        futures = [(n, pool.submit(patiently, compare_file, source, target, n, files[n], there[n])) for n in both]
        for name, future in futures:
            try:
                lines.append(future.result())
            except (Py4JError, VerifyError) as error:
                differences.append(f"{object_name(target, name)}: {reason(error)}")
    return lines, differences, {"files": len(files), "bytes": sum(line["size"] for line in lines)}


def columns(table):
    return [(field.name, field.dataType.simpleString()) for field in table.schema.fields]


def verify_rows(wanted, found, mode):
    """What differs, and how many rows were compared."""
    if columns(wanted) != columns(found):
        return [f"schema: {columns(wanted)} in the source, {columns(found)} in the target"], 0
    differences, rows, there = [], wanted.count(), found.count()
    if rows > there or (rows < there and mode != "append"):
        differences.append(f"{rows} rows in the source, {there} in the target")
    ways = [("source", wanted.exceptAll(found))]
    if mode != "append":
        ways.append(("target", found.exceptAll(wanted)))
    for side, rest in ways:
        if n := rest.count():
            differences.append(f"{n} rows only in the {side}")
            for row in rest.limit(EXAMPLES).toJSON().collect():
                print(f"only in the {side}: {row}")
    return differences, rows


def verify_table(spark, source, target, args):
    source_files(source)
    there = target_files(target)
    if not there:
        return [], [f"{target.uri}: there is no table"], {}
    found = spark.read.parquet(target.uri)
    differences, rows = verify_rows(read_table(spark, source.uri, args), found, args.mode)
    lines = [{"name": object_name(target, name), "size": entry.size, "md5": target.md5(entry)}
             for name, entry in sorted(there.items())]
    return lines, [f"{target.uri}: {text}" for text in differences], {"files": len(lines), "rows": rows}


def verify(spark, source, target, args):
    if target.fs.exists(target.path(INCOMPLETE)):
        raise VerifyError(f"{target.uri} is marked {INCOMPLETE}: the copy goes on, or was broken off and is to be run again")
    if args.format == "binary":
        lines, differences, summary = verify_files(source, target, args)
    else:
        lines, differences, summary = verify_table(spark, source, target, args)
    for line in lines:
        print(json.dumps(line, ensure_ascii=False))
    if differences:
        target.remove(VERIFIED)
        for text in differences:
            print(f"difference: {text}")
        raise VerifyError(f"{len(differences)} differences: " + "; ".join(differences[:5]))
    target.write(VERIFIED, lines)
    return summary


# ---- the command line ----------------------------------------------------------------------------------------------------


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["copy", "verify"])
    for name in ("account", "container", "directory", "tenant-id", "client-id", "secret-ocid", "target"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--format", choices=["binary", "csv", "json", "parquet"], default="binary")
    parser.add_argument("--mode", choices=["skip", "overwrite", "append"], default="skip")
    parser.add_argument("--schema", default="infer", help="of a table: infer, text, or columns as `id INT, name STRING`")
    parser.add_argument("--at-once", type=int, default=16, help="files that are copied or compared side by side")
    return parser.parse_args(argv)


def run(spark, args):
    """Copies or verifies; returns the summary."""
    began = time.monotonic()
    # Of the connections to Azure the JVM would keep five, and begin each other one anew.
    spark.sparkContext._jvm.java.lang.System.setProperty("http.maxConnections", str(args.at_once))
    conf = sign_in(spark, args)
    directory = args.directory.strip("/")
    source = Folder(spark, conf, f"abfss://{args.container}@{args.account}.dfs.core.windows.net/{directory}")
    target = Folder(spark, conf, args.target)
    failed = VerifyError if args.do == "verify" else CopyError
    try:
        if args.do == "verify":
            summary = verify(spark, source, target, args)
        elif args.format == "binary":
            summary = copy_files(source, target, args)
        else:
            summary = copy_table(spark, source, target, args)
    except (Py4JError, PySparkException) as error:
        raise failed(f"{source.uri} to {target.uri}: {reason(error)}") from None
    return {"summary": args.do, "source": source.uri, "target": target.uri, **summary,
            "seconds": round(time.monotonic() - began, 1)}


def main():
    args = parse(None)
    spark = SparkSession.builder.appName(f"azure-{args.do}").getOrCreate()
    print(json.dumps(run(spark, args), ensure_ascii=False), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
