"""Oracle's Python SDK against the Object Storage of a weir-local of the test's own. Needs weirlocal.use_venv().

    import storagesdk

    def setUpModule():
        storagesdk.start()

    class Versions(storagesdk.Case):         # self.client, self.home; each test has a bucket, self.b in self.ns
        ...
"""
import unittest

import oci
import weirlocal

models = oci.object_storage.models


class Case(unittest.TestCase):
    """Each test has a bucket of its own, self.b."""

    maxDiff = None
    home = client = None
    bucket = {}  # more of CreateBucketDetails

    def setUp(self):
        self.ns = self.client.get_namespace().data
        self.b = f"{type(self).__name__}-{self._testMethodName[5:]}"
        self.client.create_bucket(self.ns, bucket_details(self.b, **self.bucket))

    def refused(self, status, code, call, *args, **more):
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            call(*args, **more)
        self.assertEqual((caught.exception.status, caught.exception.code), (status, code))
        self.assertTrue(caught.exception.request_id)
        return caught.exception

    def put(self, name, data, **more):
        return self.client.put_object(self.ns, self.b, name, data, **more)

    def get(self, name, **more):
        return self.client.get_object(self.ns, self.b, name, **more)

    def content(self, name, **more):
        return self.get(name, **more).data.content

    def names(self, **more):
        return [o.name for o in self.client.list_objects(self.ns, self.b, **more).data.objects]


def start():
    """For setUpModule: the service, and a client of its user."""
    Case.home = home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    Case.client = make_client(oci.config.from_file(str(home.config_file)))
    return home, Case.client


def make_client(config):
    """Without retries: each failure is one reply."""
    return oci.object_storage.ObjectStorageClient(
        config,
        service_endpoint=Case.home.endpoint,
        retry_strategy=oci.retry.NoneRetryStrategy(),
        circuit_breaker_strategy=oci.circuit_breaker.NoCircuitBreakerStrategy(),
    )


def bucket_details(name, **more):
    return models.CreateBucketDetails(name=name, compartment_id=Case.home.tenancy, **more)
