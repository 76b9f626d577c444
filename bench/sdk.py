"""The OCI Python SDK at the same work as weir, for bench/run.

    sdk.py list-get ENDPOINT THREADS            list all applications, get each: prints their number and requests
    sdk.py upload ENDPOINT NAMESPACE BUCKET FILE
"""
import concurrent.futures
import os
import sys

import oci

config = oci.config.from_file(os.environ["OCI_CONFIG_FILE"])


def list_get(endpoint, threads):
    client = oci.data_flow.DataFlowClient(config, service_endpoint=endpoint)
    client.base_client.session.mount("http://", oci._vendor.requests.adapters.HTTPAdapter(
        pool_connections=int(threads), pool_maxsize=int(threads)))
    requests = 0
    ids, page = [], None
    while True:
        more = {"page": page} if page else {}
        reply = client.list_applications(config["tenancy"], limit=100, **more)
        requests += 1
        ids += [app.id for app in reply.data if app.lifecycle_state == "ACTIVE"]
        page = reply.headers.get("opc-next-page")
        if not page:
            break
    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        got = list(pool.map(lambda i: client.get_application(i).data, ids))
    print(len(got), requests + len(ids))


def upload(endpoint, namespace, bucket, path):
    client = oci.object_storage.ObjectStorageClient(config, service_endpoint=endpoint)
    manager = oci.object_storage.UploadManager(client, allow_parallel_uploads=True)
    requests = []
    send = client.base_client.session.send
    client.base_client.session.send = lambda *a, **k: requests.append(1) or send(*a, **k)
    manager.upload_file(namespace, bucket, "sdk.bin", path)
    print(len(requests))


{"list-get": list_get, "upload": upload}[sys.argv[1]](*sys.argv[2:])
