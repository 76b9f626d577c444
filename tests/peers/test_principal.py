#!/usr/bin/env python3
"""What tests/e2e/test_principal.py has in place of OCI, before Oracle's own client: its signers of instance and resource
principals take the metadata service, the federation and the tokens for what they are."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()

import oci  # noqa: E402
from principal import Federation, issue_token, openssl  # noqa: E402


class Signers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = weirlocal.Home()
        cls.addClassCleanup(cls.home.__exit__)
        cls.home.start()
        cls.federation = Federation(cls.home, cls.home.scratch / "authority")
        cls.addClassCleanup(cls.federation.__exit__)
        cls.federation.__enter__()

    def namespace(self, signer):
        client = oci.object_storage.ObjectStorageClient({}, signer=signer, service_endpoint=self.home.endpoint)
        return client.get_namespace().data

    def test_instance(self):
        os.environ.update(self.federation.env)
        signer = oci.auth.signers.InstancePrincipalsSecurityTokenSigner(
            federation_endpoint=self.federation.env["OCI_CLI_FEDERATION_ENDPOINT"])
        self.assertEqual((self.namespace(signer), signer.tenancy_id, signer.region),
                         (self.home.ns, self.home.tenancy, "us-ashburn-1"))
        self.assertEqual(self.federation.refused, [])

    def test_resource(self):
        key = openssl("genpkey", "-algorithm", "RSA").decode()
        token = issue_token(self.home, openssl("pkey", "-pubout", data=key.encode()).decode(), 600)
        os.environ.update({"OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "OCI_RESOURCE_PRINCIPAL_RPST": token,
                           "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM": key, "OCI_RESOURCE_PRINCIPAL_REGION": "us-ashburn-1"})
        self.assertEqual(self.namespace(oci.auth.signers.get_resource_principals_signer()), self.home.ns)


if __name__ == "__main__":
    weirlocal.main()
