"""The OCI Python SDK at the same work as weir, for bench/run. The last word printed is the number of requests.

    sdk.py list-get ENDPOINT THREADS                list all applications, get each
    sdk.py list ENDPOINT                            list all applications
    sdk.py pull ENDPOINT NAMESPACE THREADS FOLDER   list all applications, get each, download what they run
    sdk.py create ENDPOINT THREADS COUNT PREFIX     create that many
    sdk.py change ENDPOINT THREADS NAME VALUE       list, get each, update the arguments of the one of that name
    sdk.py upload ENDPOINT NAMESPACE BUCKET PREFIX THREADS FILE...
    sdk.py nothing                                  imports it
"""
import concurrent.futures
import json
import os
import pathlib
import re
import sys

import oci

config = oci.config.from_file(os.environ["OCI_CONFIG_FILE"]) if sys.argv[1] != "nothing" else None


def dataflow(endpoint, threads):
    client = oci.data_flow.DataFlowClient(config, service_endpoint=endpoint)
    client.base_client.session.mount("http://", oci._vendor.requests.adapters.HTTPAdapter(
        pool_connections=threads, pool_maxsize=threads))
    return client


def list_ids(client, requests):
    found, page = [], None
    while True:
        reply = client.list_applications(config["tenancy"], limit=1000, **({"page": page} if page else {}))
        requests.append(1)
        found += [app for app in reply.data if app.lifecycle_state == "ACTIVE"]
        page = reply.headers.get("opc-next-page")
        if not page:
            return found


def list_all(endpoint):
    client, requests = dataflow(endpoint, 1), []
    found = list_ids(client, requests)
    print(len(found), len(requests))


def list_get(endpoint, threads):
    client, requests = dataflow(endpoint, int(threads)), []
    found = list_ids(client, requests)
    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        got = list(pool.map(lambda app: client.get_application(app.id).data, found))
    print(len(got), len(requests) + len(got))
    return client, got


def pull(endpoint, namespace, threads, folder):
    client, got = list_get(endpoint, threads)
    storage = oci.object_storage.ObjectStorageClient(config, service_endpoint=endpoint)
    uris = {app.file_uri for app in got}
    for uri in uris:
        bucket, name = re.fullmatch(r"oci://([^@]+)@[^/]+/(.+)", uri).groups()
        pathlib.Path(folder, os.path.basename(name)).write_bytes(storage.get_object(namespace, bucket, name).data.content)
    for app in got:
        pathlib.Path(folder, app.id).write_text(json.dumps(oci.util.to_dict(app)))
    print(len(got) + 1 + len(uris))


def change(endpoint, threads, name, value):
    client, got = list_get(endpoint, threads)
    one = next(app for app in got if app.display_name == name)
    client.update_application(oci.data_flow.models.UpdateApplicationDetails(arguments=[value]), one.id)
    print(len(got) + 2)


def create(endpoint, threads, count, prefix):
    client = dataflow(endpoint, int(threads))
    shape = oci.data_flow.models.ShapeConfig(ocpus=1, memory_in_gbs=16)

    def one(number):
        client.create_application(oci.data_flow.models.CreateApplicationDetails(
            compartment_id=config["tenancy"], display_name=f"{prefix}-{number:05}", language="PYTHON",
            spark_version="3.5.0", file_uri="oci://bench@weirlocal/job.py", arguments=[str(number)], num_executors=1,
            driver_shape="VM.Standard.E4.Flex", driver_shape_config=shape, executor_shape="VM.Standard.E4.Flex",
            executor_shape_config=shape, logs_bucket_uri="oci://dataflow-logs@weirlocal/"))

    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        print(len(list(pool.map(one, range(int(count))))))


def upload(endpoint, namespace, bucket, prefix, threads, *paths):
    client = oci.object_storage.ObjectStorageClient(config, service_endpoint=endpoint)
    manager = oci.object_storage.UploadManager(client, allow_parallel_uploads=True)
    requests = []
    send = client.base_client.session.send
    client.base_client.session.send = lambda *a, **k: requests.append(1) or send(*a, **k)
    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(lambda p: manager.upload_file(namespace, bucket, prefix + os.path.basename(p), p), paths))
    print(len(requests))


def nothing():
    print(0)


{"list": list_all, "list-get": list_get, "pull": pull, "create": create, "change": change, "upload": upload, "nothing": nothing}[sys.argv[1]](
    *sys.argv[2:])
