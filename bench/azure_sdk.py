"""What a user would write instead of pipelines/azure-copy: azure_sdk.py ENDPOINT BUCKET PREFIX THREADS, with Azure's and Oracle's SDKs."""
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import oci
from azure.core.credentials import AccessToken
from azure.storage.blob import ContainerClient


class Token:
    def get_token(self, *_, **__):
        return AccessToken(os.environ["AZURE_TOKEN"], int(time.time()) + 3600)


def main():
    endpoint, bucket, prefix, threads = sys.argv[1:]
    threads = int(threads)
    config = oci.config.from_file(os.environ["OCI_CONFIG_FILE"])
    storage = oci.object_storage.ObjectStorageClient(config, service_endpoint=endpoint)
    namespace = storage.get_namespace().data
    lake = ContainerClient(os.environ["AZURE_URL"], "lake", credential=Token(), connection_verify=os.environ["AZURE_CA"])

    def copy(blob):
        content = lake.download_blob(blob.name)
        storage.put_object(namespace, bucket, f"{prefix}/{blob.name}", content.readall())

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(copy, lake.list_blobs(name_starts_with="in/")))


main()
