"""@KEY@: copies a directory of Azure Data Lake (abfss://) to OCI Object Storage.

Signs in to Azure as a service principal, whose client secret it reads from OCI Vault by resource principal. --format binary copies
files as they are; csv, json and parquet are read as tables and written as Parquet. --mode skip leaves files alone that are
there with the same size (binary only); overwrite and append are what they say.

Needs hadoop-azure and its dependencies on the class path (an archive), and the Python package oci.
"""
import argparse
import base64
import json
from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import SparkSession

AT_ONCE = 16  # files that are copied side by side


def client_secret(ocid):
    import oci

    signer = oci.auth.signers.get_resource_principals_signer()
    client = oci.secrets.SecretsClient({}, signer=signer)
    bundle = client.get_secret_bundle(ocid).data
    return base64.b64decode(bundle.secret_bundle_content.content).decode()


def sign_in(spark, args):
    """OAuth client credentials for this account, for every executor."""
    conf = spark.sparkContext._jsc.hadoopConfiguration()
    host = f"{args.account}.dfs.core.windows.net"
    for key, value in {
        "auth.type": "OAuth",
        "oauth.provider.type": "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider",
        "oauth2.client.endpoint": f"https://login.microsoftonline.com/{args.tenant_id}/oauth2/token",
        "oauth2.client.id": args.client_id,
        "oauth2.client.secret": client_secret(args.secret_ocid),
    }.items():
        conf.set(f"fs.azure.account.{key}.{host}", value)
    return conf


def find_files(fs, path):
    found = fs.listFiles(path, True)
    while found.hasNext():
        yield found.next()


def copy_files(spark, conf, source, target, mode):
    """Each file as it is; the lines printed are the manifest."""
    jvm = spark.sparkContext._jvm
    Path, FileUtil = jvm.org.apache.hadoop.fs.Path, jvm.org.apache.hadoop.fs.FileUtil
    source_path = Path(source)
    from_fs, to_fs = source_path.getFileSystem(conf), Path(target).getFileSystem(conf)
    root = from_fs.makeQualified(source_path).toUri().getPath().rstrip("/") + "/"

    def copy(file):
        name = file.getPath().toUri().getPath()[len(root):]
        to, size = Path(target.rstrip("/") + "/" + name), file.getLen()
        there = to_fs.exists(to)
        if there and mode == "skip" and to_fs.getFileStatus(to).getLen() == size:
            return {"file": name, "bytes": size, "action": "skipped"}
        if there and mode == "append":
            raise FileExistsError(f"{to} is there already: --mode overwrite, or skip")
        if not FileUtil.copy(from_fs, file.getPath(), to_fs, to, False, True, conf):
            raise OSError(f"{name} was not copied")
        return {"file": name, "bytes": size, "action": "copied"}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in pool.map(copy, list(find_files(from_fs, source_path))):
            print(json.dumps(done))


def copy_table(spark, source, target, form, mode):
    options = {"header": "true", "inferSchema": "true"} if form == "csv" else {}
    table = spark.read.format(form).options(**options).load(source)
    table.write.mode("ignore" if mode == "skip" else mode).parquet(target)
    print(json.dumps({"table": target, "rows": spark.read.parquet(target).count()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("account", "container", "directory", "tenant-id", "client-id", "secret-ocid", "target"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--format", choices=["binary", "csv", "json", "parquet"], default="binary")
    parser.add_argument("--mode", choices=["overwrite", "append", "skip"], default="skip")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("@KEY@").getOrCreate()
    conf = sign_in(spark, args)
    source = f"abfss://{args.container}@{args.account}.dfs.core.windows.net/{args.directory.strip('/')}"
    if args.format == "binary":
        copy_files(spark, conf, source, args.target, args.mode)
    else:
        copy_table(spark, source, args.target, args.format, args.mode)
    spark.stop()


if __name__ == "__main__":
    main()
