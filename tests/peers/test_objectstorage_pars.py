#!/usr/bin/env python3
"""Pre-authenticated requests of weir-local's Object Storage: made by Oracle's Python SDK, used by Python's own client."""
import datetime
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import oci
import storagesdk
from storagesdk import models


def setUpModule():
    storagesdk.start()


def web(url, data=None, method=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=data, method=method), timeout=60) as reply:
        return reply.read()


class Pars(storagesdk.Case):
    def make(self, access, name="par", **more):
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        details = models.CreatePreauthenticatedRequestDetails(name=name, access_type=access, time_expires=expires, **more)
        return self.client.create_preauthenticated_request(self.ns, self.b, details).data

    def test_read_and_write(self):
        self.put("dir/a b+é", b"one")
        par = self.make("ObjectReadWrite", object_name="dir/a b+é")
        self.assertEqual(par.full_path, self.home.endpoint + par.access_uri)
        self.assertEqual(web(par.full_path), b"one")
        web(par.full_path, b"two", "PUT")
        self.assertEqual(self.content("dir/a b+é"), b"two")
        self.client.delete_preauthenticated_request(self.ns, self.b, par.id)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            web(par.full_path)
        self.assertEqual(caught.exception.code, 404)

    def test_get_and_list(self):
        self.assertEqual(self.client.list_preauthenticated_requests(self.ns, self.b).data, [])
        pars = [self.make("ObjectRead", f"par {i}", object_name=f"o{i % 2}/{i}") for i in range(5)]
        got = self.client.get_preauthenticated_request(self.ns, self.b, pars[0].id).data
        self.assertEqual(
            (got.name, got.access_type, got.object_name, got.bucket_listing_action), ("par 0", "ObjectRead", "o0/0", "Deny")
        )
        self.assertEqual((got.time_created, got.time_expires), (pars[0].time_created, pars[0].time_expires))
        self.assertFalse(hasattr(got, "access_uri"))

        def listed(**more):
            found = oci.pagination.list_call_get_all_results(
                self.client.list_preauthenticated_requests, self.ns, self.b, **more
            ).data
            return sorted(p.name for p in found)

        self.assertEqual(listed(limit=2), [f"par {i}" for i in range(5)])
        self.assertEqual(listed(object_name_prefix="o1/"), ["par 1", "par 3"])
        self.refused(404, "NotAuthorizedOrNotFound", self.client.get_preauthenticated_request, self.ns, self.b, "x")


if __name__ == "__main__":
    weirlocal.main()
